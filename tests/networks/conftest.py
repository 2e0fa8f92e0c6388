"""Every network as the contract suite asks it: a kit, and its server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.networks.canned import Canned
from tests.networks.every_kit import KITS
from tests.networks.kits import Kit


@pytest.fixture(params=KITS, ids=lambda kit: str(kit.name))
def kit(request: pytest.FixtureRequest) -> Kit:
    made: Kit = request.param()
    return made


@pytest.fixture
def server(kit: Kit) -> Iterator[Canned]:
    with Canned(kit) as running:
        yield running
