"""Images and cards from a file on disk to what stands on each network, through the whole program."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from crosspost.sandbox.running import Sandbox
from tests.desk import Desk
from tests.test_variants import CANARY

CARDS = ("facebook", "bluesky", "threads", "linkedin")
SHIPPED = ("facebook", "linkedin", "threads")  # whose template makes a card


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=17) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    desk = Desk.make(tmp_path, sandbox, monkeypatch, capsys)
    exif = Image.Exif()
    exif[0x010E] = CANARY
    Image.linear_gradient("L").resize((3000, 1000)).convert("RGB").save(tmp_path / "photo.jpg", exif=exif, quality=98)
    assert CANARY.encode() in (tmp_path / "photo.jpg").read_bytes()
    return desk


def connect(desk: Desk, name: str) -> None:
    options = ("--setting", "media_base=https://media.example")
    desk.connect(name, *options, handle=desk.home.name.replace("_", ""))
    desk.article()


@pytest.mark.parametrize("name", ["x", "mastodon", "pinterest", "bluesky", "linkedin", "facebook"])
def test_the_image_arrives_as_the_preview_shows_it_and_without_what_the_camera_wrote(desk: Desk, name: str) -> None:
    connect(desk, name)
    # Without its link in the text a card has no place: the image is shown.
    placement = "none" if name in (*SHIPPED, "bluesky") else "text"
    desk.plan("--image", "photo.jpg", "--alt", "Un dégradé", "--link", placement)
    ((shown,),) = [one["images"] for one in desk("preview")]
    assert f"{shown['width']}×{shown['height']} pixels" in desk.shown("preview")
    planned = Path(shown["file"]).read_bytes()
    assert len(planned) == shown["bytes"]
    assert CANARY.encode() not in planned
    assert [row["state"] for row in desk.send()] == ["published"]
    (post,) = desk.posted(name)
    (media,) = post["media"]
    arrived = httpx.get(f"{desk.sandbox.origin}/_sandbox/media/{media}").content
    assert arrived == planned
    assert Image.open(io.BytesIO(arrived)).size == (shown["width"], shown["height"])
    assert desk.sandbox.state is not None
    assert (post["data"].get("alt") or [desk.sandbox.state.media[media].alt]) == ["Un dégradé"]


@pytest.mark.parametrize("name", CARDS)
def test_the_card_is_ours_where_the_network_makes_none(desk: Desk, name: str) -> None:
    connect(desk, name)
    (one,) = desk.plan("--image", "photo.jpg", "--alt", "Un dégradé", "--link", "card")
    assert one["link"] not in one["text"]
    assert "[link: on the card]" in desk.shown("preview")
    assert [row["state"] for row in desk.send()] == ["published"]
    (post,) = desk.posted(name)
    assert post["text"] == one["text"]
    assert one["link"] in post["links"]
    card = post["data"]["card"]
    assert card["uri"] == one["link"]
    if name in ("bluesky", "linkedin"):
        assert (card["title"], card["description"]) == ("Écrire court", "Une phrase courte se lit.")
    if name == "bluesky":
        assert 0 < card["thumb"]["size"] <= 1_000_000
    if name == "linkedin":
        article = post["data"]["content"]["article"]
        assert article["thumbnailAltText"] == "Un dégradé"
        assert article["thumbnail"].startswith("urn:li:image:")
    assert desk("deliveries", "audit")["findings"] == []


def test_instagram_is_told_of_its_margins_and_posts(desk: Desk) -> None:
    connect(desk, "instagram")
    (one,) = desk.plan("--image", "photo.jpg")
    assert any("white margins" in note for note in one["notes"])
    (shown,) = desk("preview")[0]["images"]
    assert shown["media_type"] == "image/jpeg"
    assert 1.90 < shown["width"] / shown["height"] <= 1.91
    assert [row["state"] for row in desk.send()] == ["published"]


@pytest.mark.parametrize(("content", "says"), [
    (b"<html>404</html>", "is not a PNG"), (b"", "is not a PNG"), (b"\x89PNG\r\n\x1a\n" + bytes(40), "is not a PNG"),
])  # fmt: skip
def test_a_hostile_image_is_refused_with_its_name_and_nothing_is_planned(desk: Desk, content: bytes, says: str) -> None:
    connect(desk, "mastodon")
    (desk.home / "bad.jpg").write_bytes(content)
    told = desk.refused("plan", "--at", "2030-01-05T09:00", "--image", "bad.jpg")
    assert "bad.jpg" in told
    assert says in told
    assert desk("deliveries", "list") == []
    assert not list((desk.home / "data").glob("attachments/*"))


def test_a_feed_s_bad_image_is_left_out_and_said(desk: Desk) -> None:
    connect(desk, "mastodon")
    desk.article("Une autre", image=f"{desk.sandbox.origin}/health", name="autre")
    made = desk("plan", "--at", "2030-01-05T09:00")
    assert [one["state"] for one in made["planned"]] == ["draft", "draft"]
    assert [problem["account"] for problem in made["problems"]] == ["image"]
    assert "left out" in made["problems"][0]["why"]


def test_an_edit_is_held_to_what_the_check_says(desk: Desk) -> None:
    connect(desk, "x")
    (one,) = desk.plan("--link", "none")
    assert "the text is empty" in desk.refused("edit", one["id"], "--text", "")
    assert "U+FEFF at character 4 is refused" in desk.refused("edit", one["id"], "--text", "Mot\ufeffs")
    assert "too long by 1" in desk.refused("edit", one["id"], "--text", "é" * 281)
    (desk.home / "windows.txt").write_bytes(b"Une ligne\r\net une autre\r\n")
    assert desk("edit", one["id"], "--text-file", "windows.txt")["text"] == "Une ligne\net une autre"
