from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from crosspost.domain.business import Touchpoint
from crosspost.domain.money import Money
from crosspost.domain.person import person_hash
from crosspost.hitlog.reader import segments
from crosspost.secret import Secret
from crosspost.store import business
from crosspost.web import signature
from crosspost.web.answers import MAX_BODY
from crosspost.web.signature import Check, check, sign
from tests.blank import BRAND, NOW, OTHER, TARGET
from tests.web.conftest import CODE, SECRETS, Site

FIRST, SECOND = SECRETS["atelier"]
STAMP = int(NOW.timestamp())
LEAD = {"id": "L1", "type": "lead", "at": "2026-03-01T10:00:00+01:00"}


def post(
    site: Site,
    message: dict[str, Any] | bytes,
    *,
    brand: str = "atelier",
    secret: Secret = FIRST,
    stamp: int = STAMP,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    signed = {"X-Crosspost-Timestamp": str(stamp), "X-Crosspost-Signature": sign(secret, stamp, body)}
    return site.client.post(f"/v1/brands/{brand}/events", content=body, headers=signed | (headers or {}))


def leads(site: Site, brand_id: str = BRAND) -> list[business.StoredLead]:
    with site.store.read(brand_id) as scope:
        return business.leads(scope)


def test_a_lead_with_everything_is_kept(site: Site) -> None:
    answer = post(
        site,
        LEAD
        | {
            "channel": "linkedin",
            "told": "bouche à oreille",
            "code": CODE,
            "person": "Ana@Example.org ",
            "touchpoints": [
                {"channel": "meetup", "at": "2026-02-01T19:00:00Z", "note": "présentation"},
                {"channel": "call"},
            ],
        },
    )
    assert (answer.status_code, answer.json()) == (201, {"status": "recorded", "id": "L1"})
    [found] = leads(site)
    lead = found.lead
    assert (lead.source, lead.source_id, lead.channel, lead.told, lead.told_channel) == (
        "endpoint", "L1", "linkedin", "bouche à oreille", "referral",
    )  # fmt: skip
    assert lead.contacted_at == NOW - timedelta(hours=24)
    assert lead.touchpoints == (
        Touchpoint("meetup", NOW - timedelta(days=28, hours=14), "présentation"),
        Touchpoint("call"),
    )
    assert lead.person == person_hash("ana@example.org", f"key {BRAND}".encode())
    assert found.network_of_code == "linkedin"
    assert leads(site, OTHER) == []


def test_lead_deal_and_return(site: Site) -> None:
    assert post(site, LEAD | {"person": "ana@example.org"}).status_code == 201
    sale = {
        "id": "D1",
        "type": "deal",
        "at": "2026-03-01T12:00:00Z",
        "lead": "L1",
        "amount": "1200.50",
        "currency": "EUR",
    }
    assert post(site, sale).status_code == 201
    later = {
        "id": "D2",
        "type": "deal",
        "at": "2026-03-02T08:00:00Z",
        "person": "ANA@example.org",
        "amount": 300,
        "currency": "EUR",
    }
    assert post(site, later).status_code == 201
    with site.store.read(BRAND) as scope:
        first, second = business.deals(scope)
        [client] = business.clients(scope)
    assert first.deal.amount == Money(Decimal("1200.50"), "EUR")
    assert (first.deal.returning, second.deal.returning) == (False, True)
    assert (first.client_id, second.client_id, client.deals) == (client.id, client.id, 2)
    assert first.deal.lead_source_id == "L1"


def test_lost(site: Site) -> None:
    post(site, LEAD)
    lost = {"id": "X1", "type": "lost", "at": "2026-03-02T08:00:00Z", "lead": "L1", "reason": "trop cher"}
    assert post(site, lost).status_code == 201
    assert post(site, lost).status_code == 200
    assert post(site, lost | {"reason": "sans réponse"}).status_code == 409
    assert leads(site)[0].lead.lost_reason == "trop cher"
    assert post(site, LEAD).status_code == 200, "the lead's own message again is no contradiction"


def test_replays_count_once_and_a_change_is_told(site: Site) -> None:
    assert post(site, LEAD).status_code == 201
    for _ in range(20):
        assert (post(site, LEAD).status_code, post(site, LEAD).json()["status"]) == (200, "known")
    more = post(site, LEAD | {"channel": "linkedin"})
    assert (more.status_code, more.json()["status"]) == (200, "updated")
    changed = post(site, LEAD | {"channel": "x"})
    assert (changed.status_code, changed.json()["error"]) == (409, "differs")
    assert "channel" in changed.json()["message"]
    assert [one.lead.channel for one in leads(site)] == ["linkedin"]


def test_the_same_event_many_times_at_once_counts_once(site: Site) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(site, LEAD).status_code, range(24)))
    assert sorted(answers) == [200] * 23 + [201]
    assert len(leads(site)) == 1


