"""X, API v2. Source: the vendor's description 2.167 of 22 Aug 2026 and docs.x.com, read 2026-08-22.

It takes the parameters of both vocabularies (`post.fields` and the older `tweet.fields`) and answers in the one
the account's `vocabulary` says. OAuth 1.0a signatures are not verified: clients sign for api.twitter.com.
One liberty: http addresses without a public domain (127.0.0.1) become t.co links too, so that a rehearsal on one
machine can be followed; they are counted at full length, as X would.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crosspost.domain.counting import measure
from crosspost.domain.limits import AtMost
from crosspost.sandbox.exchange import Call, Json, Limit, endpoint, refuse
from crosspost.sandbox.lists import page, repeats
from crosspost.sandbox.networks._x_media import metadata, upload, upload_status
from crosspost.sandbox.networks._x_shapes import (
    answers_old,
    as_json,
    as_object,
    instant,
    invalid,
    not_found,
    problem,
    stamp,
    tco,
    wrapped,
)
from crosspost.sandbox.state import Media, SandboxPost, State

API_VERSION = "2.167"
DUPLICATE_WINDOW_S = 86400.0  # the real window is not documented
_ID = re.compile(r"[0-9]{1,19}")

_FIELDS = ("tweet.fields", "post.fields", "user.fields", "media.fields", "poll.fields", "place.fields", "expansions")
_USER_QUERY = ("user.fields", "tweet.fields", "post.fields", "expansions")
_LIST_QUERY = ("max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id", "exclude")
_POST_FIELDS = """
article article_title attachments author_id card_uri community_id context_annotations conversation_id created_at
display_text_range edit_controls edit_history_post_ids edit_history_tweet_ids entities geo id
in_reply_to_user_id lang matched_media_notes media_metadata non_public_metrics note_post
note_request_suggestions note_tweet organic_metrics paid_partnership possibly_sensitive promoted_metrics
public_metrics referenced_posts referenced_tweets reply_settings scopes source suggested_source_links
suggested_source_links_with_counts text withheld
"""
_CREATE = """
card_uri community_id direct_message_deep_link edit_options for_super_followers_only geo made_with_ai media
nullcast paid_partnership poll quote_tweet_id reply reply_settings share_with_followers text
"""

_CREATE_LIMIT = Limit("create", 100, 900)
_DELETE_LIMIT = Limit("delete", 50, 900)
_OWN_LIMIT = Limit("own timeline", 900, 900)
_ME_LIMIT = Limit("me", 75, 900)
_LOOKUP_LIMIT = Limit("lookup", 5000, 900)
_MEDIA_LIMIT = Limit("media", 500, 900)


class _X:
    name: ClassVar[str] = "x"

    def hint(self, state: State, request: Request) -> str | None:
        token = state.token("x", _token(request.headers.get("authorization", ""))[1])
        return token.account_id if token else None

    def authenticate(self, call: Call) -> Response | None:
        scheme, value = _token(call.request.headers.get("authorization", ""))
        token = call.state.token("x", value)
        if token is None or token.kind != {"oauth": "oauth1", "bearer": "access"}.get(scheme):
            return refuse("x/unauthorized")
        if token.revoked or (token.expires_at is not None and token.expires_at <= call.now):
            return refuse("x/unauthorized")
        owner = call.state.accounts[token.account_id]
        if scheme == "oauth":
            key = re.search(r'oauth_consumer_key="([^"]*)"', call.request.headers["authorization"])
            if key is None or key[1] != owner.secrets["consumer_key"]:
                return refuse("x/unauthorized")
        call.token, call.owner = token, owner
        return None if call.state.behaviour(owner, "credits") else refuse("x/credits")

    def unknown_parameter(self, name: str, value: str) -> Response:
        return invalid(name, value, f"The query parameter [{name}] is not one of those of this endpoint.")

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]:
        return {
            "x-rate-limit-limit": str(limit.max),
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(int(reset.timestamp())),
            "api-version": API_VERSION,
        }

    def rate_limited(self, headers: dict[str, str]) -> Response:
        return refuse("x/rate_limited", headers)


def _token(header: str) -> tuple[str, str]:
    """Scheme in lower case and the token's value."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "oauth":
        found = re.search(r'oauth_token="([^"]*)"', rest)
        return "oauth", found[1] if found else ""
    return scheme.lower(), rest.strip()


