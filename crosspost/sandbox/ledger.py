"""What was really posted: append-only, in memory and, if a file is given, on disk before the client is answered."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from crosspost.domain.errors import BadInput


class Ledger:
    """Entries are JSON objects with `seq` and `event` (account, token, post, delete).

    The file is one object a line, written with one call each: a killed server loses no post that it answered for,
    and a torn last line, which nobody was answered for, is cut off at the next start.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[dict[str, Any]] = []
        self._file: int | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._read(path)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _read(self, path: Path) -> None:
        if not path.exists():
            return
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                self.entries.append(json.loads(line))
            except ValueError:
                raise BadInput(
                    "this line is not a ledger entry", where=f"{path}:{number}", remedy="move the file away"
                ) from None
        if len(whole) < len(content):
            os.truncate(path, len(whole))

    def append(self, event: str, **values: Any) -> dict[str, Any]:
        entry = {"seq": len(self.entries) + 1, "event": event, **values}
        if self._file is not None:
            os.write(self._file, json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self.entries.append(entry)
        return entry

    def public(self, since: int = 0) -> list[dict[str, Any]]:
        """Posts and deletions after that sequence number: no tokens."""
        return [entry for entry in self.entries[since:] if entry["event"] in ("post", "delete")]

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
