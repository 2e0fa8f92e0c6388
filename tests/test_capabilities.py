"""The table of capabilities is the code's own, and the README's copy of it is fresh."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from crosspost.commands.capabilities import (
    METRICS,
    capabilities,
    markdown,
    told_auth,
    told_class,
    told_placements,
    written_into,
)
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, Limits
from crosspost.networks import NETWORKS, network
from crosspost.networks.network import Examiner, Lister, Publisher, Remover
from tests.program import crosspost

README = Path(__file__).parents[1] / "README.md"
CONNECTORS = [name for name in NETWORKS if network(name).kind is Kind.CONNECTOR]


def entry(name: str) -> dict[str, Any]:
    return capabilities(name)[0]


def test_the_readme_holds_the_table_of_the_code() -> None:
    text = README.read_text("utf-8")
    assert written_into(text) == text, "python -m crosspost.commands.capabilities README.md"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="networks:begin"):
        written_into("# a page")


@pytest.mark.parametrize("name", CONNECTORS)
def test_facts_have_their_source_and_day(name: str) -> None:
    one = entry(name)
    for source, read_on in (
        (one["source"], one["read_on"]),
        (one["facts"]["source"], one["facts"]["read_on"]),
        (one["metrics_from"]["source"], one["metrics_from"]["read_on"]),
    ):
        assert len(source) > 10
        assert date(2026, 1, 1) <= date.fromisoformat(read_on) <= date(2026, 12, 31)
    assert one["auth"]
    assert one["cost"]
    assert one["review"]


@pytest.mark.parametrize("name", CONNECTORS)
def test_what_is_offered_is_what_the_class_has(name: str) -> None:
    found, one = network(name), entry(name)
    assert one["publish"] is issubclass(found, Publisher)
    assert one["delete"] is issubclass(found, Remover)
    assert one["list_posts"] is issubclass(found, Lister)
    assert issubclass(found, Examiner)


def test_every_metric_that_a_network_declares_has_its_column() -> None:
    declared = {one["metric"] for name in CONNECTORS for one in entry(name)["metrics"]["post"]}
    assert declared == set(METRICS)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bluesky", "deterministic record"),
        ("mastodon", "Mastodon: key honoured; other servers: readable only, blind without it in the post"),
        ("x", "readable only, blind without it in the post"),
        ("threads", "two-phase handle"),
        ("linkedin", "page: names the duplicate, blind without it in the post; "
                     "member: names the duplicate, blind if the link is in card or none"),
    ],
)  # fmt: skip
def test_the_delivery_class_by_server_and_placement(name: str, told: str) -> None:
    assert told_class(entry(name)) == told


@pytest.mark.parametrize(
    ("name", "placed"),
    [("x", "text, reply"), ("bluesky", "text, card, reply"), ("pinterest", "text, card"), ("snapchat", "text")],
)
def test_the_link_stands_only_where_the_network_has_a_place_for_it(name: str, placed: str) -> None:
    one = entry(name)
    assert told_placements(one) == placed
    assert {row["link"] for row in one.get("delivery_class", [])} <= {*one["link_in"], "a reply"}


def test_login_replies_and_rules_of_keeping_are_told() -> None:
    x, linkedin, bluesky = entry("x"), entry("linkedin"), entry("bluesky")
    assert x["login"]["renewal"] == "rotating"
    assert (told_auth(x) or "").startswith("a login in the browser, or four keys of a developer app")
    assert "threads_delete" in entry("threads")["login"]["writing"], "what a login brings must delete as well as post"
    assert bluesky["login"] is None
    assert told_auth(bluesky) == "an app password"
    assert x["retention"]["deleted_hours"] == 24
    assert {(rule["of"], rule["hours"]) for rule in linkedin["retention"]["rules"]} >= {
        ("urn:li:organization:", 180 * 24), ("urn:li:person:", 48),
    }  # fmt: skip
    replies = {row["class"] for row in linkedin["delivery_class"] if row["link"] == "a reply"}
    assert replies == {"blind"}


def test_prices_are_told_with_their_source() -> None:
    prices = entry("x")["prices"]
    assert prices["each"]["post_with_link"] == "0.200"
    assert prices["currency"] == "USD"
    assert prices["read_on"] == "2026-08-22"
    assert [name for name in CONNECTORS if entry(name)["prices"]] == ["x"]


class Gone:
    name: ClassVar[str] = "gone"
    title: ClassVar[str] = "Gone"
    kind: ClassVar[Kind] = Kind.CLOSED
    closed_on: ClassVar[date | None] = date(2021, 3, 31)
    closed_source: ClassVar[str] = "its last notice"


class ByHand:
    name: ClassVar[str] = "byhand"
    title: ClassVar[str] = "By hand"
    kind: ClassVar[Kind] = Kind.MANUAL
    limits: ClassVar[Limits] = Limits((AtMost(80, "characters"),), 1, None, None, "its help page", date(2026, 11, 1))


def test_closed_and_manual_networks_have_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, network_ in (("gone", Gone), ("byhand", ByHand)):
        monkeypatch.setitem(NETWORKS, name, f"{__name__}:{network_.__name__}")
    rows = markdown().splitlines()
    assert len({row.count(" | ") for row in rows}) == 1
    assert rows[-2].startswith("| Gone | closed 2021-03-31 |")
    assert rows[-1].startswith("| By hand | by hand |  |  | 80 characters | up to 1 |")
    assert entry("gone")["closed_on"] == "2021-03-31"
    assert entry("byhand")["publish"] is False


@pytest.mark.parametrize("name", NETWORKS)
def test_the_table_is_printed_and_told_to_programs(name: str, tmp_path: Path) -> None:
    told = crosspost("networks", name, home=tmp_path)
    assert told.returncode == 0, told.stderr
    assert network(name).title in told.stdout
    [one] = json.loads(crosspost("networks", name, "--json", home=tmp_path).stdout)
    assert one["network"] == name