def test_both_live_secrets_are_accepted_and_no_other(site: Site) -> None:
    assert post(site, LEAD, secret=SECOND).status_code == 201
    assert post(site, LEAD | {"id": "L2"}, secret=FIRST).status_code == 201
    assert post(site, LEAD | {"id": "L3"}, secret=SECRETS["other"][0]).status_code == 401
    assert post(site, LEAD | {"id": "L3"}, secret=Secret("")).status_code == 401
    assert len(leads(site)) == 2


def test_unknown_brand_and_bad_signature_get_the_same_answer(site: Site) -> None:
    unknown = post(site, LEAD, brand="nobody")
    wrong = post(site, LEAD, secret=Secret("wrong"))
    missing = site.client.post("/v1/brands/atelier/events", content=b"{}")
    for answer in (unknown, wrong, missing):
        del answer.headers["date"]
        assert (answer.status_code, answer.content, answer.headers) == (401, unknown.content, unknown.headers)


@pytest.mark.parametrize(
    ("late_s", "status"), [(0, 201), (300, 201), (-300, 201), (301, 401), (-301, 401), (10**9, 401)]
)
def test_five_minutes_either_way_by_the_clock(site: Site, late_s: int, status: int) -> None:
    answer = post(site, LEAD, stamp=STAMP - late_s)
    assert answer.status_code == status
    assert len(leads(site)) == (status == 201)


def test_every_altered_byte_is_refused() -> None:
    body = json.dumps(LEAD | {"told": "été"}).encode()
    stamp, signature = str(STAMP), sign(FIRST, STAMP, body)
    assert check([FIRST, SECOND], stamp, signature, body, NOW) is Check.GOOD
    tried = 0
    for parts in range(3):
        whole = (stamp.encode(), signature.encode(), body)[parts]
        for position in range(len(whole)):
            for flip in (0x01, 0x20, 0x80):
                altered = bytearray(whole)
                altered[position] ^= flip
                given = [stamp.encode(), signature.encode(), body]
                given[parts] = bytes(altered)
                verdict = check([FIRST, SECOND], given[0].decode("latin-1"), given[1].decode("latin-1"), given[2], NOW)
                assert verdict is Check.BAD, (parts, position, flip)
                tried += 1
        for cut in (whole[:-1], whole + b"0", whole[1:], b""):
            given = [stamp.encode(), signature.encode(), body]
            given[parts] = cut
            assert check([FIRST], given[0].decode("latin-1"), given[1].decode(), given[2], NOW) is Check.BAD
    assert tried == 3 * (len(stamp) + len(signature) + len(body))


def test_no_secret_and_an_empty_one_open_nothing() -> None:
    nobody = signature._NOBODY
    assert check([], str(STAMP), sign(nobody, STAMP, b"{}"), b"{}", NOW) is Check.BAD
    assert check([Secret("")], str(STAMP), sign(Secret(""), STAMP, b"{}"), b"{}", NOW) is Check.BAD


@pytest.mark.parametrize("stamp", ["-1", "+5", "１７", "1e9", " 1", "", "9" * 13, "1_0"])
def test_strange_timestamps_are_refused_though_signed(stamp: str) -> None:
    made = signature._digest(FIRST, stamp.encode(), b"{}")
    assert check([FIRST], stamp, made, b"{}", NOW) is Check.BAD


