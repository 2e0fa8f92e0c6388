"""The web application: short links in front, the conversion endpoint, the bio pages and the health page behind."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crosspost.clock import Clock
from crosspost.commands import bio
from crosspost.domain.errors import BadInput, Conflict, CrosspostError, NotFound, Unavailable
from crosspost.domain.telling import SHIPPED, Rules
from crosspost.hitlog.writer import HitWriter
from crosspost.secret import Secret
from crosspost.store.attachments import Attachments
from crosspost.store.business import Outcome, Recorded
from crosspost.store.store import Store
from crosspost.web import health
from crosspost.web.background import Background
from crosspost.web.bio import POLICY, render
from crosspost.web.events import EVENT, Event, record
from crosspost.web.redirect import LinkTable, Redirect
from crosspost.web.signature import Check, check
from crosspost.web.visits import Visits

MAX_BODY = 64 * 1024  # bytes
DATABASE_WAIT_S = 2.0  # how long the health page waits

_HEADERS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}

_SHORTLY = {"Cache-Control": "public, max-age=60", "Referrer-Policy": "strict-origin-when-cross-origin"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # named by what they hold
_IMAGE = re.compile(r"([0-9a-f]{64})\.(jpg|png)")
_BEGINS = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG"}

log = logging.getLogger(__name__)


def build(
    store: Store,
    clock: Clock,
    hits: HitWriter,
    hits_dir: Path,
    secrets_of_brand: Callable[[str], Sequence[Secret]],
    person_key: Callable[[str], Secret | None] = lambda _brand_id: None,
    attachments: Attachments | None = None,
    rules_of: Callable[[str], Rules] = lambda _slug: SHIPPED,
    visits: Visits | None = None,
) -> ASGIApp:
    """The application; its lifespan loads the links and closes `hits`.

    `secrets_of_brand` gives the live signing secrets of a brand's slug, none for an unknown brand; `person_key`
    the key under which a brand's persons are hashed, by the brand's id. Both may ask the database. `attachments` are
    the images that networks fetch themselves; nobody can guess their names. `rules_of` gives the rules by which a
    brand's answers are read, by its slug. `visits` takes page views.
    """
    table = LinkTable(store.database)
    facts = Background(lambda: health.gather(store.database, hits_dir), "health")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await table.start()
        if visits is not None:
            await visits.start()
        try:
            yield
        finally:
            if visits is not None:
                await visits.stop()
            await table.stop()
            facts.close()
            await hits.close()

    async def show_health(request: Request) -> Response:
        try:
            found = await facts.within(DATABASE_WAIT_S)
        except (TimeoutError, Unavailable, OperationalError):
            found = None
        result = health.assess(found, len(table), clock.now())
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(result.as_html())
        return JSONResponse(result.as_json())

    async def show_bio(request: Request) -> Response:
        at = request.path_params
        try:
            found = await run_in_threadpool(bio.named, store, at["brand"], at["network"], at["handle"])
        except NotFound:
            raise HTTPException(404) from None
        except (Unavailable, OperationalError):
            return _error(503, "unavailable", "try again", {"Retry-After": "5"})
        return HTMLResponse(render(found), headers={"Content-Security-Policy": POLICY, **_SHORTLY})

    async def show_image(request: Request) -> Response:
        name = _IMAGE.fullmatch(request.path_params["name"])
        if attachments is None or name is None:
            raise HTTPException(404)
        try:
            content = await run_in_threadpool(attachments.get, name[1])
        except NotFound:
            raise HTTPException(404) from None
        if not content.startswith(_BEGINS[name[2]]):
            raise HTTPException(404)
        return Response(content, media_type=f"image/{name[2].replace('jpg', 'jpeg')}", headers=_FOR_EVER)

    async def take_event(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _error(413, "too_large", f"a message has at most {MAX_BODY} bytes")
        return await run_in_threadpool(
            _take,
            request.path_params["brand"],
            request.headers.get("x-crosspost-timestamp", ""),
            request.headers.get("x-crosspost-signature", ""),
            body,
        )

    def _take(slug: str, timestamp: str, signature: str, body: bytes) -> Response:
        now = clock.now()
        try:
            outcome = check(secrets_of_brand(slug), timestamp, signature, body, now)
            if outcome is Check.BAD:
                return _error(401, "unauthorized", "brand, timestamp or signature is not accepted")
            if outcome is Check.STALE:
                return _error(401, "stale", "the timestamp is more than five minutes from our clock")
            event = EVENT.validate_json(body)
            return _told(event, _record(slug, event))
        except ValidationError as error:
            return _error(422, "invalid", _first_problem(error))
        except NotFound as error:
            return _error(422, "unknown", str(error))
        except Conflict as error:
            return _error(409, "conflict", str(error))
        except BadInput as error:
            return _error(422, "invalid", str(error))
        except (Unavailable, OperationalError) as error:
            log.error("an event could not be stored", extra={"problem": type(error).__name__})
            return _error(503, "unavailable", "try again", {"Retry-After": "5"})

    def _record(slug: str, event: Event) -> Recorded:
        brand = store.brand(slug)
        key, rules = person_key(brand.id), rules_of(slug)
        try:
            with store.write(brand.id) as scope:
                return record(scope, event, clock.now(), key, rules)
        except IntegrityError:  # the same event arrived twice at once: by now the other one is stored
            with store.write(brand.id) as scope:
                return record(scope, event, clock.now(), key, rules)

    app = Starlette(
        routes=[
            Route("/health", show_health, methods=["GET"]),
            Route("/bio/{brand}/{network}/{handle:path}", show_bio, methods=["GET"]),
            Route("/media/{name}", show_image, methods=["GET"]),
            Route("/v1/brands/{brand}/events", take_event, methods=["POST"]),
            *(visits.routes() if visits is not None else ()),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: _http_error, Exception: _unexpected},
    )
    follow = None if visits is None else visits.follow
    return Redirect(_SafeHeaders(app), table, hits, clock.now, follow)


class _SafeHeaders:
    """Security headers on every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in _HEADERS.items() if name not in given]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, with_headers)


async def _body(request: Request) -> bytes | None:
    """The body; None when it is larger than allowed, known as soon as it is."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MAX_BODY:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MAX_BODY:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)


def _told(event: Event, recorded: Recorded) -> Response:
    if recorded.outcome is Outcome.DIFFERS:
        changed = ", ".join(recorded.differences)
        return _error(409, "differs", f"{event.id!r} was recorded before with another {changed}; the first is kept")
    status = 201 if recorded.outcome is Outcome.RECORDED else 200
    return JSONResponse({"status": recorded.outcome.value, "id": event.id}, status_code=status)


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"][1:])  # the first part is the event's type
    return f"{where}: {first['msg']}" if where else first["msg"]


def _error(status: int, error: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": error, "message": message}, status_code=status, headers=headers)


def _http_error(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = {404: ("not_found", "nothing is here"), 405: ("method_not_allowed", "another method is needed")}
    name, message = words.get(status, ("error", "the request was not understood"))
    headers = error.headers if isinstance(error, HTTPException) else None
    return _error(status, name, message, dict(headers) if headers else None)


def _unexpected(_request: Request, error: Exception) -> Response:
    detail = error.message if isinstance(error, CrosspostError) else type(error).__name__
    log.error("a request failed", extra={"problem": detail})
    return _error(500, "internal", "something went wrong here; it is in the log")
