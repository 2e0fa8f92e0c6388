"""The parts the adapters share."""

from __future__ import annotations

import traceback
from datetime import timedelta

import pytest

from crosspost.domain.errors import (
    NotSent,
    OutcomeUnknown,
    Unreachable,
)
from crosspost.domain.teaser import Card
from crosspost.networks._answers import PUBLISH, READ, before, translating
from crosspost.networks._matching import html_text, links_in
from tests.networks.canned import Canned
from tests.networks.kits import (
    LINK,
    NOW,
    SHA,
    FacebookKit,
    Kit,
    MastodonKit,
    XKit,
    outgoing,
)

SINCE = NOW - timedelta(minutes=20)


def test_html_as_text() -> None:
    text, links = html_text('<p>Un &amp; deux<br>trois</p><p><a href="https://a.example/x?b=1&amp;c=2">a</a></p>')
    assert text == "Un & deux\ntrois\na"
    assert links == ("https://a.example/x?b=1&c=2",)


CARDED = outgoing(card=Card(LINK, "Trois idées", "Pour le jardin", SHA), images=True)


@pytest.mark.parametrize("kit", [XKit, FacebookKit, MastodonKit], ids=lambda kit: str(kit.name))
def test_where_the_network_makes_the_card_no_image_is_uploaded_beside_it(kit: type[Kit]) -> None:
    made = kit()
    with Canned(made) as server:
        made.adapter(server.origin).publish(CARDED, print)
        assert len(server.requests) == 1
        if made.name == "facebook":
            assert server.requests[0].form()["link"] == LINK


def test_links_in_text() -> None:
    assert links_in("a https://x.example/é, b (http://y.example)") == ["https://x.example/é", "http://y.example"]


def test_an_exception_nobody_foresaw_is_unclear_and_carries_nothing_along() -> None:
    with pytest.raises(OutcomeUnknown) as caught, translating(PUBLISH, []):
        raise RecursionError("token=CANARY")
    assert "CANARY" not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(Unreachable), translating(READ, []):
        raise RecursionError
    with pytest.raises(NotSent), translating(before(PUBLISH), []):
        raise ImportError
