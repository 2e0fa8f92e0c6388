"""Start an experiment on weeks, watch and stop any: weeks are drawn from a seed, locked, and kept by the scheduler."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from crosspost.audit.experiments.design import Design, schedule
from crosspost.audit.experiments.text_design import is_of_texts, text_design_of
from crosspost.audit.ledger import Experiment
from crosspost.clock import zone
from crosspost.commands import hypotheses, text_arms
from crosspost.commands.experiment_weeks import joined_late, lasted, may_see, went_out
from crosspost.commands.ledger import gather
from crosspost.commands.manner import publishes
from crosspost.commands.text_posts import ArmCount, arm_counts
from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.experiment import Arm, Week, mondays, next_monday
from crosspost.domain.hypothesis import Hypothesis, known, margin_text
from crosspost.domain.ids import new_id
from crosspost.domain.period import Period
from crosspost.domain.slots import resolve
from crosspost.store import brands, experiments
from crosspost.store.experiments import StoredExperiment
from crosspost.store.store import Scope, Store

_SEED_BITS = 48
_FARTHEST = timedelta(weeks=104)  # of a first day: what begins later was typed in error


@dataclass(frozen=True, slots=True)
class Started:
    """What was started for one brand. Which weeks are on is nobody's to know before they come."""

    brand: Brand
    experiment: StoredExperiment
    hash: str
    seed: int
    file: Path
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """An experiment today: `weeks` are the past ones and the present one, never those to come."""

    experiment: StoredExperiment
    hash: str
    design: Mapping[str, object]
    state: str  # waiting, running, over, stopped
    week: int  # the present one, from 1; 0 before the first
    weeks: tuple[AccountWeek, ...]
    outcomes: Experiment | None  # None before the locked end, unless somebody looked
    arms: tuple[ArmCount, ...] = ()  # of an experiment on texts, which has no weeks
    joined: tuple[tuple[Account, int], ...] = ()  # accounts that were connected later, and the first week each kept


@dataclass(frozen=True, slots=True)
class AccountWeek:
    """`obeyed` is None while the week runs: a post may still come, or a slip."""

    account: Account
    number: int
    period: Period
    arm: str
    posts: int
    obeyed: bool | None


def new_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbits(_SEED_BITS)


def start(
    store: Store, strata: Sequence[Brand], key: str, design: Design, first: date | None, folder: Path, now: datetime,
    *, who: str,
) -> tuple[Started, ...]:  # fmt: skip
    """Lock hypothesis and design, draw the weeks, and let the scheduler keep them: for every brand, or for none.

    With several brands each is a stratum with coins of its own. `first` is a Monday to come in each brand's zone, by
    default the next one. Raises BadInput for a design that cannot reject, a start in the past or a network where a
    brand has no account; Conflict where an account is in another experiment, or the key is taken.
    """
    if len(strata) > 1:
        design = replace(design, strata=tuple(brand.slug for brand in strata))
    design.check_can_reject()
    written: list[Path] = []
    made = []
    try:
        with store.database.write() as connection:
            for brand in strata:
                scope = Scope(connection, brand.id)
                made.append(_start_one(scope, brand, key, design, first, folder, now, written, who))
    except BaseException:
        for file in written:  # nothing was started: no file may say so
            file.unlink(missing_ok=True)
        raise
    return tuple(made)


def _start_one(
    scope: Scope, brand: Brand, key: str, design: Design, first: date | None, folder: Path, now: datetime,
    written: list[Path], who: str,
) -> Started:  # fmt: skip
    here = zone(brand.zone)
    today = now.astimezone(here).date()
    first = soon(first or next_monday(today), today)
    periods = mondays(first, design.weeks, here)
    if periods[0].start <= now:
        raise BadInput(
            f"{first} has begun: what is drawn now could be chosen by what was seen",
            remedy=f"begin on {next_monday(today)}",
        )
    accounts = accounts_on(scope, brand, design.networks)
    text_arms.check_free(scope, accounts, Period(periods[0].start, periods[-1].end), now)
    drawn = schedule(design, brand.slug if design.strata else "")
    weeks = [
        Week(one.id, number, period, Arm.ON if drawn[one.network][number - 1] else Arm.OFF)
        for one in accounts
        for number, period in enumerate(periods, start=1)
    ]
    wanted = _hypothesis(key, design, first, Period(periods[0].start, periods[-1].end), brand)
    stored = hypotheses.register(scope, brand, wanted, now, who=who)
    new = StoredExperiment(new_id(now), key, stored.id, first, periods[-1].end, now, who)
    experiments.add(scope, new, weeks)
    file = hypotheses.write(stored, brand, folder)
    written.append(file)
    return Started(brand, new, stored.sha256, design.seed, file, accounts)


def soon(first: date, today: date) -> date:
    """The first day of an experiment. Raises BadInput for one so far away that it is a typing error."""
    if first > today + _FARTHEST:
        raise BadInput(f"{first} is more than two years away", remedy="begin sooner: --first 2026-01-05")
    return first