def routes(state: State) -> list[BaseRoute]:
    x = _X()
    own = "/2/users/{id}/tweets"
    return [
        endpoint(state, x, "/2/tweets", "POST", "publish", _create, limits=((_CREATE_LIMIT, 1),)),
        endpoint(state, x, "/2/tweets", "GET", "read", _lookup, query=("ids", *_FIELDS), limits=((_LOOKUP_LIMIT, 1),)),
        endpoint(state, x, own, "GET", "list", _timeline, query=(*_LIST_QUERY, *_FIELDS), limits=((_OWN_LIMIT, 1),)),
        endpoint(state, x, "/2/tweets/{id}", "GET", "read", _one, query=_FIELDS, limits=((_LOOKUP_LIMIT, 1),)),
        endpoint(state, x, "/2/tweets/{id}", "DELETE", "delete", _delete, limits=((_DELETE_LIMIT, 1),)),
        endpoint(state, x, "/2/users/me", "GET", "account", _me, query=_USER_QUERY, limits=((_ME_LIMIT, 1),)),
        endpoint(state, x, "/2/media/upload", "POST", "media", upload, limits=((_MEDIA_LIMIT, 1),)),
        endpoint(state, x, "/2/media/upload", "GET", "media", upload_status, query=("command", "media_id")),
        endpoint(state, x, "/2/media/metadata", "POST", "media", metadata, limits=((_MEDIA_LIMIT, 1),)),
    ]


# publishing


def _create(call: Call) -> Response:
    state, account, values = call.state, call.account, call.fields
    if call.broken:
        return invalid("body", "", call.broken)
    if unknown := sorted(set(values) - set(_CREATE.split())):
        return invalid(unknown[0], "", f"$.{unknown[0]}: is not defined in the schema")
    text, media_ids = values.get("text", ""), as_object(values.get("media")).get("media_ids") or []
    parent = as_object(values.get("reply")).get("in_reply_to_tweet_id")
    if not isinstance(text, str) or (not text.strip() and not media_ids):
        return invalid("text", str(text), "$.text: must be a non-empty string")
    if not isinstance(media_ids, list) or len(media_ids) > 4 or not all(_ID.fullmatch(str(one)) for one in media_ids):
        return invalid("media.media_ids", str(media_ids), "$.media.media_ids: must be 1 to 4 ids")
    media = [state.media.get(str(one)) for one in media_ids]
    if any(one is None or one.account_id != account.id or one.broken or one.polls_left for one in media):
        return invalid("media.media_ids", str(media_ids), "Your media IDs are invalid.")
    if parent is not None and state.post("x", str(parent)) is None:
        return refuse("x/not_permitted")
    limit = AtMost(25_000 if state.behaviour(account, "premium") else 280, "weighted characters", link_cost=23)
    if measure(text, limit) > limit.max:
        return refuse("x/not_permitted")
    if call.struck("duplicate_answer") or repeats(call, text, DUPLICATE_WINDOW_S):
        return refuse("x/duplicate")
    post = _post(call, text, [one for one in media if one is not None], parent)
    state.commit(post, late=call.late)
    shown = {"id": post.id, "text": post.data["shown"]}
    names = "edit_history_tweet_ids" if answers_old(state, account) else "edit_history_post_ids"
    return Json({"data": {names: [post.id], **shown}}, 201)


def _post(call: Call, text: str, media: list[Media], parent: str | None) -> SandboxPost:
    state, account = call.state, call.account
    post_id = state.snowflake()
    text = unicodedata.normalize("NFC", text)
    shown, urls = wrapped(text, post_id)
    url = state.url("x", account.handle, "status", post_id)
    if media:
        short = f"https://t.co/{tco(post_id, 'media')}"
        start = len(shown) + 1 if shown else 0
        shown = f"{shown} {short}" if shown else short
        for one in media:
            one.used = True
            urls.append({
                "start": start, "end": len(shown), "url": short, "media_key": f"3_{one.id}",
                "expanded_url": f"https://x.com/{account.handle}/status/{post_id}/photo/1",
                "display_url": f"pic.x.com/{short[-10:]}",
            })  # fmt: skip
    return SandboxPost(
        "x", account.id, post_id, text, tuple(one["expanded_url"] for one in urls if "media_key" not in one),
        call.now, url, call.now, parent_id=parent, media=tuple(one.id for one in media),
        data={"shown": shown, "urls": urls, "alt": [one.alt for one in media]},
    )  # fmt: skip


