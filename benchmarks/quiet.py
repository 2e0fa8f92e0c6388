"""Keep the program's log silent for a while, and as it was afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing below CRITICAL is logged inside: thousands of deaths and faults are no news where they are made."""
    log = logging.getLogger("crosspost")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
