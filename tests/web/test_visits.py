"""The script and what it sends, over real HTTP: who is counted, what is written down, and what never is."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from crosspost.commands.privacy import choose
from crosspost.domain.link import RESERVED
from crosspost.hitlog.visits import SUFFIX
from crosspost.store import links, visit_counts
from crosspost.store.tables import click_id
from crosspost.web.visits import MAX_BODY, SCRIPT
from tests.blank import BRAND, NOW, OTHER, TARGET
from tests.visited import BROWSER, CODE, FOLLOWED, PAGE, SITES, Served, serving
from tests.web.conftest import running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, SITES) as made:
        yield made


def test_the_script_is_small_cacheable_and_for_other_origins(served: Served) -> None:
    answer = served.client.get("/v.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "max-age=" in answer.headers["cache-control"]
    assert "no-store" not in answer.headers["cache-control"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in answer.headers
    assert len(answer.content) < 1000
    assert answer.content == SCRIPT
    for never in (b"cookie", b"localStorage", b"sessionStorage", b"indexedDB", b"canvas", b"screen", b"plugins"):
        assert never not in SCRIPT


def test_its_paths_are_no_codes() -> None:
    assert "v" in RESERVED


def test_a_page_view_is_a_visit_with_where_it_came_from(served: Served) -> None:
    answer = served.view("/article", f"utm_source=linkedin&utm_content={CODE}&mail=ana@a.example", "www.linkedin.com")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers
    served.clock.at += timedelta(minutes=4)
    served.view("/contact")
    (found,) = served.visits()
    assert (found.path, found.code, found.network, found.referrer) == ("/article", CODE, "linkedin", "linkedin.com")
    assert (found.pages, found.last_at - found.started_at) == (2, timedelta(minutes=4))
    assert (found.judgement, found.click_id) == ("person", None)
    with served.store.read(BRAND) as scope:
        (counted,) = visit_counts.counts(scope)
    assert (counted.network, counted.code, counted.day, counted.visits) == ("linkedin", CODE, NOW.date(), 1)


def test_a_visit_by_a_slug_is_its_links_and_one_by_a_word_of_somebody_elses_is_no_links(served: Served) -> None:
    with served.store.write(BRAND) as scope:
        links.add(scope, "spring", TARGET, NOW)
    served.view("/a", "utm_content=spring")
    served.view("/b", "utm_content=banner")
    served.view("/c", user_agent=BROWSER + " other", query="utm_content=banner")
    assert {(one.code, one.pages) for one in served.visits()} == {("spring", 2), ("", 1)}
    with served.store.read(BRAND) as scope:
        assert {one.code for one in visit_counts.counts(scope)} == {"spring", None}


def test_readers_are_told_apart_by_browser_and_not_across_brands(served: Served) -> None:
    served.view()
    served.view(user_agent=BROWSER + " other")
    choose(served.store, served.store.brand("other"), SITES, NOW, who="léa")
    served.made.load()
    assert served.send(json.dumps({"p": "/"}), brand="other").status_code == 204
    assert len(served.visits()) == 2
    assert len(served.visits(OTHER)) == 1


def test_a_page_of_somebody_else_is_refused(served: Served) -> None:
    for headers in (
        {"origin": "https://evil.example"}, {"origin": "https://blog.example.evil.example"}, {"origin": "null"},
        {"origin": ""}, {"origin": "https://evil.example", "referer": "https://blog.example/"},
        {"origin": "nonsense"}, {"origin": "https://[broken"},
    ):  # fmt: skip
        assert served.view(**headers).status_code == 403, headers
    assert served.visits() == []


def test_a_page_that_hides_its_origin_is_known_by_its_referrer(served: Served) -> None:
    answer = served.view(origin="null", referer="https://blog.example/")
    assert answer.status_code == 204
    assert len(served.visits()) == 1


def test_who_asks_not_to_be_followed_is_not(served: Served) -> None:
    for headers in ({"dnt": "1"}, {"sec_gpc": "1"}):
        assert served.view(**headers).status_code == 204
    assert served.visits() == []
    assert list((served.folder / "visits").glob(f"*{SUFFIX}")) == []
    assert list(served.folder.glob("salts/*")) == []


def test_what_the_script_does_not_send_is_refused(served: Served) -> None:
    for body in (
        b"", b"{", b"[]", b"null", b'{"q": ""}', b'{"p": 3}', b'{"p": "/", "w": true}', b'{"p": "/", "r": null}',
        b"\xff",
    ):  # fmt: skip
        assert served.send(body).status_code == 400, body
    assert served.visits() == []


def test_what_is_too_large_or_of_no_brand_is_refused(served: Served) -> None:
    assert served.send(b'{"p": "' + b"x" * MAX_BODY + b'"}').status_code == 413
    assert served.send(b"{}", brand="nobody").status_code == 403
    assert served.client.get("/v/atelier").status_code == 405
    assert served.client.options("/v/atelier").status_code == 405
    assert served.visits() == []


def test_a_long_path_is_cut_and_controls_are_taken_out(served: Served) -> None:
    served.view("/" + "é\x00\n" * 400 + "a" * 200)
    (found,) = served.visits()
    assert len(found.path) == 512
    assert "\x00" not in found.path


@pytest.mark.parametrize(("trusted", "told", "visits"), [
    ((), ("203.0.113.1", "203.0.113.2"), 1),  # nobody said that the peer may speak for others
    (("127.0.0.1",), ("203.0.113.1", "203.0.113.2"), 2),
    (("127.0.0.1",), ("9.9.9.9, 203.0.113.1", "8.8.8.8, 203.0.113.1"), 1),  # a reader's own claim is not believed
    (("127.0.0.0/8", "10.0.0.0/8"), ("203.0.113.1, 10.1.1.1", "203.0.113.2, 10.1.1.1", "nonsense", "rubbish"), 3),
])  # fmt: skip
def test_only_a_proxy_that_was_named_speaks_for_others(
    tmp_path: Path, trusted: tuple[str, ...], told: tuple[str, ...], visits: int
) -> None:
    with serving(tmp_path, SITES, trusted) as served:
        for address in told:
            served.view(x_forwarded_for=address)
        assert len(served.visits()) == visits


def test_a_proxy_that_nobody_named_is_told_once(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            served.view(x_forwarded_for="203.0.113.77")
    told = [one.getMessage() for one in caplog.records if "trusted_proxies" in one.getMessage()]
    assert len(told) == 1
    assert "203.0.113" not in caplog.text


def test_a_brand_that_leaves_fields_out_has_them_in_no_file(served: Served) -> None:
    served.choose(replace(SITES, referrer=False, user_agent=False))
    served.view(referrer="canary.example", user_agent=BROWSER + " canary")
    (found,) = served.visits()
    assert (found.referrer, found.user_agent, found.judgement) == ("", "", "person")
    for path in served.folder.rglob("*"):
        assert not path.is_file() or b"canary" not in path.read_bytes(), path


def test_in_aggregate_mode_a_click_has_no_name_and_one_that_comes_is_left_unread(served: Served) -> None:
    assert served.client.get(f"/{CODE}", headers={"User-Agent": BROWSER}).headers["location"] == TARGET
    served.view(query="cpid=abcdefgh1234")
    assert served.visits()[0].click_id is None
    assert b"abcdefgh1234" not in b"".join(p.read_bytes() for p in served.folder.rglob("*") if p.is_file())


def named(served: Served, **headers: str) -> str | None:
    """The name that a click got, None when it got none."""
    given = {"user-agent": BROWSER, **{name.replace("_", "-"): value for name, value in headers.items()}}
    location = httpx.URL(served.client.get(f"/{CODE}", headers=given).headers["location"])
    assert str(location.copy_remove_param("cpid")) == TARGET
    found: str | None = location.params.get("cpid")
    return found


def clicks(served: Served) -> list[str]:
    served.visits()
    with served.store.read(BRAND) as scope:
        return [row.id for row in scope.connection.execute(click_id.select().where(click_id.c.brand_id == BRAND))]


def test_in_click_id_mode_each_click_has_another_name_that_its_visit_carries(tmp_path: Path) -> None:
    with serving(tmp_path, FOLLOWED) as served:
        one, two = named(served), named(served)
        assert one
        assert two
        assert one != two
        served.view("/article", f"utm_content={CODE}&cpid={one}")
        assert served.visits()[0].click_id == one
        assert sorted(clicks(served)) == sorted([one, two])


def test_who_asks_not_to_be_followed_gets_no_click_id(tmp_path: Path) -> None:
    with serving(tmp_path, FOLLOWED) as served:
        assert named(served, dnt="1") is None
        assert named(served, sec_gpc="1") is None
        assert clicks(served) == []


def test_a_machines_click_is_named_for_nobody(tmp_path: Path) -> None:
    with serving(tmp_path, FOLLOWED) as served:
        named(served, user_agent="Twitterbot/1.0")
        assert served.client.head(f"/{CODE}", headers={"User-Agent": BROWSER}).headers["location"] == TARGET
        assert clicks(served) == []


def test_a_name_that_is_not_on_disk_is_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, FOLLOWED) as served:

        async def lost(_record: bytes) -> bool:
            return False

        monkeypatch.setattr(served.made._log, "append_record", lost)
        assert named(served) is None


def test_back_in_aggregate_mode_every_click_id_is_forgotten(tmp_path: Path) -> None:
    with serving(tmp_path, FOLLOWED) as served:
        name = named(served)
        served.view(query=f"cpid={name}")
        assert clicks(served) == [name]
        served.view("/later", f"cpid={name}")  # waits in the log while the brand goes back
        served.choose(SITES)
        assert clicks(served) == []
        assert [row.click_id for row in served.visits()] == [None]
        assert named(served) is None


def test_a_fragment_stays_at_the_end(tmp_path: Path) -> None:
    with serving(tmp_path, FOLLOWED) as served:
        with served.store.write(BRAND) as scope:
            links.add(scope, "fragment22", "https://blog.example/a#top", NOW + timedelta(seconds=1))
        served.made.load()
        location = served.client.get("/fragment22", headers={"User-Agent": BROWSER}).headers["location"]
        assert location.startswith("https://blog.example/a?cpid=")
        assert location.endswith("#top")


def test_a_salt_of_yesterday_is_wiped_by_the_server_itself(served: Served) -> None:
    served.view()
    assert [path.name for path in (served.folder / "salts").iterdir()] == ["2026-03-02.salt"]
    served.clock.at = datetime(2026, 3, 3, 0, 0, 1, tzinfo=UTC)
    served.made.load()
    assert list((served.folder / "salts").iterdir()) == []


@contextmanager
def blog(script: str) -> Iterator[str]:
    """A site of pages that include the script, on another origin than the server's."""

    async def page(_request: Request) -> Response:
        return HTMLResponse(f"<!doctype html><html><head><title>x</title>{script}</head><body>x</body></html>")

    app = Starlette(routes=[Route("/{path:path}", page)])
    with running(app) as origin:
        yield origin


