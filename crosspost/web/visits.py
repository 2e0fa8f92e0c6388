"""The script that sites include, what it sends, and the click ids of brands that chose them.

`/v.js` sends one POST for each page looked at: the path, the UTM parameters and our code, the host a reader came from,
and whether a program drives the browser. It sets nothing, stores nothing and asks the browser for nothing else. Where
the browser says Do Not Track or Global Privacy Control it sends nothing, and nothing is taken.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from crosspost.commands.salts import Salts
from crosspost.domain.privacy import Mode, Privacy, host_of, hosts_of
from crosspost.domain.visit import CLICK_ID, Click, judged_visit, view_of, visitor_hash
from crosspost.hitlog.visits import encode
from crosspost.hitlog.writer import HitWriter
from crosspost.store import articles, links, privacy
from crosspost.store.store import Store
from crosspost.web.answers import body_of, failed
from crosspost.web.background import Background

MAX_BODY = 8 * 1024  # bytes
REFRESH_S = 1.0  # how soon a brand's choices hold, and how soon a salt of yesterday is wiped

SCRIPT = files("crosspost.web").joinpath("v.js").read_bytes()
_CACHED = {"Cache-Control": "public, max-age=86400", "Cross-Origin-Resource-Policy": "cross-origin"}
_REFUSING = ((b"dnt", b"1"), (b"sec-gpc", b"1"))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """A brand as its readers meet it: its choices, and the hosts that its pages are on."""

    brand_id: str
    privacy: Privacy
    hosts: frozenset[str]


class _Sent(BaseModel):
    """What the script sends."""

    model_config = ConfigDict(strict=True, extra="ignore")

    p: str  # path
    q: str = ""  # of the query, what says where the reader came from
    r: str = ""  # the host they came from
    w: int = 0  # 1 when a program drives the browser


class Visits:
    """Takes page views, and names clicks. `trusted` are the proxies whose word about an address is taken."""

    def __init__(
        self, store: Store, log_of: HitWriter, salts: Salts, now: Callable[[], datetime], trusted: Sequence[str] = ()
    ) -> None:
        self._store, self._log, self._salts, self._now = store, log_of, salts, now
        self._trusted = [ip_network(one) for one in trusted]
        self._sites: dict[str, Site] = {}
        self._followed: dict[str, str] = {}  # code → brand, of brands in click-id mode
        self._versions: dict[str, tuple[Hashable, dict[str, str]]] = {}
        self._reload = Background(self.load, "visits")
        self._poll: asyncio.Task[None] | None = None
        self._warned = False

    def load(self) -> None:
        """Read the brands' choices, and wipe salts of days that are over. Blocks; raises what the database raises."""
        self._salts.drop(self._now())
        sites, followed = {}, {}
        for brand in self._store.brands():
            with self._store.read(brand.id) as scope:
                chosen = privacy.of(scope)
                hosts = hosts_of(chosen, (one.address for one in articles.sources(scope)))
                sites[brand.slug] = Site(brand.id, chosen, hosts)
                if chosen.mode is Mode.CLICK_ID:
                    version = links.version(scope)
                    known = self._versions.get(brand.id)
                    if known is None or known[0] != version:
                        known = version, dict.fromkeys(links.targets(scope), brand.id)
                        self._versions[brand.id] = known
                    followed.update(known[1])
        self._sites, self._followed = sites, followed

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
        await self._log.close()

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await asyncio.shield(self._reload.start())
            except Exception as error:
                log.warning("the brands' choices could not be reloaded", extra={"problem": type(error).__name__})

    async def follow(self, scope: Scope, code: str, target: bytes) -> bytes:
        """Where a click goes: to its target, with a name of its own where the brand chose click ids and the reader's
        browser does not refuse. A name that is not on disk is not given."""
        brand_id = self._followed.get(code)
        if brand_id is None or scope["method"] != "GET" or any(one in scope["headers"] for one in _REFUSING):
            return target
        agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"").decode("latin-1")
        at, name = self._now(), secrets.token_urlsafe(12)
        if not await self._log.append_record(encode(Click(at, brand_id, name, code, judged_visit(at, agent, False)))):
            return target
        address, mark, fragment = target.partition(b"#")
        joint = b"&" if b"?" in address else b"?"
        return b"%s%s%s=%s%s%s" % (address, joint, CLICK_ID.encode(), name.encode(), mark, fragment)

    async def show_script(self, _request: Request) -> Response:
        return Response(SCRIPT, media_type="text/javascript", headers=_CACHED)

    async def take(self, request: Request) -> Response:
        site = self._sites.get(request.path_params["brand"])
        origin = request.headers.get("origin", "")
        host = host_of(origin if origin not in ("", "null") else request.headers.get("referer", ""))
        if site is None or host not in site.hosts:  # which of the two it is tells nobody what brands there are
            return failed(403, "not_the_brands", "the page is on no site of a brand of that name")
        answer = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else {}
        body = await body_of(request, MAX_BODY)
        if body is None:
            return failed(413, "too_large", f"a page view has at most {MAX_BODY} bytes", headers=answer)
        if any(one in request.scope["headers"] for one in _REFUSING):
            return Response(status_code=204, headers=answer)
        try:
            sent = _Sent.model_validate_json(body)
        except ValidationError:
            return failed(400, "invalid", "this is not what the script sends", headers=answer)
        agent, at = request.headers.get("user-agent", ""), self._now()
        visitor = visitor_hash(self._salts.of(at), site.brand_id, self._address(request), agent)
        view = view_of(
            at, site.brand_id, visitor, path=sent.p, query=sent.q, referrer=sent.r, host=host, user_agent=agent,
            webdriver=bool(sent.w), keep_referrer=site.privacy.referrer, keep_agent=site.privacy.user_agent,
            keep_click_id=site.privacy.mode is Mode.CLICK_ID,
        )  # fmt: skip
        await self._log.append_record(encode(view))  # a miss is counted; nobody waits for this answer
        return Response(status_code=204, headers=answer)

    def _address(self, request: Request) -> str:
        """Whose request it is: the peer, or whom a trusted proxy names, from the last one on. Used and forgotten."""
        address = request.client.host if request.client else ""
        told = [one.strip() for one in ",".join(request.headers.getlist("x-forwarded-for")).split(",") if one.strip()]
        if told and not _within(address, self._trusted) and not self._warned:
            self._warned = True
            log.warning(
                "page views come through a proxy that `trusted_proxies` does not name: its readers are taken for one"
            )
        while told and _within(address, self._trusted):
            before = told.pop()
            try:
                address = str(ip_address(before))
            except ValueError:
                break
        return address


def _within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in one for one in networks)
