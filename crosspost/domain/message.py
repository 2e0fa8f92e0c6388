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


class Message(str):
    """`template` is looked up in a language's catalogue, and filled with `values`, themselves told in that language."""

    template: str
    values: Mapping[str, str]

    def __new__(cls, text: str, template: str, values: Mapping[str, str]) -> Self:
        made = super().__new__(cls, text)
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> Any:
        return type(self), (str(self), self.template, dict(self.values))


class Figure(str):
    """A value as English writes it. `form` is share, number, significant, count, day or list: each language has its own
    way with it. `raw` is the value itself; `noun` what is counted, in the singular."""

    form: str
    raw: Any
    noun: str

    def __new__(cls, text: str, form: str, raw: Any, noun: str = "") -> Self:
        made = super().__new__(cls, text)
        made.form, made.raw, made.noun = form, raw, noun
        return made

    def __reduce__(self) -> Any:
        return type(self), (str(self), self.form, self.raw, self.noun)


def say(template: str, /, **values: str) -> Message:
    """The message of an English template with `{name}` fields. `template` must stand in the code as a literal, so
    that catalogues can be made of it."""
    return Message(template.format(**values) if values else template, template, values)


def join(separator: str, parts: Iterable[str]) -> Message:
    """Parts one after another, each told in its language."""
    values = {f"part{index}": part for index, part in enumerate(parts)}
    template = separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in values)
    return Message(template.format(**values), template, values)


def share(value: float) -> Figure:
    """`12.3 %` of a share of 0–1."""
    return Figure(f"{100 * value:.1f} %", "share", value)


def number(value: float | Decimal, digits: int = 0) -> Figure:
    """`1,234` or `1,234.5`: a count or an amount with that many decimals."""
    return Figure(f"{value:,.{digits}f}", f"number:{digits}", value)


def significant(value: float, digits: int = 3) -> Figure:
    """`0.123`: a ratio or statistic with that many significant digits."""
    return Figure(f"{value:.{digits}g}", f"significant:{digits}", value)


def count(value: int, noun: str) -> Figure:
    """`1 client`, `1,200 clients`: nouns form their plural with s."""
    return Figure(f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s", "count", value, noun)


def day(value: date) -> Figure:
    """`2026-01-05`."""
    return Figure(value.isoformat()[:10], "day", value)
