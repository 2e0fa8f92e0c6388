"""Short links: a bare ASGI callable in front of the web application.

A visitor is sent on after the hit is on disk (or counted as missed), and without asking the database: links are
in memory. The target is only ever what the owner registered. A brand's own domain answers that brand's links alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crosspost.domain.errors import BadInput
from crosspost.domain.hosts import Hosts
from crosspost.domain.link import RESERVED, check_target
from crosspost.domain.period import microseconds
from crosspost.hitlog.record import encode_fields
from crosspost.hitlog.writer import HitWriter
from crosspost.store import brands, links
from crosspost.store.database import Database
from crosspost.store.store import Scope as BrandScope
from crosspost.web.background import Background

REFRESH_S = 1.0  # how soon a disabled link stops working
UNKNOWN_EVERY_S = 0.2  # an unknown code may be newer than our list: look again, this often at most…
UNKNOWN_WAIT_S = 0.25  # …and for this long

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PURPOSE = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")
_COMMON = [
    (b"cache-control", b"private, no-store"),  # a stored answer would be a click we never see
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-robots-tag", b"noindex"),
    (b"x-content-type-options", b"nosniff"),
]
_NOWHERE = b"This link leads nowhere.\n"

# (request, code, target) → where the visitor is sent
Follow = Callable[[Scope, str, bytes], Awaitable[bytes]]

log = logging.getLogger(__name__)


def _answer(status: int, *headers: tuple[bytes, bytes], length: int = 0) -> Message:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [*headers, *_COMMON, (b"content-length", b"%d" % length)],
    }


_NO_BODY: Message = {"type": "http.response.body", "body": b""}
_NOT_FOUND = _answer(404, (b"content-type", b"text/plain; charset=utf-8"), length=len(_NOWHERE))
_NOT_ALLOWED = _answer(405, (b"allow", b"GET, HEAD"))


@dataclass(frozen=True, slots=True)
class Known:
    """A link as it is answered. `start` is made when the links are loaded: a visitor waits for nothing that is the
    same for all."""

    code: str
    brand_id: str
    location: bytes
    start: Message


class LinkTable:
    """The links in use, in memory, reloaded when the database's links or the brands' domains change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._links: dict[str, Known] = {}
        self._hosts = Hosts({})
        self._version: Hashable = None
        self._reload = Background(self.load, "links")
        self._poll: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._links)

    def load(self) -> None:
        """Read the links if they changed. Blocks; raises what the database raises."""
        with self._database.read() as connection:
            public_urls = {brand.id: brand.public_url for brand in brands.all_of(connection)}
            scopes = [BrandScope(connection, brand_id) for brand_id in public_urls]
            version = tuple((scope.brand_id, public_urls[scope.brand_id], links.version(scope)) for scope in scopes)
            if version == self._version:
                return
            found = [(scope.brand_id, links.targets(scope)) for scope in scopes]
        known: dict[str, Known] = {}
        for brand_id, targets in found:
            for code, target in targets.items():
                try:
                    # Header bytes: anything beyond ASCII is percent-encoded, what is encoded already stays.
                    location = quote(check_target(target), safe="%/:?#[]@!$&'()*+,;=~-._").encode("ascii")
                except BadInput:
                    log.error("link without a usable target", extra={"code": code})
                    continue
                known[code] = Known(code, brand_id, location, _answer(302, (b"location", location)))
        self._links, self._hosts, self._version = known, Hosts(public_urls), version

    def known(self, code: str, host: str) -> Known | None:
        """The link of a code where that host is asked, as far as memory goes. Capitals are forgiven."""
        found = self._links.get(code) or self._links.get(code.lower())
        return found if found is not None and self._hosts.answers(host, found.brand_id) else None

    async def find(self, code: str, host: str) -> Known | None:
        """As `known`, after another look at the database, which has half a second to answer."""
        wait = self._reload.started_s + UNKNOWN_EVERY_S - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)
        with contextlib.suppress(Exception):  # logged by the poll
            await self._reload.within(UNKNOWN_WAIT_S)
        return self.known(code, host)

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
    """Answers `/{code}`; everything else goes to `app`. `now` stamps the hits; `follow` may put a click id on a
    target."""

    def __init__(
        self, app: ASGIApp, table: LinkTable, hits: HitWriter, now: Callable[[], datetime], follow: Follow | None = None
    ) -> None:
        self._app, self._table, self._hits, self._now, self._follow = app, table, hits, now, follow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        code: str = scope["path"][1:]
        if code in RESERVED or not _CODE.fullmatch(code):
            await self._app(scope, receive, send)
            return
        at_us = microseconds(self._now())
        sent = dict(scope["headers"])
        host, method = sent.get(b"host", b"").decode("latin-1"), scope["method"]
        found = self._table.known(code, host) or await self._table.find(code, host)
        await self._hits.append_record(
            encode_fields(
                at_us,
                found.code if found is not None else code,
                method,
                host,
                sent.get(b"user-agent", b"").decode("latin-1"),
                sent.get(b"referer", b"").decode("latin-1"),
                _purpose(sent),
                sent.get(b"accept-language", b"").partition(b",")[0].partition(b";")[0].strip().decode("latin-1"),
            )
        )
        if method not in ("GET", "HEAD"):
            await send(_NOT_ALLOWED)
        elif found is not None:
            await send(found.start if self._follow is None else await self._followed(scope, found))
        else:
            await send(_NOT_FOUND)
            if method == "GET":
                await send({"type": "http.response.body", "body": _NOWHERE})
                return
        await send(_NO_BODY)

    async def _followed(self, scope: Scope, found: Known) -> Message:
        """Where a click with a name of its own goes."""
        assert self._follow is not None
        location = await self._follow(scope, found.code, found.location)
        return found.start if location == found.location else _answer(302, (b"location", location))


def _purpose(sent: Mapping[bytes, bytes]) -> str:
    """The headers that say why a page is asked for. Besides them and those kept above no header is looked at: none
    that carries the visitor's address."""
    return ", ".join(f"{name.decode()}: {sent[name].decode('latin-1')}" for name in _PURPOSE if name in sent)
