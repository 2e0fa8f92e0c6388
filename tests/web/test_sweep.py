"""The sweep finds nothing, and finds what is planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from crosspost.commands import apikeys as apikey_commands
from crosspost.domain.access import ApiKey, KeyScope, Role
from crosspost.store import apikeys, business, links
from crosspost.store.links import StoredLink
from crosspost.store.store import Scope
from crosspost.web.pages import frame
from tests.blank import BRAND, NOW, OTHER
from tests.web.furnished import Furnished, furnished
from tests.web.sweep import sweep


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """One for all: a sweep compares what it met with what it left."""
    with furnished(tmp_path_factory.mktemp("swept")) as made:
        yield made


def test_both_brands_have_something_of_everything(site: Furnished) -> None:
    """A canary nobody planted is never found."""
    for brand_id, things in ((BRAND, site.mine), (OTHER, site.theirs)):
        kinds = {row.split()[0] for row in site.rows(brand_id) if things.canary in row}
        assert {"link", "lead", "deal", "client", "effort", "touchpoint", "delivery", "api_key", "hit"} <= kinds
    assert site.mine.canary not in str(site.rows(OTHER))
    assert apikey_commands.recognised(site.store, site.store.brand("other"), site.mine.key.reveal(), NOW) is None


def test_no_route_gives_away_or_changes_what_is_another_brands(
    site: Furnished, capsys: pytest.CaptureFixture[str]
) -> None:
    found = sweep(site)
    with capsys.disabled():
        print(f" [{found.routes} routes, {found.requests} requests] ", end="")
    assert found.troubles == []
    assert found.routes > 40


def cursor(scope: Scope) -> Any:
    """Past SQLAlchemy, where this suite reads every statement."""
    connection = scope.connection.connection.dbapi_connection
    assert connection is not None
    return connection.cursor()


def unscoped_list(scope: Scope) -> list[StoredLink]:
    rows = cursor(scope).execute("SELECT code, target FROM link").fetchall()
    return [StoredLink(code, None, None, target, None, NOW) for code, target in rows]


def unscoped_revoke(scope: Scope, prefix: str, now: datetime) -> ApiKey:
    cursor(scope).execute("UPDATE api_key SET revoked_at = '2026-03-02 09:00:00' WHERE prefix = ?", (prefix,))
    return ApiKey("", "", prefix, KeyScope.READ, now, "", None, now)


def unscoped_leads(scope: Scope) -> list[business.StoredLead]:
    return stored_leads(scope) + stored_leads(Scope(scope.connection, OTHER))


def unscoped_key(scope: Scope, key_hash: str) -> ApiKey | None:
    found = cursor(scope).execute("SELECT id, name, prefix FROM api_key WHERE key_hash = ?", (key_hash,)).fetchone()
    if found is None:
        return None
    return ApiKey(found[0], found[1], found[2], KeyScope.WRITE, NOW, "", NOW.date().isoformat(), None)


stored_leads = business.leads


@pytest.mark.parametrize(
    ("place", "name", "planted", "only", "trouble"),
    [
        (
            links,
            "all_of",
            unscoped_list,
            "/links",
            "GET /brands/{brand}/links as owner for own: 200: the other\n"
            "GET /api/v1/brands/{brand}/links as key for own: 200: the other\n"
            "GET /brands/{brand}/links/{code} as reader for foreign id: 200",
        ),
        (apikeys, "revoke", unscoped_revoke, "/revoke", "rows of the other brand were changed"),
        (business, "leads", unscoped_leads, "/leads", "GET /brands/{brand}/leads/{id} as owner for foreign id: 200"),
        (apikeys, "live", unscoped_key, "/clicks", "GET /api/v1/brands/{brand}/clicks as key for foreign brand: 200"),
        (frame, "role_in", lambda *_: Role.READER, "/clicks", "GET /brands/{brand}/clicks as owner for foreign brand"),
    ],
    ids=["lists and one link", "a change", "leads", "keys", "roles"],
)
def test_the_sweep_fails_on_a_planted_hole(
    site: Furnished,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    planted: Callable[..., object],
    only: str,
    trouble: str,
) -> None:
    """Without it the same sweep finds nothing, as the one above shows."""
    monkeypatch.setattr(place, name, planted)
    found = sweep(site, only).troubles
    for line in trouble.splitlines():
        assert any(one.startswith(line) for one in found), line
