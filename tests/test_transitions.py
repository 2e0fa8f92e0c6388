"""The fault matrix, cell by cell: 18 points of failure by delivery class, as decisions of the pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from crosspost.domain.delivery import TERMINAL, Delivery, DeliveryClass, Found, LatePolicy, Sighting, State
from crosspost.domain.errors import (
    Duplicate,
    NetworkFailure,
    NoCredit,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.notice import NoticeKind
from crosspost.domain.outcomes import Change, after_look, after_send, owner_died
from crosspost.domain.post import Post
from crosspost.domain.teaser import Teaser
from crosspost.domain.transitions import ALLOWED, Do, Step, check, effective_class, look_since, next_step
from crosspost.domain.windows import BootTime, Windows

K, R, C, D, N, B = (
    DeliveryClass.KEY,
    DeliveryClass.RECORD,
    DeliveryClass.HANDLE,
    DeliveryClass.NAMES_TWIN,
    DeliveryClass.READABLE,
    DeliveryClass.BLIND,
)
ALL = (K, R, C, D, N, B)
DUE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
W = Windows()
BOOT = BootTime("one", 50_000.0)
TEASER = Teaser("À lire : https://go.example/k7m2p9qrst", "https://go.example/k7m2p9qrst")
BARE = replace(TEASER, text="À lire", link_placement="none")


def row(state: State = State.SENDING, **values: object) -> Delivery:
    """A delivery on its first attempt, sent just now."""
    base = Delivery(
        id="d", brand_id="b", account_id="a", article_id=None, parent_id=None, revision=1, state=state, reason=None,
        teaser=TEASER, sha256="", code="k7m2p9qrst", key="k", record_key="r", due_at=DUE, due_local="", zone="UTC",
        tzdata="", late_policy=LatePolicy.PUBLISH, window_s=21_600, created_at=DUE, changed_at=DUE, epoch=1,
        attempts=1, first_sent_at=DUE, first_sent_boot=BOOT, last_sent_boot=BOOT,
    )  # fmt: skip
    return replace(base, **values)  # type: ignore[arg-type]


def later(seconds: float) -> tuple[datetime, BootTime]:
    return DUE + timedelta(seconds=seconds), BootTime(BOOT.id, BOOT.s + seconds)


def sent(cls: DeliveryClass, outcome: Post | NetworkFailure, before: Delivery | None = None) -> Change:
    return after_send(before or row(), cls, outcome, DUE, BOOT, W, Random(1))


def written(before: Delivery, change: Change, at: BootTime) -> Delivery:
    """The row as the store would hold it after the change."""
    check(before.state, change.state)
    return replace(
        before, state=change.state, reason=change.reason, ambiguous=change.ambiguous, absences=change.absences,
        looks=change.looks, readable_only=change.readable_only, refused_as_repeat=change.refused_as_repeat,
        next_boot=BootTime(at.id, at.s + change.wait_s), owner=None,
    )  # fmt: skip


def does(cls: DeliveryClass, before: Delivery, seconds: float) -> Do:
    now, boot = later(seconds)
    return next_step(before, cls, now, boot, W).do


AMBIGUOUS = {K: Do.LOOK, R: Do.SEND, C: Do.LOOK, D: Do.SEND, N: Do.LOOK, B: Do.ASK}
# When nothing that was sent can be on its way any more, a key gives the same post again.
SETTLED = AMBIGUOUS | {K: Do.SEND}


def unknown(state: State = State.UNKNOWN, **values: object) -> Delivery:
    return row(state, **{"ambiguous": True, "handle": "c1", **values})


# 1 (nothing was committed, nothing sent) and 17 (the claim fails, or the outcome is not recorded) are the store's:
# tests/test_deliver.py. 16 (media) is row 2 of an adapter: nothing public was asked for.


@pytest.mark.parametrize("cls", ALL)
def test_2_crash_after_the_claim_is_unknown_and_follows_the_class(cls: DeliveryClass) -> None:
    died = written(row(), owner_died(row()), BOOT)
    assert (died.state, died.ambiguous) == (State.UNKNOWN, True)
    first = AMBIGUOUS | {C: Do.SEND}  # no container: nothing public was asked for
    assert does(cls, died, 0) is first[cls]
    assert does(cls, died, W.settle_s) is (SETTLED | {C: Do.SEND})[cls]


@pytest.mark.parametrize("cls", ALL)
def test_3_no_byte_left_returns_to_scheduled(cls: DeliveryClass) -> None:
    change = sent(cls, NotSent("refused"))
    assert (change.state, change.ambiguous, change.counts) == (State.SCHEDULED, False, False)
    assert change.wait_s > 0
    assert change.account.failed is True
    assert does(cls, written(row(), change, BOOT), change.wait_s + 1) is Do.SEND


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("clean", [NotSent("refused"), RateLimited("later"), Unauthorized("revoked")])
def test_3_7_9_a_clean_refusal_says_nothing_of_an_earlier_attempt(cls: DeliveryClass, clean: NetworkFailure) -> None:
    change = sent(cls, clean, row(ambiguous=True, attempts=2))
    assert (change.state, change.ambiguous) == (State.UNKNOWN, True)


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("point", ["4 reset", "5 accepted, then reset", "6 HTTP 500", "11 held back"])
def test_4_5_6_11_ambiguous_outcomes_follow_the_class(cls: DeliveryClass, point: str) -> None:
    change = sent(cls, OutcomeUnknown(point), row(handle="c1"))
    assert change.ambiguous
    if cls is B:
        assert (change.state, change.notice) == (State.NEEDS_PERSON, NoticeKind.NEEDS_PERSON)
        return
    assert change.state is State.UNKNOWN
    after = written(row(handle="c1"), change, BOOT)
    assert does(cls, after, 0) is Do.WAIT
    assert does(cls, after, change.wait_s + 1) is AMBIGUOUS[cls]
    assert does(cls, after, W.settle_s) is SETTLED[cls]


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("outcome", [Post("", None), Unreachable("not for a publish"), NetworkFailure("new kind")])
def test_10_an_answer_nobody_can_read_is_ambiguous(cls: DeliveryClass, outcome: Post | NetworkFailure) -> None:
    change = sent(cls, outcome)
    assert change.ambiguous
    assert change.state is (State.NEEDS_PERSON if cls is B else State.UNKNOWN)


@pytest.mark.parametrize("cls", ALL)
def test_7_a_rate_limit_waits_at_most_a_day_and_holds_the_account(cls: DeliveryClass) -> None:
    for until, low, high in (
        (DUE + timedelta(minutes=5), 300, 330),
        (None, 900, 990),
        (DUE + timedelta(days=400), 86_400, 95_040),
        (DUE - timedelta(days=1), 1, 1.1),
    ):
        change = sent(cls, RateLimited("slow down", until=until))
        assert (change.state, change.counts) == (State.SCHEDULED, False)
        assert low <= change.wait_s <= high
        assert change.account.pause_s == change.wait_s


@pytest.mark.parametrize("cls", ALL)
def test_8_a_content_error_is_final_on_a_first_attempt_only(cls: DeliveryClass) -> None:
    first = sent(cls, Rejected("too long"))
    assert (first.state, first.reason, first.notice) == (State.REJECTED, "too long", NoticeKind.REJECTED)
    repeat = sent(cls, Rejected("too long"), row(ambiguous=True, attempts=2))
    assert (repeat.state, repeat.ambiguous, repeat.readable_only) == (State.UNKNOWN, True, True)
    after = written(row(ambiguous=True), repeat, BOOT)
    assert does(cls, after, 1) is (Do.ASK if cls is B else Do.LOOK)  # never sent again before it was looked for


@pytest.mark.parametrize("cls", ALL)
def test_9_a_refused_token_blocks_the_account(cls: DeliveryClass) -> None:
    change = sent(cls, Unauthorized("revoked"))
    assert (change.state, change.counts, change.account.blocked) == (State.BLOCKED, False, "revoked")
    assert change.notice is NoticeKind.BLOCKED
    blocked = replace(row(), state=State.BLOCKED)
    assert does(cls, blocked, 21_601) is Do.MISS


@pytest.mark.parametrize("cls", ALL)
def test_12_crash_after_the_answer_is_as_5(cls: DeliveryClass) -> None:
    holding = row(handle="c1")
    died = written(holding, owner_died(holding), BOOT)
    assert does(cls, died, 1) is AMBIGUOUS[cls]
    assert does(cls, died, W.settle_s) is SETTLED[cls]


@pytest.mark.parametrize("cls", [K, R, C, D])
def test_5_a_repeat_that_answers_settles_it(cls: DeliveryClass) -> None:
    change = sent(cls, Post("p1", "https://x/p1"), row(ambiguous=True, attempts=2))
    assert (change.state, change.remote_id, change.ambiguous) == (State.PUBLISHED, "p1", False)
    assert change.evidence


@pytest.mark.parametrize("cls", [K, D, N, C])
def test_5_a_duplicate_answer_after_ambiguity_means_published(cls: DeliveryClass) -> None:
    named = sent(cls, Duplicate("repeat", remote_id="p1"), row(ambiguous=True, attempts=2))
    assert (named.state, named.remote_id) == (State.PUBLISHED, "p1")
    assert "p1" in str(named.evidence)
    judged_absent = sent(cls, Duplicate("repeat", remote_id="p1"), row(absences=2, attempts=2))
    assert judged_absent.state is State.PUBLISHED


@pytest.mark.parametrize("cls", [K, D, N])
def test_5_an_unnamed_twin_is_looked_for_and_never_sent_again(cls: DeliveryClass) -> None:
    change = sent(cls, Duplicate("repeat"), row(ambiguous=True, attempts=2))
    assert (change.state, change.refused_as_repeat) == (State.UNKNOWN, True)
    after = written(row(), change, BOOT)
    for seconds in (0, 600, 4000, 90_000):
        assert does(cls, after, seconds) is Do.LOOK
    now, boot = later(4000)
    absent = after_look(
        replace(after, state=State.CHECKING), cls, Sighting(Found.ABSENT, "none"), now, boot, W, Random(1)
    )
    assert absent.state is State.NEEDS_PERSON


def test_13_a_list_that_cannot_reach_back_never_says_absent() -> None:
    now, boot = later(W.settle_s + 1)
    short = Sighting(Found.INCONCLUSIVE, "reaches back to yesterday only")
    before = unknown()
    for looks in range(1, W.max_looks + 1):
        change = after_look(replace(before, state=State.CHECKING), N, short, now, boot, W, Random(1))
        assert (change.state, change.looks, change.ambiguous) == (State.UNKNOWN, looks, True)
        before = replace(written(replace(before, state=State.CHECKING), change, boot), next_boot=None)
    assert next_step(before, N, now, boot, W).do is Do.ASK


def test_14_an_old_key_is_not_trusted() -> None:
    before = unknown()
    assert effective_class(before, K, *later(W.key_half_life_s - 1), W) is K
    assert effective_class(before, K, *later(W.key_half_life_s), W) is N
    now, _ = later(60)
    assert effective_class(before, K, now, BootTime("two", 60.0), W) is N  # its age is not known after a reboot
    assert effective_class(replace(before, teaser=BARE), K, *later(W.key_half_life_s), W) is B
    assert does(K, before, W.settle_s - 1) is Do.LOOK
    assert does(K, before, W.settle_s) is Do.SEND
    assert does(K, before, W.key_half_life_s - 1) is Do.SEND
    assert does(K, before, W.key_half_life_s) is Do.LOOK


def test_14_a_key_is_repeated_a_settle_window_after_the_last_attempt_not_the_first() -> None:
    """A repeat is on its way as long as the first request may be."""
    twice = unknown(attempts=2, last_sent_boot=BootTime("one", BOOT.s + 600))
    assert does(K, twice, 600 + W.settle_s - 1) is Do.LOOK
    assert does(K, twice, 600 + W.settle_s) is Do.SEND
    assert next_step(replace(twice, teaser=BARE), K, *later(700), W) == Step(
        Do.WAIT, "the same key is repeated when nothing can be on its way any more", W.settle_s - 100
    )
    assert does(K, replace(twice, teaser=BARE), 600 + W.settle_s) is Do.SEND
    rebooted = BootTime("two", 10.0)  # how old the key is cannot be told: only looks are left
    assert next_step(twice, K, DUE + timedelta(seconds=700), rebooted, W).do is Do.LOOK
    assert next_step(replace(twice, teaser=BARE, looks=1), K, DUE + timedelta(seconds=700), rebooted, W).do is Do.ASK


@pytest.mark.parametrize("cls", [K, N])
def test_a_look_within_the_settle_window_proves_a_post_and_nothing_else(cls: DeliveryClass) -> None:
    """Nothing is found absent, no look is used up, and the next comes four times as late each time."""
    before, seconds, waits = unknown(), 60.0, []
    for outcome in (
        Sighting(Found.ABSENT, "none carries the link"),
        Unreachable("HTTP 503"),
        NetworkFailure("new kind"),
        Sighting(Found.INCONCLUSIVE, "reaches back to yesterday only"),
    ):
        now, boot = later(seconds)
        change = after_look(replace(before, state=State.CHECKING), cls, outcome, now, boot, W, Random(1))
        assert (change.state, change.absences, change.looks, change.ambiguous) == (State.UNKNOWN, 0, 0, True)
        waits.append(change.wait_s)
        before = written(replace(before, state=State.CHECKING), change, boot)
        seconds += change.wait_s
        assert does(cls, before, seconds - 1) is Do.WAIT
    assert waits == [180, 60, 60, 540]
    assert seconds == W.settle_s
    assert does(cls, before, seconds) is (Do.SEND if cls is K else Do.LOOK)
    seen = Sighting(Found.PRESENT, "p1 carries the link", "p1")
    early = after_look(unknown(State.CHECKING), cls, seen, *later(60), W, Random(1))
    assert (early.state, early.remote_id) == (State.PUBLISHED, "p1")


def test_a_refused_repeat_is_not_found_missing_before_the_settle_window() -> None:
    looking = unknown(State.CHECKING, refused_as_repeat=True)
    absent = Sighting(Found.ABSENT, "none")
    early = after_look(looking, N, absent, *later(60), W, Random(1))
    assert (early.state, early.notice) == (State.UNKNOWN, None)
    assert after_look(looking, N, absent, *later(W.settle_s), W, Random(1)).state is State.NEEDS_PERSON


@pytest.mark.parametrize("cls", [K, C, D, N, B])
def test_15_a_duplicate_on_a_first_attempt_is_somebody_elses(cls: DeliveryClass) -> None:
    change = sent(cls, Duplicate("already posted", remote_id="p9"))
    assert (change.state, change.reason) == (State.REJECTED, "duplicate of p9")


@pytest.mark.parametrize("ambiguous", [False, True])
def test_15_other_bytes_under_our_record_key_are_for_a_person(ambiguous: bool) -> None:
    change = sent(R, Duplicate("other record", remote_id="p9"), row(ambiguous=ambiguous))
    assert (change.state, change.notice) == (State.NEEDS_PERSON, NoticeKind.NEEDS_PERSON)


def test_absence_needs_the_settle_window_and_two_looks_apart() -> None:
    looking = unknown(state=State.CHECKING)
    absent = Sighting(Found.ABSENT, "12 posts, none carries the link")
    early = after_look(looking, N, absent, *later(W.settle_s - 10), W, Random(1))
    assert (early.state, early.absences, early.wait_s) == (State.UNKNOWN, 0, 10.0)
    now, boot = later(W.settle_s)
    one = after_look(looking, N, absent, now, boot, W, Random(1))
    assert (one.state, one.absences, one.wait_s, one.ambiguous) == (State.UNKNOWN, 1, W.look_gap_s, True)
    after = written(looking, one, boot)
    assert does(N, after, W.settle_s + W.look_gap_s - 1) is Do.WAIT
    assert does(N, after, W.settle_s + W.look_gap_s) is Do.LOOK
    two = after_look(replace(after, state=State.CHECKING), N, absent, *later(W.settle_s + 60), W, Random(1))
    assert (two.state, two.ambiguous) == (State.SCHEDULED, False)


def test_absence_after_a_reboot_waits_a_settle_window_and_starts_over() -> None:
    looking = replace(unknown(state=State.CHECKING), absences=1, next_boot=BOOT)
    absent = Sighting(Found.ABSENT, "none")
    now, _ = later(3000)
    early = after_look(looking, N, absent, now, BootTime("two", 100.0), W, Random(1))
    assert (early.state, early.absences, early.wait_s) == (State.UNKNOWN, 0, 300.0)  # three times as long as it is up
    settled = after_look(looking, N, absent, now, BootTime("two", W.settle_s), W, Random(1))
    assert (settled.state, settled.absences) == (State.UNKNOWN, 1)


@pytest.mark.parametrize("cls", ALL)
def test_a_post_without_its_link_goes_to_a_person_with_what_was_seen(cls: DeliveryClass) -> None:
    before = unknown(teaser=BARE)
    if cls in (K, R, C, D):
        assert does(cls, before, 300) is (AMBIGUOUS | {K: Do.WAIT})[cls]
        assert does(cls, before, W.settle_s) is SETTLED[cls]
        return
    assert does(cls, before, 300) is Do.LOOK
    seen = Sighting(Found.PRESENT, "p3 has the same text", "p3", "https://x/p3")
    change = after_look(replace(before, state=State.CHECKING), cls, seen, *later(60), W, Random(1))
    assert (change.state, change.evidence, change.remote_id) == (State.NEEDS_PERSON, "p3 has the same text", None)


@pytest.mark.parametrize("cls", [K, R, C, D, N])
def test_past_its_window_nothing_is_sent_any_more(cls: DeliveryClass) -> None:
    before = unknown()
    assert does(cls, before, 21_601) is Do.LOOK
    assert does(cls, replace(before, state=State.SCHEDULED, ambiguous=False), 21_601) is Do.MISS


@pytest.mark.parametrize("cls", [K, R, C, D, N])
def test_a_lost_session_allows_no_repeat_whatever_the_class(cls: DeliveryClass) -> None:
    change = owner_died(row(handle="c1"), session_lost=True)
    assert (change.state, change.ambiguous, change.readable_only) == (State.UNKNOWN, True, True)
    after = written(row(handle="c1"), change, BOOT)
    for seconds in (0.0, 60.0, 1000.0):
        assert does(cls, after, seconds) is Do.LOOK


@pytest.mark.parametrize("cls", ALL)
def test_attempts_end_with_a_person_unless_a_look_may_be_proof(cls: DeliveryClass) -> None:
    used = unknown(attempts=W.max_attempts)
    assert does(cls, used, W.settle_s) is (Do.ASK if cls is B else Do.LOOK)
    assert does(cls, replace(used, looks=W.max_looks), W.settle_s) is Do.ASK
    by_name = cls in (R, C)
    bare = replace(used, teaser=BARE, looks=1)  # the look that N takes for evidence was taken
    assert does(cls, bare, W.settle_s) is (Do.LOOK if by_name else Do.ASK)
    assert does(cls, replace(bare, handle=None), W.settle_s) is (Do.LOOK if cls is R else Do.ASK)
    tried = row(State.SCHEDULED, attempts=W.max_attempts)
    assert does(cls, tried, 60) is Do.ASK


@pytest.mark.parametrize("cls", [K, R, C, D, N])
def test_looks_when_attempts_are_used_up_come_to_an_end(cls: DeliveryClass) -> None:
    """Found: published. Proven absent, twice: a person hears of it. Nothing proven: a person, after `max_looks`."""
    for outcome, looked in ((Found.PRESENT, 1), (Found.ABSENT, 2), (Found.INCONCLUSIVE, W.max_looks)):
        before, seconds, looks = unknown(attempts=W.max_attempts), W.settle_s, 0
        while (step := next_step(before, cls, *later(seconds), W)).do in (Do.LOOK, Do.WAIT):
            if step.do is Do.LOOK:
                looks += 1
                before = replace(before, state=State.CHECKING)
                answer = Sighting(outcome, "as seen", "p1" if outcome is Found.PRESENT else None)
                change = after_look(before, cls, answer, *later(seconds), W, Random(1))
                before = written(before, change, later(seconds)[1])
                if change.state is State.PUBLISHED:
                    break
            seconds += step.wait_s
        assert looks == looked
        assert (before.state is State.PUBLISHED) is (outcome is Found.PRESENT)
        assert step.do is (Do.LOOK if outcome is Found.PRESENT else Do.ASK)


def test_a_container_that_is_absent_early_says_nothing_when_attempts_are_used_up() -> None:
    absent = Sighting(Found.ABSENT, "container c1 is FINISHED")
    early = after_look(unknown(State.CHECKING, attempts=W.max_attempts), C, absent, *later(60), W, Random(1))
    assert (early.state, early.absences, early.wait_s) == (State.UNKNOWN, 0, 180)
    before = after_look(unknown(State.CHECKING), C, absent, *later(60), W, Random(1))
    assert (before.absences, before.wait_s) == (1, 0)  # publishing it again is harmless: at once


def test_an_absence_from_before_a_repeat_is_no_part_of_a_verdict() -> None:
    change = sent(C, Rejected("expired"), row(ambiguous=True, absences=1, looks=2, handle="c1", attempts=2))
    assert (change.state, change.absences, change.looks, change.readable_only) == (State.UNKNOWN, 0, 0, True)


def test_late_policies() -> None:
    waiting = row(State.SCHEDULED, attempts=0)
    strict = replace(waiting, late_policy=LatePolicy.MISS)
    assert does(N, waiting, -1) is Do.WAIT
    assert does(N, strict, W.late_grace_s) is Do.SEND
    assert does(N, strict, W.late_grace_s + 1) is Do.MISS
    assert does(N, waiting, 21_600) is Do.SEND
    assert does(N, waiting, 21_601) is Do.MISS


def test_back_off_is_measured_on_boot_time() -> None:
    waiting = row(State.SCHEDULED, next_boot=BootTime("one", BOOT.s + 100), next_at=DUE + timedelta(seconds=100))
    assert next_step(waiting, N, DUE + timedelta(hours=1), BOOT, W).do is Do.WAIT  # the wall clock jumped
    assert next_step(waiting, N, DUE, BootTime("one", BOOT.s + 100), W).do is Do.SEND
    rebooted = BootTime("two", 10.0)
    assert next_step(waiting, N, DUE + timedelta(seconds=40), rebooted, W).wait_s == 60
    assert next_step(waiting, N, DUE + timedelta(seconds=101), rebooted, W).do is Do.SEND


def test_a_look_reaches_back_before_the_first_attempt_by_either_clock() -> None:
    before = unknown(first_sent_at=DUE + timedelta(hours=1))  # the wall clock was an hour ahead then
    now, boot = later(1000)
    assert look_since(before, now, boot, W) == DUE - timedelta(seconds=W.list_margin_s)


def test_an_outage_does_not_use_up_the_looks_until_the_window_has_passed() -> None:
    looking = unknown(state=State.CHECKING)
    down = Unreachable("no route")
    assert after_look(looking, N, down, *later(1000), W, Random(1)).looks == 0
    assert after_look(looking, N, down, *later(21_600 + W.settle_s + 1), W, Random(1)).looks == 1


def test_looks_that_are_refused_change_nothing_but_the_account() -> None:
    looking = unknown(state=State.CHECKING)
    for failure in (RateLimited("later"), Unauthorized("revoked")):
        change = after_look(looking, N, failure, *later(1000), W, Random(1))
        assert (change.state, change.ambiguous, change.looks) == (State.UNKNOWN, True, 0)


def test_every_state_is_in_the_table_and_ends_are_ends() -> None:
    assert set(ALLOWED) == set(State)
    assert all(ALLOWED[state] <= {State.DRAFT} for state in TERMINAL)
    with pytest.raises(ValueError, match="cannot go from unknown to scheduled"):
        check(State.UNKNOWN, State.SCHEDULED)


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("ambiguous", [False, True])
@pytest.mark.parametrize("placement", ["text", "none"])
def test_no_answer_leaves_the_table_or_loses_ambiguity(cls: DeliveryClass, ambiguous: bool, placement: str) -> None:
    answers: list[Post | NetworkFailure] = [
        Post("p1", None), Post("", None), NotSent("n"), RateLimited("l"), Unauthorized("u"), Rejected("r"),
        Duplicate("d"), Duplicate("d", remote_id="p2"), OutcomeUnknown("o"), Unreachable("u"),
    ]  # fmt: skip
    before = row(ambiguous=ambiguous, attempts=2, teaser=replace(TEASER, link_placement=placement))
    for answer in answers:
        change = sent(cls, answer, before)
        check(State.SENDING, change.state)
        assert change.reason
        if ambiguous and change.state is not State.PUBLISHED:
            assert change.ambiguous, answer
            assert change.state in (State.UNKNOWN, State.NEEDS_PERSON), answer


@pytest.mark.parametrize("cls", ALL)
def test_without_credits_it_waits_for_its_owner_who_is_told_once(cls: DeliveryClass) -> None:
    change = sent(cls, NoCredit("top it up"))
    assert (change.state, change.counts, change.notice) == (State.SCHEDULED, False, NoticeKind.BUDGET)
    assert change.wait_s == change.account.pause_s == W.no_credit_s
    assert change.account.blocked is None
    assert change.account.failed is None
    again = row(reason=change.reason)
    assert sent(cls, NoCredit("top it up"), again).notice is None


@pytest.mark.parametrize("cls", ALL)
def test_a_repeat_without_credits_says_nothing_of_the_attempt_before(cls: DeliveryClass) -> None:
    change = sent(cls, NoCredit("top it up"), row(ambiguous=True, attempts=2))
    assert (change.state, change.ambiguous) == (State.UNKNOWN, True)


def test_a_look_without_credits_is_made_again() -> None:
    before = row(State.CHECKING, ambiguous=True)
    change = after_look(before, N, NoCredit("top it up"), DUE, BOOT, W, Random(1))
    assert (change.state, change.looks, change.notice) == (State.UNKNOWN, 0, NoticeKind.BUDGET)
