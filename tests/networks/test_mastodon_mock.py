"""The Mastodon adapter against a server somebody else wrote, with a proxy in front that loses answers.

The server, mastodon_mock, is an imitation in Python that keeps what it is told; it honours idempotency keys, as
Mastodon does, and like every server that is not Mastodon itself it is not trusted to.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mastodon_mock.config import MastodonMockConfig, RateLimitConfig
from mastodon_mock.testing.server import MockServer

from crosspost.domain.delivery import Found, Outgoing
from crosspost.domain.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized
from crosspost.domain.post import Post
from crosspost.networks.mastodon import Mastodon
from crosspost.networks.network import Connection
from crosspost.outside.http import Outbound
from crosspost.secret import Secret
from tests.networks.canned import Fault, Reply, Request
from tests.networks.fault_proxy import FaultProxy
from tests.networks.kits import LINK, outgoing

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def is_publish(request: Request) -> bool:
    return request.method == "POST" and request.path == "/api/v1/statuses"


@contextmanager
def serving(config: MastodonMockConfig | None = None) -> Iterator[str]:
    with MockServer(config=config) as running:
        # Its database's set-up turns off every logger that is there already: tests that read logs would find none.
        for one in logging.root.manager.loggerDict.values():
            if isinstance(one, logging.Logger):
                one.disabled = False
        yield running.base_url


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with serving() as origin:
        yield origin


@pytest.fixture
def proxy(upstream: str) -> Iterator[FaultProxy]:
    with FaultProxy(upstream, is_publish) as running:
        yield running


def adapter(origin: str, token: str = "alice_token", **settings: str) -> Mastodon:
    def made(remote_id: str) -> Mastodon:
        return Mastodon(
            Connection(
                server=origin, remote_id=remote_id, handle="alice", secrets={"access_token": Secret(token)},
                settings=settings, outbound=Outbound(private_origins=frozenset({origin})), timeout_s=3.0,
                save=lambda name, value: None, now=lambda: datetime.now(UTC),
            )
        )  # fmt: skip

    return made(made("").verify().remote_id)


def delivery(name: str, **changes: Any) -> Outgoing:
    link = f"https://go.example/{name}x7Qm2xPz"
    return outgoing(
        text=f"« {name} » 🍂 {link} #Jardin", link=link, code=f"{name}x7Qm2xPz", key=f"{name}-9f", **changes
    )


def started() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=1)


def matching(mastodon: Mastodon, sent: Outgoing) -> list[Post]:
    since = datetime.now(UTC) - timedelta(hours=1)
    return [post for post in mastodon.posts(since).posts if sent.teaser.link in post.links]


def test_publishes_and_reads_back(proxy: FaultProxy) -> None:
    mastodon, sent, since = adapter(proxy.origin), delivery("premier"), started()
    post = mastodon.publish(sent, print)
    assert post.url
    (found,) = matching(mastodon, sent)
    assert found.remote_id == post.remote_id
    assert found.text is not None
    assert "« premier » 🍂" in found.text
    seen = mastodon.probe(sent, since)
    assert (seen.found, seen.remote_id) == (Found.PRESENT, post.remote_id)


LOSSES: dict[str, Fault | Reply] = {fault.name.lower(): fault for fault in Fault} | {"504": Reply(b"<html>", 504)}


@pytest.mark.parametrize("loss", LOSSES)
def test_posted_and_the_answer_lost(proxy: FaultProxy, loss: str) -> None:
    mastodon, since, sent = adapter(proxy.origin, key_honoured="yes"), started(), delivery(f"perdu-{loss}")
    proxy.faults = [LOSSES[loss]]
    with pytest.raises(OutcomeUnknown):
        mastodon.publish(sent, print)
    seen = mastodon.probe(sent, since)
    assert seen.found is Found.PRESENT
    again = mastodon.publish(sent, print)
    assert again.remote_id == seen.remote_id, "the same key gives the same status"
    assert len(matching(mastodon, sent)) == 1


def test_a_server_that_ignores_the_key_is_read_before_any_repeat(upstream: str) -> None:
    with FaultProxy(upstream, is_publish, without=frozenset({"idempotency-key"})) as proxy:
        mastodon, sent, since = adapter(proxy.origin), delivery("ignore"), started()
        proxy.faults = [Fault.CLOSE]
        with pytest.raises(OutcomeUnknown):
            mastodon.publish(sent, print)
        assert mastodon.probe(sent, since).found is Found.PRESENT
        mastodon.publish(sent, print)
        assert len(matching(mastodon, sent)) == 2, "what a blind repeat would have done"


def test_what_was_never_sent_is_absent(proxy: FaultProxy) -> None:
    assert adapter(proxy.origin).probe(delivery("jamais"), started()).found is Found.ABSENT


def test_an_image_keeps_its_description(proxy: FaultProxy, upstream: str) -> None:
    mastodon, sent = adapter(proxy.origin), delivery("image", images=True)
    sent.attachments[sent.teaser.images[0].sha256] = PIXEL
    post = mastodon.publish(sent, print)
    answer = Outbound(private_origins=frozenset({upstream})).send(
        "GET", f"{upstream}/api/v1/statuses/{post.remote_id}", configured=True
    )
    (media,) = answer.json()["media_attachments"]
    assert media["description"] == "Un jardin d’automne"


def test_counts_what_a_reader_does(proxy: FaultProxy, upstream: str) -> None:
    mastodon, sent = adapter(proxy.origin), delivery("compte")
    post = mastodon.publish(sent, print)
    Outbound(private_origins=frozenset({upstream})).send(
        "POST", f"{upstream}/api/v1/statuses/{post.remote_id}/favourite",
        configured=True, headers={"Authorization": "Bearer bob_token"},
    )  # fmt: skip
    values = {one.metric: one.value for one in mastodon.read_post(post, datetime.now(UTC))}
    assert (values["likes"], values["reposts"], values["impressions"]) == (1, 0, None)
    account = {one.metric: one.value for one in mastodon.read_account(datetime.now(UTC))}
    assert account["posts"] is not None
    assert account["posts"] >= 1


def test_refusals(proxy: FaultProxy) -> None:
    with pytest.raises(Unauthorized):
        adapter(proxy.origin, token="nobody")
    with pytest.raises(Rejected):
        adapter(proxy.origin).publish(outgoing(text="é" * 900 + LINK), print)


def test_a_mock_is_not_taken_for_mastodon(proxy: FaultProxy) -> None:
    profile = adapter(proxy.origin).verify()
    assert profile.settings["key_honoured"] == "no"
    assert profile.settings["text_limit"] == "500"


def test_a_reply_hangs_under_its_parent(proxy: FaultProxy, upstream: str) -> None:
    mastodon, first = adapter(proxy.origin), delivery("fil")
    parent = mastodon.publish(first, print)
    answer = mastodon.publish(delivery("suite", parent_remote_id=parent.remote_id), print)
    context = Outbound(private_origins=frozenset({upstream})).send(
        "GET", f"{upstream}/api/v1/statuses/{parent.remote_id}/context", configured=True
    )
    assert [one["id"] for one in context.json()["descendants"]] == [answer.remote_id]
    assert {post.remote_id for post in mastodon.posts(started()).posts} >= {parent.remote_id, answer.remote_id}


def test_choices_of_the_owner_arrive(proxy: FaultProxy, upstream: str) -> None:
    sent = delivery("choix", extra={"visibility": "unlisted", "spoiler_text": "Jardin"})
    post = adapter(proxy.origin).publish(sent, print)
    answer = Outbound(private_origins=frozenset({upstream})).send(
        "GET", f"{upstream}/api/v1/statuses/{post.remote_id}", configured=True
    )
    shown = answer.json()
    assert (shown["visibility"], shown["spoiler_text"], shown["language"]) == ("unlisted", "Jardin", "fr")


def test_a_deleted_status_is_absent_and_has_no_numbers(proxy: FaultProxy, upstream: str) -> None:
    mastodon, sent, since = adapter(proxy.origin), delivery("efface"), started()
    post = mastodon.publish(sent, print)
    Outbound(private_origins=frozenset({upstream})).send(
        "DELETE", f"{upstream}/api/v1/statuses/{post.remote_id}",
        configured=True, headers={"Authorization": "Bearer alice_token"},
    )  # fmt: skip
    assert mastodon.probe(sent, since).found is Found.ABSENT
    assert {one.value for one in mastodon.read_post(post, datetime.now(UTC))} == {None}


def test_a_list_of_many_pages_reaches_back(proxy: FaultProxy) -> None:
    mastodon, since = adapter(proxy.origin, token="bob_token"), started()
    first = delivery("page")
    mastodon.publish(first, print)
    for number in range(40):  # a page holds 40
        mastodon.publish(delivery(f"suivant{number}"), print)
    assert mastodon.probe(first, since).found is Found.PRESENT
    assert len(mastodon.posts(since).posts) == 41


def test_its_own_limit_says_until_when() -> None:
    with serving(MastodonMockConfig(ratelimit=RateLimitConfig(enabled=True, limit=2))) as origin:
        mastodon = adapter(origin, token="mock_token")
        with pytest.raises(RateLimited) as caught:
            mastodon.publish(delivery("limite"), print)
    until = caught.value.until
    assert until is not None
    assert timedelta(0) < until - datetime.now(UTC) <= timedelta(minutes=5, seconds=1)
