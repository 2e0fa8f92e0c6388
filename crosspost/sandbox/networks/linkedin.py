"""LinkedIn, versioned Posts API. Source: learn.microsoft.com/en-us/linkedin/marketing, li-lms-2026-06 to 08.

An account whose handle begins with in/ is a member, any other an organization; a token is its author's alone. The
same text is refused for 48 hours, also after the first post was deleted: then the refusal names what is gone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crosspost.domain.addresses import http_addresses
from crosspost.domain.counting import measure
from crosspost.domain.limits import AtMost
from crosspost.sandbox.exchange import Call, Json, Limit, endpoint, refuse
from crosspost.sandbox.lists import page_size, shown_until
from crosspost.sandbox.networks._images import media_type
from crosspost.sandbox.networks._linkedin_counts import (
    denied,
    followers_of_member,
    followers_of_page,
    member_post,
    page_statistics,
)
from crosspost.sandbox.networks._linkedin_text import read
from crosspost.sandbox.state import Media, SandboxPost, State

LIVING = ("202512", *(f"2026{month:02d}" for month in range(1, 9)))  # in November 2026
DUPLICATE_WINDOW_S = 48 * 3600.0  # reported as one to two days
TEXT = AtMost(3000, "utf-16 units")  # of the little text: cut or refused beyond it, nobody knows; refused here
COMMENT = AtMost(1250, "utf-16 units")
LIST_MAX = 100
GHOST = "urn:li:share:7000000000000000001"  # named by a false refusal; it never was
_IMAGES = ("image/jpeg", "image/png", "image/gif")
_CREATE = frozenset(
    ("author", "commentary", "visibility", "distribution", "lifecycleState", "isReshareDisabledByAuthor", "content")
)
_SHARES = Limit("shares", 150, 86400)
_CALLS = Limit("calls", 100_000, 86400)


class _LinkedIn:
    name: ClassVar[str] = "linkedin"

    def hint(self, state: State, request: Request) -> str | None:
        token = state.token("linkedin", _bearer(request))
        return token.account_id if token else None

    def authenticate(self, call: Call) -> Response | None:
        token = call.state.token("linkedin", _bearer(call.request))
        if token is None:
            return refuse("linkedin/unauthorized")
        if token.revoked:
            return refuse("linkedin/revoked")
        if token.expires_at is not None and token.expires_at <= call.now:
            return refuse("linkedin/expired")
        call.token, call.owner = token, call.state.accounts[token.account_id]
        return _version(call.request)

    def unknown_parameter(self, name: str, value: str) -> Response:
        return refuse("linkedin/parameter", message=f"Query parameter {name} is not known")

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]:
        return {}  # LinkedIn shows quotas in its developer portal only

    def rate_limited(self, headers: dict[str, str]) -> Response:
        return refuse("linkedin/rate_limited", headers)


def _bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _version(request: Request) -> Response | None:
    if not request.url.path.startswith("/rest/"):
        return None
    wanted = request.headers.get("linkedin-version")
    if wanted is None:
        return refuse("linkedin/no_version")
    if wanted not in LIVING:
        return refuse("linkedin/version", version=f"{wanted}01")
    if request.headers.get("x-restli-protocol-version") != "2.0.0":
        return refuse("linkedin/parameter", message="X-Restli-Protocol-Version is not 2.0.0")
    return None


def routes(state: State) -> list[BaseRoute]:
    n, each = _LinkedIn(), ((_CALLS, 1),)
    listed = ("author", "q", "start", "count", "sortBy", "isDsc")
    statistics = ("q", "organizationalEntity", "shares", "ugcPosts", "timeIntervals")
    comments = "/rest/socialActions/{urn}/comments"
    member = ("q", "entity", "queryType", "aggregation", "dateRange")
    return [
        endpoint(state, n, "/rest/posts", "POST", "publish", _create, limits=(*each, (_SHARES, 1))),
        endpoint(state, n, "/rest/posts", "GET", "list", _list, query=listed, limits=each),
        endpoint(state, n, "/rest/posts/{urn}", "GET", "read", _one, query=("viewContext",), limits=each),
        endpoint(state, n, "/rest/posts/{urn}", "DELETE", "delete", _delete, limits=each),
        endpoint(state, n, comments, "POST", "publish", _comment, limits=(*each, (_SHARES, 1))),
        endpoint(state, n, comments + "/{id}", "DELETE", "delete", _uncomment, query=("actor",), limits=each),
        endpoint(state, n, "/rest/images", "POST", "media", _initialize, query=("action",), limits=each),
        endpoint(state, n, "/rest/images/{urn}", "GET", "read", _image, limits=each),
        endpoint(state, n, "/dms-uploads/{urn}", "PUT", "media", _upload),
        endpoint(state, n, "/rest/organizations/{id}", "GET", "account", _organization, limits=each),
        endpoint(state, n, "/v2/userinfo", "GET", "account", _userinfo),
        endpoint(
            state, n, "/rest/organizationalEntityShareStatistics", "GET", "insights", page_statistics,
            query=statistics, limits=each,
        ),
        endpoint(
            state, n, "/rest/memberCreatorPostAnalytics", "GET", "insights", member_post, query=member, limits=each
        ),
        endpoint(
            state, n, "/rest/networkSizes/{urn}", "GET", "account", followers_of_page, query=("edgeType",), limits=each
        ),
        endpoint(
            state, n, "/rest/memberFollowersCount", "GET", "account", followers_of_member, query=("q",), limits=each
        ),
    ]  # fmt: skip


# publishing


def _create(call: Call) -> Response:
    state, account, values = call.state, call.account, call.fields
    if call.broken:
        return refuse("linkedin/parameter", message=call.broken)
    if unknown := sorted(set(values) - _CREATE):
        return _invalid(unknown[0], "unrecognized field found but not allowed")
    if values.get("author") != account.id:
        return refuse("linkedin/permission", what="posts.CREATE")
    for field, wanted in (("lifecycleState", ("PUBLISHED",)), ("visibility", ("PUBLIC", "CONNECTIONS", "LOGGED_IN"))):
        if values.get(field) not in wanted:
            return _invalid(field, f"{field} is one of {', '.join(wanted)}")
    if _object(values.get("distribution")).get("feedDistribution") not in ("MAIN_FEED", "NONE"):
        return _invalid("distribution", "feedDistribution is required")
    little = values.get("commentary")
    if not isinstance(little, str) or not little.strip():
        return _invalid("commentary", "commentary is empty")
    if measure(little, TEXT) > TEXT.max:
        return _invalid("commentary", f"commentary is longer than {TEXT.max} characters")
    content = _object(values.get("content"))
    shown = _shown(call, content)
    if isinstance(shown, Response):
        return shown
    if call.struck("duplicate_answer"):
        return refuse("linkedin/duplicate", urn=GHOST)
    text, kept = read(little)
    if twin := _twin(call, text):
        return refuse("linkedin/duplicate", urn=twin.id)
    urn = f"urn:li:share:{state.snowflake()}"
    card = _object(content.get("article"))
    written = [text[start:end] for start, end in http_addresses(text)]
    post = SandboxPost(
        "linkedin", account.id, urn, text, tuple(dict.fromkeys([*([card["source"]] if card else []), *written])),
        call.now, state.url("linkedin/feed/update", urn), call.now, media=tuple(one for one, _ in shown),
        data={
            "commentary": kept, "content": content, "visibility": values["visibility"],
            "distribution": values["distribution"], "alt": [alt for _, alt in shown],
            "card": {"uri": card["source"], **{name: card.get(name, "") for name in ("title", "description")}}
            if card else {},
        },
    )  # fmt: skip
    for image, _ in shown:
        state.media[image].used = True
    state.commit(post, late=call.late)
    return Response(status_code=201, headers={"x-restli-id": urn})


def _shown(call: Call, content: dict[str, Any]) -> list[tuple[str, str]] | Response:
    """The images a post would show, each with its alternative text, or why it may not be made."""
    if len(content) > 1 or set(content) - {"article", "media", "multiImage"}:
        return _invalid("content", "content is one of article, media, multiImage")
    article = _object(content.get("article"))
    images: list[Any] = []
    if "article" in content:
        if not str(article.get("source", "")).startswith(("http://", "https://")) or not article.get("title"):
            return _invalid("content/article", "source and title are required")
        if "thumbnail" in article:
            images = [{"id": article["thumbnail"], "altText": article.get("thumbnailAltText")}]
    elif "media" in content:
        images = [content["media"]]
    elif "multiImage" in content:
        images = _object(content["multiImage"]).get("images") or []
        if not isinstance(images, list) or not 2 <= len(images) <= 20:
            return _invalid("content/multiImage", "images are 2 to 20")
    for one in images:
        media = call.state.media.get(str(_object(one).get("id")))
        if media is None or media.account_id != call.account.id or _status(media) != "AVAILABLE":
            return _invalid("content", "the image is not available")
    return [(str(one["id"]), str(one.get("altText") or "")) for one in images]


def _twin(call: Call, text: str) -> SandboxPost | None:
    """The account's last post with the same text, standing or deleted, if it is not too old."""
    own = call.state.behaviour(call.account, "duplicate_window_s")
    window = timedelta(seconds=DUPLICATE_WINDOW_S if own is None else float(own))
    urn = call.state.said.get((call.account.id, text.strip()))
    if urn is None:
        return None
    timeline = call.state.timelines[call.account.id]
    return next((one for one in reversed(timeline) if one.id == urn and call.now - one.created_at < window), None)


