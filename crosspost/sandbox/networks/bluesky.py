"""Bluesky: a PDS and the public app view in one. Source: bluesky-social/atproto, lexicons and reference server,
2026-08-20.

Two things are simpler than in a real server: a record's cid is the hash of its JSON instead of its DAG-CBOR, and
signatures of tokens mean nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from bisect import bisect_left
from datetime import datetime, timedelta
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crosspost.domain.ids import record_key
from crosspost.sandbox.exchange import Call, Json, Limit, endpoint, refuse
from crosspost.sandbox.lists import shown_until
from crosspost.sandbox.networks._bluesky_record import COLLECTION, record_problem
from crosspost.sandbox.networks._bluesky_view import (
    account_of,
    author_feed,
    get_likes,
    get_posts,
    get_reposted_by,
    invalid,
    profile,
    resolve,
    size_of,
)
from crosspost.sandbox.networks._images import media_type
from crosspost.sandbox.state import Media, SandboxAccount, SandboxPost, State

BLOB_MAX = 5 * 1024 * 1024
OLD_REFRESH = timedelta(hours=2)  # a rotated refresh token works that much longer
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")

_REQUESTS = Limit("requests", 3000, 300)
_BY = ("uri", "cid", "limit", "cursor")
_HOUR, _DAY = Limit("hour", 5000, 3600), Limit("day", 35000, 86400)
_SESSIONS, _SESSIONS_DAY = Limit("sessions", 30, 300), Limit("sessions a day", 300, 86400)


class _Bluesky:
    name: ClassVar[str] = "bluesky"

    def hint(self, state: State, request: Request) -> str | None:
        token = state.token("bluesky", _bearer(request))
        if token is not None:
            return token.account_id
        query = request.query_params
        account = account_of(state, query.get("actor") or query.get("repo") or "")
        return account.id if account else None

    def authenticate(self, call: Call) -> Response | None:
        value = _bearer(call.request)
        wanted = "refresh" if call.request.url.path.endswith("refreshSession") else "access"
        token = call.state.token("bluesky", value)
        if not value:
            return refuse("bluesky/auth_missing")
        if token is None or token.kind != wanted or token.revoked:
            return refuse("bluesky/token")
        if token.expires_at is not None and token.expires_at <= call.now:
            return refuse("bluesky/expired")
        call.token, call.owner = token, call.state.accounts[token.account_id]
        return None

    def unknown_parameter(self, name: str, value: str) -> Response:
        return invalid(f"Error: Params must not have the property {name!r}")

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(limit.max),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(int(reset.timestamp())),
            "RateLimit-Policy": f"{limit.max};w={limit.seconds}",
        }

    def rate_limited(self, headers: dict[str, str]) -> Response:
        return refuse("bluesky/rate_limited", headers)


def _bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def routes(state: State) -> list[BaseRoute]:
    b = _Bluesky()
    server, repo, feed = "/xrpc/com.atproto.server.", "/xrpc/com.atproto.repo.", "/xrpc/app.bsky.feed."
    actor, name = "/xrpc/app.bsky.actor.", "/xrpc/com.atproto.identity."
    write, put, drop = ((_HOUR, 3), (_DAY, 3)), ((_HOUR, 2), (_DAY, 2)), ((_HOUR, 1), (_DAY, 1))
    return [
        endpoint(state, b, server + "createSession", "POST", "auth", _create_session, token=False),
        endpoint(state, b, server + "refreshSession", "POST", "auth", _refresh_session),
        endpoint(state, b, server + "getSession", "GET", "account", _session),
        endpoint(state, b, server + "describeServer", "GET", "instance", _describe_server, token=False),
        endpoint(state, b, repo + "createRecord", "POST", "publish", _create, limits=write),
        endpoint(state, b, repo + "putRecord", "POST", "publish", _put, limits=put),
        endpoint(state, b, repo + "deleteRecord", "POST", "delete", _delete, limits=drop),
        endpoint(
            state, b, repo + "getRecord", "GET", "read", _get, query=("repo", "collection", "rkey", "cid"), token=False
        ),
        endpoint(
            state, b, repo + "listRecords", "GET", "list", _list_records,
            query=("repo", "collection", "limit", "cursor", "reverse"), token=False,
        ),
        endpoint(state, b, repo + "uploadBlob", "POST", "media", _upload, limits=((_REQUESTS, 1),)),
        endpoint(state, b, feed + "getPosts", "GET", "insights", get_posts, query=("uris",), token=False),
        endpoint(state, b, feed + "getLikes", "GET", "read", get_likes, query=_BY, token=False),
        endpoint(state, b, feed + "getRepostedBy", "GET", "read", get_reposted_by, query=_BY, token=False),
        endpoint(
            state, b, feed + "getAuthorFeed", "GET", "list", author_feed,
            query=("actor", "limit", "cursor", "filter", "includePins"), token=False,
        ),
        endpoint(state, b, actor + "getProfile", "GET", "account", profile, query=("actor",), token=False),
        endpoint(state, b, name + "resolveHandle", "GET", "account", resolve, query=("handle",), token=False),
        Route("/xrpc/{method}", _no_method, methods=["GET", "POST"]),
    ]  # fmt: skip


async def _no_method(request: Request) -> Response:
    return refuse("bluesky/no_method")


# sessions


def _create_session(call: Call) -> Response:
    account = account_of(call.state, str(call.fields.get("identifier", "")).lstrip("@"))
    password = call.fields.get("password")
    token = call.state.token("bluesky", str(password))
    if account is None or password != account.secrets["app_password"] or token is None or token.revoked:
        return refuse("bluesky/credentials")
    for limit in (_SESSIONS, _SESSIONS_DAY):
        if call.spend(account, limit) < 0:
            return refuse("bluesky/rate_limited")
    return Json(_new_session(call, account))


def _new_session(call: Call, account: SandboxAccount) -> dict[str, Any]:
    def form(scope: str) -> Any:
        def jwt(value: str, expires_at: datetime | None) -> str:
            claims = {"scope": scope, "sub": account.id, "iat": int(call.now.timestamp()), "aud": "did:web:localhost"}
            if expires_at is not None:
                claims["exp"] = int(expires_at.timestamp())
            parts = ({"typ": "at+jwt", "alg": "HS256"}, {**claims, "jti": value})
            signature = hashlib.sha256(value.encode()).digest()
            return ".".join(_base64url(json.dumps(part).encode()) for part in parts) + "." + _base64url(signature)

        return jwt

    return {
        "accessJwt": call.state.issue(account, "access", form("com.atproto.appPass")),
        "refreshJwt": call.state.issue(account, "refresh", form("com.atproto.refresh")),
        **_who(call.state, account),
    }


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _who(state: State, account: SandboxAccount) -> dict[str, Any]:
    service = {
        "id": "#atproto_pds",
        "type": "AtprotoPersonalDataServer",
        "serviceEndpoint": state.origin,
    }
    document = {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": account.id,
        "alsoKnownAs": [f"at://{account.handle}"],
        "verificationMethod": [],
        "service": [service],
    }
    return {"handle": account.handle, "did": account.id, "didDoc": document, "active": True}


def _refresh_session(call: Call) -> Response:
    """Both tokens are new; the presented one lives a little longer, for those who lost the answer."""
    token = call.token
    if token is not None:
        ends = call.now + OLD_REFRESH
        call.state.retire(token, ends if token.expires_at is None else min(ends, token.expires_at))
    return Json(_new_session(call, call.account))


def _session(call: Call) -> Response:
    return Json(_who(call.state, call.account))


def _describe_server(call: Call) -> Response:
    return Json({
        "did": "did:web:localhost", "availableUserDomains": [".test"], "inviteCodeRequired": False,
        "links": {}, "contact": {}, "blobUploadLimit": BLOB_MAX,
    })  # fmt: skip


# records


def _create(call: Call) -> Response:
    """On a key that exists the reference server breaks instead of telling; so does this."""
    rkey = call.fields.get("rkey")
    if rkey is None:
        number = call.state.snowflake(0, 10)
        rkey = record_key(call.now, number, 0)
    found = _checked(call, rkey)
    if isinstance(found, Response):
        return found
    if _standing(call.state, call.account.id, found) is not None:
        return refuse("bluesky/500")
    return _write(call, found, None)


def _put(call: Call) -> Response:
    """Repeating the same record changes nothing. `swapRecord`: null creates only, a cid replaces only that."""
    found = _checked(call, call.fields.get("rkey"))
    if isinstance(found, Response):
        return found
    there = _standing(call.state, call.account.id, found)
    if there is not None and there.data["record"] == call.fields["record"]:
        return _written(there, None)
    if "swapRecord" in call.fields:
        swap = call.fields["swapRecord"]
        if (there.data["cid"] if there else None) != swap:
            return refuse("bluesky/swap", value=there.data["cid"] if there else "null")
    return _write(call, found, there)


def _checked(call: Call, rkey: Any) -> str | Response:
    """The record's key once repository, collection, key and record are found to be good."""
    values, account = call.fields, call.account
    if call.broken:
        return invalid(call.broken)
    if values.get("repo") not in (account.id, account.handle):
        return invalid("Invalid repo")
    if values.get("collection") != COLLECTION:
        return invalid(f"the sandbox keeps {COLLECTION} only")
    if not isinstance(rkey, str) or not _TID.fullmatch(rkey):
        return invalid("Invalid record key: it must be a TID")
    if problem := record_problem(call, values.get("record")):
        return problem
    if call.struck("duplicate_answer") and _standing(call.state, account.id, rkey) is None:
        foreign = {**values["record"], "text": "something else under the same key", "facets": []}
        foreign.pop("embed", None)
        _write(call, rkey, None, foreign)
    return rkey


