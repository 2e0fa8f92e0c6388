"""Any text a user may type arrives on the sandbox as it was written, link included, or is refused before it is sent:
on every connector, bare, with a card, with an image, and as a reply."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosspost.commands.check import check
from crosspost.domain import littletext
from crosspost.domain.counting import fits
from crosspost.domain.delivery import Outgoing
from crosspost.networks import NETWORKS, connectors, network
from crosspost.networks.linkedin import LinkedIn
from crosspost.networks.network import Replier
from crosspost.sandbox.networks._linkedin_text import read
from crosspost.sandbox.running import Sandbox
from tests.networks.test_sandbox import Presence, delivery, presence

PIECES = st.one_of(
    st.sampled_from(
        [*"\\|{}@[]()<>#*_~ &;:,.!?/%«»\u00a0\u202f\n", "#Jardin", "#à_deux", "{hashtag|\\#|x}"]
        + ["\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "🇫🇷", "e\u0301", "日本語", "שלום", "\u200f"]
        + ["exemple.fr", "http://"]
        + ["https://a.example/x_(y)?b=~c"]
        + ["https://a.example/[b]*", "@[Ana](urn:li:person:1)", "HTTPS://A.example/#_"]
        + ["👍🏽", "1️⃣", "ﬁ", "Å", "한국어", "\u2066x\u2069"]
        + ["@ana", "@ana@m.example", "$TSLA", "»\u202f!", "—", "&amp;"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=25).map("".join)
KINDS = ("plain", "card", "image")


@given(TEXTS)
@settings(max_examples=1000, deadline=None)
def test_the_server_s_reading_of_the_escaped_text_is_the_text(text: str) -> None:
    little = littletext.escaped(text)
    assert read(little) == (text, little)
    assert littletext.plain(little) == text


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", connectors())
def test_any_text_is_stored_identically_or_refused_before_sending(sandbox: Sandbox, name: str, kind: str) -> None:
    there = presence(sandbox, name, rate_limits=False)

    @given(TEXTS)
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    def arrives(text: str) -> None:
        sent = there.delivery(card=kind == "card", image=kind == "image")
        stored_as_written(there, worded(sent, text))

    arrives()


@pytest.mark.parametrize("name", [one for one in NETWORKS if issubclass(network(one), Replier)])
def test_any_text_of_a_reply_too(sandbox: Sandbox, name: str) -> None:
    there = presence(sandbox, name, rate_limits=False)
    parent = there.adapter().publish(there.delivery(), print).remote_id

    @given(TEXTS)
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    def arrives(text: str) -> None:
        sent = worded(delivery(), text)
        stored_as_written(there, replace(sent, parent_remote_id=parent))

    arrives()


def worded(sent: Outgoing, text: str) -> Outgoing:
    return replace(sent, teaser=replace(sent.teaser, text=f"{text} {sent.teaser.link}"))


def stored_as_written(there: Presence, sent: Outgoing) -> None:
    """What the check lets through arrives; nothing else is sent."""
    whole = sent.teaser.text
    if check(there.name, whole, {}, reply=sent.parent_remote_id is not None).problems:
        return
    post = there.adapter().publish(sent, print)
    entry = there.posted()[-1]
    assert (entry["id"], entry["parent_id"]) == (post.remote_id, sent.parent_remote_id)
    # X composes accents (NFC), which is documented and changes nothing that is seen.
    expected = unicodedata.normalize("NFC", whole) if there.name == "x" else whole
    assert entry["text"] == expected
    assert sent.teaser.link in entry["links"]
    if sent.parent_remote_id is not None:
        return
    shown = {one.remote_id: one for one in there.adapter().posts(datetime(2020, 1, 1, tzinfo=UTC)).posts}
    assert sent.teaser.link in shown[post.remote_id].links
    if there.name not in ("x", "mastodon"):  # these show addresses shortened, and text as HTML
        assert shown[post.remote_id].text == whole


def test_the_limit_counts_every_backslash() -> None:
    link = delivery().teaser.link
    room = 3000 - len(link) - 1
    assert fits("(" * (room // 2) + f" {link}", LinkedIn.limits)
    assert not fits("(" * (room // 2 + 1) + f" {link}", LinkedIn.limits)
    assert fits("é" * room + f" {link}", LinkedIn.limits)
    assert not fits("🍂" * (room // 2 + 1) + f" {link}", LinkedIn.limits)
