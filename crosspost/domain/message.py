"""Texts of the product that a report can say in another language.

A message is its English text, and remembers the template and the values it was made from: nobody who only needs
English has to know. What comes from outside (names, addresses, what clients wrote) is plain `str` and is never
translated.

    say("{x} of {n} came last by a network.", x=number(3), n=count(40, "client"))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Self

_MOST_DIGITS = 6


class _Said(str):
    """What stays a message when texts are put one after another."""

    def __add__(self, other: str) -> Message:
        return join("", (self, other))

    def __radd__(self, other: str) -> Message:
        return join("", (other, self))


class Message(_Said):
    """`template` is looked up in a language's catalogue, and filled with `values`, themselves told in that language."""

    template: str
    values: Mapping[str, str]

    def __new__(cls, text: str, template: str, values: Mapping[str, str]) -> Self:
        made = super().__new__(cls, text)
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> Any:
        return type(self), (str(self), self.template, dict(self.values))


class Figure(_Said):
    """A value as English writes it. `form` is share, percent, number, plain, significant, change, money, currency,
    count, day, channel, metric, capital or clause, and after a colon how many digits: each language has its own way
    with it. `raw` is the value itself; `noun` what is counted, in the singular, or the currency."""

    form: str
    raw: Any
    noun: str

    def __new__(cls, text: str, form: str, raw: Any, noun: str = "") -> Self:
        made = super().__new__(cls, text)
        made.form, made.raw, made.noun = form, raw, noun
        return made

    def __reduce__(self) -> Any:
        return type(self), (str(self), self.form, self.raw, self.noun)


def say(template: str, /, **values: str | int) -> Message:
    """The message of an English template with `{name}` fields; whole numbers are written without separators.

    `template` must stand in the code as a literal, so that catalogues can be made of it.
    """
    told = {name: Figure(str(one), "number:0", one) if isinstance(one, int) else one for name, one in values.items()}
    return Message(template.format(**told), template, told)


def join(separator: str, parts: Iterable[str]) -> Message:
    """Parts one after another, each told in its language."""
    values = {f"part{index}": part for index, part in enumerate(parts)}
    template = separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in values)
    return Message(template.format(**values), template, values)


def share(value: float) -> Figure:
    """`12.3 %` of a share of 0–1."""
    return Figure(f"{100 * value:.{digits_of(100 * value)}f} %", "share", value)


def digits_of(percent: float, least: int = 1) -> int:
    """How many decimals a percentage needs, so that a little does not look like none, nor nearly all like all."""
    digits = least
    while percent not in (0, 100) and round(percent, digits) in (0, 100) and digits < _MOST_DIGITS:
        digits += 1
    return digits


def number(value: float | Decimal, digits: int = 0) -> Figure:
    """`1,234` or `1,234.5`: a count or an amount with that many decimals."""
    return Figure(f"{value:,.{digits}f}", f"number:{digits}", value)


def significant(value: float, digits: int = 3) -> Figure:
    """`0.123`: a ratio or statistic with that many significant digits."""
    return Figure(f"{value:.{digits}g}", f"significant:{digits}", value)


def rounded(value: float, digits: int = 4) -> Figure:
    """`1,234`, `0.5`: hours and the like, with that many significant digits."""
    return Figure(f"{value:,.{digits}g}", f"significant:{digits}", value)


def plain(value: float) -> Figure:
    """`12`, `0.5`: a number that somebody chose, with the digits it has and no separators."""
    return Figure(f"{value:.10g}", "plain", value)


def percent(value: float) -> Figure:
    """`10 %`, `0.5 %` of a share that somebody chose, with the digits it has."""
    return Figure(f"{100 * value:.10g} %", "percent", value)


def money(amount: Decimal, currency: str) -> Figure:
    """`1,234.50 EUR`: an amount with the decimals it has, and its currency (ISO 4217)."""
    return Figure(f"{amount:,} {currency}", "money", amount, currency)


def sign_of(currency: str) -> Figure:
    """`EUR`, within a unit such as EUR per hour."""
    return Figure(currency, "currency", currency)


def recalled(text: str) -> Message:
    """A text of ours that was stored: a language tells it if its catalogue has it as it is, without values."""
    return Message(text, text.replace("{", "{{").replace("}", "}}"), {})


def change(value: float, digits: int = 3) -> Figure:
    """`+0.123`, `-4.5`: a difference with that many significant digits."""
    return Figure(f"{value:+.{digits}g}", f"change:{digits}", value)


def count(value: int, noun: str) -> Figure:
    """`1 client`, `1,200 clients`: nouns form their plural with s."""
    return Figure(f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s", "count", value, noun)


def day(value: date) -> Figure:
    """`2026-01-05`."""
    return Figure(value.isoformat()[:10], "day", value)


def channel(name: str) -> Figure:
    """A channel or network by its name in the ledger: each language has words for those it knows."""
    return Figure(name, "channel", name)


def metric_name(name: str) -> Figure:
    """A metric by its common name: each language has words for those it knows."""
    return Figure(name, "metric", name)


def capital(text: str) -> Figure:
    """The text with a capital at its beginning."""
    return Figure(text[:1].upper() + text[1:], "capital", text)


def either(parts: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = parts
    return join(", ", first) + say(" or ") + last if first else last


def listed(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = parts
    return join(", ", first) + say(" and ") + last if first else last


def one_sentence(texts: Iterable[str]) -> Message:
    """Whole sentences as clauses of one: `a b; c; d.`"""
    found = [part for text in texts for part in _sentences(text)]
    return join("; ", [_clause(part, at > 0) for at, part in enumerate(found)]) + "."


def _sentences(text: str) -> list[str]:
    """The sentences that were put one after another."""
    if isinstance(text, Message) and text.template.startswith("{part0} {part1}"):
        return [one for part in text.values.values() for one in _sentences(part)]
    return [text]


def _clause(text: str, later: bool) -> Figure:
    """A sentence without its full stop; a later one begins small, unless with a name or a figure."""
    small = later and isinstance(text, Message) and text.template[:1].isupper()
    return Figure(clause_of(text, small), "clause:small" if small else "clause", text)


def clause_of(told: str, small: bool) -> str:
    """The text of a clause, in the language it is told in."""
    bare = told.removesuffix(".")
    return bare[:1].lower() + bare[1:] if small else bare
