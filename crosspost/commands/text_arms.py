"""Texts by lot while a teaser is planned: whether its account is in such an experiment, and which text arm it gets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crosspost.audit.experiments.text_design import TextDesign, is_of_texts, text_design_of
from crosspost.domain.brand import Account
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.errors import Conflict
from crosspost.domain.period import Period
from crosspost.store import deliveries, events, experiments, hypotheses, text_arms
from crosspost.store.experiments import StoredExperiment
from crosspost.store.store import Scope
from crosspost.store.text_arms import DrawnPost


@dataclass(frozen=True, slots=True)
class Live:
    """An experiment on texts that is neither stopped nor over. Posts are drawn if they are due in `planting`."""

    experiment: StoredExperiment
    design: TextDesign
    planting: Period


@dataclass(frozen=True, slots=True)
class Lot:
    """What was drawn for a post. `before` is set where its article was planned on the account before."""

    live: Live
    number: int
    arm: str
    before: DrawnPost | None = None


def window(days: int) -> timedelta:
    """The longest time in which a post's clicks are counted: the rest of its UTC day, and `days` whole ones."""
    return timedelta(days=days + 1)


def planting(one: StoredExperiment, since: datetime, design: TextDesign) -> Period:
    """When posts are due that are drawn: their clicks are counted by the locked end."""
    return Period(since, one.ends_at - window(design.days))


def live(scope: Scope, now: datetime) -> list[Live]:
    """The brand's experiments on texts that are neither stopped nor over, those included that are still to begin."""
    open_ = [one for one in experiments.started(scope) if one.stopped_at is None and now < one.ends_at]
    if not open_:
        return []
    locks = {one.id: one.content for one in hypotheses.locked(scope)}
    found = []
    for one in open_:
        content = locks[one.hypothesis_id]
        if is_of_texts(content["design"]):
            design = text_design_of(content["design"])
            found.append(Live(one, design, planting(one, datetime.fromisoformat(content["since"]), design)))
    return found


def running(scope: Scope, account: Account, now: datetime) -> Live | None:
    """The experiment on texts that the account's new teasers belong to now."""
    return next(
        (one for one in live(scope, now) if account.network in one.design.networks and one.planting.start <= now), None
    )


def draw(scope: Scope, found: Live, account: Account, article_id: str, due: datetime, now: datetime) -> Lot | None:
    """The arm of a teaser that is being planned; None where it is due too late, or the experiment was stopped.

    An article is drawn once on an account: planned again, it keeps its arm. To be called in the transaction that
    writes the delivery.
    """
    stopped = experiments.of_key(scope, found.experiment.key).stopped_at
    if stopped is not None or due not in found.planting:
        return None
    number = text_arms.next_number(scope, found.experiment.id, account.id)
    before = text_arms.of_article(scope, found.experiment.id, account.id, article_id)
    if before is not None:
        return Lot(found, before.number, before.arm, before)
    return Lot(found, number, found.design.arm_of(stratum(account), number))


def stratum(account: Account) -> str:
    """What the lots of an account hang on: the same after a restore, and after connecting it again."""
    return f"{account.network} {account.server} {account.remote_id}"


def enrol(scope: Scope, lot: Lot, delivery: Delivery, now: datetime) -> None:
    """Write down what was drawn for a delivery. One that is published stays what its article is counted by."""
    experiment = lot.live.experiment
    post = DrawnPost(delivery.account_id, lot.number, delivery.id, lot.arm, delivery.sha256, now)
    if lot.before is None:
        text_arms.add(scope, experiment.id, post)
        events.record(
            scope, "text drawn", delivery.id, who="planner", now=now, experiment=experiment.key, arm=lot.arm,
            number=lot.number,
        )  # fmt: skip
    elif deliveries.get(scope, lot.before.delivery_id).state is not State.PUBLISHED:
        text_arms.plan_again(scope, experiment.id, lot.before, delivery.id, delivery.sha256)


def check_free(scope: Scope, accounts: Iterable[Account], span: Period, now: datetime) -> None:
    """Raises Conflict where an account is in another experiment, of weeks or texts, at some time of the span."""
    texts = [one for one in live(scope, now) if one.planting.start < span.end and span.start < one.experiment.ends_at]
    for account in accounts:
        other = experiments.overlapping(scope, account.id, span) or next(
            (one.experiment.key for one in texts if account.network in one.design.networks), None
        )
        if other is not None:
            raise Conflict(
                f"{account.network} {account.handle} is in experiment {other} at that time",
                remedy="begin later, or stop that one",
            )
