"""Indented JSON is what the standard library writes, character by character."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crosspost.audit.indented import indented

PLAIN = (
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text()
)
VALUES = some.recursive(PLAIN, lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner), max_leaves=30)


@given(VALUES)
def test_it_is_that_of_the_standard_library(value: object) -> None:
    assert indented(value) == json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)


@pytest.mark.parametrize("figure", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(figure: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        indented({"a": [figure]})