def _write(call: Call, rkey: str, there: SandboxPost | None, record: dict[str, Any] | None = None) -> Response:
    record = record or call.fields["record"]
    account = call.account
    if there is not None:
        call.state.delete(there)  # an overwrite is a deletion and a new post to everybody who reads
    embed = record.get("embed") or {}
    images, external = embed.get("images") or [], embed.get("external") or {}
    blobs = [image["image"]["ref"]["$link"] for image in images]
    links = [
        feature["uri"]
        for facet in record.get("facets") or []
        for feature in facet.get("features", [])
        if feature.get("$type") == "app.bsky.richtext.facet#link"
    ]
    if external:
        links.append(external["uri"])
    parent = ((record.get("reply") or {}).get("parent") or {}).get("uri")
    post = SandboxPost(
        "bluesky", account.id, f"at://{account.id}/{COLLECTION}/{rkey}", record["text"],
        tuple(dict.fromkeys(links)), datetime.fromisoformat(record["createdAt"]),
        call.state.url("bluesky", "profile", account.id, "post", rkey), call.now, parent_id=parent,
        media=tuple(f"{account.id}/{link}" for link in blobs), language=next(iter(record.get("langs") or []), None),
        data={"rkey": rkey, "record": record, "cid": _cid(record), "card": external,
              "alt": [image["alt"] for image in images]},
    )  # fmt: skip
    call.state.commit(post, late=call.late)
    return _written(post, {"cid": _cid([post.data["cid"], rkey]), "rev": rkey})


