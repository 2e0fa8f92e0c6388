"""The file a bundle is: a ZIP of plain members and a manifest with the size and SHA-256 of each.

Members are stored, not compressed, in the order of their names, dated 1980: equal members are equal bytes whatever the
version of the compressor, any byte that was changed shows, and no small file can unpack to a large one.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from crosspost.commands.archive import DAMAGE
from crosspost.domain.errors import BadInput, NotVerified

MANIFEST = "manifest.json"
FORMAT = 1
LIMIT = 1 << 30  # bytes; nothing is read of a larger file
_MEMBERS = 2_000
_NAME = re.compile(r"(?:audit|ledger|configuration|inputs|code|manifest)\.json|tables/[a-z0-9_]{1,80}\.(?:csv|parquet)")


def as_json(value: Any) -> bytes:
    """One line of JSON in one way only: sorted keys, no spaces."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def pack(members: Mapping[str, bytes]) -> bytes:
    """The file of these members, the manifest added."""
    listed = [
        {"name": name, "bytes": len(members[name]), "sha256": hashlib.sha256(members[name]).hexdigest()}
        for name in sorted(members)
    ]
    whole = {**members, MANIFEST: as_json({"format": FORMAT, "members": listed})}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(whole):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, whole[name])
    return out.getvalue()


def unpack(path: Path) -> dict[str, bytes]:
    """The members, the manifest aside, all of them checked; nothing is written anywhere.

    Raises BadInput (it is no bundle) and NotVerified (a member is not what the manifest says, or a byte was changed).
    """
    where = str(path)
    try:
        if path.stat().st_size > LIMIT:
            raise BadInput(f"is larger than {LIMIT >> 20} MB", where=where, remedy="a bundle is smaller than that")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", where=where, remedy="check the path") from None
    try:
        members = _members(data)
    except DAMAGE:
        raise BadInput("is not a bundle of an audit, or is damaged", where=where, remedy="use another copy") from None
    if MANIFEST not in members:
        raise BadInput("is not a bundle of an audit: it has no manifest", where=where, remedy="check the file")
    manifest = members.pop(MANIFEST)
    changed = _changed(members, manifest, where)
    if changed:
        raise _not_verified(f"{', '.join(changed)}: not what the manifest says", where)
    if pack(members) != data:
        raise _not_verified("bytes beside its members were changed", where)
    return members


def _members(data: bytes) -> dict[str, bytes]:
    """Raises one of `DAMAGE` for whatever no bundle is."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        infos = archive.infolist()
        if len(infos) > _MEMBERS or sum(info.file_size for info in infos) > len(data):
            raise ValueError("more than a bundle holds")
        for info in infos:
            if not _NAME.fullmatch(info.filename) or info.filename in found:
                raise ValueError("a name no bundle holds")
            if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
                raise ValueError("members of a bundle are stored")
            found[info.filename] = _content(archive, info)
    return found


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except zipfile.BadZipFile:
        # The checksum of the ZIP does not fit: the manifest tells which member it is.
        return b""


def _changed(members: Mapping[str, bytes], manifest: bytes, where: str) -> list[str]:
    try:
        raw = json.loads(manifest)
        if raw["format"] != FORMAT:
            raise BadInput(
                f"a bundle of format {raw['format']!r}, this version reads {FORMAT}", where=where,
                remedy="verify it with the version that made it",
            )  # fmt: skip
        said = {str(one["name"]): str(one["sha256"]) for one in raw["members"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _not_verified("its manifest cannot be read", where) from None
    there = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    return sorted(name for name in said.keys() | there.keys() if said.get(name) != there.get(name))


def _not_verified(what: str, where: str) -> NotVerified:
    return NotVerified(f"the bundle was changed or damaged: {what}", where=where, remedy="ask for another copy")
