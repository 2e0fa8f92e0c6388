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
    Referrer,
    Referring,
    Touchpoint,
    check_deal,
    check_effort,
    check_lead,
    folded,
)
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.domain.stage import Reached, Stage
from crosspost.domain.telling import channel_told, plain
from crosspost.imports.dates import days, instants, is_month, needed
from crosspost.imports.numbers import amounts, numbers
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet

NAMELESS = "(somebody)"  # a referrer whose name is not kept
_YES = frozenset({"yes", "y", "true", "1", "oui", "vrai"})
_NO = frozenset({"", "no", "n", "false", "0", "non", "faux"})
_PATH = re.compile(r"\s*(?:>|→|\|)\s*")


def leads(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found: list[tuple[int, Lead]] = []
    deals: list[tuple[int, Deal]] = []
    once = _Once("lead", "remove one of the two")
    contacted = needed(rows, "contacted", instants(rows, "contacted", context))
    for row, contacted_at, lost_at, won_at, amount, margin, talking_at, offered_at, offer in zip(
        rows, contacted, instants(rows, "lost", context), instants(rows, "won", context),
        amounts(rows, "amount", context), amounts(rows, "margin", context), instants(rows, "talking", context),
        instants(rows, "offered", context), amounts(rows, "offer", context), strict=True,
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
            person=_person(row, context, "mail"),
            lost_reason=row.get("lost_reason"),
            competitor=row.get("competitor"),
            stages=_stages(row, talking_at, offered_at, offer),
            referrer=_referrer(row, context),
        )
        with row.telling():
            check_lead(lead, context.now)
        found.append((row.line, lead))
        if won_at is not None:
            deals.append((row.line, _deal(row, context, name, won_at, name, amount, margin)))
    return Facts(leads=tuple(found), deals=tuple(deals), totals={"leads": str(len(found)), "deals": str(len(deals))})


def deals(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found: list[tuple[int, Deal]] = []
    once = _Once("deal", "give each its own id")
    won = needed(rows, "won", instants(rows, "won", context))
    for row, won_at, amount, margin in zip(
        rows, won, amounts(rows, "amount", context), amounts(rows, "margin", context), strict=True
    ):
        lead = row.need("lead")
        name = row.get("deal") or lead
        once.see(name, row)
        found.append((row.line, _deal(row, context, name, won_at, lead, amount, margin)))
    return Facts(deals=tuple(found), totals={"deals": str(len(found))})


def _person(row: Row, context: Context, field: str) -> str | None:
    """The keyed hash of the mail address in a row."""
    mail = row.get(field)
    return None if mail is None or context.person is None else context.person(mail)


def _stages(
    row: Row, talking_at: datetime | None, offered_at: datetime | None, offer: Money | None
) -> tuple[Reached, ...]:
    """The talk and the offer that a row tells of."""
    if offer is not None and offered_at is None:
        raise BadInput("an offer without its day", where=row.where, remedy="fill in the day it was made")
    dated = ((Stage.TALKING, talking_at, None), (Stage.OFFERED, offered_at, offer))
    return tuple(Reached(stage, at, amount) for stage, at, amount in dated if at is not None)


def _referrer(row: Row, context: Context) -> Referrer | None:
    """Who sent the lead: another lead, somebody known by their mail, or a name, which is kept only where asked for."""
    lead, other = row.get("referrer_lead"), row.get("referrer")
    if lead is not None:
        return Referrer(Referring.LEAD, lead)
    if other is None:
        return None
    if "@" in other:
        person = _person(row, context, "referrer")
        return None if person is None else Referrer(Referring.PERSON, person)
    return Referrer(Referring.NAME, other if context.keep_names else NAMELESS)


def _returning(row: Row) -> bool:
    """Whether the row says that the client had bought before."""
    text = plain(row.get("returning") or "")
    if text not in _YES | _NO:
        raise BadInput(f"returning {text!r} is neither yes nor no", where=row.where, remedy="write yes or no")
    return text in _YES


def _deal(
    row: Row, context: Context, name: str, won_at: datetime, lead: str, amount: Money | None, margin: Money | None
) -> Deal:
    deal = Deal(
        "file", name, won_at, amount, lead_source_id=lead, person=_person(row, context, "mail"), margin=margin,
        returning=_returning(row),
    )  # fmt: skip
    with row.telling():
        check_deal(deal, context.now)
    return deal


def efforts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found: list[tuple[int, Effort, str]] = []
    seen: dict[str, int] = {}
    starts = needed(rows, "start", days(rows, "start", context))
    for row, start, spent, fees in zip(
        rows, starts, numbers(rows, "hours"), amounts(rows, "fees", context), strict=True
    ):
        text = row.need("start")
        length = calendar.monthrange(start.year, start.month)[1] if is_month(text) else 7
        channel = row.need("channel")
        effort = Effort(channel, start, length, spent, fees)  # blank hours are not known: never zero
        with row.telling():
            check_effort(effort, context.now)
        key = f"{folded(channel)}/{start}"
        if key in seen:
            raise BadInput(
                f"{channel} on {text} is on line {seen[key]} already", where=row.where, remedy="add the two up"
            )
        seen[key] = row.line
        found.append((row.line, effort, key))
    return Facts(
        efforts=tuple(found), totals={"hours": str(sum((one.hours or Decimal(0) for _, one, _ in found), Decimal(0)))}
    )


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
