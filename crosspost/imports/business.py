"""Leads, deals and efforts, as people keep them in a spreadsheet."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from crosspost.domain.business import (
    Deal,
    Effort,
    Lead,
    Touchpoint,
    check_deal,
    check_effort,
    check_lead,
    folded,
)
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.domain.telling import channel_told
from crosspost.imports.dates import days, instants, is_month, needed
from crosspost.imports.numbers import amounts, numbers
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet

_PATH = re.compile(r"\s*(?:>|→|\|)\s*")


def leads(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found: list[tuple[int, Lead]] = []
    deals: list[tuple[int, Deal]] = []
    once = _Once("lead", "remove one of the two")
    contacted = needed(rows, "contacted", instants(rows, "contacted", context))
    for row, contacted_at, lost_at, won_at, amount in zip(
        rows, contacted, instants(rows, "lost", context), instants(rows, "won", context),
        amounts(rows, "amount", context), strict=True,
    ):  # fmt: skip
        name = row.need("lead")
        once.see(name, row)
        told = row.get("told")
        lead = Lead(
            source="file",
            source_id=name,
            contacted_at=contacted_at,
            channel=row.get("channel"),
            told=told,
            told_channel=channel_told(told),
            code=row.get("code"),
            touchpoints=tuple(Touchpoint(step) for step in _PATH.split(row.get("path") or "") if step),
            lost_at=lost_at,
        )
        with row.telling():
            check_lead(lead, context.now)
        found.append((row.line, lead))
        if won_at is not None:
            deals.append((row.line, _deal(row, context, name, won_at, name, amount)))
    return Facts(leads=tuple(found), deals=tuple(deals), totals={"leads": str(len(found)), "deals": str(len(deals))})


def deals(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found: list[tuple[int, Deal]] = []
    once = _Once("deal", "give each its own id")
    won = needed(rows, "won", instants(rows, "won", context))
    for row, won_at, amount in zip(rows, won, amounts(rows, "amount", context), strict=True):
        lead = row.need("lead")
        name = row.get("deal") or lead
        once.see(name, row)
        found.append((row.line, _deal(row, context, name, won_at, lead, amount)))
    return Facts(deals=tuple(found), totals={"deals": str(len(found))})


def _deal(row: Row, context: Context, name: str, won_at: datetime, lead: str, amount: Money | None) -> Deal:
    deal = Deal("file", name, won_at, amount, lead_source_id=lead)
    with row.telling():
        check_deal(deal, context.now)
    return deal


def efforts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found: list[tuple[int, Effort, str]] = []
    seen: dict[str, int] = {}
    starts = needed(rows, "start", days(rows, "start", context))
    hours = needed(rows, "hours", numbers(rows, "hours"))
    for row, start, spent in zip(rows, starts, hours, strict=True):
        text = row.need("start")
        length = calendar.monthrange(start.year, start.month)[1] if is_month(text) else 7
        channel = row.need("channel")
        effort = Effort(channel, start, length, spent)
        with row.telling():
            check_effort(effort, context.now)
        key = f"{folded(channel)}/{start}"
        if key in seen:
            raise BadInput(
                f"{channel} on {text} is on line {seen[key]} already", where=row.where, remedy="add the two up"
            )
        seen[key] = row.line
        found.append((row.line, effort, key))
    return Facts(efforts=tuple(found), totals={"hours": str(sum((one.hours for _, one, _ in found), Decimal(0)))})


class _Once:
    """Refuses an id that stands on two lines."""

    def __init__(self, what: str, remedy: str) -> None:
        self._what, self._remedy = what, remedy
        self._lines: dict[str, int] = {}

    def see(self, name: str, row: Row) -> None:
        if name in self._lines:
            raise BadInput(
                f"{self._what} {name!r} is on line {self._lines[name]} already", where=row.where, remedy=self._remedy
            )
        self._lines[name] = row.line
