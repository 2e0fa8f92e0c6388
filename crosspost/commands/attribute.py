"""Credit of a plain file of paths, under every model: `crosspost attribute`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crosspost.audit.credit import held_out, heuristics, markov
from crosspost.audit.credit.compare import Credit, compare
from crosspost.audit.credit.paths import CountedFile, Floats, PathCounts, count
from crosspost.audit.credit.resampling import MOST, Resampled, resample
from crosspost.audit.credit.windows import TooLarge, WindowedFile, windows_of
from crosspost.audit.section import SEED
from crosspost.domain.errors import BadInput
from crosspost.imports.paths import SEPARATOR, columns_of, is_large, read_paths

DIGITS = 12
_FORETOLD = 2_000_000  # touches: above, orders are not compared


@dataclass(frozen=True, slots=True)
class Attribution:
    """`likelihoods` are by order, empty where orders cannot be compared; `resampled` is None where it was not asked for
    or cannot be. `notes` say so, and all else that a reader must know."""

    counts: PathCounts
    credit: Credit
    has_value: bool
    likelihoods: Mapping[int, float]
    resampled: Resampled | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As printed: `models` and `removal_effects` by conversions, the same under `value`, and what stands behind."""
        names, credit = self.counts.channels, self.credit
        low, high = credit.band()
        unknown: dict[str, float | None] = dict.fromkeys(names)
        shown: dict[str, Any] = {
            "models": {
                **{model: _named(names, figures) for model, figures in credit.conversions.items()},
                **{f"markov_{order}": unknown for order in credit.too_large},
                "shapley_rate": _named(credit.rate_players, credit.rate_credit),
            },
            "removal_effects": {
                **{str(order): _named(names, one.conversions) for order, one in credit.removals.items()},
                **{str(order): unknown for order in credit.too_large},
            },
            "value": None,
            "band": {name: [_plain(low[at]), _plain(high[at])] for at, name in enumerate(names)},
            "first_under_every_model": credit.first(),
            "p_conversion": {str(order): _plain(one.probability) for order, one in credit.removals.items()},
            "held_out_log_likelihood": {str(order): _plain(one) for order, one in self.likelihoods.items()},
            "best_order": held_out.best(dict(self.likelihoods)) if self.likelihoods else None,
            "intervals": self._intervals(),
            "paths": len(self.counts.lengths),
            "conversions": _plain(self.counts.converted()),
            "nulls": _plain(float(self.counts.nulls.sum())),
            "notes": list(self.notes),
        }
        if self.has_value:
            shown["value"] = {
                "models": {model: _named(names, figures) for model, figures in credit.value.items()},
                "removal_effects": {str(order): _named(names, one.value) for order, one in credit.removals.items()},
                "total": _plain(self.counts.value()),
            }
        return shown

    def _intervals(self) -> dict[str, Any] | None:
        if self.resampled is None:
            return None
        figures = {"removal_effects_1": self.resampled.removal, **self.resampled.credit}
        return {
            name: {one: [_plain(low), _plain(high)] for one, low, high in zip(self.counts.channels, *ends, strict=True)}
            for name, ends in ((name, Resampled.interval(one)) for name, one in figures.items())
        }


def _plain(figure: float) -> float | None:
    """Rounded to `DIGITS` significant digits; None where it is a share of nothing."""
    return float(f"{figure:.{DIGITS}g}") if np.isfinite(figure) else None


def _named(names: tuple[str, ...], figures: Floats) -> dict[str, float | None]:
    return {name: _plain(figure) for name, figure in zip(names, figures.tolist(), strict=True)}


def _counted(path: Path, separator: str) -> CountedFile:
    """Small files as people write them; large ones, and Parquet, by DuckDB."""
    if is_large(path):
        from crosspost.counters.paths import count_file

        return count_file(path, separator, columns_of)
    found = read_paths(path, separator)
    return CountedFile(count(found.rows), found.has_value, found.has_nulls, found.unvalued)


