"""The conversion endpoint: signed messages from the brand's own site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from crosspost.domain.errors import CrosspostError, NotFound
from crosspost.store.business import Outcome, Recorded
from crosspost.web.answers import body_of, failed, first_problem, plain, told
from crosspost.web.events import EVENT, Event, record
from crosspost.web.signature import Check, check
from crosspost.web.site import Site


def take_event(site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        body = await body_of(request)
        if body is None:
            return plain(413)
        return await run_in_threadpool(
            _take,
            site,
            request.path_params["brand"],
            request.headers.get("x-crosspost-timestamp", ""),
            request.headers.get("x-crosspost-signature", ""),
            body,
        )

    return take


def _take(site: Site, slug: str, timestamp: str, signature: str, body: bytes) -> Response:
    try:
        outcome = check(site.secrets_of_brand(slug), timestamp, signature, body, site.clock.now())
        if outcome is Check.BAD:
            return failed(401, "unauthorized", "brand, timestamp or signature is not accepted")
        if outcome is Check.STALE:
            return failed(401, "stale", "the timestamp is more than five minutes from our clock")
        event = EVENT.validate_json(body)
        return _answer(event, _record(site, slug, event))
    except ValidationError as error:
        return failed(422, "invalid", first_problem(error, skip=1))  # the first part is the event's type
    except NotFound as error:
        return failed(422, "unknown", str(error))
    except (CrosspostError, OperationalError) as error:
        answer = told(error)
        return failed(answer.status_code, "invalid", str(error)) if answer.status_code == 422 else answer


def _record(site: Site, slug: str, event: Event) -> Recorded:
    brand = site.store.brand(slug)
    key, rules = site.person_key(brand.id), site.rules_of(slug)
    try:
        with site.store.write(brand.id) as scope:
            return record(scope, event, site.clock.now(), key, rules)
    except IntegrityError:  # the same event arrived twice at once: by now the other one is stored
        with site.store.write(brand.id) as scope:
            return record(scope, event, site.clock.now(), key, rules)


def _answer(event: Event, recorded: Recorded) -> Response:
    if recorded.outcome is Outcome.DIFFERS:
        changed = ", ".join(recorded.differences)
        return failed(409, "differs", f"{event.id!r} was recorded before with another {changed}; the first is kept")
    status = 201 if recorded.outcome is Outcome.RECORDED else 200
    return JSONResponse({"status": recorded.outcome.value, "id": event.id}, status_code=status)
