"""Is the data fit (A0)? Rows are cleaned here: no other module sees a lead twice or outside the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from crosspost.audit.counting.origins import BLANK, channel_of, folded, kind
from crosspost.audit.ledger import LeadRow, Ledger, PostRow
from crosspost.audit.results import Absent, Basis, Table, table
from crosspost.domain.business import ChannelKind, is_listed
from crosspost.domain.message import channel, join, number, percent, say


@dataclass(frozen=True, slots=True)
class Clean:
    """A ledger whose leads are unique and inside the period, and what was set aside."""

    ledger: Ledger
    repeated: int  # the same lead again, with the same facts
    contradicted: tuple[str, ...]  # leads recorded twice with different facts: no verdict stands on them
    outside: int  # leads outside the period

    @property
    def clients(self) -> list[LeadRow]:
        """Won leads, and first deals without a lead: the denominator of every share of clients."""
        return [deal for deal in self.deals if not _is_further(deal)]

    @property
    def deals(self) -> list[LeadRow]:
        """Everything that was won: clients, and the further deals of clients who had bought before."""
        return [lead for lead in self.ledger.leads if lead.won_at is not None]

    @property
    def contacts(self) -> list[LeadRow]:
        """Leads whose first contact is known: the cohort of every rate per lead."""
        return [lead for lead in self.ledger.leads if lead.contacted_at is not None]


def clean(ledger: Ledger) -> Clean:
    """The rows of the period, each once. A lead belongs to the period of its first contact, else of its deal.

    Posts of unknown date stay: leaving them out would call them zero.
    """
    unique: dict[str, LeadRow] = {}
    contradicted: set[str] = set()
    repeated = 0
    for lead in sorted(ledger.leads, key=repr):
        if lead.lead not in unique:
            unique[lead.lead] = lead
        elif unique[lead.lead] == lead:
            repeated += 1
        else:
            contradicted.add(lead.lead)
    # By what they say and not by their ids: a resampling would draw others under other ids.
    inside = tuple(sorted((lead for lead in unique.values() if _belongs(lead) in ledger.period), key=said))
    posts = tuple(p for p in ledger.posts if p.published_at is None or p.published_at in ledger.period)
    followers = tuple(row for row in ledger.followers if row.at in ledger.period)
    first, end = ledger.period.start.date(), ledger.period.end
    effort = tuple(
        row for row in ledger.effort if row.start >= first and datetime.combine(row.start, time(), UTC) < end
    )
    kept = replace(ledger, leads=inside, posts=posts, followers=followers, effort=effort)
    return Clean(kept, repeated, tuple(sorted(contradicted)), len(unique) - len(inside))


def said(lead: LeadRow) -> str:
    """Everything a lead says but its id."""
    return repr(replace(lead, lead=""))


def _is_further(deal: LeadRow) -> bool:
    """Whether a deal is a return without a new lead: money, but no further client."""
    return deal.returning and deal.contacted_at is None


def _belongs(lead: LeadRow) -> datetime:
    instant = lead.contacted_at or lead.won_at
    assert instant is not None  # the row refuses to exist without one of the two
    return instant


def lag_days(lead: LeadRow) -> float | None:
    """Days from first contact to deal; None unless both are known. Negative is a fault of the data, kept."""
    if lead.contacted_at is None or lead.won_at is None:
        return None
    return (lead.won_at - lead.contacted_at).total_seconds() / 86_400


def blocking(data: Clean) -> str | None:
    """Why the leads allow no verdict, or None."""
    if not data.contradicted:
        return None
    some = ", ".join(data.contradicted[:3]) + ("…" if len(data.contradicted) > 3 else "")
    return say(
        "{n} leads are recorded twice with different facts ({some}); settle them", n=len(data.contradicted), some=some
    )


def blocking_lags(data: Clean) -> str | None:
    """Why the dates allow no verdict on how soon anything comes of leads, or None."""
    lags = [lag for lead in data.ledger.leads if (lag := lag_days(lead)) is not None]
    wrong = sum(lag < 0 for lag in lags)
    if wrong <= MOST_NEGATIVE * len(lags):
        return None
    return say(
        "{x} of {n} deals are dated before first contact, over {limit}; correct their dates",
        x=number(wrong), n=number(len(lags)), limit=percent(MOST_NEGATIVE),
    )  # fmt: skip


# Shares over which a fault is more than a slip.
MOST_NEGATIVE = 0.05  # of deals dated before first contact: payback would look sooner than it was
MOST_UNKNOWN = 0.2  # of clients of unknown channel: counted in, they alone break a margin of 10 %
MOST_MACHINES = 0.5  # of hits: clicks are then what is left of more noise than signal


@dataclass(frozen=True, slots=True)
class _Check:
    """`limit` is the share over which it is a fault, None of a check that only tells. `withholds` names the audits that
    a fault leaves without a verdict."""

    name: str
    count: int
    of: int
    warn: bool
    meaning: str
    limit: float | None = None
    withholds: str = ""

    @property
    def fails(self) -> bool:
        return self.limit is not None and self.count > self.limit * self.of


def checks(data: Clean, made_at: datetime) -> tuple[Table, list[str]]:
    """The table of checks, and a warning for each that found something a reader must know."""
    found = [*_lead_checks(data, made_at), *_traffic_checks(data.ledger)]
    columns = (
        ("check", "", "what was looked for"),
        ("count", "rows", "rows that show it"),
        ("of", "rows", "rows that were looked at"),
        ("share", "share", "count / of"),
        ("limit", "share", "share over which it is a fault"),
        ("fails", "", "whether it is over"),
        ("withholds", "", "the audits that a fault leaves without a verdict"),
        ("meaning", "", "what it means for the figures"),
    )
    rows = [
        (
            c.name, c.count, c.of, c.count / c.of if c.of else Absent(say("no rows")),
            Absent(say("it only tells")) if c.limit is None else c.limit, c.fails, c.withholds, c.meaning,
        )
        for c in found
    ]  # fmt: skip
    warnings: list[str] = [
        say("{check}: {x} of {n}. {meaning}", check=c.name, x=number(c.count), n=number(c.of), meaning=c.meaning)
        for c in found
        if c.warn and c.count
    ]
    return table("quality", say("Is the data fit?"), columns, rows), warnings


def _number(rows: Iterable[LeadRow], basis: Basis, wanted: ChannelKind) -> int:
    return sum(kind(channel_of(row, basis)) is wanted for row in rows)


def _lead_checks(data: Clean, made_at: datetime) -> list[_Check]:
    leads, clients, deals = data.ledger.leads, data.clients, data.deals
    n, won = len(leads), len(clients)
    given = n + data.outside + data.repeated
    lags = [lag for lead in leads if (lag := lag_days(lead)) is not None]
    blank = sum(channel_of(lead, Basis.LAST) == BLANK for lead in leads)
    strange = _strange(leads)
    future = sum(any(at and at > made_at for at in (row.contacted_at, row.won_at)) for row in leads)
    unknown = ChannelKind.UNKNOWN
    odd_currency = sum(row.currency != data.ledger.brand.currency for row in deals if row.amount_minor is not None)
    return [
        _Check(say("leads outside the period"), data.outside, given, False, say("They count nowhere.")),
        _Check(say("repeated leads"), data.repeated, given, False, say("Each counts once.")),
        _Check(
            say("contradictory leads"), len(data.contradicted), given, True,
            say("Recorded twice with different facts: no verdict until they are settled."), 0.0, say("all"),
        ),
        _Check(say("leads without a channel"), blank, n, False, say("Shown as (blank).")),
        _Check(
            say("leads of unknown channel"), _number(leads, Basis.LAST, unknown), n, False,
            say("Blank, recorded as unknown, or of no listed kind."),
        ),
        _Check(
            say("clients of unknown channel"), _number(clients, Basis.LAST, unknown), won, True,
            say("The share by last touch is given with them counted out and in."), MOST_UNKNOWN,
        ),
        _Check(
            say("clients without a journey"), sum(not row.touches for row in clients), won, True,
            say("Whether they met a network before their last channel is not known."),
        ),
        _Check(
            say("clients who were not asked"), _number(clients, Basis.TOLD, unknown), won, False,
            say("Self-report says nothing of them."),
        ),
        _Check(
            say("deals dated before first contact"), sum(lag < 0 for lag in lags), len(lags), True,
            say("A fault of the dates; kept in the days to win."), MOST_NEGATIVE, "A6",
        ),
        _Check(
            say("clients without a recorded lead"), sum(row.contacted_at is None for row in clients), won, True,
            say("They count among clients and in no rate per lead."),
        ),
        _Check(
            say("further deals of a client"), len(deals) - won, len(deals), False,
            say("Their money counts; the client counts once."),
        ),
        _Check(
            say("leads both won and lost"), sum(bool(row.won_at and row.lost_at) for row in leads), n, True,
            say("They count as won."),
        ),
        _Check(say("dates after the audit was made"), future, n, True, say("They are counted all the same.")),
        _Check(
            say("deals without an amount"), sum(row.amount_minor is None for row in deals), len(deals), False,
            say("Revenue is a lower bound."),
        ),
        _Check(
            say("amounts in another currency"), odd_currency, len(deals), False,
            say("Added up apart: no rate of exchange is assumed."),
        ),
        _Check(
            say("leads whose channel is of no listed kind"), strange.total(), n, True,
            say(
                'Counted as unknown{which}. Say what they are in config/channels.toml, such as "le podcast" = "event".',
                which=_in_brackets(_named(strange)),
            ),
        ),
    ]  # fmt: skip


def _strange(leads: Iterable[LeadRow]) -> Counter[str]:
    """Leads that a channel of no listed kind keeps from being placed, by that channel's folded name."""
    found: Counter[str] = Counter()
    for lead in leads:
        named = [one for one in (*lead.touches, lead.channel) if one and not is_listed(one)]
        if named:
            found[folded(named[-1])] += 1
    return found


