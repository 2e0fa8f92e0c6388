"""The child: a file on standard input, its tables as lines of JSON on standard output, and little else it could do.

{"table": [part, title, preamble, header]}   a table begins
{"rows": [[table, line, [cells]], …]}        rows of it
{"end": [skipped parts]}                     all was read
{"refused": [message, remedy, part, line]}   or why it is not read
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

from crosspost.reading import Counter, Line, Refused, Table, read
from crosspost.reading.limits import CPU_S, CPU_S_PER_MB, MAX_BYTES, MEMORY

_BATCH = 200_000  # characters in one line, or one row if that is longer
# What nothing here needs. Refused by the interpreter; code that breaks out of it is held by the limits alone.
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "ctypes.",
              "os.remove", "os.rename", "os.link", "os.symlink", "os.mkdir", "shutil.")  # fmt: skip


def main() -> None:
    _confine()
    _set_clock(CPU_S)
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    _set_clock(CPU_S + CPU_S_PER_MB * len(data) / 1_000_000)
    for line in _told(data):
        sys.stdout.write(line)


def _told(data: bytes) -> list[str]:
    """All that is said, at once: of a file that is refused at its end, nothing before it was worth reading."""
    counter = Counter()
    try:
        if len(data) > MAX_BYTES:
            raise Refused(f"larger than {MAX_BYTES // 1_000_000} MB", "split the file")
        return [*_tables(data, counter), _line({"end": counter.skipped})]
    except Refused as error:
        return [_line({"refused": [error.message, error.remedy, error.part, error.line]})]
    except MemoryError:
        return [_line({"refused": ["takes more memory to read than is allowed", "split the file", None, None]})]
    except Exception as error:
        # A reader's own failure on a damaged file: the type tells us more than a person.
        return [_line({"refused": [f"cannot be understood ({type(error).__name__})", "export it again", None, None]})]


def _tables(data: bytes, counter: Counter) -> Iterator[str]:
    batch: list[list[Any]] = []
    size = 0
    for one in read(data, counter):
        if isinstance(one, Line):
            batch.append([one.table, one.line, one.cells])
            size += sum(map(len, one.cells)) + 3 * len(one.cells)
        if batch and (isinstance(one, Table) or size > _BATCH):
            yield _line({"rows": batch})
            batch, size = [], 0
        if isinstance(one, Table):
            yield _line({"table": [one.part, one.title, one.preamble, one.header]})
    if batch:
        yield _line({"rows": batch})


def _line(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":")) + "\n"


def _set_clock(cpu_s: float) -> None:
    """The processor time from now on. The signal of its end ends the process, whatever code runs."""
    signal.setitimer(signal.ITIMER_PROF, cpu_s)


def _confine() -> None:
    """Give away, for good, what the system lets us: memory, files, processes. macOS ignores the memory."""
    whole = int(CPU_S + CPU_S_PER_MB * MAX_BYTES / 1_000_000) + 2
    for what, most in (
        (resource.RLIMIT_CPU, whole), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NPROC, 0),
    ):  # fmt: skip
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _forbid(event: str, _: object) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for reading files")


if __name__ == "__main__":
    sys.addaudithook(_forbid)
    main()
