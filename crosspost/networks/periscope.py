"""Periscope, closed: its broadcasts are history."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from crosspost.domain.kind import Kind
from crosspost.domain.networks import CLOSED


class Periscope:
    name: ClassVar[str] = "periscope"
    title: ClassVar[str] = "Periscope"
    kind: ClassVar[Kind] = Kind.CLOSED
    closed_on: ClassVar[date | None] = CLOSED["periscope"]
    closed_source: ClassVar[str] = "the app was lost that day, as announced on 2020-12-15"
