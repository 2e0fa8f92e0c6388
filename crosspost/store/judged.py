"""The stored hits as judging sees them: those around an instant, those of a link, and what they are judged anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, func, select, update

from crosspost.domain.judging import judge_alone
from crosspost.domain.period import instant_of, microseconds, nearest_instant
from crosspost.domain.teaser import Teaser
from crosspost.domain.traffic import Judged, Judgement
from crosspost.store.store import Scope
from crosspost.store.tables import delivery, hit
from crosspost.store.traffic import DAY_US, DayKey, add_day_counts, day

_AT_ONCE = 500  # codes in one query: databases limit its parameters


@dataclass(frozen=True, slots=True)
class StoredHit:
    """What judging looks at in a hit that was folded in. (segment, offset) is its place in the log."""

    code: str
    at_us: int  # microseconds since 1970
    segment: str
    offset: int
    method: str
    purpose: str
    user_agent: str
    bare: bool  # neither a referrer nor a language
    judged: Judged

    @property
    def by_itself(self) -> Judged:
        """What it is by itself under today's rules."""
        return judge_alone(self.method, self.purpose, self.user_agent)


def near(scope: Scope, codes: Iterable[str], first_us: int, last_us: int) -> dict[str, list[StoredHit]]:
    """The hits of these codes within an interval, both ends included, by code and in the order of time."""
    found: dict[str, list[StoredHit]] = {}
    wanted = sorted(set(codes))
    for start in range(0, len(wanted), _AT_ONCE):
        these = hit.c.code.in_(wanted[start : start + _AT_ONCE])
        within = hit.c.at.between(nearest_instant(first_us), nearest_instant(last_us))
        for one in _stored(scope, these, within):
            found.setdefault(one.code, []).append(one)
    return found


def of_code(scope: Scope, code: str, first_us: int) -> Iterable[StoredHit]:
    """The hits of one code from an instant on, in the order of time, read as they are asked for."""
    return _stored(scope, hit.c.code == code, hit.c.at >= instant_of(first_us))


def _stored(scope: Scope, *where: ColumnElement[bool]) -> Iterable[StoredHit]:
    query = (
        select(
            hit.c.code, hit.c.at, hit.c.segment, hit.c.offset, hit.c.method, hit.c.purpose, hit.c.user_agent,
            (hit.c.referrer == "") & (hit.c.language == ""), hit.c.judgement, hit.c.rule, hit.c.ruleset,
        )
        .where(hit.c.brand_id == scope.brand_id, *where)
        .order_by(hit.c.code, hit.c.at, hit.c.segment, hit.c.offset)
    )  # fmt: skip
    for row in scope.connection.execute(query, execution_options={"yield_per": 10_000}):
        code, at, segment_, offset, method, purpose, agent, bare, judgement, rule, ruleset = row
        judged = Judged(Judgement(judgement), rule, ruleset)
        yield StoredHit(code, microseconds(at), segment_, offset, method, purpose, agent, bool(bare), judged)


def went_out(scope: Scope, codes: Iterable[str], first_us: int, last_us: int) -> dict[str, int]:
    """When within an interval posts with these links went out, in microseconds since 1970, by code.

    Where the network did not tell, the first try to send counts. Links that stand in no post (a bio page's) are left
    out: no network meets them while it makes the post.
    """
    at = func.coalesce(delivery.c.published_at, delivery.c.first_sent_at, type_=delivery.c.published_at.type)
    found: dict[str, int] = {}
    wanted = sorted(set(codes))
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(delivery.c.code, at, delivery.c.teaser).where(
            delivery.c.brand_id == scope.brand_id, delivery.c.code.in_(wanted[start : start + _AT_ONCE]),
            at >= nearest_instant(first_us), at <= nearest_instant(last_us),
        )  # fmt: skip
        for code, when, teaser in scope.connection.execute(query):
            if Teaser.from_json(teaser).link_placement in ("text", "card"):
                found[code] = microseconds(when)
    return found


def change_judgements(scope: Scope, changes: Sequence[tuple[StoredHit, Judged]]) -> None:
    """Judge hits anew, and move them from one day count to the other."""
    if not changes:
        return
    scope.connection.execute(
        update(hit)
        .where(
            hit.c.brand_id == scope.brand_id, hit.c.code == bindparam("of_code"), hit.c.at == bindparam("of_at"),
            hit.c.segment == bindparam("of_segment"), hit.c.offset == bindparam("of_offset"),
        )
        .values(judgement=bindparam("to_judgement"), rule=bindparam("to_rule"), ruleset=bindparam("to_ruleset")),
        [
            {
                "of_code": one.code, "of_at": instant_of(one.at_us), "of_segment": one.segment,
                "of_offset": one.offset, "to_judgement": to.judgement.value, "to_rule": to.rule,
                "to_ruleset": to.ruleset,
            }
            for one, to in changes
        ],
    )  # fmt: skip
    moved: Counter[DayKey] = Counter()
    for one, to in changes:
        key = scope.brand_id, one.code, day(one.at_us // DAY_US)
        moved[*key, one.judged.judgement] -= 1
        moved[*key, to.judgement] += 1
    add_day_counts(scope.connection, moved)


def confirm(scope: Scope, code: str, since_us: int, ruleset: str) -> None:
    """Say of a link's hits since an instant that this rule set judged them last, as it did."""
    scope.connection.execute(
        update(hit)
        .where(
            hit.c.brand_id == scope.brand_id, hit.c.code == code, hit.c.at >= instant_of(since_us),
            hit.c.ruleset != ruleset,
        )
        .values(ruleset=ruleset)
    )  # fmt: skip
