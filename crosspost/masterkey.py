"""The master key, and the places it is kept in: a file of its own, or the system's keyring."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crosspost.domain.errors import BadInput, Unavailable
from crosspost.secret import Secret

ID_BYTES = 8


class MasterKey:
    """32 random bytes, written as base64. `id` names the key without telling anything of it."""

    def __init__(self, text: Secret, *, where: str = "the master key") -> None:
        """Raises BadInput naming `where` the text came from."""
        try:
            key = base64.b64decode(text.reveal().strip().encode(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise BadInput(
                "the master key is not 32 bytes in base64",
                where=where,
                remedy="restore it from your backup, or make one: openssl rand -base64 32",
            )
        self._text = Secret(text.reveal().strip())
        self._brands: dict[str, AESGCM] = {}
        self.id = self._derive(b"crosspost key id", ID_BYTES)

    @classmethod
    def generate(cls) -> MasterKey:
        return cls(Secret(base64.b64encode(secrets.token_bytes(32)).decode()))

    @property
    def text(self) -> Secret:
        return self._text

    def for_brand(self, brand_id: str) -> AESGCM:
        if (cipher := self._brands.get(brand_id)) is None:
            cipher = AESGCM(self._derive(b"crosspost brand key\x00" + brand_id.encode(), 32))
            self._brands[brand_id] = cipher
        return cipher

    def _derive(self, info: bytes, length: int) -> bytes:
        key = base64.b64decode(self._text.reveal())
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(key)


class Slot(StrEnum):
    """The places of a master key. NEXT is there only while a rotation is under way; PREVIOUS is the one before."""

    CURRENT = ""
    NEXT = "next"
    PREVIOUS = "previous"


class KeyHome(Protocol):
    """Where this installation keeps its master key."""

    def make(self) -> None:
        """Write a first key where there is none. Of two that try at once one wins."""
        ...

    def get(self, slot: Slot) -> MasterKey | None: ...

    def put(self, slot: Slot, key: MasterKey) -> None:
        """Durable when it returns. NEXT is only written where there is none."""
        ...

    def take_over(self, following: MasterKey) -> None:
        """NEXT becomes CURRENT, and there is no NEXT any more."""
        ...

    def stamp(self) -> object:
        """Something that differs when CURRENT was changed."""
        ...


def promote(home: KeyHome) -> None:
    """CURRENT becomes PREVIOUS, and NEXT becomes CURRENT. Whatever is killed in between may be repeated."""
    current, following = home.get(Slot.CURRENT), home.get(Slot.NEXT)
    if following is None:
        return
    if current is not None and current.id != following.id:
        home.put(Slot.PREVIOUS, current)
    home.take_over(following)


class FileHome:
    """The key in a file of its own, mode 0600, with the next and the previous one beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        create_key(self.path, MasterKey.generate())

    def get(self, slot: Slot) -> MasterKey | None:
        path = self._at(slot)
        return _from_file(path) if path.exists() else None

    def put(self, slot: Slot, key: MasterKey) -> None:
        create_key(self._at(slot), key, replace=slot is not Slot.NEXT)

    def take_over(self, following: MasterKey) -> None:
        os.replace(self._at(Slot.NEXT), self.path)
        _sync_folder(self.path.parent)

    def stamp(self) -> object:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _at(self, slot: Slot) -> Path:
        return self.path.with_name(f"{self.path.name}.{slot.value}") if slot.value else self.path


def _from_file(path: Path) -> MasterKey:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(1_000)
    except OSError as error:
        raise BadInput(f"the key file cannot be read: {error.strerror}", where=str(path)) from None
    if mode & 0o077:
        raise BadInput(
            f"the key file may be read by others (mode {mode:04o})",
            where=str(path),
            remedy=f"chmod 600 {path}",
        )
    return MasterKey(Secret(text.decode("ascii", errors="replace")), where=str(path))


def create_key(path: Path, key: MasterKey, *, replace: bool = False) -> None:
    """Write the key whole or not at all. Of two processes that try at once one wins, and both use its key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(key.text.reveal() + "\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(draft, path)
        else:
            try:
                os.link(draft, path)
            except FileExistsError:
                return
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)  # a key lost with a power cut would take the tokens sealed meanwhile along


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class KeyringHome:
    """The key in the system's keyring. Raises Unavailable when there is none, or it does not answer."""

    where = "the system keyring"

    def make(self) -> None:
        self.put(Slot.CURRENT, MasterKey.generate())

    def get(self, slot: Slot) -> MasterKey | None:
        text = self._asked(lambda keyring: keyring.get_password("crosspost", self._name(slot)))
        return None if text is None else MasterKey(Secret(text), where=self.where)

    def put(self, slot: Slot, key: MasterKey) -> None:
        if slot is Slot.NEXT and self.get(slot) is not None:
            return
        self._asked(lambda keyring: keyring.set_password("crosspost", self._name(slot), key.text.reveal()))

    def take_over(self, following: MasterKey) -> None:
        self.put(Slot.CURRENT, following)
        self._asked(lambda keyring: keyring.delete_password("crosspost", self._name(Slot.NEXT)))

    def stamp(self) -> object:
        found = self.get(Slot.CURRENT)
        return found and found.id

    @staticmethod
    def _name(slot: Slot) -> str:
        return f"master-key-{slot.value}" if slot.value else "master-key"

    def _asked(self, ask: Callable[[Any], str | None]) -> str | None:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            raise Unavailable(
                "the system keyring was asked for and its package is not installed",
                remedy="pip install 'crosspost[keyring]', or set use_keyring = false",
            ) from None
        try:
            return ask(keyring)
        except KeyringError as error:
            raise Unavailable(
                f"{self.where} did not answer ({type(error).__name__})", remedy="unlock it, or set use_keyring = false"
            ) from None
