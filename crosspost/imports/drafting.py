"""Drafts a mapping for a table nobody knows: guesses by headers and contents, and says how sure each guess is."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crosspost.domain.business import is_listed
from crosspost.domain.currencies import CODES
from crosspost.domain.errors import BadInput
from crosspost.imports.dates import is_date
from crosspost.imports.numbers import missing, number
from crosspost.imports.shape import Kind, fold
from crosspost.imports.sheet import Sheet

# The kinds a table of somebody's own can be. All others are exports of one tool, known by their headers.
OWN = ("leads", "deals", "efforts", "posts", "followers")
_SAMPLE = 200  # rows looked at
_ALIKE = 0.8  # of two headers, 1 being equal
_DATES = frozenset({"contacted", "won", "lost", "published", "month", "start", "at"})
_NUMBERS = frozenset({"amount", "hours", "followers", "reach", "impressions"})
_IDS = frozenset({"lead", "deal", "post"})


@dataclass(frozen=True, slots=True)
class Guess:
    """A field of ours, the header it may be under (None: none looks like it), and how that was guessed."""

    field: str
    header: str | None
    sure: bool
    why: str
    required: bool


@dataclass(frozen=True, slots=True)
class Draft:
    kind: str
    sure: bool
    guesses: tuple[Guess, ...]
    unused: tuple[str, ...]


def draft(sheet: Sheet, among: Sequence[Kind]) -> Draft:
    """The likeliest kind of a table, and its columns. Never refuses: what cannot be guessed is left open."""
    own = [one for one in among if one.name in OWN]
    drafts = [(one, _guesses(sheet, one)) for one in own]

    def rank(made: tuple[Kind, tuple[Guess, ...]]) -> tuple[int, int, int]:
        lacking = sum(one.header is None and one.required for one in made[1])
        named = sum(one.sure for one in made[1])
        return -lacking, named, sum(one.header is not None for one in made[1])

    ordered = sorted(drafts, key=rank, reverse=True)
    kind, guesses = ordered[0]
    clear = rank(ordered[0])[0] == 0 and rank(ordered[0])[:2] > rank(ordered[1])[:2]
    used = {one.header for one in guesses}
    return Draft(kind.name, clear, guesses, tuple(one for one in sheet.header if one and one not in used))


def _guesses(sheet: Sheet, kind: Kind) -> tuple[Guess, ...]:
    """Headers that are known first, then those that are like one, then what only the contents tell."""
    free = {header: _contents(sheet, at) for at, header in enumerate(sheet.header) if fold(header)}
    found: dict[str, tuple[str, bool, str]] = {}
    for field, aliases in kind.columns.items():
        if hit := next((one for one in free if fold(one) in map(fold, aliases)), None):
            found[field] = (hit, _may_be(field, free.pop(hit)), "by its name")
    for field, aliases in kind.columns.items():
        if field not in found and (hit := _alike(aliases, free)) and _may_be(field, free[hit]):
            found[field] = (hit, False, "its name is like one that is known")
            del free[hit]
    for field in sorted(kind.required - found.keys()):
        if hit := next((one for one, cells in free.items() if cells and _looks(field, cells)), None):
            found[field] = (hit, False, "by what is in it")
            del free[hit]
    none = (None, False, "no column looks like it")
    return tuple(
        Guess(field, header, sure, why, field in kind.required)
        for field in kind.columns
        for header, sure, why in [found.get(field, none)]
    )


def _contents(sheet: Sheet, at: int) -> list[str]:
    return [cells[at] for _, cells in sheet.rows[:_SAMPLE] if not missing(cells[at])]


def _alike(aliases: Sequence[str], free: Mapping[str, list[str]]) -> str | None:
    """The header most like one of these, if any is."""
    ranked = [
        (_likeness(fold(alias), fold(header)), header) for alias in aliases if len(fold(alias)) > 3 for header in free
    ]
    return max(ranked)[1] if ranked and max(ranked)[0] >= _ALIKE else None


def _likeness(alias: str, header: str) -> float:
    if set(alias.split()) <= set(header.split()):
        return 0.9  # "Date de premier contact (saisie)" holds "premier contact"
    return difflib.SequenceMatcher(None, alias, header).ratio()


def _may_be(field: str, cells: Sequence[str]) -> bool:
    """Whether the contents do not speak against it."""
    return not cells or field not in _DATES | _NUMBERS or _looks(field, cells)


def _looks(field: str, cells: Sequence[str]) -> bool:
    """Whether nearly all of the contents are what the field holds."""
    if field in _DATES:
        return _most(cells, is_date)
    if field in _NUMBERS:
        return _most(cells, _is_number)
    if field in _IDS:
        return len(set(cells)) == len(cells) and not _most(cells, is_date)
    if field == "currency":
        return _most(cells, lambda cell: cell.upper() in CODES)
    return field == "channel" and _most(cells, is_listed)


def _most(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    return sum(map(test, cells)) >= 0.9 * len(cells)


def _is_number(cell: str) -> bool:
    try:
        return number(cell, "", "", ".") >= Decimal(0)
    except BadInput:
        return False


def written(made: Draft, sheet: Sheet, file: str) -> str:
    """The draft as a mapping file for a person to correct."""
    lines = [
        f"# A mapping for {file}, drafted by crosspost from {len(sheet.rows)} rows. `?` marks what is a guess.",
        "# Correct it, then: crosspost import FILE --mapping THIS-FILE",
        f"kind = {_quoted(made.kind)}" + ("" if made.sure else f"  # ? or one of {', '.join(OWN)}"),
        "", "[columns]",
    ]  # fmt: skip
    for one in made.guesses:
        if one.header is not None:
            lines.append(f"{one.field} = {_quoted(one.header)}{'' if one.sure else f'  # ? {one.why}'}")
        elif one.required:
            lines.append(f'# {one.field} = ""  # ? {one.why}, and {made.kind} need it')
    left = [one.field for one in made.guesses if one.header is None and not one.required]
    lines += ["", f"# Fields without a column: {', '.join(left) or 'none'}"]
    lines += [f"# Columns that are not used: {', '.join(map(_quoted, made.unused)) or 'none'}"]
    lines += ["", "[values]  # the same for every row, where no column tells it", '# channel = "linkedin"']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A string of TOML, on one line."""
    return json.dumps("".join(one if one.isprintable() else " " for one in text), ensure_ascii=False)