def _delete(call: Call) -> Response:
    post = call.state.post("linkedin", call.path("urn"))
    if post is not None:
        if post.account_id != call.account.id:
            return refuse("linkedin/permission", what="posts.DELETE")
        call.state.delete(post)
    return Response(status_code=204)


def _comment(call: Call) -> Response:
    """A comment's text is plain, and the same one twice is two comments."""
    state, account, values = call.state, call.account, call.fields
    if call.broken:
        return refuse("linkedin/parameter", message=call.broken)
    if unknown := sorted(set(values) - {"actor", "object", "message", "content", "parentComment"}):
        return _invalid(unknown[0], "unrecognized field found but not allowed")
    if values.get("actor") != account.id:
        return refuse("linkedin/permission", what="socialActions/comments.CREATE")
    parent = state.post("linkedin", call.path("urn"))
    if parent is None:
        return refuse("linkedin/not_found", urn=call.path("urn"))
    text = _object(values.get("message")).get("text")
    if not isinstance(text, str) or not text.strip():
        return _invalid("message", "text is empty")
    if measure(text, COMMENT) > COMMENT.max:
        return _invalid("message", f"text is longer than {COMMENT.max} characters")
    number = state.snowflake()
    urn = f"urn:li:comment:({parent.id},{number})"
    written = [text[start:end] for start, end in http_addresses(text)]
    post = SandboxPost(
        "linkedin", account.id, urn, text, tuple(dict.fromkeys(written)), call.now,
        state.url("linkedin/feed/update", parent.id), call.now, parent_id=parent.id, data={"alt": [], "card": {}},
    )  # fmt: skip
    state.commit(post, late=call.late)
    shown = {"actor": account.id, "object": parent.id, "id": number, "commentUrn": urn, "message": {"text": text}}
    return Json(shown, 201, {"x-restli-id": number})


