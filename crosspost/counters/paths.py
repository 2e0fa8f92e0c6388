"""Large files of paths: DuckDB reads them, their touches are coded as they come, and only codes or counts are kept."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.credit.paths import CountedFile, PathCounts, in_order, picked
from crosspost.audit.credit.windows import WindowedFile, Windows, windows_of
from crosspost.counters.arrow import Text
from crosspost.counters.coding import Coder, Codes, Places, keep_memory
from crosspost.counters.duck import Duck
from crosspost.counters.path_file import Columns, PathFile, opened
from crosspost.domain.errors import BadInput

_SAMPLED = 100_000  # rows
_WORTH = 20  # samples: in fewer rows, looking whether paths come again costs more than it saves
Batch = tuple[Text, list[NDArray[Any]]]


def count_file(path: Path, separator: str, columns: Columns) -> CountedFile:
    """Counts of a Parquet or CSV file. Raises BadInput as `path_file.opened` says."""
    with opened(path, columns) as (duck, file):
        counts = in_order(_walked(duck, file, separator))
    value = counts.value_minor / file.parts if file.parts > 1 else counts.value_minor
    counts = replace(
        counts, conversions=_whole(counts.conversions), value_minor=_whole(value), nulls=_whole(counts.nulls)
    )
    return CountedFile(counts, "value" in file.fields, "nulls" in file.fields, file.unvalued)


def window_file(path: Path, separator: str, columns: Columns, order: int) -> WindowedFile:
    """Its windows of that order, and no path is kept: all that one chain needs, and soonest.

    Whatever the order of rows is, sums are the same to the last bit. Raises BadInput, and TooLarge.
    """
    with opened(path, columns) as (duck, file):
        if file.whole:
            channels, windows = _windowed(duck, file, separator, order, together=_come_again(duck, file))
        else:
            counts = in_order(_walked(duck, file, separator))
            channels, windows = counts.channels, windows_of(counts, order)
    return WindowedFile(channels, windows, file.parts, "value" in file.fields, "nulls" in file.fields, file.unvalued)


def _batches(duck: Duck, file: PathFile, *, together: bool = False) -> Generator[Batch, None, None]:
    """All rows, part by part, or all spellings of paths. Raises BadInput where rows are not as many as before."""
    keep_memory()
    left = file.rows
    with closing(duck.batches(file.together if together else file.sql, file.where)) as batches:
        for text, *figures in batches:
            assert isinstance(text, Text)
            left -= int(figures.pop().sum()) if together else len(text.offsets) - 1  # type: ignore[union-attr]
            if left < 0:
                break
            yield text, figures  # type: ignore[misc]
    if left:
        raise BadInput("it was changed while it was read", remedy="try again when nothing writes to it")


def _come_again(duck: Duck, file: PathFile) -> bool:
    """Whether so many rows have the same path that bringing them together first is the shorter way."""
    if file.rows < _WORTH * _SAMPLED:
        return False
    sampled = f"SELECT {file.path} AS walked FROM {file.source} LIMIT {_SAMPLED}"  # noqa: S608
    ((paths,),) = duck.asked(f"SELECT count(DISTINCT walked) FROM ({sampled})", file.where)  # noqa: S608
    return bool(paths < _SAMPLED / 10)


def _windowed(
    duck: Duck, file: PathFile, separator: str, order: int, *, together: bool
) -> tuple[tuple[str, ...], Windows]:
    coder = Coder(separator)
    free: list[list[Windows]] = []  # of the threads, each with its own

    for text, figures in _batches(duck, file, together=together):

        def add(rows: slice, codes: Codes, lengths: Places, figures: list[NDArray[Any]] = figures) -> None:
            try:
                own = free.pop()
            except IndexError:
                own = []
            known = coder.known()
            if not own:
                own.append(Windows(known, order))
            elif known > own[-1].channels:  # by a quarter at least, so that they do not become many
                own.append(Windows(max(known, 5 * own[-1].channels // 4), order))
            own[-1].add(codes, lengths, *(one[rows] for one in figures))
            free.append(own)

        coder.each(text, add)
    channels, place = _placed(coder.names())
    found = Windows(len(channels), order)
    for own in free:
        for windows in own:
            found.absorb(windows, place)
    return channels, found


def _walked(duck: Duck, file: PathFile, separator: str) -> PathCounts:
    """A path for every spelling; for every row where figures are fractions, whose sums hang on the order of adding."""
    coder = Coder(separator)
    codes: list[Codes] = []
    lengths: list[Places] = [np.zeros(1, np.int64)]
    held: list[list[NDArray[Any]]] = [[np.zeros(0, kind)] for kind in file.kinds]
    for text, figures in _batches(duck, file, together=file.whole):
        found, touches = coder.coded(text)
        codes.append(found)
        lengths.append(touches)
        for kept, one in zip(held, figures, strict=True):
            kept.append(one.copy())
    channels, place = _placed(coder.names())
    counts = PathCounts(
        channels, _replaced(codes, place), np.cumsum(np.concatenate(lengths)), *map(np.concatenate, held)
    )
    return counts if file.whole else _steady(counts)


def _placed(names: list[str]) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """The channels, and each name's place among them."""
    channels = tuple(sorted(set(names)))
    place = {name: at for at, name in enumerate(channels)}
    return channels, np.array([place[name] for name in names], np.int16)


def _replaced(codes: list[Codes], place_of_code: NDArray[np.int16]) -> NDArray[np.int16]:
    """All codes as places in the list of names; each part is let go as soon as it is placed."""
    touches = np.empty(sum(map(len, codes)), np.int16)
    past = len(touches)
    while codes:
        part = codes.pop()
        touches[past - len(part) : past] = place_of_code.take(part)
        past -= len(part)
    return touches


def _whole(figures: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers where all are, as `credit.paths.count` has them."""
    if figures.dtype.kind == "i" or not (np.rint(figures) == figures).all():
        return figures
    return figures.astype(np.int64)


def _steady(counts: PathCounts) -> PathCounts:
    """Rows by their figures, which are fractions: their sums hang on the order in which they are added."""
    figures = (counts.conversions, counts.value_minor, counts.nulls)
    order = np.lexsort(figures)
    return PathCounts(counts.channels, *picked(counts, order, np.int16), *(one[order] for one in figures))
