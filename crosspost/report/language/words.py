"""Every word, number and date of a report, by language.

Sentences of the audit arrive as messages (`domain/message.py`) and are told here in the language of the report; what
came from outside stays as it is. Numbers, dates and plurals are written by Babel's data of the language (CLDR).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from gettext import c2py
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crosspost.domain.errors import BadInput
from crosspost.domain.message import Figure, Message, clause_of, digits_of
from crosspost.domain.period import Period
from crosspost.report.language.english import ENGLISH

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog

PERCENT = "\u00a0%"
MINUS = "\u2212"
NAMED = frozenset({"channel", "capital", "clause"})  # forms that English tells in its own way, too: LinkedIn
SEPARATORS = {"; ": "separator.semicolon", ": ": "separator.colon"}  # some languages put a space before
_BETWEEN = re.compile(r"(?<=\})([^{}]+)(?=\{)")


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `words("key", name=…)` says a text of the report itself; `words.tell(text)` one of the audit.

    `translations` are by (context, English template): the context is the key of the report's own texts, None for
    messages; a template that is not there is said in English. `plural` is which of a noun's forms a count takes.
    """

    language: str
    locale: Locale
    translations: Mapping[tuple[str | None, str], str | tuple[str, ...]] = field(repr=False)
    plural: Callable[[int], int] = field(repr=False)

    def __call__(self, key: str, **values: object) -> str:
        """KeyError where no text has that key."""
        return self._translated(ENGLISH[key], key).format(**values)

    def maybe(self, key: str) -> str | None:
        return self._translated(ENGLISH[key], key) if key in ENGLISH else None

    def _translated(self, template: str, context: str | None = None) -> str:
        found = self.translations.get((context, template))
        if isinstance(found, tuple):  # a noun that is counted elsewhere
            found = found[min(self.plural(1), len(found) - 1)]
        return found or template

    def tell(self, text: str) -> str:
        """A text of the audit in this language; one from outside as it is."""
        if isinstance(text, Message):
            template = self._template(text)
            return template.format(**{name: self.tell(value) for name, value in text.values.items()})
        if isinstance(text, Figure):
            return self._figure(text) if self.language != "en" or text.form.partition(":")[0] in NAMED else str(text)
        return self(SEPARATORS[text]) if text in SEPARATORS else text

    def _template(self, text: Message) -> str:
        """Of parts that are put one after another, the punctuation in between alone is ours."""
        if not text.template.startswith("{part0}"):
            return self._translated(text.template)
        return "".join(self(SEPARATORS[one]) if one in SEPARATORS else one for one in _BETWEEN.split(text.template))

    def _figure(self, figure: Figure) -> str:
        form, _, digits = figure.form.partition(":")
        if form == "share":
            return f"{self._written(100 * figure.raw, digits_of(100 * figure.raw))}{PERCENT}"
        if form == "number":
            return self._written(figure.raw, int(digits))
        if form == "change":
            return ("+" if figure.raw >= 0 else "") + self.significant(figure.raw, int(digits))
        if form == "channel":
            return self.channel(figure.raw)
        if form == "metric":
            return self.metric(figure.raw)
        if form == "plain":
            return self._plain(figure.raw)
        if form == "percent":
            return self.axis_share(figure.raw)
        if form == "currency":
            return self.currency(figure.raw)
        if form == "money":
            return self.money(figure.raw, figure.noun)
        if form == "clause":
            return clause_of(self.tell(figure.raw), digits == "small")
        if form == "capital":
            told = self.tell(figure.raw)
            return told[:1].upper() + told[1:]
        if form == "significant":
            return self.significant(figure.raw, int(digits))
        if form == "count":
            return self.count_of(figure.raw, figure.noun)
        if form == "day":
            return self.day(figure.raw)
        raise ValueError(f"{figure.form!r} is no form of a figure")

    def _written(self, value: float | Decimal, digits: int) -> str:
        from babel.numbers import format_decimal

        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return format_decimal(value, pattern, locale=self.locale).replace("-", MINUS)

    def number(self, value: float | Decimal, digits: int = 1) -> str:
        """A count or amount; whole values without decimals."""
        return self._written(value, 0 if isinstance(value, int) or value == int(value) else digits)

    def significant(self, value: float, digits: int = 3) -> str:
        """A ratio or statistic with that many significant digits."""
        if round(abs(value)) >= 1000:
            return self.number(round(value))
        text = f"{value:.{digits}g}"
        if "e" in text:
            mantissa, _, power = text.partition("e")
            return f"{mantissa.replace('.', self._point)}e{int(power)}"
        return text.replace(".", self._point).replace("-", MINUS)

    @property
    def _point(self) -> str:
        return str(self.locale.number_symbols["latn"]["decimal"])

    def short(self, value: float) -> str:
        """A count for an axis or a label: 12,345 as 12.3k."""
        kept = float(f"{value:.3g}")
        for size, sign in ((1e9, "short.billion"), (1e6, "short.million"), (1e3, "short.thousand")):
            if abs(kept) >= size:
                return self._plain(kept / size) + self(sign)
        return self._plain(float(f"{value:g}") + 0.0)

    def share(self, value: float) -> str:
        """A share as percent: two digits where they tell something."""
        percent = 100 * value
        digits = 0 if percent in (0, 100) else digits_of(percent, 2 if percent < 1 else 1)
        return f"{self._written(percent, digits)}{PERCENT}"

    def axis_share(self, value: float) -> str:
        """A share that somebody chose, with the digits it has."""
        return self._plain(100 * value) + PERCENT

    def _plain(self, value: float) -> str:
        return f"{value:.10g}".replace(".", self._point).replace("-", MINUS)

    def share_range(self, low: float, high: float) -> str:
        return f"{self.share(low).removesuffix(PERCENT)}–{self.share(high)}"

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with its currency, as the language places it."""
        return self("revenue", amount=self.number(amount, 2), currency=self.currency(currency))

    def currency(self, code: str) -> str:
        """A currency as readers of the language write it; in English by its ISO 4217 code."""
        from babel.numbers import get_currency_symbol

        return code if self.language == "en" else get_currency_symbol(code, locale=self.locale)

    def count_of(self, number: int, noun: str) -> str:
        """A count with its noun: `1 client`, `2 clients`."""
        forms = self.translations.get((None, noun))
        if isinstance(forms, tuple) and all(forms):
            return f"{self.number(number)} {forms[min(self.plural(number), len(forms) - 1)]}"
        return f"{self.number(number)} {noun if number == 1 else noun + 's'}"

    def day(self, instant: date) -> str:
        from babel.dates import format_date

        text = format_date(instant, "d MMMM y" if self.language == "en" else "long", locale=self.locale)
        return re.sub(r"^1\b", self("day.first"), text)

    def period(self, period: Period, zone: str) -> str:
        """First to last day, both inside, in the brand's zone."""
        first, last = period.start.astimezone(zone_of(zone)), last_moment(period).astimezone(zone_of(zone))
        if first.date() >= last.date():
            return self.day(first)
        return self("period", first=self.day(first), last=self.day(last))

    def moment(self, instant: datetime) -> str:
        at = instant.astimezone(UTC)
        return self("moment", day=self.day(at), time=f"{at:%H:%M}")

    def channel(self, name: str) -> str:
        """A channel or network as readers write it; one that the catalogue does not know keeps its name."""
        known = self.maybe(f"channel.{name}")
        if known is not None:
            return known
        spaced = name.replace("_", " ").strip()
        return spaced[:1].upper() + spaced[1:]

    def metric(self, name: str) -> str:
        """A metric by its common name, within a sentence."""
        return self.maybe(f"metric.{name}") or name.replace("_", " ")

    def change(self, value: float) -> str:
        """A change of a share, as percent with its sign."""
        percent = self._written(100 * abs(value), 0 if abs(value) >= 0.1 else 1)
        return f"{MINUS if value < 0 else '+'}{percent}{PERCENT}"

    def weekday(self, number: int) -> str:
        """The short name of a day of the week, Monday being 1."""
        return str(self.locale.days["stand-alone"]["abbreviated"][number - 1]).rstrip(".")

    def month(self, number: int) -> str:
        """The short name of a month, by months since the year 0; January with its year."""
        year, month = divmod(number, 12)
        name = str(self.locale.months["stand-alone"]["abbreviated"][month + 1]).rstrip(".")
        return f"{name} {year}" if month == 0 else name

    def quarter(self, name: str) -> str:
        """`2026-Q1`, as cohorts are called."""
        year, _, quarter = name.partition("-Q")
        return self("quarter", year=year, quarter=quarter)

    def labelled(self, label: str, text: str) -> str:
        return self("labelled", label=label, text=text)


