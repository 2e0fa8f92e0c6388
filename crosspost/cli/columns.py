"""Cells laid side by side in a terminal. No number, word or id is broken where the terminal is wide enough for it."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest

_ID = 26  # where every cell is one word, such as an id, none up to this long is broken: nobody could copy it
_WORD = 16  # in other text no word up to this long is broken
_FOLDED = 12  # terminal cells left to a column with longer words, such as addresses
_BETWEEN = 3  # terminal cells between two columns
_USUAL = 80  # terminal cells where there is no terminal


def terminal_width() -> int:
    """The cells of a line: as COLUMNS says, else the terminal, also of a program whose output goes to another."""
    found = shutil.get_terminal_size((0, 0)).columns
    for stream in (0, 2):
        with suppress(OSError):
            found = found or os.get_terminal_size(stream).columns
    return found or _USUAL


def cell_length(text: str) -> int:
    """How many cells of a terminal a text takes: two for a character of East Asian width, none for a mark on one."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def laid(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> tuple[list[str], list[str]] | None:
    """The lines of a table: those of its columns' names, and a rule with the rows. None where a word would have to be
    broken."""
    widths = _widths(columns, cells, width)
    if widths is None:
        return None
    rule = "─" * (sum(widths) + _BETWEEN * (len(widths) - 1))
    names = list(_row(columns, widths, at_its_foot=True))
    return names, [f" {rule}", *(line for row in cells for line in _row(row, widths))]


def _row(cells: Sequence[str], widths: Sequence[int], *, at_its_foot: bool = False) -> Iterator[str]:
    """The lines of one row, as many as its longest cell takes; shorter cells stand at its head, or at its foot."""
    folded = [list(_folded(cell, width)) for cell, width in zip(cells, widths, strict=True)]
    if at_its_foot:
        most = max(map(len, folded))
        folded = [[""] * (most - len(lines)) + lines for lines in folded]
    for pieces in zip_longest(*folded, fillvalue=""):
        padded = (piece + " " * (width - cell_length(piece)) for piece, width in zip(pieces, widths, strict=True))
        yield f" {(' ' * _BETWEEN).join(padded)}".rstrip()


def _folded(text: str, width: int) -> Iterator[str]:
    """The text in lines of so many cells, broken between words; a longer word wherever the line ends."""
    line: str | None = None
    for word in text.split(" "):
        joined = word if line is None else f"{line} {word}"
        if cell_length(joined) <= width:
            line = joined
            continue
        if line is not None:
            yield line
        while cell_length(word) > width:
            head = _head(word, width)
            yield head
            word = word[len(head) :]
        line = word
    yield line or ""


def _head(word: str, width: int) -> str:
    taken = 0
    for at, char in enumerate(word):
        taken += cell_length(char)
        if taken > width and at:
            return word[:at]
    return word


def _widths(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The columns' widths in a terminal of `width` cells, or None where one of their words would have to be broken."""
    wanted, least = [], []
    for texts in zip(columns, *cells, strict=True):
        longest = _WORD if any(" " in text for text in texts[1:]) else _ID
        words = [cell_length(word) for text in texts for word in text.split(" ")]
        wanted.append(max(cell_length(text) for text in texts))
        least.append(max(_FOLDED if long > longest else long for long in words))
    spare = width - sum(least) - _BETWEEN * len(columns) + 1
    if spare < 0:
        return None
    found = list(least)
    by_want = sorted(range(len(columns)), key=lambda one: wanted[one] - least[one])
    for left, one in zip(range(len(columns), 0, -1), by_want, strict=True):
        more = min(wanted[one] - least[one], spare // left)
        found[one] += more
        spare -= more
    return found
