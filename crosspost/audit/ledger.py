"""What an audit is given: one brand's facts over one period, as plain rows.

Missing is not zero. A number that was never observed is None and the row says why; a network without a row in
`clicks` or `visits` was not measured there. Instants are aware, money is whole minor units (cents) of a
currency. The order of rows never matters, and the same lead twice is one lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from crosspost.domain.message import day, say
from crosspost.domain.period import Period, aware


@dataclass(frozen=True, slots=True)
class BrandFacts:
    """Who is audited. `currency` (ISO 4217) is the one its figures are shown in first."""

    slug: str
    name: str
    currency: str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead, and the client it became if `won_at` is set.

    `lead` is unique: a second deal of a client is a row of its own, under the deal's id and `returning`.
    `channel` is what was recorded and `told_channel` what the person said (None: not known, not asked).
    `touches` are the channels of the journey, first to last; empty means that no journey was recorded, which
    is not the same as a journey without networks. `network_of_code` is the network of the tracked link that
    the lead carried. `talking_at` and `offered_at` are when it first got so far (None: not recorded, which is not the
    same as never); `referred` is set where it is known who sent it. A `told_channel` of `placebo` names a channel that
    never ran. A deal without a recorded lead of its own has `contacted_at` None: it counts among
    clients and in no rate per lead, or, if it is also `returning`, as money only.
    `amount_minor` None: won, amount not told. `margin_minor` is what is left of it (None: not
    told), in the same currency.
    """

    lead: str
    contacted_at: datetime | None
    channel: str | None = None
    told_channel: str | None = None
    touches: tuple[str, ...] = ()
    won_at: datetime | None = None
    lost_at: datetime | None = None
    amount_minor: int | None = None
    currency: str | None = None
    returning: bool = False
    code: str | None = None
    network_of_code: str | None = None
    talking_at: datetime | None = None
    offered_at: datetime | None = None
    referred: bool = False
    margin_minor: int | None = None

    def __post_init__(self) -> None:
        for name in ("contacted_at", "won_at", "lost_at", "talking_at", "offered_at"):
            instant: datetime | None = getattr(self, name)
            if instant is not None:
                object.__setattr__(self, name, aware(instant))
        if self.contacted_at is None and self.won_at is None:
            raise ValueError(f"lead {self.lead}: neither contacted nor won, so it belongs to no period")
        if (self.amount_minor is not None or self.margin_minor is not None) and self.currency is None:
            raise ValueError(f"lead {self.lead}: an amount needs its currency")


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post with the latest value of each metric under its common name (reach, impressions, likes…).

    A metric that is None has its reason in `reasons` under the same name; one that is absent was never read.
    """

    network: str
    published_at: datetime | None = None
    code: str | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    post: str = ""  # our id, by which its figures are explained

    def __post_init__(self) -> None:
        if self.published_at is not None:
            object.__setattr__(self, "published_at", aware(self.published_at))


@dataclass(frozen=True, slots=True)
class ClickRow:
    """Hits on one network's tracked links in the period, counted by judgement. Rows of one network add up."""

    network: str
    persons: int  # surely persons: the clicks
    unsure: int = 0  # possibly persons
    previews: int = 0
    crawlers: int = 0

    def __post_init__(self) -> None:
        if min(self.persons, self.unsure, self.previews, self.crawlers) < 0:
            raise ValueError(f"hits of {self.network} cannot be negative")


@dataclass(frozen=True, slots=True)
class VisitRow:
    """Visits from one network in the period, by our script or by the site's own analytics; None has its reason.

    `unsure` are visits that may be persons'. `note` says who counted, and whether it is a lower bound.
    """

    network: str
    visits: int | None
    reason: str | None = None
    unsure: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        if self.visits is None and not self.reason:
            raise ValueError(f"visits from {self.network}: a missing count needs its reason")


@dataclass(frozen=True, slots=True)
class HitDay:
    """Hits on one link of a network on one UTC day, counted by judgement. Rows of one link and day add up."""

    network: str
    code: str
    day: date
    persons: int
    unsure: int = 0
    previews: int = 0
    crawlers: int = 0

    def __post_init__(self) -> None:
        if min(self.persons, self.unsure, self.previews, self.crawlers) < 0:
            raise ValueError(f"hits of {self.network} on {self.day} cannot be negative")


@dataclass(frozen=True, slots=True)
class ClickHour:
    """Clicks on a network's links in one hour of the week, in the brand's zone: `weekday` 1 (Monday) to 7, `hour` 0–23.

    Of hits that are still kept; `unsure` are possible persons'. Rows of one network and hour add up.
    """

    network: str
    weekday: int
    hour: int
    persons: int
    unsure: int = 0

    def __post_init__(self) -> None:
        if not (1 <= self.weekday <= 7 and 0 <= self.hour <= 23) or min(self.persons, self.unsure) < 0:
            raise ValueError(f"clicks of {self.network}: weekday {self.weekday}, hour {self.hour} cannot be")


