"""Persons (or posts) given to two arms or more by lot: each arm against the control, exact or by seeded draws.

The lots are complete randomisation: as many persons in each arm as there are, any of them as likely as any others. The
test of an arm stands on the persons of that arm and the control alone. Over the arms, p is also given by Holm (1979).
An outcome of 0 and 1 is tested by its hypergeometric distribution, with an interval of the exact limits of both shares.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

import numpy as np

from crosspost.audit.estimate import difference
from crosspost.audit.experiments import randomisation
from crosspost.audit.experiments.answer import MARGIN, Answer, Effect, Fraction, judge
from crosspost.audit.experiments.randomisation import DRAWS, Floats, Reference
from crosspost.audit.results import Verdict
from crosspost.audit.section import SEED
from crosspost.domain.message import say

LEAST = 8  # persons of both arms: 4 and 4 give p = 2/70 at best, 4 and 3 only 2/35
CONTROLS = ("control", "contrôle", "controle", "témoin", "temoin", "placebo", "none", "off", "0", "a", "baseline")
FEW = 300  # persons up to whom all draws are made at once: 24 MB


@dataclass(frozen=True, slots=True)
class Person:
    """`arm` as it was drawn; `outcomes` by name, None where not known. `before` was fixed before, and is subtracted."""

    arm: str
    outcomes: Mapping[str, float | None]
    before: float = 0.0


def control_of(arms: Sequence[str]) -> str:
    """The arm that others are compared with: the one so called, else the first by name."""
    by_name = {arm.casefold(): arm for arm in sorted(arms, reverse=True)}
    return next((by_name[name] for name in CONTROLS if name in by_name), min(arms))


def analyse(
    persons: Sequence[Person], *, control: str | None = None, margin: float = MARGIN, seed: int = SEED
) -> dict[str, Answer]:
    """One answer per outcome, by name. It is that of the arm with the smallest p; `arms` holds every arm's."""
    names = sorted({name for one in persons for name in one.outcomes})
    arms = sorted({one.arm for one in persons})
    against = control_of(arms) if control is None else control
    return {name: _answer(persons, name, arms, against, margin, seed) for name in names}


def _answer(
    persons: Sequence[Person], name: str, arms: Sequence[str], control: str, margin: float, seed: int
) -> Answer:
    told: dict[str, list[tuple[float, float]]] = {arm: [] for arm in arms}
    for one in persons:
        value = one.outcomes.get(name)
        if value is not None:
            told[one.arm].append((value, one.before))
    values = {arm: np.sort([value - before for value, before in known]) for arm, known in told.items()}
    base = float(np.mean(sorted(value for value, _ in told[control]))) if told[control] else 0.0
    unknown = sum(one.outcomes.get(name) is None for one in persons)
    about: dict[str, object] = {"control": control, "unknown": unknown}
    if len(arms) < 2:
        return Answer(
            name, None, len(values[arms[0]]), Verdict.NOT_ENOUGH_DATA, "persons", about=about,
            missing="persons of another arm", reason="there is one arm: nothing to compare it with",
        )  # fmt: skip
    each = {arm: _compared(name, values[arm], values[control], base, margin, seed) for arm in arms if arm != control}
    adjusted = holm({arm: _p(answer.effect) for arm, answer in each.items() if answer.effect is not None})
    shown = {
        arm: replace(one, about={**about, "arm": arm, "p_holm": adjusted.get(arm), "base": one.base})
        for arm, one in each.items()
    }
    first = min(shown, key=lambda arm: (adjusted.get(arm, 2.0), _p(shown[arm].effect), arm))
    return replace(shown[first], others={"arms": {arm: one.as_dict() for arm, one in shown.items()}})