def _uncomment(call: Call) -> Response:
    post = call.state.post("linkedin", f"urn:li:comment:({call.path('urn')},{call.path('id')})")
    if post is None:
        return refuse("linkedin/not_found", urn=call.path("id"))
    if post.account_id != call.account.id or call.query("actor") != call.account.id:
        return refuse("linkedin/permission", what="socialActions/comments.DELETE")
    call.state.delete(post)
    return Response(status_code=204)


def _initialize(call: Call) -> Response:
    owner = _object(call.fields.get("initializeUploadRequest")).get("owner")
    if call.query("action") != "initializeUpload" or owner != call.account.id:
        return refuse("linkedin/permission", what="images.ACTION-initializeUpload")
    urn = f"urn:li:image:C4E10{call.state.snowflake()}"
    polls = int(call.state.behaviour(call.account, "media_polls"))
    broken = call.struck("media_failure") is not None
    call.state.media[urn] = Media(urn, call.account.id, b"", "", polls_left=polls, broken=broken)
    expires = int((call.now + timedelta(days=1)).timestamp() * 1000)
    url = call.state.url("dms-uploads", urn)
    return Json({"value": {"uploadUrlExpiresAt": expires, "uploadUrl": url, "image": urn}})


def _upload(call: Call) -> Response:
    media = call.state.media.get(call.path("urn"))
    if media is None or media.account_id != call.account.id:
        return refuse("linkedin/not_found", urn=call.path("urn"))
    media.content, media.media_type = call.body, media_type(call.body)
    media.broken = media.broken or media.media_type not in _IMAGES
    return Response(status_code=201)


