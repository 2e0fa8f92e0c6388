"""Reading a file the owner named, once per content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from crosspost.domain.errors import BadInput


def existing(address: str) -> Path:
    """The whole path of a file. Raises BadInput."""
    path = Path(address).expanduser()
    if not path.is_file():
        raise BadInput("there is no such file", where=address, remedy="check the path")
    return path.resolve()


def content(path: Path, most: int, remedy: str) -> tuple[bytes, str]:
    """Its bytes and their seal, to be compared with the last read's. Raises BadInput above `most` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise BadInput(f"it cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > most:
        raise BadInput(f"it is larger than {most} bytes", where=str(path), remedy=remedy)
    return data, hashlib.sha256(data).hexdigest()
