"""Purge: delete what the networks' rules say must go, and what readers left and its time is over, from the database
and from the files it was written to.

Only what an API told is under a network's rules. What people imported, typed or sent themselves is theirs and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crosspost.commands import expiry
from crosspost.domain.brand import Account, Brand
from crosspost.domain.networks import NETWORKS
from crosspost.domain.retention import Due, Retention, earliest
from crosspost.store import brands, register, retention
from crosspost.store.store import Scope, Store

PURGE_EVERY_S = 3600.0
_AHEAD = timedelta(hours=2)  # what would be late at the next round goes now
WARN = timedelta(days=14)
_GONE = "readings of posts that are deleted there"


@dataclass(frozen=True, slots=True)
class FileDone:
    """What became of a file: rewritten, deleted, missing (it is no longer where it was written), kept."""

    path: str
    kind: str
    done: str
    why: str


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """`removed` is what went, or in a dry run would go. `problems` are for a person, each with what to do."""

    dry_run: bool
    removed: tuple[Due, ...]
    files: tuple[FileDone, ...] = ()
    problems: tuple[str, ...] = ()


def purge(store: Store, now: datetime, *, dry_run: bool = False, hits_dir: Path | None = None,
          locks: Path | None = None) -> PurgeReport:  # fmt: skip
    """Delete what is due from the database and the hit log, and write the registered files that hold it again.

    `locks` is a folder: reports of a brand that another is at (`reports_lock`) wait for the next round, soon enough.
    """
    from crosspost.commands.rewriting import rewrite_due

    removed = purge_database(store, now, dry_run=dry_run)
    if not dry_run:
        _reports_of_the_gone(store, removed, now)
    segments = 0 if hits_dir is None else expiry.purge_hit_log(store, hits_dir, now, dry_run=dry_run)
    files = rewrite_due(store, now + _AHEAD, now, dry_run=dry_run, locks=locks)
    if segments:
        files = (FileDone(str(hits_dir), "hit log", "deleted", f"{segments} files, folded and past their time"), *files)
    problems = tuple(f"{one.path}: {one.why}" for one in files if one.done in ("kept", "missing"))
    return PurgeReport(dry_run, removed, files, problems)


def _reports_of_the_gone(store: Store, removed: tuple[Due, ...], now: datetime) -> None:
    """Numbers of posts that were deleted since stand in reports too: no date said before that they would have to go."""
    slugs = {due.brand for due in removed if due.what == _GONE}
    for brand in store.brands():
        if brand.slug in slugs:
            with store.database.write() as connection:
                register.due(connection, brand.id, now)


def purge_database(store: Store, now: datetime, *, dry_run: bool = False) -> tuple[Due, ...]:
    """The same without the files."""
    of_brands = tuple(due for brand in store.brands() for due in _purge_brand(store, brand, now, dry_run))
    return (*of_brands, *expiry.due_of_nobody(store, now, forget=not dry_run))


def _purge_brand(store: Store, brand: Brand, now: datetime, dry_run: bool) -> Iterator[Due]:
    with store.read(brand.id) as scope:
        due = [*_due(scope, brand, now + _AHEAD), *expiry.due(scope, brand, now)]
    if not due:
        return
    if not dry_run:
        with store.write(brand.id) as scope:
            due = [*_due(scope, brand, now + _AHEAD, forget=True), *expiry.due(scope, brand, now, forget=True)]
    yield from due


def _due(scope: Scope, brand: Brand, by: datetime, *, forget: bool = False) -> Iterator[Due]:
    """What must go by that instant; with `forget` it goes."""
    for account, rules in _ruled(scope):
        name = f"{account.network} {account.handle}"
        for rule in rules.of(account.remote_id):
            keep = rule.kept(account.settings)
            first = retention.oldest(scope, account.id, rule.what)
            if first is None or first + keep > by:
                continue
            act = retention.forget if forget else retention.count
            yield Due(brand.slug, name, rule.what, rule.why, act(scope, account.id, rule.what, by - keep), first + keep)
        if rules.gone is None:
            continue
        count, since = retention.of_deleted_posts(scope, account.id)
        if count and since is not None:
            if forget:
                retention.forget_deleted_posts(scope, account.id)
            yield Due(brand.slug, name, _GONE, "what X told of a deleted post goes with it", count, since + rules.gone)


def _ruled(scope: Scope) -> Iterator[tuple[Account, Retention]]:
    for account in brands.accounts(scope):
        if account.network in NETWORKS:
            # Here, since a brand that is only audited may have no account: then nothing of networks is loaded.
            from crosspost.networks import rules_of

            yield account, rules_of(account.network)


def upcoming(store: Store, brand: Brand, now: datetime, within: timedelta = WARN) -> tuple[Due, ...]:
    """What will have to go within that time, and what is late already."""
    with store.read(brand.id) as scope:
        return tuple(_due(scope, brand, now + within))


def horizon(store: Store, brand: Brand) -> datetime | None:
    """When the first of what a brand's database holds must go; None when nothing in it must."""
    with store.read(brand.id) as scope:
        return earliest(
            first + rule.kept(account.settings)
            for account, rules in _ruled(scope)
            for rule in rules.of(account.remote_id)
            if (first := retention.oldest(scope, account.id, rule.what)) is not None
        )


def horizon_of_all(store: Store) -> datetime | None:
    """The same for every brand together, and for what readers left: a backup holds it, a report counts alone."""
    brands_ = store.brands()
    return earliest([*(horizon(store, one) for one in brands_), *(expiry.horizon(store, one) for one in brands_)])


def warnings(store: Store, brand: Brand, now: datetime) -> tuple[str, ...]:
    """A sentence each for what goes soon, and how to keep the like of it."""
    kept = "what you import from the network's own export stays"
    return tuple(f"{one.sentence}; {kept}" for one in upcoming(store, brand, now))
