"""One request through the sandbox: fault, token, limits, then the network's own handler, which never waits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qs

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crosspost.sandbox.breaking import cut, hang, reset, reset_reading
from crosspost.sandbox.errors import ERRORS
from crosspost.sandbox.faults import Fault
from crosspost.sandbox.fixture import PLAUSIBLE
from crosspost.sandbox.state import SandboxAccount, State, Token

MAX_BODY = 20 * 1024 * 1024  # bytes; larger than any network's largest image
ABSURD_WAIT = timedelta(days=3650)


class Json(Response):
    """Compact JSON that keeps its text readable."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `max` points per `seconds`, per account. `name` is shared by the requests that share a budget."""

    name: str
    max: int
    seconds: int


@dataclass(slots=True)
class Call:
    """A request whose body has been read. `fields` holds form or JSON values, `files` uploads with their type."""

    state: State
    kind: str
    request: Request
    body: bytes = b""
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    token: Token | None = None
    owner: SandboxAccount | None = None
    fault: Fault | None = None
    late: bool = False
    broken: str | None = None  # why the body could not be read as what it says it is

    @property
    def account(self) -> SandboxAccount:
        if self.owner is None:
            raise LookupError("this request needs no token")
        return self.owner

    @property
    def now(self) -> datetime:
        return self.state.clock.now()

    def struck(self, kind: str) -> Fault | None:
        return self.fault if self.fault is not None and self.fault.kind == kind else None

    def spend(self, account: SandboxAccount, limit: Limit, cost: int = 1) -> int:
        """Points of that account left after this request; negative: refused."""
        return spend(self.state, account, limit, cost)[0]

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])


class Dialect(Protocol):
    """What differs between networks outside their handlers."""

    name: ClassVar[str]

    def authenticate(self, call: Call) -> Response | None:
        """Set `call.token` and `call.owner`, or the refusal."""
        ...

    def hint(self, state: State, request: Request) -> str | None:
        """The account's id as far as the head of the request tells: faults strike before the body is read."""
        ...

    def unknown_parameter(self, name: str, value: str) -> Response: ...

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]: ...

    def rate_limited(self, headers: dict[str, str]) -> Response: ...


Handler = Callable[[Call], Response]

_WRITING = frozenset({"publish", "media", "delete"})
_NO_SCOPE = {
    "x": "x/not_permitted", "facebook": "facebook/permission", "instagram": "facebook/permission",
    "threads": "facebook/permission", "linkedin": "linkedin/permission", "pinterest": "pinterest/permission",
    "mastodon": "mastodon/scope",
}  # fmt: skip


def refuse(fixture_name: str, headers: dict[str, str] | None = None, /, **values: object) -> Response:
    """The error answer of that fixture."""
    fixture = ERRORS[fixture_name]
    body, heads = fixture.filled(**values), {**fixture.headers, **(headers or {})}
    if isinstance(body, str):
        return Response(body, fixture.status, heads, "text/html")
    problem = fixture_name.startswith("x/") and "type" in body
    return Json(body, fixture.status, heads, "application/problem+json" if problem else None)


def endpoint(
    state: State,
    dialect: Dialect,
    path: str,
    method: str,
    kind: str,
    handler: Handler,
    *,
    query: Iterable[str] = (),
    limits: tuple[tuple[Limit, int], ...] = (),
    token: bool = True,
) -> Route:
    """A route. `query` is the written allow-list of parameters; `limits` the budgets with the points it costs."""
    allowed = frozenset(query)

    def process(call: Call) -> Response:
        if token and (refusal := dialect.authenticate(call)):
            return refusal
        if kind in _WRITING and call.token is not None and not call.token.may_write():
            return refuse(_NO_SCOPE[dialect.name])
        for name, value in call.request.query_params.multi_items():
            if name not in allowed:
                return dialect.unknown_parameter(name, value)
        headers: dict[str, str] = {}
        for limit, cost in limits:
            left, reset_at = spend(state, call.owner, limit, cost)
            headers = dialect.limit_headers(limit, max(0, left), reset_at)
            if left < 0:
                return dialect.rate_limited(headers)
        if hit := call.struck("rate_limited"):
            return dialect.rate_limited(_hint_headers(dialect, hit, call.now))
        response = handler(call)
        response.headers.update(headers)
        return response

    async def answer(request: Request) -> Response:
        account = dialect.hint(state, request)
        fault = state.faults.strike(dialect.name, account, kind) if state.faults.any else None
        if fault is not None and fault.kind == "reset_reading":
            return await reset_reading(request, fault.bytes)
        call = Call(state, kind, request, fault=fault)
        await _read(call)
        if fault is None:
            return process(call)
        if fault.kind in ("token_expired", "token_revoked") and account in state.accounts:
            state.set_tokens(state.accounts[account], "expire" if fault.kind == "token_expired" else "revoke")
        return await _suffer(call, fault, process, dialect.name)

    return Route(path, answer, methods=[method])


