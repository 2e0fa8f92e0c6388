"""Effort and return: hours against what came of them, beside lines of equal revenue per hour and the owner's rate."""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.report.charts.source import MAX_ROWS, TOGETHER, Record, Source, finish, real, real_or_none, whole
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, Dot, Field, Scatter, Tone

MIN_HOURS = 40  # a week's work; hours below are greyed


def hours(source: Source) -> Chart:
    """Hours spent against revenue per channel with its interval, or against clients where no amount is told."""
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
    found.sort(key=lambda pair: (-real(pair[1]["hours"] or 0.0), str(pair[1]["channel"])))
    dots, left_out = [], []
    for index, row in found[:MAX_ROWS]:
        name = words.channel(str(row["channel"]))
        lacking = next((column for column in (y, "hours") if row[column] is None), None)
        if lacking is not None:
            left_out.append((name, words.tell(source.reason("hours", index, lacking))))
        elif real(row["hours"]) <= 0:
            left_out.append((name, words("zero_hours")))
        else:
            tone = Tone.NETWORK if row["channel"] in networks else Tone.OTHER
            dots.append(_dot(words, row, name, tone, by_money=by_money))
    rate = _rate(source) if by_money else None
    field = Field(
        dots=tuple(dots),
        x_label=words("hours.x"),
        y_label=words("hours.y_revenue", currency=currency) if by_money else words("hours.y_clients"),
        root=True,
        slopes=tuple((one, _slope(words, one, currency)) for one in _lines(found, rate)) if by_money else (),
        diagonal=None if rate is None else (rate, words("hours.rate", rate=words.short(rate), currency=currency)),
        left_out=tuple(left_out),
    )
    common["left_out"] = source.more(len(found) - MAX_ROWS, "hours")
    under = [words.channel(str(row["channel"])) for _, row in found if row["against_rate"] == "under"]
    common["title"] = _title(source)
    if under and rate is not None:
        told = words("hours.slope", rate=words.short(rate), currency=currency)
        common["title"] = words("hours.title_under", names=", ".join(under), rate=told)
    if not dots:
        common |= {"empty": words("hours.nothing"), "left_out": field.left_out}
    marks = [("network", words("key.network")), ("other", words("key.other"))]
    marks += [("interval", words("key.interval"))] if by_money else []
    marks += [("faint", words("key.few_hours", minimum=MIN_HOURS))] if any(dot.faint for dot in dots) else []
    common["key"] = tuple(marks)
    parts = [words.labelled(dot.label, _told(words, dot)) for dot in dots]
    parts += [words.labelled(name, reason) for name, reason in left_out]
    return finish(source, Scatter, {**common, "fields": (field,)}, parts)


def _dot(words: Words, row: Record, name: str, tone: Tone, *, by_money: bool) -> Dot:
    note = words.count_of(whole(row["clients"]), "client")
    if row["clients"] == 0 and row["least_hours_per_client"] is not None:
        note = words("hours.zero", least=words.number(round(real(row["least_hours_per_client"]))))
    spent = real(row["hours"])
    low, high = (real_or_none(row[column]) if by_money else None for column in ("revenue_lo", "revenue_hi"))
    y = real(row["revenue"] if by_money else row["clients"])
    return Dot(label=name, note=note, x=spent, y=y, low=low, high=high, tone=tone, faint=spent < MIN_HOURS)


def _told(words: Words, dot: Dot) -> str:
    spent = words("hours_short", hours=words.number(dot.x))
    return f"{spent}, {words.number(dot.y, 2)}{_range(words, dot)}, {dot.note}"


def _range(words: Words, dot: Dot) -> str:
    if dot.low is None or dot.high is None:
        return ""
    return words("hours.range", low=words.number(round(dot.low)), high=words.number(round(dot.high)))


def _rate(source: Source) -> float | None:
    """What an hour is worth to the owner: the margin of the claim that stands on it; None where it is not told."""
    return next((one.claim.margin for one in source.audit.findings if one.claim.key == "networks_under_rate"), None)


def _slope(words: Words, rate: float, currency: str) -> str:
    return words("hours.slope", rate=words.short(rate), currency=currency)


def _lines(found: Sequence[tuple[int, Record]], own: float | None) -> list[float]:
    """Round rates per hour (1, 2 or 5 times a power of ten) among those of the channels, none beside the owner's."""
    rates = [real(row["revenue_per_hour"]) for _, row in found if row["revenue_per_hour"]]
    if not rates:
        return []
    grid = [step * 10.0**power for power in range(-2, 7) for step in (1, 2, 5)]
    inside = [rate for rate in grid if min(rates) <= rate <= max(rates)]
    inside = [rate for rate in inside if own is None or not own / 1.6 < rate < own * 1.6]
    return inside if len(inside) <= 3 else [inside[0], inside[len(inside) // 2], inside[-1]]


def _title(source: Source) -> str:
    words = source.words
    together = next((row for row in source.rows("hours") if row["channel"] == TOGETHER), None)
    if together is None or together["hours"] is None:
        return words("hours.title_none")
    spent = words.count_of(round(real(together["hours"])), "hour")
    if together["clients"] == 0:
        least = together["least_hours_per_client"]
        key = "hours.title_zero" if least is not None else "hours.title_none"
        return words(key, hours=spent, least=words.count_of(round(real(least)), "hour") if least is not None else "")
    return words("hours.title", hours=spent, clients=words.count_of(whole(together["clients"]), "client"))
