"""What the doctor found: one line each, with what to do where something is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    GOOD = "good"
    SEE_TO = "see to"
    NOT_TOLD = "not told"  # nobody can tell now: it was not asked, or the network does not say


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is a short name that stays; `text` says how it is. What is to be seen to has its `remedy`."""

    check: str
    health: Health
    text: str
    remedy: str | None = None

    def __post_init__(self) -> None:
        if self.health is Health.SEE_TO and not self.remedy:
            raise ValueError(f"{self.check}: what is to be seen to needs its remedy")


def good(check: str, text: str) -> Finding:
    return Finding(check, Health.GOOD, text)


def see_to(check: str, text: str, remedy: str) -> Finding:
    return Finding(check, Health.SEE_TO, text, remedy)


def not_told(check: str, text: str, remedy: str | None = None) -> Finding:
    return Finding(check, Health.NOT_TOLD, text, remedy)