def last_moment(period: Period) -> datetime:
    return max(period.start, period.end - timedelta(microseconds=1))


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC where this machine has no data of it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def languages() -> tuple[str, ...]:
    """The languages of reports: English, and each with a catalogue `<language>.po` beside this file."""
    beside = (one.name for one in files("crosspost.report.language").iterdir())
    return ("en", *sorted(name.removesuffix(".po") for name in beside if name.endswith(".po")))


@cache
def words(language: str) -> Words:
    """The words of a language. Raises BadInput where there is no catalogue of it."""
    from babel import Locale

    if language not in languages():
        raise BadInput(f"reports are not written in {language!r}", remedy=f"choose {' or '.join(languages())}")
    locale = Locale.parse(language)
    if language == "en":
        return Words(language, locale, {}, lambda number: int(number != 1))
    kept = catalogue(language)
    return Words(language, locale, _translations(kept), c2py(kept.plural_expr))


def catalogue(language: str) -> Catalog:
    """The catalogue as it is kept: a PO file, with the report's own texts under their keys as contexts."""
    from babel.messages.pofile import read_po

    with (files("crosspost.report.language") / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _translations(kept: Catalog) -> dict[tuple[str | None, str], str | tuple[str, ...]]:
    found: dict[tuple[str | None, str], str | tuple[str, ...]] = {}
    for message in kept:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, tuple | list):
            found[message.context, message.id[0]] = tuple(message.string or ())
        else:
            found[message.context, message.id] = str(message.string)
    return found
