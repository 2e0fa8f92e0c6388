"""What becomes of one fact that somebody told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crosspost.domain.errors import CrosspostError


class Outcome(StrEnum):
    RECORDED = "recorded"
    KNOWN = "known"  # the same was recorded before: nothing was changed
    UPDATED = "updated"  # the same id came before, and now says what it had left open
    DIFFERS = "differs"  # the same id came before with other content: the first is kept
    REMOVED = "removed"  # a person took it out: no file and no event brings it back


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one fact: the row's id, and the fields in which a repeated one differs or says more."""

    outcome: Outcome
    id: str
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row stood in a file that people brought: its line, within the part where the file has several."""

    sha256: str
    line: int
    part: str | None = None


Result = Recorded | CrosspostError


def only(results: Sequence[Result]) -> Recorded:
    """The result of a single fact; its error is raised."""
    [result] = results
    if isinstance(result, CrosspostError):
        raise result
    return result
