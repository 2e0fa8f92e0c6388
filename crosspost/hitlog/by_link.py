"""A part of the log put in order: by link, then by time. It needs no database."""

from __future__ import annotations

import marshal
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter, le
from pathlib import Path
from typing import Any

from crosspost.hitlog.frame import Damage
from crosspost.hitlog.reader import Part, read


@dataclass(frozen=True, slots=True)
class Fresh:
    """New hits of one code in the order of time, as parallel sequences: a million of them are handled by columns."""

    at_us: Sequence[int]  # microseconds since 1970
    offsets: Sequence[int]
    methods: Sequence[str]
    hosts: Sequence[str]
    agents: Sequence[str]
    referrers: Sequence[str]
    purposes: Sequence[str]
    languages: Sequence[str]

    def at(self, places: Sequence[int]) -> Fresh:
        """Those at some of the places."""
        columns: tuple[Sequence[Any], ...] = (
            self.at_us, self.offsets, self.methods, self.hosts, self.agents, self.referrers, self.purposes,
            self.languages,
        )  # fmt: skip
        return Fresh(*([column[place] for place in places] for column in columns))


@dataclass(frozen=True, slots=True)
class ByLink:
    """The hits of a part, one code's after the other's: `columns` are those of Fresh, `sizes` how many a code has.

    The rest is as in Part.
    """

    codes: list[str]
    sizes: list[int]
    columns: Sequence[Sequence[Any]]
    next_offset: int
    torn_bytes: int
    damaged: tuple[Damage, ...]
    more: bool

    @property
    def hosts(self) -> set[str]:
        """The hosts that were asked."""
        return set(self.columns[3])

    def links(self) -> Iterator[tuple[str, Fresh]]:
        """Each code with its hits."""
        for code, size, end in zip(self.codes, self.sizes, accumulate(self.sizes), strict=True):
            yield code, Fresh(*(column[end - size : end] for column in self.columns))


def read_by_link(path: Path, offset: int, limit: int) -> ByLink:
    """As `reader.read`."""
    return by_link(read(path, offset, limit))


def by_link(part: Part) -> ByLink:
    at_us, codes, *others = part.columns
    places_of: defaultdict[str, list[int]] = defaultdict(list)
    for place, code in enumerate(codes):
        places_of[code].append(place)
    order: list[int] = []
    for code in sorted(places_of):
        places = places_of[code]
        if not all(map(le, times := [at_us[place] for place in places], times[1:])):
            places.sort(key=at_us.__getitem__)
        order += places
    columns = (at_us, part.offsets, *others)
    # Of one place an itemgetter gives the value, not a sequence.
    pick = itemgetter(*order) if len(order) > 1 else lambda column: tuple(column)
    return ByLink(
        sorted(places_of), [len(places_of[code]) for code in sorted(places_of)], list(map(pick, columns)),
        part.next_offset, part.torn_bytes, part.damaged, part.more,
    )  # fmt: skip


def packed(found: ByLink) -> bytes:
    """For another process of the same program. A text that is one object here is handed over once."""
    at_us, offsets, *texts = found.columns
    return marshal.dumps(
        (
            found.codes, found.sizes, array("q", at_us).tobytes(), array("q", offsets).tobytes(), texts,
            found.next_offset, found.torn_bytes, [(one.segment, one.offset, one.length) for one in found.damaged],
            found.more,
        )
    )  # fmt: skip


def unpacked(data: bytes) -> ByLink:
    """What was packed. Never to be given bytes that our own process did not make."""
    codes, sizes, at_us, offsets, texts, next_offset, torn_bytes, damaged, more = marshal.loads(data)  # noqa: S302
    columns = (array("q", at_us).tolist(), array("q", offsets).tolist(), *texts)
    return ByLink(codes, sizes, columns, next_offset, torn_bytes, tuple(Damage(*one) for one in damaged), more)