def _image(call: Call) -> Response:
    media = call.state.media.get(call.path("urn"))
    if media is None or media.account_id != call.account.id:
        return refuse("linkedin/not_found", urn=call.path("urn"))
    status = _status(media)
    media.polls_left = max(0, media.polls_left - 1)
    return Json({"id": media.id, "owner": media.account_id, "status": status})


def _status(media: Media) -> str:
    if not media.content:
        return "WAITING_UPLOAD"
    if media.broken:
        return "PROCESSING_FAILED"
    return "PROCESSING" if media.polls_left else "AVAILABLE"


# reading


def _list(call: Call) -> Response:
    account, author = call.account, call.query("author")
    if call.query("q") != "author" or (author or "").startswith("urn:li:person:"):
        return refuse("linkedin/member_list")
    reads = call.state.behaviour(account, "lists") and call.state.behaviour(account, "reviewed")
    if author != account.id or not reads:
        return refuse("linkedin/permission", what="posts.FINDER-author")
    try:
        start, count = int(call.query("start") or 0), int(call.query("count") or 10)
    except ValueError:
        return refuse("linkedin/parameter", message="start and count are numbers")
    if not (start >= 0 and 1 <= count <= LIST_MAX):
        return refuse("linkedin/parameter", message=f"count is at most {LIST_MAX}")
    until = shown_until(call, account)
    shown = [
        post for post in reversed(call.state.timelines.get(account.id, []))
        if not post.deleted and post.parent_id is None and post.committed_at <= until
    ]  # fmt: skip
    size = page_size(call, count)
    found = shown[start : start + size]
    links = []
    if len(shown) > start + size:
        here = f"/rest/posts?author={author}&q=author&count={count}&start={start + size}"
        links = [{"rel": "next", "type": "application/json", "href": here}]
    paging = {"start": start, "count": count, "links": links, "total": len(shown)}
    return Json({"paging": paging, "elements": [_post_json(post) for post in found]})


def _one(call: Call) -> Response:
    post = call.state.readable("linkedin", call.path("urn"))
    if refusal := denied(call, "posts.GET"):
        return refusal
    if ":person:" in call.account.id:  # r_member_social is given to nobody
        return refuse("linkedin/permission", what="posts.GET")
    if post is None or post.account_id != call.account.id:
        return refuse("linkedin/not_found", urn=call.path("urn"))
    return Json(_post_json(post))


def _organization(call: Call) -> Response:
    account = call.account
    if refusal := denied(call, "organizations.GET"):
        return refusal
    if account.id != f"urn:li:organization:{call.path('id')}":
        return refuse("linkedin/permission", what="organizations.GET")
    number = int(account.id.rpartition(":")[2])
    return Json({"id": number, "vanityName": account.handle, "localizedName": account.name})


def _userinfo(call: Call) -> Response:
    account = call.account
    if ":person:" not in account.id:
        return refuse("linkedin/permission", what="userinfo.GET.NO_VERSION")
    return Json({"sub": account.id.rpartition(":")[2], "name": account.name, "locale": "fr_FR"})


# shapes


def _post_json(post: SandboxPost) -> dict[str, Any]:
    stamp = int(post.created_at.timestamp() * 1000)
    shown = {
        "id": post.id, "author": post.account_id, "commentary": post.data["commentary"],
        "visibility": post.data["visibility"], "distribution": post.data["distribution"],
        "lifecycleState": "PUBLISHED", "lifecycleStateInfo": {"isEditedByAuthor": False},
        "isReshareDisabledByAuthor": False, "createdAt": stamp, "publishedAt": stamp, "lastModifiedAt": stamp,
    }  # fmt: skip
    return {**shown, "content": post.data["content"]} if post.data["content"] else shown


def _invalid(field: str, message: str) -> Response:
    return refuse("linkedin/invalid", field=field, message=message)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
