"""Each documented error body, answered by the sandbox over HTTP, becomes the right failure in the real adapter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crosspost.domain.errors import (
    Duplicate,
    NetworkFailure,
    NoCredit,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.sandbox.errors import ERRORS
from crosspost.sandbox.errors_login import LOGIN
from crosspost.sandbox.running import Sandbox
from tests.networks.acts import published
from tests.networks.test_sandbox import Presence, presence

# What each error means when it is the answer to the publishing request; any other of its family is a refusal.
MEANS: dict[type[NetworkFailure], str] = {
    Unauthorized: """
        x/unauthorized x/app_only x/not_enrolled x/oauth1_permissions
        facebook/no_token facebook/malformed facebook/expired facebook/revoked facebook/invalid_token
        facebook/app_removed facebook/checkpoint facebook/role_lost facebook/permission facebook/publish_permission
        facebook/page_authorization facebook/limited facebook/identity
        mastodon/unauthorized mastodon/expired mastodon/revoked mastodon/scope mastodon/disabled
        bluesky/auth_missing bluesky/credentials bluesky/expired bluesky/token bluesky/takedown bluesky/factor
        instagram/spam instagram/permission instagram/restricted threads/spam threads/permission threads/restricted
        linkedin/unauthorized linkedin/revoked linkedin/expired linkedin/permission linkedin/version
        linkedin/version_400
        pinterest/unauthorized pinterest/spam pinterest/permission pinterest/board pinterest/section""",
    NoCredit: "x/credits",
    RateLimited: """
        x/rate_limited x/rate_limited_88 x/usage_capped
        facebook/rate_limited facebook/app_limit facebook/user_limit facebook/custom_limit facebook/page_limit
        facebook/too_fast mastodon/rate_limited bluesky/rate_limited instagram/rate_limited instagram/quota
        threads/rate_limited threads/quota linkedin/rate_limited pinterest/rate_limited""",
    Duplicate: "x/duplicate x/duplicate_187 facebook/duplicate facebook/posted_before linkedin/duplicate",
    NotSent: """
        mastodon/media_not_ready instagram/too_early instagram/expired_container threads/too_early
        threads/expired_container""",
    OutcomeUnknown: """
        x/field_unauthorized facebook/missing facebook/downtime bluesky/swap instagram/published_before
        threads/published_before instagram/fetch_timeout instagram/server instagram/creation instagram/upload""",
}
# Facebook's own publish has no container that could tell more: there a missing Page is a refusal.
_REFUSED = {"facebook/missing"}
EXPECTED = {name: kind for kind, names in MEANS.items() for name in names.split() if name not in _REFUSED}
# As the answer to a list: an app limit without an unclear publish behind it is a limit.
LISTING = {"facebook/downtime": RateLimited, "mastodon/media_not_ready": Unreachable}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def there(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Presence]:
    yield presence(sandbox, request.param)
    sandbox.clear_faults()


def pairs() -> Iterator[tuple[str, str]]:
    """Each error with the networks that say it: Instagram and Threads speak Facebook's words too."""
    for name in ERRORS:
        if name in LOGIN:
            continue  # said by the authorization servers alone
        network = name.partition("/")[0]
        yield network, name
        if network == "facebook" and name not in ("facebook/metric", "facebook/no_metric"):
            yield from (("instagram", name), ("threads", name))


every = pytest.mark.parametrize(("there", "name"), list(pairs()), indirect=["there"])


def expected(network: str, name: str) -> type[NetworkFailure]:
    if ERRORS[name].status >= 500:
        return OutcomeUnknown
    if name == "facebook/missing" and network != "facebook":
        return OutcomeUnknown
    return EXPECTED.get(name, Rejected)


@every
def test_a_refused_publish(there: Presence, name: str) -> None:
    there.fault("refusal", fixture=name, count=None)
    with pytest.raises(NetworkFailure) as caught:
        published(there.adapter(timeout_s=5.0), there.delivery())
    assert type(caught.value) is expected(there.name, name), caught.value.reason
    assert caught.value.reason
    assert caught.value.code
    assert "{" not in caught.value.reason, "a part of the body that was not filled in"
    assert there.posted() == []


@every
def test_a_refused_list(there: Presence, name: str) -> None:
    """A look that fails says why it may not, or that it was no look."""
    there.fault("refusal", fixture=name, request="list", count=None)
    adapter = there.adapter(timeout_s=5.0)
    with pytest.raises(NetworkFailure) as caught:
        adapter.posts(datetime.now(UTC))
    meant = expected(there.name, name)
    meant = LISTING.get(name, meant if meant in (Unauthorized, RateLimited, NoCredit) else Unreachable)
    if name in ("pinterest/board", "pinterest/section"):
        meant = Unreachable  # it is a publish that needs its board
    assert type(caught.value) is meant, caught.value.reason


def test_every_name_is_one_of_the_errors() -> None:
    assert set(EXPECTED) <= set(ERRORS)


def test_source_and_certainty_of_each() -> None:
    """`pytest -s -k source_and_certainty tests/networks/test_documented_errors.py` prints them."""
    print()
    for name, fixture in ERRORS.items():
        meaning = expected(name.partition("/")[0], name).__name__
        print(f"{name:32} {fixture.status} {fixture.certainty}  {meaning:14} {fixture.source}")
        assert fixture.source
        assert fixture.certainty in ("C", "L", "U")
