from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from crosspost.cli.root import run
from crosspost.commands.fold import fold
from crosspost.domain.traffic import Hit
from crosspost.hitlog.reader import missed, read, segments
from crosspost.hitlog.writer import HitWriter
from crosspost.store import brands, links, traffic
from crosspost.web import redirect
from crosspost.web.app import build
from tests.blank import BRAND, NOW, OTHER, TARGET, FixedClock, blank_store
from tests.web.conftest import CODE, Site, running

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def logged(site: Site) -> list[Hit]:
    return [hit for path in segments(site.hits_dir) for _, hit in read(path).hits]


def test_a_visitor_is_sent_to_the_registered_target_and_the_hit_is_on_disk(site: Site) -> None:
    answer = site.client.get(
        f"/{CODE}?u=https://evil.example",
        headers={"User-Agent": AGENT, "Referer": "https://www.linkedin.com/", "Accept-Language": "fr-FR,fr;q=0.9"},
    )
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "set-cookie" not in answer.headers
    assert logged(site) == [Hit(NOW, CODE, "GET", "l.example", AGENT, "https://www.linkedin.com/", "", "fr-FR")]


def test_head_and_prefetch_are_answered_and_recorded_as_what_they_are(site: Site) -> None:
    head = site.client.head(f"/{CODE}")
    assert (head.status_code, head.headers["location"], head.content) == (302, TARGET, b"")
    site.client.get(f"/{CODE}", headers={"Sec-Purpose": "prefetch;prerender", "X-Purpose": "preview"})
    assert [(hit.method, hit.purpose) for hit in logged(site)] == [
        ("HEAD", ""),
        ("GET", "sec-purpose: prefetch;prerender, x-purpose: preview"),
    ]


def test_unknown_and_disabled_codes_cannot_be_told_apart(site: Site) -> None:
    unknown, disabled = site.client.get("/nobodys222"), site.client.get("/disabled22")
    assert unknown.status_code == disabled.status_code == 404
    for answer in (unknown, disabled):
        del answer.headers["date"]
    assert (unknown.content, unknown.headers) == (disabled.content, disabled.headers)
    assert "location" not in unknown.headers
    assert [hit.code for hit in logged(site)] == ["nobodys222", "disabled22"]


def test_other_methods_are_refused_and_kept(site: Site) -> None:
    answer = site.client.post(f"/{CODE}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert [hit.method for hit in logged(site)] == ["POST"]


def test_capitals_are_forgiven(site: Site) -> None:
    assert site.client.get(f"/{CODE.upper()}").headers["location"] == TARGET
    assert logged(site)[0].code == CODE


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "/https://evil.example", "/%2F%2Fevil.example", "/k7m2p9qrst/..", "/\\evil.example",
        "/@evil.example", "/%0d%0aLocation:%20https://evil.example", f"/{CODE}%0d%0aSet-Cookie:a=1", "/" + "a" * 65,
    ],
)  # fmt: skip
def test_nothing_in_the_address_becomes_a_target(untouched: Site, path: str) -> None:
    answer = untouched.client.get(path)
    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers


def test_the_address_of_the_visitor_is_nowhere_on_disk(site: Site, tmp_path: Path) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "Via", "Cookie"):
        site.client.get(f"/{CODE}", headers={header: "203.0.113.77", "User-Agent": AGENT})
    assert len(logged(site)) == 6
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"203.0.113.77" not in content
            assert b"127.0.0.1" not in content, "the peer as the server saw it"


def test_a_new_link_works_at_once_and_a_disabled_one_stops(site: Site) -> None:
    with site.store.write(BRAND) as scope:
        links.add(scope, "brandnew22", "https://blog.example/é", NOW)
    assert site.client.get("/brandnew22").headers["location"] == "https://blog.example/%C3%A9"
    with site.store.write(BRAND) as scope:
        links.disable(scope, "brandnew22", NOW)
    deadline = time.monotonic() + 10
    while site.client.get("/brandnew22").status_code == 302 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert site.client.get("/brandnew22").status_code == 404


def test_a_target_that_is_none_is_never_given_out(site: Site) -> None:
    from sqlalchemy import insert

    from crosspost.store.tables import link

    with site.store.write(BRAND) as scope:
        scope.connection.execute(
            insert(link).values(code="crlf222222", brand_id=BRAND, target="https://a.example/\r\nX: 1", created_at=NOW)
        )
    assert site.client.get("/crlf222222").status_code == 404


