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
from crosspost.networks import _answers as answers
from crosspost.networks._answers import PUBLISH, READ, before, translating
from crosspost.networks._matching import html_text, links_in
from crosspost.outside.http import Answer
from crosspost.secret import Secret
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


NOTHING: list[object] = [None, True, False, [], {}, [1], {"a": 1}]


@pytest.mark.parametrize("value", [*NOTHING, "7", -1, -0.5, 2.0**53 + 2, 10**400, float("nan"), float("inf")])
def test_what_is_no_count(value: object) -> None:
    assert answers.number(value) is None


def test_a_count_is_kept_and_a_part_is_not_the_whole() -> None:
    assert [answers.number(one) for one in (0, 7, 2.5, 2**53)] == [0.0, 7.0, 2.5, 2.0**53]
    assert answers.total([20, 5]) == 25
    assert answers.total([20, None]) is answers.total([20, "5"]) is answers.total([]) is None


@pytest.mark.parametrize("value", [*NOTHING, 1.5, "", " ", "a b", "a\n", "\x1b[2J", "\u202e1"])
def test_what_is_no_id(value: object) -> None:
    assert answers.identity(value) == ""


def test_ids() -> None:
    names = ("urn:li:share:1", "at://did:plc:a/b/c", "1_2")
    assert [answers.identity(one) for one in (*names, 12)] == [*names, "12"]


@pytest.mark.parametrize(
    "value", [*NOTHING, 7, "", "javascript:alert(1)", "//a.example", "https://", "https:///a", "http://a b"]
)
def test_what_is_no_address(value: object) -> None:
    assert answers.address(value) is None


@pytest.mark.parametrize("value", [*NOTHING, 7, "soon", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+23:00"])
def test_what_is_no_instant(value: object) -> None:
    assert answers.when(value) is None


@pytest.mark.parametrize("value", [*NOTHING, "1795800000000", 0, -1, 2**53, 1e300])
def test_what_is_no_instant_in_milliseconds(value: object) -> None:
    assert answers.when_ms(value) is None


def test_instants() -> None:
    assert answers.when("2026-11-20T10:30:00+01:00") == answers.when("2026-11-20T09:30:00") == NOW
    assert answers.when_ms(NOW.timestamp() * 1000) == NOW


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b'{"a": Infinity}', b"\xff\xfe{", b"[" * 100_000, b"9" * 5000])
def test_what_is_no_json(body: bytes) -> None:
    assert answers.parsed(Answer(200, {}, body, "")) is None


def test_json_comes_without_what_nothing_can_store() -> None:
    body = rb'{"a\u0000": ["\ud83d", "\ud83c\udf42", {"b": "\u0000"}]}'
    assert answers.parsed(Answer(200, {}, body, "")) == {"a\ufffd": ["\ufffd", "🍂", {"b": "\ufffd"}]}
    assert answers.parsed(Answer(200, {}, b"\xef\xbb\xbf[1]", "")) == [1]


def test_words_are_one_line_without_secrets_and_without_steering_a_terminal() -> None:
    assert answers.words("a\n\x1b[31mCANARY\u202e b", [Secret("CANARY")]) == "a [31m… b"
    assert [answers.words(one, ()) for one in (*NOTHING, 7)] == ["", "True", "False", "", "", "", "", "7"]
    assert len(answers.words("a" * 1000, ())) == answers.MAX_REASON


def test_html_that_breaks_a_parser_keeps_its_links() -> None:
    _, links = html_text(f'<![if !IE]><p><a href="{LINK}">ici</a></p>')
    assert links == (LINK,)
