"""The charts of networks and effort: visibility against conversion, the funnel, hours."""

from __future__ import annotations

from decimal import Decimal

from crosspost.audit.results import Basis, Cell
from crosspost.report.chart_source import (
    MAX_ROWS,
    TOGETHER,
    Record,
    Source,
    finish,
    real,
    real_or_none,
    share_of,
    whole,
)
from crosspost.report.records import Chart, Dot, Field, Funnel, Panel, Scatter, Step, Tone
from crosspost.report.words import Words

MIN_HOURS = 40  # a week's work; hours below are greyed
STEPS = ("impressions", "reach", "click", "visit", "lead", "client")


def visibility(source: Source) -> Chart:
    """A dot per network: how visible it is against the clients it brought."""
    words = source.words
    common = source.common("visibility", "visibility")
    found = source.rows("visibility")
    if not found or source.nothing:
        reason = source.nothing or words("no_networks")
        common |= {"title": words("visibility.title_empty"), "empty": reason}
        return finish(source, Scatter, {**common, "fields": ()}, [])
    best = _best_elsewhere(source)
    top = max(real(row["clients_high"]) for row in found)
    shown = best if best is not None and best[1] <= 4 * top else None
    seen = max(("reach", "impressions"), key=lambda metric: sum(row[metric] is not None for row in found))
    fields = tuple(_visible(source, found, metric, shown) for metric in ("followers", seen))
    total = share_of(source, Basis.LAST)
    came = words.count_of(whole(total["networks"]), "client")
    common["title"] = words("visibility.title", came=came)
    if best is not None:
        name, number = best
        against = words.count_of(number, "client")
        common["title"] = words("visibility.title_best", came=came, name=words.channel(name), against=against)
    blank = [field for field in fields if not field.dots]
    fields = tuple(field for field in fields if field.dots)
    common["left_out"] = tuple(line for field in blank for line in field.left_out)
    if not fields:
        common["empty"] = words("visibility.nothing_read")
    parts = [
        f"{field.x_label}: " + ", ".join(f"{dot.label} {words.number(dot.x)}, {dot.note}" for dot in field.dots)
        for field in fields
    ]
    parts += [f"{name}: {reason}" for field in fields for name, reason in field.left_out]
    return finish(source, Scatter, {**common, "fields": fields}, parts)


def _best_elsewhere(source: Source) -> tuple[str, int] | None:
    """The channel beside networks that most clients came by, and their number."""
    others = [row for row in source.rows("channels") if row["kind"] not in ("network", "unknown", "recurrence")]
    if not others:
        return None
    best = max(others, key=lambda row: whole(row["clients"]))
    return (str(best["channel"]), whole(best["clients"])) if best["clients"] else None


def _visible(source: Source, found: list[dict[str, Cell]], metric: str, best: tuple[str, int] | None) -> Field:
    words = source.words
    dots, left_out = [], []
    for index, row in enumerate(found):
        name = words.channel(str(row["network"]))
        x = row[metric]
        if x is None:
            left_out.append(
                (
                    words("of_metric", name=name, metric=words(f"metric.{metric}")),
                    source.reason("visibility", index, metric),
                )
            )
        elif x == 0:
            left_out.append((name, words("zero_on_log", metric=words(f"metric.{metric}"))))
        else:
            low, high = real(row["clients_low"]), real(row["clients_high"])
            note = _from_leads(words, row, high)
            dots.append(Dot(label=name, note=note, x=real(x), y=real(row["clients"]), low=low, high=high))
    return Field(
        dots=tuple(dots),
        x_label=words(f"visibility.x_{metric}"),
        y_label=words("visibility.y"),
        log_x=True,
        reference=float(best[1]) if best else None,
        reference_text=words("visibility.best", name=words.channel(best[0]), n=words.number(best[1])) if best else "",
        left_out=tuple(left_out),
    )


def _from_leads(words: Words, row: Record, high: float) -> str:
    leads = words.count_of(whole(row["leads"]), "lead")
    if row["clients"] == 0:
        return words("from_leads_zero", leads=leads, high=words.number(round(high, 1)))
    return words("from_leads", leads=leads, clients=words.count_of(whole(row["clients"]), "client"))


def funnel(source: Source) -> Chart:
    """One panel per network, the most seen first; a zero has its bound, a missing count its reason."""
    words = source.words
    common = source.common("funnel", "funnel", "visibility")
    found = source.rows("funnel")
    bounds = {str(row["network"]): row for row in source.rows("visibility")}
    if not bounds:
        common |= {"title": words("funnel.title_empty"), "empty": words("no_networks")}
        return finish(source, Funnel, {**common, "panels": ()}, [])
    panels = []
    for name, bound in bounds.items():
        lines = [(index, row) for index, row in enumerate(found) if row["network"] == name]
        steps = [_step(source, index, row, bound) for index, row in lines if row["stage"] in STEPS]
        money = [
            words("revenue", amount=words.number(_amount(row["value"]), 2), currency=str(row["unit"]))
            if row["value"] is not None
            else source.reason("funnel", index, "value")
            for index, row in lines
            if row["stage"] == "revenue"
        ]
        note = "" if source.nothing else words("funnel.revenue", amounts=" + ".join(money))
        panels.append(Panel(label=words.channel(name), steps=tuple(steps), note=note))
    panels.sort(key=lambda panel: (-max((step.value or 0 for step in panel.steps), default=0), panel.label))
    common["title"] = words("funnel.title")
    common["left_out"] = source.more(len(panels) - MAX_ROWS, "funnel")
    panels = panels[:MAX_ROWS]
    parts = [f"{p.label}: " + ", ".join(f"{s.label} {s.text}" for s in p.steps) for p in panels]
    return finish(source, Funnel, {**common, "panels": tuple(panels)}, parts)


