"""What a delivery holds beside its text arrives on every network that takes it: descriptions, parents, choices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from crosspost.networks import connectors
from crosspost.sandbox.running import Sandbox
from crosspost.sandbox.state import SandboxPost
from tests.networks.acts import published
from tests.networks.test_sandbox import Presence, presence


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture(params=connectors())
def there(request: pytest.FixtureRequest, sandbox: Sandbox) -> Presence:
    return presence(sandbox, request.param)


def standing(there: Presence) -> list[SandboxPost]:
    """The account's posts as they really are."""
    assert there.sandbox.state is not None
    return [one for one in there.sandbox.state.posts if one.account_id == there.remote_id]


def test_the_description_of_an_image(there: Presence) -> None:
    sent = there.delivery(image=True)
    published(there.adapter(), sent)
    (post,) = standing(there)
    assert there.sandbox.state is not None
    told = post.data.get("alt") or [there.sandbox.state.media[one].alt for one in post.media]
    assert list(told) == [sent.teaser.images[0].alt]


def test_a_reply_hangs_under_its_parent_or_is_refused_unsent(there: Presence) -> None:
    parent = published(there.adapter(), there.delivery())
    assert parent is not None
    answer = published(there.adapter(), replace(there.delivery(), parent_remote_id=parent.remote_id))
    first, *replies = standing(there)
    assert first.id == parent.remote_id
    assert [one.parent_id for one in replies] == [parent.remote_id] * (answer is not None)
