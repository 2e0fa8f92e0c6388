"""Paths brought into order are those counted row by row, whatever their length and however often they come."""

from __future__ import annotations

import numpy as np
import pytest

from crosspost.audit.credit.paths import PathCounts, count, in_order

FIELDS = ("touches", "offsets", "conversions", "value_minor", "nulls")


@pytest.mark.parametrize("channels", [1, 2, 3, 12, 300, 4_000])
def test_equal_paths_are_brought_together(channels: int) -> None:
    rng = np.random.default_rng(channels)
    for _ in range(40):
        longest = int(rng.choice([3, 20, 130]))
        whole = [tuple(rng.integers(0, channels, rng.integers(1, longest)).tolist()) for _ in range(5)]
        # Beginnings of one path and its continuations end where the words that are sorted by end, and beside it.
        paths = [one[: rng.integers(1, len(one) + 1)] for at in rng.integers(0, 5, 60) if (one := whole[at])]
        figures = rng.integers(0, 9, (len(paths), 3)).tolist()
        used = sorted({place for path in paths for place in path})
        place_of = {place: at for at, place in enumerate(used)}
        given = PathCounts(
            channels=tuple(f"c{place:04}" for place in used),
            touches=np.array([place_of[place] for path in paths for place in path], np.int16),
            offsets=np.concatenate([[0], np.cumsum([len(path) for path in paths])]),
            conversions=np.array(figures, np.int32)[:, 0],
            value_minor=np.array(figures, np.int64)[:, 1],
            nulls=np.array(figures, np.int32)[:, 2],
        )
        wanted = count(
            ([f"c{place:04}" for place in path], *of) for path, of in zip(paths, map(tuple, figures), strict=True)
        )
        found = in_order(given)
        assert found.channels == wanted.channels
        for name in FIELDS:
            one, other = getattr(found, name), getattr(wanted, name)
            assert one.dtype == other.dtype, name
            np.testing.assert_array_equal(one, other, name)


def test_nothing_is_in_order() -> None:
    nothing = count([])
    found = in_order(nothing)
    assert [getattr(found, name).tolist() for name in FIELDS] == [[], [0], [], [], []]
