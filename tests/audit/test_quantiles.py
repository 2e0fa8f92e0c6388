"""The middle of what was drawn is NumPy's own, to the last digit."""

from __future__ import annotations

import numpy as np
import pytest

from crosspost.audit.quantiles import middle_of


@pytest.mark.parametrize("shape", [(1,), (2,), (7,), (1000,), (2000, 3), (401, 5)])
def test_it_is_what_numpy_says(shape: tuple[int, ...]) -> None:
    drawn = np.random.default_rng(3).standard_exponential(shape)
    low, high = middle_of(drawn)
    expected = np.quantile(drawn, [0.025, 0.975], axis=0)
    assert np.array_equal(low, expected[0])
    assert np.array_equal(high, expected[1])
    assert np.array_equal(np.percentile(drawn, [2.5, 97.5], axis=0), expected)
