"""How long a million hits take from the hit log into the ledger: read, judged, stored, counted by day, shown.

The segments are written first, by a process of its own, and are not measured: a few hundred links of four networks
over half a year, most hits in the first days of a link, three thousand user agents, every seventh hit a machine's.
Measured are `fold` and the ledger's clicks with the funnel made of them, on a file of its own with everything that
makes it durable. Wall time means little on a busy machine: `cpu_seconds` is the processor's, `ahead_cpu_seconds` that
of the process that reads ahead on another processor.

    python benchmarks/hits.py --hits 1000000
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from crosspost.audit.counting.funnel import funnel
from crosspost.commands.fold import fold
from crosspost.commands.ledger import gather
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.traffic import Hit
from crosspost.hitlog.record import MAGIC, encode
from crosspost.hitlog.writer import SEGMENT_BYTES
from crosspost.sandbox import agents
from crosspost.store import brands, links
from crosspost.store.database import Database
from crosspost.store.migrate import upgrade
from crosspost.store.store import Store

START = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
LASTS = timedelta(weeks=26)
NETWORKS = ("x", "facebook", "mastodon", "linkedin")
REFERRERS = ("https://t.co/", "https://l.facebook.com/", "", "https://www.linkedin.com/")
LINKS = 400
ID = "bench".ljust(24, "0")
MACHINES = (*agents.CRAWLERS, *agents.FEDIVERSE, *agents.MESSENGERS, agents.TWITTERBOT, agents.FACEBOOK_CARD)


def codes() -> list[str]:
    return [f"bench{number:05d}" for number in range(LINKS)]


def write_log(folder: Path, hits: int, seed: int) -> None:
    """Segments of the usual size with so many hits, in the order of time."""
    rng = Random(seed)
    people = [f"{rng.choice(agents.BROWSERS)} Build/{number}" for number in range(3000)]
    names, drawn = codes(), []
    for _ in range(hits):
        link = rng.randrange(LINKS)
        drawn.append((min(LASTS.total_seconds(), LASTS.total_seconds() * link / LINKS + rng.expovariate(1e-6)), link))
    drawn.sort()
    folder.mkdir(parents=True)
    number, data = 0, bytearray()
    for after_s, link in drawn:
        at, machine = START + timedelta(seconds=after_s), rng.random() < 1 / 7
        agent = rng.choice(MACHINES) if machine else people[int(len(people) * rng.random() ** 2)]
        language, referrer = ("", "") if machine else (rng.choice(agents.LANGUAGES)[:5], REFERRERS[link % 4])
        data += encode(Hit(at, names[link], "GET", "go.bench.example", agent, referrer, "", language))
        if len(data) > SEGMENT_BYTES:
            number, data = _put(folder, number, data), bytearray()
    _put(folder, number, data)


def _put(folder: Path, number: int, data: bytearray) -> int:
    (folder / f"20260105T{number:06d}Z-{number:012x}.hits").write_bytes(MAGIC + b"{}\n" + data)
    return number + 1


def settle(database: Database) -> Brand:
    upgrade(database)
    brand = Brand(f"00{ID}", "bench", "Bench", "Europe/Paris", "fr", "EUR", LinkMode.REDIRECT,
                  "https://go.bench.example", False, START)  # fmt: skip
    with database.write() as connection:
        brands.add(connection, brand)
    with Store(database).write(brand.id) as scope:
        for place, network in enumerate(NETWORKS):
            brands.add_account(
                scope,
                Account(f"{place:02d}{ID}", brand.id, network, "@bench", "https://api.example",
                        str(place), (), {}, None, START),
            )  # fmt: skip
        for place, code in enumerate(codes()):
            links.add(scope, code, f"https://bench.example/{code}", START, account_id=f"{place % 4:02d}{ID}")
    return brand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hits", type=int, default=1_000_000, help="How many hits.")
    parser.add_argument("--database", help="A database URL; by default a new SQLite file.")
    parser.add_argument("--seed", type=int, default=1, help="The same seed gives the same hits.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crosspost-hits-") as name:
        folder = Path(name)
        written = (folder / "hits", given.hits, given.seed)
        writer = multiprocessing.get_context("spawn").Process(target=write_log, args=written)
        writer.start()
        writer.join()
        if writer.exitcode:
            raise SystemExit("the hit log could not be written")
        database = Database(given.database or f"sqlite:///{folder / 'crosspost.db'}")
        brand, store = settle(database), Store(database)
        began, began_cpu, children_cpu = time.monotonic(), time.process_time(), _children_s()
        report = fold(store, folder / "hits", START + LASTS)
        folded, folded_cpu = time.monotonic(), time.process_time()
        ahead_cpu = _children_s() - children_cpu
        ledger = gather(store, brand, START + LASTS, since=START, until=START + 2 * LASTS)
        table, _ = funnel(ledger)
        ended, ended_cpu = time.monotonic(), time.process_time()
        counted = sum(one.persons + one.unsure + one.previews + one.crawlers for one in ledger.clicks)
        shown = f"{len(table.rows)} rows of the funnel in {ended - folded:.2f} s"
        print(f"{report.hits} hits folded in {folded - began:.1f} s, {shown}")
        told = {
            "hits": report.hits, "counted": counted, "seconds": round(ended - began, 2),
            "cpu_seconds": round(ended_cpu - began_cpu, 2), "fold_cpu_seconds": round(folded_cpu - began_cpu, 2),
            "ahead_cpu_seconds": round(ahead_cpu, 2),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "database": database.dialect, "database_mb": _size(folder / "crosspost.db"),
        }  # fmt: skip
        print(json.dumps(told))
        database.close()


def _children_s() -> float:
    """Processor time of the processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(file: Path) -> int | None:
    return file.stat().st_size >> 20 if file.exists() else None


if __name__ == "__main__":
    main()
