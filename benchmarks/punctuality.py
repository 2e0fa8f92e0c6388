"""How late deliveries are when many fall due together, and what crosspost costs beside a bare tweepy loop.

The scheduler runs as in `crosspost run` (its ticker, SQLite, eight accounts at a time), in a process of its own,
against the sandbox over HTTP; each publish takes 100 ms there. Lateness is the sandbox's commit against the due
time. The cost is the process's own processor time per delivery, idle ticks before and after included; reading posts
back is left out. Beside it, at the same time, a bare loop posts as many texts at the same instants with tweepy alone,
from eight threads of a process of its own: it waits as we do, so neither has warmer caches than the other.

    python benchmarks/punctuality.py --deliveries 1000 --accounts 50 --spread 60
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from benchmarks.storm_stage import CODE
from crosspost.clock import SystemClock
from crosspost.commands.connect import Connector
from crosspost.commands.deliver import Deliverer
from crosspost.commands.workers import become_worker
from crosspost.domain.brand import Brand, LinkMode
from crosspost.domain.ids import new_code, new_id
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.domain.windows import Windows
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.settings import Settings
from crosspost.store import brands, deliveries
from crosspost.store.database import Database
from crosspost.store.migrate import upgrade
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault

TICK_S = float(Settings.model_fields["tick_s"].default)  # as who sets nothing has it
THREADS = 8
LATENCY_S = 0.1
# The caps are off, and nothing is read back during the run.
WINDOWS = Windows(max_posts_per_hour=1_000_000, max_posts_per_day=1_000_000, verify_after_s=86_400.0)


def plan(store: Store, connector: Connector, sandbox: Sandbox, given: argparse.Namespace) -> dict[str, datetime]:
    """Accounts and approved deliveries; code → due time."""
    now = datetime.now(UTC)
    rng = Random(given.seed)
    brand = Brand(new_id(now), "punctual", "Punctual", "UTC", "fr", "EUR", LinkMode.DIRECT, None, True, now)
    with store.database.write() as connection:
        brands.add(connection, brand)
    accounts = []
    for number in range(given.accounts):
        made = sandbox.add_account("x", f"punctual{number}", rate_limits=False)
        secrets = {"bearer": Secret(made["secrets"]["bearer"])}
        accounts.append(connector.connect(brand, "x", secrets, server=sandbox.origin)[0])
    due: dict[str, datetime] = {}
    start = datetime.now(UTC) + timedelta(seconds=3 + given.deliveries * 0.004)
    with store.write(brand.id) as scope:
        for number in range(given.deliveries):
            code, at = new_code(), start + timedelta(seconds=rng.uniform(0, given.spread))
            link = f"https://go.example/{code}"
            teaser = Teaser(f"À lire : {link}", link, "fr")
            account = accounts[number % len(accounts)]
            row = deliveries.draft(scope, account.id, teaser, code, Due(at, at.isoformat(), "UTC"), now=now)
            deliveries.approve(scope, row.id, who="punctual", now=now)
            due[code] = at
    return due


def scheduler_process(url: str, folder: str, origin: str, key: str, until: datetime, pipe: Any) -> None:
    """What `crosspost run` does for deliveries; sends back its processor seconds."""
    from crosspost.scheduler import run

    logging.getLogger("crosspost").setLevel(logging.CRITICAL)
    store, clock = Store(Database(url)), SystemClock()
    outbound = Outbound(private_origins=frozenset({origin}))
    connector = Connector(store, Vault(MasterKey(Secret(key))), outbound, clock, 20.0)
    ownership = become_worker(store, Path(folder))
    deliverer = Deliverer(store, clock, connector.open, ownership, windows=WINDOWS, workers=THREADS)
    stop = Event()
    import tweepy  # noqa: F401

    import crosspost.networks.x
    import crosspost.outside.sdk
    import crosspost.outside.wire  # noqa: F401 - imports are paid before the first delivery is due

    begun = time.process_time()

    def deliver(now: datetime) -> datetime | None:
        if now >= until:
            stop.set()
        return deliverer.tick(now).next_at

    run(clock, [("deliver", TICK_S, deliver)], stop)
    deliverer.close()
    ownership.release()
    pipe.send(time.process_time() - begun)
    pipe.close()


def tweepy_process(origin: str, tokens: list[str], due: list[datetime], pipe: Any) -> None:
    """Nothing but tweepy: a post at each of these instants, from eight threads, each with its own clients."""
    import requests
    import tweepy

    class Redirected(requests.Session):
        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
            return super().request(method, str(url).replace("https://api.twitter.com", origin), *args, **kwargs)

    def loop(thread: int) -> None:
        clients = []
        for token in tokens[thread::THREADS]:
            client = tweepy.Client(bearer_token=token)
            client.session = Redirected()
            clients.append(client)
        for number, at in enumerate(due[thread::THREADS]):
            time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
            clients[number % len(clients)].create_tweet(text=f"Seul {thread} {number}", user_auth=False)
        for client in clients:
            client.session.close()

    begun = time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(loop, range(THREADS)))
    pipe.send(time.process_time() - begun)
    pipe.close()


@contextmanager
def in_process(target: Any, *given: Any) -> Iterator[Callable[[], float]]:
    """Run it in a fresh process beside us; what is given waits for its end and tells the seconds it sent back."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*given, theirs))
    process.start()
    theirs.close()
    try:
        yield lambda: float(ours.recv())
    finally:
        process.join()
        ours.close()


