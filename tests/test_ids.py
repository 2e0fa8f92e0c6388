"""Ids, codes and record keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crosspost.domain.ids import CODE_LENGTH, idempotency_key, new_code, new_id, record_key

NOW = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)


def test_ids_sort_by_creation_and_differ() -> None:
    ids = [new_id(NOW + timedelta(seconds=second)) for second in range(100)]
    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(1000)}) == 1000
    assert all(len(one) == 26 for one in ids)


def test_codes_are_long_enough_and_readable_aloud() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert CODE_LENGTH >= 8
    assert all(re.fullmatch(f"[2-9a-z]{{{CODE_LENGTH}}}", code) and not set(code) & set("01lio") for code in codes)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)), st.text(max_size=30))
def test_record_keys_are_tids(due_at: datetime, delivery: str) -> None:
    key = record_key(due_at, delivery, 1)
    assert re.fullmatch(r"[234567abcdefghij][2-7a-z]{12}", key)
    assert key == record_key(due_at, delivery, 1)
    assert key != record_key(due_at, delivery, 2)


def test_another_payload_has_another_key() -> None:
    assert idempotency_key("d", 1, "a" * 64) == idempotency_key("d", 1, "a" * 64)
    assert len({idempotency_key("d", 1, "a" * 64), idempotency_key("d", 1, "b" * 64),
                idempotency_key("d", 2, "a" * 64), idempotency_key("e", 1, "a" * 64)}) == 4  # fmt: skip
