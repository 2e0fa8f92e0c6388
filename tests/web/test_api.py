"""The HTTP API: keys and their scopes, ids of the source's own, lists in parts, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from crosspost.commands.apikeys import add_key, recognised, revoke_key
from crosspost.domain.access import KeyScope
from crosspost.domain.errors import BadInput, NotFound
from crosspost.secret import Secret
from crosspost.store import apikeys, business, deliveries
from crosspost.store.database import Database
from crosspost.web.api.paging import Paging, part
from crosspost.web.audits import Audits
from tests.blank import BRAND, NOW, settled
from tests.store.conftest import database  # noqa: F401
from tests.web.furnished import Furnished, furnished

LEAD = {"id": "crm-7", "at": "2026-03-01T10:00:00+01:00", "channel": "referral", "told": "un ami"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """One for all: each test records what it looks at under names of its own."""
    with furnished(tmp_path_factory.mktemp("api")) as made:
        yield made


def test_a_key_is_shown_once_and_only_its_hash_is_kept(database: Database) -> None:  # noqa: F811
    store = settled(database)
    atelier, other = store.brand("atelier"), store.brand("other")
    made, key = add_key(store, atelier, NOW, "website", KeyScope.READ, who="test")
    with store.database.read() as connection:
        dump = str(connection.exec_driver_sql(f"SELECT * FROM api_key WHERE brand_id = '{BRAND}'").all())
    assert key.reveal() not in dump
    assert key.reveal().startswith(made.prefix)
    found = recognised(store, atelier, key.reveal(), NOW)
    assert found is not None
    assert found.scope is KeyScope.READ
    assert recognised(store, other, key.reveal(), NOW) is None
    assert [recognised(store, atelier, one, NOW) for one in ("", key.reveal()[:-1], made.prefix, "\udcff")] == [
        None
    ] * 4
    with store.read(BRAND) as scope:
        assert apikeys.all_of(scope)[0].used_on == "2026-03-02"
    revoke_key(store, atelier, NOW, made.prefix, who="test")
    assert recognised(store, atelier, key.reveal(), NOW) is None
    with pytest.raises(NotFound):
        revoke_key(store, other, NOW, made.prefix, who="test")


def test_a_reading_key_reads_and_records_nothing(site: Furnished) -> None:
    before = site.rows(BRAND)
    assert site.call("GET", "/leads", site.mine.read_key).status_code == 200
    answer = site.call("POST", "/leads", site.mine.read_key, json=LEAD)
    assert (answer.status_code, answer.json()["error"]) == (403, "read_only")
    told = [row for row in site.rows(BRAND) if row not in before]
    assert all(row.startswith("api_key") for row in told), "the day of use, and nothing else"


@pytest.mark.parametrize("given", ["", "Bearer", "Basic eA==", "Bearer wrong", "Bearer é"])
def test_without_a_right_key_nothing_is_told(site: Furnished, given: str) -> None:
    answers = [
        site.client.get(f"/api/v1/brands/{slug}/links", headers=[(b"Authorization", given.encode("latin-1"))])
        for slug in ("atelier", "nobody")
    ]
    assert [one.status_code for one in answers] == [401, 401]
    assert answers[0].headers["www-authenticate"] == "Bearer"
    assert answers[0].text == answers[1].text, "whether a brand exists is not told"


def test_the_same_lead_many_times_at_once_is_one(site: Furnished) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: site.call("POST", "/leads", json=LEAD), range(24)))
    assert sorted(one.status_code for one in answers) == [200] * 23 + [201]
    assert len({one.json()["id"] for one in answers}) == 1
    other = site.call("POST", "/leads", json=LEAD | {"channel": "x"})
    assert (other.status_code, other.json()["error"]) == (409, "conflict")
    assert "channel" in other.json()["message"]


def test_from_a_lead_to_a_deal(site: Furnished) -> None:
    id_ = site.call("POST", "/leads", json=LEAD | {"id": "crm-8", "mail": "ana@example.org"}).json()["id"]
    touch = {"channel": "meetup", "at": "2026-02-01T19:00:00Z", "note": "présentation"}
    assert site.call("POST", f"/leads/{id_}/touchpoints", json=touch).status_code == 201
    offer = {"stage": "offered", "at": "2026-03-01T12:00:00Z", "amount": "1200.50"}
    assert site.call("POST", f"/leads/{id_}/stages", json=offer).status_code == 201
    deal = {"id": "D7", "lead": "crm-8", "amount": "1100.10", "currency": "EUR", "at": "2026-03-02T08:00:00Z"}
    assert site.call("POST", "/deals", json=deal).status_code == 201
    assert site.call("POST", "/deals", json=deal).json()["status"] == "known"
    lead = site.call("GET", f"/leads/{id_}").json()
    assert (lead["source"], lead["source_id"], lead["stage"]) == ("api", "crm-8", "won")
    assert lead["told_channel"] == "referral"
    assert lead["touchpoints"] == [touch]
    assert {"stage": "offered", "at": "2026-03-01T12:00:00Z", "amount": "1200.50", "currency": "EUR"} in lead["stages"]
    [sold] = [one for one in site.call("GET", "/deals").json()["items"] if one["source_id"] == "D7"]
    assert (sold["amount"], sold["margin"], sold["lead"]) == ("1100.10", None, "crm-8")
    with site.store.read(BRAND) as scope:
        assert "ana@example.org" not in str(business.leads(scope))


def test_what_is_not_known_is_null_and_not_zero(site: Furnished) -> None:
    effort = {"channel": "linkedin", "start": "2026-02-23", "fees": "20"}
    assert site.call("POST", "/efforts", json=effort).status_code == 201
    [found] = [one for one in site.call("GET", "/efforts").json()["items"] if one["channel"] == "linkedin"]
    assert (found["hours"], found["fees"], found["currency"]) == (None, "20.00", "EUR")


def test_links_are_added_with_and_without_a_slug_and_switched(site: Furnished) -> None:
    made = site.call("POST", "/links", json={"target": "https://blog.example/x"})
    assert (made.status_code, len(made.json()["code"])) == (201, 10)
    spring = site.call("POST", "/links", json={"target": "https://blog.example/x", "slug": "spring"}).json()
    assert spring["code"] == "spring"
    assert site.call("POST", "/links", json={"target": "https://b.example/", "slug": "spring"}).status_code == 409
    assert site.call("POST", "/links", json={"target": "https://b.example/", "slug": "sign-in"}).status_code == 422
    for bad in ("javascript:alert(1)", "https://a@b.example/", "//x", "", "https://x.example/\n"):
        assert site.call("POST", "/links", json={"target": bad}).status_code in (422, 201 if bad[-1:] == "\n" else 422)
    off = site.call("POST", "/links/spring/disable").json()
    assert off["disabled_at"] is not None
    assert site.call("POST", "/links/spring/disable").json() == off
    assert site.call("POST", "/links/spring/enable").json()["disabled_at"] is None
    with site.store.read(BRAND) as scope:
        who = scope.connection.exec_driver_sql(
            "SELECT who FROM event WHERE brand_id = ? AND subject_id = 'spring'", (BRAND,)
        ).scalars()
        assert set(who) == {f"API key {site.mine.key.reveal()[:12]}"}


def test_clicks_are_a_range(site: Furnished) -> None:
    [found] = site.call("GET", "/clicks").json()["items"]
    assert found == {"code": site.mine.code, "people": 1, "possibly": 1, "previews": 0, "crawlers": 0}


def test_the_audit_says_what_is_missing(site: Furnished) -> None:
    found = site.call("GET", "/audit").json()
    assert {one["verdict"] for one in found["findings"]} <= {
        "supported", "refuted", "inconclusive", "not enough data",
    }  # fmt: skip
    assert all((one["missing"] is None) == (one["verdict"] != "not enough data") for one in found["findings"])


def test_an_audit_that_takes_too_long_is_asked_for_again(site: Furnished) -> None:
    slow = Audits(site.store, wait_s=0.0)
    from crosspost.domain.errors import Unavailable

    with pytest.raises(Unavailable, match="still being computed"):
        slow.of(site.store.brand("atelier"), NOW)
    slow.close()


def test_a_list_comes_in_parts_and_each_item_once(site: Furnished) -> None:
    for number in range(7):
        at = "2026-03-01T09:00:00Z" if number % 2 else f"2026-03-01T09:00:0{number}Z"
        site.call("POST", "/leads", json={"id": f"n{number}", "at": at})
    whole = site.call("GET", "/leads").json()
    assert whole["next"] is None
    for limit in (1, 2, 3, 8, 9):
        items: list[Any] = []
        cursor = None
        while True:
            query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            got = site.call("GET", "/leads", params=query).json()
            items += got["items"]
            cursor = got["next"]
            if cursor is None:
                break
        assert items == whole["items"], limit
    for wrong in ("x", "W10", "!!!", "WyJhIiwieCJd"):
        assert site.call("GET", "/leads", params={"cursor": wrong}).status_code == 422


def test_a_cursor_neither_skips_nor_repeats_what_shares_a_key() -> None:
    items = ["a", "b", "b", "b", "c"]
    first, cursor = part(items, str, Paging(limit=2))
    second, more = part(items, str, Paging(limit=2, cursor=cursor))
    third, end = part([*items, "d"], str, Paging(limit=2, cursor=more))
    assert (first, second, third, end) == (["a", "b"], ["b", "b"], ["c", "d"], None)


@pytest.mark.parametrize(
    ("path", "message", "word"),
    [
        ("/leads", {"at": "2026-03-01T10:00:00"}, "at"), ("/leads", {"surprise": 1}, "surprise"),
        ("/leads", {"told": "a\u0000b"}, "told"), ("/leads", {"at": "2030-01-01T00:00:00Z"}, "not come yet"),
        ("/leads", [], "object"), ("/deals", {"amount": "-1"}, "amount"), ("/deals", {"amount": "1.005"}, "decimals"),
        ("/deals", {"amount": "1", "currency": "ZZZ"}, "ISO 4217"), ("/deals", {"amount": "NaN"}, "amount"),
        ("/deals", {"lead": "nobody"}, "nobody"), ("/clients", {}, "name"), ("/efforts", {"channel": "x"}, "start"),
        ("/efforts", {"channel": "x", "hours": 200, "start": "2026-02-23"}, "more than there are"),
        ("/efforts", {"channel": "x", "start": "0001-01-01"}, "1970"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(site: Furnished, path: str, message: Any, word: str) -> None:
    before = [row for row in site.rows(BRAND) if not row.startswith("api_key")]
    answer = site.call("POST", path, json=message)
    assert answer.status_code in (404, 422)
    assert set(answer.json()) <= {"error", "message", "remedy"}
    assert word in answer.json()["message"]
    assert [row for row in site.rows(BRAND) if not row.startswith("api_key")] == before


def test_odd_requests_are_refused(site: Furnished) -> None:
    assert site.call("POST", "/leads", content=b"{}").status_code == 415
    assert site.call("POST", "/leads", content=b"{" * 70_000).status_code == 413
    lone = site.call("POST", "/leads", content=b'{"id": "\\ud800"}', content_type="application/json")
    assert (lone.status_code, lone.json()["error"]) == (422, "invalid")
    assert site.call("GET", "/leads?limit=0").status_code == 422
    assert site.call("GET", "/leads?limit=1&limit=2").status_code == 422
    assert site.call("GET", "/audit?x=1").status_code == 422
    assert site.call("GET", "/leads/%00").status_code == 404
    assert site.call("DELETE", "/leads").headers["allow"]


def test_a_delivery_is_shown_with_its_attempts(site: Furnished) -> None:
    found = site.call("GET", f"/deliveries/{site.mine.delivery}").json()
    assert (found["delivery"]["state"], found["attempts"]) == ("draft", [])
    with site.store.write(BRAND) as scope:
        deliveries.approve(scope, site.mine.delivery, who="test", now=datetime(2026, 3, 2, 9, tzinfo=UTC))
    listed = site.call("GET", "/deliveries?state=scheduled").json()["items"]
    assert [one["id"] for one in listed] == [site.mine.delivery]
    assert site.call("GET", "/deliveries?state=draft").json() == {"items": [], "next": None}


@pytest.mark.parametrize("name", ["", " ", "a\x00", "x" * 101])
def test_a_key_needs_a_name(site: Furnished, name: str) -> None:
    with pytest.raises(BadInput):
        add_key(site.store, site.store.brand("atelier"), NOW, name, KeyScope.READ, who="test")


def test_a_secret_never_shows_in_what_is_printed(site: Furnished) -> None:
    assert site.mine.key.reveal() not in f"{site.mine!r} {site.mine.key}"
    assert isinstance(site.mine.key, Secret)
