"""A10 in a brand: what was counted beside each interruption that was declared, week by week.

The rule is fixed, whatever the figures: leads, and visits from all sources, in weeks counted from the declared day; up
to 52 weeks before and the first 12 after, without a gap. What foretells is an even trend beside visits from elsewhere,
which no network sends; where the site itself stopped or they are too rare, an even trend and, of a whole year, a wave.
Other networks are no control: readers and posts move to them. Series are logarithms, for growth and seasons multiply.
See docs/decisions/0023.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from crosspost.audit.ledger import InterruptionRow
from crosspost.audit.observation import weekly
from crosspost.audit.observation.declared_tables import AFTER, BEFORE, outcomes, weeks
from crosspost.audit.observation.interruption import PRE, Gap, Interruption, Told, compare, judge
from crosspost.audit.observation.moved import regained
from crosspost.audit.observation.weekly import NO_NETWORK, Counted, Weeks, first_day
from crosspost.audit.results import FIXED, Assumption, Claim, Finding
from crosspost.audit.section import Given, Section
from crosspost.domain.interruption import POSTING, SITE
from crosspost.domain.message import channel, count, day, join, say

LEAST_AFTER = 4  # weeks: below, one lucky week decides
LEAST = 20  # leads, or visits, in the weeks before: of fewer, the half that is added to each week hides any change
LEAST_ELSEWHERE = 5  # visits from elsewhere in a week before: of fewer, luck hides the season that they share
MARGIN = 0.2  # a fifth of leads or visits is what an owner would act on
_YEAR = 365.25 / 7  # weeks
_HALF = 0.5  # added to every week's count: the logarithm of none does not exist

LEADS, VISITS = "leads", "visits"
_TEXTS = {LEADS: say("Leads changed"), VISITS: say("Visits changed")}
_LOOKS = {"report": say("report"), "audit": say("audit"), "page": say("page")}
_KEY = re.compile(r"(leads|visits)_at_(\w+)_(\d{4}-\d\d-\d\d)", re.ASCII)


def declared(given: Given) -> Section:
    """Two claims on each interruption, on leads and on visits (A10), with their weeks; and networks left for others."""
    ledger = given.data.ledger
    if not ledger.interruptions:
        return Section()
    every = sorted(ledger.interruptions, key=lambda one: (one.since, one.stopped, one.declared_at))
    standing = [one for one in every if one.withdrawn_at is None]
    found = [answer for one in standing for answer in _compared(given, one)]
    return Section(
        tuple(_finding(given, one, standing) for one in found),
        (outcomes(found), weeks(found), *regained(given, standing)),
        notes=tuple(_withdrawn(one) for one in every if one.withdrawn_at is not None),
    )


def claim_of(key: str) -> str | None:
    """The text of a claim on an interruption that has this key; None where it is another claim's."""
    found = _KEY.fullmatch(key)
    return None if found is None else _claim(found[1], found[2], date.fromisoformat(found[3]))


def _claim(outcome: str, stopped: str, since: date) -> str:
    return say(
        "{changed} at the interruption of {what} on {day}",
        changed=_TEXTS[outcome],
        what=named(stopped),
        day=day(since),
    )


def named(stopped: str) -> str:
    """What stopped, as a text that every language has."""
    return {POSTING: say("all posting"), SITE: say("the site")}.get(stopped) or channel(stopped)


