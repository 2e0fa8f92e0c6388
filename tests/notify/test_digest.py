"""Quiet by digest: the rules alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crosspost.domain.digest import Bundle, Quiet, Waiting, bundles, digest_before, retry_in
from crosspost.domain.notice import Notice, NoticeKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)


def waiting(kind: NoticeKind, at: datetime = NOW, *, brand: str | None = "b", n: int = 1, **more: object) -> Waiting:
    return Waiting(f"n{n}", Notice(kind, "text", at, brand), at, **more)  # type: ignore[arg-type]


def due(items: list[Waiting], now: datetime = NOW, last: dict[NoticeKind, datetime] | None = None) -> list[Bundle]:
    return bundles(items, last or {}, {"b": PARIS, None: PARIS}, Quiet(900, 8), now)


def test_urgent_kinds_go_at_once_and_each_kind_by_itself() -> None:
    found = due(
        [waiting(NoticeKind.NEEDS_PERSON), waiting(NoticeKind.BLOCKED, n=2), waiting(NoticeKind.NEEDS_PERSON, n=3)]
    )
    assert [(one.kind, [item.id for item in one.items]) for one in found] == [
        (NoticeKind.NEEDS_PERSON, ["n1", "n3"]), (NoticeKind.BLOCKED, ["n2"]),
    ]  # fmt: skip


def test_a_kind_told_lately_waits_and_is_folded_into_one() -> None:
    last = {NoticeKind.NEEDS_PERSON: NOW}
    items = [waiting(NoticeKind.NEEDS_PERSON, NOW + n * MINUTE, n=n) for n in range(1, 10)]
    assert due(items, NOW + 10 * MINUTE, last) == []
    (one,) = due(items, NOW + 15 * MINUTE, last)
    assert len(one.items) == 9
    assert [found.kind for found in due([waiting(NoticeKind.BLOCKED)], NOW + MINUTE, last)] == [NoticeKind.BLOCKED]


def test_the_rest_waits_for_the_hour_in_the_brands_zone() -> None:
    item = waiting(NoticeKind.MISSED, datetime(2026, 3, 2, 7, 30, tzinfo=UTC))  # 08:30 in Paris
    assert due([item], datetime(2026, 3, 2, 20, 0, tzinfo=UTC)) == []
    assert due([item], datetime(2026, 3, 3, 6, 59, tzinfo=UTC)) == []
    (one,) = due([item], datetime(2026, 3, 3, 7, 0, tzinfo=UTC))
    assert (one.kind, one.brand_id) == (None, "b")


def test_each_brand_has_its_own_digest() -> None:
    items = [waiting(NoticeKind.MISSED, brand=brand, n=n) for n, brand in enumerate(("b", "c", None, "b"))]
    found = due(items, NOW + timedelta(days=2))
    assert {one.brand_id: len(one.items) for one in found} == {"b": 2, "c": 1, None: 1}


def test_the_digest_hour_survives_the_change_of_clocks() -> None:
    """02:30 does not exist on 2026-03-29 in Paris: the digest comes at 03:30, once."""
    quiet_hour = digest_before(datetime(2026, 3, 29, 12, 0, tzinfo=UTC), PARIS, 2)
    assert quiet_hour == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert digest_before(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), PARIS, 2) == datetime(2026, 3, 28, 1, 0, tzinfo=UTC)


def test_a_failed_one_waits_twice_as_long_each_time_up_to_an_hour() -> None:
    waits = [retry_in(waiting(NoticeKind.BLOCKED, tries=tries, tried_at=NOW), NOW) for tries in (0, 1, 2, 3, 9, 500)]
    assert waits == [0, 120, 240, 480, 3600, 3600]
    failed = waiting(NoticeKind.BLOCKED, tries=1, tried_at=NOW)
    assert due([failed], NOW + timedelta(seconds=119)) == []
    assert len(due([failed], NOW + timedelta(seconds=121))) == 1


@pytest.mark.parametrize("jump", [timedelta(days=-30), timedelta(days=30)])
def test_a_clock_that_jumped_silences_nothing(jump: timedelta) -> None:
    """What was told, tried and stored by another clock does not hold anything back."""
    now = NOW + jump
    urgent = waiting(NoticeKind.NEEDS_PERSON, tries=3, tried_at=NOW)
    daily = waiting(NoticeKind.MISSED, n=2)
    assert len(due([urgent, daily], now, {NoticeKind.NEEDS_PERSON: NOW})) == 2
