"""From reach to clients, network by network."""

from __future__ import annotations

from decimal import Decimal

from crosspost.audit.results import Cell
from crosspost.report.charts.source import MAX_ROWS, Record, Source, finish, real, real_or_none
from crosspost.report.records import Chart, Funnel, Panel, Step

STEPS = ("impressions", "reach", "click", "visit", "lead", "client")


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
            words.money(_amount(row["value"]), str(row["unit"]))
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
    parts = [words.labelled(p.label, ", ".join(f"{s.label} {s.text}" for s in p.steps)) for p in panels]
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
    elif value == 0 and row["rate_upper_95"] is not None:
        text = words("zero_share", high=words.share(real(row["rate_upper_95"])))
    elif value == 0 and stage in ("lead", "client"):
        text = words("zero_count", high=words.number(round(real(bound[f"{stage}s_upper_95"]), 1)))
    elif stage == "client" and row["rate"] is not None:
        rate, low, high = (real(row[name]) for name in ("rate", "rate_low", "rate_high"))
        text = words("funnel.client", n=text, rate=words.share(rate), range=words.share_range(low, high))
    return Step(label=label, value=value, upper=upper, text=text)
