"""What a storm is played on: the sandbox as its own process, a database with brands, accounts and approved deliveries.

Windows are scaled down so that hours fit into seconds; their order is kept, above all
settle > longest time a request is held + lag of the lists.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from crosspost.clock import SystemClock
from crosspost.commands.connect import Connector
from crosspost.domain.brand import Brand, LinkMode
from crosspost.domain.delivery import State
from crosspost.domain.ids import new_code, new_id
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.domain.windows import Windows
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.store import brands, deliveries
from crosspost.store.database import Database
from crosspost.store.migrate import upgrade
from crosspost.store.store import Store
from crosspost.store.tables import attempt, delivery
from crosspost.vault import MasterKey, Vault

HELD_S = 0.5  # longest a request is held and applied after all
LAG_S = 0.3  # lists are at most this far behind
TIMEOUT_S = 0.8
KEY_LIFE_S = 12.0

WINDOWS = Windows(
    settle_s=1.2, look_gap_s=0.25, max_looks=30, key_half_life_s=6.0, backoff_s=0.05,
    backoff_cap_s=0.5, rate_limit_s=0.2, rate_limit_cap_s=0.6, late_grace_s=86_400.0, late_gap_s=0.0,
    breaker_failures=5, breaker_open_s=0.3, max_attempts=40, max_posts_per_hour=1_000_000, max_posts_per_day=1_000_000,
    # Reading back changes no state: the storm leaves it out.
    verify_after_s=86_400.0, max_verifications=1,
)  # fmt: skip

# Kind of account: network, where the link stands, behaviour, and how many of a hundred accounts are of it.
KINDS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "x": ("x", "text", {}, 20),
    "facebook": ("facebook", "text", {}, 16),
    "mastodon, key": ("mastodon", "text", {"key_life_s": KEY_LIFE_S}, 16),
    "mastodon, no key": ("mastodon", "text", {"key_honoured": False, "software": "pleroma"}, 10),
    "bluesky": ("bluesky", "text", {}, 14),
    "threads": ("threads", "text", {}, 10),  # a container first: two requests, and a handle that is kept between them
    "linkedin": ("linkedin", "text", {}, 8),  # a repeat is refused, and the refusal names the first
    "blind": ("x", "none", {}, 6),  # no link in the post: nothing can tell it from another
}
READABLE = tuple(kind for kind in KINDS if kind != "blind")

# A publishing request meets one of these in 30 of 100 cases, a list one in 16.
FAULTS: tuple[tuple[str, float, dict[str, Any]], ...] = (
    ("error_before", 0.04, {"status": 503}),
    ("error_after", 0.05, {"status": 500}),
    ("reset_before", 0.03, {}),
    ("reset_after", 0.05, {}),
    ("reset_reading", 0.02, {"bytes": 1}),
    ("hang_after", 0.02, {"seconds": 0.4}),
    ("zombie", 0.03, {"seconds": HELD_S, "answer": "reset"}),
    ("zombie", 0.01, {"seconds": HELD_S / 2, "answer": "502"}),
    ("empty_body", 0.02, {}),
    ("truncated_body", 0.01, {"bytes": 20, "abrupt": True}),
    ("rate_limited", 0.02, {"seconds": 1, "form": "seconds"}),
    ("stale_list", 0.10, {"seconds": LAG_S, "request": "list"}),
    ("short_list", 0.03, {"rows": 2, "request": "list"}),
    ("error_before", 0.03, {"status": 503, "request": "list"}),
)

CODE = re.compile(r"(?<![0-9a-z])[2-9a-hjkmnp-z]{10}(?![0-9a-z])")


@dataclass
class Stage:
    sandbox: Sandbox
    store: Store
    vault: Vault
    folder: Path
    warm: Brand  # served before the first worker is forked; counts for nothing
    brands: list[Brand] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)  # code → kind
    accounts: int = 0

    def connector(self) -> Connector:
        outbound = Outbound(private_origins=frozenset({self.sandbox.origin}), timeout_s=TIMEOUT_S)
        return Connector(self.store, self.vault, outbound, SystemClock(), TIMEOUT_S)

    def install_faults(self) -> None:
        # The first that strikes decides: the chance of each is taken of what the earlier ones left.
        left = {"publish": 1.0, "list": 1.0}
        for kind, chance, values in FAULTS:
            request = values.get("request", "publish")
            self.sandbox.set_fault(kind, probability=chance / left[request], **values)
            left[request] -= chance


def set_stage(sandbox: Sandbox, url: str, folder: Path, count: int, seed: int) -> Stage:
    """Brands, accounts in proportion, and `count` approved deliveries that are due now."""
    database = Database(url)
    upgrade(database)
    rng = Random(seed)
    now = datetime.now(UTC)
    stage = Stage(sandbox, Store(database), Vault(MasterKey.generate()), folder, _brand(database, "warm", now))
    _fill(stage, stage.warm, list(KINDS), 10_000, 3 * len(KINDS), len(KINDS), now)
    stage.codes.clear()
    # About 15 deliveries an account: one that is unclear holds its account's queue for more than a settle window.
    number = max(20, min(400, count // 15))
    kinds = [kind for kind, (*_, share) in KINDS.items() for _ in range(max(1, round(number * share / 100)))]
    rng.shuffle(kinds)
    groups = [kinds[at : at + 12] for at in range(0, len(kinds), 12)]
    for at, group in enumerate(groups):
        stage.brands.append(_brand(database, f"brand-{at:03d}", now))
        _fill(stage, stage.brands[-1], group, at * 12, count, len(kinds), now)
    stage.accounts = len(kinds)
    return stage


def _brand(database: Database, slug: str, now: datetime) -> Brand:
    brand = Brand(new_id(now), slug, "Storm", "UTC", "fr", "EUR", LinkMode.DIRECT, None, True, now)
    with database.write() as connection:
        brands.add(connection, brand)
    return brand


def _fill(stage: Stage, brand: Brand, group: list[str], first: int, count: int, accounts: int, now: datetime) -> None:
    """`count` is shared out among `accounts` of which these are some, counted from `first`."""
    connector = stage.connector()
    for at, kind in enumerate(group, first):
        network, placement, behaviour, _ = KINDS[kind]
        made = stage.sandbox.add_account(network, f"storm{at}", rate_limits=False, **behaviour)
        secrets = {name: Secret(value) for name, value in made["secrets"].items() if name in _WAYS[network]}
        settings = {"author": made["id"]} if network == "linkedin" else {}  # a page, whose posts can be listed
        account, _ = connector.connect(
            brand, network, secrets, server=stage.sandbox.origin, handle=f"storm{at}", settings=settings
        )
        mine = count // accounts + (at < count % accounts)
        with stage.store.write(brand.id) as scope:
            for _ in range(mine):
                _plan(stage, scope, account.id, kind, placement, now)


def _plan(stage: Stage, scope: Any, account_id: str, kind: str, placement: str, now: datetime) -> None:
    code = new_code()
    link = f"https://go.example/{code}"
    teaser = Teaser(f"À lire : {link}" if placement == "text" else f"À lire {code}", link, "fr", placement)
    row = deliveries.draft(scope, account_id, teaser, code, Due(now, now.isoformat(), "UTC"), now=now)
    deliveries.approve(scope, row.id, who="storm", now=now)
    stage.codes[code] = kind


_WAYS = {
    "x": ("consumer_key", "consumer_secret", "access_token", "access_token_secret"),
    "facebook": ("page_token",),
    "mastodon": ("access_token",),
    "bluesky": ("app_password",),
    "threads": ("access_token",),
    "linkedin": ("access_token",),
}
_OVER = (State.PUBLISHED, State.REJECTED, State.MISSED, State.CANCELLED, State.NEEDS_PERSON)


def open_deliveries(stage: Stage) -> int:
    """How many have not come to an end."""
    over = [state.value for state in _OVER]
    mine = delivery.c.brand_id.in_([brand.id for brand in stage.brands])
    query = select(func.count()).select_from(delivery).where(mine, delivery.c.state.not_in(over))
    with stage.store.database.read() as connection:
        return int(connection.execute(query).scalar_one())


def judge(stage: Stage) -> dict[str, Any]:
    """The sandbox's ledger against the store: the ledger is what is true."""
    posted = Counter(code for entry in stage.sandbox.posted() for code in set(CODE.findall(entry["text"])))
    mine = [brand.id for brand in stage.brands]
    of_attempts = select(func.count()).select_from(attempt).where(attempt.c.brand_id.in_(mine))
    with stage.store.database.read() as connection:
        told = connection.execute(
            select(delivery.c.code, delivery.c.state, delivery.c.reason).where(delivery.c.brand_id.in_(mine))
        )
        rows = {one.code: one for one in told}
        died = connection.execute(of_attempts.where(attempt.c.outcome.in_(["owner died", "session lost"]))).scalar_one()
        sent = connection.execute(of_attempts.where(attempt.c.action == "send")).scalar_one()
    found: Counter[str] = Counter()
    people: Counter[str] = Counter()
    wrong: list[str] = []
    for code, kind in stage.codes.items():
        row: Any = rows.get(code)
        state = row.state if row is not None else "gone"
        count = posted[code]
        found["published"] += state == State.PUBLISHED
        found["needs_person"] += state == State.NEEDS_PERSON
        people[kind] += state == State.NEEDS_PERSON
        problems = {
            "duplicates": max(0, count - 1),
            "phantoms": int(state == State.PUBLISHED and count == 0),
            # No fault here refuses a text or lasts longer than a window: every other end is a loss.
            "lost": int(row is None or (state in [one.value for one in _OVER[1:4]])),
            "stuck": int(row is not None and state not in [one.value for one in _OVER]),
        }
        found.update(problems)
        if any(problems.values()):
            wrong.append(f"{code} ({kind}): {count} posted, {state}: {row.reason if row is not None else ''}")
    readable = sum(kind in READABLE for kind in stage.codes.values())
    asked = sum(people[kind] for kind in READABLE)
    return {
        **{name: found[name] for name in ("published", "duplicates", "phantoms", "lost", "stuck", "needs_person")},
        "needs_person_readable_percent": round(100 * asked / max(1, readable), 2),
        "needs_person_by_kind": dict(people), "taken_over": int(died), "requests_intended": int(sent),
        "wrong": wrong[:10],
    }  # fmt: skip
