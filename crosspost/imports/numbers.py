"""Numbers as people and tools write them, read by the column: `1 234,56 €`, `62,5 %`, `$ 13361.11`, `00:22:49`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from crosspost.domain.business import told_money
from crosspost.domain.currencies import CODES
from crosspost.domain.errors import BadInput
from crosspost.domain.message import say
from crosspost.domain.money import Money
from crosspost.imports.shape import Context, Row, fold

_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_LONGEST = 64  # characters of a number
_THOUSANDS = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:{_SPACES.pattern}\d{{3}})+(?!\d)")
_BESIDE = re.compile(rf"(?<!\d){_SPACES.pattern}+|{_SPACES.pattern}+(?!\d)")  # between other characters than figures
_CLOCK = re.compile(r"(?:(\d{1,6}):)?([0-5]?\d):([0-5]\d)(?:[.,]\d+)?")
_WORDS = re.compile(r"(?:(\d{1,6})\s*(?:h|hrs?|heures?|hours?)\s*)?(?:(\d{1,6})\s*(?:m|min|mins|minutes?|mn)\s*)?"
                    r"(?:(\d{1,6})\s*(?:s|sec|secs|secondes?|seconds?)\s*)?", re.IGNORECASE)  # fmt: skip
_SIGNS = {"€": "EUR", "£": "GBP"}
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
# How tools say that there is no number. None of them is zero.
_NONE = frozenset(
    {"", "n a", "na", "n d", "nd", "nc", "none", "null", "nan", "not set", "not available", "no data available"}
    | {"no data", "aucune donnee disponible", "aucune donnee", "non disponible"}
)


def missing(text: str | None) -> str | None:
    """Why a cell holds no number (it is blank, or says so in words or by a dash); None where it may hold one."""
    if not text:
        return say("blank in the file")
    return f"the file says {text[:40]!r}" if not re.search(r"\d", text) and fold(text) in _NONE else None


def numbers(rows: Sequence[Row], name: str) -> list[Decimal | None]:
    """The numbers of a column, in the order of the rows; None where there is none.

    Raises BadInput at the first cell that is no number, or could be two and no other cell of the column tells which.
    """
    mark = decimal_mark(row.get(name) for row in rows)
    return [
        None if (text := row.get(name)) is None or missing(text) else number(text, row.where, name, mark)
        for row in rows
    ]  # fmt: skip


def counts(rows: Sequence[Row], name: str) -> list[Decimal | None]:
    """As `numbers`, none of them below zero."""
    found = numbers(rows, name)
    for row, value in zip(rows, found, strict=True):
        if value is not None and value < 0:
            raise BadInput(f"{name} is below zero", where=row.where, remedy="correct the row")
    return found


def shares(rows: Sequence[Row], name: str) -> list[Decimal | None]:
    """A column of rates as fractions: `62,5 %` and `0.625` are the same."""
    mark = decimal_mark((row.get(name) or "").replace("%", "") for row in rows)
    found: list[Decimal | None] = []
    for row in rows:
        text = row.get(name)
        if text is None or missing(text):
            found.append(None)
            continue
        value = number(text.replace("%", ""), row.where, name, mark)
        found.append(value / 100 if "%" in text else value)
    return found


def seconds(rows: Sequence[Row], name: str) -> list[Decimal | None]:
    """A column of durations: `00:22:49`, `22:49`, `1 min 5 s`, or a number of seconds."""
    spans = [_duration(row.get(name) or "") for row in rows]
    mark = decimal_mark(row.get(name) for row, span in zip(rows, spans, strict=True) if span is None)
    found: list[Decimal | None] = []
    for row, span in zip(rows, spans, strict=True):
        text = row.get(name)
        if span is None and text is not None and not missing(text):
            span = number(text, row.where, name, mark)
        found.append(span)
    return found


def amounts(rows: Sequence[Row], name: str, context: Context, currency: str = "currency") -> list[Money | None]:
    """A column of money. The currency is the row's own column, else the sign or code in the cell, else the brand's.

    Raises BadInput as `numbers`, where a cell's sign contradicts its currency, or `$` could be several.
    """
    bare = [_currency_in(row.get(name) or "") for row in rows]
    mark = decimal_mark(text for text, _ in bare)
    found: list[Money | None] = []
    for row, (text, sign) in zip(rows, bare, strict=True):
        if missing(row.get(name)):
            found.append(None)
            continue
        value = number(text, row.where, name, mark)
        said = row.get(currency)
        with row.telling():
            found.append(told_money(value, _currency(said.upper() if said else None, sign, context.currency)))
    return found


def _currency_in(text: str) -> tuple[str, str | None]:
    """The amount without its sign or code, and that sign or code."""
    for sign in (*_SIGNS, "$"):
        if sign in text:
            return text.replace(sign, "", 1), sign
    code = re.search(r"(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])", text)
    if code and code[0].upper() in CODES:
        return text.replace(code[0], "", 1), code[0].upper()
    return text, None


def _currency(said: str | None, sign: str | None, usual: str) -> str:
    if sign == "$":
        found = said or usual
        if found not in _DOLLARS:
            raise BadInput(f"the amount is in $, and not in {found}", remedy="add a column `currency`")
        return found
    told = _SIGNS.get(sign or "", sign)
    if told and said and told != said:
        raise BadInput(f"the amount is in {told}, and its currency says {said}", remedy="correct one of the two")
    return said or told or usual


def _duration(text: str) -> Decimal | None:
    plain = text.strip()
    found = _CLOCK.fullmatch(plain) or (_WORDS.fullmatch(plain) if plain else None)
    if found is None:
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return Decimal(hours * 3600 + minutes * 60 + rest)


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
        value = Decimal(plain) if _PLAIN.fullmatch(plain) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= 10**12:
        raise BadInput(f"{what} {text[:40]!r} is not a number", where=where, remedy="write 1234.56")
    return value


def unspaced(text: str) -> str:
    """Without the spaces that set thousands apart, and those around. `5 6` keeps its own: it is no number."""
    if len(text) > _LONGEST:
        return text
    return _BESIDE.sub("", _THOUSANDS.sub(lambda found: _SPACES.sub("", found[0]), text))


def _bare(text: str) -> str:
    return unspaced(re.sub(r"[€$£]", "", text)).replace("\u2212", "-")
