"""Paths made here, and credit worked out another way: by walking every subset and by eliminating states by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

from hypothesis import strategies as st

Rows = Sequence[tuple[tuple[str, ...], int, int, int]]  # path, conversions, value, nulls
Chain = dict[tuple[str, ...], dict[tuple[str, ...], Fraction]]
WON, LOST, START = ("won!",), ("lost!",), ("start!",)

SMALL: Rows = (
    (("search", "email"), 2, 300, 1),
    (("email",), 1, 50, 3),
    (("search",), 0, 0, 2),
    (("search", "social", "search"), 1, 200, 0),
)


def rows(names: Sequence[str] = ("a", "b", "c", "d")) -> st.SearchStrategy[Rows]:
    path = st.lists(st.sampled_from(names), min_size=1, max_size=6).map(tuple)
    row = st.tuples(path, st.integers(0, 4), st.integers(0, 90), st.integers(0, 4))
    return st.lists(row, min_size=1, max_size=12).filter(lambda found: any(one[1] for one in found))


def chain(given: Rows, order: int) -> Chain:
    """Chances from state to state, windows as tuples of names; equal states in a row are one."""
    seen: defaultdict[tuple[str, ...], defaultdict[tuple[str, ...], int]] = defaultdict(lambda: defaultdict(int))
    for path, won, _, lost in given:
        states = [path[at - order : at] for at in range(order, len(path) + 1)] or [path]
        walk = [START, *(one for at, one in enumerate(states) if at == 0 or one != states[at - 1])]
        for end, weight in ((WON, won), (LOST, lost)):
            for here, there in zip(walk, [*walk[1:], end], strict=True):
                seen[here][there] += weight
    return {
        here: {there: Fraction(weight, total) for there, weight in moves.items()}
        for here, moves in seen.items()
        if (total := sum(moves.values()))
    }


def chance_to_win(found: Chain, without: str | None = None) -> Fraction:
    """P(conversion) by eliminating one state after the other, in fractions; states with `without` end in nothing."""
    moves = {here: _merged(onward, without) for here, onward in found.items()}
    for gone in [state for state in moves if state != START]:
        out = moves.pop(gone)
        stay = out.pop(gone, Fraction(0))
        for onward in moves.values():
            through = onward.pop(gone, Fraction(0))
            for there, chance in out.items():
                onward[there] = onward.get(there, Fraction(0)) + through * chance / (1 - stay)
    start = moves[START]
    return start.get(WON, Fraction(0)) / (1 - start.get(START, Fraction(0)))


def _merged(onward: dict[tuple[str, ...], Fraction], without: str | None) -> dict[tuple[str, ...], Fraction]:
    found: defaultdict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for there, chance in onward.items():
        found[LOST if without in there else there] += chance
    return dict(found)


def removal_effect(given: Rows, order: int, channel: str) -> Fraction:
    found = chain(given, order)
    return 1 - chance_to_win(found, channel) / chance_to_win(found)


def shapley(given: Rows, *, rate: bool) -> dict[str, Fraction]:
    """Over all coalitions, one by one."""
    names = sorted({name for path, *_ in given for name in path})

    def worth(coalition: frozenset[str]) -> Fraction:
        inside = [(won, lost) for path, won, _, lost in given if coalition.issuperset(path)]
        won, all_ = sum(one for one, _ in inside), sum(one + other for one, other in inside)
        return (Fraction(won, all_) if all_ else Fraction(0)) if rate else Fraction(won)

    n = len(names)
    found = dict.fromkeys(names, Fraction(0))
    for name in names:
        others = [one for one in names if one != name]
        for size in range(n):
            weight = Fraction(factorial(size) * factorial(n - 1 - size), factorial(n))
            for chosen in combinations(others, size):
                found[name] += weight * (worth(frozenset((*chosen, name))) - worth(frozenset(chosen)))
    return found