@dataclass(frozen=True, slots=True)
class EarlyRow:
    """Hits by possible persons on a network's posts: in the day after publishing, and in its first seconds.

    Of hits that are still kept. Rows of one network add up.
    """

    network: str
    first_day: int
    first_seconds: int

    def __post_init__(self) -> None:
        if not 0 <= self.first_seconds <= self.first_day:
            raise ValueError(f"{self.first_seconds} early hits of {self.first_day} on {self.network} cannot be")


@dataclass(frozen=True, slots=True)
class VisitDay:
    """Visits that began on one UTC day. `network` None: by no network, but search, a newsletter, or straight."""

    network: str | None
    day: date
    visits: int
    unsure: int = 0

    def __post_init__(self) -> None:
        if min(self.visits, self.unsure) < 0:
            raise ValueError(f"visits from {self.network} on {self.day} cannot be negative")


@dataclass(frozen=True, slots=True)
class CountedDays:
    """UTC days `[start, end)`, on each of which visits were counted by the day: without a row it had none."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class InterruptionRow:
    """Something that was declared to have stopped: a network, `posting` or `site`, on the days `[since, until)`.

    `until` None: it did not come back. `why` is in the owner's words (None: erased). `looked` is the kind of the last
    look that was taken at what followed before it was declared, or before its end was told, at `looked_at`; None:
    nobody had looked. `moved_to` is the network that took its place. One that was withdrawn is told and not judged.
    """

    stopped: str
    since: date
    until: date | None
    why: str | None
    declared_at: datetime
    looked: str | None = None
    looked_at: datetime | None = None
    moved_to: str | None = None
    withdrawn_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.since:
            raise ValueError(f"{self.stopped} cannot be back on {self.until}, before it stopped")


@dataclass(frozen=True, slots=True)
class Reacted:
    """How many who reacted came to do something: counts alone, of hashes that stay in the store.

    `followed` reacted to three posts or more, and a year has passed since the third; `acted` of them asked, bought or
    sent somebody within that year; `open` are those whose year has not passed. `referrers` sent somebody and have a
    known presence on a network; `referrers_before` had reacted before they did. `matched` are as many others with a
    known presence, each the nearest by date to one of them; `matched_before` had reacted before that date.
    """

    followed: int
    acted: int
    open: int
    referrers: int
    referrers_before: int
    matched: int
    matched_before: int

    def __post_init__(self) -> None:
        parts = ((self.acted, self.followed), (self.referrers_before, self.referrers))
        if any(not 0 <= x <= n for x, n in (*parts, (self.matched_before, self.matched))) or self.open < 0:
            raise ValueError("of those who reacted, no more can have acted than there were")


@dataclass(frozen=True, slots=True)
class FollowersRow:
    """Followers of the account(s) on a network at an instant; None has its reason."""

    network: str
    at: datetime
    value: float | None
    reason: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", aware(self.at))
        if self.value is None and not self.reason:
            raise ValueError(f"followers on {self.network}: a missing value needs its reason")


@dataclass(frozen=True, slots=True)
class EffortRow:
    """Hours and fees spent on a channel in the span that starts on `start`. Rows of one channel add up.

    `hours` None: time was spent, or not, and nobody knows how much. `fees_minor` None: no fees were told.
    """

    channel: str
    start: date
    hours: float | None
    fees_minor: int | None = None
    currency: str | None = None  # of the fees
    effort: str = ""  # our id

    def __post_init__(self) -> None:
        if self.fees_minor is not None and self.currency is None:
            raise ValueError(f"fees of {self.channel} need their currency")


@dataclass(frozen=True, slots=True)
class Lock:
    """A hypothesis written down before looking, and how the lock stands today.

    `margin` is in `unit`. `answers` is the key of the claim whose margin it fixes. `hash` is the SHA-256 of the day it
    was locked. `changed` says what is no longer as it was locked, `looked` why it was locked too late, `remark` what is
    to be said besides; each is None where there is nothing to say.
    """

    key: str
    claim: str
    outcome: str
    margin: float
    unit: str
    method: str
    since: datetime
    until: datetime | None
    answers: str | None
    hash: str
    locked_at: datetime
    changed: str | None = None
    looked: str | None = None
    remark: str | None = None

    def before_looking(self, period: Period) -> bool:
        """Whether a verdict over `period` is held against what was fixed before anybody could see its data."""
        return self.changed is None and self.looked is None and period.start >= self.since

    def told(self) -> str:
        """The lock in a sentence, for every report."""
        head = say(
            "{key}, locked {day} {time} UTC, hash {hash}",
            key=self.key, day=day(self.locked_at), time=f"{self.locked_at:%H:%M}", hash=self.hash,
        )  # fmt: skip
        if self.changed is not None:
            return say("{lock}: changed after locking ({changed}).", lock=head, changed=self.changed)
        if self.looked is not None:
            return say("{lock}: locked after looking, exploratory ({looked}).", lock=head, looked=self.looked)
        if self.remark:
            return say("{lock}: as locked; {remark}.", lock=head, remark=self.remark)
        return say("{lock}: as locked.", lock=head)


@dataclass(frozen=True, slots=True)
class ExperimentWeek:
    """One week of one network in an experiment. `number` counts from 1, `[start, end)` are its Mondays 00:00.

    `arm` is what was drawn, `posts` what really went out. Outcomes are totals of the brand from all sources, the same
    on every network; one that nobody counted, or that may not be seen yet, is None with its reason under its name.
    """

    network: str
    number: int
    start: datetime
    end: datetime
    arm: str  # on, off
    posts: int
    visits: int | None = None
    leads: int | None = None
    clients: int | None = None
    revenue_minor: int | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExperimentPost:
    """One post in an experiment on texts. `account` numbers the accounts from 1, `number` the posts of each.

    `arm` is what was drawn. `posted_at` None: it did not go out. `as_drawn` says whether it went out with the very text
    of its arm. `clicks` are those of surely people in the days that were locked; None has its `reason`.
    """

    network: str
    account: int
    number: int
    arm: str
    drawn_at: datetime
    posted_at: datetime | None = None
    as_drawn: bool | None = None
    clicks: int | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.clicks is None) != bool(self.reason) or (self.posted_at is None) != (self.as_drawn is None):
            raise ValueError(f"post {self.number} on {self.network}: a value that is missing needs its reason")


@dataclass(frozen=True, slots=True)
class JoinedLate:
    """An account that was connected while an experiment ran: from week `number` on it kept its network's weeks."""

    network: str
    number: int


