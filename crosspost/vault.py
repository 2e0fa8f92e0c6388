"""Tokens at rest: AES-256-GCM, with brand, account and name bound into each ciphertext.

Every brand has its own key, derived from the master key by HKDF-SHA-256 rather than stored and wrapped: a
wrapped key is one more row that a restore can lose, and with it every token of the brand, while rotation
has to touch each of the few tokens either way. Nonces are random, 96 bits: at one write per token refresh a
key stays far below the 2^32 messages NIST SP 800-38D allows.

Layout: b"cp1" · key id (8 bytes) · nonce (12) · ciphertext and tag.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from crosspost.domain.errors import BadInput, Conflict, NotAllowed
from crosspost.logs import register
from crosspost.masterkey import ID_BYTES, FileHome, KeyHome, KeyringHome, MasterKey, Slot, create_key
from crosspost.secret import Secret

__all__ = [
    "PASSPHRASE_LENGTH", "MasterKey", "Vault", "key_id", "open_vault", "unwrap_key", "wrap_key", "write_key",
]  # fmt: skip

_MAGIC = b"cp1"
_NONCE_BYTES, _TAG_BYTES = 12, 16


class Vault:
    """Seals and opens secrets. `previous` are older master keys that may still be opened, while rotating.

    With a `home` it follows a rotation that another process makes: it seals under the key that is current by then,
    and looks again for the key of a secret that it cannot open.
    """

    def __init__(self, key: MasterKey, previous: Sequence[MasterKey] = (), home: KeyHome | None = None) -> None:
        self._key, self._home = key, home
        self._keys = {one.id: one for one in (*previous, key)}
        self._stamp = home.stamp() if home is not None else None

    @property
    def key(self) -> MasterKey:
        """The current master key, for a backup that takes it along wrapped."""
        self._follow()
        return self._key

    @property
    def home(self) -> KeyHome | None:
        """Where the key is kept, None when the settings give it."""
        return self._home

    def _follow(self, *, all_slots: bool = False) -> None:
        if self._home is None or (not all_slots and self._home.stamp() == self._stamp):
            return
        self._stamp = self._home.stamp()
        for slot in (Slot.PREVIOUS, Slot.NEXT, Slot.CURRENT):
            if (found := self._home.get(slot)) is not None:
                register(found.text)
                self._keys[found.id] = found
                self._key = found  # the last one: CURRENT, without which nothing could have been opened

    def seal(self, brand_id: str, account_id: str, name: str, secret: Secret) -> bytes:
        """The secret as bytes that open only under the same brand, account and name."""
        register(secret)
        self._follow()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        bound = _bound(brand_id, account_id, name, self._key.id)
        sealed = self._key.for_brand(brand_id).encrypt(nonce, secret.reveal().encode(), bound)
        return _MAGIC + self._key.id + nonce + sealed

    def open(self, brand_id: str, account_id: str, name: str, sealed: bytes) -> Secret:
        """Raises Conflict (another master key sealed it) and NotAllowed (it belongs elsewhere, was altered)."""
        if key_id(sealed) not in self._keys:
            self._follow(all_slots=True)
        key = self._keys.get(key_id(sealed))
        if key is None:
            raise Conflict(
                f"secret {name!r} was sealed with master key {key_id(sealed).hex()}, which is not at hand",
                remedy="restore that key, or connect the account again",
            )
        start = len(_MAGIC) + ID_BYTES
        nonce, body = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        bound = _bound(brand_id, account_id, name, key.id)
        try:
            plain = key.for_brand(brand_id).decrypt(nonce, body, bound)
        except InvalidTag:
            raise NotAllowed(
                f"secret {name!r} was sealed for another brand, account or name, or was altered",
                remedy="connect the account again, and find out who moved the row",
            ) from None
        secret = Secret(plain.decode())
        register(secret)
        return secret

    def rewrap(self, brand_id: str, account_id: str, name: str, sealed: bytes) -> bytes:
        """The same secret under the current key; the same bytes when it is already. Safe to repeat."""
        if key_id(sealed) == self._key.id:
            return sealed
        return self.seal(brand_id, account_id, name, self.open(brand_id, account_id, name, sealed))


def key_id(sealed: bytes) -> bytes:
    """Id of the master key that sealed it. Raises NotAllowed for bytes no vault wrote."""
    start = len(_MAGIC)
    if not sealed.startswith(_MAGIC) or len(sealed) < start + ID_BYTES + _NONCE_BYTES + _TAG_BYTES:
        raise NotAllowed("a stored secret is damaged", remedy="restore the database, or connect the account again")
    return sealed[start : start + ID_BYTES]


_WRAP = {"kdf": "scrypt", "n": "131072", "r": "8", "p": "1", "cipher": "aes-256-gcm"}
PASSPHRASE_LENGTH = 12  # characters, at least: a backup can be tried out at leisure


def wrap_key(key: MasterKey, passphrase: Secret) -> dict[str, str]:
    """The master key under a passphrase: scrypt (128 MB, half a second a guess) and AES-256-GCM. Raises BadInput."""
    if len(passphrase.reveal()) < PASSPHRASE_LENGTH:
        raise BadInput(f"the passphrase is shorter than {PASSPHRASE_LENGTH} characters", remedy="use five random words")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE_BYTES)
    sealed = _wrapping(passphrase, salt).encrypt(nonce, key.text.reveal().encode(), _bound("backup", key.id))
    raw = {"salt": salt, "nonce": nonce, "key_id": key.id, "sealed": sealed}
    return {**_WRAP, **{name: base64.b64encode(value).decode() for name, value in raw.items()}}


def unwrap_key(wrapped: dict[str, str], passphrase: Secret) -> MasterKey:
    """The master key of a backup. Raises NotAllowed for a wrong passphrase or an altered wrapping."""
    if {name: wrapped.get(name) for name in _WRAP} != _WRAP:
        raise BadInput("the key in the backup is wrapped in an unknown way", remedy="upgrade crosspost")
    try:
        raw = {name: base64.b64decode(wrapped[name], validate=True) for name in ("salt", "nonce", "key_id", "sealed")}
        cipher = _wrapping(passphrase, raw["salt"])
        plain = cipher.decrypt(raw["nonce"], raw["sealed"], _bound("backup", raw["key_id"]))
    except (KeyError, ValueError, InvalidTag):
        raise NotAllowed("the passphrase does not open the key of this backup", remedy="try another") from None
    return MasterKey(Secret(plain.decode()), where="the backup")


def _wrapping(passphrase: Secret, salt: bytes) -> AESGCM:
    kdf = Scrypt(salt=salt, length=32, n=int(_WRAP["n"]), r=int(_WRAP["r"]), p=int(_WRAP["p"]))
    return AESGCM(kdf.derive(passphrase.reveal().encode()))


def write_key(path: Path, key: MasterKey) -> None:
    """Write a master key where none is, mode 0600."""
    create_key(path, key)


def open_vault(
    *, key_file: Path, given: Secret | None = None, use_keyring: bool = False, before: Secret | None = None
) -> Vault:
    """The vault of this installation.

    Its key is the one `given` by the settings, else the system keyring's where asked for, else the key
    file's, which is made on first use with mode 0600. `before` is the key that was given before, while changing.

    Raises BadInput (key unreadable, file open to others), Unavailable (no keyring).
    """
    older = []
    if before:
        register(before)
        older.append(MasterKey(before, where="setting previous_master_key"))
    if given:
        register(given)
        return Vault(MasterKey(given, where="setting master_key"), older)
    home: KeyHome = KeyringHome() if use_keyring else FileHome(key_file)
    if home.get(Slot.CURRENT) is None:
        home.make()
    found = {slot: home.get(slot) for slot in Slot}
    for one in found.values():
        if one is not None:
            register(one.text)
    key = found[Slot.CURRENT]
    if key is None:
        raise BadInput("there is no master key", where=str(key_file), remedy="restore it from your backup")
    return Vault(key, [*older, *(one for one in found.values() if one is not None)], home)


def _bound(*parts: str | bytes) -> bytes:
    """The associated data, each part with its length: ("ab", "c") and ("a", "bc") must differ."""
    raw = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in raw)
