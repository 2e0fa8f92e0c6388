"""Clicks for people to read: per link, network, post or day; what was not counted, and why; and every hit as a row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput
from crosspost.domain.judging import described
from crosspost.domain.link import is_bio
from crosspost.domain.period import Period
from crosspost.domain.traffic import Judgement
from crosspost.report.sheets import safe
from crosspost.store import links, posts, traffic
from crosspost.store.store import Scope, Store

NO_ACCOUNT = "of no account"
EXPORTED = (
    "at", "code", "network", "method", "host", "user_agent", "referrer", "purpose", "language", "judgement", "rule",
    "ruleset", "segment", "offset",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clicked:
    """Hits of one link, network, post or day. `name` is its code, name, address or date; `about` says more of it."""

    name: str
    about: str | None
    hits: Mapping[Judgement, int]


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Hits that one rule took out of the surely counted. `why`: what the rule tests, and where that is known from."""

    judgement: Judgement
    rule: str
    hits: int
    why: str | None  # None: the rule is no longer among ours


def clicks(store: Store, brand: Brand, by: str, period: Period | None = None) -> list[Clicked]:
    """Hits summed up by link, network, post or day.

    By network and by post, visits to a bio page are left out: they are of no single post.
    """
    with store.read(brand.id) as scope:
        counted = traffic.counts(scope, period)
        about = _about(scope, by)
    summed: dict[str, Counter[Judgement]] = {}
    for one in counted:
        if by in ("network", "post") and is_bio(one.code):
            continue
        if by == "post" and one.code not in about:
            continue
        name = {"link": one.code, "network": one.network or NO_ACCOUNT, "post": one.code, "day": f"{one.day}"}[by]
        summed.setdefault(name, Counter())[one.judgement] += one.hits
    if by == "post":
        return [Clicked(about[code], code, hits) for code, hits in sorted(summed.items())]
    return [Clicked(name, about.get(name), hits) for name, hits in sorted(summed.items())]


def _about(scope: Scope, by: str) -> dict[str, str]:
    """Of links where they lead; of posts their addresses, by code."""
    if by == "link":
        return {one.code: one.target for one in links.all_of(scope)}
    if by == "post":
        return {one.code: one.post.url or one.post.remote_id for one in posts.posts(scope) if one.code is not None}
    return {}


def not_counted(store: Store, brand: Brand, period: Period | None = None) -> list[NotCounted]:
    """What is no click for sure, by rule, the most first. Of hits that are still kept: the rule goes with the hit."""
    with store.read(brand.id) as scope:
        found = traffic.per_rule(scope, period)
    return [
        NotCounted(one.judgement, one.rule, one.hits, described(one.rule))
        for one in found
        if one.judgement is not Judgement.PERSON
    ]


def unknown(store: Store) -> int:
    """Hits on codes nobody registered, over all brands: nobody can say whose they would be."""
    with store.database.read() as connection:
        return traffic.unknown_count(connection)


def export(store: Store, brand: Brand, out: Path, period: Period | None = None) -> int:
    """Write every hit that is kept as one row of CSV; how many there were. Raises BadInput.

    UTF-8 with a signature, which Excel needs to read accents. No cell is run as a formula: whoever visits a link
    chooses their user agent and referrer.
    """
    aside = out.with_name(f".{out.name}.new")
    try:
        with aside.open("wb") as file, store.read(brand.id) as scope:
            rows = _write(file, traffic.rows(scope, period))
        aside.replace(out)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise BadInput(f"cannot be written ({error.strerror})", where=str(out), remedy="check the path") from None
    return rows


def _write(file: IO[bytes], rows: Iterator[Mapping[str, object]]) -> int:
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(EXPORTED)
    written = 0
    for row in rows:
        writer.writerow([_cell(row[name]) for name in EXPORTED])
        written += 1
    text.detach()
    return written


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return safe(value) if isinstance(value, str) else value
