"""`crosspost post delete`, as its owner meets it: what goes, what is kept, and what is said where nothing is sure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crosspost.sandbox.running import Sandbox
from tests.desk import Desk


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=5) as running:
        yield running


@pytest.fixture
def desk(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    desk = Desk.make(tmp_path, sandbox, monkeypatch, capsys)
    desk.connect("mastodon", handle=tmp_path.name.replace("_", ""))
    desk.article()
    desk.plan()
    (sent,) = desk.send()
    assert sent["state"] == "published"
    yield desk
    sandbox.clear_faults()


def deleted(desk: Desk) -> list[str]:
    mine = desk.accounts["mastodon"]["id"]
    return [one["id"] for one in desk.sandbox.ledger() if one["event"] == "delete" and one["account_id"] == mine]


def test_a_post_goes_and_what_it_brought_stays(desk: Desk) -> None:
    (post,) = desk("post", "list")
    assert (post["deleted_at"], post["network"]) == (None, "mastodon")
    for name in (post["id"], post["delivery_id"], post["url"]):
        assert desk("post", "delete", name, "--yes") == {"deleted": [post["remote_id"]], "lost": [], "left": []}
    assert deleted(desk) == [post["remote_id"]]
    (kept,) = desk("post", "list")
    assert kept["deleted_at"]
    assert kept["text"] == post["text"]
    assert "deleted" in desk.shown("post", "list")
    assert desk("deliveries", "audit")["findings"] == [], "its absence is no loss"
    assert desk("deliveries", "show", post["delivery_id"])["state"] == "published"


def test_it_asks_first_and_no_is_no(desk: Desk) -> None:
    (post,) = desk("post", "list")
    code, out, _ = desk.told("post", "delete", post["id"], stdin="n\n")
    assert code == 130
    assert "Delete 1 from mastodon" in out
    code, _, err = desk.told("post", "delete", post["id"], "--json")
    assert (code, "say --yes" in err) == (2, True), "a program is not asked"
    assert deleted(desk) == []
    assert "1 deleted" in desk.shown("post", "delete", post["id"], stdin="y\n")


def test_an_unclear_answer_is_said_to_be_unclear(desk: Desk, sandbox: Sandbox) -> None:
    (post,) = desk("post", "list")
    sandbox.set_fault("reset_after", account=desk.accounts["mastodon"]["id"], request="delete", count=1)
    assert "did not say whether" in desk.refused("post", "delete", post["id"], "--yes")
    assert desk("post", "list")[0]["deleted_at"] is None, "nothing proved it"
    desk("post", "delete", post["id"], "--yes")
    assert desk("post", "list")[0]["deleted_at"]


def test_what_is_refused_changes_nothing(desk: Desk, sandbox: Sandbox) -> None:
    (post,) = desk("post", "list")
    assert "no post is known" in desk.refused("post", "delete", "nope", "--yes")
    sandbox.set_tokens(desk.accounts["mastodon"]["id"], "revoke")
    assert "still there" in desk.refused("post", "delete", post["id"], "--yes")
    assert desk("post", "list")[0]["deleted_at"] is None


def test_a_post_known_from_a_file_alone_is_not_held_deleted_for_an_id_the_network_never_gave(desk: Desk) -> None:
    (desk.home / "posts.csv").write_text(
        "permalink,published_at,impressions,reach\nhttps://ana.social/@ana/1,2026-01-05T09:00:00Z,30,20\n"
    )
    desk("import", "posts.csv", "--network", "mastodon")
    (imported,) = [one for one in desk("post", "list") if one["delivery_id"] is None]
    told = desk.refused("post", "delete", imported["id"], "--yes")
    assert "by hand" in told
    assert [one["deleted_at"] for one in desk("post", "list")] == [None, None]


def test_what_was_deleted_may_be_planned_again(desk: Desk) -> None:
    (post,) = desk("post", "list")
    desk("post", "delete", post["id"], "--yes")
    (article,) = desk("article", "list")
    (again,) = desk.plan("--article", article["id"])
    assert any("the same words" in one for one in again["warnings"]), "and it is said that they were out before"
    assert sorted(row["state"] for row in desk.send()) == ["published", "published"]