@dataclass(frozen=True, slots=True)
class Compared:
    """One outcome of an interruption: its `weeks` in a row, of which `before` lie before it. `found` is None where they
    are too few to compare. `missing` says what a verdict lacks, also where there are figures. `controlled`: visits from
    elsewhere are held beside the trend."""

    declared: InterruptionRow
    outcome: str
    known: Weeks
    weeks: Sequence[int]
    before: int
    controlled: bool
    missing: str | None
    found: Interruption | None

    @property
    def gap(self) -> Gap | None:
        return None if self.found is None else self.found.chosen

    @property
    def foretelling(self) -> str:
        """What foretold the weeks after, within a sentence."""
        if self.controlled:
            return say("visits from elsewhere and an even trend")
        if self.before >= BEFORE:
            return say("the year before, by its trend and season,")
        return say("the weeks before, by their trend,")

    @property
    def typical(self) -> tuple[float, float]:
        """What a week after brought, and what was foretold of it: means of logarithms, so that few great weeks do not
        stand for all. To be asked where there is a gap."""
        after = self.weeks[self.before :]
        seen = math.fsum(math.log(self.known[week] + _HALF) for week in after) / len(after)
        return _count(seen), _count(seen - (self.gap.mean if self.gap else 0.0))

    @property
    def foretold(self) -> dict[int, tuple[float, float, float]]:
        """What was foretold of each week that is compared, with the ends between which those after would have lain as
        a whole (95 %)."""
        if self.gap is None:
            return {}
        half = self.gap.high - self.gap.mean
        return {
            week: (_count(value), _count(value - half), _count(value + half))
            for week, value in zip(self.weeks, self.gap.foretold, strict=True)
        }


def _count(logarithm: float) -> float:
    return max(0.0, math.exp(logarithm) - _HALF)


def _compared(given: Given, one: InterruptionRow) -> Iterable[Compared]:
    counted = Counted(given.data, one.since, given.made_at)
    elsewhere = {} if one.stopped == SITE else counted.visits(NO_NETWORK)
    for outcome, series in ((LEADS, counted.leads()), (VISITS, counted.visits())):
        both = {week: value for week, value in series.items() if week in elsewhere}
        controlled = _missing(one, *_window(one, both)) is None and _tells(elsewhere, *_window(one, both))
        weeks, before = _window(one, both if controlled else series)
        missing = _missing(one, weeks, before) or _too_rare(outcome, sum(series[week] for week in weeks[:before]))
        found = None
        if missing is None:
            held = [series, elsewhere] if controlled else [series]
            rows = np.log([[known[week] + _HALF for week in weeks] for known in held])
            found = compare(rows[:1], rows[1:], before, trend=True, season=_YEAR)
            missing = None if controlled else _seasonless(before)
        yield Compared(one, outcome, series, weeks, before, controlled, missing, found)


