"""Meetup, by hand: its API needs a Pro subscription and knows events, no posts.

What is prepared is a message to a group's discussion. No limit of it is documented; the one here keeps a message short
enough to be read, and is the owner's to change (`text_limit`). A group's events are read from its calendar:
crosspost.sources.calendar.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, Limits


class Meetup:
    name: ClassVar[str] = "meetup"
    title: ClassVar[str] = "Meetup"
    kind: ClassVar[Kind] = Kind.MANUAL
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(2000, "characters"),),
        images=1,
        alt_text=None,
        image_bytes=None,
        source="none: no limit of a discussion's message is documented; 2,000 is ours",
        read_on=date(2026, 11, 23),
    )
