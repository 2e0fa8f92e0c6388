"""A second process that reads the log ahead: it puts the next part in order while this one stores the last.

The child is a fresh interpreter (the scheduler has threads, a fork would copy their locks) without our environment.
It is asked by lines, [path, offset, limit] in JSON, and answers each with a length and so many bytes; with length 0
where it failed. It only reads: whatever becomes of it, the part is read here instead.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from crosspost.hitlog.by_link import ByLink, packed, read_by_link, unpacked

_CHILD = [sys.executable, "-P", "-m", "crosspost.hitlog.ahead"]
_LENGTH = 8  # bytes that tell how many follow

Read = Callable[[Path, int], ByLink]

log = logging.getLogger(__name__)


@contextmanager
def reading_ahead(limit: int, after: Mapping[Path, tuple[Path, int]]) -> Iterator[Read]:
    """Reads parts of at most `limit` hits; after a segment's last part, that from `after` is taken for the next.

    A part that was not foreseen is read as well, only later.
    """
    ahead = _Ahead(limit, after)
    try:
        yield ahead.read
    finally:
        ahead.end()


class _Ahead:
    def __init__(self, limit: int, after: Mapping[Path, tuple[Path, int]]) -> None:
        self._limit, self._after = limit, after
        self._asked: tuple[Path, int] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        environment = {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one), "PYTHONUTF8": "1"}
        try:
            # A group of its own: Ctrl-C is for us, who then end it.
            self._child = subprocess.Popen(
                _CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
                process_group=0,
            )  # fmt: skip
        except OSError as error:
            log.warning("no process to read ahead", extra={"problem": error.strerror})

    def read(self, path: Path, offset: int) -> ByLink:
        found = self._answer(path, offset) or read_by_link(path, offset, self._limit)
        then = (path, found.next_offset) if found.more else self._after.get(path)
        if then is not None:
            self._ask(then)
        return found

    def _answer(self, path: Path, offset: int) -> ByLink | None:
        if self._asked != (path, offset):
            self._taken()  # nobody wants it any more
            self._ask((path, offset))
        data = self._taken()
        return unpacked(data) if data else None

    def _ask(self, wanted: tuple[Path, int]) -> None:
        if self._child is None or self._child.stdin is None:
            return
        path, offset = wanted
        try:
            self._child.stdin.write(json.dumps([str(path.absolute()), offset, self._limit]).encode() + b"\n")
            self._child.stdin.flush()
        except OSError:
            self._died()
        else:
            self._asked = wanted

    def _taken(self) -> bytes:
        """What the child answers to what it was asked; nothing where that is nothing."""
        if self._asked is None or self._child is None or self._child.stdout is None:
            return b""
        self._asked = None
        length = int.from_bytes(head := self._child.stdout.read(_LENGTH), "little")
        data = self._child.stdout.read(length)
        if len(head) < _LENGTH or len(data) < length:
            self._died()
            return b""
        return data

    def _died(self) -> None:
        code = self.end()
        log.warning("the process that reads ahead died, going on without", extra={"problem": f"ended with {code}"})

    def end(self) -> int | None:
        """End the child, if there is one; what it ended with."""
        child, self._child, self._asked = self._child, None, None
        if child is None:
            return None
        child.kill()
        code = child.wait()
        for pipe in (child.stdin, child.stdout):
            _close(pipe)
        return code


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except OSError:  # a question nobody reads any more
        pass


def _serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    for line in questions:
        path, offset, limit = json.loads(line)
        try:
            data = packed(read_by_link(Path(path), offset, limit))
        except Exception:  # noqa: BLE001 (the asker reads it again, and tells what is wrong)
            data = b""
        answers.write(len(data).to_bytes(_LENGTH, "little") + data)
        answers.flush()


if __name__ == "__main__":
    import gc

    gc.disable()  # hundreds of thousands of objects, none of them in a cycle
    try:
        _serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:  # nobody waits for the answer: the fold ended, or died
        os._exit(1)
