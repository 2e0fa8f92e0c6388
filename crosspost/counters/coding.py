"""Paths of text to paths of codes, tens of millions of touches at a time.

A touch is told by its bytes, eight at a time: multiplied and added up they pick a place in a table that is free of
collisions among the names known, and are then compared with the name's own. So a name never met before is found, and
none is taken for another.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.credit.paths import distinct
from crosspost.counters.arrow import Bytes, Text
from crosspost.domain.errors import BadInput

MOST = 1 << 12  # spellings of names: their table then takes 32 MB
LONGEST = 1_024  # bytes of a name
_SLICE = 2_000_000  # bytes of text in one pass at most: more no longer stay near to a core
_LEAST = 200_000  # and at least: for less, calling costs more than counting
_PASSES = 8  # of each batch: threads then end at about the same time
_FIRST = 20_000  # bytes in which the usual names are met, before two threads look for them
_THREADS = 2
_WORDS = LONGEST // 8
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_BLANK = ord(" ")
Places = NDArray[np.int64]
Codes = NDArray[np.int16]
Used = TypeVar("Used")


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Spellings so far: their bytes as words (zeros behind), their lengths, and the table that leads to them."""

    words: NDArray[np.uint64]
    first: NDArray[np.uint64]
    lengths: Places
    factors: NDArray[np.uint64]
    shift: np.uint64
    table: Codes

    @classmethod
    def of(cls, spellings: list[bytes]) -> _Known:
        words = np.zeros((len(spellings), _WORDS), np.uint64)
        for row, spelling in zip(words, spellings, strict=True):
            row[: (len(spelling) + 7) // 8] = np.frombuffer(spelling + bytes(-len(spelling) % 8), "<u8")
        bits = max(4, 2 * len(spellings).bit_length())
        dice = Random(len(spellings))  # noqa: S311 - the answer does not hang on them
        while True:
            factors = np.array([dice.getrandbits(64) | 1 for _ in range(_WORDS)], np.uint64)
            shift = np.uint64(64 - bits)
            places = (words * factors).sum(axis=1, dtype=np.uint64) >> shift
            if len(distinct(places)) == len(spellings):
                break
        table = np.full(1 << bits, -1, np.int16)
        table[places.astype(np.int64)] = np.arange(len(spellings))
        return cls(
            words, words[:, 0].copy(), np.array([len(one) for one in spellings], np.int64), factors, shift, table
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """Eight bytes each of the touches `of` (None: all of them), zeros behind a name's end."""

    of: Places | None
    word: NDArray[np.uint64]


def keep_memory() -> None:
    """What the program frees it keeps for what it needs next. Handed back and asked for again, as is usual for whole
    arrays, it would take a third of the time of a short count. A C library without that switch does as it did."""
    switch = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    # One threshold set alone fixes the other where it began, at 128 kB; before glibc 2.35 the second is 32 MB at most.
    if switch is not None and (switch(_MMAP_THRESHOLD, 1 << 30) or switch(_MMAP_THRESHOLD, 1 << 25)):
        switch(_TRIM_THRESHOLD, 1 << 30)


class Coder:
    """Codes touches by spelling, in the order in which spellings are met; blanks around a name are not part of it."""

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._spellings: list[bytes] = []
        self._known = _Known.of([])
        self._lock = Lock()

    def names(self) -> list[str]:
        """By code, as written. Two may be one name where other white space than blanks stands around them."""
        return [one.decode(errors="replace").strip() for one in self._spellings]

    def known(self) -> int:
        """How many spellings were met: more than any code that was given."""
        return len(self._spellings)

    def coded(self, paths: Text) -> tuple[Codes, Places]:
        """Codes of all touches, and how many each path has. Raises BadInput at a touch without a name."""
        found = self.each(paths, lambda rows, codes, lengths: (codes, lengths))
        codes, lengths = zip(*found, strict=True) if found else ([np.zeros(0, np.int16)], [np.zeros(0, np.int64)])
        return np.concatenate(codes), np.concatenate(lengths)

    def each(self, paths: Text, use: Callable[[slice, Codes, Places], Used]) -> list[Used]:
        """What `use` makes of each part: its paths, their codes, and how many touches each has. It is called by two
        threads. Raises BadInput at a touch without a name."""
        number = len(paths.offsets) - 1
        first, past = int(paths.offsets[0]), int(paths.offsets[-1])
        size = min(_SLICE, max(_LEAST, (past - first) // _PASSES))
        cuts = np.searchsorted(paths.offsets, np.arange(first + (size if self._spellings else _FIRST), past, size))
        ends = distinct(np.concatenate([cuts, [number]])).tolist()
        parts = [slice(a, b) for a, b in zip([0, *ends], ends, strict=False) if b > a]

        def used(part: slice) -> Used:
            return use(part, *self._slice(paths.data, paths.offsets[part.start : part.stop + 1]))

        found = [used(part) for part in parts[: not self._spellings]]
        with ThreadPoolExecutor(_THREADS) as pool:
            return found + list(pool.map(used, parts[len(found) :]))

    def _slice(self, data: Bytes, offsets: Places) -> tuple[Codes, Places]:
        text, offsets = data[offsets[0] : offsets[-1]], offsets - offsets[0]
        starts, ends, number = self._spaced(text, offsets) or self._touches(text, offsets)
        lengths = ends - starts
        longest = int(lengths.max())
        if longest > LONGEST:
            raise BadInput(f"a channel's name has {longest:,} bytes", remedy=f"shorten it to {LONGEST:,} at most")
        spelled = _words(text, starts, lengths, longest)
        while True:
            codes = _looked_up(self._known, spelled, lengths)
            new = np.flatnonzero(codes < 0)
            if not len(new):
                return codes, number
            self._learn({text[starts[one] : ends[one]].tobytes() for one in new[:10_000].tolist()})

    def _learn(self, spellings: set[bytes]) -> None:
        with self._lock:
            new = spellings.difference(self._spellings)
            if len(self._spellings) + len(new) > MOST:
                raise BadInput(f"more than {MOST:,} channels", remedy="group them under fewer names first")
            if any(not one.decode(errors="replace").strip() for one in new):
                raise BadInput("a path has a touch without a name", remedy="write channels joined by the separator")
            if new:
                self._spellings = [*self._spellings, *sorted(new)]
                self._known = _Known.of(self._spellings)

    def _spaced(self, text: Bytes, offsets: Places) -> tuple[Places, Places, Places] | None:
        """The same as `_touches`, in a third of its time, where every separator is one byte between two single blanks
        and no path begins or ends with one; else None."""
        if len(self._separator.encode()) != 1 or not len(text):
            return None
        blank, between = text == _BLANK, text == self._separator.encode()[0]
        spaced = np.zeros(len(text) + 1, bool)
        spaced[:-3] = blank[:-2] & between[1:-1] & blank[2:]
        edges = blank[np.minimum(offsets[:-1], len(text) - 1)] | blank[offsets[1:] - 1]
        if np.count_nonzero(spaced) != np.count_nonzero(between) or (blank[1:] & blank[:-1]).any() or edges.any():
            return None
        marked = spaced.copy()
        marked[offsets[1:]] = True
        ends = np.flatnonzero(marked)
        inner = spaced[ends]
        starts = np.zeros_like(ends)
        np.add(ends[:-1], inner[:-1] * 3, out=starts[1:])
        last = np.flatnonzero(~inner)
        if len(last) != len(offsets) - 1 or (starts >= ends).any():
            return None  # a path or a name is empty: the other way tells which
        return starts, ends, np.diff(last, prepend=-1)

    def _touches(self, text: Bytes, offsets: Places) -> tuple[Places, Places, Places]:
        """Where each touch begins and ends, blanks left out, and how many each path has."""
        between = self._separators(text, offsets)
        size = len(self._separator.encode())
        before = np.searchsorted(between, offsets)
        paths = np.arange(len(offsets) - 1)
        starts, ends = (np.empty(len(between) + len(paths), np.int64) for _ in range(2))
        for touches, at, of_path, inner in (
            (starts, before[:-1] + paths, offsets[:-1], between + size),
            (ends, before[1:] + paths, offsets[1:], between),
        ):
            rest = np.ones(len(touches), bool)
            rest[at] = False
            touches[at], touches[rest] = of_path, inner
        while len(text) and (blank := (starts < ends) & (text[np.minimum(starts, len(text) - 1)] == _BLANK)).any():
            starts += blank
        while len(text) and (blank := (starts < ends) & (text[ends - 1] == _BLANK)).any():
            ends -= blank
        nameless = np.flatnonzero(starts == ends)
        if len(nameless):
            path = int(np.searchsorted(before[1:] + paths, nameless[0]))
            shown = text[offsets[path] : offsets[path + 1]].tobytes().decode(errors="replace")
            what = f"path {shown[:60]!r} has a touch without a name" if shown.strip() else "a path is empty"
            raise BadInput(what, remedy=f"write channels joined by {self._separator!r}, such as search > email")
        return starts, ends, np.diff(before) + 1

    def _separators(self, text: Bytes, offsets: Places) -> Places:
        """Where separators begin, none within another and none across two paths."""
        wanted = self._separator.encode()
        found = np.flatnonzero(text == wanted[0])
        if len(wanted) == 1:
            return found
        found = found[found <= len(text) - len(wanted)]
        for place, byte in enumerate(wanted):
            found = found[text[found + place] == byte]
        found = found[found + len(wanted) <= offsets[np.searchsorted(offsets, found, "right")]]
        kept, free = [], 0
        for place in found.tolist():
            if place >= free:
                kept.append(place)
                free = place + len(wanted)
        return np.array(kept, np.int64)


def _words(text: Bytes, starts: Places, lengths: Places, longest: int) -> list[_Words]:
    """Each touch's bytes, eight at a time. Read from two neighbouring words: reading across their border is slower."""
    whole = np.concatenate([text, np.zeros(16 - len(text) % 8 + 8 * (longest // 8), np.uint8)]).view("<u8")
    spelled = []
    for place in range(0, longest, 8):
        of = np.flatnonzero(lengths > place) if place else None
        at, size = (starts, lengths) if of is None else (starts[of] + place, lengths[of] - place)
        first, bits = at >> 3, ((at & 7) << 3).view(np.uint64)
        word = whole.take(first) >> bits
        word |= (whole.take(first + 1) << np.uint64(1)) << (np.uint64(63) - bits)
        word &= _MASKS.take(np.minimum(size, 8))
        spelled.append(_Words(of, word))
    return spelled


def _looked_up(known: _Known, spelled: list[_Words], lengths: Places) -> Codes:
    """The code of each touch, -1 where it is not known."""
    if not len(known.lengths):
        return np.full(len(lengths), -1, np.int16)
    mixed = spelled[0].word * known.factors[0]
    for more, factor in zip(spelled[1:], known.factors[1:], strict=False):
        mixed[more.of] += more.word * factor
    codes: Codes = known.table.take((mixed >> known.shift).view(np.int64))
    same = known.lengths.take(codes) == lengths
    same &= known.first.take(codes) == spelled[0].word
    for at, more in enumerate(spelled[1:], start=1):
        same[more.of] &= known.words[:, at][codes[more.of]] == more.word
    codes[~same] = -1
    return codes
