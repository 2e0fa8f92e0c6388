"""Submissions of Tally and Typeform forms. The questions are the form's own: two of them are known by their words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from crosspost.domain.business import Lead
from crosspost.domain.errors import BadInput
from crosspost.imports.asking import Left, asking, person
from crosspost.imports.dates import instants
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet


def tally(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Every submission is a lead."""
    return _leads("tally", rows, context, Left(), zone=None)


def typeform(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Every response that was submitted is a lead; one that was begun and left is not."""
    left = Left()
    sent = [row for row in rows if row.get("created")]
    left.out("responses that were begun and not submitted: no leads", len(rows) - len(sent))
    return _leads("typeform", sent, context, left, zone=UTC)


def _leads(source: str, rows: Sequence[Row], context: Context, left: Left, zone: tzinfo | None) -> Facts:
    leads: list[tuple[int, Lead]] = []
    for row, at in zip(rows, instants(rows, "created", context, zone=zone), strict=True):
        row.need("created")
        assert at is not None
        leads.append((row.line, _lead(row, context, source, at)))
    left.out("submissions without a mail address: they cannot be joined to payments",
             sum(lead.person is None for _, lead in leads))  # fmt: skip
    return Facts(leads=tuple(leads), notes=left.notes(), zoned=zone is not None, totals={"leads": str(len(leads))})


def _lead(row: Row, context: Context, source: str, at: datetime) -> Lead:
    answers = list(row.others())
    name = row.get("id") or next((said for header, said in answers if header.strip() == "#"), None)
    if name is None:
        raise BadInput("the submission has no id", where=row.where, remedy="export it again, with all columns")
    asked = [(context.words.asks(header), said) for header, said in answers]
    mail = row.get("mail") or next((said for what, said in asked if what == "mail" and "@" in said), None)
    told = row.get("told") or next((said for what, said in asked if what == "told"), None)
    return asking(row, context, source, f"{source}:{name}", at, person=person(row, context, mail), told=told)
