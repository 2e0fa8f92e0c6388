"""Rotation: every stored secret sealed again under a new master key, so that a death at any point loses none.

The new key is written down before anything is sealed under it, and the old one is kept until nothing is left under
it, and after that as the previous one: a process that sealed with it a moment ago is still understood. Who finds a
rotation half done goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crosspost.domain.errors import BadInput, Conflict, CrosspostError
from crosspost.masterkey import MasterKey, Slot, promote
from crosspost.store import credentials
from crosspost.store.store import Store
from crosspost.vault import Vault, key_id

Probe = Callable[[str], None]
_PASSES = 100  # each only meets what others wrote meanwhile


@dataclass(frozen=True, slots=True)
class Rotated:
    """Ids of the keys name them without telling anything of them. `unreadable`: (brand, owner, name, why)."""

    before: str
    after: str
    resealed: int
    resumed: bool
    unreadable: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Where things stand: how many secrets are sealed under the current key, under older ones, under unknown ones."""

    kept: str
    key: str
    current: int
    older: int
    unknown: int
    unfinished: bool


@dataclass(slots=True)
class _Done:
    count: int = 0
    unreadable: dict[tuple[str, str, str], str] = field(default_factory=dict)


def rotate(store: Store, vault: Vault, older: Sequence[MasterKey] = (), probe: Probe = lambda step: None) -> Rotated:
    """Seal everything under a new key. Where the settings give the key, they give the new one, and `older` the old.

    Raises BadInput (the settings' old key is missing), Unavailable (the keyring).
    """
    home = vault.home
    done = _Done()
    if home is None:
        if not older:
            raise BadInput(
                "the settings give the master key, and crosspost cannot change it there",
                remedy="move it to previous_master_key, set master_key to a new one (openssl rand -base64 32), and "
                "run this again",
            )
        _all(store, Vault(vault.key, older), done, probe)
        return Rotated(older[0].id.hex(), vault.key.id.hex(), done.count, False, _listed(done))
    before = home.get(Slot.CURRENT)
    resumed = home.get(Slot.NEXT) is not None
    if not resumed:
        probe("before the next key is written")
        home.put(Slot.NEXT, MasterKey.generate())
        probe("the next key is written")
    after = home.get(Slot.NEXT)
    if before is None or after is None:
        raise Conflict("the master key went away meanwhile", remedy="run it again")
    known = [one for one in (home.get(Slot.PREVIOUS), before, *older) if one is not None]
    sealing = Vault(after, known)
    _all(store, sealing, done, probe)
    probe("before the key is changed")
    promote(home)
    probe("the key is changed")
    _all(store, sealing, done, probe)  # what was sealed under the old key between the last look and the change
    return Rotated(before.id.hex(), after.id.hex(), done.count, resumed, _listed(done))


def status(store: Store, vault: Vault, older_keys: Sequence[MasterKey] = ()) -> KeyStatus:
    """Count the stored secrets by the key they are sealed under. `older_keys` are those the settings give."""
    current = older = unknown = 0
    home = vault.home
    known = {one.id for slot in Slot if home is not None and (one := home.get(slot)) is not None}
    known |= {one.id for one in older_keys}
    for brand in store.brands():
        with store.read(brand.id) as scope:
            for _, _, sealed in credentials.every(scope):
                under = key_id(sealed)
                current += under == vault.key.id
                older += under != vault.key.id and under in known
                unknown += under != vault.key.id and under not in known
    kept = "settings" if home is None else type(home).__name__.removesuffix("Home").lower()
    unfinished = home is not None and home.get(Slot.NEXT) is not None
    return KeyStatus(kept, vault.key.id.hex(), current, older, unknown, unfinished)


def _all(store: Store, vault: Vault, done: _Done, probe: Probe) -> None:
    """Pass over all secrets until a pass finds nothing left to do."""
    for _ in range(_PASSES):
        found = 0
        for brand in store.brands():
            with store.read(brand.id) as scope:
                rows = credentials.every(scope)
            for owner_id, name, sealed in rows:
                if (brand.id, owner_id, name) in done.unreadable:
                    continue
                try:
                    fresh = vault.rewrap(brand.id, owner_id, name, sealed)
                except CrosspostError as error:
                    done.unreadable[brand.id, owner_id, name] = error.message
                    continue
                if fresh == sealed:
                    continue
                found += 1
                probe("before a secret is sealed again")
                with store.write(brand.id) as scope:
                    done.count += credentials.reseal(scope, owner_id, name, sealed, fresh)
                probe("a secret is sealed again")
        if not found:
            return
    raise Conflict("secrets are replaced faster than they are sealed again", remedy="stop crosspost run, and repeat")


def _listed(done: _Done) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((*where, why) for where, why in done.unreadable.items())