def test_reordered_json_needs_its_own_signature(site: Site) -> None:
    body = json.dumps(LEAD).encode()
    other = json.dumps(dict(reversed(LEAD.items()))).encode()
    headers = {"X-Crosspost-Timestamp": str(STAMP), "X-Crosspost-Signature": sign(FIRST, STAMP, body)}
    assert site.client.post("/v1/brands/atelier/events", content=other, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (b"", "JSON"), (b"[]", "object"), (b"{", "JSON"), (b"\xff", "JSON"), (b'{"id":"\\ud800"}', "JSON"),
        ({"id": "a", "type": "lead"}, "at"), (LEAD | {"type": "sale"}, "type"), (LEAD | {"surprise": 1}, "surprise"),
        (LEAD | {"at": "2026-03-01T10:00:00"}, "at"), (LEAD | {"at": 1772000000}, "at"),
        (LEAD | {"at": "2026-03-02T09:05:01Z"}, "at"), (LEAD | {"id": ""}, "id"), (LEAD | {"id": "  "}, "id"),
        (LEAD | {"id": "x" * 201}, "id"), (LEAD | {"id": 7}, "id"), (LEAD | {"told": "a\u0000b"}, "told"),
        (LEAD | {"channel": "a\u202eb"}, "channel"), (LEAD | {"touchpoints": [{"at": None}]}, "touchpoints.0.channel"),
        (LEAD | {"touchpoints": [{"channel": "x"}] * 201}, "touchpoints"), (LEAD | {"amount": 5}, "amount"),
        (LEAD | {"type": "deal", "amount": "5"}, "currency"), (LEAD | {"type": "deal", "currency": "EUR"}, "amount"),
        (LEAD | {"type": "deal", "amount": "-1", "currency": "EUR"}, "amount"),
        (LEAD | {"type": "deal", "amount": "NaN", "currency": "EUR"}, "amount"),
        (LEAD | {"type": "deal", "amount": "1000000000000", "currency": "EUR"}, "amount"),
        (LEAD | {"type": "deal", "amount": "1.005", "currency": "EUR"}, "decimals"),
        (LEAD | {"type": "deal", "amount": "1.5", "currency": "JPY"}, "decimals"),
        (LEAD | {"type": "deal", "amount": "1", "currency": "eur"}, "currency"),
        (LEAD | {"type": "deal", "amount": "1", "currency": "ZZZ"}, "ISO 4217"),
        (LEAD | {"type": "deal", "amount": "1e5000", "currency": "EUR"}, "amount"),
        (LEAD | {"at": "0001-01-01T00:00:00+14:00"}, "1970"), (LEAD | {"at": "9999-12-31T23:59:59-10:00"}, "1970"),
        (LEAD | {"touchpoints": [{"channel": "x", "at": "0001-01-01T00:00:00Z"}]}, "1970"),
        (LEAD | {"touchpoints": [{"channel": "x", "at": "2062-01-01T00:00:00Z"}]}, "not come yet"),
        (LEAD | {"type": "deal", "returning": "yes"}, "returning"), (LEAD | {"type": "lost"}, "lead"),
        (LEAD | {"type": "deal", "lead": "nobody"}, "nobody"), (LEAD | {"type": "lost", "lead": "nobody"}, "nobody"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(
    untouched: Site, message: dict[str, Any] | bytes, word: str
) -> None:
    answer = post(untouched, message)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "message"}
    assert word in answer.json()["message"]
    assert leads(untouched) == []


def test_amounts_keep_their_cents(site: Site) -> None:
    for number, (amount, currency) in enumerate([("0.10", "EUR"), (0.1, "EUR"), ("12.345", "TND"), (19.99, "USD")]):
        message = LEAD | {"id": f"D{number}", "type": "deal", "amount": amount, "currency": currency}
        assert post(site, message).status_code == 201
    with site.store.read(BRAND) as scope:
        amounts = {one.deal.source_id: str(one.deal.amount) for one in business.deals(scope)}
    assert amounts == {"D0": "0.10 EUR", "D1": "0.10 EUR", "D2": "12.345 TND", "D3": "19.99 USD"}


def test_large_bodies_are_refused_before_they_are_read(site: Site) -> None:
    assert post(site, b"x" * (MAX_BODY + 1)).status_code == 413
    assert post(site, LEAD | {"told": "é" * 2000}).status_code == 201

    def drip() -> Any:
        for _ in range(MAX_BODY // 1024 + 1):
            yield b" " * 1024

    assert site.client.post("/v1/brands/atelier/events", content=drip()).status_code == 413


def test_other_methods_and_paths(site: Site) -> None:
    assert site.client.get("/v1/brands/atelier/events").json()["error"] == "method_not_allowed"
    assert site.client.get("/v1/nothing/here").json()["error"] == "not_found"


def test_answers_carry_security_headers(site: Site) -> None:
    for answer in (site.client.get("/health"), site.client.get("/a/b"), post(site, LEAD)):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert "server" not in answer.headers


def test_health_tells_missed_lag_and_the_last_tick(site: Site) -> None:
    from sqlalchemy import insert

    from crosspost.store.tables import installation

    first = site.client.get("/health").json()
    assert (first["status"], first["last_tick"], first["missed"], first["fold_lag_bytes"]) == ("attention", None, 0, 0)
    assert first["links"] == 1
    with site.store.database.write() as connection:
        connection.execute(insert(installation).values(name="heartbeat", value="tick", at=NOW))
    assert site.client.get("/health").json()["status"] == "ok"
    site.client.get(f"/{CODE}")
    [segment] = segments(site.hits_dir)
    assert site.client.get("/health").json()["fold_lag_bytes"] == segment.stat().st_size
    (site.hits_dir / "elsewhere.missed").write_bytes((3).to_bytes(8, "little"))
    site.clock.at = NOW + timedelta(minutes=3)
    late = site.client.get("/health").json()
    assert late["missed"] == 3
    assert len(late["problems"]) == 2
    page = site.client.get("/health", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<th>missed</th><td>3</td>" in page.text


def test_secrets_and_mails_are_not_in_logs_or_files(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    post(site, LEAD | {"person": "canary@example.org"})
    post(site, LEAD | {"person": "canary@example.org"}, secret=Secret("wrong canary secret"))
    post(site, b'{"id":"canary@example.org"')
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for canary in ("canary@example.org", FIRST.reveal(), "wrong canary secret"):
        assert canary not in caplog.text
        assert canary.encode() not in kept
    assert TARGET.encode() in kept, "the files were not read"
