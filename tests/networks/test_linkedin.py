"""What only LinkedIn does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from crosspost.domain import littletext
from crosspost.domain.delivery import DeliveryClass, Found
from crosspost.domain.errors import (
    Duplicate,
    NetworkFailure,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
)
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.domain.teaser import Card
from crosspost.networks.network import Replier
from tests.networks.canned import Canned, Fault, Reply, Request, Script, closed_port
from tests.networks.kits import IMAGE, LINK, NOW, PNG, SHA, failure_of, outgoing
from tests.networks.linkedin_kit import IMAGE_URN, TWIN, LinkedInKit, duplicate_of

SINCE = NOW - timedelta(minutes=20)
MEMBER = "urn:li:person:8675309"
CARDED = replace(outgoing().teaser, images=(IMAGE,), card=Card(LINK, "Trois idées", "Pour le jardin", SHA))


class MemberKit(LinkedInKit):
    remote_id = MEMBER


def sent(kit: LinkedInKit, server: Canned) -> dict[str, Any]:
    (request,) = [request for request in server.requests if kit.is_publish(request)]
    body: dict[str, Any] = request.json()
    return body


# Text


@pytest.mark.parametrize(
    ("text", "little"),
    [
        ("Prix (TTC) : 5 * 3 < 20 > 1", r"Prix \(TTC\) : 5 \* 3 \< 20 \> 1"),
        (r"a\b|c{d}e@f[g]h_i~j", r"a\\b\|c\{d\}e\@f\[g\]h\_i\~j"),
        ("Lire https://a.example/x_y~(z)?utm_source=li, vite", "Lire https://a.example/x_y~(z)?utm_source=li, vite"),
        ("(https://a.example/x_y)", r"\(https://a.example/x_y\)"),
        ("#Jardin #2026 #été2026 #à_deux", r"{hashtag|\#|Jardin} \#2026 {hashtag|\#|été2026} \#à\_deux"),
        ("C# et a#b &#38;", r"C\# et a\#b &\#38;"),
        ("#Café !", "{hashtag|\\#|Café} !"),
    ],
)
def test_reserved_characters_are_escaped_outside_addresses(text: str, little: str) -> None:
    assert littletext.escaped(text) == little
    assert littletext.plain(little) == text


def test_a_mention_is_read_as_its_name() -> None:
    assert littletext.plain("Avec @[Devtestco](urn:li:organization:2414183) \\(Paris\\)") == "Avec Devtestco (Paris)"


# Publishing


def test_the_request_is_the_documented_one() -> None:
    kit = LinkedInKit()
    with Canned(kit) as server:
        kit.adapter(server.origin, settings={"api_version": "202605"}).publish(outgoing(card=None), print)
        (request,) = server.requests
    assert request.headers["linkedin-version"] == "202605"
    assert request.headers["x-restli-protocol-version"] == "2.0.0"
    assert request.headers["authorization"] == "Bearer AQX-CANARY"
    assert request.json() == {
        "author": kit.remote_id,
        "commentary": littletext.escaped(outgoing().teaser.text),
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }


def test_the_card_is_ours_with_its_uploaded_picture() -> None:
    kit = LinkedInKit()
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(replace(outgoing(), teaser=CARDED), print)
        assert sent(kit, server)["content"] == {"article": {
            "source": LINK, "title": "Trois idées", "description": "Pour le jardin", "thumbnail": IMAGE_URN,
            "thumbnailAltText": "Un jardin d’automne",
        }}  # fmt: skip
        (upload,) = [request for request in server.requests if request.method == "PUT"]
        assert upload.body == PNG


def test_one_image_or_several_with_their_words() -> None:
    for many in (1, 3):
        kit = LinkedInKit()
        teaser = replace(outgoing(images=True).teaser, images=(IMAGE,) * many)
        with Canned(kit) as server:
            kit.adapter(server.origin).publish(replace(outgoing(), teaser=teaser), print)
            content = sent(kit, server)["content"]
        shown = {"id": IMAGE_URN, "altText": "Un jardin d’automne"}
        assert content == ({"media": shown} if many == 1 else {"multiImage": {"images": [shown] * 3}})


def test_a_picture_in_work_is_waited_for_and_one_that_failed_is_not() -> None:
    kit = LinkedInKit()
    kit.states = ["PROCESSING", "AVAILABLE"]
    handles: list[str] = []
    with Canned(kit) as server:
        with pytest.raises(NotSent):
            kit.adapter(server.origin).publish(outgoing(images=True), handles.append)
        kit.adapter(server.origin).publish(outgoing(images=True, handle=handles[0]), handles.append)
        assert len([request for request in server.requests if request.method == "PUT"]) == 1
        kit.states = ["PROCESSING_FAILED"]
        with pytest.raises(Rejected):
            kit.adapter(server.origin).publish(outgoing(images=True), handles.append)
        assert handles == [IMAGE_URN]


def test_a_picture_whose_upload_was_lost_is_uploaded_again() -> None:
    kit = LinkedInKit()
    kit.states = ["WAITING_UPLOAD", "AVAILABLE"]
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(outgoing(images=True, handle="urn:li:image:old"), print)
        assert sent(kit, server)["content"]["media"]["id"] == IMAGE_URN


def test_the_token_goes_to_linkedin_alone() -> None:
    kit = LinkedInKit()
    with Canned(lambda request: Reply({})) as stranger, Canned(kit) as server:
        kit.upload_with = Reply({"value": {"uploadUrl": f"{stranger.origin}/up", "image": IMAGE_URN}})
        with pytest.raises(NotSent, match="not LinkedIn's"):
            kit.adapter(server.origin, also=stranger.origin).publish(outgoing(images=True), print)
        assert stranger.requests == []


def test_a_comment_is_plain_text_under_its_post_and_known_by_both() -> None:
    kit = LinkedInKit()
    sent = outgoing(parent_remote_id=TWIN, text=f"Prix (TTC) : {LINK}", card=None)
    for told, urn in (("6636062862760562688", f"urn:li:comment:({TWIN},6636062862760562688)"),
                      (f"urn:li:comment:({TWIN},5)", f"urn:li:comment:({TWIN},5)")):  # fmt: skip
        with Canned(answering(told)) as server:
            post = kit.adapter(server.origin).publish(sent, print)
            (request,) = server.requests
        assert request.path == f"/rest/socialActions/{quote(TWIN, safe='')}/comments"
        assert request.json() == {"actor": kit.remote_id, "object": TWIN, "message": {"text": f"Prix (TTC) : {LINK}"}}
        assert (post.remote_id, post.counted) == (urn, False)
    for odd in ("", "urn:li:share:1", "a b"):
        with Canned(answering(odd)) as server, pytest.raises(OutcomeUnknown):
            kit.adapter(server.origin).publish(sent, print)
    adapter = kit.adapter(closed_port())
    assert isinstance(adapter, Replier)
    assert adapter.reply_class() is DeliveryClass.BLIND


def answering(comment_id: str) -> Script:
    return lambda request: Reply({}, 201, {"x-restli-id": comment_id})


def test_a_success_without_a_post_s_urn_is_unknown() -> None:
    for urn in ("", "urn:li:comment:1", "7391000000000000001"):
        assert type(failure_of(LinkedInKit(), Reply(b"", 201, {"x-restli-id": urn}))) is OutcomeUnknown


# Duplicates


def refusal(kit: LinkedInKit, twin: Reply | None, **changes: Any) -> Duplicate:
    kit.publish_with, kit.twin_with = lambda request: duplicate_of(TWIN), twin
    with Canned(kit) as server, pytest.raises(Duplicate) as caught:
        kit.adapter(server.origin).publish(outgoing(**changes), print)
    assert sum(map(kit.is_publish, server.requests)) == 1
    return caught.value


def test_a_twin_that_is_there_with_our_link_is_named() -> None:
    kit = LinkedInKit()
    assert refusal(kit, Reply(kit.posted(NOW))).remote_id == TWIN
    written = {**kit.posted(NOW, link=None), "commentary": littletext.escaped(f"Voir (ici) {LINK}")}
    assert refusal(kit, Reply(written)).remote_id == TWIN


def test_a_twin_that_is_gone_is_not_ours() -> None:
    found = refusal(LinkedInKit(), None)
    assert found.remote_id is None
    assert "gone" in found.reason


def test_a_twin_with_another_link_is_not_ours() -> None:
    kit = LinkedInKit()
    assert refusal(kit, Reply(kit.posted(NOW, link="https://go.example/other"))).remote_id is None
    bare = refusal(kit, Reply(kit.posted(NOW, link=None)), link_placement="none")
    assert bare.remote_id == TWIN, "without a link of its own it is told by its words"


@pytest.mark.parametrize("trouble", [Reply({"status": 403}, 403), Reply({}, 503), Reply({}, 429), Reply({}, 401)])
def test_a_twin_that_may_not_be_read_is_named_unverified(trouble: Reply) -> None:
    found = refusal(LinkedInKit(), trouble)
    assert found.remote_id == TWIN
    assert "not verified" in found.reason


def test_a_refusal_that_names_nobody() -> None:
    said = {"status": 422, "errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST", "description": "Duplicate"}]}}
    failure = failure_of(LinkedInKit(), Reply(said, 422))
    assert isinstance(failure, Duplicate)
    assert failure.remote_id is None


def test_the_class_is_a_matter_of_author_and_placement() -> None:
    def classes(kit: LinkedInKit) -> list[DeliveryClass]:
        adapter = kit.adapter(closed_port())
        return [adapter.delivery_class(placement) for placement in ("text", "card", "reply", "none")]

    names, blind = DeliveryClass.NAMES_TWIN, DeliveryClass.BLIND
    assert classes(LinkedInKit()) == [names, names, blind, blind]
    assert classes(MemberKit()) == [names, blind, blind, blind]


# Refusals


@pytest.mark.parametrize(
    ("status", "said", "expected", "words"),
    [
        (426, {"code": "NONEXISTENT_VERSION", "message": "Requested version 20251101 is not active"}, Unauthorized,
         "api_version"),
        (400, {"message": "Requested version 20251101 is not active"}, Unauthorized, "api_version"),
        (403, {"code": "NONEXISTENT_VERSION"}, Unauthorized, "api_version"),
        (401, {"serviceErrorCode": 65600}, Unauthorized, "malformed"),
        (401, {"serviceErrorCode": 65601}, Unauthorized, "revoked"),
        (401, {"serviceErrorCode": 65602}, Unauthorized, "expired"),
        (401, {}, Unauthorized, "does not work"),
        (403, {"serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": "Not enough"}, Unauthorized, "permission"),
        (429, {"code": "TOO_MANY_REQUESTS"}, RateLimited, ""),
        (400, {"code": "ILLEGAL_ARGUMENT", "message": "Syntax"}, Rejected, "Syntax"),
        (422, {"errorDetails": {"inputErrors": [{"description": "too long", "code": "X"}]}}, Rejected, "too long"),
        (409, {}, OutcomeUnknown, ""),
        (500, {"message": "content is a duplicate of urn:li:share:1"}, OutcomeUnknown, ""),
    ],
)  # fmt: skip
def test_what_an_answer_means(status: int, said: dict[str, Any], expected: type[NetworkFailure], words: str) -> None:
    failure = failure_of(LinkedInKit(), Reply({"status": status, **said}, status))
    assert type(failure) is expected
    assert words in failure.reason


# Whose token


def test_a_member_is_who_the_token_says() -> None:
    kit = MemberKit()
    kit.read_with = Reply({"sub": "8675309", "name": "Ana Ruiz"})
    with Canned(kit) as server:
        profile = kit.adapter(server.origin).verify()
        assert server.requests[0].path == "/v2/userinfo"
        kit.read_with = Reply({"sub": "1", "name": "Ben"})
        with pytest.raises(Unauthorized, match="urn:li:person:1"):
            kit.adapter(server.origin).verify()
    assert (profile.remote_id, profile.handle) == (MEMBER, "Ana Ruiz")


def test_a_pages_token_without_its_page_is_told_which_setting_it_needs() -> None:
    class Fresh(MemberKit):
        remote_id = ""

    kit = Fresh()
    kit.read_with = Reply({"status": 403, "message": "Not enough permissions to access: userinfo.GET"}, 403)
    with Canned(kit) as server, pytest.raises(Unauthorized, match="--setting author=urn:li:organization"):
        kit.adapter(server.origin).verify()


def test_the_author_is_a_setting_until_the_account_is_known() -> None:
    class Fresh(LinkedInKit):
        remote_id = ""

    kit = Fresh()
    with Canned(kit) as server:
        profile = kit.adapter(server.origin, settings={"author": "urn:li:organization:2414183"}).verify()
        assert (profile.remote_id, profile.handle, profile.name) == ("urn:li:organization:2414183", "jardin", "Jardin")
        kit.read_with = Reply({"sub": "8675309"})
        assert kit.adapter(server.origin).verify().remote_id == MEMBER


def test_a_page_s_token_that_may_only_list_proves_itself_so() -> None:
    kit = LinkedInKit()

    def answer(request: Request) -> Any:
        return Reply({"status": 403}, 403) if "/organizations/" in request.path else kit(request)

    with Canned(answer) as server:
        assert kit.adapter(server.origin).verify().handle == "2414183"


def test_an_old_version_is_told_before_it_ends() -> None:
    kit = LinkedInKit()
    with Canned(kit) as server:

        def notes(version: str) -> tuple[str, ...]:
            return kit.adapter(server.origin, settings={"api_version": version}).verify().notes

        assert notes("202607") == ()
        assert "2027-01-15" in notes("202601")[0]
        assert "month" in notes("2026-01")[0]


# Looking


def test_a_member_s_posts_are_listed_to_nobody() -> None:
    adapter = MemberKit().adapter(closed_port())
    assert adapter.probe(outgoing(), SINCE).found is Found.INCONCLUSIVE
    listing = adapter.posts(SINCE)
    assert (listing.posts, listing.reaches_back_to) == ((), None)
    assert listing.notes


def test_the_list_is_asked_for_by_the_author_s_urn() -> None:
    kit = LinkedInKit()
    with Canned(kit) as server:
        kit.adapter(server.origin).posts(SINCE)
        target = server.requests[0].target
    assert target.startswith("/rest/posts?author=urn%3Ali%3Aorganization%3A2414183&q=author&")


# Counting


def by_metric(readings: list[Reading]) -> dict[str, Reading]:
    return {one.metric: one for one in readings}


def test_a_post_left_out_of_the_statistics_was_not_seen_zero_times() -> None:
    kit = LinkedInKit()
    kit.read_with = Reply({"elements": []})
    with Canned(kit) as server:
        found = by_metric(kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW))
    assert (found["impressions"].value, found["impressions"].status) == (None, ReadingStatus.UNAVAILABLE)


@pytest.mark.parametrize(("urn", "kind"), [(TWIN, "shares"), ("urn:li:ugcPost:71", "ugcPosts")])
def test_the_kind_of_urn_decides_the_parameter(urn: str, kind: str) -> None:
    kit = LinkedInKit()
    with Canned(kit) as server:
        kit.adapter(server.origin).read_post(Post(urn, None), NOW)
        target = server.requests[0].target
    assert f"&{kind}=List({urn.replace(':', '%3A')})" in target


def member_answers(shape: str, refused: frozenset[str] = frozenset()) -> Any:
    counts = {"IMPRESSION": 500, "MEMBERS_REACHED": 300, "REACTION": 0, "COMMENT": 2, "RESHARE": 1, "LINK_CLICKS": 17}

    def answer(request: Request) -> Any:
        if request.path == "/rest/memberFollowersCount":
            return Reply({"elements": [{"memberFollowersCount": 990}]})
        (name,) = parse_qs(urlsplit(request.target).query)["queryType"]
        if name in refused:
            return Reply({"status": 400, "code": "ILLEGAL_ARGUMENT", "message": "unknown query type"}, 400)
        kind: Any = name if shape == "string" else {"com.linkedin.CreatorPostAnalyticsMetricTypeV1": name}
        return Reply({"elements": [{"count": counts[name], "metricType": kind}] if name in counts else []})

    return answer


@pytest.mark.parametrize("shape", ["string", "object"])
def test_a_member_s_metrics_are_read_one_by_one_in_both_shapes(shape: str) -> None:
    kit = MemberKit()
    with Canned(member_answers(shape)) as server:
        found = by_metric(kit.adapter(server.origin).read_post(Post(TWIN, None), NOW))
        account = by_metric(kit.adapter(server.origin).read_account(NOW))
        asked = [request.target for request in server.requests if "Analytics" in request.path]
    assert (found["impressions"].value, found["likes"].value, found["link_clicks"].value) == (500, 0, 17)
    assert found["bookmarks"].status is ReadingStatus.UNAVAILABLE
    assert found["clicks"].status is ReadingStatus.UNSUPPORTED
    assert account["followers"].value == 990
    assert len(asked) == 8
    assert all(f"entity=(share:{TWIN.replace(':', '%3A')})" in target for target in asked)


def test_a_dead_metric_name_blinds_no_other() -> None:
    kit = MemberKit()
    with Canned(member_answers("string", refused=frozenset({"LINK_CLICKS"}))) as server:
        found = by_metric(kit.adapter(server.origin).read_post(Post(TWIN, None), NOW))
    assert found["link_clicks"].status is ReadingStatus.UNAVAILABLE
    assert "unknown query type" in (found["link_clicks"].reason or "")
    assert found["impressions"].value == 500


@pytest.mark.parametrize("kit", [LinkedInKit(), MemberKit()], ids=["page", "member"])
def test_a_self_serve_app_reads_no_numbers(kit: LinkedInKit) -> None:
    with Canned(lambda request: Reply({"status": 403, "code": "ACCESS_DENIED"}, 403)) as server:
        adapter = kit.adapter(server.origin)
        of_post, of_account = by_metric(adapter.read_post(Post(TWIN, None), NOW)), by_metric(adapter.read_account(NOW))
        assert len(server.requests) == 2, "a scarce day's calls are not spent on the same refusal"
    for one in (of_post["impressions"], of_post["likes"], of_account["followers"]):
        assert one.status is ReadingStatus.NOT_PERMITTED
        assert "export" in (one.reason or "")


@pytest.mark.parametrize("kit", [LinkedInKit(), MemberKit()], ids=["page", "member"])
def test_a_dead_token_is_no_missing_number(kit: LinkedInKit) -> None:
    with Canned(lambda request: kit.expired) as server:
        adapter = kit.adapter(server.origin)
        for read in (adapter.read_account, lambda at: adapter.read_post(Post(TWIN, None), at)):
            with pytest.raises(Unauthorized):
                read(NOW)


def test_a_stamp_is_milliseconds() -> None:
    kit = LinkedInKit()
    kit.posts = [{**kit.posted(NOW), "publishedAt": None, "createdAt": 1795167000000}]
    with Canned(kit) as server:
        (post,) = kit.adapter(server.origin).posts(datetime(2020, 1, 1, tzinfo=UTC)).posts
    assert post.published_at == datetime.fromtimestamp(1795167000, UTC)


def test_no_answer_to_the_upload_posted_nothing() -> None:
    kit = LinkedInKit()

    def answer(request: Request) -> Any:
        return Fault.RESET if request.method == "PUT" else kit(request)

    with Canned(answer) as server:
        with pytest.raises(NotSent):
            kit.adapter(server.origin).publish(outgoing(images=True), print)
        assert not any(map(kit.is_publish, server.requests))
