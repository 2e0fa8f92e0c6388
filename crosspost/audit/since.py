"""What changed between two audits of a brand: the kept one as its JSON, and today's.

Nothing is tested here: the later audit holds the earlier one's rows too, so two intervals say nothing of a difference.
A figure is said to lie within the interval it had, or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from crosspost.audit.observation.declared import claim_of
from crosspost.audit.results import Audit
from crosspost.domain.business import ChannelKind, channel_kind
from crosspost.domain.message import (
    Figure,
    Message,
    channel,
    day,
    join,
    metric_name,
    number,
    recalled,
    say,
    share,
    significant,
)
from crosspost.domain.period import Period

Kind = Literal["verdict", "figure", "source", "lock", "hole"]
KINDS: tuple[Kind, ...] = ("verdict", "figure", "source", "lock", "hole")
_STALE = timedelta(days=31)  # a source that had told nothing for longer when the audit before was made had ended
_APART = timedelta(days=25)  # between two audits; in less, that a source told nothing is no news
_MONTHS = re.compile(r"(\d{4})-(\d{2})(?: to (\d{4})-(\d{2}))?")
_VERDICTS = {
    "supported": say("supported"),
    "refuted": say("refuted"),
    "inconclusive": say("inconclusive"),
    "not enough data": say("not enough data"),
}
_ORIGINS = {
    "file": say("from a file"),
    "api": say("by the network's own count"),
    "hand": say("by hand"),
    "(all)": say("of several origins"),
}
_COUNTS = {"leads": say("Leads"), "deals": say("Clients among them")}

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was. `about` is the claim's key, the lock's key, or the figure and its origin."""

    kind: Kind
    about: str
    text: Message


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since the audit made at `made_at` over `period`; nothing, where `items` is empty."""

    made_at: datetime
    period: Period
    items: tuple[Change, ...]

    def of(self, kind: Kind) -> tuple[Message, ...]:
        return tuple(one.text for one in self.items if one.kind == kind)


def changes_since(before: Json, after: Audit) -> Changes:
    """What is not as it was in `before`, the JSON of an earlier audit of the same brand, in the order of KINDS.

    Raises ValueError for JSON that is no audit, or of another brand.
    """
    try:
        if before["brand"]["slug"] != after.brand.slug:
            raise ValueError("the audit before is of another brand")
        made_at = datetime.fromisoformat(before["made_at"])
        period = Period(*(datetime.fromisoformat(before["period"][end]) for end in ("start", "end")))
        now: Json = after.as_dict()
        items = (
            *_verdicts(before, now, after),
            *_counts(before, now),
            *_figures(before, now, after),
            *_sources(before, now),
            *_locks(before, now),
            *_holes(before, now, made_at, after.made_at),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the audit before cannot be read: {type(error).__name__}") from None
    return Changes(made_at, period, items)


def _pairs(before: Json, now: Json, after: Audit) -> Iterator[tuple[Json, Json, str]]:
    """Findings of one claim in both, with the claim's words as they are today."""
    old = {one["claim"]["key"]: one for one in before["findings"]}
    for one, finding in zip(now["findings"], after.findings, strict=True):
        if one["claim"]["key"] in old:
            yield old[one["claim"]["key"]], one, finding.claim.text


def _verdicts(before: Json, now: Json, after: Audit) -> Iterator[Change]:
    for old, new, claim in _pairs(before, now, after):
        key = new["claim"]["key"]
        was, is_ = (_VERDICTS[one["verdict"]] for one in (old, new))
        if old["claim"]["margin"] != new["claim"]["margin"]:
            text = say("“{claim}” is held against another margin than before.", claim=claim)
            yield Change("verdict", key, text)
        elif was != is_:
            yield Change("verdict", key, say("“{claim}”: {before} → {after}.", claim=claim, before=was, after=is_))
    old_keys = {one["claim"]["key"] for one in before["findings"]}
    for finding in after.findings:
        if finding.claim.key not in old_keys:
            text = say("“{claim}” was not asked before.", claim=finding.claim.text)
            yield Change("verdict", finding.claim.key, text)
    keys = {finding.claim.key for finding in after.findings}
    for one in before["findings"]:
        if (key := one["claim"]["key"]) not in keys:
            text = say("“{claim}” is not asked any more.", claim=claim_of(key) or recalled(one["claim"]["text"]))
            yield Change("verdict", key, text)


def _counts(before: Json, now: Json) -> Iterator[Change]:
    old, new = (next((row for row in _rows(one, "conversion") if row["channel"] == "(all)"), None)
                for one in (before, now))  # fmt: skip
    if old is None or new is None:
        return
    for name, label in _COUNTS.items():
        if old[name] != new[name]:
            text = say("{label}: {before} → {after}.", label=label, before=number(old[name]), after=number(new[name]))
            yield Change("figure", name, text)