def accounts_on(scope: Scope, brand: Brand, networks: Sequence[str]) -> tuple[Account, ...]:
    """The accounts that take part: all that the brand posts with there. Raises BadInput for a network with none."""
    found = [one for one in brands.accounts(scope) if one.network in networks and publishes(one)]
    if lacking := set(networks) - {one.network for one in found}:
        raise BadInput(
            f"{brand.slug} has no account to post with on {', '.join(sorted(lacking))}",
            remedy="see `crosspost account list`",
        )
    return tuple(found)


def networks_of(store: Store, brand: Brand) -> tuple[str, ...]:
    """Every network the brand posts on: what an experiment is about when none is named. Raises BadInput for none."""
    with store.read(brand.id) as scope:
        found = tuple(dict.fromkeys(one.network for one in brands.accounts(scope) if publishes(one)))
    if not found:
        raise BadInput(f"{brand.slug} has no account to post with", remedy="crosspost account connect NETWORK")
    return found


def _hypothesis(key: str, design: Design, first: date, period: Period, brand: Brand) -> Hypothesis:
    ready = known("H1c")
    text = f"Posting adds no {design.outcome}: fewer than {margin_text(design.margin, ready.unit)} more"
    told: dict[str, object] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(design).items()
    }
    return Hypothesis(
        key=key, claim=text, outcome=f"{design.outcome} a week, from all sources", margin=design.margin,
        unit=ready.unit, method=ready.method, since=period.start, until=period.end,
        design={**told, "kind": str(design.kind), "statistic": str(design.statistic),
                "first_day": first.isoformat(), "zone": brand.zone},
    )  # fmt: skip


def stop(store: Store, brand: Brand, key: str, why: str, now: datetime, *, who: str) -> StoredExperiment:
    """End the holding. Before the locked end every later report says: stopped early, exploratory. Raises Conflict."""
    if not why.strip():
        raise BadInput("why?", remedy='crosspost experiment stop KEY --why "…"')
    with store.write(brand.id) as scope:
        running = experiments.of_key(scope, key)
        if running.stopped_at is not None or now >= running.ends_at:
            raise Conflict(f"experiment {key} is over", remedy="see `crosspost experiment status`")
        experiments.stop(scope, running, why.strip(), now, who=who)
        return experiments.of_key(scope, key)


def status(store: Store, brand: Brand, now: datetime, *, unblind: str | None = None, who: str) -> list[Standing]:
    """How the brand's experiments stand. Outcomes are told after the locked end alone; `unblind` names an experiment
    whose outcomes are wanted before, which is recorded and told by every later report."""
    if unblind is not None:
        with store.write(brand.id) as scope:
            running = experiments.of_key(scope, unblind)
            if now < running.ends_at and running.stopped_at is None:
                experiments.unblind(scope, running, now, who=who)
    outcomes = {one.key: one for one in gather(store, brand, now).experiments}
    with store.read(brand.id) as scope:
        return [_standing(scope, one, outcomes[one.key], now) for one in experiments.started(scope)]


def _standing(scope: Scope, one: StoredExperiment, found: Experiment, now: datetime) -> Standing:
    seen = found if may_see(one, now) else None
    if is_of_texts(found.design):
        begun = now >= resolve(datetime.combine(one.first_day, time.min), zone(str(found.design["zone"]))).at
        arms = arm_counts(scope, one, text_design_of(found.design))
        return Standing(one, found.hash, found.design, _state(one, now, begun=begun), 0, (), seen, arms)
    accounts = {each.id: each for each in brands.accounts(scope)}
    every = experiments.weeks(scope, one.id)
    weeks = [week for week in every if week.period.start <= lasted(one, now)]
    out = went_out(scope)
    shown = []
    for week in weeks:
        number = sum(at in week.period for at in out[week.account_id])
        obeyed = None if week.period.end > now else (number > 0) is (week.arm is Arm.ON)
        shown.append(
            AccountWeek(accounts[week.account_id], week.number, week.period, week.arm.value, number, obeyed)
        )  # fmt: skip
    return Standing(
        one, found.hash, found.design, _state(one, now, begun=bool(weeks)),
        max((week.number for week in weeks), default=0), tuple(shown), seen,
        joined=tuple((accounts[account_id], number) for account_id, number in joined_late(every).items()),
    )  # fmt: skip


def _state(one: StoredExperiment, now: datetime, *, begun: bool) -> str:
    return "stopped" if one.stopped_at else "over" if now >= one.ends_at else "running" if begun else "waiting"


def obedience(weeks: Iterable[AccountWeek]) -> Counter[str]:
    """Weeks that are over, by what happened: as drawn, posted in an off week, no post in an on week."""
    return Counter(
        "as drawn" if week.obeyed else "posted in an off week" if week.arm == Arm.OFF else "no post in an on week"
        for week in weeks
        if week.obeyed is not None
    )
