"""A backup as one file: a ZIP of plain members, and a manifest with the size and SHA-256 of each.

The checksums find damage. They do not prove who made the file: keep it where only you can write.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from crosspost.domain.errors import BadInput, Conflict, Unavailable

FORMAT = 1
MANIFEST = "manifest.json"
KEY = "key.json"
_CHUNK = 1 << 20
# What zipfile raises on damaged files, by and by.
DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, NotImplementedError, KeyError)
_MANIFEST_BYTES = 100_000_000
# The only names there are: nothing in them can lead out of the folder they are written to.
_NAME = re.compile(
    r"database\.(?:sqlite|pgdump)|key\.json|hits/[0-9A-Za-z-]{1,80}\.(?:hits|missed)|attachments/[0-9a-f]{64}"
)


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`schema` is the database's revision, `made_at` an instant before the copy of the database began. `purge_at`: when
    the first of what it holds must go by a network's rules; a restore purges at once."""

    format: int
    made_at: datetime
    crosspost: str
    schema: str
    database: str  # sqlite, postgresql
    holds_key: bool
    files: tuple[Member, ...]
    purge_at: datetime | None = None

    def as_json(self) -> bytes:
        purge_at = None if self.purge_at is None else self.purge_at.isoformat()
        raw = asdict(self) | {"made_at": self.made_at.isoformat(), "purge_at": purge_at}
        return json.dumps(raw, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes, where: str) -> Manifest:
        """Raises BadInput."""
        try:
            raw: dict[str, Any] = json.loads(data)
            if raw["format"] != FORMAT:
                raise BadInput(
                    f"backup format {raw['format']}, this version reads {FORMAT}", where=where,
                    remedy="upgrade crosspost",
                )  # fmt: skip
            files = tuple(Member(str(one["name"]), int(one["bytes"]), str(one["sha256"])) for one in raw["files"])
            made_at = datetime.fromisoformat(raw["made_at"])
            found = cls(
                FORMAT, made_at, str(raw["crosspost"]), str(raw["schema"]), str(raw["database"]),
                raw["holds_key"] is True, files,
                None if raw.get("purge_at") is None else datetime.fromisoformat(raw["purge_at"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError):
            found = None
        if found is None or found.made_at.tzinfo is None or found.database not in ("sqlite", "postgresql"):
            raise BadInput("the manifest cannot be read", where=where, remedy="use another backup")
        return found


class Writer:
    """Writes a backup beside its final name; `finish` brings it there. Equal contents give equal bytes."""

    def __init__(self, target: Path) -> None:
        if target.exists():
            raise Conflict("the file exists", where=str(target), remedy="name a new one")
        self.target = target
        self.draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
        try:
            descriptor = os.open(self.draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BadInput(
                f"cannot be written ({error.strerror})", where=str(target), remedy="check the path"
            ) from None
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._members: list[Member] = []

    def add_file(self, name: str, path: Path) -> None:
        """As much of the file as there is when the copy begins: it may be growing."""
        with path.open("rb") as file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def add_bytes(self, name: str, data: bytes) -> None:
        import io

        self._add(name, io.BytesIO(data), len(data))

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        if not _NAME.fullmatch(name):
            raise Conflict(f"{name!r} is no file of crosspost's", remedy="move it out of the data folder")
        digest, left = hashlib.sha256(), size
        with self._zip.open(_info(name), "w", force_zip64=True) as member:
            while left > 0 and (chunk := file.read(min(_CHUNK, left))):
                digest.update(chunk)
                member.write(chunk)
                left -= len(chunk)
        self._members.append(Member(name, size - left, digest.hexdigest()))

    def finish(
        self, *, made_at: datetime, crosspost: str, schema: str, database: str, purge_at: datetime | None = None
    ) -> Manifest:
        """Write the manifest, make everything durable, and give the file its name."""
        holds_key = any(one.name == KEY for one in self._members)
        manifest = Manifest(FORMAT, made_at, crosspost, schema, database, holds_key, tuple(self._members), purge_at)
        self._zip.writestr(_info(MANIFEST), manifest.as_json())
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        try:
            os.link(self.draft, self.target)  # never over a file that appeared meanwhile
        except FileExistsError:
            raise Conflict("the file exists", where=str(self.target), remedy="name a new one") from None
        self.draft.unlink()
        sync_folder(self.target.parent)
        return manifest

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._file.close()  # the half file goes with its name
            self._zip.fp = None
            self.draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Unavailable(
                f"the backup could not be written ({error.strerror})",
                where=str(self.target),
                remedy="is the disk full?",
            ) from None


class Reader:
    """A backup that was verified whole: names, sizes and checksums of every member, before anything is used."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self.path, self.manifest, self._zip = path, manifest, archive

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Reader]:
        """Raises BadInput (no backup), Conflict (damaged, or holding what no backup holds)."""
        where = str(path)
        try:
            archive = zipfile.ZipFile(path)
        except OSError as error:
            raise BadInput(f"cannot be read ({error.strerror})", where=where, remedy="check the path") from None
        except DAMAGE:
            raise BadInput("is not a backup, or its end is missing", where=where, remedy="use another copy") from None
        with archive:
            try:
                info = archive.getinfo(MANIFEST)
                if info.file_size > _MANIFEST_BYTES:
                    raise KeyError
                data = archive.read(info)
            except DAMAGE:
                raise BadInput("is not a backup of crosspost", where=where, remedy="check the file") from None
            found = cls(path, archive, Manifest.parse(data, where))
            found._verify()
            yield found

    def _verify(self) -> None:
        listed = [one.name for one in self.manifest.files]
        there = sorted(info.filename for info in self._zip.infolist() if info.filename != MANIFEST)
        if sorted(listed) != there or len(self._zip.infolist()) != len(listed) + 1 or len(set(listed)) != len(listed):
            raise self._damaged("its members are not those of its manifest")
        wrong = next((name for name in listed if not _NAME.fullmatch(name)), None)
        if wrong is not None:
            raise self._damaged(f"no backup holds {wrong!r}")
        database = "database.sqlite" if self.manifest.database == "sqlite" else "database.pgdump"
        if database not in listed or self.manifest.holds_key != (KEY in listed):
            raise self._damaged("its database or key is missing")
        for one in self.manifest.files:
            for _ in self._chunks(one):
                pass

    def _chunks(self, one: Member) -> Iterator[bytes]:
        """The bytes of a member; raises Conflict at their end, or sooner, when they are not what they were."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(one.name) as file:
                while chunk := file.read(_CHUNK):
                    size += len(chunk)
                    if size > one.bytes:
                        break
                    digest.update(chunk)
                    yield chunk
        except DAMAGE as error:
            raise self._damaged(f"{one.name} cannot be read ({type(error).__name__})") from None
        if size != one.bytes or digest.hexdigest() != one.sha256:
            raise self._damaged(f"{one.name} is not what was written")

    def read(self, name: str) -> bytes:
        """The bytes of a small member."""
        return b"".join(self._chunks(next(one for one in self.manifest.files if one.name == name)))

    def unpack(self, names: dict[str, Path]) -> None:
        """Write members to new files, mode 0600, durably."""
        for one in self.manifest.files:
            target = names.get(one.name)
            if target is None:
                continue
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                for chunk in self._chunks(one):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())

    def _damaged(self, what: str) -> Conflict:
        return Conflict(
            f"the backup is damaged or was changed: {what}", where=str(self.path), remedy="use another copy"
        )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
