"""Experiments in files: weeks or persons as plain rows, and a brand's own past weeks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from crosspost.audit.experiments import persons, weeks
from crosspost.audit.experiments.answer import LADDER, Answer
from crosspost.audit.experiments.design import Kind, points
from crosspost.audit.experiments.persons import Person
from crosspost.audit.experiments.weeks import Plan, Week
from crosspost.audit.ledger import Ledger
from crosspost.domain.errors import BadInput
from crosspost.imports.numbers import missing, numbers, shares
from crosspost.imports.read import read_file
from crosspost.imports.shape import Layout, Row
from crosspost.imports.sheet import Sheet

ON = frozenset({"1", "1.0", "on", "yes", "true", "oui", "posting", "posted"})
OFF = frozenset({"0", "0.0", "off", "no", "false", "non", "paused", "pause"})
POSTS = ("posts", "posted", "sent", "went_out")
# Columns that say what a row is, and are no outcome.
_ROW = frozenset({"week", "pair", "block", "posting", "randomised_here", "account", "brand", "arm", *POSTS})
_NAMES = re.compile(
    r"(.*_)?(id|person|user|unit|subject|individual|participant|index|row|name|email|mail|date|day|month|year|start|end"
    r"|network)|posting_.+|"
)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
# A figure as people write it too, which a date or a code is not: 1 234,56 or 12 %.
_FIGURE = re.compile(r"[+-]?(\d{1,3}([ .,'’\u00a0\u202f]\d{3})+|\d+)([.,]\d+)?\s?%?")
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the owner said beside the file. `kind` and `block` are for weeks that do not say how they were drawn."""

    plan: Plan = Plan()
    outcomes: tuple[str, ...] = ()
    kind: Kind | None = None
    block: int = 2
    control: str | None = None
    baseline: str | None = None


def analyse_file(path: Path, asked: Asked = Asked()) -> dict[str, Answer]:
    """The answers of a file of weeks or persons, by outcome. Raises BadInput naming file, line and remedy.

    Several networks drawn in the same weeks have a column `posting_NETWORK` each, and each its answers: lots of their
    own make each a test for itself, with the others' weeks as they fell.
    """
    rows = _rows(path)
    several = [name for name in rows[0].layout.fields if name.startswith("posting_")]
    if several and not rows[0].has("posting"):
        return {
            f"{outcome}, {column.removeprefix('posting_')}": answer
            for column in several
            for outcome, answer in weeks.analyse(_weeks(rows, asked, column), asked.plan).items()
        }
    if not rows[0].has("posting") and not _arms_of_weeks(rows):
        return _of_persons(rows, asked)
    arm = "posting" if rows[0].has("posting") else "arm"
    return weeks.analyse(_weeks(rows, asked, arm), asked.plan)


def _arms_of_weeks(rows: Sequence[Row]) -> bool:
    """Whether the column `arm` switches weeks on and off: posts with texts by lot may tell their week as well."""
    arms = {(row.get("arm") or "").strip().casefold() for row in rows}
    return rows[0].has("week") and arms <= ON | OFF


def past_weeks(path: Path, outcome: str) -> list[float | None]:
    """One column of a file, in the order of its weeks."""
    rows = _rows(path, needs=(outcome,))
    values = _column(rows, outcome)
    if not rows[0].has("week"):
        return values
    places = [_week(row) for row in rows]
    return [value for _, value in sorted(zip(places, values, strict=True), key=lambda one: one[0])]


