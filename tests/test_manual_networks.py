"""Manual and closed networks through the program: recorded, planned, posted by hand, counted; or refused with why."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from crosspost.clock import SystemClock
from crosspost.commands.collect import collect
from crosspost.networks import NETWORKS
from crosspost.sandbox.running import Sandbox
from crosspost.store import brands, posts
from tests.home import Home
from tests.sandbox.speakers import png

ARTICLE = """---
title: Ce que le bois nous apprend
url: https://exemple.fr/bois
tags: [bois]
---
Il parle lentement.
"""
ADDRESS = "https://www.snapchat.com/spotlight/abc"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def article(home: Home) -> None:
    (home.folder / "bois.md").write_text(ARTICLE)
    (home.folder / "bois.png").write_bytes(png(40))
    home("source", "add", "file", "bois.md")
    home("source", "read")


class Later(SystemClock):
    """The real clock, a day and a bit on."""

    def now(self) -> datetime:
        return super().now() + timedelta(days=1, minutes=2)


def ask_for_all(home: Home) -> list[dict[str, Any]]:
    """The deliveries of the brand after one round of the scheduler, when all are due."""
    app = home.app()
    app.__dict__["clock"] = Later()
    with app.duties() as duties:
        duties.deliverer.tick(app.clock.now(), wait=True)
    app.close()
    found: list[dict[str, Any]] = home.json("deliveries", "list")
    return found


def test_a_manual_account_is_recorded_without_a_token(home: Home) -> None:
    told = home("account", "connect", "snapchat", "--handle", "@Lea", "--slot", "tue 09:00")
    assert "recorded" in told
    assert "nothing was read" in told
    assert home.json("account", "connect", "snapchat", "--handle", "lea")["id"] == home.json("account", "list")[0]["id"]
    assert "manual" in home("account", "list")
    assert "a whole number" in home.refused(2, "account", "set", "snapchat", "--setting", "text_limit=abc")
    assert "--handle NAME" in home.refused(2, "account", "connect", "meetup")
    assert "no server" in home.refused(2, "account", "connect", "meetup", "--handle", "g", "--server", "https://a.b")


def test_from_an_article_to_a_post_by_hand_and_its_numbers(home: Home) -> None:
    home("account", "connect", "snapchat", "--handle", "lea")
    home("account", "connect", "meetup", "--handle", "ateliers-bois")
    article(home)
    planned = home.json("plan", "--at", _tomorrow(), "--image", "bois.png", "--alt", "Du bois")
    assert planned["problems"] == []
    assert sorted(one["network"] for one in planned["planned"]) == ["meetup", "snapchat"]
    home("approve", "--all")
    found = {one["network"]: one for one in ask_for_all(home)}
    assert {one["state"] for one in found.values()} == {"needs_person"}
    assert home("deliveries", "list").count("post by hand") == 2
    one = found["snapchat"]
    shown = home("deliveries", "show", one["id"])
    assert one["text"] in shown
    assert f"link: {one['link']}" in shown
    told = home.json("deliveries", "show", one["id"])
    assert told["by_hand"] is True
    with Image.open(told["images"][0]["file"]) as picture:
        assert picture.size == (40, 2)
    assert "2 deliveries of atelier need a person" in home.status()["problems"][0]
    assert "cannot have been posted then" in home.refused(
        2, "deliveries", "resolve", one["id"], "--posted", ADDRESS, "--at", "2020-01-01"
    )
    done = home.json("deliveries", "resolve", one["id"], "--posted", ADDRESS)
    assert (done["state"], done["url"]) == ("published", ADDRESS)
    assert "says that it was posted by hand" in home.json("deliveries", "show", one["id"])["evidence"]

    home("reading", "add", "snapchat", "likes", "12", "--post", ADDRESS)
    assert home.json("reading", "add", "meetup", "followers", "240")["origin"] == "manual"
    assert "rsvps" in home.refused(2, "reading", "add", "meetup", "folowers", "1", "--post", ADDRESS)
    home.refused(2, "reading", "add", "meetup", "followers", "-1")
    home.refused(2, "reading", "add", "meetup", "followers", "1.5")
    home.refused(2, "reading", "add", "meetup", "followers", "nan")
    home.refused(2, "reading", "add", "meetup", "followers", "1", "--at", "2199-01-01")
    home.refused(3, "reading", "add", "meetup", "likes", "1", "--post", ADDRESS)
    app = home.app()
    with app.store.read(app.brand.id) as scope:
        kept = [
            (one.reading.metric, one.reading.value, one.origin, one.post_id is None) for one in posts.readings(scope)
        ]
    assert kept == [("likes", 12.0, "manual", False), ("followers", 240.0, "manual", True)]
    assert "240" in json.dumps(home.json("audit"))


def _tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


def test_a_manual_post_needs_what_its_network_needs(home: Home) -> None:
    home("account", "connect", "snapchat", "--handle", "lea")
    article(home)
    (problem,) = home.json("plan", "--at", _tomorrow())["problems"]
    assert "without an image" in problem["why"]


def test_what_no_server_answers_for_goes_with_a_rehearsals_clock(home: Home) -> None:
    with Sandbox(virtual_start=datetime(2026, 3, 23, 5, tzinfo=UTC)) as sandbox:
        (home.folder / "config.toml").write_text(
            f'private_origins = ["{sandbox.origin}"]\nclock = "{sandbox.origin}"\n'
        )
        rehearsal = ("--config", str(home.folder / "config.toml"))
        for network in ("snapchat", "viadeo"):
            home(*rehearsal, "account", "connect", network, "--handle", "lea")
        assert "manual" in home(*rehearsal, "account", "list")
        home("account", "connect", "meetup", "--handle", "bois")
        home(*rehearsal, "status")


def test_no_number_is_asked_of_a_network_that_cannot_tell(home: Home) -> None:
    home("account", "connect", "snapchat", "--handle", "lea")
    home("account", "connect", "viadeo", "--handle", "lea.martin")
    app = home.app()
    with app.duties() as duties:
        assert duties.collect(app.clock.now()) is None
    assert collect(app.store, app.brand, app.connector.open, app.clock.now()).problems == ()


@pytest.mark.parametrize(("name", "why"), [("viadeo", "2016-12-23"), ("periscope", "2021-03-31")])
def test_a_closed_network_has_a_history_and_nothing_else(home: Home, name: str, why: str) -> None:
    assert "closed" in home("account", "connect", name, "--handle", "lea")
    assert why in home.refused(5, "account", "connect", name, "--handle", "lea", "--slot", "09:00")
    assert why in home.refused(5, "check", "--network", name, "--text", "Bonjour")
    article(home)
    assert home.json("plan", "--at", _tomorrow())["planned"] == []
    refusal = home.refused(5, "plan", "--account", name, "--at", _tomorrow())
    assert "closed" in refusal
    assert why in refusal

    (home.folder / "posts.csv").write_text("date,url,impressions,reach\n2014-05-02,https://old.example/p/1,70,\n")
    (home.folder / "leads.csv").write_text(f"lead,first_contact_date,channel\nL1,2014-06-01,{name}\n")
    home("import", "posts.csv", "--network", name)
    home("import", "leads.csv")
    app = home.app()
    with app.store.read(app.brand.id) as scope:
        (account,) = brands.accounts(scope)
        (post,) = posts.posts(scope)
    assert (account.handle, post.account_id) == ("lea", account.id)
    assert f'"{name}"' in home("audit", "--json")
    assert home.status()["problems"] == []


def test_networks_tells_every_kind(home: Home) -> None:
    told = {one["network"]: one for one in home.json("networks")}
    assert list(told) == list(NETWORKS)
    assert {one["kind"] for one in told.values()} == {"connector", "manual", "closed"}
    assert told["periscope"]["closed_on"] == "2021-03-31"
    assert told["viadeo"]["closed_on"] is None
    assert "by hand" in home("networks")
    assert "2016-12-23" in home("networks", "viadeo")
    assert "reads nothing" in home("networks", "meetup")
