"""The bio page: the newest links of an account, clicks on them that count for their posts, visits that count by day."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image
from sqlalchemy import update

from crosspost.clock import SystemClock
from crosspost.commands.bio import BioPage, Entry
from crosspost.commands.fold import fold
from crosspost.commands.ledger import gather
from crosspost.domain.brand import READ_ONLY
from crosspost.hitlog.writer import HitWriter
from crosspost.sandbox.running import Sandbox
from crosspost.store import brands, deliveries
from crosspost.store.attachments import Attachments
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.store.tables import delivery
from crosspost.web.app import build
from crosspost.web.bio import render
from tests.desk import Desk
from tests.web.conftest import running

AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=13) as running_:
        yield running_


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    desk = Desk.make(
        tmp_path, sandbox, monkeypatch, capsys, "--link-mode", "redirect", "--public-url", "https://go.ana.example"
    )
    desk.connect("instagram", "--setting", "media_base=https://media.example", "--setting", "link_placement=bio",
                 handle=tmp_path.name.replace("_", ""))  # fmt: skip
    Image.new("RGB", (900, 900), (30, 90, 160)).save(tmp_path / "garden.png")
    for name, title in (("court", "Écrire court"), ("long", "Écrire <long> & bien")):
        desk.article(title, name=name)
        (one,) = desk.plan("--image", "garden.png")
        assert one["link"] not in one["text"]
        assert desk.send()[-1]["state"] == "published"
    return desk


@pytest.fixture
def site(desk: Desk) -> Iterator[tuple[httpx.Client, Store, Path]]:
    data = desk.home / "data"
    store = Store(Database(f"sqlite:///{data / 'crosspost.db'}"))
    clock, hits = SystemClock(), data / "hits"
    app = build(
        store, clock, HitWriter(hits, clock.now), hits, lambda _: [], attachments=Attachments(data / "attachments")
    )
    with (
        running(app) as origin,
        httpx.Client(base_url=origin, trust_env=False, headers={"User-Agent": AGENT}) as client,
    ):
        yield client, store, hits
    store.database.close()


def test_a_click_counts_for_its_post_and_a_visit_for_its_day(
    desk: Desk, site: tuple[httpx.Client, Store, Path]
) -> None:
    client, store, hits = site
    told = desk("bio", "address", "instagram")
    assert told == desk("bio", "address", "instagram"), "the same each time"
    assert told["attribution"] == "by day: visits to the bio page, of no single post"
    assert told["address"].startswith("https://go.ana.example/bio-")
    to_page = client.get(urlsplit(told["address"]).path)
    assert (to_page.status_code, urlsplit(to_page.headers["location"]).path) == (302, told["path"])
    page = client.get(told["path"])
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script" not in page.headers["content-security-policy"]
    first, second = reversed(desk("deliveries", "list"))
    assert page.text.index(first["link"]) < page.text.index(second["link"]), "newest first"
    assert "Écrire &lt;long&gt; &amp; bien" in page.text
    clicked = client.get(urlsplit(first["link"]).path)
    assert clicked.headers["location"].startswith("https://ana.example/long?")
    fold(store, hits, datetime.now(UTC))
    (day,) = desk("bio", "visits", "instagram", "--days", "1")["days"]
    assert (day["people"], day["possibly"], day["posts"]) == (1, 1, 2)
    assert "by day" in desk.shown("bio", "visits", "instagram")
    brand = store.brands()[0]
    ledger = gather(store, brand, datetime.now(UTC), until=datetime.now(UTC) + timedelta(seconds=1))
    (clicks,) = [one for one in ledger.clicks if one.network == "instagram"]
    assert clicks.persons == 1, "the visit is no click on a post, and the click is one"


def test_a_deleted_post_leaves_the_page(desk: Desk) -> None:
    newest = desk("deliveries", "list")[-1]
    desk("post", "delete", newest["id"], "--yes")
    assert desk("bio", "write", "instagram", "--out", "bio.html") == {"file": "bio.html", "entries": 1}
    assert newest["link"] not in (desk.home / "bio.html").read_text("utf-8")


def test_what_is_only_read_or_not_for_everybody_is_not_shown(
    desk: Desk, site: tuple[httpx.Client, Store, Path]
) -> None:
    client, store, _ = site
    brand = store.brands()[0]
    where = desk("bio", "address", "instagram")["path"]
    with store.write(brand.id) as scope:
        (account,) = brands.accounts(scope)
        (first, _) = deliveries.listed(scope)
        hidden = {**first.teaser.extra, "visibility": "private"}
        scope.connection.execute(
            update(delivery)
            .where(delivery.c.brand_id == brand.id, delivery.c.id == first.id)
            .values(teaser=replace(first.teaser, extra=hidden).as_json())
        )
    assert client.get(where).status_code == 200
    assert first.teaser.link not in client.get(where).text
    with store.write(brand.id) as scope:
        brands.change_account(scope, account.id, settings={**account.settings, READ_ONLY: "yes"})
    assert client.get(where).status_code == 404


def test_unknown_pages_and_names_are_not_found(desk: Desk, site: tuple[httpx.Client, Store, Path]) -> None:
    client, _, _ = site
    for path in ("/bio/ana/instagram/nobody", "/bio/nobody/instagram/ana", "/bio/ana", "/media/nothing.jpg",
                 f"/media/{'0' * 64}.jpg", "/media/..%2f..%2fcrosspost.db"):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert "no account" in desk.refused("bio", "write", "facebook", "--out", "x.html")
    assert "cannot be written" in desk.refused("bio", "write", "instagram", "--out", "no/folder/x.html")


def test_the_image_that_instagram_fetches_is_served_under_its_name(
    desk: Desk, site: tuple[httpx.Client, Store, Path]
) -> None:
    client, _, _ = site
    (file,) = list((desk.home / "data" / "attachments").iterdir())
    answer = client.get(f"/media/{file.name}.jpg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content == file.read_bytes()
    assert client.get(f"/media/{file.name}.png").status_code == 404, "it is none"


def test_with_direct_links_the_owner_hosts_the_page(desk: Desk) -> None:
    desk("brand", "set", "--link-mode", "direct")
    told = desk("bio", "address", "instagram", "--at", "https://ana.example/liens")
    assert told["address"].startswith(
        "https://ana.example/liens?utm_source=instagram&utm_medium=social&utm_campaign=bio-bio-"
    )


def test_two_pages_of_one_name_have_links_of_their_own(desk: Desk) -> None:
    desk("brand", "add", "Autre", "--link-mode", "redirect", "--public-url", "https://go.autre.example")
    handle = desk.accounts["instagram"]["handle"]
    first = desk("--brand", "ana", "bio", "address", "instagram")["address"]
    made = desk.sandbox.add_account("mastodon", handle)
    desk("--brand", "autre", "account", "connect", "mastodon", "--server", desk.sandbox.origin,
         stdin=made["secrets"]["access_token"])  # fmt: skip
    second = desk("--brand", "autre", "bio", "address", "mastodon")["address"]
    assert urlsplit(first).path != urlsplit(second).path


PAGE = BioPage("Atelier Léa", "lea", "fr", tuple(
    Entry(title, f"https://go.lea.example/k{number}", language, AT)
    for number, (title, language) in enumerate([
        ("Écrire court", "fr"), ("<script>alert(1)</script>", "en"), ("x" * 300, "fr"), ("שלום", "he"),
        ('"><img src=x>', None),
    ])
))  # fmt: skip


def test_the_page_is_text_and_links_and_nothing_else() -> None:
    html = render(PAGE)
    assert html == render(PAGE)
    for mark in ("<script", "<img", "onerror=", "javascript:", "http://"):
        assert mark not in html
    assert html.count("<a href=") == len(PAGE.entries)
    assert 'lang="he"' in html
    assert "Rien encore." in render(BioPage("Ana", "ana", "fr", ()))


@pytest.mark.chromium
def test_on_a_small_phone_nothing_overflows_and_every_link_has_its_name() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
            page.set_content(render(PAGE))
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            links = page.get_by_role("link")
            assert links.count() == len(PAGE.entries)
            for number in range(links.count()):
                box = links.nth(number).bounding_box()
                assert box is not None
                assert box["height"] >= 44, "a thumb must hit it"
            assert page.get_by_role("heading", level=1).inner_text() == "Atelier Léa"
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.tagName") == "A"
        browser.close()