def _named(found: Counter[str], most: int = 8) -> list[str]:
    shown = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]
    names: list[str] = [say("“{name}” {n}", name=name.replace("_", " ")[:60], n=number(times)) for name, times in shown]
    return [*names, say("and {n} more", n=len(found) - most)] if len(found) > most else names


def _traffic_checks(ledger: Ledger) -> list[_Check]:
    machines = sum(row.previews + row.crawlers for row in ledger.clicks)
    unsure = sum(row.unsure for row in ledger.clicks)
    hits = machines + unsure + sum(row.persons for row in ledger.clicks)
    posting = {post.network for post in ledger.posts if not _after_its_end(post, ledger)}
    silent = posting - {row.network for row in ledger.clicks}
    unread = sum(value is None for post in ledger.posts for value in post.metrics.values())
    read = sum(len(post.metrics) for post in ledger.posts)
    undated = sum(post.published_at is None for post in ledger.posts)
    return [
        _Check(say("hits by previews and crawlers"), machines, hits, False, say("They are no clicks."), MOST_MACHINES),
        _Check(say("hits that may be persons"), unsure, hits, False, say("Clicks are given both ways.")),
        _Check(
            say("networks whose clicks are not measured"), len(silent), len(posting), True,
            say(
                "Their clicks are missing, not zero{which}.",
                which=_in_brackets([channel(name) for name in sorted(silent)]),
            ),
        ),
        _Check(say("metrics without a value"), unread, read, False, say("Missing, not zero.")),
        _Check(say("posts of unknown date"), undated, len(ledger.posts), False, say("Counted in the period.")),
    ]  # fmt: skip


def _after_its_end(post: PostRow, ledger: Ledger) -> bool:
    """Whether nothing could be measured of it any more. A post with a date is from a day on which its network lived,
    where nobody wrote down its last."""
    last = ledger.closed.get(post.network)
    if post.published_at is None or post.network not in ledger.closed:
        return post.network in ledger.closed
    return last is not None and post.published_at.date() > last


def _in_brackets(names: Sequence[str]) -> str:
    return say(" ({names})", names=join(", ", names)) if names else ""
