"""Calendly's bookings. One that took place, or will, is a lead from the moment it was made."""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.domain.business import Lead
from crosspost.imports.asking import Left, asking, person
from crosspost.imports.dates import instants
from crosspost.imports.shape import Context, Facts, Lost, Row, fold
from crosspost.imports.sheet import Sheet

_YES = frozenset({"true", "yes", "oui", "vrai", "1"})
_NOT = {  # why a booking is no lead: of several, of one
    "canceled": ("that were cancelled", "the booking was cancelled"),
    "no_show": ("nobody came to", "nobody came to the booking"),
}
_QUESTIONS = range(1, 11)  # Calendly asks ten at most


def events(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Cancelled bookings and no-shows are no leads: they are counted and told, and one that was a lead is lost."""
    left = Left()
    leads: list[tuple[int, Lead]] = []
    lost: list[tuple[int, Lost]] = []
    starts = instants(rows, "start", context)
    for row, created, start in zip(rows, instants(rows, "created", context), starts, strict=True):
        row.need("created")
        assert created is not None
        name = f"calendly:{row.get('id') or row.need('event_id')}"
        why = next((why for field, why in _NOT.items() if fold(row.get(field) or "") in _YES), None)
        if why is None:
            told, who = _told(row, context), person(row, context, row.get("mail"))
            leads.append((row.line, asking(row, context, "calendly", name, created, person=who, told=told)))
            continue
        left.out(f"bookings {why[0]}: no leads")
        lost.append((row.line, Lost(name, min(start or created, context.now), why[1])))
    return Facts(leads=tuple(leads), lost=tuple(lost), notes=left.notes(), totals={"leads": str(len(leads))})


def _told(row: Row, context: Context) -> str | None:
    """The answer to the question how they heard of us; the questions stand in cells."""
    asked = ((row.get(f"question_{at}"), row.get(f"response_{at}")) for at in _QUESTIONS)
    return next(
        (said for question, said in asked if question and said and context.words.asks(question) == "told"), None
    )