def weekly(ledger: Ledger, outcome: str, until: datetime) -> list[float | None]:
    """Leads or clients of each whole week of the ledger's period before `until`, by Mondays in the brand's zone.

    Raises BadInput for an outcome that the ledger does not hold by week.
    """
    instants = {
        "leads": [lead.contacted_at for lead in ledger.leads],
        "clients": [lead.won_at for lead in ledger.leads if not lead.returning],
    }.get(outcome)
    if instants is None:
        raise BadInput(f"{outcome} are not kept by week", remedy="choose leads or clients, or give --past FILE")
    zone = ZoneInfo(ledger.brand.zone)
    counted = Counter(_monday(one.astimezone(zone).date()) for one in instants if one is not None)
    first = ledger.period.start.astimezone(zone).date()
    monday = _monday(first) if _monday(first) == first else _monday(first) + timedelta(weeks=1)
    last = _monday(min(until, ledger.period.end).astimezone(zone).date())
    return [float(counted[monday + timedelta(weeks=n)]) for n in range(max(0, (last - monday).days // 7))]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _rows(path: Path, needs: tuple[str, ...] = ()) -> list[Row]:
    """The rows of the file's first table that has weeks or arms, under folded names of columns."""
    sheets = read_file(path).sheets
    wanted = [{*needs}] if needs else [{"arm"}, {"posting"}]
    for sheet in sheets:
        names = [_name(one) for one in sheet.header]
        if any(one <= {*names} for one in wanted) or (not needs and any(one.startswith("posting_") for one in names)):
            if twice := [name for name, number in Counter(names).items() if number > 1 and name]:
                raise BadInput(f"the column {twice[0]} stands twice", where=sheet.place, remedy="remove one")
            if not sheet.rows:
                raise BadInput("there is no row", where=sheet.place, remedy="add a row per week or person")
            return _laid_out(sheet, names)
    columns = " or ".join(" and ".join(sorted(one)) for one in wanted)
    raise BadInput(
        f"no table has a column {columns}", where=str(path),
        remedy="weeks need `week`, `posting` and outcomes; persons need `arm` and outcomes",
    )  # fmt: skip


def _name(header: str) -> str:
    return header.strip().casefold().replace(" ", "_")


def _laid_out(sheet: Sheet, names: Sequence[str]) -> list[Row]:
    layout = Layout(sheet.place, sheet.header, {name: at for at, name in enumerate(names) if name}, {})
    return [Row(line, cells, layout) for line, cells in sheet.rows if any(cells)]


def _outcomes(rows: Sequence[Row], asked: Asked) -> list[str]:
    """The columns that hold figures and are not about the row; those asked for, if any were."""
    names = list(rows[0].layout.fields)
    if asked.outcomes:
        for name in asked.outcomes:
            if _name(name) not in names:
                raise BadInput(f"no column is called {name!r}", where=rows[0].layout.place, remedy=", ".join(names))
        return [_name(name) for name in asked.outcomes]
    found = [
        name for name in names
        if name not in _ROW and not _NAMES.fullmatch(name) and name != _name(asked.baseline or "")
        and _holds_figures(rows, name) and not _counts_rows(rows, name)
    ]  # fmt: skip
    if not found:
        raise BadInput("no column holds an outcome", where=rows[0].layout.place, remedy="add a column of figures")
    return found


def _holds_figures(rows: Sequence[Row], name: str) -> bool:
    """Whether any cell is a figure; or none is known, of what is an outcome by its name."""
    cells = [(row.get(name) or "").strip() for row in rows]
    unknown = name in LADDER and all(missing(cell) for cell in cells)
    return unknown or any(_PLAIN.fullmatch(cell) or _FIGURE.fullmatch(cell) for cell in cells)


def _counts_rows(rows: Sequence[Row], name: str) -> bool:
    """Whether a column is nothing but the rows' own numbers, in any order."""
    cells = sorted(int(cell) for row in rows if (cell := (row.get(name) or "").strip()).isdecimal())
    return len(cells) == len(rows) > 7 and cells == list(range(cells[0], cells[0] + len(rows)))


def _column(rows: Sequence[Row], name: str) -> list[float | None]:
    """A column's figures; None where a cell says that there is none. Plain decimals first: 1.234 is no thousand."""
    cells = [None if missing(row.get(name)) else (row.get(name) or "").strip() for row in rows]
    for row, cell in zip(rows, cells, strict=True):
        if cell is not None and not re.search(r"\d", cell):
            raise BadInput(
                f"{name} is {cell[:40]!r}, no number", where=row.where, remedy="correct it, or leave it blank"
            )
    if all(cell is None or _PLAIN.fullmatch(cell) for cell in cells):
        found = [None if cell is None else float(cell) for cell in cells]
    else:
        read = shares if any("%" in (cell or "") for cell in cells) else numbers
        found = [None if value is None else float(value) for value in read(rows, name)]
    for row, value in zip(rows, found, strict=True):
        if value is not None and abs(value) > 1e15:
            raise BadInput(f"{name} is beyond what can be summed exactly", where=row.where, remedy="use another unit")
    return found


def _of_persons(rows: Sequence[Row], asked: Asked) -> dict[str, Answer]:
    names = _outcomes(rows, asked)
    columns = {name: _column(rows, name) for name in names}
    before = _before(rows, asked.baseline, columns)
    people = [
        Person(row.need("arm").strip(), {name: columns[name][at] for name in names}, before[at])
        for at, row in enumerate(rows)
    ]
    arms = sorted({one.arm for one in people})
    if asked.control is not None and asked.control not in arms:
        raise BadInput(f"no arm is called {asked.control!r}", where=rows[0].layout.place, remedy=", ".join(arms))
    return persons.analyse(people, control=asked.control, margin=asked.plan.margin)


def _weeks(rows: Sequence[Row], asked: Asked, arm: str) -> list[Week]:
    names = _outcomes(rows, asked)
    columns = {name: _column(rows, name) for name in names}
    before = _before(rows, asked.baseline, columns)
    posts = next((name for name in POSTS if rows[0].has(name)), None)
    went_out = _column(rows, posts) if posts else [None] * len(rows)
    account = next((name for name in ("account", "brand") if rows[0].has(name)), None)
    made = [
        Week(
            week=_week(row) if row.has("week") else at + 1,
            arm=_switch(row, arm),
            outcomes={name: columns[name][at] for name in names},
            pair=row.get("pair"),
            coin=row.has("randomised_here") and _switch(row, "randomised_here") == 1,
            posts=went_out[at],
            account=(row.get(account) or "") if account else "",
            where=row.where,
            before=before[at],
        )
        for at, row in enumerate(rows)
    ]
    return made if asked.kind is None else _drawn(made, asked.kind, asked)


def _drawn(made: Sequence[Week], kind: Kind, asked: Asked) -> list[Week]:
    """The weeks, counted from 1 in each account, with the pairs or coins of the design that was named."""
    found = []
    for _, mine in groupby(sorted(made, key=lambda one: (one.account, one.week)), key=lambda one: one.account):
        rows = list(mine)
        if kind is Kind.PAIRED:
            found += [replace(one, pair=str(at // (2 * asked.block) + 1), coin=False) for at, one in enumerate(rows)]
        else:
            coins = points(len(rows), 1 if asked.plan.carry_over is None else asked.plan.carry_over)
            found += [replace(one, pair=None, coin=at in coins) for at, one in enumerate(rows, start=1)]
    return found


def _before(rows: Sequence[Row], name: str | None, columns: dict[str, list[float | None]]) -> list[float]:
    """What is to be subtracted of each row: 0 without a baseline. Where it is not known, no outcome of the row is."""
    if name is None:
        return [0.0] * len(rows)
    if not rows[0].has(_name(name)):
        raise BadInput(f"no column is called {name!r}", where=rows[0].layout.place, remedy="check --baseline")
    found = _column(rows, _name(name))
    for column in columns.values():
        column[:] = [None if before is None else value for value, before in zip(column, found, strict=True)]
    return [before or 0.0 for before in found]


def _switch(row: Row, name: str) -> int:
    text = row.need(name).strip().casefold()
    if text in ON or text in OFF:
        return int(text in ON)
    raise BadInput(f"{name} is {text!r}, which is neither on nor off", where=row.where, remedy="write 1 or 0")


def _week(row: Row) -> int:
    """The number of a week: 3, 2026-W03, or the day it starts on."""
    text = row.need("week").strip()
    if re.fullmatch(r"\d{1,6}(\.0)?", text):
        return int(float(text))
    try:
        if iso := _ISO_WEEK.fullmatch(text):
            return _number(date.fromisocalendar(int(iso[1]), int(iso[2]), 1))
        return _number(date.fromisoformat(text))
    except ValueError:
        raise BadInput(f"{text!r} is no week", where=row.where, remedy="number the weeks from 1") from None


def _number(day: date) -> int:
    """The week of a day, counted from the first Monday of year 1."""
    return (day.toordinal() - 1) // 7