def _amount(cell: Cell) -> Decimal:
    assert isinstance(cell, Decimal), cell
    return cell


def _step(source: Source, index: int, row: Record, bound: Record) -> Step:
    words, stage = source.words, str(row["stage"])
    label = words(f"stage.{stage}")
    if stage in ("lead", "client") and source.nothing:
        return Step(label=label, value=None, upper=None, text=words("absent", reason=source.nothing))
    value, upper = real_or_none(row["value"]), real_or_none(row["upper"])
    if value is None or upper is None:
        reason = source.reason("funnel", index, "value")
        return Step(label=label, value=None, upper=None, text=words("absent", reason=reason))
    text = words.number(value)
    if upper > value:
        text = words("from_to", low=text, high=words.number(upper))
    elif value == 0 and row["rate_high"] is not None:
        text = words("zero_share", high=words.share(real(row["rate_high"])))
    elif value == 0 and stage in ("lead", "client"):
        text = words("zero_count", high=words.number(round(real(bound[f"{stage}s_high"]), 1)))
    elif stage == "client" and row["rate"] is not None:
        rate, low, high = (real(row[name]) for name in ("rate", "rate_low", "rate_high"))
        text = words("funnel.client", n=text, rate=words.share(rate), range=words.share_range(low, high))
    return Step(label=label, value=value, upper=upper, text=text)


def hours(source: Source) -> Chart:
    """Hours spent against revenue per channel, or against clients where no amount is told."""
    words = source.words
    currency = source.audit.brand.currency
    found = [(index, row) for index, row in enumerate(source.rows("hours")) if row["channel"] != TOGETHER]
    by_money = any(row["revenue"] for _, row in found)
    y = "revenue" if by_money else "clients"
    common = source.common("hours", "hours", y=words(f"hours.{y}"))
    if not found or source.nothing:
        reason = words("no_hours") if not found else source.nothing
        common |= {"title": words("hours.title_empty"), "empty": reason}
        return finish(source, Scatter, {**common, "fields": ()}, [])
    networks = {str(row["network"]) for row in source.rows("visibility")}
    dots, left_out = [], []
    found.sort(key=lambda pair: (-real(pair[1]["hours"] or 0.0), str(pair[1]["channel"])))
    for index, row in found[:MAX_ROWS]:
        name = words.channel(str(row["channel"]))
        if row[y] is None:
            left_out.append((name, source.reason("hours", index, y)))
            continue
        if row["hours"] is None:
            left_out.append((name, source.reason("hours", index, "hours")))
            continue
        tone = Tone.NETWORK if row["channel"] in networks else Tone.OTHER
        spent = real(row["hours"])
        if spent <= 0:
            left_out.append((name, words("zero_on_log", metric=words("metric.hours"))))
            continue
        note = words.count_of(whole(row["clients"]), "client")
        if row["clients"] == 0 and row["least_hours_per_client"] is not None:
            note = words("hours.zero", least=words.number(round(real(row["least_hours_per_client"]))))
        dots.append(Dot(label=name, note=note, x=spent, y=real(row[y]), tone=tone, faint=spent < MIN_HOURS))
    rates = [real(row["revenue_per_hour"]) for _, row in found if row["revenue_per_hour"]] if by_money else []
    slopes = tuple(
        (rate, words("hours.slope", rate=words.short(rate), currency=currency)) for rate in _round_rates(rates)
    )
    field = Field(
        dots=tuple(dots),
        x_label=words("hours.x"),
        y_label=words("hours.y_revenue", currency=currency) if by_money else words("hours.y_clients"),
        log_x=True,
        slopes=slopes,
        left_out=tuple(left_out),
    )
    common["left_out"] = source.more(len(found) - MAX_ROWS, "hours")
    common["title"] = _hours_title(source)
    if not dots:
        common |= {"empty": words("hours.nothing"), "left_out": field.left_out}
    few = [("faint", words("key.few_hours", minimum=MIN_HOURS))] if any(dot.faint for dot in dots) else []
    common["key"] = (("network", words("key.network")), ("other", words("key.other")), *few)
    parts = [f"{dot.label}: {words.number(dot.x)} h, {words.number(dot.y, 2)}, {dot.note}" for dot in dots]
    parts += [f"{name}: {reason}" for name, reason in left_out]
    return finish(source, Scatter, {**common, "fields": (field,)}, parts)


def _hours_title(source: Source) -> str:
    words = source.words
    together = next((row for row in source.rows("hours") if row["channel"] == TOGETHER), None)
    if together is None or together["hours"] is None:
        return words("hours.title_none")
    spent = words.number(round(real(together["hours"])))
    if together["clients"] == 0:
        least = together["least_hours_per_client"]
        key = "hours.title_zero" if least is not None else "hours.title_none"
        return words(key, hours=spent, least=words.number(round(real(least))) if least is not None else "")
    return words("hours.title", hours=spent, clients=words.count_of(whole(together["clients"]), "client"))


def _round_rates(rates: list[float]) -> list[float]:
    """Round rates per hour (1, 2 or 5 times a power of ten) that lie among those of the channels."""
    if not rates:
        return []
    grid = [step * 10.0**power for power in range(-2, 7) for step in (1, 2, 5)]
    inside = [rate for rate in grid if min(rates) <= rate <= max(rates)]
    return inside if len(inside) <= 3 else [inside[0], inside[len(inside) // 2], inside[-1]]
