"""What stopped is kept as it was declared: filled in, withdrawn, never lost, and no other brand's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.interruption import Interruption, interruption_of
from crosspost.store import interruptions
from crosspost.store.database import Database
from crosspost.store.interruptions import Look, StoredInterruption
from crosspost.store.outcomes import Outcome
from crosspost.store.store import Store
from tests.blank import BRAND, NOW, OTHER, settled

SINCE, BACK = date(2026, 1, 5), date(2026, 2, 2)
LOOK: Look = ("audit", NOW - timedelta(days=1))


@pytest.fixture
def store(database: Database) -> Store:
    return settled(database)


def told(stopped: str = "linkedin", since: date = SINCE, until: date | None = None, why: str | None = "locked",
         moved_to: str | None = None) -> Interruption:  # fmt: skip
    return Interruption(stopped, since, until, why, moved_to)


def declare(store: Store, one: Interruption, looked: Look | None = None) -> tuple[Outcome, StoredInterruption]:
    with store.write(BRAND) as scope:
        return interruptions.declare(scope, one, looked, NOW, who="ana")


def kept(store: Store, brand_id: str = BRAND) -> list[StoredInterruption]:
    with store.read(brand_id) as scope:
        return interruptions.declared(scope)


def test_it_comes_back_as_it_was_told_and_no_other_brand_has_it(store: Store) -> None:
    outcome, made = declare(store, told(until=BACK, moved_to="mastodon"), LOOK)
    assert outcome is Outcome.RECORDED
    assert kept(store) == [made]
    assert (made.declared_at, made.declared_by, made.looked) == (NOW, "ana", LOOK)
    assert kept(store, OTHER) == []


def test_the_same_again_fills_in_what_was_open(store: Store) -> None:
    _, made = declare(store, told())
    assert declare(store, told(why=None))[0] is Outcome.KNOWN
    outcome, moved = declare(store, told(why=None, moved_to="mastodon"), LOOK)
    assert (outcome, moved.told.moved_to, moved.looked) == (Outcome.UPDATED, "mastodon", None)
    _, ended = declare(store, told(until=BACK), LOOK)
    assert kept(store) == [ended]
    assert (ended.id, ended.told) == (made.id, told(until=BACK, moved_to="mastodon"))
    assert ended.looked == LOOK  # its end was told after looking


def test_what_contradicts_it_is_refused_and_changes_nothing(store: Store) -> None:
    declare(store, told(until=BACK))
    before = kept(store)
    for other in (told(until=BACK + timedelta(days=1)), told(until=BACK, why="closed"), told(since=date(2026, 1, 9))):
        with pytest.raises(Conflict, match="withdraw linkedin --from 2026-01-05"):
            declare(store, other)
    with pytest.raises(BadInput, match="why did posting stop"):
        declare(store, told("posting", why=None))
    assert kept(store) == before
    declare(store, told(since=BACK))  # once it was back it may stop again
    declare(store, told("posting"))
    assert len(kept(store)) == 3


def test_one_that_is_withdrawn_stays_and_may_be_declared_anew(store: Store) -> None:
    declare(store, told(until=BACK))
    declare(store, told(since=BACK))
    with store.write(BRAND) as scope:
        with pytest.raises(Conflict, match="2026-01-05, 2026-02-02"):
            interruptions.withdraw(scope, "linkedin", None, NOW, who="ana")
        gone = interruptions.withdraw(scope, "linkedin", SINCE, NOW, who="bea")
    with store.write(BRAND) as scope, pytest.raises(NotFound):
        interruptions.withdraw(scope, "linkedin", SINCE, NOW, who="bea")
    with store.write(OTHER) as scope, pytest.raises(NotFound):
        interruptions.withdraw(scope, "linkedin", BACK, NOW, who="bea")
    assert (gone.withdrawn_at, gone.withdrawn_by) == (NOW, "bea")
    assert [one.withdrawn_at for one in kept(store)] == [NOW, None]
    outcome, _ = declare(store, told(until=BACK, why="another reason"))
    assert outcome is Outcome.RECORDED
    assert len(kept(store)) == 3


@pytest.mark.parametrize(
    ("stopped", "since", "until", "why", "moved_to", "message"),
    [
        ("nowhere", SINCE, None, "x", None, "'nowhere' is no network"),
        ("referral", SINCE, None, "x", None, "'referral' is no network"),
        ("social", SINCE, None, "x", None, "'social' is no network"),
        ("linkedin", SINCE, SINCE, "x", None, "before it began"),
        ("linkedin", None, None, "x", None, "since when is linkedin interrupted"),
        ("viadeo", None, None, "x", None, "since when is viadeo interrupted"),
        ("linkedin", date(1066, 1, 1), None, "x", None, "outside the years"),
        ("linkedin", SINCE, date(9999, 1, 1), "x", None, "outside the years"),
        ("linkedin", SINCE, None, " \t", None, "a reason of 0 characters"),
        ("linkedin", SINCE, None, "x" * 501, None, "a reason of 501 characters"),
        ("linkedin", SINCE, None, "x", "LinkedIn", "nobody moves from linkedin to linkedin"),
        ("site", SINCE, None, "x", "mastodon", "nobody moves from site"),
        ("linkedin", SINCE, None, "x", "search", "'search' is no network"),
    ],
)
def test_what_cannot_have_stopped_is_refused_with_a_remedy(
    stopped: str, since: date | None, until: date | None, why: str, moved_to: str | None, message: str
) -> None:
    with pytest.raises(BadInput) as refused:
        interruption_of(stopped, since, until, why, moved_to)
    assert message in str(refused.value)
    assert refused.value.remedy


def test_names_are_folded_and_a_network_that_is_gone_stopped_after_its_last_day() -> None:
    found = interruption_of("Periscope", None, None, "  it  closed\n", "Twitter")
    assert found == Interruption("periscope", date(2021, 4, 1), None, "it closed", "x")
    assert interruption_of("Posting", SINCE, None, "x").stopped == "posting"
