"""One's own post is taken off every network that lets a program do so, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from crosspost.domain.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized
from crosspost.domain.post import Post
from crosspost.networks import NETWORKS, network
from crosspost.networks.network import Remover
from crosspost.sandbox.running import Sandbox
from tests.networks.test_sandbox import Presence, presence, since

REMOVERS = [name for name in NETWORKS if issubclass(network(name), Remover)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=11) as running:
        yield running


@pytest.fixture(params=REMOVERS)
def there(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Presence]:
    yield presence(sandbox, request.param, rate_limits=False)
    sandbox.clear_faults()


def remover(there: Presence) -> Remover:
    made = there.adapter()
    assert isinstance(made, Remover)
    return made


def test_a_post_is_gone_and_gone_again(there: Presence) -> None:
    begun = since()
    kept, post = there.adapter().publish(there.delivery(), print), there.adapter().publish(there.delivery(), print)
    for _ in range(2):
        remover(there).delete(post)
    assert [one.remote_id for one in there.adapter().posts(begun).posts] == [kept.remote_id]


@pytest.mark.parametrize("kind", ["reset_after", "error_after", "reset_before", "hang_before"])
def test_no_answer_is_no_success_and_may_be_repeated(there: Presence, kind: str) -> None:
    begun, post = since(), there.adapter().publish(there.delivery(), print)
    there.fault(kind, request="delete", seconds=3)
    with pytest.raises(OutcomeUnknown):
        remover(there).delete(post)
    remover(there).delete(post)
    assert there.adapter().posts(begun).posts == ()


def test_a_throttled_deletion_deletes_nothing(there: Presence) -> None:
    begun, post = since(), there.adapter().publish(there.delivery(), print)
    there.fault("rate_limited", request="delete", form="seconds", seconds=60)
    with pytest.raises(RateLimited):
        remover(there).delete(post)
    assert len(there.adapter().posts(begun).posts) == 1


def test_a_revoked_token_deletes_nothing(there: Presence) -> None:
    post = there.adapter().publish(there.delivery(), print)
    there.sandbox.set_tokens(there.remote_id, "revoke")
    with pytest.raises(Unauthorized):
        remover(there).delete(post)


def test_somebody_else_s_post_stays(there: Presence, sandbox: Sandbox) -> None:
    other = presence(sandbox, there.name, rate_limits=False)
    post = other.adapter().publish(other.delivery(), print)
    with suppress(Rejected, Unauthorized):  # some do not let on that it exists
        remover(there).delete(post)
    assert [one.remote_id for one in other.adapter().posts(datetime(2020, 1, 1, tzinfo=UTC)).posts] == [post.remote_id]


def test_an_address_that_names_no_record_is_refused_before_anything_is_sent(sandbox: Sandbox) -> None:
    with pytest.raises(Rejected, match="not the address of a record"):
        remover(presence(sandbox, "bluesky")).delete(Post("3k7", None))


@pytest.mark.parametrize("name", ["facebook", "instagram", "threads"])
def test_what_meta_calls_missing_and_shows_all_the_same_is_not_gone(sandbox: Sandbox, name: str) -> None:
    there = presence(sandbox, name, rate_limits=False)
    begun, post = since(), there.adapter().publish(there.delivery(), print)
    there.fault("refusal", request="delete", fixture="facebook/missing")
    with pytest.raises(Rejected):
        remover(there).delete(post)
    assert len(there.adapter().posts(begun).posts) == 1
    remover(there).delete(post)
    assert there.adapter().posts(begun).posts == ()