async def _suffer(call: Call, fault: Fault, process: Handler, network: str) -> Response:
    """What becomes of a request that a fault strikes."""
    request = call.request
    match fault.kind:
        case "error_before":
            return server_error(network, fault.status)
        case "refusal":
            return refuse(fault.fixture, **{**PLAUSIBLE, "status": fault.status})
        case "error_after":
            process(call)
            return server_error(network, fault.status)
        case "reset_before":
            return await reset(request)
        case "reset_after":
            process(call)
            return await reset(request)
        case "hang_before":
            return await hang(request, fault.seconds)
        case "hang_after":
            process(call)
            return await hang(request, fault.seconds)
        case "slow":
            await asyncio.sleep(fault.seconds)
            return process(call)
        case "empty_body" | "truncated_body":
            return await cut(request, process(call), fault)
        case "zombie":
            return await _zombie(call, fault, process, network)
        case _:
            return process(call)  # the handler asks for its own faults


async def _zombie(call: Call, fault: Fault, process: Handler, network: str) -> Response:
    key = call.request.headers.get("idempotency-key")
    if fault.race and key and call.owner and (call.owner.id, key) in call.state.keys:
        return process(call)

    async def rise() -> None:
        call.late = True
        process(call)

    call.state.clock.schedule(call.now + timedelta(seconds=fault.seconds), rise)
    if fault.answer == "reset":
        return await reset(call.request)
    if fault.answer == "hang":
        return await hang(call.request, fault.seconds)
    return server_error(network, int(fault.answer))


def server_error(network: str, status: int) -> Response:
    """The network's own words for a 5xx; any other status gets an empty body."""
    name = f"{network}/{status}"
    return refuse(name, status=status) if name in ERRORS else Response(status_code=status)


def _hint_headers(dialect: Dialect, fault: Fault, now: datetime) -> dict[str, str]:
    """429 comes with the network's own hint, with Retry-After in two forms, with nonsense, or with nothing."""
    reset_at = now + timedelta(seconds=fault.seconds)
    match fault.form:
        case "seconds":
            return {"retry-after": str(max(1, round(fault.seconds)))}
        case "date":
            return {"retry-after": format_datetime(reset_at.astimezone(UTC), usegmt=True)}
        case "absurd":
            return {"retry-after": str(int(ABSURD_WAIT.total_seconds()))}
        case "none":
            return {}
    return dialect.limit_headers(Limit("fault", 1, max(1, round(fault.seconds))), 0, reset_at)


def spend(state: State, account: SandboxAccount | None, limit: Limit, cost: int) -> tuple[int, datetime]:
    """Points left after this request (negative: refused) and when the window ends."""
    window = int(state.clock.now().timestamp() // limit.seconds)
    reset_at = datetime.fromtimestamp((window + 1) * limit.seconds, UTC)
    if account is None or not state.behaviour(account, "rate_limits"):
        return limit.max, reset_at
    began, used = state.windows.get((account.id, limit.name), (window, 0))
    used = (used if began == window else 0) + cost
    if used <= limit.max:
        state.windows[account.id, limit.name] = (window, used)
    return limit.max - used, reset_at


# the connection


# the body


async def _read(call: Call) -> None:
    request = call.request
    if request.method in ("GET", "HEAD"):
        return
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            call.broken = "the body is too large"
            return
        chunks.append(chunk)
    call.body = b"".join(chunks)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            values = json.loads(call.body or b"{}")
        except ValueError:
            call.broken = "the body is not JSON"
            return
        if isinstance(values, dict):
            call.fields = values
        else:
            call.broken = "the body is not a JSON object"
    elif kind == "application/x-www-form-urlencoded":
        for name, found in parse_qs(call.body.decode("utf-8", "replace"), keep_blank_values=True).items():
            call.fields[name] = found if name.endswith("[]") else found[-1]
    elif kind == "multipart/form-data":
        await _read_multipart(call)


async def _read_multipart(call: Call) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield call.body

    try:
        form = await MultiPartParser(call.request.headers, stream(), max_part_size=MAX_BODY).parse()  # type: ignore[arg-type]
    except (MultiPartException, KeyError):
        call.broken = "the multipart body cannot be read"
        return
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            call.files[name] = (await value.read(), value.content_type or "application/octet-stream")
            await value.close()
        elif name.endswith("[]"):
            call.fields.setdefault(name, []).append(value)
        else:
            call.fields[name] = value
