"""The posts as a reader would see them. The page says that it is a sandbox, and runs no script."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from crosspost.domain.addresses import http_addresses
from crosspost.sandbox.control import is_local
from crosspost.sandbox.state import SandboxPost, State

PER_PAGE = 50
TITLES = {
    "x": "X", "facebook": "Facebook", "mastodon": "Mastodon", "bluesky": "Bluesky",
    "instagram": "Instagram", "threads": "Threads", "linkedin": "LinkedIn",
    "pinterest": "Pinterest",
}  # fmt: skip
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
PORTRAIT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#dfe5ec"/>'
    '<circle cx="20" cy="15" r="7" fill="#8a98a8"/><path d="M6 40a14 14 0 0 1 28 0z" fill="#8a98a8"/></svg>'
)


@cache
def templates() -> Environment:
    return Environment(
        loader=PackageLoader("crosspost.sandbox", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return (files("crosspost.sandbox") / "templates" / "style.css").read_text("utf-8")


def routes(state: State) -> list[BaseRoute]:
    async def front(request: Request) -> Response:
        number = request.query_params.get("page", "1")
        index = max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1
        network = request.query_params.get("network")
        standing = [p for p in reversed(state.posts) if _public(p) and network in (None, "", p.network)]
        shown = standing[(index - 1) * PER_PAGE : index * PER_PAGE]
        return _page(request, state, shown, index, len(standing) > index * PER_PAGE, network or "")

    async def single(request: Request) -> Response:
        path = request.url.path
        found = [post for post in reversed(state.posts) if _public(post) and post.url.endswith(path)]
        return _page(request, state, found[:1], 1, False, "", 200 if found else 404)

    async def style(_: Request) -> Response:
        return PlainTextResponse(_style(), media_type="text/css", headers=HEADERS)

    async def portrait(_: Request) -> Response:
        return Response(PORTRAIT, media_type="image/svg+xml", headers=HEADERS)

    async def media(request: Request) -> Response:
        found = state.media.get(request.path_params["id"])
        if found is None:
            return PlainTextResponse("no such image", 404)
        return Response(found.content, media_type=found.media_type, headers=HEADERS)

    return [
        Route("/", front),
        Route("/_sandbox/style.css", style),
        Route("/_sandbox/portrait.svg", portrait),
        Route("/_sandbox/media/{id:path}", media),
        Route("/x/{handle}/status/{id}", single),
        Route("/facebook/{account}/posts/{id}", single),
        Route("/bluesky/profile/{did}/post/{rkey}", single),
        Route("/@{handle}/{id}", single),
        Route("/instagram/p/{id}", single),
        Route("/threads/{handle}/post/{id}", single),
        Route("/linkedin/feed/update/{urn}", single),
        Route("/pinterest/pin/{id}", single),
    ]


def _public(post: SandboxPost) -> bool:
    """Whether anybody but the account's owner may see it."""
    return not post.deleted and not post.data.get("only_owner")


def _page(
    request: Request, state: State, posts: list[SandboxPost], index: int, more: bool, network: str, status: int = 200
) -> Response:
    if not is_local(request):
        return PlainTextResponse("the sandbox answers under its local name only", 403)
    html = templates().get_template("page.html").render(
        posts=[_shown(state, post) for post in posts], titles=TITLES, index=index, more=more, network=network,
        total=sum(state.standing.values()), now=state.clock.now(), virtual=state.clock.virtual,
        about=state.about,
    )  # fmt: skip
    return HTMLResponse(html, status, HEADERS)


def _shown(state: State, post: SandboxPost) -> dict[str, Any]:
    card = post.data.get("card") or {}
    alts = post.data.get("alt") or []
    images = [
        {"id": one, "alt": alts[place] if place < len(alts) else ""}
        for place, one in enumerate(post.media)
        if one in state.media
    ]
    return {
        "post": post,
        "account": state.accounts[post.account_id],
        "network": TITLES[post.network],
        "pieces": _pieces(post),
        "images": images,
        "card": {"title": "", "description": "", **card, "href": _href(card.get("uri"))} if card else None,
    }


def _pieces(post: SandboxPost) -> list[tuple[str, str | None]]:
    """The text cut into plain parts and links; on Bluesky only facets are links."""
    if post.network == "bluesky":
        return _facets(post)
    pieces: list[tuple[str, str | None]] = []
    position = 0
    for start, end in http_addresses(post.text):
        pieces += [(post.text[position:start], None), (post.text[start:end], _href(post.text[start:end]))]
        position = end
    return [*pieces, (post.text[position:], None)]


def _facets(post: SandboxPost) -> list[tuple[str, str | None]]:
    raw, position = post.text.encode(), 0
    pieces: list[tuple[str, str | None]] = []
    spans = [
        (facet["index"]["byteStart"], facet["index"]["byteEnd"], feature["uri"])
        for facet in post.data["record"].get("facets") or []
        for feature in facet.get("features", [])
        if "uri" in feature
    ]
    for start, end, uri in sorted(spans):
        if start < position:
            continue
        pieces += [(raw[position:start].decode("utf-8", "replace"), None)]
        pieces += [(raw[start:end].decode("utf-8", "replace"), _href(uri))]
        position = end
    return [*pieces, (raw[position:].decode("utf-8", "replace"), None)]


def _href(address: str | None) -> str | None:
    """Only web addresses become links: a post may hold anything."""
    return address if address and address.lower().startswith(("http://", "https://")) else None
