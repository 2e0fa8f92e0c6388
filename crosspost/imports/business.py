"""Leads, deals and efforts, as people keep them in a spreadsheet."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from crosspost.domain.business import (
    Deal,
    Effort,
    Lead,
    Touchpoint,
    check_deal,
    check_effort,
    check_lead,
    folded,
    told_money,
)
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.domain.telling import channel_told
from crosspost.imports.shape import Context, Facts, Kind, Row, day, instant
from crosspost.imports.sheet import Sheet

_ID = ("lead", "lead id", "mql id", "id lead", "contact id", "prospect")
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_PATH = re.compile(r"\s*(?:>|→|\|)\s*")


def decimal_mark(texts: Iterable[str | None]) -> str | None:
    """The decimal mark of a column, `.` or `,`, where its values show it without doubt; None where they do not."""
    found = set()
    for text in texts:
        plain = _bare(text or "")
        marks = [one for one in plain if one in ".,"]
        if not marks or _AMBIGUOUS.fullmatch(plain):
            continue
        if len(set(marks)) == 2 or len(marks) == 1:
            found.add(marks[-1])
        else:  # 1.234.567: what repeats sets thousands apart
            found.add("," if marks[0] == "." else ".")
    return found.pop() if len(found) == 1 else None


def number(text: str, where: str, what: str, mark: str | None = None) -> Decimal:
    """`1 234,56` or `1234.56`. `1,234` and `1.234` could be two numbers: refused unless `mark` is the decimal one."""
    plain = _bare(text)
    if _AMBIGUOUS.fullmatch(plain):
        if mark is None:
            large, small = plain.replace(",", "").replace(".", ""), plain.replace(",", ".") + "0"
            raise BadInput(
                f"{what} {text!r} could be two numbers, and no other value of its column tells which",
                where=where,
                remedy=f"write {large} or {small}",
            )
        plain = plain.replace(mark, ".") if mark in plain else re.sub(r"[.,]", "", plain)
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+\.\d+|-?\d{1,3}(,\d{3}){2,}", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"-?\d{1,3}(\.\d{3})+,\d+|-?\d{1,3}(\.\d{3}){2,}", plain):
        plain = plain.replace(".", "").replace(",", ".")
    else:
        plain = plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= 10**12:
        raise BadInput(f"{what} {text!r} is not a number", where=where, remedy="write 1234.56")
    return value


def _bare(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f€$£]", "", text)


def _amount(row: Row, context: Context, mark: str | None) -> Money | None:
    text = row.get("amount")
    if text is None:
        return None
    currency = (row.get("currency") or context.currency).upper()
    with row.telling():
        return told_money(number(text, row.where, "amount", mark), currency)


def _leads(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    leads: list[tuple[int, Lead]] = []
    deals: list[tuple[int, Deal]] = []
    seen: dict[str, int] = {}
    mark = decimal_mark(row.get("amount") for row in rows)
    for row in rows:
        name = row.need("lead")
        if name in seen:
            raise BadInput(
                f"lead {name!r} is on line {seen[name]} already", where=row.where, remedy="remove one of the two"
            )
        seen[name] = row.line
        told = row.get("told")
        lost = row.get("lost")
        lead = Lead(
            source="file",
            source_id=name,
            contacted_at=instant(row.need("contacted"), context, row.where),
            channel=row.get("channel"),
            told=told,
            told_channel=channel_told(told),
            code=row.get("code"),
            touchpoints=tuple(Touchpoint(step) for step in _PATH.split(row.get("path") or "") if step),
            lost_at=instant(lost, context, row.where) if lost else None,
        )
        with row.telling():
            check_lead(lead, context.now)
        leads.append((row.line, lead))
        if won := row.get("won"):
            deals.append((row.line, _deal(row, context, name, instant(won, context, row.where), name, mark)))
    return Facts(leads=tuple(leads), deals=tuple(deals), totals={"leads": str(len(leads)), "deals": str(len(deals))})


def _deals(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    deals: list[tuple[int, Deal]] = []
    seen: dict[str, int] = {}
    mark = decimal_mark(row.get("amount") for row in rows)
    for row in rows:
        lead = row.need("lead")
        name = row.get("deal") or lead
        if name in seen:
            raise BadInput(
                f"deal {name!r} is on line {seen[name]} already", where=row.where, remedy="give each its own id"
            )
        seen[name] = row.line
        won_at = instant(row.need("won"), context, row.where)
        deals.append((row.line, _deal(row, context, name, won_at, lead, mark)))
    return Facts(deals=tuple(deals), totals={"deals": str(len(deals))})


def _deal(row: Row, context: Context, name: str, won_at: datetime, lead: str, mark: str | None) -> Deal:
    deal = Deal("file", name, won_at, _amount(row, context, mark), lead_source_id=lead)
    with row.telling():
        check_deal(deal, context.now)
    return deal


def _efforts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    efforts: list[tuple[int, Effort, str]] = []
    seen: dict[str, int] = {}
    mark = decimal_mark(row.get("hours") for row in rows)
    for row in rows:
        text = row.need("start")
        start = day(text, row.where)
        days = calendar.monthrange(start.year, start.month)[1] if len(text) <= 7 else 7
        channel = row.need("channel")
        effort = Effort(channel, start, days, number(row.need("hours"), row.where, "hours", mark))
        with row.telling():
            check_effort(effort, context.now)
        key = f"{folded(channel)}/{start}"
        if key in seen:
            raise BadInput(
                f"{channel} on {text} is on line {seen[key]} already", where=row.where, remedy="add the two up"
            )
        seen[key] = row.line
        efforts.append((row.line, effort, key))
    return Facts(efforts=tuple(efforts), totals={"hours": str(sum((one.hours for _, one, _ in efforts), Decimal(0)))})


LEADS = Kind(
    name="leads",
    columns={
        "lead": (*_ID, "id"),
        "contacted": (
            "first_contact_date", "first_contact", "contacted_at", "contact date", "created", "create date",
            "date de contact", "premier contact", "date",
        ),
        "channel": (
            "channel", "origin", "tracked_source", "source", "original source", "canal", "origine", "provenance",
        ),
        "told": ("told", "self_reported", "how did you hear of us", "how did you hear about us",
                 "comment nous avez vous connus", "comment avez vous entendu parler de nous"),
        "path": ("path", "touchpoints", "parcours"),
        "code": ("code", "utm_content"),
        "won": ("won_date", "won_at", "won", "signe le", "date de signature"),
        "lost": ("lost_date", "lost_at", "lost", "perdu le"),
        "amount": ("amount", "revenue_eur", "revenue", "montant", "chiffre d affaires"),
        "currency": ("currency", "devise"),
    },
    required=frozenset({"lead", "contacted", "channel"}),
    parse=_leads,
)  # fmt: skip

DEALS = Kind(
    name="deals",
    columns={
        "lead": _ID,
        "deal": ("deal", "deal id", "id"),
        "won": ("won_date", "won_at", "won", "close date", "signe le", "date de signature"),
        "amount": ("amount", "revenue_eur", "revenue", "montant"),
        "currency": ("currency", "devise"),
    },
    required=frozenset({"lead", "won"}),
    parse=_deals,
)

EFFORTS = Kind(
    name="efforts",
    columns={
        "start": ("month", "week", "start", "mois", "semaine"),
        "channel": ("channel", "canal"),
        "hours": ("hours", "heures"),
    },
    required=frozenset({"start", "channel", "hours"}),
    parse=_efforts,
)