def measure(given: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="crosspost-punctual-") as name, Sandbox(seed=1, process=True) as sandbox:
        folder = Path(name)
        url = f"sqlite:///{folder / 'crosspost.db'}"
        store = Store(Database(url))
        upgrade(store.database)
        key = MasterKey.generate()
        outbound = Outbound(private_origins=frozenset({sandbox.origin}))
        connector = Connector(store, Vault(key), outbound, SystemClock(), 20.0)
        due = plan(store, connector, sandbox, given)
        tokens = [
            sandbox.add_account("x", f"alone{number}", rate_limits=False)["secrets"]["bearer"]
            for number in range(max(THREADS, given.accounts))
        ]
        store.database.close()
        sandbox.set_fault("slow", request="publish", seconds=LATENCY_S)
        until = max(due.values()) + timedelta(seconds=given.patience)
        with (
            in_process(scheduler_process, url, name, sandbox.origin, key.text.reveal(), until) as ours,
            in_process(tweepy_process, sandbox.origin, tokens, sorted(due.values())) as theirs,
        ):
            alone, used = theirs(), ours()
        posted = sandbox.posted()
    late: list[float] = []
    seen: list[str] = []
    for entry in posted:
        for code in set(CODE.findall(entry["text"])) & due.keys():
            seen.append(code)
            late.append((datetime.fromisoformat(entry["committed_at"]) - due[code]).total_seconds())
    late.sort()
    count = given.deliveries
    own, bare = 1000 * used / count, 1000 * alone / count
    return {
        "deliveries": count, "accounts": given.accounts, "spread_s": given.spread, "latency_ms": 1000 * LATENCY_S,
        "published": len(set(seen)), "duplicates": len(seen) - len(set(seen)),
        "within_2_s_percent": round(100 * sum(one <= 2.0 for one in late) / count, 2),
        "early": sum(one < 0 for one in late), "median_s": round(late[len(late) // 2], 3) if late else None,
        "p95_s": round(late[int(len(late) * 0.95)], 3) if late else None,
        "latest_s": round(late[-1], 3) if late else None,
        "own_ms_per_delivery": round(own, 2), "tweepy_alone_ms_per_post": round(bare, 2),
        "more_ms_per_delivery": round(own - bare, 2), "tick_s": TICK_S, "threads": THREADS,
    }  # fmt: skip


def passed(found: dict[str, Any]) -> bool:
    whole = found["published"] == found["deliveries"] and not found["duplicates"] and not found["early"]
    return bool(whole and found["within_2_s_percent"] >= 95.0 and found["latest_s"] <= 10.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--spread", type=float, default=60.0, help="seconds over which the due times are spread")
    parser.add_argument("--patience", type=float, default=12.0, help="seconds to go on after the last due time")
    parser.add_argument("--seed", type=int, default=1)
    found = measure(parser.parse_args())
    print(json.dumps(found))
    return 0 if passed(found) and found["more_ms_per_delivery"] <= 3.0 else 1


if __name__ == "__main__":
    sys.exit(main())
