"""An experiment as it was really run: what was drawn, what went out, and the week's totals from all sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crosspost.audit.experiments.text_design import is_of_texts, text_design_of
from crosspost.audit.ledger import Experiment, ExperimentWeek, JoinedLate, LeadRow
from crosspost.commands.text_posts import BLIND, posts_of
from crosspost.domain.brand import Brand
from crosspost.domain.experiment import Week
from crosspost.domain.message import say
from crosspost.domain.period import Period
from crosspost.domain.traffic import Judgement
from crosspost.store import brands, deliveries, experiments, hypotheses, posts, visit_counts
from crosspost.store.experiments import StoredExperiment
from crosspost.store.store import Scope


def as_run(scope: Scope, brand: Brand, rows: Sequence[LeadRow], now: datetime) -> tuple[Experiment, ...]:
    """The brand's experiments as they were run, with the weeks that are over: drawn arm, what really went out, and the
    totals of all sources, where they may be seen."""
    started = [one for one in experiments.started(scope) if one.started_at <= now]
    if not started:
        return ()
    accounts = {one.id: one.network for one in brands.accounts(scope)}
    stored = {one.id: one for one in hypotheses.locked(scope)}
    out = went_out(scope)
    found = []
    for one in started:
        lock = stored[one.hypothesis_id]
        design = lock.content.get("design", {})
        if is_of_texts(design):
            seen = posts_of(scope, one, text_design_of(design), now, seen=may_see(one, now))
            found.append(
                Experiment(one.key, design, lock.sha256, one.started_at, one.ends_at, one.stopped_at, one.unblinded_at,
                           posts=seen)
            )  # fmt: skip
            continue
        weeks = experiments.weeks(scope, one.id)
        over = [week for week in weeks if week.period.end <= lasted(one, now)]
        totals = {
            period: _totals(scope, brand, rows, period) if may_see(one, now) else _BLIND
            for period in {week.period for week in over}
        }
        found.append(
            Experiment(
                one.key, design, lock.sha256, one.started_at, one.ends_at, one.stopped_at, one.unblinded_at,
                tuple(_by_network(over, accounts, out, totals)),
                joined=tuple(
                    JoinedLate(accounts[account_id], number) for account_id, number in joined_late(weeks).items()
                ),
            )
        )  # fmt: skip
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Totals:
    values: Mapping[str, int]
    reasons: Mapping[str, str]


_BLIND = _Totals({}, dict.fromkeys(("visits", "leads", "clients", "revenue_minor"), BLIND))


def _by_network(
    weeks: Iterable[Week], accounts: Mapping[str, str], out: Mapping[str, Sequence[datetime]],
    totals: Mapping[Period, _Totals],
) -> Iterable[ExperimentWeek]:  # fmt: skip
    """Accounts on one network have one arm: their posts add up."""
    cells: defaultdict[tuple[str, int], list[Week]] = defaultdict(list)
    for week in weeks:
        cells[accounts[week.account_id], week.number].append(week)
    for (network, number), same in sorted(cells.items()):
        period = same[0].period
        told = totals[period]
        yield ExperimentWeek(
            network, number, period.start, period.end, same[0].arm.value,
            sum(at in period for week in same for at in out[week.account_id]),
            reasons=told.reasons, **told.values,
        )  # fmt: skip


def joined_late(weeks: Iterable[Week]) -> dict[str, int]:
    """The accounts that came after the first week, and the first one that each kept."""
    first: dict[str, int] = {}
    for week in weeks:
        first[week.account_id] = min(week.number, first.get(week.account_id, week.number))
    return {account_id: number for account_id, number in first.items() if number > 1}


def _totals(scope: Scope, brand: Brand, rows: Sequence[LeadRow], period: Period) -> _Totals:
    """One week's outcomes, from whatever source they came. What was not counted is left out with its reason."""
    values, reasons = dict[str, int](), dict[str, str]()
    first = visit_counts.first_day(scope)
    if first is not None and first <= period.start.date():
        counted = visit_counts.counts(scope, period)
        values["visits"] = sum(one.visits for one in counted if one.judgement is Judgement.PERSON)
    else:
        reasons["visits"] = say("no script of ours counted visits all week")
    if any(row.contacted_at is not None for row in rows):
        values["leads"] = sum(row.contacted_at is not None and row.contacted_at in period for row in rows)
    else:
        reasons["leads"] = say("no lead was ever recorded")
    won = [row for row in rows if row.won_at is not None and row.won_at in period]
    if any(row.won_at is not None for row in rows):
        values["clients"] = sum(not row.returning for row in won)
    else:
        reasons["clients"] = reasons["revenue_minor"] = say("no deal was ever recorded")
    amounts = [row.amount_minor for row in won if row.currency == brand.currency]
    if "revenue_minor" not in reasons:
        if len(amounts) < len(won):
            reasons["revenue_minor"] = say(
                "{n} deals have no amount in {currency}", n=len(won) - len(amounts), currency=brand.currency
            )
        else:
            values["revenue_minor"] = sum(one or 0 for one in amounts)
    return _Totals(values, reasons)


def went_out(scope: Scope) -> Mapping[str, Sequence[datetime]]:
    """When something was really posted, by account: by us, by hand, or by somebody past us, as it was read in. First
    comments are no posts of their own."""
    sent = {one.id: one for one in deliveries.listed(scope)}
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for one in posts.posts(scope):
        of = sent.get(one.delivery_id or "")
        at = one.post.published_at or (of.published_at if of else None)
        if at is not None and (of is None or of.parent_id is None):
            found[one.account_id].append(at)
    return found


def lasted(one: StoredExperiment, now: datetime) -> datetime:
    """Of what was stopped, the weeks that never came tell nothing."""
    return now if one.stopped_at is None else min(now, one.stopped_at)


def may_see(one: StoredExperiment, now: datetime) -> bool:
    """Whether its outcomes are told: it is over, or somebody chose to look."""
    return now >= one.ends_at or one.stopped_at is not None or one.unblinded_at is not None
