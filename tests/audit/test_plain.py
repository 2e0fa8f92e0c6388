"""A ledger's plain form: nothing is lost, and what nobody wrote so is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from crosspost.audit.ledger import Ledger
from crosspost.audit.plain import decode, encode
from tests.audit.ledgers import small
from tests.audit.test_metamorphic import ledgers


@settings(deadline=None, max_examples=25)
@given(ledgers())
def test_a_ledger_comes_back_as_it_was(ledger: Ledger) -> None:
    whole = replace(ledger, closed={"viadeo": None, "periscope": date(2021, 3, 31)}, placebo=frozenset({"radio"}))
    assert decode(Ledger, json.loads(json.dumps(encode(whole)))) == whole


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("leads", {}),
        ("leads", [{"lead": 7, "contacted_at": "2026-01-01T00:00:00+00:00"}]),
        ("leads", [{"lead": "a", "contacted_at": "2026-01-01T00:00:00"}]),
        ("leads", [{"lead": "a", "contacted_at": None}]),
        ("leads", [{"contacted_at": "2026-01-01T00:00:00+00:00"}]),
        ("clicks", [{"network": "x", "persons": -1}]),
        ("clicks", [{"network": "x", "persons": True}]),
        ("effort", [{"channel": "x", "start": "2026-02-30", "hours": 1}]),
        ("period", ["2026-01-01", "2026-02-01"]),
        ("placebo", "radio"),
        ("spell", "unknown field"),
    ],
)
def test_what_is_no_ledger_is_refused_with_its_place(field: str, value: Any) -> None:
    raw = {**encode(small()), field: value}
    with pytest.raises(ValueError, match="ledger|lead|hits"):
        decode(Ledger, raw, "ledger")


def test_a_field_at_its_default_is_not_written() -> None:
    assert "code" not in encode(small().leads[0])
    assert "closed" not in encode(small())
