"""The child: a file on standard input, its tables as lines of JSON on standard output, and little else it could do.

{"table": [part, title, preamble, header]}   a table begins
{"rows": [[table, line, [cells]], …]}        rows of it
{"end": [skipped parts]}                     all was read
{"refused": [message, remedy, part, line]}   or why it is not read
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from typing import Any

from crosspost.reading import Counter, Line, Refused, Table, read
from crosspost.reading.limits import CPU_S, CPU_S_PER_MB, MAX_BYTES, MEMORY

_BATCH = 200_000  # characters in one line, or one row if that is longer
# What nothing here needs. Refused by the interpreter; code that breaks out of it is held by the limits alone.
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "ctypes.",
              "os.remove", "os.rename", "os.link", "os.symlink", "os.mkdir", "shutil.")  # fmt: skip


def main() -> None:
    _limit(CPU_S)
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    _limit(CPU_S + CPU_S_PER_MB * len(data) / 1_000_000)
    counter = Counter()
    try:
        if len(data) > MAX_BYTES:
            raise Refused(f"larger than {MAX_BYTES // 1_000_000} MB", "split the file")
        _tell(data, counter)
    except Refused as error:
        _say({"refused": [error.message, error.remedy, error.part, error.line]})
    except MemoryError:
        _say({"refused": ["takes more memory to read than is allowed", "split the file", None, None]})
    except Exception as error:
        # A reader's own failure on a damaged file: the type tells us more than a person.
        _say({"refused": [f"cannot be understood ({type(error).__name__})", "export it again", None, None]})
    else:
        _say({"end": counter.skipped})


def _tell(data: bytes, counter: Counter) -> None:
    batch: list[list[Any]] = []
    size = 0
    for one in read(data, counter):
        if isinstance(one, Line):
            batch.append([one.table, one.line, one.cells])
            size += sum(map(len, one.cells)) + 3 * len(one.cells)
        if batch and (isinstance(one, Table) or size > _BATCH):
            _say({"rows": batch})
            batch, size = [], 0
        if isinstance(one, Table):
            _say({"table": [one.part, one.title, one.preamble, one.header]})
    if batch:
        _say({"rows": batch})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")


def _limit(cpu_s: float) -> None:
    """Processor time, memory, files, processes: what the system lets us give away. macOS ignores the memory."""
    signal.setitimer(signal.ITIMER_PROF, cpu_s)  # its signal ends the process, whatever code runs
    whole = int(cpu_s) + 2
    for what, most in (
        (resource.RLIMIT_CPU, whole), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NPROC, 0),
    ):  # fmt: skip
        try:
            hard = resource.getrlimit(what)[1]
            resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        except (ValueError, OSError):
            continue


def _forbid(event: str, _: object) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for reading files")


if __name__ == "__main__":
    sys.addaudithook(_forbid)
    main()