def _figures(before: Json, now: Json, after: Audit) -> Iterator[Change]:
    for old, new, claim in _pairs(before, now, after):
        was, is_ = _Figure.of(old), _Figure.of(new)
        key = new["claim"]["key"]
        if is_ == was:
            continue
        if was is None and is_ is not None:
            yield Change("figure", key, say("“{claim}”: no figure before → {after}.", claim=claim, after=is_.told))
        elif was is not None and is_ is None:
            yield Change("figure", key, say("“{claim}”: {before} → no figure.", claim=claim, before=was.told))
        elif was is not None and is_ is not None:
            told = {"claim": claim, "before": was.told, "after": is_.told}
            within = was.low <= is_.least and is_.most <= was.high
            text = (
                say("“{claim}”: {before} → {after}. It moved within the interval it had.", **told)
                if within
                else say("“{claim}”: {before} → {after}. It lies outside the interval it had.", **told)
            )
            yield Change("figure", key, text)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A finding's figure, `least` to `most` where some rows are unknown, and the ends of its interval."""

    least: float
    most: float
    low: float
    high: float
    unit: str

    @classmethod
    def of(cls, finding: Json) -> _Figure | None:
        unit = finding["claim"]["unit"]
        if (bounds := finding["bounds"]) is not None:
            return cls(bounds["low"], bounds["high"], bounds["low_95"], bounds["high_95"], unit)
        if (one := finding["estimate"]) is not None:
            return cls(one["value"], one["value"], one["low"], one["high"], unit)
        return None

    @property
    def told(self) -> Message:
        write = share if self.unit == "share" else significant
        least, most, low, high = map(write, (self.least, self.most, self.low, self.high))
        if least == most:
            return say("{value} ({low} to {high})", value=least, low=low, high=high)
        return say("{least} to {most} ({low} to {high})", least=least, most=most, low=low, high=high)


def _sources(before: Json, now: Json) -> Iterator[Change]:
    old, new = ({_source(row) for row in _rows(one, "coverage") if row["origin"] != "(all)"} for one in (before, now))
    for key in sorted(new - old):
        first = min(row["first"] for row in _rows(now, "coverage") if _source(row) == key)
        text = say("New: {source}, from {first} on.", source=_named(key), first=_day(first))
        yield Change("source", "/".join(key), text)
    for key in sorted(old - new):
        yield Change("source", "/".join(key), say("No longer there: {source}.", source=_named(key)))


def _source(row: Json) -> tuple[str, str, str]:
    return row["figure"], row["of"], row["origin"]


def _named(source: tuple[str, str, str]) -> Message:
    figure, of, origin = source
    of_posts = figure.removeprefix("posts' ")
    what: str = metric_name(figure)
    if of_posts != figure:
        what = say("posts' {metric}", metric=metric_name(of_posts))
    if of:
        what = join(" ", (what, channel(of) if channel_kind(of) is ChannelKind.NETWORK else of))
    return say("{what} ({origin})", what=what, origin=_ORIGINS.get(origin, origin))


def _locks(before: Json, now: Json) -> Iterator[Change]:
    old, new = ({one["key"]: one for one in each["locks"]} for each in (before, now))
    for key, lock in sorted(new.items()):
        was = old.get(key)
        if was is None:
            yield Change("lock", key, say("{key} was locked on {day}.", key=key, day=_day(lock["locked_at"])))
        elif lock["changed"] is not None and was["changed"] is None:
            text = say("{key} was changed after it was locked ({what}).", key=key, what=lock["changed"])
            yield Change("lock", key, text)
        elif lock["hash"] != was["hash"]:
            yield Change("lock", key, say("{key} is locked under another hash than before.", key=key))
        elif lock["looked"] is not None and was["looked"] is None:
            text = say("{key} is exploratory now ({what}).", key=key, what=lock["looked"])
            yield Change("lock", key, text)
    for key in sorted(set(old) - set(new)):
        yield Change("lock", key, say("The lock of {key} is gone.", key=key))


def _holes(before: Json, now: Json, then: datetime, made_at: datetime) -> Iterator[Change]:
    old = {_source(row): row for row in _together(_rows(before, "coverage"))}
    for row in _together(_rows(now, "coverage")):
        key = _source(row)
        was = old.get(key)
        fresh = _months(row["holes"]) - (_months(was["holes"]) if was else set())
        if fresh:
            months = ", ".join(sorted(fresh))
            text = say("{source}: nothing was told of {months}.", source=_named(key), months=months)
            yield Change("hole", "/".join(key), text)
        elif (
            was
            and row["last"] == was["last"]
            and made_at - then >= _APART
            and date.fromisoformat(row["last"]) >= (then - _STALE).date()
        ):
            text = say("{source}: nothing after {last}.", source=_named(key), last=_day(row["last"]))
            yield Change("hole", "/".join(key), text)


def _together(rows: Sequence[Json]) -> list[Json]:
    """One row per source: files of one figure are one source, whose holes stand in the row of all of them."""
    found: dict[tuple[str, str, str], Json] = {}
    totals = {(row["figure"], row["of"]) for row in rows if row["origin"] == "(all)"}
    for row in rows:
        if row["origin"] == "(all)" or (row["figure"], row["of"]) not in totals:
            found[_source(row)] = row
    return list(found.values())


def _months(holes: str) -> set[str]:
    """`2025-02, 2025-04 to 2025-06` as single months."""
    found = set()
    for year, month, last_year, last_month in _MONTHS.findall(holes):
        first = int(year) * 12 + int(month) - 1
        last = int(last_year) * 12 + int(last_month) - 1 if last_year else first
        found |= {f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(first, last + 1)}
    return found


def _day(written: str) -> Figure:
    return day(datetime.fromisoformat(written).date())


def _rows(audit: Json, name: str) -> list[Json]:
    """The rows of a table; none where an older version did not have it."""
    return next((list(one["rows"]) for one in audit["tables"] if one["name"] == name), [])
