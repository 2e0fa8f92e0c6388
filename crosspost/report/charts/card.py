"""The honest card: followers, reach, posts and hours beside leads, clients and revenue, with the bound of a zero."""

from __future__ import annotations

from crosspost.audit.results import Cell
from crosspost.report.charts.source import Record, Source, real, whole
from crosspost.report.language.words import Words
from crosspost.report.records.card import Card, CardFigure


def card(source: Source) -> Card:
    """All networks together, from the table `in_short`. It is no chart of the report: it has a size and files of its
    own."""
    words, audit = source.words, source.audit
    rows = {str(row["figure"]): (index, row) for index, row in enumerate(source.rows("in_short"))}
    views = "reach" if rows["reach"][1]["value"] is not None else "impressions"
    if rows["impressions"][1]["value"] is None:
        views = "reach"
    seen = tuple(_seen(source, *rows[name]) for name in ("followers", views, "posts", "hours"))
    came = (_leads(source, *rows["leads"]), _clients(source, *rows["clients"]), _revenue(source, *rows["revenue"]))
    notice = words("simulated_short") if audit.sandbox is not None else None
    period = words.period(audit.period, audit.brand.zone)
    verdict, foot = _verdict(source), words("card.foot")
    titles = words("card.seen"), words("card.came")
    not_told = words("card.not_told")
    parts = [
        words.labelled(title, words("separator.semicolon").join(_said(words, one, not_told) for one in figures))
        for title, figures in zip(titles, (seen, came), strict=True)
    ]
    said = [notice or "", f"{audit.brand.name}, {period}.", *(f"{part}." for part in parts), verdict, foot]
    return Card(
        brand=audit.brand.name, period=period, notice=notice, seen_title=titles[0], seen=seen, came_title=titles[1],
        came=came, not_told=not_told, verdict=verdict, foot=foot, alt="\n".join(filter(None, said)),
    )  # fmt: skip


def _verdict(source: Source) -> str:
    """The first claim with its word; nothing where none was audited."""
    words = source.words
    if not source.audit.findings:
        return ""
    first = source.audit.findings[0]
    word = words(f"verdict.{first.verdict.value}")
    return words.labelled(word, words.tell(first.claim.text))


def _said(words: Words, one: CardFigure, not_told: str) -> str:
    note = f" ({one.note})" if one.note else ""
    return words.labelled(one.label, f"{one.value if one.value is not None else not_told}{note}")


def _missing(source: Source, index: int, label: str) -> CardFigure:
    reason = source.words.tell(source.reason("in_short", index, "value"))
    return CardFigure(label=label, value=None, short=None, note=reason)


def _note(words: Words, cell: Cell) -> str:
    return words.tell(cell) if isinstance(cell, str) and cell else ""


def _seen(source: Source, index: int, row: Record) -> CardFigure:
    words = source.words
    label = words(f"card.{row['figure']}")
    if row["value"] is None:
        return _missing(source, index, label)
    value = real(row["value"])
    key = "card.at_least" if row["note"] else "card.exactly"
    return CardFigure(
        label=label,
        value=words(key, value=words.number(round(value))),
        short=words(key, value=words.short(_rounded(value))),
        note=_note(words, row["note"]),
    )


def _rounded(value: float) -> float:
    return float(round(value))


def _leads(source: Source, index: int, row: Record) -> CardFigure:
    words = source.words
    if row["value"] is None:
        return _missing(source, index, words("card.leads"))
    number = whole(row["value"])
    low, high = (words.number(round(real(row[end]), 1)) for end in ("low", "high"))
    note = words("card.interval", low=low, high=high) if number else words("card.bound", high=high)
    return CardFigure(label=words("card.leads"), value=words.number(number), short=words.short(number), note=note)


def _clients(source: Source, index: int, row: Record) -> CardFigure:
    """Clients by networks of all clients, with the limits between which the share lies: the unknown out, and in."""
    words = source.words
    label = words("card.clients")
    if row["value"] is None:
        return _missing(source, index, label)
    number, n = whole(row["value"]), whole(row["of"])
    note = words("card.no_client")
    if row["high_95"] is not None:
        unknown, high = whole(row["unknown"]), words.share(real(row["high_95"]))
        key = "card.zero_of" if number == 0 else "card.some_of"
        note = words(key, n=words.count_of(n, "client"), low=words.share(real(row["low_95"])), high=high)
        if unknown:
            note = words("card.unknown", note=note, unknown=words.number(unknown))
    return CardFigure(label=label, value=words.number(number), short=words.short(number), note=note)


def _revenue(source: Source, index: int, row: Record) -> CardFigure:
    words = source.words
    label, currency = words("card.revenue"), str(row["unit"])
    if row["value"] is None:
        return _missing(source, index, label)
    value = real(row["value"])
    notes = [_note(words, row["note"])]
    if row["high"] is not None:
        low, high = (words.short(_significant(real(row[end]))) for end in ("low", "high"))
        notes.insert(0, words("card.interval", low=low, high=high) if value else words("card.bound", high=high))
    amount = words.number(round(value))
    told = words.currency(currency)
    return CardFigure(
        label=label,
        value=words("revenue", amount=amount, currency=told),
        short=words("revenue", amount=words.short(_significant(value)), currency=told),
        note=words("separator.semicolon").join(filter(None, notes)),
    )


def _significant(value: float) -> float:
    """Three digits: no more are known of an interval, nor fit."""
    return float(f"{value:.3g}")
