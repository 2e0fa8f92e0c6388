"""The webhook beyond leads and deals: what happens once is counted once, whoever sends it again and however often."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crosspost.commands.persons import erase_person
from crosspost.commands.webhook import EXAMPLES, example
from crosspost.domain.business import SOMEBODY, Referrer, Referring, Touchpoint
from crosspost.domain.money import Money
from crosspost.domain.person import person_hash
from crosspost.domain.stage import Reached, Stage
from crosspost.secret import Secret
from crosspost.store import business, deal_changes, efforts, removing
from crosspost.store.outcomes import Outcome
from crosspost.store.rows import mark
from crosspost.store.store import Store
from crosspost.store.tables import received
from crosspost.web.events import EVENT, record
from crosspost.web.signature import Check, check, sign
from tests.blank import BRAND, NOW, blank_store
from tests.web.conftest import CODE, SECRETS, Site
from tests.web.test_events import FIRST, LEAD, STAMP, post

AT = "2026-03-01T12:00:00Z"
DEAL = {"id": "D1", "type": "deal", "at": AT, "lead": "L1", "amount": "1000", "currency": "EUR", "margin": "700"}


def changes(site: Site) -> list[deal_changes.Change]:
    with site.store.read(BRAND) as scope:
        return deal_changes.changes(scope)


def test_a_lead_on_its_way(site: Site) -> None:
    sender = {"person": "bob@example.org"}
    assert post(site, LEAD | {"referrer": sender}).status_code == 201
    offer = {
        "id": "S2",
        "type": "stage",
        "at": AT,
        "lead": "L1",
        "stage": "offered",
        "amount": "1200",
        "currency": "EUR",
    }
    talk = {"id": "S1", "type": "stage", "at": "2026-03-01T10:00:00Z", "lead": "L1", "stage": "talking"}
    step = {"id": "T1", "type": "touchpoint", "at": "2026-02-20T10:00:00Z", "lead": "L1", "code": CODE}
    lost = {
        "id": "X1",
        "type": "lost",
        "at": "2026-03-02T08:00:00Z",
        "lead": "L1",
        "reason": "prix",
        "competitor": "eux",
    }
    for event in (offer, talk, step, lost):
        assert (post(site, event).status_code, post(site, event).status_code) == (201, 200), event
    with site.store.read(BRAND) as scope:
        found = business.named(scope, "L1")
    assert found.stage is Stage.LOST
    assert found.lead.stages == (
        Reached(Stage.TALKING, NOW - timedelta(hours=23)),
        Reached(Stage.OFFERED, NOW - timedelta(hours=21), Money(Decimal("1200.00"), "EUR")),
    )
    assert (found.lead.lost_reason, found.lead.competitor) == ("prix", "eux")
    assert found.lead.touchpoints == (Touchpoint("linkedin", NOW - timedelta(days=9, hours=23), code=CODE),)
    bob = person_hash("bob@example.org", f"key {BRAND}".encode())
    assert found.lead.referrer == Referrer(Referring.PERSON, bob)


def test_a_deal_and_what_becomes_of_it(site: Site) -> None:
    post(site, LEAD)
    assert post(site, DEAL).status_code == 201
    refund = {"id": "R1", "type": "refund", "at": AT, "deal": "D1", "amount": "100", "currency": "EUR"}
    changed = {"id": "C1", "type": "deal_changed", "at": AT, "deal": "D1", "amount": "2000", "currency": "EUR"}
    for event in (refund, changed, {**refund, "id": "R2"}):
        assert post(site, event).json()["status"] == "updated", event
    for event in (refund, changed, DEAL, refund):
        assert (post(site, event).status_code, post(site, event).json()["status"]) == (200, "known")
    with site.store.read(BRAND) as scope:
        [deal] = business.deals(scope)
    assert str(deal.deal.amount) == "1900.00 EUR"
    assert sorted(one.kind for one in changes(site)) == ["changed", "refund", "refund"]


def test_one_id_with_another_content_is_told_and_changes_nothing(site: Site) -> None:
    post(site, LEAD)
    post(site, DEAL)
    refund = {"id": "R1", "type": "refund", "at": AT, "deal": "D1", "amount": "100", "currency": "EUR"}
    assert post(site, refund).status_code == 200
    other = post(site, refund | {"amount": "900"})
    assert (other.status_code, other.json()["error"]) == (409, "differs")
    assert [str(one.amount) for one in changes(site)] == ["900.00 EUR"]


def test_hours_are_told_once_and_unknown_is_not_zero(site: Site) -> None:
    hours = {
        "id": "E1",
        "type": "effort",
        "at": AT,
        "channel": "linkedin",
        "start": "2026-02-23",
        "fees": "20",
        "currency": "EUR",
    }
    assert (post(site, hours).status_code, post(site, hours).status_code) == (201, 200)
    with site.store.read(BRAND) as scope:
        [found] = efforts.efforts(scope)
    assert (found.hours, str(found.fees), found.start) == (None, "20.00 EUR", date(2026, 2, 23))


@pytest.mark.parametrize(("event", "word"), [
    ({"type": "stage", "stage": "won"}, "stage"),
    ({"type": "stage", "stage": "talking", "amount": "5", "currency": "EUR"}, "offer"),
    ({"type": "stage", "stage": "offered", "amount": "5"}, "currency"),
    ({"type": "stage", "stage": "offered", "amount": "5", "currency": "EUR", "margin": "1"}, "margin"),
    ({"type": "touchpoint"}, "channel"),
    ({"type": "touchpoint", "code": "nobody2222"}, "nobody2222"), ({"type": "refund", "deal": "D9"}, "D9"),
    ({"type": "refund", "deal": "D1", "amount": "5", "currency": "USD"}, "EUR"),
    ({"type": "refund", "deal": "D1", "amount": "5000", "currency": "EUR"}, "refund"),
    ({"type": "deal_changed", "deal": "D1"}, "what is to change"),
    ({"type": "lead", "referrer": {"lead": "L9", "name": "Bob"}}, "one of"),
    ({"type": "lead", "referrer": {}}, "one of"),
    ({"type": "effort", "channel": "x", "start": "2026-02-23", "hours": "200"}, "hours"),
    ({"type": "effort", "channel": "x", "start": "2026-02-23", "fees": "2"}, "currency"),
])  # fmt: skip
def test_what_is_wrong_is_named_and_may_be_sent_right(site: Site, event: dict[str, Any], word: str) -> None:
    post(site, LEAD)
    post(site, DEAL)
    base = {"id": "W1", "at": AT} | ({"lead": "L1"} if event["type"] in ("stage", "touchpoint") else {})
    answer = post(site, base | event)
    assert answer.status_code == 422, answer.text
    assert word in answer.json()["message"]
    right = {"id": "W1", "type": event["type"], "at": AT, "lead": "L1", "stage": "talking"}
    if event["type"] == "stage":
        assert post(site, right).status_code == 201, "an event that was refused was not taken in"


def test_a_captured_event_cannot_bring_back_what_was_removed(site: Site) -> None:
    post(site, LEAD)
    with site.store.write(BRAND) as scope:
        removing.remove_lead(scope, "L1", NOW, who="ana", why="spam")
    assert (post(site, LEAD).status_code, post(site, LEAD).json()["status"]) == (200, "known")
    assert post(site, LEAD | {"id": "again", "lead": "L1"}).json()["status"] == "removed"
    with site.store.read(BRAND) as scope:
        assert business.leads(scope) == []


def test_a_captured_stage_cannot_undo_what_came_after_it(site: Site) -> None:
    post(site, LEAD)
    talk = {"id": "S1", "type": "stage", "at": "2026-03-02T08:30:00Z", "lead": "L1", "stage": "talking"}
    post(site, talk)
    post(site, {"id": "X1", "type": "lost", "at": "2026-03-02T08:45:00Z", "lead": "L1"})
    assert post(site, talk).json()["status"] == "known"
    with site.store.read(BRAND) as scope:
        assert business.named(scope, "L1").stage is Stage.LOST


def test_no_event_makes_an_erased_person_known_again(site: Site) -> None:
    asked = LEAD | {"person": "ana@example.org", "referrer": {"person": "bob@example.org"}}
    post(site, asked)
    mails = ("ana@example.org", "bob@example.org")
    erase_person(site.store, BRAND, NOW, Secret("key " + BRAND), mails=mails)
    assert post(site, asked | {"id": "more", "lead": "L1"}).status_code == 200
    post(site, asked | {"id": "L2"})
    with site.store.read(BRAND) as scope:
        found = [(one.lead.person, one.lead.referrer) for one in business.leads(scope)]
    assert found == [(None, Referrer(Referring.NAME, SOMEBODY))] * 2


def test_what_is_remembered_of_an_event_says_nothing_without_the_key(site: Site) -> None:
    event = EVENT.validate_python(LEAD | {"person": "ana@example.org"}, strict=False)
    assert post(site, LEAD | {"person": "ana@example.org"}).status_code == 201
    guessed = mark(event.model_dump_json())
    with site.store.read(BRAND) as scope:
        [row] = scope.connection.execute(select(received).where(received.c.brand_id == BRAND))
    assert guessed != row.content


# Signatures and replays by the hundred thousand, beside the network; a few hundred through it.


def test_a_hundred_thousand_altered_requests_are_refused() -> None:
    """Bits of the body, the stamp or the signature are flipped, cut, doubled or swapped with another request's."""
    rng = random.Random(5)
    body = b'{"id":"L1","type":"lead","at":"2026-03-01T10:00:00+01:00"}'
    other = sign(FIRST, STAMP, body.replace(b"L1", b"L2"))
    good = (str(STAMP), sign(FIRST, STAMP, body), body)
    live = SECRETS["atelier"]
    assert check(live, *good, NOW) is Check.GOOD
    tried = 0
    while tried < 100_000:
        parts = [good[0].encode(), good[1].encode(), good[2]]
        at = rng.randrange(3)
        way = rng.randrange(6)
        part = bytearray(parts[at])
        place = rng.randrange(len(part))
        if way == 0:
            part[place] ^= 1 << rng.randrange(8)
        elif way == 1:
            del part[place]
        elif way == 2:
            part.insert(place, rng.randrange(256))
        elif way == 3:
            part[place:place] = part[place : place + rng.randrange(1, 9)]
        elif way == 4:
            part = bytearray(rng.randbytes(len(part)))
        else:
            parts[1], part = other.encode(), part if at != 1 else bytearray(other.encode())
        parts[at] = bytes(part)
        if tuple(parts) == (good[0].encode(), good[1].encode(), good[2]):
            continue
        verdict = check(live, parts[0].decode("latin-1"), parts[1].decode("latin-1"), parts[2], NOW)
        assert verdict is Check.BAD, parts
        tried += 1


