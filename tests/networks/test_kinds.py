"""What each kind of network is asked for, and what the others are told."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pytest

from crosspost.domain.errors import BadInput, NotAllowed
from crosspost.domain.kind import Kind
from crosspost.networks import NETWORKS, adapter_of, network, postable
from crosspost.networks.network import Closed


class Shut:
    name: ClassVar[str] = "shut"
    title: ClassVar[str] = "Shut"
    kind: ClassVar[Kind] = Kind.CLOSED
    closed_on: ClassVar[date | None] = date(2021, 3, 31)
    closed_source: ClassVar[str] = "its last notice"


SHUT: type[Closed] = Shut


def test_every_network_says_its_kind() -> None:
    for name in NETWORKS:
        assert network(name).name == name
        assert isinstance(network(name).kind, Kind)


def test_a_closed_network_takes_nothing_and_says_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NETWORKS, "shut", f"{__name__}:Shut")
    for asked in (postable, adapter_of):
        with pytest.raises(NotAllowed, match=r"Shut closed on 2021-03-31 \(its last notice\)"):
            asked("shut")
    monkeypatch.setattr(Shut, "closed_on", None)
    with pytest.raises(NotAllowed, match=r"Shut is closed \(its last notice\)"):
        postable("shut")


def test_a_name_that_is_none_is_told_the_others() -> None:
    with pytest.raises(BadInput, match="one of: x, facebook"):
        network("myspace")
