"""What the owner chose and the store does not hold, where a ledger depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Choices:
    """`same_as` says what a recorded channel is, by its folded name; what was recorded stays as it is in the store.

    `placebo` are channels that never ran: who says they came by one is counted apart. `hypotheses` is the folder of the
    locked files; without it, locks are compared with their stored copies alone. `rate` is what an hour is worth to the
    owner, in the brand's currency.
    """

    same_as: Mapping[str, str] = field(default_factory=dict)
    placebo: frozenset[str] = frozenset()
    hypotheses: Path | None = None
    rate: Decimal | None = None


NONE = Choices()