def chained(path: Path, order: int, *, separator: str = SEPARATOR) -> dict[str, Any]:
    """Credit by a chain of one order alone, as printed: the keys of `Attribution.as_dict` that it has an answer to.

    No path is kept of a large file whose figures are whole, in hundredths or in ten thousandths. Raises BadInput, also
    where there are too many channels for a chain of that order.
    """
    try:
        found = _windowed(path, separator, order)
        effects = markov.removal(markov.chained(found.windows))
    except TooLarge as error:
        raise BadInput(str(error), where=str(path), remedy="ask for a lower order") from None
    model, names = f"markov_{order}", found.channels
    converted, value, nulls = found.windows.ended()
    total = value / found.parts
    shown: dict[str, Any] = {
        "models": {model: _named(names, effects.credit(converted))},
        "removal_effects": {str(order): _named(names, effects.conversions)},
        "value": None,
        "p_conversion": {str(order): _plain(effects.probability)},
        "conversions": _plain(converted),
        "nulls": _plain(nulls),
        "notes": _notes(found, converted),
    }
    if found.has_value:
        shown["value"] = {
            "models": {model: _named(names, effects.credit(total, by_value=True))},
            "removal_effects": {str(order): _named(names, effects.value)},
            "total": _plain(total),
        }
    return shown


def _windowed(path: Path, separator: str, order: int) -> WindowedFile:
    if is_large(path):
        from crosspost.counters.paths import window_file

        return window_file(path, separator, columns_of, order)
    found = _counted(path, separator)
    windows = windows_of(found.counts, order)
    return WindowedFile(found.counts.channels, windows, 1, found.has_value, found.has_nulls, found.unvalued)


def _notes(found: CountedFile | WindowedFile, converted: float) -> list[str]:
    """What a file lacks."""
    notes = []
    if not found.has_nulls:
        notes.append("The file has no total_null: every journey of it converted, and rates say nothing.")
    if not found.has_value:
        notes.append("The file has no total_conversion_value: nothing is weighted by value.")
    if found.unvalued:
        notes.append(f"{found.unvalued:,} converting rows have no value: credit by value is of the others alone.")
    if converted == 0:
        notes.append("No journey converted: there is no credit to share out, and no removal effect.")
    return notes


def attribute(
    path: Path,
    *,
    separator: str = SEPARATOR,
    half_life: float = heuristics.HALF_LIFE,
    resamples: int = 0,
    seed: int = SEED,
) -> Attribution:
    """Raises BadInput where the file is no file of paths."""
    if half_life <= 0:
        raise BadInput(f"a half-life of {half_life:g} steps", remedy="give a number above 0, such as 1")
    found = _counted(path, separator)
    counts = found.counts
    credit = compare(counts, half_life=half_life)
    notes = [f"No credit by a chain of order {order}: {why}." for order, why in credit.too_large.items()]
    notes += _notes(found, counts.converted())
    if credit.rate_players != counts.channels:
        kept = len(credit.rate_players) - 1
        notes.append(
            f"shapley_rate looks at all coalitions, so at most 20 play: the {kept} channels of most journeys, and "
            f"the other {len(counts.channels) - kept} together as {credit.rate_players[-1]!r}."
        )
    whole = counts.journeys.dtype == np.int64
    likelihoods: dict[int, float] = {}
    if not whole or len(counts.touches) > _FORETOLD or counts.walked() == 0:
        why = "there are parts of journeys" if not whole else "there are too many touches, or no journeys"
        notes.append(f"Orders are not compared: {why}.")
    else:
        likelihoods = held_out.log_likelihoods(counts, seed)
    resampled = None
    if resamples and whole and len(counts.channels) <= MOST and counts.walked() > 0:
        resampled = resample(counts, seed, resamples)
    elif resamples:
        notes.append(f"No intervals: journeys are resampled where they are whole and channels {MOST} at most.")
    return Attribution(counts, credit, found.has_value, likelihoods, resampled, tuple(notes))
