"""The pages as people meet them: forms that keep what was written, readers who look, and a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup

from crosspost.commands import business as business_commands
from crosspost.store import business, deliveries, efforts
from crosspost.web.pages.table import BASE, PAGES
from tests.blank import BRAND
from tests.web.furnished import PASSWORD, Furnished, furnished

HERE = "/brands/atelier"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """One for all: each test records what it looks at under names of its own."""
    with furnished(tmp_path_factory.mktemp("pages")) as made:
        yield made


def address(site: Furnished, path: str) -> str:
    things = site.mine
    id_ = things.delivery if "deliveries" in path else things.lead
    return (BASE + path).replace("{brand}", "atelier").replace("{id}", id_).replace("{code}", things.code)


SHOWN = [one.path for one in PAGES if one.method == "GET" and "qr" not in one.path]


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path or "overview")
def test_every_page_can_be_read_by_everybody(site: Furnished, path: str) -> None:
    """A language, one heading, a label for each field, a name for each region, no id twice, and no script."""
    answer = site.get(address(site, path), site.mine.owner)
    assert answer.status_code == 200
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "en"
    assert len(page.find_all("h1")) == 1
    ids = [tag["id"] for tag in page.find_all(id=True)]
    labels = {tag.get("for") for tag in page.find_all("label")}
    for tag in page.find_all(["input", "select", "textarea"]):
        if tag.get("type") not in ("hidden", "checkbox"):
            assert tag["id"] in labels, tag
        hint = tag.get("aria-describedby")
        assert hint is None or hint in ids, tag
    assert all(tag.get("aria-label") for tag in page.find_all(role="region"))
    assert all(tag.get("alt") for tag in page.find_all("img"))
    assert len(set(map(str, ids))) == len(ids), "an id stands twice"
    assert page.find("script") is None
    assert page.find("meta", attrs={"name": "viewport"}) is not None
    for form in page.find_all("form", method="post"):
        assert form.find("input", attrs={"name": "csrf"}) is not None


@pytest.mark.parametrize("page", [one for one in PAGES if one.owner], ids=lambda one: f"{one.method} {one.path}")
def test_a_reader_looks_and_changes_nothing(site: Furnished, page: object) -> None:
    from crosspost.web.pages.view import Page

    assert isinstance(page, Page)
    before, name = site.rows(BRAND), site.mine.reader
    at = address(site, page.path)
    answer = site.post(at, name, target="https://x.example/") if page.method == "POST" else site.get(at, name)
    assert answer.status_code == 403
    assert site.rows(BRAND) == before


def test_a_reader_is_shown_no_form_that_would_be_refused(site: Furnished) -> None:
    for path in SHOWN:
        if path != "/access":
            page = BeautifulSoup(site.get(address(site, path), site.mine.reader).text, "html.parser")
            assert [form["action"] for form in page.find_all("form", method="post")] == ["/sign-out"], path


def test_a_form_that_was_not_taken_keeps_what_was_written(site: Furnished) -> None:
    before = site.rows(BRAND)
    answer = site.post(f"{HERE}/leads", site.mine.owner, told="Zoé & <b>Ana</b>", at="2026-02-30T10:00", channel="x")
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    alert = page.find(role="alert")
    assert alert is not None
    assert "not a date" in alert.text
    told = page.find(id="told")
    assert told is not None
    assert told["value"] == "Zoé & <b>Ana</b>"
    assert site.rows(BRAND) == before


def test_a_lead_s_way_on_the_pages(site: Furnished) -> None:
    name = site.mine.owner
    made = site.post(f"{HERE}/leads", name, id="P1", at="2026-03-01T10:30", told="un ami", mail="ana@example.org")
    lead, _, done = made.headers["location"].partition("?")
    assert done == "done=recorded"
    assert site.post(f"{lead}/touchpoints", name, channel="meetup", at="2026-02-01T19:00").status_code == 303
    assert site.post(f"{lead}/stages", name, stage="offered", amount="900", currency="eur").status_code == 303
    early = site.post(f"{lead}/loss", name, reason="chose somebody nearer", at="2031-01-01T10:00")
    assert early.status_code == 422
    assert [BeautifulSoup(early.text, "html.parser").find(id=one)["value"] for one in ("reason", "lost-at")] == [  # type: ignore[index]
        "chose somebody nearer",
        "2031-01-01T10:00",
    ]
    lost = site.post(f"{lead}/loss", name, reason="chose somebody nearer", competitor="Maison Petit")
    assert lost.status_code == 303
    shown = site.get(lead, name).text
    for word in ("lost", "900.00 EUR", "nearer", "Maison Petit", "2026-02-01 19:00", "un ami"):
        assert word in shown, word
    with site.store.read(BRAND) as scope:
        found = business.named(scope, "P1").lead
    assert (found.source, found.contacted_at.isoformat()) == ("page", "2026-03-01T09:30:00+00:00"), "the brand's zone"
    assert "ana@example.org" not in shown


def test_deals_clients_and_hours_are_recorded(site: Furnished) -> None:
    name = site.mine.owner
    site.post(f"{HERE}/leads", name, id="P2")
    deal = site.post(f"{HERE}/deals", name, lead="P2", amount="1200,50")
    assert deal.status_code == 422, "a comma could mean two things"
    assert site.post(f"{HERE}/deals", name, lead="P2", amount="1200.50", client="Durand").status_code == 303
    assert site.post(f"{HERE}/clients", name, name="Café Zoé", since="2024-09-01").status_code == 303
    assert site.post(f"{HERE}/clients", name).status_code == 422
    assert site.post(f"{HERE}/efforts", name, channel="linkedin", start="2026-02-23", fees="20").status_code == 303
    assert "1200.50 EUR" in site.get(f"{HERE}/deals", name).text
    assert "Café Zoé" in site.get(f"{HERE}/clients", name).text
    with site.store.read(BRAND) as scope:
        [spent] = [one for one in efforts.efforts(scope) if one.channel == "linkedin"]
    assert spent.hours is None, "what was left empty is not zero"
    at_the_command_line(site, "linkedin/2026-02-23")


def at_the_command_line(site: Furnished, effort_id: str) -> None:
    """The same week told again by `crosspost effort add` is one effort, filled in."""
    done = business_commands.add_effort(
        site.store, BRAND, site.clock.now(), "linkedin", Decimal(3), start=date(2026, 2, 23), fees=Decimal(20),
        currency="EUR", effort_id=effort_id,
    )  # fmt: skip
    assert done.outcome is business.Outcome.UPDATED


def test_a_timer_is_started_and_stopped(site: Furnished) -> None:
    name = site.mine.owner
    assert site.post(f"{HERE}/efforts/start", name, channel="Mastodon").status_code == 303
    assert site.post(f"{HERE}/efforts/start", name, channel="mastodon").status_code == 409
    assert "mastodon" in site.get(HERE, name).text
    assert site.post(f"{HERE}/efforts/stop", name, channel="mastodon").status_code == 303
    assert site.post(f"{HERE}/efforts/stop", name, channel="mastodon").status_code == 404


def test_a_link_is_added_drawn_and_switched(site: Furnished) -> None:
    name = site.mine.owner
    made = site.post(f"{HERE}/links", name, target="https://blog.example/x", slug="affiche")
    assert made.headers["location"] == f"{HERE}/links/affiche?done=link-added"
    drawn = site.get(f"{HERE}/links/affiche/qr.svg", name)
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.text.startswith("<svg")
    assert site.post(f"{HERE}/links/affiche/switch", name, on="no").status_code == 303
    assert "Answers no more" in site.get(f"{HERE}/links/affiche", name).text
    assert site.post(f"{HERE}/links", name, target="javascript:alert(1)").status_code == 422


def test_owners_let_others_in_and_make_keys(site: Furnished) -> None:
    name = site.mine.owner
    access = f"{HERE}/access"
    new = {"name": "zoe", "role": "reader", "password": "words enough for zoe"}
    assert site.post(f"{access}/users", name, **new).status_code == 303
    assert site.post(f"{access}/users", name, **new).status_code == 409
    assert (
        site.post(f"{access}/users", name, name=site.theirs.owner, role="reader", password=PASSWORD).status_code == 409
    )
    assert site.get(HERE, "zoe").status_code == 200
    assert site.post(f"{access}/users/remove", name, name="zoe").status_code == 303
    assert site.post(f"{access}/users/remove", name, name=name).status_code == 422
    shown = site.post(f"{access}/keys", name, name="site", scope="read")
    found = BeautifulSoup(shown.text, "html.parser").find(class_="key")
    assert found is not None
    key = found.text
    assert key not in site.get(access, name).text, "it is shown once"
    assert site.post(f"{access}/keys/revoke", name, prefix=key[:12]).status_code == 303


def test_what_others_wrote_is_text_and_nothing_else(site: Furnished) -> None:
    hostile = '<script>alert(1)</script> " onmouseover=x \u202e{{ 7*7 }}'
    site.call("POST", "/clients", json={"name": '<script>alert(1)</script> " onmouseover=x {{ 7*7 }}'})
    with site.store.write(BRAND) as scope:
        deliveries.cancel(scope, site.mine.delivery, who=hostile, now=site.clock.now(), reason=hostile)
    for path in ("/clients", f"/deliveries/{site.mine.delivery}"):
        text = site.get(HERE + path, site.mine.owner).text
        assert "<script>" not in text
        assert "49" not in BeautifulSoup(text, "html.parser").get_text().replace("2026", "")
        assert "\u202e" not in text


@pytest.mark.parametrize("word", ["<b>", "recorded", "nothing", "é"])
def test_only_known_words_are_said(site: Furnished, word: str) -> None:
    page = BeautifulSoup(site.client.get(
        f"{HERE}/leads", params={"done": word}, headers={"Cookie": f"crosspost={site.session(site.mine.owner)}"}
    ).text, "html.parser")  # fmt: skip
    said = page.find(role="status")
    assert (said.text if said else None) == ("Recorded." if word == "recorded" else None)


@pytest.mark.chromium
def test_a_browser_without_scripts_signs_in_and_records_a_lead(site: Furnished) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 720}).new_page()
        page.goto(f"{site.client.base_url}{HERE}/leads")
        page.fill("#name", site.mine.owner)
        page.fill("#password", PASSWORD)
        page.click("button")
        assert page.url.endswith(f"{HERE}/leads"), "where they wanted to go"
        page.click("summary")
        page.fill("#id", "B1")
        page.fill("#told", "une affiche")
        page.click("details button")
        assert page.inner_text("[role=status]") == "Recorded."
        for path in ("", "/links", "/clicks", "/leads", "/deals", "/efforts", "/deliveries", "/access"):
            page.goto(f"{site.client.base_url}{HERE}{path}")
            width = page.locator("main").bounding_box()
            assert width is not None
            assert width["width"] <= 360, f"{path} is wider than a phone"
        page.click("text=Sign out")
        assert page.url.endswith("/sign-in")
        browser.close()
    with site.store.read(BRAND) as scope:
        assert business.named(scope, "B1").lead.told == "une affiche"
