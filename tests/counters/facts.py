"""Leads to count, and the files that engines read them from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import duckdb

from crosspost.audit.statistics import LeadFact, Span, Statistics
from crosspost.counters.tables import LEADS, TOUCHES

SPAN = Span(1_736_121_600, 1_736_121_600 + 50 * 7 * 86_400, "EUR")
CHANNELS = ("mastodon", "x", "search", "bouche-à-oreille", "Réf. d'un ami", "日本", "o'clock \" > ,", "Z", "a", "ä")


def many(count: int, seed: int, channels: Sequence[str] = CHANNELS) -> list[LeadFact]:
    random = Random(seed)
    made = []
    for _ in range(count):
        at = SPAN.start_s + random.randrange(-20 * 86_400, SPAN.end_s - SPAN.start_s + 20 * 86_400)
        lead = random.random() < 0.97
        won = not lead or random.random() < 0.3
        made.append(
            LeadFact(
                channel=random.choice([*channels, None, ""]),
                contacted_s=at if lead else None,
                talking_s=at + 60 if random.random() < 0.5 else None,
                offered_s=at + 90 if random.random() < 0.4 else None,
                won_s=at + random.randrange(-9 * 86_400, 90 * 86_400) if won else None,
                lost_s=at + 99 if random.random() < 0.2 else None,
                amount_minor=random.choice([None, 0, random.randrange(10**12)]),
                currency=random.choice(["EUR", "EUR", "USD", None]),
                touches=tuple(random.choices(channels, k=random.choice([0, 1, 1, 2, 3, 8]))),
            )
        )
    return made


def tables(facts: Sequence[LeadFact]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    leads: list[tuple[object, ...]] = [
        (f"L{at}", one.channel, one.contacted_s, one.talking_s, one.offered_s, one.won_s, one.lost_s, one.amount_minor,
         one.currency)
        for at, one in enumerate(facts)
    ]  # fmt: skip
    touches: list[tuple[object, ...]] = [
        (f"L{at}", place, name) for at, one in enumerate(facts) for place, name in enumerate(one.touches)
    ]
    Random(3).shuffle(touches)
    return leads, touches


def write(facts: Sequence[LeadFact], folder: Path, kind: str) -> tuple[Path, Path]:
    """`lead.KIND` and `touch.KIND`: parquet or csv."""
    files = []
    kinds = {"string": "VARCHAR", "int64": "BIGINT"}
    with duckdb.connect() as connection:
        for name, columns, rows in zip(("lead", "touch"), (LEADS, TOUCHES), tables(facts), strict=True):
            described = ", ".join(f"{column} {kinds[one]}" for column, one in columns.items())
            connection.execute(f"CREATE TABLE {name} ({described})")
            by_column = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
            chosen = ", ".join(f"unnest(?::{kinds[one]}[])" for one in columns.values())
            connection.execute(f"INSERT INTO {name} SELECT {chosen}", by_column)
            file = folder / f"{name}.{kind}"
            connection.execute(f"COPY {name} TO '{file}' ({'FORMAT parquet' if kind == 'parquet' else 'HEADER'})")
            files.append(file)
    return files[0], files[1]


def shown(found: Statistics) -> tuple[object, ...]:
    """Everything in it, to compare."""
    paths = found.paths
    numbers = (paths.touches, paths.offsets, paths.conversions, paths.value_minor, paths.nulls)
    return (paths.channels, *(one.tolist() for one in numbers), found.stages, found.weeks)
