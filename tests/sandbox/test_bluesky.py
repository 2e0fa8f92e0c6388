"""Bluesky's particulars, and the shape of its answers (after the lexicons, in the test's own words)."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

import pytest

from crosspost.sandbox.running import Sandbox
from tests.sandbox.speakers import Speaker, link_of, png

RKEY = "3kabcdefghijk"
COLLECTION = "app.bsky.feed.post"
DID = re.compile(r"did:plc:[a-z2-7]{24}")
URI = re.compile(r"at://did:plc:[a-z2-7]{24}/app\.bsky\.feed\.post/[234567abcdefghij][2-7a-z]{12}")
CID = re.compile(r"baf(yrei|krei)[a-z2-7]{52}")
JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")


def fits(value: Any, shape: Any, where: str = "$") -> None:
    """`value` is as `shape` says: a type, a pattern, a dict with "?" before optional names, or a list of one."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), where
        required = {name for name in shape if not name.startswith("?")}
        assert required <= set(value), f"{where}: lacks {required - set(value)}"
        for name, one in value.items():
            inner = shape.get(name, shape.get(f"?{name}"))
            assert inner is not None, f"{where}.{name}: is not in the lexicon"
            fits(one, inner, f"{where}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        for n, one in enumerate(value):
            fits(one, shape[0], f"{where}[{n}]")
    elif isinstance(shape, re.Pattern):
        assert isinstance(value, str), where
        assert shape.fullmatch(value), f"{where}: {value}"
    elif shape is datetime:
        assert datetime.fromisoformat(value).tzinfo is not None, where
    else:
        assert isinstance(value, shape), f"{where}: {value!r} is no {shape}"


SESSION = {"accessJwt": JWT, "refreshJwt": JWT, "handle": str, "did": DID, "?didDoc": dict, "?active": bool}
WRITTEN = {"uri": URI, "cid": CID, "?commit": {"cid": CID, "rev": str}, "?validationStatus": str}
GOT = {"uri": URI, "?cid": CID, "value": dict}
VIEW = {
    "uri": URI, "cid": CID, "author": {"did": DID, "handle": str, "?displayName": str}, "record": dict,
    "?likeCount": int, "?repostCount": int, "?replyCount": int, "?quoteCount": int, "?bookmarkCount": int,
    "indexedAt": datetime, "?labels": list,
}  # fmt: skip
PROFILE = {
    "did": DID, "handle": str, "?displayName": str, "?followersCount": int, "?followsCount": int,
    "?postsCount": int, "?createdAt": datetime, "?labels": list,
}  # fmt: skip
ERROR = {"error": str, "message": str}


def test_every_answer_has_its_shape(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    fits(ana.session, SESSION)
    server = ana.http.get("/xrpc/com.atproto.server.describeServer").json()
    assert server["blobUploadLimit"] == 5 * 1024 * 1024
    fits(ana.put(RKEY, ana.record("a", link_of(1))).json(), WRITTEN)
    where = {"repo": ana.id, "collection": COLLECTION}
    fits(ana.http.get("/xrpc/com.atproto.repo.getRecord", params={**where, "rkey": RKEY}).json(), GOT)
    fits(ana.listed().json(), {"records": [GOT], "?cursor": str})
    uri = sandbox.posted()[0]["id"]
    del ana.http.headers["authorization"]  # what follows is public
    posts = ana.http.get("/xrpc/app.bsky.feed.getPosts", params={"uris": [uri, uri[:-1] + "2"]}).json()
    fits(posts, {"posts": [VIEW]})
    assert len(posts["posts"]) == 1, "a missing post is left out"
    feed = ana.http.get("/xrpc/app.bsky.feed.getAuthorFeed", params={"actor": ana.account["handle"]}).json()
    fits(feed, {"feed": [{"post": VIEW}], "?cursor": str})
    fits(ana.http.get("/xrpc/app.bsky.actor.getProfile", params={"actor": ana.id}).json(), PROFILE)
    for path in ("com.atproto.server.getSession", "app.bsky.feed.getPosts", "app.bsky.feed.unheardOf"):
        fits(ana.http.get(f"/xrpc/{path}").json(), ERROR)


def test_put_is_create_only_with_an_explicit_null(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    record, other = ana.record("a", link_of(1)), ana.record("b", link_of(2))
    first = ana.put(RKEY, record)
    assert (first.status_code, "commit" in first.json()) == (200, True)
    again = ana.put(RKEY, record)
    assert (again.status_code, again.json()["cid"], "commit" in again.json()) == (200, first.json()["cid"], False)
    refused = ana.put(RKEY, other)
    assert (refused.status_code, refused.json()["error"]) == (400, "InvalidSwap")
    assert first.json()["cid"] in refused.json()["message"]
    assert len(ana.posted()) == 1
    assert ana.put(RKEY, other, swapRecord="bafyreiwrong").json()["error"] == "InvalidSwap"
    assert ana.put(RKEY, other, swapRecord=first.json()["cid"]).status_code == 200
    assert ana.found() == [link_of(2)]
    assert [entry["event"] for entry in sandbox.ledger()] == ["post", "delete", "post"]


def test_put_without_swap_overwrites_silently(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    for n in (1, 2):
        body = {"repo": ana.id, "collection": COLLECTION, "rkey": RKEY, "record": ana.record("a", link_of(n))}
        assert ana.http.post("/xrpc/com.atproto.repo.putRecord", json=body).status_code == 200
    assert ana.found() == [link_of(2)]


def test_create_on_a_taken_key_breaks(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    body = {"repo": ana.id, "collection": COLLECTION, "rkey": RKEY, "record": ana.record("a", link_of(1))}
    first, again = (ana.http.post("/xrpc/com.atproto.repo.createRecord", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 500)
    assert again.json()["error"] == "InternalServerError"
    del body["rkey"]
    assert ana.http.post("/xrpc/com.atproto.repo.createRecord", json=body).status_code == 200
    assert len(ana.posted()) == 2


@pytest.mark.parametrize("rkey", ["", "short", "zkabcdefghijk", "3kabcdefghij1", RKEY + "a", None, 7])
def test_a_key_is_a_tid(sandbox: Sandbox, rkey: Any) -> None:
    ana = Speaker(sandbox, "bluesky")
    answer = ana.put(rkey, ana.record("a", link_of(1)))
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({"text": "é" * 300}, True),
        ({"text": "é" * 301}, False),
        ({"text": "👩‍👩‍👧‍👦" * 120}, True),  # 3,000 bytes
        ({"text": "👩‍👩‍👧‍👦" * 121}, False),
        ({"createdAt": "2026-03-02 08:00"}, False),
        ({"createdAt": None}, False),
        ({"langs": ["fr", "en", "de"]}, True),
        ({"langs": ["fr", "en", "de", "es"]}, False),
        ({"$type": "app.bsky.feed.like"}, False),
        ({"facets": [{"index": {"byteStart": 0, "byteEnd": 9}, "features": []}]}, False),
        (
            {"embed": {"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example", "title": "a"}}},
            False,
        ),
    ],
)
def test_what_a_record_may_hold(sandbox: Sandbox, change: dict[str, Any], good: bool) -> None:
    ana = Speaker(sandbox, "bluesky")
    record = {**ana.record("", link_of(1)), "text": "a", "facets": [], **change}
    answer = ana.put(RKEY, record)
    assert answer.status_code == (200 if good else 400), answer.text
    assert len(ana.posted()) == good


def test_a_card_with_its_picture(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    image = png()

    def upload(content: bytes, kind: str = "image/png") -> Any:
        path = "/xrpc/com.atproto.repo.uploadBlob"
        return ana.http.post(path, content=content, headers={"content-type": kind})

    blob = upload(image).json()["blob"]
    fits(blob, {"$type": str, "ref": {"$link": CID}, "mimeType": str, "size": int})
    assert upload(image).json()["blob"] == blob, "the same bytes give the same reference"
    card = {"uri": link_of(1), "title": "Titre", "description": "Résumé", "thumb": blob}
    record = {**ana.record("a", link_of(1)), "embed": {"$type": "app.bsky.embed.external", "external": card}}
    assert ana.put(RKEY, record).status_code == 200
    assert sandbox.posted()[0]["links"] == [link_of(1)]
    heavy = upload(image + b"\0" * 1_000_000).json()["blob"]
    card["thumb"] = heavy
    assert ana.put("3kabcdefghijm", record).json()["error"] == "InvalidSize"
    pictures = {"$type": "app.bsky.embed.images", "images": [{"image": heavy, "alt": "un graphique"}]}
    assert ana.put("3kabcdefghijn", {**record, "embed": pictures}).status_code == 200
    stranger = {"$type": "blob", "ref": {"$link": "bafkreinone"}, "mimeType": "image/png", "size": 3}
    pictures["images"] = [{"image": stranger, "alt": ""}]
    assert ana.put("3kabcdefghijo", {**record, "embed": pictures}).json()["error"] == "BlobNotFound"
    assert upload(image + b"\0" * 5 * 1024 * 1024).status_code == 413
    digest = hashlib.sha256(image).digest()
    assert blob["ref"]["$link"] == _cid(digest)


def _cid(digest: bytes) -> str:
    """Version 1, raw bytes, SHA-256, base32 without padding, by hand."""
    bits = "".join(f"{byte:08b}" for byte in b"\x01\x55\x12\x20" + digest)
    bits += "0" * (-len(bits) % 5)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "b" + "".join(letters[int(bits[n : n + 5], 2)] for n in range(0, len(bits), 5))


def test_sessions(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "bluesky")
    path = "/xrpc/com.atproto.server.refreshSession"
    virtual.advance(seconds=7201)
    assert ana.publish(1).json() == {"error": "ExpiredToken", "message": "Token has expired"}
    old = ana.session["refreshJwt"]
    ana.http.headers["authorization"] = f"Bearer {old}"
    assert ana.publish(1).json()["error"] == "InvalidToken", "a refresh token opens nothing else"
    fresh = ana.http.post(path).json()
    fits(fresh, SESSION)
    assert fresh["refreshJwt"] != old
    assert ana.http.post(path).status_code == 200, "it may be used again for a while"
    virtual.advance(seconds=7201)
    assert ana.http.post(path).json()["error"] == "ExpiredToken"
    ana.http.headers["authorization"] = f"Bearer {fresh['refreshJwt']}"
    assert ana.http.post(path).status_code == 200
    wrong = {"identifier": ana.account["handle"], "password": "no"}
    answer = ana.http.post("/xrpc/com.atproto.server.createSession", json=wrong)
    assert (answer.status_code, answer.json()["error"]) == (401, "AuthenticationRequired")


def test_logging_in_is_rationed(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "bluesky")
    wanted = {"identifier": ana.id, "password": ana.secrets["app_password"]}
    path = "/xrpc/com.atproto.server.createSession"
    assert [ana.http.post(path, json=wanted).status_code for _ in range(30)] == [200] * 29 + [429]


def test_a_missing_record_is_a_bad_request(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    where = {"repo": ana.id, "collection": COLLECTION, "rkey": RKEY}
    answer = ana.http.get("/xrpc/com.atproto.repo.getRecord", params=where)
    assert (answer.status_code, answer.json()["error"]) == (400, "RecordNotFound")


def test_records_are_listed_by_key_and_posts_by_arrival(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    for n, rkey in enumerate(("3kabcdefghijz", "3kabcdefghija", "3kabcdefghijm")):
        ana.put(rkey, ana.record("a", link_of(n)))
    assert ana.found() == [link_of(0), link_of(2), link_of(1)]
    assert ana.found(reverse="true") == [link_of(1), link_of(2), link_of(0)]
    first = ana.listed(2, reverse="true")
    assert ana.links(ana.listed(2, reverse="true", cursor=first.json()["cursor"])) == [link_of(0)]
    feed = ana.http.get("/xrpc/app.bsky.feed.getAuthorFeed", params={"actor": ana.id, "limit": 2}).json()
    assert [one["post"]["uri"][-1] for one in feed["feed"]] == ["m", "a"]
    rest = ana.http.get("/xrpc/app.bsky.feed.getAuthorFeed", params={"actor": ana.id, "cursor": feed["cursor"]}).json()
    assert [one["post"]["uri"][-1] for one in rest["feed"]] == ["z"]
