"""API keys of a brand: made, shown once, recognised, revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

from crosspost.domain.access import ApiKey, KeyScope
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput
from crosspost.domain.ids import new_id
from crosspost.secret import Secret
from crosspost.store import apikeys, events
from crosspost.store.store import Store

_BEGINNING = "cpk_"  # so that scanners of leaked secrets can tell what it is
_SHOWN = 12  # characters of a key that are kept to tell it by


def add_key(
    store: Store, brand: Brand, now: datetime, name: str, scope: KeyScope, *, who: str
) -> tuple[ApiKey, Secret]:
    """A new key. It is told here and never again."""
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise BadInput("a key needs a name of up to 100 printable characters", remedy="such as: website")
    key = Secret(_BEGINNING + secrets.token_urlsafe(32))
    made = ApiKey(new_id(now), name.strip(), key.reveal()[:_SHOWN], scope, now, who, None, None)
    with store.write(brand.id) as within:
        apikeys.add(within, made, _hash(key.reveal()))
        events.record(within, "api key added", made.id, who=who, now=now, prefix=made.prefix, may=scope.value)
    return made, key


def revoke_key(store: Store, brand: Brand, now: datetime, prefix: str, *, who: str) -> ApiKey:
    """Let a key open nothing from now on. Raises NotFound."""
    with store.write(brand.id) as within:
        revoked = apikeys.revoke(within, prefix, now)
        if revoked.revoked_at is None:
            events.record(within, "api key revoked", revoked.id, who=who, now=now, prefix=prefix)
    return revoked


def recognised(store: Store, brand: Brand, given: str, now: datetime) -> ApiKey | None:
    """The brand's live key that this is, with its day of use noted; None for any other text."""
    with store.read(brand.id) as within:
        found = apikeys.live(within, _hash(given))
    if found is not None and found.used_on != (today := now.astimezone(UTC).date()).isoformat():
        with store.write(brand.id) as within:
            apikeys.used(within, found.id, today)
    return found


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