def _delete(call: Call) -> Response:
    post = call.state.post("x", call.path("id"))
    if post is None:
        return not_found("tweet", "id", call.path("id"))
    if post.account_id != call.account.id:
        return refuse("x/not_permitted")
    call.state.delete(post)
    return Json({"data": {"deleted": True}})


# reading


def _lookup(call: Call) -> Response:
    ids = (call.query("ids") or "").split(",")
    if len(ids) > 100 or not all(_ID.fullmatch(one) for one in ids):
        return invalid("ids", call.query("ids") or "", "The `ids` query parameter must hold 1 to 100 ids.")
    if wrong := _wrong_fields(call):
        return wrong
    found, errors = [], []
    for one in ids:
        post = call.state.readable("x", one)
        if post is None:
            errors.append(problem("x/not_found", resource="tweet", parameter="ids", value=one))
        else:
            found.append(as_json(call, post, errors))
    return Json({**({"data": found} if found else {}), **({"errors": errors} if errors else {})})


def _one(call: Call) -> Response:
    if wrong := _wrong_fields(call):
        return wrong
    post = call.state.readable("x", call.path("id"))
    if post is None:
        return not_found("tweet", "id", call.path("id"))
    errors: list[Any] = []
    return Json({"data": as_json(call, post, errors), **({"errors": errors} if errors else {})})


def _timeline(call: Call) -> Response:
    account = call.state.accounts.get(call.path("id"))
    if account is None or account.network != "x":
        return not_found("user", "id", call.path("id"))
    if not call.state.behaviour(account, "lists"):
        return refuse("x/not_enrolled")
    if wrong := _wrong_fields(call):
        return wrong
    try:
        size = int(call.query("max_results") or 10)
        since, until = instant(call.query("start_time")), instant(call.query("end_time"))
        after = int(call.query("since_id") or 0)
        ends = [int(one) for one in (call.query("until_id"), call.query("pagination_token")) if one]
    except ValueError as error:
        return invalid("query", str(call.request.url.query), str(error))
    if not 5 <= size <= 100:
        return invalid("max_results", str(size), "The `max_results` query parameter value is not between 5 and 100")
    exclude = (call.query("exclude") or "").split(",")
    if wrong_values := set(exclude) - {"", "replies", "retweets"}:
        return invalid("exclude", str(wrong_values), "exclude holds replies and retweets")
    posts, more = page(
        call, account, size, before=min(ends) if ends else None, since=since, until=until, after=after,
        replies="replies" not in exclude,
    )  # fmt: skip
    errors: list[Any] = []
    data = [as_json(call, post, errors) for post in posts]
    meta: dict[str, Any] = {"result_count": len(posts)}
    if posts:
        meta |= {"newest_id": posts[0].id, "oldest_id": posts[-1].id}
    if more:
        meta["next_token"] = posts[-1].id
    return Json({**({"data": data} if data else {}), **({"errors": errors} if errors else {}), "meta": meta})


def _me(call: Call) -> Response:
    account, fields = call.account, (call.query("user.fields") or "").split(",")
    data: dict[str, Any] = {"id": account.id, "name": account.name, "username": account.handle}
    if "created_at" in fields:
        data["created_at"] = stamp(account.created_at)
    if "subscription_type" in fields:
        data["subscription_type"] = "Premium" if call.state.behaviour(account, "premium") else "None"
    if "public_metrics" in fields:
        data["public_metrics"] = {
            "followers_count": account.followers,
            "following_count": account.following,
            "tweet_count" if answers_old(call.state, account) else "post_count": call.state.standing.get(account.id, 0),
            "listed_count": 0,
            "like_count": 0,
        }
    return Json({"data": data})


# media


# shapes


def _wrong_fields(call: Call) -> Response | None:
    dead = call.state.behaviour(call.account, "dead_metrics")
    if call.query("tweet.fields") and call.state.behaviour(call.account, "fields_parameter") == "post":
        return invalid("tweet.fields", "", "The query parameter [tweet.fields] is not one of [id,post.fields]")
    for parameter in ("tweet.fields", "post.fields"):
        for name in filter(None, (call.query(parameter) or "").split(",")):
            if name not in _POST_FIELDS.split() or name in dead:
                return invalid(
                    parameter, name, f"The `{parameter}` query parameter value [{name}] is not one of these."
                )
    return None