def _written(post: SandboxPost, commit: dict[str, str] | None) -> Response:
    answer = {"uri": post.id, "cid": post.data["cid"], "validationStatus": "valid"}
    return Json({**answer, "commit": commit} if commit else answer)


def _cid(value: Any) -> str:
    digest = hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).digest()
    return _cid_of(0x71, digest)


def _cid_of(codec: int, digest: bytes) -> str:
    return "b" + base64.b32encode(bytes((1, codec, 0x12, 0x20)) + digest).decode().lower().rstrip("=")


def _standing(state: State, did: str, rkey: str) -> SandboxPost | None:
    return state.post("bluesky", f"at://{did}/{COLLECTION}/{rkey}")


def _delete(call: Call) -> Response:
    values = call.fields
    if values.get("repo") not in (call.account.id, call.account.handle) or values.get("collection") != COLLECTION:
        return invalid("Invalid repo or collection")
    post = _standing(call.state, call.account.id, str(values.get("rkey")))
    if post is not None:
        call.state.delete(post)
    return Json({})


def _get(call: Call) -> Response:
    account = account_of(call.state, call.query("repo") or "")
    if account is None:
        return invalid(f"Could not find repo: {call.query('repo')}")
    uri = f"at://{account.id}/{call.query('collection')}/{call.query('rkey')}"
    post = call.state.readable("bluesky", uri)
    if post is None or call.query("cid") not in (None, post.data["cid"]):
        return refuse("bluesky/not_found", value=uri)
    return Json({"uri": post.id, "cid": post.data["cid"], "value": post.data["record"]})


def _list_records(call: Call) -> Response:
    account = account_of(call.state, call.query("repo") or "")
    if account is None:
        return invalid(f"Could not find repo: {call.query('repo')}")
    if not call.state.behaviour(account, "lists"):
        return refuse("bluesky/auth_missing")
    size = size_of(call, 100)
    if size is None:
        return invalid("Error: limit must be an integer between 1 and 100")
    rkeys, until = call.state.rkeys.get(account.id, []), shown_until(call, account)
    backwards, cursor = call.query("reverse") == "true", call.query("cursor")
    step = 1 if backwards else -1
    index = 0 if backwards else len(rkeys) - 1
    if cursor:
        place = bisect_left(rkeys, cursor)
        index = place + (rkeys[place : place + 1] == [cursor]) if backwards else place - 1
    found: list[SandboxPost] = []
    while 0 <= index < len(rkeys) and len(found) < size:
        post = _standing(call.state, account.id, rkeys[index])
        if post is not None and post.committed_at <= until:
            found.append(post)
        index += step
    records = [{"uri": post.id, "cid": post.data["cid"], "value": post.data["record"]} for post in found]
    more = {"cursor": found[-1].data["rkey"]} if len(found) == size else {}
    return Json({"records": records, **more})


def _upload(call: Call) -> Response:
    if len(call.body) > BLOB_MAX or call.broken:
        return refuse("bluesky/too_large")
    kind = media_type(call.body)
    if kind == "application/octet-stream":
        kind = call.request.headers.get("content-type", kind).partition(";")[0]
    if kind == "*/*" or "/" not in kind:
        return refuse("bluesky/mime", message=f"Invalid MIME type {kind}")
    link = _cid_of(0x55, hashlib.sha256(call.body).digest())
    media_id = f"{call.account.id}/{link}"
    broken = call.struck("media_failure") is not None
    call.state.media[media_id] = Media(media_id, call.account.id, call.body, kind, broken=broken)
    blob = {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": len(call.body)}
    return Json({"blob": blob})


# the app view
