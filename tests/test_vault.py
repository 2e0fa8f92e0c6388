"""Tokens at rest."""

from __future__ import annotations

import base64
import os
import stat
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from crosspost.domain.errors import BadInput, Conflict, NotAllowed, Unavailable
from crosspost.secret import Secret
from crosspost.vault import MasterKey, Vault, key_id, open_vault

TOKEN = Secret("canary-token-é-1234567890")
PLACE = ("brand-1", "account-1", "access_token")


@pytest.fixture(scope="module")
def vault() -> Vault:
    return Vault(MasterKey.generate())


def test_what_was_sealed_opens(vault: Vault) -> None:
    sealed = vault.seal(*PLACE, TOKEN)
    assert vault.open(*PLACE, sealed) == TOKEN
    assert b"canary" not in sealed
    assert vault.seal(*PLACE, TOKEN) != sealed  # a nonce of its own each time


@pytest.mark.parametrize(
    "place",
    [
        ("brand-2", "account-1", "access_token"),
        ("brand-1", "account-2", "access_token"),
        ("brand-1", "account-1", "refresh_token"),
        ("brand-1account-1", "", "access_token"),
        ("brand-1", "account-1access_token", ""),
    ],
)
def test_a_row_moved_elsewhere_is_refused(place: tuple[str, str, str], vault: Vault) -> None:
    sealed = vault.seal(*PLACE, TOKEN)
    with pytest.raises(NotAllowed, match="another brand, account or name") as refused:
        vault.open(*place, sealed)
    assert "canary" not in str(refused.value)


def test_every_brand_has_a_key_of_its_own() -> None:
    key = MasterKey.generate()
    sealed = [key.for_brand(brand).encrypt(bytes(12), b"same", None) for brand in ("a", "b", "a")]
    assert sealed[0] == sealed[2] != sealed[1]


def test_every_altered_byte_is_noticed(vault: Vault) -> None:
    sealed = vault.seal(*PLACE, TOKEN)
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises((NotAllowed, Conflict)):
            vault.open(*PLACE, bytes(altered))
    for length in range(len(sealed)):
        with pytest.raises(NotAllowed):
            vault.open(*PLACE, sealed[:length])


def test_another_master_key_is_named(vault: Vault) -> None:
    sealed = vault.seal(*PLACE, TOKEN)
    with pytest.raises(Conflict, match=key_id(sealed).hex()):
        Vault(MasterKey.generate()).open(*PLACE, sealed)


def test_rotation_keeps_every_secret_and_may_be_repeated() -> None:
    old, new = MasterKey.generate(), MasterKey.generate()
    sealed = Vault(old).seal(*PLACE, TOKEN)
    rotating = Vault(new, previous=[old])
    again = rotating.rewrap(*PLACE, sealed)
    assert key_id(again) == new.id != key_id(sealed)
    assert rotating.rewrap(*PLACE, again) == again
    assert rotating.open(*PLACE, sealed) == Vault(new).open(*PLACE, again) == TOKEN
    with pytest.raises(NotAllowed):
        rotating.rewrap("brand-2", *PLACE[1:], sealed)


def test_the_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "data" / "master.key"
    sealed = open_vault(key_file=path).seal(*PLACE, TOKEN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_vault(key_file=path).open(*PLACE, sealed) == TOKEN
    assert os.listdir(path.parent) == ["master.key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o660])
def test_a_key_file_open_to_others_is_refused(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    open_vault(key_file=path)
    path.chmod(mode)
    with pytest.raises(BadInput, match=f"chmod 600 {path}"):
        open_vault(key_file=path)


@pytest.mark.parametrize("content", ["", "short", base64.b64encode(bytes(31)).decode(), "canary not base64 …"])
def test_a_damaged_key_is_told_and_not_shown(content: str, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(BadInput, match=r"32 bytes in base64") as wrong:
        open_vault(key_file=path)
    assert str(path) in str(wrong.value)
    assert "canary" not in str(wrong.value)
    with pytest.raises(BadInput, match="setting master_key"):
        open_vault(key_file=path, given=Secret(content or "x"))


def test_many_first_uses_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    start = threading.Barrier(8)
    sealed: list[bytes] = []

    def use() -> None:
        start.wait()
        sealed.append(open_vault(key_file=path).seal(*PLACE, TOKEN))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({key_id(one) for one in sealed}) == 1
    assert [open_vault(key_file=path).open(*PLACE, one) == TOKEN for one in sealed] == [True] * 8
    assert os.listdir(tmp_path) == ["master.key"]


def test_a_given_key_wins_and_touches_no_file(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = MasterKey.generate()
    sealed = open_vault(key_file=path, given=key.text, use_keyring=True).seal(*PLACE, TOKEN)
    assert Vault(key).open(*PLACE, sealed) == TOKEN
    assert not path.exists()


class _Locked(Exception):
    pass


def _keyring(monkeypatch: pytest.MonkeyPatch, locked: bool = False) -> dict[tuple[str, str], str]:
    kept: dict[tuple[str, str], str] = {}

    def get(service: str, name: str) -> str | None:
        if locked:
            raise _Locked("canary")
        return kept.get((service, name))

    def keep(service: str, name: str, value: str) -> None:
        kept[service, name] = value

    fake, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    vars(fake).update(get_password=get, set_password=keep, errors=errors)
    vars(errors).update(KeyringError=_Locked)
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return kept


def test_the_keyring_keeps_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = _keyring(monkeypatch)
    sealed = open_vault(key_file=tmp_path / "k", use_keyring=True).seal(*PLACE, TOKEN)
    assert open_vault(key_file=tmp_path / "k", use_keyring=True).open(*PLACE, sealed) == TOKEN
    assert len(kept) == 1
    assert os.listdir(tmp_path) == []


def test_a_locked_or_missing_keyring_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _keyring(monkeypatch, locked=True)
    with pytest.raises(Unavailable, match="unlock it") as locked:
        open_vault(key_file=tmp_path / "k", use_keyring=True)
    assert "canary" not in str(locked.value)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(Unavailable, match=r"crosspost\[keyring\]"):
        open_vault(key_file=tmp_path / "k", use_keyring=True)


def test_keys_do_not_show_themselves() -> None:
    key = MasterKey.generate()
    shown = f"{key!r} {key} {vars(key)} {Vault(key)!r} {vars(Vault(key))}"
    assert key.text.reveal() not in shown
    assert base64.b64decode(key.text.reveal()) not in shown.encode("latin-1", "replace")
