"""What needs no login: health, bio pages, images that networks fetch, and the pages' style sheet."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from importlib.resources import files

from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from crosspost.commands import bio
from crosspost.domain.errors import NotFound, Unavailable
from crosspost.web import health
from crosspost.web.answers import AGAIN, failed
from crosspost.web.background import Background
from crosspost.web.bio import POLICY, render
from crosspost.web.redirect import LinkTable
from crosspost.web.site import Site

DATABASE_WAIT_S = 2.0  # how long the health page waits

_SHORTLY = {"Cache-Control": "public, max-age=60", "Referrer-Policy": "strict-origin-when-cross-origin"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # named by what they hold
_IMAGE = re.compile(r"([0-9a-f]{64})\.(jpg|png)")
_BEGINS = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG"}

STYLE = files("crosspost.web").joinpath("static/pages.css").read_bytes()
STYLE_NAME = f"pages-{hashlib.sha256(STYLE).hexdigest()[:12]}.css"

Handler = Callable[[Request], Awaitable[Response]]


def show_health(site: Site, table: LinkTable, facts: Background[health.Facts]) -> Handler:
    async def show(request: Request) -> Response:
        try:
            found = await facts.within(DATABASE_WAIT_S)
        except (TimeoutError, Unavailable, OperationalError):
            found = None
        result = health.assess(found, len(table), site.clock.now())
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(result.as_html())
        return JSONResponse(result.as_json())

    return show


def show_bio(site: Site) -> Handler:
    async def show(request: Request) -> Response:
        at = request.path_params
        try:
            found = await run_in_threadpool(bio.named, site.store, at["brand"], at["network"], at["handle"])
        except NotFound:
            raise HTTPException(404) from None
        except (Unavailable, OperationalError):
            return failed(503, "unavailable", "try again", headers=AGAIN)
        return HTMLResponse(render(found), headers={"Content-Security-Policy": POLICY, **_SHORTLY})

    return show


def show_image(site: Site) -> Handler:
    async def show(request: Request) -> Response:
        name = _IMAGE.fullmatch(request.path_params["name"])
        if site.attachments is None or name is None:
            raise HTTPException(404)
        try:
            content = await run_in_threadpool(site.attachments.get, name[1])
        except NotFound:
            raise HTTPException(404) from None
        if not content.startswith(_BEGINS[name[2]]):
            raise HTTPException(404)
        return Response(content, media_type=f"image/{name[2].replace('jpg', 'jpeg')}", headers=_FOR_EVER)

    return show


async def show_style(request: Request) -> Response:
    if request.path_params["name"] != STYLE_NAME:
        raise HTTPException(404)
    return Response(STYLE, media_type="text/css", headers=_FOR_EVER)
