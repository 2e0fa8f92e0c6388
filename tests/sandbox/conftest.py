from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crosspost.sandbox.running import Sandbox
from tests.sandbox.speakers import OPEN

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """On real time."""
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def virtual() -> Iterator[Sandbox]:
    """On a virtual clock that stands at START."""
    with Sandbox(seed=7, virtual_start=START) as running:
        yield running


@pytest.fixture(autouse=True)
def closed_speakers() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()
