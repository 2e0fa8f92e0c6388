"""Would this text be accepted? `crosspost check`: every limit of a network, measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import category

from crosspost.domain import counting
from crosspost.domain.addresses import INVALID
from crosspost.domain.limits import COUNTED, Limits, Measured, overridden
from crosspost.networks import postable


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a text takes of each limit, in the network's order, and what speaks against it."""

    limits: tuple[Measured, ...]
    problems: tuple[str, ...]

    @property
    def length(self) -> int:
        """In the network's first unit."""
        return self.limits[0].length

    def as_dict(self) -> dict[str, Any]:
        """`{"length", "limits": [{"unit", "length", "max"}], "problems"}`."""
        limits = [{"unit": each.limit.unit, "length": each.length, "max": each.limit.max} for each in self.limits]
        return {"length": self.length, "limits": limits, "problems": list(self.problems)}


def check(network_name: str, text: str, overrides: Mapping[str, str], *, reply: bool = False) -> CheckResult:
    """Measure `text` for a network, or as a first comment there; `overrides` are an account's settings (`text_limit`).

    Raises BadInput for an unknown network or a limit that is no number, NotAllowed for a closed network.
    """
    limits = overridden(postable(network_name).limits, overrides)
    return checked(text, limits.of_reply if reply else limits)


def checked(text: str, limits: Limits) -> CheckResult:
    """The same by limits that are known: of an account, a delivery."""
    measured = counting.measure_all(text, limits)
    problems = []
    if not text.strip():
        problems.append("the text is empty")
    for each in measured:
        if not each.fits:
            much = f"{each.over} too many" if each.limit.unit in COUNTED else f"too long by {each.over}"
            problems.append(f"{much}: {each.length} {each.limit.unit}, at most {each.limit.max}")
    weighted = any(each.limit.unit == "weighted characters" for each in measured)
    bad = next((at for at, char in enumerate(text) if _is_refused(char, weighted=weighted)), None)
    if bad is not None:
        problems.append(f"U+{ord(text[bad]):04X} at character {bad + 1} is refused")
    return CheckResult(measured, tuple(problems))


def _is_refused(char: str, *, weighted: bool) -> bool:
    """Control characters and halves of pairs, which no network shows; and what twitter-text names invalid."""
    if category(char) in ("Cc", "Cs"):
        return char not in "\n\t"
    return weighted and INVALID.match(char) is not None