@pytest.mark.chromium
def test_a_real_browser_on_another_origin(served: Served) -> None:
    """One reader who wanders about a site of several pages and a single-page part of it, and one who says no."""
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    origin = str(served.client.base_url).rstrip("/")
    person = BROWSER.replace("X11", "X11; Chromium")
    with blog(f'<script defer src="{origin}/v.js" data-site="atelier"></script>') as site, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            problems: list[str] = []
            context = browser.new_context(user_agent=person)
            page = context.new_page()
            page.on("console", lambda said: problems.append(said.text))
            page.on("requestfailed", lambda failed: problems.append(failed.url))

            def sends(act: Callable[[], object]) -> None:
                with page.expect_response(lambda answer: "/v/" in answer.url) as caught:
                    act()
                assert caught.value.status == 204

            first = f"{site}/one?utm_source=bluesky&utm_content={CODE}&mail=ana@a.example"
            sends(lambda: page.goto(first, referer="https://bsky.app/profile/x"))
            sends(lambda: page.goto(f"{site}/two"))
            sends(lambda: page.evaluate("history.pushState({}, '', '/three')"))
            sends(lambda: page.evaluate("history.back()"))
            page.evaluate("history.pushState({}, '', '/two?x=1')")  # the same page: nothing is sent
            assert context.cookies() == []
            assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
            context.close()
            refusing = browser.new_context(user_agent=person + " refuses")
            refusing.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
            quiet = refusing.new_page()
            asked: list[str] = []
            quiet.on("request", lambda request: asked.append(request.url))
            quiet.goto(f"{site}/quiet")
            quiet.wait_for_load_state("networkidle")
            assert not any("/v/" in url for url in asked)
            assert any("/v.js" in url for url in asked)
        finally:
            browser.close()
    (found,) = served.visits()
    assert (found.path, found.pages, found.code, found.source) == ("/one", 4, CODE, "bluesky")
    assert found.referrer == "bsky.app"
    assert (found.judgement, found.rule) == ("crawler", "webdriver"), "a program drives this browser, and it says so"
    assert [one for one in problems if "favicon" not in one] == []
