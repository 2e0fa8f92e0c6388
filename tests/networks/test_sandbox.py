"""Each adapter under its real SDK against the sandbox: what it publishes, finds, counts, and how it takes trouble."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing
from crosspost.domain.errors import Duplicate, NotSent, OutcomeUnknown, RateLimited, Rejected, Unauthorized
from crosspost.domain.ids import record_key
from crosspost.domain.kind import Kind
from crosspost.domain.post import ReadingStatus
from crosspost.domain.teaser import Attachment, Card, Teaser
from crosspost.networks import NETWORKS, adapter_of
from crosspost.networks import network as network_of
from crosspost.networks.network import Connection
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from tests.networks.kits import Adapter

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHA = hashlib.sha256(PIXEL).hexdigest()
SERIAL = count(1)
SILENT = ("linkedin", "pinterest")  # documents no header that tells when a limit ends


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@dataclass
class Presence:
    """An account in the sandbox, made for one test."""

    sandbox: Sandbox
    name: str
    handle: str
    remote_id: str
    server: str
    secrets: dict[str, str]
    settings: dict[str, str]

    def adapter(self, **changes: Any) -> Adapter:
        made: Any = adapter_of(self.name)(
            Connection(**{
                "server": self.server, "remote_id": self.remote_id, "handle": self.handle, "settings": self.settings,
                "secrets": {name: Secret(value) for name, value in self.secrets.items()}, "timeout_s": 1.0,
                "outbound": Outbound(private_origins=frozenset({self.server})), "now": lambda: datetime.now(UTC),
                "save": lambda name, value: self.secrets.__setitem__(name, value.reveal()), **changes,
            })
        )  # fmt: skip
        adapter: Adapter = made
        return adapter

    def fault(self, kind: str, **values: Any) -> None:
        self.sandbox.set_fault(kind, account=self.remote_id, **{"count": 1, **values})

    def posted(self) -> list[dict[str, Any]]:
        return self.sandbox.posted(account_id=self.remote_id)

    def delivery(self, *, card: bool = False, image: bool = False, text: str | None = None) -> Outgoing:
        """A delivery as this network takes it."""
        made = delivery(card=card, image=image or adapter_of(self.name).limits.needs_image, text=text)
        if self.name != "instagram":
            return made
        images = tuple(replace(one, media_type="image/jpeg") for one in made.teaser.images)
        return replace(made, teaser=replace(made.teaser, images=images))


def presence(sandbox: Sandbox, name: str, *, prefix: str = "", followers: int = 40, **behaviour: Any) -> Presence:
    handle = f"{prefix}jardin{next(SERIAL)}" + ".test" * (name == "bluesky")
    made = sandbox.add_account(name, handle, followers=followers, **behaviour)
    secrets = {key: value for key, value in made["secrets"].items() if key in adapter_of(name).secrets}
    if name == "x":
        secrets.pop("bearer", None)
    there = Presence(sandbox, name, made["handle"], made["id"], sandbox.origin, secrets, {})
    there.settings = {**there.adapter().verify().settings, "media_base": "https://media.example"}
    return there


@pytest.fixture(params=[name for name in NETWORKS if network_of(name).kind is Kind.CONNECTOR])
def there(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Presence]:
    yield presence(sandbox, request.param)
    sandbox.clear_faults()


@pytest.fixture
def on(sandbox: Sandbox) -> Iterator[Any]:
    yield lambda name, **behaviour: presence(sandbox, name, **behaviour)
    sandbox.clear_faults()


def delivery(*, card: bool = False, image: bool = False, text: str | None = None) -> Outgoing:
    serial = next(SERIAL)
    code, now = f"Qm2x{serial:05d}", datetime.now(UTC)
    link = f"https://go.example/{code}"
    images = (Attachment(SHA, "image/png", "Un jardin d’automne", 1, 1),) if image or card else ()
    made = Card(link, "Trois idées", "Pour l’été", SHA) if card else None
    words = text or f"L’été « indien » 🍂 : trois idées n° {serial}. {link} #Jardin"
    return Outgoing(
        delivery_id=f"d{serial}", revision=1, code=code, key=f"d{serial}-9f",
        record_key=record_key(now, f"d{serial}", 1), teaser=Teaser(words, link, "fr", card=made, images=images),
        created_at=now, attachments={SHA: PIXEL},
    )  # fmt: skip


def since() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=5)


@pytest.mark.parametrize("kind", ["plain", "card", "image"])
def test_publishes_finds_lists_and_counts(there: Presence, kind: str) -> None:
    adapter, sent, begun = there.adapter(), there.delivery(card=kind == "card", image=kind == "image"), since()
    assert adapter.probe(sent, begun).found is Found.ABSENT
    post = adapter.publish(sent, print)
    (entry,) = there.posted()
    assert (entry["text"], entry["id"]) == (sent.teaser.text, post.remote_id)
    assert post.url
    seen = adapter.probe(sent, begun)
    assert (seen.found, seen.remote_id) == (Found.PRESENT, post.remote_id)
    listing = adapter.posts(begun)
    assert [one.remote_id for one in listing.posts] == [post.remote_id]
    assert sent.teaser.link in listing.posts[0].links
    assert listing.reaches_back_to is not None
    now = datetime.now(UTC)
    of_post = {one.metric: one for one in adapter.read_post(post, now)}
    assert of_post["likes"].value == 0 or there.name in ("facebook", "linkedin")  # these leave out what nobody saw
    assert all(one.value is not None or one.reason for one in of_post.values())
    of_account = {one.metric: one for one in adapter.read_account(now)}
    assert of_account["followers"].value == 40


def test_verify_tells_whose_token_it_is(there: Presence) -> None:
    profile = there.adapter().verify()
    assert profile.remote_id == there.remote_id
    assert there.handle in profile.handle


LOST = ["reset_after", "hang_after", "error_after", "empty_body", "truncated_body"]


@pytest.mark.parametrize("kind", LOST)
def test_done_and_the_answer_lost(there: Presence, kind: str) -> None:
    adapter, sent, begun = there.adapter(), there.delivery(), since()
    there.fault(kind, seconds=3, bytes=9)
    with pytest.raises(OutcomeUnknown):
        adapter.publish(sent, print)
    assert adapter.probe(sent, begun).found is Found.PRESENT
    if adapter.delivery_class("text") in (DeliveryClass.KEY, DeliveryClass.RECORD):
        adapter.publish(sent, print)
    if adapter.delivery_class("text") is DeliveryClass.NAMES_TWIN:
        with pytest.raises(Duplicate) as caught:
            adapter.publish(sent, print)
        assert caught.value.remote_id == there.posted()[0]["id"]
    assert len(there.posted()) == 1


@pytest.mark.parametrize("kind", ["reset_before", "hang_before", "error_before", "reset_reading"])
def test_not_done_and_no_answer_either(there: Presence, kind: str) -> None:
    adapter, sent, begun = there.adapter(), there.delivery(), since()
    there.fault(kind, seconds=3)
    with pytest.raises(OutcomeUnknown):
        adapter.publish(sent, print)
    assert adapter.probe(sent, begun).found is Found.ABSENT
    assert there.posted() == []


@pytest.mark.parametrize("form", ["own", "seconds", "date", "none"])
def test_throttled(there: Presence, form: str) -> None:
    there.fault("rate_limited", form=form, seconds=600)
    with pytest.raises(RateLimited) as caught:
        there.adapter().publish(there.delivery(), print)
    tells = form != "none" and (form != "own" or there.name not in SILENT)
    assert (caught.value.until is None) == (not tells)
    if caught.value.until:
        assert timedelta(0) < caught.value.until - datetime.now(UTC) <= timedelta(minutes=20)
    assert there.posted() == []


def test_revoked_tokens(there: Presence) -> None:
    adapter = there.adapter()
    there.sandbox.set_tokens(there.remote_id, "revoke")
    for act in (lambda: adapter.publish(there.delivery(), print), adapter.verify):
        with pytest.raises(Unauthorized):
            act()
    assert there.posted() == []


def test_bluesky_an_expired_session_is_refreshed_on_the_way(on: Any) -> None:
    there = on("bluesky")
    before = there.secrets["access_jwt"]
    there.fault("token_expired")
    there.adapter().publish(there.delivery(), print)
    assert there.secrets["access_jwt"] != before
    assert len(there.posted()) == 1


def test_a_repeat_is_told_as_such(on: Any) -> None:
    for name, expected in (("x", Duplicate), ("facebook", Duplicate), ("linkedin", Duplicate), ("bluesky", Rejected)):
        there = on(name)
        there.fault("duplicate_answer")
        with pytest.raises(expected):
            there.adapter().publish(there.delivery(), print)


def test_the_same_text_twice_is_a_duplicate(on: Any) -> None:
    for name in ("x", "facebook", "linkedin"):
        there, sent = on(name), delivery()
        there.adapter().publish(sent, print)
        with pytest.raises(Duplicate):
            there.adapter().publish(sent, print)
        assert len(there.posted()) == 1


def test_mastodon_key_is_trusted_where_it_is_honoured(on: Any) -> None:
    assert on("mastodon").adapter().delivery_class("text") is DeliveryClass.KEY


def test_too_long(on: Any) -> None:
    for name in ("x", "mastodon", "bluesky", "threads"):
        there = on(name)
        with pytest.raises(Rejected):
            there.adapter().publish(there.delivery(text="é" * 600), print)
        assert there.posted() == []


def test_a_short_page_is_followed_to_the_post(on: Any) -> None:
    for name in ("x", "facebook", "mastodon", "instagram", "threads", "linkedin", "pinterest"):
        there, begun = on(name), since()
        sent = there.delivery()
        for outgoing in (sent, there.delivery(), there.delivery()):
            there.adapter().publish(outgoing, print)
        there.fault("short_list", rows=1, count=None)
        assert there.adapter().probe(sent, begun).found is Found.PRESENT


def test_an_image_in_work_is_taken_up_again(on: Any) -> None:
    for name in ("x", "mastodon", "instagram", "threads", "linkedin"):
        there = on(name, media_polls=2)
        sent = there.delivery(image=True)
        handles: list[str] = []
        for _ in range(6):
            try:
                there.adapter().publish(replace(sent, handle=handles[-1] if handles else None), handles.append)
                break
            except NotSent:
                continue
        assert len(there.posted()) == 1
        assert len(set(handles)) == 1, "uploaded once"


def test_x_answers_in_the_old_words_too(on: Any) -> None:
    there, sent = on("x", vocabulary="old"), delivery()
    post = there.adapter().publish(sent, print)
    values = {one.metric: one for one in there.adapter().read_post(post, datetime.now(UTC))}
    assert values["reposts"].provider_name == "retweet_count"
    assert values["link_clicks"].status is ReadingStatus.VALUE
    account = {one.metric: one for one in there.adapter().read_account(datetime.now(UTC))}
    assert (account["posts"].provider_name, account["posts"].value) == ("tweet_count", 1)


def test_facebook_metrics_have_values_once_somebody_looked(on: Any) -> None:
    there = on("facebook")
    post = there.adapter().publish(there.delivery(), print)
    values = {one.metric: one for one in there.adapter().read_post(post, datetime.now(UTC))}
    assert values["impressions"].provider_name == "post_media_view"
    assert values["impressions"].provider_version == "v26.0"