def test_real_server_answers_while_the_database_is_locked(tmp_path: Path) -> None:
    store = blank_store(tmp_path)
    with store.write(BRAND) as scope:
        links.add(scope, CODE, TARGET, NOW)
    clock, hits_dir = FixedClock(), tmp_path / "hits"
    writer = HitWriter(hits_dir, clock.now, wait_s=30)
    with running(build(store, clock, writer, hits_dir, lambda _: [])) as origin:
        lock = sqlite3.connect(tmp_path / "crosspost.db", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        try:
            with httpx.Client(base_url=origin, trust_env=False) as client:
                time.sleep(redirect.REFRESH_S + 0.2)  # the poll is held up by now
                begun = time.monotonic()
                for _ in range(50):
                    assert client.get(f"/{CODE}").headers["location"] == TARGET
                assert time.monotonic() - begun < 5
                begun = time.monotonic()
                assert client.get("/nobodys222").status_code == 404
                assert time.monotonic() - begun < 3
                assert client.get("/health").json()["problems"] == ["the database does not answer"]
        finally:
            lock.execute("ROLLBACK")
            lock.close()
    assert sum(len(read(path).hits) for path in segments(hits_dir)) == 51
    assert missed(hits_dir) == 0


def test_a_brands_domain_answers_its_own_links_alone_and_a_host_of_nobodys_answers_all(site: Site) -> None:
    with site.store.write(OTHER) as scope:
        links.add(scope, "theirs2222", "https://other.example/", NOW)
        brands.change(scope.connection, BRAND, public_url="https://go.atelier.example")
        brands.change(scope.connection, OTHER, public_url="https://go.other.example:8443")
    deadline = time.monotonic() + 10
    asked = {"Host": "go.other.example:8443"}
    while site.client.get(f"/{CODE}", headers=asked).status_code == 302 and time.monotonic() < deadline:
        time.sleep(0.1)

    def status(code: str, host: str) -> int:
        return site.client.get(f"/{code}", headers={"Host": host}).status_code

    own = {CODE: "go.atelier.example", "theirs2222": "go.other.example:8443"}
    for code, host in own.items():
        assert status(code, host) == status(code, host.upper()) == status(code, "localhost:8807") == 302
    assert status(CODE, "go.atelier.example:443") == status(CODE, "inner-proxy") == status(CODE, "192.0.2.7") == 302
    foreign = site.client.get("/theirs2222", headers={"Host": "Go.Atelier.example."})
    unknown = site.client.get("/nobodys222", headers={"Host": "go.atelier.example"})
    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content) == (404, unknown.content)
    assert status(CODE, "go.other.example:8443") == 404
    kept = len(logged(site))
    report = fold(site.store, site.hits_dir, NOW)
    assert report.hits + report.unknown == kept, "what answered nobody is kept as well"
    with site.store.read(OTHER) as scope:
        assert sum(one.hits for one in traffic.counts(scope)) == 3


def test_a_bio_page_is_shown_on_its_own_brands_domain_alone(site: Site) -> None:
    with site.store.write(BRAND) as scope:
        brands.change(scope.connection, BRAND, public_url="https://go.atelier.example")
        brands.change(scope.connection, OTHER, public_url="https://go.other.example")
    page = "/bio/atelier/linkedin/atelier"
    hosts = {"go.atelier.example": 200, "go.other.example": 404, "localhost": 200}
    assert {host: site.client.get(page, headers={"Host": host}).status_code for host in hosts} == hosts
    absent = site.client.get("/bio/nobody/linkedin/atelier").json()
    assert site.client.get(page, headers={"Host": "go.other.example"}).json() == absent


def test_ten_times_the_load_is_answered_while_the_database_is_locked(tmp_path: Path) -> None:
    store = blank_store(tmp_path)
    with store.write(BRAND) as scope:
        links.add(scope, CODE, TARGET, NOW)
    clock, hits_dir = FixedClock(), tmp_path / "hits"
    writer = HitWriter(hits_dir, clock.now, wait_s=30)
    with running(build(store, clock, writer, hits_dir, lambda _: [])) as origin:

        def visits(number: int) -> list[int]:
            with httpx.Client(base_url=origin, trust_env=False) as client:
                return [client.get(f"/{CODE}").status_code for _ in range(number)]

        assert visits(5) == [302] * 5
        lock = sqlite3.connect(tmp_path / "crosspost.db", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        try:
            with ThreadPoolExecutor(10) as crowd:
                assert sum(crowd.map(visits, [25] * 10), []) == [302] * 250
        finally:
            lock.execute("ROLLBACK")
            lock.close()
    assert sum(len(read(path).hits) for path in segments(hits_dir)) == 255
    assert missed(hits_dir) == 0


def test_on_a_full_disk_the_visitor_goes_on_and_the_miss_is_counted_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = blank_store(tmp_path)
    with store.write(BRAND) as scope:
        links.add(scope, CODE, TARGET, NOW)
    clock, hits_dir = FixedClock(), tmp_path / "hits"

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    writer = HitWriter(hits_dir, clock.now, wait_s=30, sync=full)
    with (
        running(build(store, clock, writer, hits_dir, lambda _: [])) as origin,
        httpx.Client(base_url=origin, trust_env=False) as client,
    ):
        assert [client.get(f"/{CODE}").headers["location"] for _ in range(3)] == [TARGET] * 3
        health = client.get("/health").json()
    assert health["missed"] == 3
    assert any("3 visitors were sent on" in problem for problem in health["problems"])
    store.database.close()
    from crosspost.store.migrate import upgrade

    (tmp_path / "crosspost.db").unlink()
    from crosspost.store.database import Database

    fresh = Database(f"sqlite:///{tmp_path / 'crosspost.db'}")
    upgrade(fresh)
    fresh.close()
    run(["--data-dir", str(tmp_path), "status"])
    assert "hits: 3 visitors were sent on without their hit on disk" in capsys.readouterr().out