@dataclass(frozen=True, slots=True)
class Experiment:
    """Randomised weeks or texts as they were run: the design as it was locked (`hash`), and what is over of it.

    `design` has the names and values of the locked file: kind, weeks, block, washout, networks, seed, outcome, margin…
    `stopped_at` is set when it was stopped before `ends_at`, `unblinded_at` when somebody looked before that. Of an
    experiment on texts there are `posts` and no weeks.
    """

    key: str
    design: Mapping[str, object]
    hash: str
    started_at: datetime
    ends_at: datetime
    stopped_at: datetime | None = None
    unblinded_at: datetime | None = None
    weeks: tuple[ExperimentWeek, ...] = ()
    posts: tuple[ExperimentPost, ...] = ()
    joined: tuple[JoinedLate, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkRow:
    """What came by one of our links in the period: hits by surely and possibly persons, and visits.

    `article` is the page it announces, as people call it; None for a link of none. `clicks` None: its hits are not
    counted by us. `visits` None: nothing counted the visits of single links. Rows of one article and network add up.
    """

    code: str
    network: str
    article: str | None
    clicks: int | None = None
    unsure: int = 0
    visits: int | None = None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Of one figure, what one origin told: days first and last, and the months of which it told anything.

    `of` is whose figure it is: a network, a tool and its breakdown, or empty. `origin` is file, api, hand, or who told
    of it otherwise; `file` and `sha256` are set where it is a file.
    """

    figure: str
    of: str
    origin: str
    first: date
    last: date
    rows: int
    months: tuple[str, ...]
    file: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything one audit sees. `sandbox` is the known truth of a simulated audience, None on real input.

    `closed` are the networks that are gone, with their last day (None: nobody wrote it down): after it nothing of
    theirs is missing. `placebo` are channels that never ran, which answers may name all the same. `counting` says, in
    sentences for every reader, how its visits were counted and on what legal basis. `rate_minor` is what an hour of the
    owner is worth to them, in the brand's currency (None: not told). `visit_months` are the UTC months ("2025-03") of
    which every day's visits were counted: elsewhere a month without a visit is not known to have none. `visit_spans`,
    of which none touches another, are the days that were counted one by one. `reacted` is None where it is not kept who
    reacted, and `reacted_reason` says why.
    """

    brand: BrandFacts
    period: Period
    leads: tuple[LeadRow, ...] = ()
    posts: tuple[PostRow, ...] = ()
    clicks: tuple[ClickRow, ...] = ()
    visits: tuple[VisitRow, ...] = ()
    followers: tuple[FollowersRow, ...] = ()
    effort: tuple[EffortRow, ...] = ()
    sandbox: str | None = None
    closed: Mapping[str, date | None] = field(default_factory=dict)
    placebo: frozenset[str] = frozenset()
    counting: tuple[str, ...] = ()
    locks: tuple[Lock, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    rate_minor: int | None = None
    hit_days: tuple[HitDay, ...] = ()
    early: tuple[EarlyRow, ...] = ()
    click_hours: tuple[ClickHour, ...] = ()
    visit_days: tuple[VisitDay, ...] = ()
    visit_months: frozenset[str] = frozenset()
    reacted: Reacted | None = None
    reacted_reason: str = say("it is not kept who reacted")
    links: tuple[LinkRow, ...] = ()
    coverage: tuple[CoverageRow, ...] = ()
    visit_spans: tuple[CountedDays, ...] = ()
    interruptions: tuple[InterruptionRow, ...] = ()

    def gone(self, network: str, day: date) -> bool:
        """Whether nothing can be missing of the network on that day."""
        last = self.closed.get(network)
        return network in self.closed and (last is None or day > last)
