"""The posts of an experiment on texts as they went: what was drawn, what really went out, and who clicked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from crosspost.audit.experiments.text_design import TextDesign
from crosspost.audit.ledger import ExperimentPost
from crosspost.commands.text_arms import window
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.message import say
from crosspost.domain.period import Period
from crosspost.domain.traffic import Judgement
from crosspost.store import brands, deliveries, links, text_arms, traffic
from crosspost.store.experiments import StoredExperiment
from crosspost.store.links import StoredLink
from crosspost.store.store import Scope

BLIND = say("not shown before the locked end")
_GONE = frozenset({State.CANCELLED, State.MISSED, State.REJECTED})


@dataclass(frozen=True, slots=True)
class ArmCount:
    """Posts of one arm: `drawn` is the sum of the others."""

    arm: str
    drawn: int
    as_drawn: int  # went out with the arm's own text
    otherwise: int  # went out with a text that was changed by hand
    waiting: int  # did not go out yet
    never: int  # will not go out


def arm_counts(scope: Scope, one: StoredExperiment, design: TextDesign) -> tuple[ArmCount, ...]:
    """How far each arm is."""
    sent = {row.id: row for row in deliveries.listed(scope)}
    found: dict[str, Counter[str]] = {arm: Counter() for arm in design.arms}
    for post in text_arms.drawn(scope, one.id):
        row = sent[post.delivery_id]
        went = "waiting"
        if row.state is State.PUBLISHED:
            went = "as_drawn" if row.sha256 == post.sha256 else "otherwise"
        elif row.state in _GONE:
            went = "never"
        found[post.arm][went] += 1
    return tuple(
        ArmCount(arm, number.total(), number["as_drawn"], number["otherwise"], number["waiting"], number["never"])
        for arm, number in found.items()
    )


def posts_of(
    scope: Scope, one: StoredExperiment, design: TextDesign, now: datetime, *, seen: bool
) -> tuple[ExperimentPost, ...]:
    """The posts that were drawn until now, with their clicks where they are known and, by `seen`, may be."""
    drawn = [post for post in text_arms.drawn(scope, one.id) if post.drawn_at <= now]
    every = deliveries.listed(scope)
    sent = {row.id: row for row in every}
    replies: dict[str, list[Delivery]] = {}
    for row in every:
        if row.parent_id is not None:
            replies.setdefault(row.parent_id, []).append(row)
    codes = {
        post.delivery_id: [each.code for each in (sent[post.delivery_id], *replies.get(post.delivery_id, ()))]
        for post in drawn
    }
    clicks = _Clicks(scope, [sent[post.delivery_id].published_at for post in drawn], design.days) if seen else None
    accounts = {account.id: account for account in brands.accounts(scope)}
    order = [account_id for account_id in accounts if any(post.account_id == account_id for post in drawn)]
    found = []
    for post in drawn:
        row = sent[post.delivery_id]
        out = row.published_at is not None and row.published_at <= now
        number, reason = (None, BLIND) if clicks is None else clicks.of(row, codes[row.id], min(now, one.ends_at))
        found.append(
            ExperimentPost(
                accounts[post.account_id].network, order.index(post.account_id) + 1, post.number, post.arm,
                post.drawn_at, row.published_at if out else None, row.sha256 == post.sha256 if out else None, number,
                "" if number is not None else reason,
            )
        )  # fmt: skip
    return tuple(found)


class _Clicks:
    """Clicks by link and UTC day, as the audit counts them: of surely people, kept when the hits themselves go."""

    def __init__(self, scope: Scope, published: Iterable[datetime | None], days: int) -> None:
        self._days = days
        self._links: Mapping[str, StoredLink] = {one.code: one for one in links.all_of(scope)}
        self._of: Counter[tuple[str, datetime]] = Counter()
        if out := [at for at in published if at is not None]:
            span = Period(_midnight(min(out)), _midnight(max(out)) + window(days))
            for one in traffic.counts(scope, span):
                if one.judgement is Judgement.PERSON:
                    self._of[one.code, datetime.combine(one.day, time.min, UTC)] += one.hits

    def of(self, row: Delivery, codes: Iterable[str], known: datetime) -> tuple[int | None, str]:
        """A post's clicks, or None and why; `known` is up to when clicks are counted."""
        if row.published_at is None:
            return None, say("it did not go out")
        if row.teaser.link_placement in ("bio", "none"):
            return None, say("its link stands nowhere in it")
        start = _midnight(row.published_at)
        end = start + window(self._days)
        if end > known:
            return None, say("the days in which its clicks are counted were not over")
        if self._links[row.code].target == row.teaser.link:
            return None, say("its link leads straight to the site: nothing counts its clicks")
        if any((at := self._links[code].disabled_at) is not None and at < end for code in codes):
            return None, say("its link was switched off in these days")
        days = [start + timedelta(days=day) for day in range(self._days + 1)]
        return sum(self._of[code, day] for code in codes for day in days), ""


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time.min, UTC)
