"""The seeded world around the sandbox's networks: the blog, the audience and the firm, put together on a
`State`.

`install(state)` is all that the server calls. Everything it shows says that it is simulated.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crosspost.sandbox import weblog
from crosspost.sandbox.audience import REACHES
from crosspost.sandbox.firm import Hours, efforts
from crosspost.sandbox.life import Endpoint, Life, Reply, Send, is_local
from crosspost.sandbox.state import SandboxPost, State
from crosspost.sandbox.truths import WEEKS, WORLDS
from crosspost.secret import Secret

if TYPE_CHECKING:
    import httpx


def install(state: State, send: Send | None = None) -> list[Route]:
    """Bring the world to life on this state: hooks for new posts, `state.truth`, and the routes to be
    mounted.

    Routes: `/rss`, article pages and images; `GET|POST /_sandbox/world`; `GET /_sandbox/efforts.csv`. The
    blog is dated from the clock's instant now. `send` replaces HTTP, for tests.
    """
    life = Life(state.seed, state.clock, send or HttpSend())
    blog = weblog.weblog(state.clock.now())

    def appeared(post: SandboxPost) -> None:
        life.post_appeared(post, state.accounts[post.account_id])

    async def world(request: Request) -> Response:
        if request.method != "POST":
            return JSONResponse(truth(life))
        try:
            wanted = _wanted(await request.json())
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        if life.world is None:
            life.begin(WORLDS[wanted.truth], wanted.weeks, wanted.endpoint)
            state.about["world"] = wanted.truth
        elif (life.world.name, life.weeks, life.endpoint) != (wanted.truth, wanted.weeks, wanted.endpoint):
            return JSONResponse(
                {"error": f"the world {life.world.name!r} is running: another one needs a fresh sandbox"},
                status_code=409,
            )
        return JSONResponse(truth(life))

    async def hours(_: Request) -> Response:
        return PlainTextResponse(_as_csv(effort_rows(life)), media_type="text/csv")

    state.on_post.append(appeared)
    state.truth = lambda: truth(life)
    return [
        Route("/_sandbox/world", world, methods=["GET", "POST"]),
        Route("/_sandbox/efforts.csv", hours),
        *weblog.routes(blog, state.clock.now, life.script),
    ]


def truth(life: Life) -> dict[str, Any]:
    """What is really so, to be shown beside what an audit found; counts are of what has happened until now.

    `clients` is by channel of the last touch, None of it before a world was chosen.
    """
    if life.world is None:
        return {"simulated": True, "world": None, "says": "no world was chosen: an audience that only reads"}
    total = life.clients.total()
    last_touch = sum(count for channel, count in life.clients.items() if channel in REACHES)
    return {
        "simulated": True,
        "world": life.world.name,
        "says": life.world.says,
        "seed": life.seed,
        "weeks": life.weeks,
        "clients": dict(sorted(life.clients.items())),
        "clients_total": total,
        "clients_by_networks": last_touch,
        "clients_opened_by_networks": life.opened,  # a network earlier on, another channel last
        "share_by_networks": round(last_touch / total, 3) if total else None,
        "share_touched_by_networks": round((last_touch + life.opened) / total, 3) if total else None,
        "counts": dict(sorted(life.counts.items())),
        "problem": life.problem,
    }


def effort_rows(life: Life) -> list[Hours]:
    """The hours of every week that has begun."""
    if life.world is None or life.start is None:
        return []
    today = life.timetable.now().date()
    return [row for row in efforts(life.world, life.start, life.weeks) if row.start <= today]


class HttpSend:
    """`Send` over one shared connection pool; opened at the first request."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        import httpx  # a sandbox that nobody posts to does without

        if self._client is None:
            # trust_env would send the audience through a proxy, and off this machine
            self._client = httpx.AsyncClient(timeout=15, follow_redirects=False, trust_env=False)
        try:
            answer = await self._client.request(method, url, headers=dict(headers), content=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ConnectionError(f"no answer: {type(error).__name__}") from None
        said = answer.text if answer.is_error else ""
        return Reply(answer.status_code, answer.headers.get("location"), said)

    async def close(self) -> None:
        """Close the pool; the next request opens another."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


@dataclass(frozen=True, slots=True)
class _Wanted:
    truth: str
    weeks: int
    endpoint: Endpoint = field(repr=False)


def _wanted(raw: object) -> _Wanted:
    """The request's body, checked. Errors name the field and never its value where that is a secret."""
    if not isinstance(raw, dict):
        raise ValueError("send a JSON object")
    name, weeks = raw.get("truth"), raw.get("weeks", WEEKS)
    if name not in WORLDS:
        raise ValueError(f"truth: one of {', '.join(WORLDS)}")
    if not isinstance(weeks, int) or not 1 <= weeks <= 520:
        raise ValueError("weeks: a whole number from 1 to 520")
    texts = {}
    for part in ("endpoint", "brand", "secret"):
        texts[part] = raw.get(part)
        if not isinstance(texts[part], str) or not texts[part]:
            raise ValueError(f"{part}: missing")
    url = str(texts["endpoint"]).rstrip("/")
    if urlsplit(url).scheme != "http" or not is_local(url):
        raise ValueError("endpoint: an http address on this machine; simulated clients go nowhere else")
    return _Wanted(name, weeks, Endpoint(url, str(texts["brand"]), Secret(str(texts["secret"]))))


def _as_csv(rows: list[Hours]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("channel", "start", "hours"))
    writer.writerows((row.channel, row.start.isoformat(), row.hours) for row in rows)
    return text.getvalue()
