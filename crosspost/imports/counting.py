"""What the exports of networks share: counts that are whole, the readings made of them, and the links in a post."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crosspost.domain.addresses import http_addresses
from crosspost.domain.business import check_come
from crosspost.domain.errors import BadInput
from crosspost.domain.post import Reading, ReadingStatus
from crosspost.imports.numbers import missing, number, unspaced
from crosspost.imports.shape import Context, Row, fold

_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_FIRST = re.compile(r"\s*(\d{1,2})/\d{1,2}/\d{4}")
_ZONE = re.compile(r"\(([A-Z][A-Za-z]+/[A-Za-z_/+-]+|UTC|GMT)\)")

_MOST = 10**12  # of one count
_SAME_DAY = timedelta(days=2)  # an instant and the first of its day, whatever the zone

Account = tuple[int, str, Reading]  # line, network, a number of the account
Metrics = Mapping[str, tuple[str, str]]  # our field → common name, the network's own name


def whole(rows: Sequence[Row], name: str) -> list[Decimal | None]:
    """A column that its source documents as whole numbers: a mark between three digits sets thousands apart there.

    None where there is none. Raises BadInput at the first cell that is no count.
    """
    found: list[Decimal | None] = []
    for row in rows:
        text = row.get(name)
        if text is None or missing(text):
            found.append(None)
            continue
        plain = unspaced(text)
        value = Decimal(re.sub(r"[.,]", "", plain)) if _GROUPED.fullmatch(plain) else number(text, row.where, name)
        if not 0 <= value < _MOST or value != value.to_integral_value():
            raise BadInput(f"{name} {text[:40]!r} is no count", where=row.where, remedy="correct the row")
        found.append(value)
    return found


def readings(rows: Sequence[Row], metrics: Metrics, at: datetime) -> list[tuple[Reading, ...]]:
    """Per row a reading of every metric the file has a column for, as of `at`.

    Where two files call one number differently, `metrics` has one own name for both; numbers that are not the same one
    never share it.
    """
    columns = {name: whole(rows, name) for name in metrics if rows and rows[0].has(name)}
    return [
        tuple(_reading(metrics[name], values[line], row.get(name), at) for name, values in columns.items())
        for line, row in enumerate(rows)
    ]


def _reading(names: tuple[str, str], value: Decimal | None, text: str | None, at: datetime) -> Reading:
    if value is None:
        return Reading(*names, None, ReadingStatus.UNAVAILABLE, at, reason=missing(text))
    return Reading(*names, float(value), ReadingStatus.VALUE, at)


def daily(
    rows: Sequence[Row],
    metrics: Metrics,
    dates: Sequence[date],
    network: str,
    context: Context,
    zone: tzinfo | None = None,
) -> tuple[Account, ...]:
    """The readings of an account's table of days, read now: each the sum of its own day, in `zone`.

    A day that is not over is not final. Raises BadInput for one that has not begun.
    """
    found: list[Account] = []
    for row, day, mine in zip(rows, dates, readings(rows, metrics, context.now), strict=True):
        since, until = (datetime.combine(one, time(), zone or context.zone) for one in (day, day + timedelta(days=1)))
        with row.telling():
            check_come(since, context.now, "the day")
        status = ReadingStatus.VALUE if until <= context.now else ReadingStatus.DELAYED
        found += [
            (row.line, network, Reading(
                one.metric, one.provider_name, one.value, one.status if one.value is None else status, one.read_at,
                one.reason, since=since, until=until,
            ))
            for one in mine
        ]  # fmt: skip
    return tuple(found)


def come(rows: Sequence[Row], published: Sequence[datetime | None], context: Context) -> None:
    """Raises BadInput naming the first row whose post has not been published yet."""
    for row, at in zip(rows, published, strict=True):
        if at is not None:
            with row.telling():
                check_come(at, context.now, "the post")


def made_at(post_id: str, day: datetime | None, epoch_ms: int) -> datetime | None:
    """When a post was made, by its id, of which X and LinkedIn set the upper bits from the clock.

    Only where the stated day agrees: None where there is none, where the two are apart, or the id is no such number.
    """
    if day is None or not post_id.isascii() or not post_id.isdigit() or int(post_id) >= 1 << 63:
        return None
    try:
        at = datetime.fromtimestamp(((int(post_id) >> 22) + epoch_ms) // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if abs(at - day) < _SAME_DAY else None


def links_in(*texts: str | None) -> tuple[str, ...]:
    """The addresses in what was posted, in order, each once."""
    found = [text[span.start : span.end] for text in texts if text for span in http_addresses(text)]
    return tuple(dict.fromkeys(found))


def month_first(rows: Sequence[Row], name: str, headers: Sequence[str], formats: Sequence[str]) -> tuple[str, ...]:
    """The formats a source documents for its English files, where the column's header begins as these English ones do.

    None where a value contradicts them: then the column alone decides, as for any other file.
    """
    header = f"{fold(header_of(rows, name))} "
    if not any(header.startswith(f"{fold(one)} ") for one in headers):
        return ()
    return (
        () if any(int(found[1]) > 12 for row in rows if (found := _FIRST.match(row.get(name) or ""))) else (*formats,)
    )


def header_of(rows: Sequence[Row], name: str) -> str:
    """The header of a field's column as the file writes it; empty where there is none."""
    at = rows[0].layout.fields.get(name) if rows else None
    return "" if at is None else rows[0].layout.header[at]


def zone_in(header: str) -> tzinfo | None:
    """The zone a header states in brackets: `Publish time (Europe/Paris)`."""
    found = _ZONE.search(header)
    if found is None:
        return None
    try:
        return ZoneInfo(found[1])
    except (ZoneInfoNotFoundError, ValueError):
        return None
