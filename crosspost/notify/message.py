"""One message to a person, and what every way of sending it must keep to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from unicodedata import category

_LINE = 500  # characters of one notice
_SUBJECT = 120
_MOST = 50  # notices written out in one message
_FILES = 15_000_000  # bytes of files in one message: mail servers take some 25 MB, and base64 adds a third


class NotTold(Exception):
    """A way did not take a message. The text holds no secret and nothing the other side said."""


@dataclass(frozen=True, slots=True)
class File:
    """An image to post by hand, or the PDF of a report."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """One notice as people read it: plain text on one line each. `paste` is a post's own text, or a report in short,
    line by line."""

    id: str
    kind: str
    where: str  # brand and account
    text: str
    at: datetime
    delivery_id: str | None = None
    paste: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """`key` is equal when the same notices are sent again: a reader's program can drop the second one."""

    subject: str
    lines: tuple[str, ...]
    notices: tuple[Told, ...]
    urgent: bool
    key: str
    at: datetime

    @property
    def body(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def files(self) -> tuple[File, ...]:
        """What goes along where files can, up to `_FILES` bytes; the notice says where the others are."""
        found: list[File] = []
        for one in (file for told in self.notices for file in told.files):
            if sum(len(file.content) for file in found) + len(one.content) <= _FILES:
                found.append(one)
        return tuple(found)


class Way(Protocol):
    """A way of telling. `name` is for people; `attended` says that its messages wait for their reader."""

    name: str
    attended: bool

    def send(self, message: Message) -> None:
        """Hand the message over, within seconds. Raises NotTold."""
        ...


def compose(subject: str, notices: Sequence[Told], *, urgent: bool, at: datetime) -> Message:
    """The words of a message. Text from outside becomes one line without control characters, never markup."""
    lines = []
    for one in notices[:_MOST]:
        lines.append(f"- {one_line(one.kind)}, {one.at:%Y-%m-%d %H:%M} UTC: {one_line(one.where)}")
        lines.append(f"  {one_line(one.text)}")
        lines += [f"    {_pasted(line)}" for line in one.paste]
        if one.delivery_id and one.paste:
            lines.append(f"  then: crosspost deliveries resolve {one_line(one.delivery_id)} --posted ADDRESS")
        elif one.delivery_id:
            lines.append(f"  look: crosspost deliveries show {one_line(one.delivery_id)}")
    if len(notices) > _MOST:
        lines.append(f"… and {len(notices) - _MOST} more: crosspost deliveries list")
    lines += ["", "What stands now: crosspost status"]
    key = hashlib.sha256("\n".join(sorted(one.id for one in notices)).encode()).hexdigest()[:32]
    return Message(one_line(subject, _SUBJECT), tuple(lines), tuple(notices), urgent, key, at)


def _pasted(line: str) -> str:
    """A line to be copied: as it is to be posted, its non-breaking spaces and joined emoji too, but no control."""
    return "".join(char for char in line if char.isprintable() or category(char) in ("Zs", "Cf"))


def one_line(text: str, most: int = _LINE) -> str:
    """The text on one line: whatever controls a terminal, a header or the direction of reading becomes a space."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
