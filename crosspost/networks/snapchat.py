"""Snapchat, by hand: its Public Profile API is open to invited partners only.

What is prepared is a Spotlight post: an image, which it cannot do without, and a description. A description's links
are not clickable; the link still tells the post, and can be set on a story by hand.

Source: developers.snap.com, public profiles, read 2026-11: description at most 160, image at most 20 MB. In which unit
it counts is not said: a count of UTF-16 units never allows more than the others.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, Limits


class Snapchat:
    name: ClassVar[str] = "snapchat"
    title: ClassVar[str] = "Snapchat"
    kind: ClassVar[Kind] = Kind.MANUAL
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(160, "utf-16 units"),),
        images=1,
        alt_text=None,
        image_bytes=20_000_000,
        source="developers.snap.com, public profiles: spotlights (the unit is not said)",
        read_on=date(2026, 11, 23),
        needs_image=True,
    )
