"""Files that hold files: zip, gzip, and JSON with a zip in it. Looked at before anything is unpacked."""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import json
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from crosspost.reading.limits import (
    FREE_BYTES,
    MAX_EXPANDED,
    MAX_MEMBER,
    MAX_MEMBERS,
    MAX_NAME,
    MAX_RATIO,
    Refused,
)

# What zipfile raises on damaged files, by and by.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, NotImplementedError, KeyError,
    OverflowError,
)  # fmt: skip
_ENTRY = b"PK\x01\x02"  # begins each entry of a zip's list
_CHUNK = 1_000_000
_BOMB = "unpacks to more than {} MB"
_EXPORT = "export a shorter period, or unpack it and import the tables"


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip whose list of members was found sound: sizes, places and methods, not yet their content."""

    file: zipfile.ZipFile
    members: tuple[zipfile.ZipInfo, ...]

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """The content of a member, never more than its list says. Raises Refused."""
        try:
            with self.file.open(member) as stream:
                return stream.read(MAX_MEMBER + 1)
        except DAMAGE:
            raise Refused("is a damaged zip", "export it again", part=name_of(member)) from None


def archive(data: bytes) -> Archive:
    """The members of a zip. Raises Refused for one that is damaged, locked, or unpacks to too much."""
    if data.count(_ENTRY) > MAX_MEMBERS:
        raise Refused(f"holds more than {MAX_MEMBERS} files", "unpack it and import the tables")
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGE:
        raise Refused("is a damaged zip", "export it again") from None
    members = tuple(one for one in file.infolist() if not one.filename.endswith("/"))
    if len({one.filename for one in members}) != len(members):
        raise Refused("is a zip with two files of one name", "unpack it and import the tables")
    end = 0
    for one in sorted(members, key=lambda member: member.header_offset):
        if one.header_offset < end:
            raise Refused("is a zip whose files lie on each other", "export it again: nothing honest makes such a zip")
        end = one.header_offset + 30 + one.compress_size
    packed, unpacked = sum(one.compress_size for one in members), sum(one.file_size for one in members)
    if packed > len(data) or end > len(data):
        raise Refused("is a damaged zip: it lists more than it holds", "export it again")
    largest = max((one.file_size for one in members), default=0)
    for size, most in ((largest, MAX_MEMBER), (unpacked, MAX_EXPANDED)):
        if size > most:
            raise Refused(_BOMB.format(most // 1_000_000), _EXPORT)
    if unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise Refused(f"unpacks to {unpacked // max(packed, 1)} times its size", _EXPORT)
    for one in members:
        if one.flag_bits & 0x1:
            raise Refused("is locked with a password", "unlock it first", part=name_of(one))
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("is packed by a method that is not read here", "pack it again as a plain zip")
    return Archive(file, members)


def is_link(member: zipfile.ZipInfo) -> bool:
    """Whether a member only points to another file, as a zip from Unix may say."""
    return stat.S_ISLNK(member.external_attr >> 16)


def name_of(member: zipfile.ZipInfo) -> str:
    """A member's name for messages and for telling what it is. Nothing is ever written under it."""
    name = member.filename
    if not member.flag_bits & 0x800:  # not declared UTF-8, and often so all the same
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return shown(name)


def shown(name: str) -> str:
    """A name from a file as one short line of printable characters."""
    return "".join(one if one.isprintable() else "?" for one in name[:MAX_NAME])


def gunzipped(data: bytes) -> bytes:
    """Raises Refused for what is damaged or unpacks to too much."""
    room = min(MAX_MEMBER, max(FREE_BYTES, MAX_RATIO * len(data)))
    found: list[bytes] = []
    size = 0
    rest = data
    try:
        while rest.startswith(b"\x1f\x8b"):
            stream = zlib.decompressobj(31)
            while not stream.eof:
                piece = stream.decompress(rest, _CHUNK)
                rest = stream.unconsumed_tail
                size += len(piece)
                found.append(piece)
                if size > room:
                    raise Refused(_BOMB.format(room // 1_000_000), _EXPORT)
                if not piece and not rest and not stream.eof:
                    raise Refused("is a damaged gzip: its end is missing", "export it again")
            rest = stream.unused_data
    except zlib.error:
        raise Refused("is a damaged gzip", "export it again") from None
    return b"".join(found)


def wrapped(data: bytes) -> Iterator[bytes]:
    """The zips that a JSON text holds as base64, as Umami's export does. Raises Refused where it holds none."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("is no JSON that can be read", "export it as CSV") from None
    values = said.values() if isinstance(said, dict) else [said]
    texts = [value for value in values if isinstance(value, str) and value.startswith("UEsD")]
    if not texts:
        raise Refused("is JSON without a table in it", "export it as CSV")
    for text in texts:
        try:
            yield base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise Refused("is JSON with a damaged zip in it", "export it again") from None
