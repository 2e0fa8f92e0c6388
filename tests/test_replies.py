"""The link in a first comment: planned, approved, sent, moved and lost together with the post it stands under."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from crosspost.networks import NETWORKS, network
from crosspost.networks.network import Remover, Replier
from crosspost.sandbox.running import Sandbox
from tests.desk import Desk

REPLIERS = [name for name in NETWORKS if issubclass(network(name), Replier)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=9) as running:
        yield running


@pytest.fixture
def desk(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    desk = Desk.make(
        tmp_path, sandbox, monkeypatch, capsys, "--link-mode", "redirect", "--public-url", "https://go.ana.example"
    )
    Image.new("RGB", (900, 900), (30, 90, 160)).save(tmp_path / "garden.png")
    yield desk
    sandbox.clear_faults()


def prepared(desk: Desk, name: str, *options: str, **behaviour: Any) -> None:
    settings = ["--setting", "media_base=https://media.example", *options]
    desk.connect(name, *settings, handle=desk.home.name.replace("_", "").replace("-", ""), **behaviour)
    desk.article()


def plan(desk: Desk, *options: str) -> dict[str, Any]:
    (one,) = desk.plan("--link", "reply", "--image", "garden.png", "--alt", "Un jardin", *options)
    return one


@pytest.mark.parametrize("name", REPLIERS)
def test_the_link_goes_out_under_its_post_on_every_network_that_lets_it(desk: Desk, name: str) -> None:
    prepared(desk, name)
    one = plan(desk)
    assert one["link_placement"] == "reply"
    assert one["link"] not in one["text"]
    reply = one["reply"]
    assert reply["text"] == reply["link"]
    assert (reply["replies_to"], reply["due_at"]) == (one["id"], one["due_at"])
    assert any("you are asked" in note for note in one["notes"])
    shown = desk.shown("preview")
    assert shown.index(one["id"]) < shown.index("── its reply") < shown.index(reply["link"])
    assert "[link: in its reply]" in shown
    assert [row["state"] for row in desk.send()] == ["published", "published"]
    post, comment = desk.posted(name)
    assert (post["text"], post["parent_id"]) == (one["text"], None)
    assert (comment["text"], comment["parent_id"]) == (reply["text"], post["id"])
    assert reply["link"] in comment["links"]
    assert post["links"] == []
    assert desk("deliveries", "audit")["findings"] == []
    adapter = network(name)
    if issubclass(adapter, Remover):
        gone = desk("post", "delete", one["id"], "--yes")["deleted"]
        assert gone == [comment["id"], post["id"]], "the comment before what it stands under"


def test_pinterest_has_no_replies_and_says_so(desk: Desk) -> None:
    prepared(desk, "pinterest", boards=["Jardin"])
    made = desk("plan", "--link", "reply", "--at", "2030-01-05T09:00", "--image", "garden.png")
    assert made["planned"] == []
    assert "one of: text, card, bio, none" in made["problems"][0]["why"]


def test_approving_moving_and_withdrawing_the_post_takes_its_reply_along(desk: Desk) -> None:
    prepared(desk, "mastodon")
    one = plan(desk)
    both = (one["id"], one["reply"]["id"])
    assert desk("approve", *both)["approved"] == [one["id"]]

    def states() -> list[tuple[str, str]]:
        return [(row["state"], row["due_local"]) for row in (desk("deliveries", "show", each) for each in both)]

    assert {state for state, _ in states()} == {"scheduled"}
    desk("edit", one["id"], "--at", "2030-03-01T09:00")
    assert states() == [("draft", "2030-03-01T09:00")] * 2, "both must be approved again"
    desk("edit", one["id"], "--text", "D’autres mots, sans adresse")
    assert "link is not in the text" in desk.refused("edit", both[1], "--text", "sans adresse")
    desk("approve", one["id"])
    desk("cancel", *both)
    assert {state for state, _ in states()} == {"cancelled"}
    assert "the post it replies to" in desk("deliveries", "show", both[1])["reason"]


def test_a_reply_lost_alone_leaves_its_post(desk: Desk) -> None:
    prepared(desk, "mastodon")
    one = plan(desk)
    desk("cancel", one["reply"]["id"])
    assert sorted(row["state"] for row in desk.send()) == ["cancelled", "published"]
    assert len(desk.posted("mastodon")) == 1


def test_a_refused_post_takes_its_reply_with_it_and_a_retry_brings_both_back(desk: Desk, sandbox: Sandbox) -> None:
    prepared(desk, "x")
    one = plan(desk)
    sandbox.set_fault("duplicate_answer", account=desk.accounts["x"]["id"], count=1)
    assert sorted(row["state"] for row in desk.send(rounds=2)) == ["missed", "rejected"]
    assert "rejected" in desk("deliveries", "show", one["reply"]["id"])["reason"]
    desk("deliveries", "retry", one["id"], "--at", "2030-03-01T09:00")
    assert {row["state"] for row in desk("deliveries", "list")} == {"draft"}


def test_deleting_the_post_withdraws_a_reply_that_waits(desk: Desk, sandbox: Sandbox) -> None:
    prepared(desk, "x")
    one = plan(desk)
    sandbox.set_fault("rate_limited", account=desk.accounts["x"]["id"], after=1, count=1, form="seconds", seconds=600)
    assert sorted(row["state"] for row in desk.send()) == ["published", "scheduled"]
    gone = desk("post", "delete", one["id"], "--yes")
    assert gone["lost"] == [one["reply"]["id"]]
    assert desk("deliveries", "show", one["reply"]["id"])["state"] == "cancelled"


@pytest.mark.parametrize("name", ["x", "facebook", "mastodon", "bluesky", "threads"])
def test_a_reply_whose_answer_was_lost_is_found_again(desk: Desk, sandbox: Sandbox, name: str) -> None:
    prepared(desk, name)
    plan(desk)
    # Facebook's photo and Threads' container are no publishing requests: the second of those is the reply's.
    sandbox.set_fault("reset_after", account=desk.accounts[name]["id"], request="publish", after=1, count=1)
    states = [row["state"] for row in desk.send()]
    assert states.count("published") == 1
    (open_,) = [row for row in desk("deliveries", "list") if row["state"] != "published"]
    assert open_["state"] == "unknown"
    assert len(desk.posted(name)) == 2


@pytest.mark.parametrize("name", ["linkedin", "instagram"])
def test_where_nothing_tells_of_a_comment_a_person_is_asked(desk: Desk, sandbox: Sandbox, name: str) -> None:
    prepared(desk, name)
    one = plan(desk)
    sandbox.set_fault("reset_after", account=desk.accounts[name]["id"], request="publish", after=1, count=1)
    assert sorted(row["state"] for row in desk.send(rounds=2)) == ["needs_person", "published"]
    assert len(desk.posted(name)) == 2, "and it is not sent again"
    assert "may have gone out" in desk("deliveries", "show", one["reply"]["id"])["reason"]
    assert "may be out, or not" in desk.refused("post", "delete", one["id"], "--yes"), "a comment is not forgotten"
    desk("deliveries", "resolve", one["reply"]["id"], "--posted", "https://example.org/comment/1")
    gone = desk("post", "delete", one["id"], "--yes")
    assert (len(gone["deleted"]), gone["left"]) == (1, ["https://example.org/comment/1"])


def test_the_account_s_own_way_and_the_reply_s_words_stand_in_settings_and_template(desk: Desk) -> None:
    (desk.home / "c.toml").write_text((desk.home / "c.toml").read_text() + 'templates_dir = "t"\n')
    (desk.home / "t").mkdir()
    (desk.home / "t" / "mastodon.toml").write_text(
        'text = "$title\\n$link"\nsentences = 0\nhashtags = 0\npicture = "none"\nalt = "$alt"\n'
        'link = "reply"\nreply = "À lire : $title\\n$link"\n'
    )
    prepared(desk, "mastodon", "--setting", "visibility=unlisted", "--setting", "spoiler_text=Écriture")
    (one,) = desk.plan()
    assert one["reply"]["text"] == f"À lire : Écrire court\n{one['reply']['link']}"
    assert one["options"] == one["reply"]["options"] == {"visibility": "unlisted", "spoiler_text": "Écriture"}
    desk("cancel", one["id"])
    desk("account", "set", "mastodon", "--setting", "link_placement=text")
    desk("article", "announce", one["article_id"])
    (again,) = desk.plan("--option", "visibility=private", "--language", "br")
    assert (again["reply"], again["link_placement"]) == (None, "text")
    assert again["options"]["visibility"] == "private"
    desk.send()
    (post,) = desk.posted("mastodon")
    assert post["language"] == "br"


@pytest.mark.parametrize(("options", "says"), [
    (("--option", "visibility=secret"), "one of: public, unlisted, private"),
    (("--option", "mood=blue"), "one of: visibility, spoiler_text"),
    (("--option", f"spoiler_text={'é' * 500}"), "leaves no room"),
    (("--link", "card"), "one of: text, reply, bio, none"),
])  # fmt: skip
def test_what_a_network_does_not_know_is_refused_with_what_it_knows(
    desk: Desk, options: tuple[str, ...], says: str
) -> None:
    prepared(desk, "mastodon")
    made = desk("plan", "--at", "2030-01-05T09:00", *options)
    assert made["planned"] == []
    assert says in made["problems"][0]["why"]


def test_a_content_warning_counts_with_the_text(desk: Desk) -> None:
    prepared(desk, "mastodon")
    one = desk.plan("--option", f"spoiler_text={'é' * 400}")[0]
    (shown,) = desk("preview")
    assert shown["limits"][0]["max"] == 100
    assert "too long" in desk.refused("edit", one["id"], "--text", f"{'x' * 90} {one['link']}")
    assert [row["state"] for row in desk.send()] == ["published"]
