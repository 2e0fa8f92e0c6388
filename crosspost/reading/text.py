"""Delimited text: its encoding, its delimiter, and its rows with their lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from crosspost.reading.limits import MAX_CELL, MAX_LINE, MAX_LINES, MAX_PREAMBLE, MAX_ROWS, Refused

_DELIMITERS = ",;\t|"
_SEP = re.compile(r"sep=(?P<mark>[,;\t|])\r?\n", re.IGNORECASE)  # how Excel is told the delimiter: no row of the table
_SAMPLE = 65_536  # characters looked at to find the delimiter
_MARKS = (  # byte order marks, the longer first
    (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)  # fmt: skip
# What a one-byte encoding is likely to hold beside ASCII, in the languages read here.
_USUAL = re.compile(r"[\x00-\x7fÀ-ÖØ-öø-ÿŒœŸ€£°«»’‘“”–—…·•§©®™²³µ\xa0\xad¡¿ªº]*")

# What Windows-1252 makes of the accents of other encodings: marks within words, and capitals after small letters.
_MISREAD = re.compile(r"[a-zà-ÿ][–—]|[a-zà-ÿ][…•™®©«»“”][a-zà-ÿ]|[a-zà-ÿ][ŒŸÀ-Þ]| … ")
_OTHERS = ("mac_roman", "cp850", "cp437")  # what a file of one-byte characters may be instead; each reads any byte
_MONEY = re.compile(r"(?:[\x00-\x7f\xa0£°§]|€(?![^\W\d_]))*")  # nothing but what amounts are written with


def rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(line, from 1; cells) of every row, blank ones as no cells. Raises Refused."""
    most = MAX_LINES if b'"' in data else MAX_ROWS + MAX_PREAMBLE  # without quotes a line is a row
    if max(data.count(b"\n"), data.count(b"\r")) > most:
        raise Refused(f"has more than {most} lines", "split the file")
    encoding = _encoding(data)
    sample = data[: 4 * _SAMPLE].decode(encoding, "ignore")[:_SAMPLE]
    lines = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    said = _SEP.match(sample)
    skipped = 0
    if said:
        lines.readline()
        skipped = 1
    delimiter = said["mark"] if said else _delimiter(sample)
    reader = csv.reader(_bounded(lines, skipped), delimiter=delimiter, strict=True)
    previous_limit = csv.field_size_limit(MAX_CELL)
    line = 1
    try:
        for cells in reader:
            yield line + skipped, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise Refused(
                f"is not well-formed CSV: a cell has more than {MAX_CELL} characters", "close its quote, or shorten it",
                line=line + skipped,
            ) from None  # fmt: skip
        raise Refused(f"is not well-formed CSV: {error}", "export it again", line=line + skipped) from None
    finally:
        csv.field_size_limit(previous_limit)


def _bounded(lines: io.TextIOWrapper, skipped: int) -> Iterator[str]:
    for at, line in enumerate(lines, 1 + skipped):
        if len(line) > MAX_LINE:
            raise Refused(f"has a line of more than {MAX_LINE} characters", "export it again", line=at)
        yield line


def _delimiter(sample: str) -> str:
    """The delimiter that gives most rows as many cells as the row before; then the one the first lines use most."""
    sample = sample if len(sample) < _SAMPLE else sample[: max(sample.rfind("\n"), 1)]

    def rank(mark: str) -> tuple[int, int]:
        widths = []
        try:
            for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=mark):
                widths.append(len(cells))
        except csv.Error:
            return (0, 0)
        even = sum(one == other > 1 for one, other in zip(widths, widths[1:], strict=False))
        return even, max(widths[:50], default=0)

    return max(_DELIMITERS, key=rank)


def _encoding(data: bytes) -> str:
    """The encoding the whole of it can be read in. Raises Refused."""
    found = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if found is None and b"\x00" in data:
        found = _wide(data)
    if found is None:
        found = "utf-8" if _decodes(data, "utf-8") else _one_byte(data)
    elif not _decodes(data, found):
        raise Refused(f"is broken: it is not {found} throughout", "export it again, or save it as UTF-8")
    if found.startswith("utf-8") and b"\x00" in data:
        raise Refused("holds NUL bytes: it is not a text file", "export it as CSV")
    return found


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        return "\x00" not in data.decode(encoding) or encoding.startswith("utf-8")
    except UnicodeDecodeError:
        return False


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: every other byte is zero, or nearly."""
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    name = "utf-16-le" if odd > 4 * even else "utf-16-be" if even > 4 * odd else None
    if name is None or max(even, odd) * 4 < len(head) or not _decodes(data, name):
        raise Refused("holds NUL bytes: it is not a text file", "export it as CSV")
    return name


def _is_usual(text: str) -> bool:
    return bool(_USUAL.fullmatch(text)) and not _MISREAD.search(text)


def _one_byte(data: bytes) -> str:
    """Windows-1252, where its other readings are less likely. Raises Refused where nothing tells."""
    from charset_normalizer import from_bytes

    try:
        ours = data.decode("cp1252")
    except UnicodeDecodeError:
        ours = None
    if ours is not None and _MONEY.fullmatch(ours):
        return "cp1252"
    likely = ours is not None and _is_usual(ours)
    if likely and not any(_is_usual(data.decode(one)) for one in _OTHERS):
        return "cp1252"
    lines = [line for line in data.splitlines() if not line.isascii()][:2000]
    sample = b"\n".join(lines)[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=["cp1252", *_OTHERS]).best()
    if not likely or (best is not None and best.encoding != "cp1252"):
        guess = f"; it could be {best.encoding}" if best is not None and best.encoding != "cp1252" else ""
        raise Refused(f"its characters are in no encoding that can be told for sure{guess}", "save it as UTF-8")
    return "cp1252"
