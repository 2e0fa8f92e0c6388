"""What only one network does."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crosspost.domain.delivery import Found
from crosspost.domain.errors import (
    Duplicate,
    NetworkFailure,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.post import Post, ReadingStatus
from crosspost.domain.teaser import Card
from crosspost.networks._matching import html_text, links_in
from crosspost.networks._record import facets, post_record
from tests.networks.canned import Canned, Reply, Request
from tests.networks.kits import LINK, NOW, PNG, SHA, TEXT, BlueskyKit, FacebookKit, Kit, MastodonKit, XKit, outgoing

SINCE = NOW - timedelta(minutes=20)


def failure_of(kit: Kit, reply: Reply) -> NetworkFailure:
    kit.publish_with = lambda request: reply
    with Canned(kit) as server, pytest.raises(NetworkFailure) as caught:
        kit.adapter(server.origin).publish(outgoing(), print)
    return caught.value


# X


def _x_problem(status: int, kind: str, title: str = "", detail: str = "no") -> Reply:
    return Reply({"title": title, "detail": detail, "type": kind, "status": status}, status)


@pytest.mark.parametrize("host", ["api.x.com", "api.twitter.com"])
def test_x_without_credits_or_plan_the_account_is_blocked_not_the_content(host: str) -> None:
    for reply, code in (
        (_x_problem(402, f"https://{host}/2/problems/credits", "CreditsDepleted"), "credits"),
        (_x_problem(403, f"https://{host}/2/problems/client-forbidden"), "client-forbidden"),
        (_x_problem(403, f"https://{host}/2/problems/unsupported-authentication"), "unsupported-authentication"),
    ):
        failure = failure_of(XKit(), reply)
        assert type(failure) is Unauthorized
        assert failure.code == code


def test_x_signs_with_four_secrets_or_bears_a_token() -> None:
    kit = XKit()
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(outgoing(), print)
        assert server.requests[-1].headers["authorization"].startswith("OAuth ")
        kit.secrets = {"bearer": "b-CANARY"}  # type: ignore[misc]
        kit.adapter(server.origin).publish(outgoing(), print)
        assert server.requests[-1].headers["authorization"] == "Bearer b-CANARY"


def test_x_the_bearer_token_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kit = XKit()
    kit.secrets = {"bearer": "b-CANARY"}  # type: ignore[misc]
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(outgoing(images=True), print)
    assert len(server.requests) == 3
    assert [line for line in caplog.messages if "CANARY" in line] == []


def test_x_uploads_and_describes_the_image_before_the_post() -> None:
    kit = XKit()
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(outgoing(images=True), print)
    upload, describe, post = server.requests
    assert upload.json() == {"media": "iVBORw0KGgoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "media_category": "tweet_image"}  # fmt: skip
    assert describe.json() == {"id": "77", "metadata": {"alt_text": {"text": "Un jardin d’automne"}}}
    assert post.json() == {"text": TEXT, "media": {"media_ids": ["77"]}}


def test_x_an_image_still_in_work_waits_for_the_next_attempt() -> None:
    kit = XKit()
    state = ["in_progress"]

    def working(request: Request) -> Any:
        if request.path == "/2/media/upload" and state[0] == "gone" and request.method == "GET":
            return Reply({"title": "Not Found"}, 404)
        if request.path == "/2/media/upload":
            return Reply({"data": {"id": "77", "processing_info": {"state": state[0]}}})
        return kit(request)

    with Canned(working) as server:
        adapter, again = kit.adapter(server.origin), outgoing(images=True, handle="77")
        with pytest.raises(NotSent):
            adapter.publish(outgoing(images=True), kit.saved.handles.append)
        assert kit.saved.handles == ["77"]
        with pytest.raises(NotSent):
            adapter.publish(again, print)
        state[0] = "failed"
        with pytest.raises(Rejected):
            adapter.publish(again, print)
        assert not any(map(kit.is_publish, server.requests))
        assert sum(request.path == "/2/media/upload" and request.method == "POST" for request in server.requests) == 1
        state[0] = "succeeded"
        adapter.publish(again, print)
        assert server.requests[-1].json()["media"] == {"media_ids": ["77"]}
        state[0] = "gone"
        adapter.publish(again, print)
        assert [request.method for request in server.requests[-4:]] == ["GET", "POST", "POST", "POST"]


def test_x_reads_both_vocabularies() -> None:
    kit = XKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin)
        kit.without = {"post_count"}
        assert {one.metric: one.value for one in adapter.read_account(NOW)}["posts"] is None
        kit.without = set()
        new = {one.metric: one for one in adapter.read_account(NOW)}["posts"]
        assert (new.value, new.provider_name, new.provider_version) == (12, "post_count", "2.168")
        old = {"data": {"id": "1", "public_metrics": {"tweet_count": 5}}}
        kit.read_with = Reply(old)
        assert {one.metric: one.value for one in adapter.read_account(NOW)}["posts"] == 5


def test_x_clicks_after_thirty_days_are_expired_and_before_that_not_permitted() -> None:
    kit = XKit()
    kit.without = {"url_link_clicks", "user_profile_clicks"}
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin)
        late = {one.metric: one for one in adapter.read_post(Post(kit.post_id, None), NOW + timedelta(days=40))}
        assert late["link_clicks"].status is ReadingStatus.EXPIRED
        old = Post(kit.post_id, None, published_at=NOW - timedelta(days=31))
        adapter.read_post(old, NOW)
        assert "non_public_metrics" not in server.requests[-1].target, "an expired field is not asked (and paid) for"
        page = {
            "data": [{"id": kit.post_id, "created_at": "2026-11-19T09:30:00Z", "public_metrics": {"like_count": 3}}]
        }
        kit.read_with = Reply(page | {"meta": {}, "errors": [{"type": "…/not-authorized-for-field"}]})
        denied = {one.metric: one for one in adapter.read_post(Post(kit.post_id, None), NOW)}
    assert denied["link_clicks"].status is ReadingStatus.NOT_PERMITTED
    assert denied["likes"].value == 3


def test_x_a_deleted_post_has_no_numbers() -> None:
    kit = XKit()
    kit.read_with = Reply({"meta": {"result_count": 0}})
    with Canned(kit) as server:
        readings = kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW)
    assert {one.value for one in readings} == {None}


def test_x_errors_in_place_of_posts_prove_nothing() -> None:
    kit = XKit()
    kit.read_with = Reply({"errors": [{"title": "Over capacity"}], "meta": {"result_count": 0}})
    with Canned(kit) as server:
        assert kit.adapter(server.origin).probe(outgoing(), SINCE).found is Found.INCONCLUSIVE


# Facebook


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        ({"code": 1, "is_transient": True}, 500, OutcomeUnknown),
        ({"code": 2}, 400, OutcomeUnknown),
        ({"code": 341}, 400, OutcomeUnknown),
        ({"code": 9999, "is_transient": True}, 400, OutcomeUnknown),
        ({"code": 100, "error_subcode": 33}, 400, Rejected),
        ({"code": 1609005}, 400, Rejected),
        ({"code": 3}, 403, Unauthorized),
        ({"code": 10}, 403, Unauthorized),
        ({"code": 200}, 403, Unauthorized),
        ({"code": 299}, 400, Unauthorized),
        ({"code": 102}, 400, Unauthorized),
        ({"code": 190, "error_subcode": 459}, 400, Unauthorized),
        ({"code": 4}, 403, RateLimited),
        ({"code": 17}, 400, RateLimited),
        ({"code": 613}, 400, RateLimited),
        ({"code": 80001, "error_subcode": 2494055}, 400, RateLimited),
        ({"code": 368, "error_subcode": 1390008}, 400, RateLimited),
        ({"code": 368, "error_subcode": 1404082}, 400, Duplicate),
        ({"code": 368, "error_subcode": 1404078}, 400, Unauthorized),
        ({"code": 368}, 400, Unauthorized),
        ({"code": 506}, 400, Duplicate),
        ({"code": 100}, 200, Rejected),
        ({"message": "no code at all"}, 200, OutcomeUnknown),
        ({"message": "no code at all"}, 400, Rejected),
    ],
)
def test_facebook_decides_on_code_then_subcode(
    error: dict[str, Any], status: int, expected: type[NetworkFailure]
) -> None:
    failure = failure_of(FacebookKit(), Reply({"error": {"message": "words", **error}}, status))
    assert type(failure) is expected


def test_facebook_link_card_and_photos_exclude_each_other() -> None:
    kit = FacebookKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin)
        adapter.publish(outgoing(), print)
        assert server.requests[-1].form()["link"] == LINK
        adapter.publish(outgoing(images=True), print)
        photo, feed = server.requests[-2:]
    assert photo.path == "/v26.0/1010/photos"
    assert PNG in photo.body
    assert "Un jardin d’automne".encode() in photo.body
    assert b"published" in photo.body
    assert json.loads(feed.form()["attached_media"]) == [{"media_fbid": "55"}]
    assert "link" not in feed.form()


def test_facebook_token_is_in_the_header_alone() -> None:
    kit = FacebookKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin, settings={"graph_version": "v25.0"})
        adapter.publish(outgoing(images=True), print)
        adapter.verify()
    for request in server.requests:
        assert request.headers["authorization"] == "Bearer page-CANARY"
        assert b"CANARY" not in request.body
        assert request.path.startswith("/v25.0/")


def test_facebook_says_when_another_version_was_served() -> None:
    kit = FacebookKit()
    kit.read_with = Reply({"id": "1010"}, headers={"facebook-api-version": "v27.0"})
    with Canned(kit) as server:
        notes = kit.adapter(server.origin).verify().notes
        kit.read_with = Reply({"id": "1010"}, headers={"facebook-api-version": "v26.0"})
        assert kit.adapter(server.origin).verify().notes == ()
    assert "v27.0" in notes[0]


def test_facebook_a_users_token_is_not_a_pages() -> None:
    kit = FacebookKit()
    message = "(#100) Tried accessing nonexisting field (followers_count) on node type (User)"
    kit.read_with = Reply({"error": {"message": message, "code": 100}}, 400)
    with Canned(kit) as server, pytest.raises(Unauthorized, match="Page"):
        kit.adapter(server.origin).verify()


def test_facebook_a_metric_without_permission_blinds_no_other() -> None:
    kit = FacebookKit()

    def answer(request: Request) -> Any:
        if request.query.get("metric") == "post_clicks":
            return Reply({"error": {"code": 200, "message": "requires read_insights"}}, 403)
        return kit(request)

    with Canned(answer) as server:
        readings = {one.metric: one for one in kit.adapter(server.origin).read_post(Post("1010_2020", None), NOW)}
    assert readings["clicks"].status is ReadingStatus.NOT_PERMITTED
    assert readings["link_clicks"].value == 61


# Mastodon

REAL = {"version": "4.5.2", "source_url": "https://github.com/mastodon/mastodon"}


@pytest.mark.parametrize(
    ("instance", "honoured"),
    [
        (REAL, "yes"),
        (REAL | {"version": "4.6.0-rc.1"}, "yes"),
        (REAL | {"version": "4.6.0-nightly.2026-10-02"}, "yes"),
        (REAL | {"version": "4.5.0+glitch"}, "no"),
        (REAL | {"version": "2.7.2 (compatible; Pleroma 2.9.1)"}, "no"),
        (REAL | {"version": "3.5.3"}, "no"),
        ({"version": "0.19.1", "source_url": "https://codeberg.org/superseriousbusiness/gotosocial"}, "no"),
        ({"version": "4.5.2", "source_url": "https://github.com/matthewdeanmartin/mastodon_mock"}, "no"),
        ({"version": "4.5.2"}, "no"),
        ({"version": "takahe/0.11.0"}, "no"),
    ],
)
def test_mastodon_the_key_is_trusted_on_mastodon_itself_only(instance: dict[str, Any], honoured: str) -> None:
    kit = MastodonKit()
    configuration = {"configuration": {"statuses": {"max_characters": 1234, "characters_reserved_per_url": 23}}}

    def answer(request: Request) -> Any:
        return Reply(instance | configuration) if request.path == "/api/v2/instance" else kit(request)

    with Canned(answer) as server:
        profile = kit.adapter(server.origin).verify()
    assert profile.settings["key_honoured"] == honoured
    assert (profile.settings["text_limit"], profile.settings["link_cost"]) == ("1234", "23")
    assert bool(profile.notes) == (honoured == "no")


def test_mastodon_without_any_instance_page_is_still_an_account() -> None:
    kit = MastodonKit()
    with Canned(kit) as server:
        profile = kit.adapter(server.origin).verify()
    assert (profile.remote_id, profile.settings["key_honoured"]) == ("109", "no")
    assert "text_limit" not in profile.settings


def test_mastodon_sends_key_and_options() -> None:
    kit = MastodonKit()
    with Canned(kit) as server:
        extra = {"visibility": "unlisted", "spoiler_text": "jardin"}
        kit.adapter(server.origin).publish(outgoing(extra=extra, images=True), print)
    upload, post = server.requests
    assert post.headers["idempotency-key"] == "d1-9f"
    expected = {
        "status": TEXT,
        "language": "fr",
        "media_ids": ["66"],
        "visibility": "unlisted",
        "spoiler_text": "jardin",
    }
    assert post.json() == expected
    assert PNG in upload.body
    assert "Un jardin d’automne".encode() in upload.body


def test_mastodon_an_image_still_in_work_waits_for_the_next_attempt() -> None:
    kit = MastodonKit()
    kit.upload_with = Reply({"id": "66", "url": None}, 202)
    state = [Reply({"id": "66", "url": None}, 206)]

    def answer(request: Request) -> Any:
        return state[0] if request.path == "/api/v1/media/66" else kit(request)

    with Canned(answer) as server:
        adapter = kit.adapter(server.origin)
        with pytest.raises(NotSent):
            adapter.publish(outgoing(images=True), kit.saved.handles.append)
        assert kit.saved.handles == ["66"]
        again = outgoing(images=True, handle="66")
        with pytest.raises(NotSent):
            adapter.publish(again, print)
        assert not any(map(kit.is_publish, server.requests))
        state[0] = Reply({"id": "66", "url": "https://m.example/66.png"})
        adapter.publish(again, print)
        assert server.requests[-1].json()["media_ids"] == ["66"]
        assert sum(request.path == "/api/v2/media" for request in server.requests) == 1, "uploaded once"
        kit.upload_with = Reply({"id": "67"})
        state[0] = Reply({"error": "Record not found"}, 404)
        adapter.publish(again, print)
    assert server.requests[-1].json()["media_ids"] == ["67"], "cleaned away meanwhile: uploaded again"


def test_mastodon_some_servers_say_400_to_a_bad_token() -> None:
    assert type(failure_of(MastodonKit(), Reply({"error": "Invalid token"}, 400))) is Unauthorized
    assert type(failure_of(MastodonKit(), Reply({"error": "This action is outside the authorized scopes"}, 403))) is (
        Unauthorized
    )
    assert type(failure_of(MastodonKit(), Reply({"error": "Invalid visibility"}, 400))) is Rejected


def test_html_as_text() -> None:
    text, links = html_text('<p>Un &amp; deux<br>trois</p><p><a href="https://a.example/x?b=1&amp;c=2">a</a></p>')
    assert text == "Un & deux\ntrois\na"
    assert links == ("https://a.example/x?b=1&c=2",)


# Bluesky


def _bluesky(kit: BlueskyKit, act: Callable[[Any], object]) -> list[Request]:
    with Canned(kit) as server:
        act(kit.adapter(server.origin))
        return server.requests


def _expire_once(kit: BlueskyKit) -> None:
    kit.publish_with = lambda request: kit.expired if "access-CANARY" in request.headers["authorization"] else None


def test_bluesky_refreshes_an_expired_session_once_and_saves_it_before_use() -> None:
    kit = BlueskyKit()
    kit.refresh_with = None
    _expire_once(kit)
    requests = _bluesky(kit, lambda adapter: adapter.publish(outgoing(), print))
    assert [request.path.rpartition(".")[2] for request in requests] == ["putRecord", "refreshSession", "putRecord"]
    assert kit.saved.secrets == [("refresh_jwt", "refresh-2"), ("access_jwt", "access-2")]
    assert requests[1].headers["authorization"] == "Bearer refresh-CANARY"
    assert requests[2].headers["authorization"] == "Bearer access-2"
    assert requests[0].body == requests[2].body


def test_bluesky_logs_in_when_the_refresh_token_is_dead_too() -> None:
    kit = BlueskyKit()
    kit.log_in_with = None
    _expire_once(kit)
    requests = _bluesky(kit, lambda adapter: adapter.publish(outgoing(), print))
    assert [request.path.rpartition(".")[2] for request in requests] == [
        "putRecord", "refreshSession", "createSession", "putRecord",
    ]  # fmt: skip
    assert requests[2].json() == {"identifier": "jardin.example", "password": "pw-CANARY"}


def test_bluesky_logs_in_once_when_there_is_no_session() -> None:
    kit = BlueskyKit()
    kit.secrets = {"app_password": "pw-CANARY"}  # type: ignore[misc]
    kit.log_in_with = None
    requests = _bluesky(kit, lambda adapter: (adapter.verify(), adapter.read_account(NOW)))
    assert [request.path.rpartition(".")[2] for request in requests] == ["createSession", "getSession", "getProfile"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Reply({"error": "InvalidRequest", "message": "no identifier"}, 400), Unauthorized),
        (Reply({"error": "AuthenticationRequired"}, 401), Unauthorized),
        (Reply({"error": "AccountTakedown"}, 401), Unauthorized),
        (Reply({"error": "RateLimitExceeded"}, 429), RateLimited),
        (Reply(b"", 502), NotSent),
        (Reply({"did": "x", "accessJwt": "", "refreshJwt": ""}), NotSent),
    ],
)
def test_bluesky_a_failed_log_in_never_blames_the_content(answer: Reply, expected: type[NetworkFailure]) -> None:
    kit = BlueskyKit()
    kit.secrets = {"app_password": "pw-CANARY"}  # type: ignore[misc]
    kit.log_in_with = answer
    with Canned(kit) as server, pytest.raises(NetworkFailure) as caught:
        kit.adapter(server.origin).publish(outgoing(), print)
    assert type(caught.value) is expected
    assert kit.saved.secrets == []


SWAP = Reply({"error": "InvalidSwap", "message": "Record was at bafyother"}, 400)


def test_bluesky_a_taken_key_with_our_link_is_our_post() -> None:
    kit = BlueskyKit()
    kit.publish_with = lambda request: SWAP
    kit.posts = [kit.posted(NOW)]
    with Canned(kit) as server:
        post = kit.adapter(server.origin).publish(outgoing(), print)
    assert post.remote_id == kit.post_id


def test_bluesky_a_taken_key_with_another_post_is_rejected_and_never_edited() -> None:
    kit = BlueskyKit()
    kit.posts = [kit.posted(NOW, link="https://go.example/other")]
    failure = failure_of(kit, SWAP)
    assert type(failure) is Rejected
    assert failure.code == "InvalidSwap"


@pytest.mark.parametrize("look", [Reply(b"", 503), Reply({"error": "RecordNotFound"}, 400)])
def test_bluesky_a_taken_key_that_cannot_be_read_is_unknown(look: Reply) -> None:
    kit = BlueskyKit()
    kit.read_with = look
    assert type(failure_of(kit, SWAP)) is OutcomeUnknown


def test_bluesky_every_attempt_sends_the_same_bytes_and_creates_only() -> None:
    kit = BlueskyKit()
    requests = _bluesky(
        kit,
        lambda adapter: (adapter.publish(outgoing(images=True), print), adapter.publish(outgoing(images=True), print)),
    )
    first, second = [request for request in requests if kit.is_publish(request)]
    assert first.body == second.body
    body = first.json()
    assert "swapRecord" in body
    assert body["swapRecord"] is None
    assert (body["rkey"], body["repo"]) == ("3m5z7abcdefgh", "did:plc:abc123")
    assert body["record"]["createdAt"] == "2026-11-20T09:29:00.000Z"
    assert body["record"]["langs"] == ["fr"]
    image = body["record"]["embed"]["images"][0]
    assert (image["alt"], image["aspectRatio"]) == ("Un jardin d’automne", {"width": 640, "height": 480})
    assert image["image"]["ref"] == {"$link": "bafkimage"}


def test_bluesky_positions_are_utf8_bytes() -> None:
    found = facets(TEXT, LINK)
    raw = TEXT.encode()
    pieces = [(raw[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(), one["features"][0]) for one in found]
    assert pieces == [
        (LINK, {"$type": "app.bsky.richtext.facet#link", "uri": LINK}),
        ("#Jardin", {"$type": "app.bsky.richtext.facet#tag", "tag": "Jardin"}),
    ]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("l’#été, #2026 et #l’art", ["#été", "#l"]),
        ("voir https://a.example/#ancre", ["https://a.example/#ancre"]),
        ("(https://a.example/b_(c)).", ["https://a.example/b_(c)"]),
        ("« https://a.example/x »", ["https://a.example/x"]),
        ("a#b &#39; ##c", []),
        ("", []),
    ],
)
def test_bluesky_what_is_clickable(text: str, marked: list[str]) -> None:
    raw = text.encode()
    spans = [one["index"] for one in facets(text, "")]
    assert [raw[span["byteStart"] : span["byteEnd"]].decode() for span in spans] == marked


CARDED = outgoing(card=Card(LINK, "Trois idées", "Pour le jardin", SHA), images=True)


@pytest.mark.parametrize("kit", [XKit, FacebookKit, MastodonKit], ids=lambda kit: str(kit.name))
def test_where_the_network_makes_the_card_no_image_is_uploaded_beside_it(kit: type[Kit]) -> None:
    made = kit()
    with Canned(made) as server:
        made.adapter(server.origin).publish(CARDED, print)
        assert len(server.requests) == 1
        if made.name == "facebook":
            assert server.requests[0].form()["link"] == LINK


def test_bluesky_the_image_of_a_card_is_its_thumbnail_and_nothing_else() -> None:
    blob = {"$type": "blob", "ref": {"$link": "bafkimage"}}
    embed = post_record(CARDED, {SHA: blob}, None)["embed"]
    assert embed["$type"] == "app.bsky.embed.external"
    expected = {"uri": LINK, "title": "Trois idées", "description": "Pour le jardin", "thumb": blob}
    assert embed["external"] == expected


def test_bluesky_a_card_goes_without_a_picture_that_is_too_large_for_one() -> None:
    kit = BlueskyKit()
    large = replace(CARDED, attachments={SHA: PNG + bytes(1_000_000)})
    requests = _bluesky(kit, lambda adapter: adapter.publish(large, print))
    (only,) = requests
    assert "thumb" not in only.json()["record"]["embed"]["external"]


def test_bluesky_a_reply_names_its_parent_and_the_head_of_the_thread() -> None:
    kit = BlueskyKit()
    root = {"uri": "at://did:plc:abc123/app.bsky.feed.post/root", "cid": "bafyroot"}
    parent = {"uri": kit.post_id, "value": {"text": "…", "reply": {"root": root, "parent": root}}}
    kit.posts = [parent]
    requests = _bluesky(kit, lambda adapter: adapter.publish(outgoing(parent_remote_id=kit.post_id), print))
    assert requests[-1].json()["record"]["reply"] == {"root": root, "parent": {"uri": kit.post_id, "cid": "bafyone"}}


def test_bluesky_goes_to_the_accounts_own_server_but_never_into_a_private_network() -> None:
    kit = BlueskyKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin, settings={"pds": "https://127.0.0.1"})
        with pytest.raises(Unreachable, match="loopback|refused|127"):
            adapter.probe(outgoing(), SINCE)
        assert server.requests == []


def test_links_in_text() -> None:
    assert links_in("a https://x.example/é, b (http://y.example)") == ["https://x.example/é", "http://y.example"]
