"""Hours spent and what they returned."""

from __future__ import annotations

from crosspost.report.charts.source import MAX_ROWS, TOGETHER, Source, finish, real, whole
from crosspost.report.records import Chart, Dot, Field, Scatter, Tone

MIN_HOURS = 40  # a week's work; hours below are greyed


def hours(source: Source) -> Chart:
    """Hours spent against revenue per channel, or against clients where no amount is told."""
    words = source.words
    currency = words.currency(source.audit.brand.currency)
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
    parts = [
        words.labelled(
            dot.label,
            f"{words('hours_short', hours=words.number(dot.x))}, {words.number(dot.y, 2)}, {dot.note}",
        )
        for dot in dots
    ]
    parts += [words.labelled(name, reason) for name, reason in left_out]
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
