"""What X shows: posts with t.co links and counts in either vocabulary, and its refusals."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from crosspost.domain.addresses import http_addresses, twitter_addresses
from crosspost.sandbox.errors import ERRORS
from crosspost.sandbox.exchange import Call, refuse
from crosspost.sandbox.state import SandboxAccount, SandboxPost, State

PRIVATE_DAYS = 30


def wrapped(text: str, post_id: str) -> tuple[str, list[dict[str, Any]]]:
    """The text as X gives it back, each address behind t.co, and the entities that tell what is behind."""
    spans = {(span.start, span.end) for span in twitter_addresses(text)}
    taken = {index for start, end in spans for index in range(start, end)}
    spans |= {(span.start, span.end) for span in http_addresses(text) if not taken & set(range(span.start, span.end))}
    shown, urls, position = "", [], 0
    for start, end in sorted(spans):
        address = text[start:end]
        shown += text[position:start]
        short = f"https://t.co/{tco(post_id, str(start))}"
        full = address if "://" in address else f"http://{address}"
        plain = full.partition("://")[2]
        urls.append({
            "start": len(shown), "end": len(shown) + len(short), "url": short, "expanded_url": full,
            "display_url": plain if len(plain) <= 27 else plain[:26] + "…",
        })  # fmt: skip
        shown += short
        position = end
    return shown + text[position:], urls


def tco(*parts: str) -> str:
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    return base64.b64encode(digest, b"xX")[:10].decode()


def as_json(call: Call, post: SandboxPost, errors: list[Any]) -> dict[str, Any]:
    fields = {name for one in ("tweet.fields", "post.fields") for name in (call.query(one) or "").split(",")}
    author = call.state.accounts[post.account_id]
    old = answers_old(call.state, author)
    raw: dict[str, Any] = {"id": post.id, "text": post.data["shown"]}
    raw["edit_history_tweet_ids" if old else "edit_history_post_ids"] = [post.id]
    if "created_at" in fields:
        raw["created_at"] = stamp(post.created_at)
    if "author_id" in fields:
        raw["author_id"] = post.account_id
    if "conversation_id" in fields:
        raw["conversation_id"] = post.parent_id or post.id
    if "entities" in fields and post.data["urls"]:
        raw["entities"] = {"urls": post.data["urls"]}
    if "attachments" in fields and post.media:
        raw["attachments"] = {"media_keys": [f"3_{one}" for one in post.media]}
    if "in_reply_to_user_id" in fields and post.parent_id and (parent := call.state.post("x", post.parent_id)):
        raw["in_reply_to_user_id"] = parent.account_id
    if post.parent_id and fields & {"referenced_tweets", "referenced_posts"}:
        raw["referenced_tweets" if old else "referenced_posts"] = [{"type": "replied_to", "id": post.parent_id}]
    if "public_metrics" in fields:
        raw["public_metrics"] = {
            "retweet_count" if old else "repost_count": post.reposts,
            "reply_count": post.replies,
            "like_count": post.likes,
            "quote_count": post.quotes,
            "bookmark_count": post.bookmarks,
            "impression_count": post.impressions,
        }
    for name in ("non_public_metrics", "organic_metrics"):
        if name not in fields:
            continue
        late = call.now - post.created_at > timedelta(days=PRIVATE_DAYS)
        denied = name in call.state.behaviour(call.account, "denied_metrics")
        if post.account_id != call.account.id or late or denied:
            errors.append(problem("x/field_unauthorized", field=name, value=post.id))
        else:
            raw[name] = private_counts(post, organic=name == "organic_metrics")
    return raw


def private_counts(post: SandboxPost, organic: bool) -> dict[str, int]:
    counts = {
        "impression_count": post.impressions,
        "url_link_clicks": post.link_clicks,
        "user_profile_clicks": post.profile_clicks,
    }
    if organic:
        return {**counts, "like_count": post.likes, "reply_count": post.replies, "retweet_count": post.reposts}
    engaged = post.likes + post.replies + post.reposts + post.quotes + post.link_clicks + post.profile_clicks
    return {**counts, "engagements": engaged}


def invalid(name: str, value: str, message: str) -> Response:
    return refuse("x/invalid", name=name, value=value, message=message)


def not_found(resource: str, parameter: str, value: str) -> Response:
    return refuse("x/not_found", resource=resource, parameter=parameter, value=value)


def problem(name: str, **values: str) -> Any:
    """A problem inside a 200's `errors`, where the description knows no status 404."""
    return ERRORS[name].filled(**values)


def answers_old(state: State, account: SandboxAccount) -> bool:
    return bool(state.behaviour(account, "vocabulary") == "old")


def as_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def instant(text: str | None) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return found


def stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
