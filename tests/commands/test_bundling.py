"""What a network's rules may have deleted never enters a bundle: it is held by reference."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crosspost.audit.ledger import Ledger
from crosspost.audit.run import audit
from crosspost.commands.bundling import bundle_of
from crosspost.commands.choices import Choices
from crosspost.commands.ledger import gather
from crosspost.commands.purge import purge
from crosspost.commands.verify import verify
from crosspost.domain.telling import Rules
from tests.commands.at_sandbox import BRAND, AtSandbox
from tests.commands.test_purge import CANARY, NUMBER, page, put

NOW = datetime.now(UTC)
# What a ledger's fields are, for whoever adds one: a field that may hold what must go is gathered with `lasting`.
LASTING = {
    "brand", "period", "leads", "clicks", "visits", "effort", "sandbox", "closed", "placebo", "counting",
    "locks", "experiments", "hit_days", "click_hours", "early", "visit_days", "visit_months",
    "reacted", "reacted_reason", "rate_minor", "links", "coverage", "visit_spans", "interruptions",
}  # fmt: skip
READ_FROM_NETWORKS = {"posts", "followers"}


def bundled(here: AtSandbox, folder: Path) -> tuple[Path, dict[str, bytes], Ledger]:
    whole = gather(here.store, here.brand, NOW)
    found = audit(whole, made_at=NOW)
    path = bundle_of(here.store, here.brand, whole, found, folder, choices=Choices(), told=Rules())
    with zipfile.ZipFile(path) as archive:
        return path, {name: archive.read(name) for name in archive.namelist()}, whole


def holds(members: dict[str, bytes], number: float) -> list[str]:
    marks = [str(int(number)).encode(), CANARY.encode()]
    return [name for name, content in members.items() if any(mark in content for mark in marks)]


def test_what_an_api_told_under_rules_is_held_by_reference(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    path, inside, whole = bundled(here, tmp_path)
    assert not holds(inside, NUMBER)
    held = {one["what"]: one for one in json.loads(inside["inputs.json"])["held"]}
    assert {what: (one["network"], one["rows"]) for what, one in held.items()} == {
        "posts": ("linkedin", 1),
        "followers": ("linkedin", 1),
    }
    assert held["posts"]["where"] == f"readings in the store of {here.brand.slug}"
    assert held["posts"]["sha256"] != hashlib.sha256(b"").hexdigest()
    assert whole.posts[0].metrics["impressions"] == NUMBER, "the audit itself has it"
    assert b"held by reference" in inside["ledger.json"]
    done = verify(path)
    assert done.verified
    assert len(done.held) == 2


def test_a_purge_changes_no_byte_of_a_bundle(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    path, inside, _ = bundled(here, tmp_path)
    before = path.read_bytes()
    purge(here.store, NOW + timedelta(days=400))
    assert path.read_bytes() == before
    assert verify(path).verified


def test_what_people_brought_themselves_is_in_it(here: AtSandbox, tmp_path: Path) -> None:
    put(here, here.account("linkedin"), NOW, origin="export")
    _, inside, _ = bundled(here, tmp_path)
    assert "ledger.json" in holds(inside, NUMBER)
    assert json.loads(inside["inputs.json"])["held"] == []


def test_a_network_without_rules_is_in_it_and_a_deleted_post_on_x_would_not_be(here: AtSandbox, tmp_path: Path) -> None:
    for network in ("mastodon", "x"):
        account = here.account(network)
        put(here, account, NOW, remote=f"of-{network}")
    _, inside, _ = bundled(here, tmp_path)
    posts: Any = {one["network"]: one["metrics"] for one in json.loads(inside["ledger.json"])["posts"]}
    assert posts["mastodon"] == {"impressions": NUMBER} or NUMBER in posts["mastodon"].values()
    assert NUMBER not in posts["x"].values()


def test_each_field_of_a_ledger_was_looked_at_for_what_must_go() -> None:
    assert {one.name for one in fields(Ledger)} <= LASTING | READ_FROM_NETWORKS


def test_a_brand_counts_its_own_rows_alone(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    _, inside, _ = bundled(here, tmp_path)
    assert json.loads(inside["inputs.json"])["stored"]["reading"] == 2
    assert BRAND not in json.loads(inside["audit.json"])
