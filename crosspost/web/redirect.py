"""Short links: a bare ASGI callable in front of the web application.

A visitor is sent on after the hit is on disk (or counted as missed), and without asking the database: links are
in memory. The target is only ever what the owner registered.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Hashable
from datetime import datetime
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from crosspost.domain.errors import BadInput
from crosspost.domain.link import check_target
from crosspost.domain.traffic import Hit
from crosspost.hitlog.writer import HitWriter
from crosspost.store import brands, links
from crosspost.store.database import Database
from crosspost.store.store import Scope as BrandScope
from crosspost.web.background import Background

REFRESH_S = 1.0  # how soon a disabled link stops working
UNKNOWN_EVERY_S = 0.2  # an unknown code may be newer than our list: look again, this often at most…
UNKNOWN_WAIT_S = 0.25  # …and for this long

# Paths of one part that are no codes. They are never given to a link.
RESERVED = frozenset(
    {
        "api",
        "bio",
        "brands",
        "health",
        "login",
        "logout",
        "media",
        "password",
        "sign-in",
        "sign-out",
        "static",
        "v",
        "v1",
    }
)

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PURPOSE = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_COMMON = [
    (b"cache-control", b"private, no-store"),  # a stored answer would be a click we never see
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-robots-tag", b"noindex"),
    (b"x-content-type-options", b"nosniff"),
]
_NOWHERE = b"This link leads nowhere.\n"

log = logging.getLogger(__name__)


class LinkTable:
    """Code → target, in memory, reloaded when the database's links change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._targets: dict[str, bytes] = {}
        self._version: Hashable = None
        self._reload = Background(self.load, "links")
        self._poll: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._targets)

    def load(self) -> None:
        """Read the links if they changed. Blocks; raises what the database raises."""
        with self._database.read() as connection:
            scopes = [BrandScope(connection, brand.id) for brand in brands.all_of(connection)]
            version = tuple((scope.brand_id, links.version(scope)) for scope in scopes)
            if version == self._version:
                return
            found = {code: target for scope in scopes for code, target in links.targets(scope).items()}
        targets: dict[str, bytes] = {}
        for code, target in found.items():
            try:
                # Header bytes: anything beyond ASCII is percent-encoded, what is encoded already stays.
                targets[code] = quote(check_target(target), safe="%/:?#[]@!$&'()*+,;=~-._").encode("ascii")
            except BadInput:
                log.error("link without a usable target", extra={"code": code})
        self._targets, self._version = targets, version

    def known(self, code: str) -> tuple[str, bytes] | None:
        """The code as registered and its target, as far as memory goes. Capitals are forgiven."""
        for spelling in (code, code.lower()):
            target = self._targets.get(spelling)
            if target is not None:
                return spelling, target
        return None

    async def find(self, code: str) -> tuple[str, bytes] | None:
        """As `known`, after another look at the database, which has half a second to answer."""
        wait = self._reload.started_s + UNKNOWN_EVERY_S - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)
        with contextlib.suppress(Exception):  # logged by the poll
            await self._reload.within(UNKNOWN_WAIT_S)
        return self.known(code)

    async def start(self) -> None:
        """First load, then a look every second."""
        await self._reload.start()
        self._poll = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        if self._poll is not None:
            self._poll.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poll
        self._reload.close()

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await asyncio.shield(self._reload.start())
            except Exception as error:
                log.warning("links could not be reloaded", extra={"problem": type(error).__name__})


class Redirect:
    """Answers `/{code}`; everything else goes to `app`. `now` stamps the hits."""

    def __init__(self, app: ASGIApp, table: LinkTable, hits: HitWriter, now: Callable[[], datetime]) -> None:
        self._app, self._table, self._hits, self._now = app, table, hits, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        code: str = scope["path"][1:]
        if code in RESERVED or not _CODE.fullmatch(code):
            await self._app(scope, receive, send)
            return
        found = self._table.known(code) or await self._table.find(code)
        await self._hits.append(self._hit(scope, found[0] if found else code))
        if scope["method"] not in ("GET", "HEAD"):
            status, headers, body = 405, [(b"allow", b"GET, HEAD")], b""
        elif found:
            status, headers, body = 302, [(b"location", found[1])], b""
        else:
            status, headers, body = 404, [(b"content-type", b"text/plain; charset=utf-8")], _NOWHERE
        headers = [*headers, *_COMMON, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _hit(self, scope: Scope, code: str) -> Hit:
        """What is kept of a request. The visitor's address, and headers that carry it, are never looked at."""
        host = agent = referrer = language = ""
        purposes: list[str] = []
        for name, value in scope["headers"]:
            if name == b"user-agent":
                agent = value.decode("latin-1")
            elif name == b"referer":
                referrer = value.decode("latin-1")
            elif name == b"host":
                host = value.decode("latin-1")
            elif name == b"accept-language":
                language = value.decode("latin-1").partition(",")[0].partition(";")[0].strip()
            elif name in _PURPOSE:
                purposes.append(f"{name.decode()}: {value.decode('latin-1')}")
        return Hit(
            at=self._now(),
            code=code,
            method=scope["method"],
            host=host,
            user_agent=agent,
            referrer=referrer,
            purpose=", ".join(purposes),
            language=language,
        )
