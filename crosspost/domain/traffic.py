"""What readers do: hits on our links, judged, and never dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Judgement(StrEnum):
    PERSON = "person"
    PREVIEW = "preview"  # a network or messenger fetching a card
    CRAWLER = "crawler"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Hit:
    """One request to a short link, as the redirect saw it. The visitor's address is never here."""

    at: datetime
    code: str
    method: str
    host: str
    user_agent: str
    referrer: str
    purpose: str  # prefetch headers as sent: Sec-Purpose, Purpose, X-Purpose, X-Moz
    language: str  # Accept-Language, its first tag


@dataclass(frozen=True, slots=True)
class Judged:
    """A hit's judgement, the rule that gave it, and the rule set's version, so that it can be judged again."""

    judgement: Judgement
    rule: str
    ruleset: str


def people(hits: Mapping[Judgement, int]) -> tuple[int, int]:
    """How many hits are surely people's, and how many possibly: clicks are only known as a range."""
    surely = hits.get(Judgement.PERSON, 0)
    return surely, surely + hits.get(Judgement.UNSURE, 0)


def as_range(hits: Mapping[Judgement, int]) -> str:
    """The same for people to read: `41 … 44`, or `41` where nothing is in doubt."""
    surely, possibly = people(hits)
    return str(surely) if surely == possibly else f"{surely} … {possibly}"
