"""Nine ways of getting deliveries wrong, each put into the engine by a small patch.

They are what schedulers do, or what somebody might "simplify" here one day. A harness that does not notice them
proves nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.simulated_history import Setting
from crosspost.commands import flight
from crosspost.domain import transitions
from crosspost.domain.delivery import Delivery, DeliveryClass, State
from crosspost.domain.errors import NetworkFailure, NotSent, OutcomeUnknown, RateLimited, Rejected, Unauthorized
from crosspost.domain.outcomes import Change, after_send, owner_died
from crosspost.domain.post import Post
from crosspost.domain.windows import Windows
from crosspost.store import flights

Patch = Callable[[], AbstractContextManager[None]]


@contextmanager
def _patched(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    before = [(module, name, getattr(module, name)) for module, name, _ in changes]
    try:
        for module, name, value in changes:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def retry_on_any_error() -> AbstractContextManager[None]:
    """An unknown outcome is taken for "not sent", and so is a worker's death."""

    def believing(row: Delivery, declared: DeliveryClass, outcome: Post | NetworkFailure, *rest: Any) -> Change:
        unclear = isinstance(outcome, OutcomeUnknown) or (isinstance(outcome, Post) and not outcome.remote_id)
        return after_send(row, declared, NotSent("an error") if unclear else outcome, *rest)

    def forgetting(row: Delivery, *, session_lost: bool = False) -> Change:
        return replace(owner_died(row, session_lost=session_lost), state=State.SCHEDULED, ambiguous=False)

    def anything(before: State, after: State, *, by_hand: bool = False) -> None:
        return None

    return _patched(
        (flight, "after_send", believing), (flights, "owner_died", forgetting), (flights, "check", anything)
    )


def random_key_per_attempt() -> AbstractContextManager[None]:
    """Every attempt is a new request to the network."""
    serial = itertools.count()
    outgoing = flight._outgoing
    return _patched((flight, "_outgoing", lambda *given: replace(outgoing(*given), key=f"random-{next(serial)}")))


def key_trusted_for_ever() -> AbstractContextManager[None]:
    return _patched((transitions, "_key_is_young", lambda *_: True))


def immediate_repeat_with_the_key() -> AbstractContextManager[None]:
    """The same key again while the first request may still be on its way."""
    return _patched((transitions, "_key_may_repeat", lambda *_: True))


def immediate_repeat() -> AbstractContextManager[None]:
    """The same key again at once: a server that stores keys late carries out both."""
    return _patched((transitions, "_key_may_repeat", lambda *_: True))


def ambiguity_not_sticky() -> AbstractContextManager[None]:
    """A clean refusal of a repeat is taken to speak of the attempts before it as well."""
    clean = (NotSent, RateLimited, Unauthorized, Rejected)

    def forgetting(row: Delivery, declared: DeliveryClass, outcome: Post | NetworkFailure, *rest: Any) -> Change:
        row = replace(row, ambiguous=False) if isinstance(outcome, clean) else row
        return after_send(row, declared, outcome, *rest)

    return _patched((flight, "after_send", forgetting))


@dataclass(frozen=True)
class Mutant:
    """`histories` of `seed` show at least one wrong outcome; the engine as it is passes the very same ones."""

    name: str
    histories: int
    classes: tuple[DeliveryClass, ...]
    setting: Setting = field(default_factory=Setting)
    patch: Patch = nullcontext
    sane: Setting | None = None  # the setting without the weakness, where the weakness is one of the setting
    seed: int = 1


KEY, READABLE = (DeliveryClass.KEY,), (DeliveryClass.READABLE,)
_CROWDED = Setting(per_account=3, chatter=6)

MUTANTS = (
    Mutant("retry on any error", 100, (DeliveryClass.READABLE, DeliveryClass.BLIND), patch=retry_on_any_error),
    Mutant("random key per attempt", 1500, KEY, patch=random_key_per_attempt),
    Mutant(
        "no settle window", 400, READABLE, Setting(windows=Windows(settle_s=0.0)), sane=Setting()
    ),
    Mutant(
        "no list-horizon check, fresh sends first", 1500, READABLE,
        Setting(per_account=3, chatter=6, horizon=False, fresh_first=True), sane=_CROWDED,
    ),
    Mutant("key trusted for ever", 400, KEY, Setting(outage=1.0), patch=key_trusted_for_ever),
    Mutant("immediate repeat with the key", 400, KEY, patch=immediate_repeat),
    Mutant("ambiguity not sticky", 800, (DeliveryClass.NAMES_TWIN,), patch=ambiguity_not_sticky),
    Mutant(
        "windows on the wall clock", 1500, KEY + READABLE,
        Setting(wall_windows=True, jumps=12, faults=2.0),
        sane=Setting(jumps=12, faults=2.0),
    ),
    Mutant(
        "time lease instead of the death lock", 2000, READABLE, Setting(lease_s=60.0, stop=0.05, stop_s=3000.0),
        sane=Setting(stop=0.05, stop_s=3000.0),
    ),
)  # fmt: skip
