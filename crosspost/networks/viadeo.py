"""Viadeo, closed: posts and leads of its time are history."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from crosspost.domain.kind import Kind
from crosspost.domain.networks import CLOSED


class Viadeo:
    name: ClassVar[str] = "viadeo"
    title: ClassVar[str] = "Viadeo"
    kind: ClassVar[Kind] = Kind.CLOSED
    closed_on: ClassVar[date | None] = CLOSED["viadeo"]
    # numerama.com, 2016-12-23. The buyer kept the service up for its members: for how long, nobody wrote down.
    closed_source: ClassVar[str] = "sold to Figaro Classifieds on 2016-12-23; the day it ended is not known"
