"""Facebook's particulars."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from crosspost.sandbox.running import Sandbox
from tests.sandbox.speakers import Speaker, link_of, png


def _photo(ana: Speaker, **data: str) -> dict[str, str]:
    answer = ana.http.post(f"/v26.0/{ana.id}/photos", data=data, files={"source": ("a.png", png(), "image/png")})
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def test_a_link_post_shows_its_card_behind_the_shim(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "facebook")
    wanted = {"message": "À lire", "link": link_of(1), "fields": "id,permalink_url"}
    made = ana.http.post(f"/v26.0/{ana.id}/feed", data=wanted).json()
    assert made["id"].startswith(ana.id + "_")
    fields = "id,message,created_time,permalink_url,attachments{url,unshimmed_url,media_type},shares"
    post = ana.http.get(f"/v26.0/{made['id']}", params={"fields": fields}).json()
    (attached,) = post["attachments"]["data"]
    assert attached["unshimmed_url"] == link_of(1)
    shim = urlsplit(attached["url"])
    assert (shim.netloc, parse_qs(shim.query)["u"]) == ("l.facebook.com", [link_of(1)])
    assert post["permalink_url"] == made["permalink_url"]
    assert post["created_time"].endswith("+0000")
    assert "shares" not in post, "nobody shared it yet"


def test_photos_are_uploaded_first_and_then_attached(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "facebook")
    photo = _photo(ana, published="false", alt_text_custom="un graphique")
    assert sandbox.posted() == []
    attached = json.dumps([{"media_fbid": photo["id"]}])
    wanted = {"message": f"Voir {link_of(1)}", "attached_media": attached}
    assert ana.http.post(f"/v26.0/{ana.id}/feed", data=wanted).status_code == 200
    (entry,) = sandbox.posted()
    assert (entry["links"], entry["data"]["alt"]) == ([link_of(1)], ["un graphique"])
    assert ana.http.post(f"/v26.0/{ana.id}/feed", data={**wanted, "link": link_of(2)}).status_code == 400
    assert "post_id" in _photo(ana, caption="photo seule")
    assert len(sandbox.posted()) == 2


def test_a_page_token_posts_and_a_user_token_finds_it(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "facebook")
    ana.http.headers["authorization"] = f"Bearer {ana.secrets['user_token']}"
    assert ana.publish(1).json()["error"]["error_subcode"] == 33
    (page,) = ana.http.get("/v26.0/me/accounts").json()["data"]
    assert (page["id"], page["access_token"]) == (ana.id, ana.secrets["page_token"])
    assert ana.http.get("/v26.0/me", params={"fields": "followers_count"}).json()["error"]["code"] == 100
    del ana.http.headers["authorization"]
    assert ana.publish(1).json()["error"]["code"] == 104
    for where in ("query", "form"):
        token = {"access_token": page["access_token"]}
        answer = ana.http.post(
            f"/v26.0/{ana.id}/feed", params=token if where == "query" else None,
            data={"message": where, **(token if where == "form" else {})},
        )  # fmt: skip
        assert answer.status_code == 200, where
    me = ana.http.get("/v26.0/me", params={**token, "fields": "id,name,followers_count"}).json()
    assert me == {"id": ana.id, "name": "ana", "followers_count": 500}


def test_an_expired_version_is_served_by_the_oldest_living_one(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "facebook")
    for asked, served in (("v26.0", "v26.0"), ("v24.0", "v24.0"), ("v19.0", "v22.0"), ("v2.8", "v22.0")):
        assert ana.http.get(f"/{asked}/me").headers["facebook-api-version"] == served
    assert ana.http.get("/latest/me").status_code == 404


def test_one_dead_metric_fails_the_whole_request(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "facebook")
    ana.publish(1)
    assert sandbox.state is not None
    post = sandbox.state.posts[0]
    post.impressions, post.reach, post.likes, post.replies, post.reposts, post.link_clicks = 300, 200, 9, 3, 2, 7

    def insights(node: str, metrics: str) -> dict[str, object]:
        answer = ana.http.get(f"/v26.0/{node}/insights", params={"metric": metrics}).json()
        if "error" in answer:
            return dict(answer["error"])
        return {one["name"]: one["values"][0]["value"] for one in answer["data"]}

    every = "post_media_view,post_total_media_view_unique,post_clicks_by_type,post_activity_by_action_type"
    assert insights(post.id, every + ",post_reactions_by_type_total") == {
        "post_media_view": 300,
        "post_total_media_view_unique": 200,
        "post_clicks_by_type": {"link clicks": 7, "other clicks": 0},
        "post_activity_by_action_type": {"like": 9, "comment": 3, "share": 2},
        "post_reactions_by_type_total": {"like": 9},
    }
    assert insights(post.id, every + ",post_impressions")["code"] == 100
    assert insights(post.id, "")["code"] == 3001
    assert insights(ana.id, "page_follows,page_media_view") == {"page_follows": 500, "page_media_view": 300}
    assert insights("1_2", "post_media_view")["error_subcode"] == 33
    sandbox.state.accounts[ana.id].followers = 99
    assert insights(ana.id, "page_follows") == {}, "a Page under 100 likes has no insights"


def test_the_previous_words_again_are_refused_for_a_while(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "facebook")
    assert ana.publish(1).status_code == 200
    assert ana.publish(1).json()["error"]["code"] == 506
    virtual.advance(seconds=601)
    assert ana.publish(1).status_code == 200
    Speaker(virtual, "facebook", duplicate_window_s=0)
    assert ana.publish(1).status_code == 200


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({}, 100),
        ({"message": " "}, 100),
        ({"message": "a", "link": "ftp://a"}, 100),
        ({"message": "a", "mesage": "b"}, 100),
        ({"message": "é" * 63_206}, None),
        ({"message": "é" * 63_207}, 100),
        ({"message": "🦜" * 31_603}, None),
        ({"message": "🦜" * 31_604}, 100),
    ],
)
def test_what_a_post_may_hold(sandbox: Sandbox, data: dict[str, str], code: int | None) -> None:
    answer = Speaker(sandbox, "facebook").http.post(f"/v26.0/{_id(sandbox)}/feed", data=data)
    assert answer.json().get("error", {}).get("code") == code


def _id(sandbox: Sandbox) -> str:
    return str(sandbox.add_account("facebook", "ana")["id"])


def test_since_and_until(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "facebook")
    for n in range(3):
        ana.publish(n)
        virtual.advance(seconds=60)
    start = 1772438400  # 2026-03-02T08:00:00Z
    assert ana.found(since=start + 60) == [link_of(2), link_of(1)]
    assert ana.found(until=start + 60) == [link_of(0)]
    assert ana.listed(since="yesterday").status_code == 400


def test_a_comment_hangs_under_the_post_and_not_in_the_list(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "facebook")
    post = ana.publish(1).json()["id"]
    answer = ana.http.post(f"/v26.0/{post}/comments", data={"message": f"Le lien : {link_of(2)}"})
    assert answer.status_code == 200
    assert ana.found() == [link_of(1)]
    assert [entry["parent_id"] for entry in sandbox.posted()] == [None, post]


def test_an_unknown_field_names_itself(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "facebook")
    error = ana.http.get("/v26.0/me", params={"fields": "id,mood"}).json()["error"]
    assert (error["code"], "mood" in error["message"]) == (100, True)