def _window(one: InterruptionRow, known: Weeks) -> tuple[list[int], int]:
    """The weeks that are compared, and how many of them lie before."""
    before = weekly.before(known, BEFORE)
    lasted = AFTER if one.until is None else (one.until - one.since).days // 7
    # At most half of those before, so that there are placebos.
    return [*before, *weekly.after(known, min(AFTER, lasted, max(LEAST_AFTER, len(before) // 2)))], len(before)


def _tells(elsewhere: Weeks, weeks: Sequence[int], before: int) -> bool:
    """Whether visits from elsewhere are enough to tell a season."""
    return sum(elsewhere[week] for week in weeks[:before]) >= LEAST_ELSEWHERE * before


def _missing(one: InterruptionRow, weeks: Sequence[int], before: int) -> str | None:
    """What is missing of weeks of which so many lie before; None where they are enough."""
    after = len(weeks) - before
    lacking: list[str] = []
    if before < PRE:
        lacking.append(
            say(
                "{least} whole weeks in a row are needed before it, {before} are known: {more}",
                least=PRE, before=before, more=count(PRE - before, "more week"),
            )
        )  # fmt: skip
    if one.until is not None and (one.until - one.since).days < 7 * LEAST_AFTER:
        lacking.append(say("it lasted under {least} weeks, and in so few one week decides", least=LEAST_AFTER))
    elif after < LEAST_AFTER:
        lacking.append(
            say(
                "{least} whole weeks in a row are needed after it, {after} are known: {more}",
                least=LEAST_AFTER, after=after, more=count(LEAST_AFTER - after, "more week"),
            )
        )  # fmt: skip
    return join("; ", lacking) if lacking else None


def _too_rare(outcome: str, counted: int) -> str | None:
    if counted >= LEAST:
        return None
    noun = count(LEAST - counted, "more lead") if outcome == LEADS else count(LEAST - counted, "more visit")
    return say("{n} were counted in the weeks before, {least} are needed: {more}", n=counted, least=LEAST, more=noun)


def _seasonless(before: int) -> str | None:
    """What is missing where nothing stands beside the weeks: as many as tell a season."""
    if before >= BEFORE:
        return None
    return say(
        "nothing that it could not touch stands beside, and a season that begins then looks the same: {least} whole "
        "weeks in a row are needed before it, {before} are known: {more}; or five visits a week from elsewhere",
        least=BEFORE, before=before, more=count(BEFORE - before, "more week"),
    )  # fmt: skip


def _finding(given: Given, one: Compared, standing: Sequence[InterruptionRow]) -> Finding:
    since = one.declared.since
    text = _claim(one.outcome, one.declared.stopped, since)
    key = f"{one.outcome}_at_{one.declared.stopped}_{since}"
    claim = given.claim(Claim(key, text, MARGIN, audit="A10", unit="share"))
    told = Told(
        claim,
        counted=say("weeks before"),
        foretelling=one.foretelling,
        logarithms=True,
        missing=one.missing,
        planned=PRE if one.controlled or one.found is None else BEFORE,
        caveats=tuple(_caveats(one)),
        assumptions=tuple(_assumptions(one, standing)),
    )
    return judge(one.found, one.before, claim.margin, given.blocked, told)


def _caveats(one: Compared) -> Iterable[str]:
    row = one.declared
    if row.looked is not None and row.looked_at is not None:
        kind, seen = _LOOKS.get(row.looked, row.looked), day(row.looked_at)
        if row.looked_at > row.declared_at:
            yield say(
                "Its end was told after a look ({kind}) was taken on {seen} at what followed: exploratory.",
                kind=kind, seen=seen,
            )  # fmt: skip
        else:
            yield say(
                "Declared on {day}, after a look ({kind}) was taken on {seen} at what followed: exploratory.",
                day=day(row.declared_at), kind=kind, seen=seen,
            )  # fmt: skip
    elif not _in_time(row):
        yield say(
            "Declared on {day}, when the first week after it was over already: exploratory.", day=day(row.declared_at)
        )
    if one.controlled:
        yield say(
            "Who heard of the brand there may come by search or straight: visits from elsewhere then fall as well, and "
            "the change looks smaller."
        )
    elif one.before >= BEFORE:
        yield say("Nothing that it could not touch stands beside, and one year tells a season as an even wave alone.")
    after = len(one.weeks) - one.before
    if one.found is not None and row.until is None and after < AFTER:
        yield say(
            "{after} of {planned} weeks after it are compared: with more of them the verdict may be another.",
            after=after, planned=AFTER,
        )  # fmt: skip


def _assumptions(one: Compared, standing: Sequence[InterruptionRow]) -> Iterable[Assumption]:
    row = one.declared
    weeks = one.weeks or [0]
    start, end = first_day(weeks[0], row.since), first_day(weeks[-1] + 1, row.since)
    others = [
        other for other in standing
        if other is not row and other.since < end and (other.until is None or other.until > start)
    ]  # fmt: skip
    if others:
        names = join(
            ", ", [say("{what} on {day}", what=named(other.stopped), day=day(other.since)) for other in others]
        )
        yield Assumption(say("Nothing else changed at that time; declared are also: {names}.", names=names), False)
    else:
        yield Assumption(say("Nothing else changed at that time."), None)
    if one.controlled:
        yield Assumption(say("The interruption did not touch visits from elsewhere."), None)
        yield Assumption(say("Their season is the same as a share: what is counted rises and falls as they do."), None)
    yield Assumption(say("The trend of the weeks before would have gone on."), None)
    yield Assumption(FIXED, row.looked is None and _in_time(row))


def _in_time(row: InterruptionRow) -> bool:
    """Whether it was declared before a week after it could be known."""
    return row.declared_at.date() < row.since + timedelta(days=7)


def _withdrawn(row: InterruptionRow) -> str:
    assert row.withdrawn_at is not None
    return say(
        "An interruption of {what} on {day}, declared on {declared}, was withdrawn on {withdrawn}: it is not judged.",
        what=named(row.stopped), day=day(row.since), declared=day(row.declared_at), withdrawn=day(row.withdrawn_at),
    )  # fmt: skip