def test_hundreds_of_altered_requests_are_refused_over_http(site: Site) -> None:
    rng = random.Random(7)
    body = b'{"id":"L1","type":"lead","at":"2026-03-01T10:00:00+01:00"}'
    for _ in range(200):
        altered = bytearray(body)
        altered[rng.randrange(len(altered))] ^= 1 << rng.randrange(8)
        headers = {"X-Crosspost-Timestamp": str(STAMP), "X-Crosspost-Signature": sign(FIRST, STAMP, body)}
        assert site.client.post("/v1/brands/atelier/events", content=bytes(altered), headers=headers).status_code == 401
    with site.store.read(BRAND) as scope:
        assert business.leads(scope) == []


def test_ten_thousand_replays_count_once(tmp_path: Path) -> None:
    """Of each kind of event; what was captured is sent again in any order, and by any number of senders."""
    store: Store = blank_store(tmp_path)
    events = [
        LEAD, DEAL, {"id": "R1", "type": "refund", "at": AT, "deal": "D1", "amount": "1", "currency": "EUR"},
        {"id": "T1", "type": "touchpoint", "at": AT, "lead": "L1", "channel": "call"},
        {"id": "S1", "type": "stage", "at": AT, "lead": "L1", "stage": "talking"},
        {"id": "E1", "type": "effort", "at": AT, "channel": "x", "start": "2026-02-23", "hours": "1"},
    ]  # fmt: skip
    parsed = [EVENT.validate_python(event, strict=False) for event in events]
    with store.write(BRAND) as scope:
        for one in parsed:
            assert record(scope, one, NOW, None).outcome in (Outcome.RECORDED, Outcome.UPDATED)
    rng = random.Random(3)
    for _ in range(100):  # a hundred in a transaction: the disk is not what is tried here
        with store.write(BRAND) as scope:
            for _ in range(100):
                assert record(scope, rng.choice(parsed), NOW, None).outcome is Outcome.KNOWN
    with store.read(BRAND) as scope:
        found = business.named(scope, "L1")
        assert [str(one.amount) for one in deal_changes.changes(scope)] == ["999.00 EUR"]
        assert (len(found.lead.touchpoints), len(found.lead.stages), len(business.deals(scope))) == (1, 1, 1)
        assert [one.hours for one in efforts.efforts(scope)] == [Decimal(1)]
    store.database.close()


