"""One delivery from its claim to its outcome: the only place that calls a network's publish."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from crosspost.clock import Clock
from crosspost.domain.delivery import Delivery, DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, NotSent, OutcomeUnknown, Unauthorized, Unreachable
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.outcomes import Change, after_look, after_send
from crosspost.domain.post import Post
from crosspost.domain.transitions import effective_class, look_since
from crosspost.domain.windows import BootTime, Windows
from crosspost.networks.network import Publisher
from crosspost.store import flights
from crosspost.store.flights import Fenced, Flight
from crosspost.store.store import Scope, Store

log = logging.getLogger(__name__)

Probe = Callable[[str], None]

# The steps of one flight, in order: a process may end at each, and harnesses make it.
STEPS = (
    "before claim",
    "before claim commits",
    "claimed",
    "before request",
    "handle kept",
    "answered",
    "before outcome commits",
    "recorded",
)


def no_probe(_step: str) -> None:
    return None


def no_other() -> Publisher | None:
    """There is no other token than the one that was refused."""
    return None


@dataclass(frozen=True, slots=True)
class Landed:
    """An outcome that is to be recorded: `write` does it, once, in a transaction of the delivery's brand, or raises.

    What it wrote is undone with the transaction. After the commit `notices` are told.
    """

    write: Callable[[Scope], None]
    notices: tuple[Notice, ...] = ()


def fly(
    flight: Flight,
    adapter: Publisher,
    *,
    store: Store,
    clock: Clock,
    windows: Windows,
    rng: Random,
    read_image: Callable[[str], bytes] | None,
    probe: Probe,
    again: Callable[[], Publisher | None] = no_other,
) -> Landed | None:
    """Do what was claimed, once. None when the delivery was taken from us meanwhile: nothing is recorded then.

    A refused token proves that nothing was done: `again` then gives the adapter with another one, and the same attempt
    is made with it; None leaves it refused. It raises NotSent while the network cannot be asked for a token.
    """
    row = flight.delivery
    handle = row.handle

    def keep(made: str) -> None:
        nonlocal handle
        with store.write(row.brand_id) as scope:
            flights.keep_handle(scope, flight, made)
        handle = made
        probe("handle kept")

    def boot() -> BootTime:
        return BootTime(clock.boot_id(), clock.boot_s())

    if flight.action == "send":
        outcome = _send(flight, adapter, store, clock, windows, read_image, probe, handle, keep)
        if isinstance(outcome, Unauthorized):
            try:
                if (other := again()) is not None:
                    outcome = _send(flight, other, store, clock, windows, read_image, probe, handle, keep)
            except NotSent as failure:
                outcome = failure
        if outcome is None:
            return None
        probe("answered")
        change = after_send(row, flight.declared, outcome, clock.now(), boot(), windows, rng)
        sent = outcome if isinstance(outcome, Post) else None
        return _landed(flight, change, sent, clock, windows, probe)
    asked_at, asked_boot = clock.now(), boot()
    since = look_since(row, asked_at, asked_boot, windows)
    seen = _look(flight, adapter, since)
    if isinstance(seen, Unauthorized) and flight.action == "look":
        try:
            if (other := again()) is not None:
                seen = _look(flight, other, since)
        except NotSent as failure:
            seen = Unreachable(failure.reason)
    probe("answered")
    if flight.action == "look":
        change = after_look(row, flight.declared, seen, asked_at, asked_boot, windows, rng)
        return _landed(flight, change, None, clock, windows, probe)
    return _verified(flight, seen, clock, windows)


def _send(
    flight: Flight,
    adapter: Publisher,
    store: Store,
    clock: Clock,
    windows: Windows,
    read_image: Callable[[str], bytes] | None,
    probe: Probe,
    handle: str | None,
    keep: Callable[[str], None],
) -> Post | NetworkFailure | None:
    row = flight.delivery
    try:
        outgoing = _outgoing(flight, read_image, handle)
    except OSError as error:
        return NotSent(f"an image cannot be read ({type(error).__name__})")
    if _may_be_taken(flight, store, clock):
        with store.read(row.brand_id) as scope:
            if not flights.still_held(scope, flight):
                log.warning("delivery %s was taken over before it was sent", row.id)
                return None
    # After the last wait: a worker may have been paused since the claim.
    if (late := _too_late(flight, clock, windows)) is not None:
        return late

    probe("before request")
    try:
        return adapter.publish(outgoing, keep)
    except NetworkFailure as failure:
        return failure
    except Fenced:
        log.warning("delivery %s was taken over before it became public", row.id)
        return None
    except Exception as error:  # unclassified: the request may have left
        log.warning("delivery %s met a fault of crosspost: %s", row.id, type(error).__name__, exc_info=True)
        return OutcomeUnknown(f"{type(error).__name__} in the adapter")


def _may_be_taken(flight: Flight, store: Store, clock: Clock) -> bool:
    """Whether another worker could hold the delivery by now: on several hosts, or after a pause on this one."""
    elapsed = BootTime(clock.boot_id(), clock.boot_s()).since(flight.delivery.last_sent_boot)
    return store.database.dialect != "sqlite" or elapsed is None or elapsed > 1.0


def _too_late(flight: Flight, clock: Clock, windows: Windows) -> NotSent | None:
    """A worker that was paused between claim and request must decide again."""
    row, now = flight.delivery, clock.now()
    boot = BootTime(clock.boot_id(), clock.boot_s())
    if now > row.expires_at:
        return NotSent("its window passed before the request")
    if row.ambiguous and flight.declared is DeliveryClass.KEY:
        still = effective_class(row, flight.declared, now, boot, windows) is DeliveryClass.KEY
        return None if still else NotSent("the key grew too old before the request")
    return None


def _look(flight: Flight, adapter: Publisher, since: datetime) -> Sighting | NetworkFailure:
    try:
        return adapter.probe(_outgoing(flight, None, flight.delivery.handle), since)
    except NetworkFailure as failure:
        return failure
    except Exception as error:  # a look changes nothing: it may be repeated
        log.warning(
            "looking for %s met a fault of crosspost: %s", flight.delivery.id, type(error).__name__, exc_info=True
        )
        return Unreachable(f"{type(error).__name__} in the adapter")


def _outgoing(flight: Flight, read_image: Callable[[str], bytes] | None, handle: str | None) -> Outgoing:
    row = flight.delivery
    images = {one.sha256: read_image(one.sha256) for one in row.teaser.images} if read_image else {}
    return Outgoing(
        delivery_id=row.id, revision=row.revision, teaser=row.teaser, code=row.code, key=row.key,
        record_key=row.record_key, created_at=row.due_at, handle=handle,
        parent_remote_id=flight.parent_remote_id, attachments=images,
    )  # fmt: skip


def _landed(
    flight: Flight,
    change: Change,
    sent: Post | None,
    clock: Clock,
    windows: Windows,
    probe: Probe,
) -> Landed:
    row = flight.delivery

    def write(scope: Scope) -> None:
        boot = BootTime(clock.boot_id(), clock.boot_s())
        flights.finish(scope, flight, change, now=clock.now(), boot=boot, windows=windows, sent=sent)
        probe("before outcome commits")

    told: list[Notice] = []
    if change.notice is not None:
        told.append(Notice(change.notice, change.reason, clock.now(), row.brand_id, row.account_id, row.id))
    if change.account.failed and flight.failures + 1 == windows.breaker_failures:
        text = (
            f"{flight.account.network} {flight.account.handle} failed {windows.breaker_failures} times in a row: it is "
            f"tried every {windows.breaker_open_s / 60:.0f} minutes until it works ({change.reason})"
        )
        told.append(Notice(NoticeKind.WAITS, text, clock.now(), row.brand_id, row.account_id))
    return Landed(write, tuple(told))


def _verified(flight: Flight, seen: Sighting | NetworkFailure, clock: Clock, windows: Windows) -> Landed:
    """Reading back is an attribute with its evidence: it never changes what was recorded as published."""
    row: Delivery = flight.delivery
    present = isinstance(seen, Sighting) and seen.found is Found.PRESENT
    evidence = seen.evidence if isinstance(seen, Sighting) else f"could not be read back: {seen.reason}"
    notices: tuple[Notice, ...] = ()
    other = isinstance(seen, Sighting) and seen.remote_id is not None and seen.remote_id != row.remote_id
    if present and other and row.remote_id is not None and isinstance(seen, Sighting):
        evidence = f"recorded as {row.remote_id}, found as {seen.remote_id}: {evidence}"
        notices = (Notice(NoticeKind.DIFFERS, evidence, clock.now(), row.brand_id, row.account_id, row.id),)

    def write(scope: Scope) -> None:
        flights.verified(
            scope, flight, evidence=evidence, proven=present and not notices, now=clock.now(), windows=windows
        )

    return Landed(write, notices)
