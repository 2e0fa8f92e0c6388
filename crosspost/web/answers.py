"""Errors as JSON, the same everywhere, and bodies that are no larger than allowed."""

from __future__ import annotations

import logging

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from crosspost.domain.errors import BadInput, Conflict, CrosspostError, NotAllowed, NotFound, Unavailable

MAX_BODY = 64 * 1024  # bytes
AGAIN = {"Retry-After": "5"}

log = logging.getLogger(__name__)

# What a failure is over HTTP: status, and the word in `error`.
_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (BadInput, 422, "invalid"),
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (NotAllowed, 403, "not_allowed"),
    (Unavailable, 503, "unavailable"),
    (OperationalError, 503, "unavailable"),
)
_WORDS = {
    400: ("bad_request", "the request was not understood"),
    403: ("not_allowed", "this is not allowed"),
    404: ("not_found", "nothing is here"),
    405: ("method_not_allowed", "another method is needed"),
    413: ("too_large", f"a message has at most {MAX_BODY} bytes"),
    415: ("wrong_type", "another content type is needed"),
    421: ("wrong_host", "this host name is none of ours: see the setting `hosts`"),
}


def status_of(error: Exception) -> tuple[int, str]:
    """The status and the word of a failure; 500 for what is none of ours."""
    for kind, status, word in _STATUS:
        if isinstance(error, kind):
            return status, word
    return 500, "internal"


def told(error: CrosspostError | OperationalError) -> Response:
    """A failure as JSON. What the database says is not told: it may quote rows."""
    status, word = status_of(error)
    headers = AGAIN if status == 503 else None
    if isinstance(error, OperationalError):
        log.error("the database did not answer: %s", type(error.orig).__name__)
        return failed(status, word, "try again", headers=headers)
    return failed(status, word, error.message, remedy=error.remedy, headers=headers)


def failed(
    status: int, error: str, message: str, *, remedy: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """`error` is for programs and stays; `message` and `remedy` are for people."""
    content = {"error": error, "message": message} | ({} if remedy is None else {"remedy": remedy})
    return JSONResponse(content, status_code=status, headers=headers)


def plain(status: int, headers: dict[str, str] | None = None) -> Response:
    """A failure that needs no more words than its status."""
    word, message = _WORDS.get(status, ("error", "the request was not understood"))
    return failed(status, word, message, headers=headers)


def first_problem(error: ValidationError, skip: int = 0) -> str:
    """What is wrong with a message, in one sentence; `skip` leaves out the first parts of where."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"][skip:])
    return f"{where}: {first['msg']}" if where else first["msg"]


def http_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return plain(500)
    return plain(error.status_code, dict(error.headers) if error.headers else None)


def unexpected(_request: Request, error: Exception) -> Response:
    detail = error.message if isinstance(error, CrosspostError) else type(error).__name__
    log.error("a request failed", extra={"problem": detail})
    return failed(500, "internal", "something went wrong here; it is in the log")


async def body_of(request: Request, most: int = MAX_BODY) -> bytes | None:
    """The body; None when it is larger than allowed, known as soon as it is."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