def _p(effect: Effect | None) -> float:
    return 2.0 if effect is None else effect.p_value


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down p of each name."""
    found: dict[str, float] = {}
    highest = 0.0
    for rank, (name, value) in enumerate(sorted(p.items(), key=lambda item: (item[1], item[0]))):
        highest = max(highest, min(1.0, value * (len(p) - rank)))
        found[name] = highest
    return found


def _compared(name: str, arm: Floats, control: Floats, base: float, margin: float, seed: int) -> Answer:
    n = len(arm) + len(control)
    if not len(arm) or not len(control):
        return Answer(
            name, None, n, Verdict.NOT_ENOUGH_DATA, "persons", missing="persons whose outcome is known",
            reason="the outcome is known of nobody in one of the two arms",
        )  # fmt: skip
    both = np.concatenate([arm, control])
    if both.min() == both.max():
        return Answer(
            name, None, n, Verdict.NOT_ENOUGH_DATA, "persons", base=base,
            missing="persons in whom it differs", reason="it never varies",
        )  # fmt: skip
    if set(np.unique(both)) <= {0.0, 1.0}:
        effect = _binary(int(arm.sum()), len(arm), int(control.sum()), len(control))
    else:
        effect = _numeric(both, len(arm), seed)
    verdict, planned, missing, note = judge(
        effect, base=base, n=n, margin=margin, planned=None, counted=say("persons"), more_than=LEAST,
        eventful=int(np.count_nonzero(both)),
    )  # fmt: skip
    return Answer(name, effect, n, verdict, "persons", base=base, planned=planned, missing=missing, note=note)


def _binary(x: int, n: int, y: int, m: int) -> Effect:
    """x of n in the arm against y of m in the control."""
    won, size = x + y, n + m

    def log_choose(a: int, b: int) -> float:
        return math.lgamma(a + 1) - math.lgamma(b + 1) - math.lgamma(a - b + 1)

    def distance(a: int) -> int:
        """|a/n - (won - a)/m| times n m: whole, so that a tie is a tie."""
        return abs(a * m - (won - a) * n)

    whole = log_choose(size, n)
    extreme = [
        log_choose(won, a) + log_choose(size - won, n - a) - whole
        for a in range(max(0, won - m), min(won, n) + 1)
        if distance(a) >= distance(x)
    ]
    return Effect(
        *difference(x, n, y, m),
        min(1.0, math.fsum(map(math.exp, extreme))),
        f"difference of shares; exact two-sided randomisation test over all {size} choose {n} assignments, "
        "interval of the exact limits of both",
    )


def _numeric(values: Floats, size: int, seed: int) -> Effect:
    """The first `size` of `values` are the arm's, the others the control's."""
    n = len(values)
    rest = n - size
    lit = np.arange(n) < size  # what a unit effect adds to each person
    middle = float(values.mean())  # taken out before summing: the statistic does not see it, and rounding does
    both = np.column_stack([values - middle, lit.astype(float)])
    whole = both.sum(axis=0)
    if math.comb(n, size) <= 2**randomisation.MOST_COINS:
        chosen = np.fromiter(chain.from_iterable(combinations(range(n), size)), dtype=np.int16).reshape(-1, size)
        found, drawn = both[chosen].sum(axis=1), False
    else:
        found, drawn = np.vstack([both[:size].sum(axis=0), _draws(both, size, seed)]), True
    differences = found / size - (whole - found) / rest
    reference = Reference(differences[:, 0], differences[:, 1], float(differences[0, 0]), 1.0, drawn)
    low, high = reference.interval()
    how = f"{DRAWS:,} seeded draws" if drawn else f"all {reference.size:,} assignments"
    return Effect(
        reference.observed, low, high, Fraction(reference.extreme(), reference.size),
        f"difference in means; two-sided randomisation test over {how}, interval by inversion",
    )  # fmt: skip


def _draws(columns: Floats, size: int, seed: int) -> Floats:
    """The columns' sums over DRAWS random choices of `size` rows, or of the others where those are fewer."""
    n = len(columns)
    few = min(size, n - size)
    rng = np.random.default_rng(seed)
    if n < FEW:
        places = np.argpartition(rng.random((DRAWS, n)), few - 1, axis=1)[:, :few]
        found = columns[places].sum(axis=1)
    else:
        found, ones = np.empty((DRAWS, columns.shape[1])), np.ones(few)
        for draw in range(DRAWS):
            found[draw] = ones @ columns.take(rng.choice(n, few, replace=False, shuffle=False), axis=0)
    return np.asarray(found if few == size else columns.sum(axis=0) - found)
