"""The brand's own secrets: what signs events, and what turns a mail address into a person. Made when first needed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from crosspost.domain.errors import NotFound
from crosspost.secret import Secret
from crosspost.store import credentials
from crosspost.store.store import Scope, Store
from crosspost.vault import Vault

_PERSON = "person_key"
_LIVE = "endpoint_secret"
_BEFORE = "endpoint_secret_before"  # goes on working while senders are changed over


def person_key(store: Store, vault: Vault, brand_id: str, now: datetime) -> Secret:
    """The key under which a brand's persons are hashed. Changing it would make every known client a stranger."""
    return _get(store, vault, brand_id, _PERSON) or _make(store, vault, brand_id, _PERSON, now)


def person_key_within(scope: Scope, vault: Vault, now: datetime) -> Secret:
    """The same within a transaction: a key that is made stays only if the transaction does."""
    brand_id = scope.brand_id
    sealed = credentials.sealed(scope, brand_id).get(_PERSON)
    if sealed is not None:
        return vault.open(brand_id, brand_id, _PERSON, sealed)
    made = Secret(secrets.token_urlsafe(32))
    credentials.save(scope, brand_id, _PERSON, vault.seal(brand_id, brand_id, _PERSON, made), now, replace=False)
    return made


def endpoint_secret(store: Store, vault: Vault, brand_id: str, now: datetime) -> Secret:
    """The secret that signs a brand's events."""
    return _get(store, vault, brand_id, _LIVE) or _make(store, vault, brand_id, _LIVE, now)


def rotate_endpoint_secret(store: Store, vault: Vault, brand_id: str, now: datetime) -> Secret:
    """A new signing secret. The one before it goes on working until the next rotation."""
    before = endpoint_secret(store, vault, brand_id, now)
    with store.write(brand_id) as scope:
        credentials.save(scope, brand_id, _BEFORE, vault.seal(brand_id, brand_id, _BEFORE, before), now)
    return _make(store, vault, brand_id, _LIVE, now, replace=True)


def retire_endpoint_secret(store: Store, brand_id: str) -> bool:
    """End the secret before the present one, at once; whether there was one."""
    with store.write(brand_id) as scope:
        found = _BEFORE in credentials.sealed(scope, brand_id)
        credentials.forget(scope, brand_id, [_BEFORE])
    return found


def live_secrets(store: Store, vault: Vault, slug: str) -> Sequence[Secret]:
    """The signing secrets that count now, the newest first; none for a brand that is unknown or has none."""
    try:
        brand = store.brand(slug)
    except NotFound:
        return ()
    found = (_get(store, vault, brand.id, name) for name in (_LIVE, _BEFORE))
    return tuple(secret for secret in found if secret is not None)


def _get(store: Store, vault: Vault, brand_id: str, name: str) -> Secret | None:
    with store.read(brand_id) as scope:
        sealed = credentials.sealed(scope, brand_id).get(name)
    return None if sealed is None else vault.open(brand_id, brand_id, name, sealed)


def _make(store: Store, vault: Vault, brand_id: str, name: str, now: datetime, *, replace: bool = False) -> Secret:
    """The secret that is stored in the end: another process may have made one since we looked."""
    made = Secret(secrets.token_urlsafe(32))
    with store.write(brand_id) as scope:
        if not credentials.save(
            scope, brand_id, name, vault.seal(brand_id, brand_id, name, made), now, replace=replace
        ):
            return vault.open(brand_id, brand_id, name, credentials.sealed(scope, brand_id)[name])
    return made
