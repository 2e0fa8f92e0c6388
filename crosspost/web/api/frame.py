"""How an operation is served: host, key, scope, path, query and message are looked at before it runs."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from crosspost.commands.apikeys import recognised
from crosspost.domain.access import KeyScope, Role
from crosspost.domain.errors import BadInput, CrosspostError
from crosspost.web.answers import body_of, failed, first_problem, plain, told
from crosspost.web.api.openapi import PATTERNS, description
from crosspost.web.api.operations import Operation
from crosspost.web.site import Call, Site

log = logging.getLogger(__name__)

_ASK = {"WWW-Authenticate": "Bearer"}


def serve(site: Site, operations: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    """The handler of one path, for the operations of its methods."""

    async def answer(request: Request) -> Response:
        operation = operations["GET" if request.method == "HEAD" else request.method]
        body = await body_of(request)
        if body is None:
            return plain(413)
        return await run_in_threadpool(_answer, site, operation, request, body)

    return answer


def describe(site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        brands = await run_in_threadpool(site.store.brands)
        if site.origins.origin(request.headers.get("host", ""), brands) is None:
            return plain(421)
        return JSONResponse(description())

    return answer


def _answer(site: Site, operation: Operation, request: Request, body: bytes) -> Response:
    try:
        return _checked(site, operation, request, body)
    except (CrosspostError, OperationalError) as error:
        return told(error)
    except ValidationError as error:
        return failed(422, "invalid", first_problem(error))


def _checked(site: Site, operation: Operation, request: Request, body: bytes) -> Response:
    brands = site.store.brands()
    if site.origins.origin(request.headers.get("host", ""), brands) is None:
        return plain(421)
    now = site.clock.now()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    brand = next((one for one in brands if one.slug == request.path_params["brand"]), None)
    # An unknown brand and another brand's key get one answer: whether the brand exists is not told.
    key = recognised(site.store, brand, given.strip(), now) if brand and scheme.lower() == "bearer" else None
    if brand is None or key is None:
        remedy = "send an API key of this brand: Authorization: Bearer …"
        return failed(401, "unauthorized", "no key of this brand was sent", remedy=remedy, headers=_ASK)
    if not key.scope.covers(operation.scope):
        return failed(403, "read_only", "this key may only read", remedy="make one with `crosspost apikey add --write`")
    path = {name: str(value) for name, value in request.path_params.items()}
    if not all(re.fullmatch(PATTERNS[name].strip("^$"), value) for name, value in path.items()):
        return plain(404)
    role = Role.OWNER if key.scope is KeyScope.WRITE else Role.READER
    call = Call(site, brand, now, f"API key {key.prefix}", role, path, source="api")
    query = _query(operation, request)
    if operation.takes is None:
        answer, status = operation.run(call, query, None)
    else:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return plain(415)
        answer, status = operation.run(call, query, operation.takes.model_validate_json(body))
    return Response(answer.model_dump_json(), status_code=status, media_type="application/json")


def _query(operation: Operation, request: Request) -> object:
    given = request.query_params.multi_items()
    if len({name for name, _ in given}) < len(given):
        raise BadInput("a query parameter stands twice", remedy="give each once")
    if operation.query is None:
        if given:
            raise BadInput(f"{given[0][0][:80]!r} is no parameter of this", remedy="leave it out")
        return None
    return operation.query.model_validate(dict(given))
