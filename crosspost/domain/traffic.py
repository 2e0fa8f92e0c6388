"""What readers do: hits on our links, judged, and never dropped."""

from __future__ import annotations

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
