"""The pictures of many brands, as records: one figure a picture, sorted by value, every brand on the same scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from crosspost.audit.results import Cell, Table
from crosspost.report.charts.source import Record, real, real_or_none, whole
from crosspost.report.language.words import Words
from crosspost.report.records import BrandRow, Brands

PER_PICTURE = 20  # brands; more would be higher than a page


@dataclass(frozen=True, slots=True)
class _Read:
    """A table with its words."""

    table: Table
    words: Words

    def rows(self, make: Callable[[Record, Callable[[str], str]], BrandRow], **only: str) -> list[BrandRow]:
        """One row per record, the largest value first, those without a value last."""
        found = [
            make(record, partial(self._why, index))
            for index, record in enumerate(self.table.records())
            if all(record[name] == value for name, value in only.items())
        ]
        return sorted(found, key=lambda row: (row.value is None, -(row.value or 0.0), -(row.upper or 0.0), row.label))

    def _why(self, index: int, column: str) -> str:
        return self.words.tell(self.table.missing[index, column])


def pictures(tables: Sequence[Table], words: Words) -> tuple[Brands, ...]:
    """Share by networks, clients, leads and hours of every brand, and what an hour returned, currency by currency."""
    brands, returns = (_Read(one, words) for one in tables[:2])
    currencies = sorted({str(row["currency"]) for row in returns.table.records()})
    found = [
        *_pictures("compare_share", brands.rows(lambda row, why: _share(row, why, words)), "share", words),
        *_pictures("compare_clients", brands.rows(partial(_count, "clients", words)), "number", words),
        *_pictures("compare_leads", brands.rows(partial(_count, "leads", words)), "number", words),
        *_pictures("compare_hours", brands.rows(lambda row, why: _hours(row, why, words)), "number", words),
    ]
    for currency in currencies:
        rows = returns.rows(lambda row, why: _returned(row, why, words), currency=currency)
        found += _pictures("compare_returns", rows, "number", words, currency=currency)
    return tuple(found)


def _pictures(key: str, rows: Sequence[BrandRow], unit: str, words: Words, currency: str = "") -> list[Brands]:
    """As many pictures as the brands need, on one scale."""
    ends = [end for row in rows for end in (row.value, row.upper, row.high) if end is not None]
    far = (min(1.0, 1.02 * max(ends, default=1.0)) if unit == "share" else 1.04 * max(ends, default=1.0)) or 1.0
    parts = [rows[at : at + PER_PICTURE] for at in range(0, len(rows), PER_PICTURE)]
    told = words.currency(currency) if currency else ""
    section = words(f"{key}.section", currency=told)
    table = "brands_returns" if currency else "brands"
    found = []
    for number, part in enumerate(parts, start=1):
        title = words(f"{key}.title", currency=told)
        if len(parts) > 1:
            title = words("compare.part", title=title, part=words.number(number), parts=words.number(len(parts)))
        parts_told = words("separator.semicolon").join(words.labelled(row.label, row.text) for row in part)
        known = any(row.value is not None for row in part)
        name = "_".join([key, *([currency.lower()] if currency else []), *([str(number)] if len(parts) > 1 else [])])
        found.append(
            Brands(
                name=name, section=title if len(parts) > 1 else section, title=title,
                subtitle=words(f"{key}.subtitle", currency=told), caption=words(f"{key}.caption"),
                alt=f"{title}. {parts_told}.", foot=words.count_of(len(rows), "brand"), tables=(table,),
                rows=tuple(part), unit=unit,
                axis=words(f"{key}.axis", currency=told) if known else "", far=far,
            )
        )  # fmt: skip
    return found


def _share(row: Record, why: Callable[[str], str], words: Words) -> BrandRow:
    label = str(row["brand"])
    if row["share_low"] is None:
        return BrandRow(label=label, text=why("share_low"), value=None)
    low, high = real(row["share_low"]), real(row["share_high"])
    share = words.share(low) if low == high else words.share_range(low, high)
    x, n, high_95 = whole(row["networks"]), words.number(whole(row["clients"])), real(row["share_high_95"])
    text = words("compare.share", x=words.number(x), n=n, share=share)
    if x == 0 and not row["unknown"]:
        text = words("rate_zero", n=n, high=words.share(high_95))
    if row["short"] is not None:
        text = words("compare.short", text=text, reason=words.tell(_text(row["short"])))
    return BrandRow(
        label=label, text=text, value=low, upper=high, low=real(row["share_low_95"]), high=high_95,
        faint=row["short"] is not None,
    )  # fmt: skip


def _count(name: str, words: Words, row: Record, why: Callable[[str], str]) -> BrandRow:
    if row[name] is None:
        return BrandRow(label=str(row["brand"]), text=why(name), value=None)
    text = words("compare.count", n=words.number(whole(row[name])), low=words.number(real(row[f"{name}_low"])),
                 high=words.number(real(row[f"{name}_high"])), days=words.number(round(real(row["days"]))))  # fmt: skip
    return BrandRow(label=str(row["brand"]), text=text, value=real(row[name]), low=real(row[f"{name}_low"]),
                    high=real(row[f"{name}_high"]))  # fmt: skip


def _hours(row: Record, why: Callable[[str], str], words: Words) -> BrandRow:
    label = str(row["brand"])
    if row["hours"] is None:
        return BrandRow(label=label, text=why("hours"), value=None)
    days = words.number(round(real(row["days"])))
    text = words("compare.hours", n=words.number(real(row["hours"])), days=days)
    return BrandRow(label=label, text=text, value=real(row["hours"]))


def _returned(row: Record, why: Callable[[str], str], words: Words) -> BrandRow:
    label = str(row["brand"])
    if row["revenue_per_hour"] is None:
        return BrandRow(label=label, text=why("revenue_per_hour"), value=None)
    value = real(row["revenue_per_hour"])
    low, high, hours = row["low"], row["high"], words.number(real(row["hours"]))
    text = words("compare.returned_alone", n=words.number(value), hours=hours)
    if low is not None and high is not None:
        text = words("compare.returned", n=words.number(value), low=words.number(real(low)),
                     high=words.number(real(high)), hours=hours)  # fmt: skip
    if row["short"] is not None:
        text = words("compare.short", text=text, reason=words.tell(_text(row["short"])))
    return BrandRow(
        label=label, text=text, value=value, low=real_or_none(low), high=real_or_none(high),
        faint=row["short"] is not None,
    )  # fmt: skip


def _text(cell: Cell) -> str:
    assert isinstance(cell, str), cell
    return cell
