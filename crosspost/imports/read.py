"""The tables of a file. It is read in a child process that has no database, no secret and little room."""

from __future__ import annotations

import hashlib
import json
import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import IO, Any

from crosspost.domain.errors import BadInput, Unavailable
from crosspost.imports.sheet import Sheet
from crosspost.reading import Counter, Line, Refused, Table, read
from crosspost.reading.limits import MAX_BYTES, PIPE_S, WALL_S

_CHUNK = 1_000_000
_MAX_SAID = 256_000_000  # bytes a child may answer with
_CHILD = [sys.executable, "-P", "-m", "crosspost.reading"]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds: its tables, and the parts of it that are no tables and were not opened."""

    sha256: str
    sheets: tuple[Sheet, ...]
    skipped: tuple[str, ...] = ()


def read_file(path: Path) -> Contents:
    """Read CSV, XLSX, XLS, ODS, and zip, gzip or JSON around them, in a child process under limits.

    Raises BadInput naming file, line and remedy; Unavailable where no child can be started.
    """
    try:
        with _copied(path) as (file, sha256):
            skipped: list[str] = []
            return collected(_child(file, skipped), str(path), sha256, skipped)
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from None
    except Refused as error:
        raise refusal(error, str(path)) from None


def parse(data: bytes, path: str) -> Contents:
    """As `read_file`, from bytes and in this process: for bytes that are trusted."""
    counter = Counter()
    try:
        return collected(read(data, counter), path, hashlib.sha256(data).hexdigest(), counter.skipped)
    except Refused as error:
        raise refusal(error, path) from None


def collected(found: Iterable[Table | Line], path: str, sha256: str, skipped: Iterable[str]) -> Contents:
    """The tables as sheets."""
    tables: list[Table] = []
    rows: list[list[tuple[int, tuple[str, ...]]]] = []
    for one in found:
        if isinstance(one, Table):
            tables.append(one)
            rows.append([])
        else:
            rows[one.table].append((one.line, one.cells))
    sheets = tuple(
        Sheet(path, sha256, table.header, tuple(mine), table.part, table.title, table.preamble)
        for table, mine in zip(tables, rows, strict=True)
    )
    if len(sheets) > 1:
        sheets = tuple(replace(sheet, beside=sheets) for sheet in sheets)
    return Contents(sha256, sheets, tuple(skipped))


def refusal(error: Refused, path: str) -> BadInput:
    """Why a file is not read, with file, part and line."""
    place = f"{path} ({error.part})" if error.part else path
    return BadInput(error.message, where=f"{place}:{error.line}" if error.line else place, remedy=error.remedy)


@contextmanager
def _copied(path: Path) -> Iterator[tuple[IO[bytes], str]]:
    """The file as it is now, under no name, and its SHA-256: what is hashed is what is read."""
    with open(path, "rb", buffering=0, opener=_at_once) as source, tempfile.TemporaryFile() as copy:
        kind = os.fstat(source.fileno()).st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISFIFO(kind):
            raise Refused("is no file", "name a file")
        digest = hashlib.sha256()
        size = 0
        while chunk := _next(source):
            size += len(chunk)
            if size > MAX_BYTES:
                raise Refused(f"is larger than {MAX_BYTES // 1_000_000} MB", "split the file")
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        copy.seek(0)
        yield copy, digest.hexdigest()


def _at_once(path: str, flags: int) -> int:
    """Opens without waiting: a pipe that nobody writes into would be waited for without end."""
    return os.open(path, flags | os.O_NONBLOCK)


def _next(source: FileIO) -> bytes:
    """More of a file; of a pipe what its writer has written meanwhile. Empty at its end. Raises Refused."""
    if not select.select([source], [], [], PIPE_S)[0]:
        raise Refused("is a pipe that nothing comes out of", "name a file")
    return source.read(_CHUNK) or b""


def _child(file: IO[bytes], skipped: list[str]) -> Iterator[Table | Line]:
    """What the child tells. It inherits the file and the way to our code, and no environment."""
    environment = {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one), "PYTHONUTF8": "1"}
    try:
        child = subprocess.Popen(
            _CHILD, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, close_fds=True
        )
    except OSError as error:
        raise Unavailable(f"no process for reading files can be started ({error.strerror})") from None
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(WALL_S, end)
    timer.start()
    try:
        if child.stdout is None:
            raise ValueError("the child has no output")
        ended = yield from _messages(child.stdout, skipped)
        if not ended:
            raise _died(child.wait(), late=late.is_set())
    finally:
        timer.cancel()
        timer.join()
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _messages(said: IO[bytes], skipped: list[str]) -> Generator[Table | Line, None, bool]:
    """The tables the lines tell; True when the child came to its end. Nothing it says is believed unseen."""
    left = _MAX_SAID
    widths: list[int] = []
    while (line := said.readline(left)).endswith(b"\n"):
        left -= len(line)
        try:
            message: dict[str, Any] = json.loads(line)
            [(what, told)] = message.items()
            if what == "end":
                skipped += map(str, told)
                return True
            if what == "refused":
                raise Refused(str(told[0]), str(told[1]), part=told[2], line=told[3])
            if what == "table":
                widths.append(len(told[3]))
                yield Table(len(widths) - 1, told[0], told[1], tuple(told[2]), tuple(told[3]))
                continue
            for table, at, cells in told:
                if len(cells) != widths[table] or not all(type(cell) is str for cell in cells):
                    raise ValueError("a row that is none")
                yield Line(table, at, tuple(cells))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            break
    return False


def _died(code: int, *, late: bool) -> Exception:
    """Why a child ended before its file did."""
    if late or -code in (signal.SIGPROF, signal.SIGXCPU):
        return Refused("takes too long to read", "split the file, or export it again")
    if code < 0:
        return Refused("takes more memory to read than is allowed, or broke its reader", "export it again, as CSV")
    if code == 0:
        return Refused("has more text than is read, or its reader broke", "split the file, or export it as CSV")
    return Unavailable(f"the process that reads files did not work (it ended with {code})")