def test_hundreds_of_replays_count_once_over_http(site: Site) -> None:
    post(site, LEAD)
    post(site, DEAL)
    refund = {"id": "R1", "type": "refund", "at": AT, "deal": "D1", "amount": "100", "currency": "EUR"}
    post(site, refund)
    for _ in range(100):
        for event in (refund, DEAL, LEAD):
            assert post(site, event).json()["status"] == "known"
    assert [str(one.amount) for one in changes(site)] == ["900.00 EUR"]


@pytest.mark.parametrize("language", EXAMPLES)
def test_the_printed_examples_work_and_keep_the_secret_out_of_arguments(
    site: Site, tmp_path: Path, language: str
) -> None:
    command = {
        "python": [sys.executable], "php": ["php"], "javascript": ["node"], "curl": ["sh"],
    }[language]  # fmt: skip
    brand = site.store.brand("atelier")
    text = example(language, brand, "webhook.secret")
    assert FIRST.reveal() not in text
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    if language == "php" and "curl" not in subprocess.run(["php", "-m"], capture_output=True, text=True).stdout.split():
        pytest.skip("php has no curl extension")
    (tmp_path / "webhook.secret").write_text(FIRST.reveal() + "\n")
    script = tmp_path / ("send.mjs" if language == "javascript" else "send")
    script.write_text(text.replace("https://go.example.org", str(site.client.base_url).rstrip("/")))
    site.clock.at = datetime.now(UTC)
    done = subprocess.run([*command, str(script)], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "201" in done.stdout, done.stdout
    assert "2026-05-04" in text
    with site.store.read(BRAND) as scope:
        assert [one.lead.told_channel for one in business.leads(scope)] == ["referral"]


def test_a_secret_that_was_retired_signs_nothing() -> None:
    body = b"{}"
    old, new = Secret("old"), Secret("new")
    assert check([new, old], str(STAMP), sign(old, STAMP, body), body, NOW) is Check.GOOD
    assert check([new], str(STAMP), sign(old, STAMP, body), body, NOW) is Check.BAD
