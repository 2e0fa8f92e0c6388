"""What can be done with a network at all."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    CONNECTOR = "connector"  # crosspost speaks to its API
    MANUAL = "manual"  # crosspost prepares and reminds; a person posts, and tells the address and the numbers
    CLOSED = "closed"  # it is gone: only history is kept
