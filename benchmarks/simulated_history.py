"""What a simulated history is like, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.simulated_rows import copier
from crosspost.domain.brand import Account
from crosspost.domain.delivery import Delivery, DeliveryClass, LatePolicy, State
from crosspost.domain.teaser import Teaser
from crosspost.domain.windows import Windows

BRAND = "brand"
BASE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a history is like. The defaults are those of the shown run; weakened variants change them."""

    windows: Windows = field(default_factory=Windows)
    per_account: int = 1
    workers: int = 3
    rivals: float = 0.15  # how often every worker goes for the same account at once
    placement: str = "text"  # of the link; anything but text or card leaves the post without a mark
    crash: float = 0.022  # per step
    stop: float = 0.004  # per step
    stop_s: float = 900.0  # longest pause: below half the life of a key, less what a proxy may hold
    jumps: int = 2  # of the wall clock, to at most an hour off
    outage: float = 0.03  # per history: the whole host is gone for up to three hours
    faults: float = 1.0  # factor on the network's faults
    look_faults: float = 1.0  # factor on the faults of looks
    late_misses: float = 0.1  # share of deliveries that are missed when late
    chatter: int = 3  # posts of others on the account
    wall_windows: bool = False  # weakened: boot time follows the wall clock
    lease_s: float | None = None  # weakened: an owner is dead when it was silent for so long
    horizon: bool = True
    fresh_first: bool = False


@dataclass(slots=True)
class Tally:
    deliveries: int = 0
    published: int = 0
    duplicates: int = 0
    phantoms: int = 0
    lost: int = 0
    stuck: int = 0
    needs_person: int = 0
    rejected: int = 0
    missed: int = 0
    crashes: int = 0
    pauses: int = 0
    jumps: int = 0
    outages: int = 0
    requests: int = 0
    steps: int = 0
    trace: int = 0
    by_class: dict[str, dict[str, int]] = field(default_factory=dict)


def _account(declared: DeliveryClass) -> Account:
    return Account(declared.name, BRAND, "simulated", "@a", "https://network.example", "1", (), {}, None, BASE)


ACCOUNTS = {one: _account(one) for one in DeliveryClass}
_copy: Callable[..., Delivery] = copier(Delivery)
_templates: dict[tuple[DeliveryClass, int, str], Delivery] = {}


def delivery_of(declared: DeliveryClass, number: int, due_s: float, rng: Random, setting: Setting) -> Delivery:
    placement = setting.placement
    template = _templates.get((declared, number, placement))
    if template is None:
        code = f"{declared.name.lower().replace('_', '')}{number}"
        link = f"https://go.example/{code}"
        text = f"À lire : {link}" if placement == "text" else f"À lire {number}"
        teaser = Teaser(text, link, "fr", placement)
        template = Delivery(
            id=code, brand_id=BRAND, account_id=declared.name, article_id=None, parent_id=None, revision=1,
            state=State.SCHEDULED, reason=None, teaser=teaser, sha256=teaser.sha256, code=code, key=f"key-{code}",
            record_key=f"record-{code}", due_at=BASE, due_local="", zone="UTC", tzdata="",
            late_policy=LatePolicy.PUBLISH,
            window_s=21_600, created_at=BASE, changed_at=BASE,
        )  # fmt: skip
        _templates[declared, number, placement] = template
    late = LatePolicy.MISS if rng.random() < setting.late_misses else LatePolicy.PUBLISH
    return _copy(template, due_at=BASE + timedelta(seconds=due_s), late_policy=late)
