"""The two cookies of the pages: the session, and the mark of a browser in which somebody signed in before."""

from __future__ import annotations

import hmac

from starlette.requests import Request
from starlette.responses import Response

from crosspost.commands.signing import csrf_of
from crosspost.domain.access import ABSOLUTE
from crosspost.secret import Secret

_KNOWN_S = 365 * 24 * 3600
_MOST = 300  # characters of a cookie that could be ours


def session_token(request: Request, origin: str) -> str:
    return _cookie(request, origin, "crosspost")


def known_mark(request: Request, origin: str) -> str:
    return _cookie(request, origin, "crosspost-known")


def set_session(answer: Response, origin: str, token: Secret) -> None:
    _set(answer, origin, "crosspost", token, int(ABSOLUTE.total_seconds()))


def set_known(answer: Response, origin: str, mark: Secret) -> None:
    _set(answer, origin, "crosspost-known", mark, _KNOWN_S)


def end_session(answer: Response, origin: str) -> None:
    _set(answer, origin, "crosspost", Secret(""), 0)


def own_form(request: Request, origin: str, token: str, csrf: str) -> bool:
    """Whether a form was sent from one of our own pages, by the browser that holds the cookie."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    if request.headers.get("origin", origin).lower() != origin:
        return False
    return bool(token) and hmac.compare_digest(csrf_of(token).encode(), csrf.encode("utf-8", "surrogateescape"))


def _name(origin: str, name: str) -> str:
    # The prefix makes browsers refuse the cookie from a neighbouring host or without TLS.
    return f"__Host-{name}" if origin.startswith("https:") else name


def _cookie(request: Request, origin: str, name: str) -> str:
    found = request.cookies.get(_name(origin, name), "")
    return found if len(found) <= _MOST and found.isascii() else ""


def _set(answer: Response, origin: str, name: str, value: Secret, seconds: int) -> None:
    answer.set_cookie(
        _name(origin, name), value.reveal(), max_age=seconds, path="/", httponly=True, samesite="lax",
        secure=origin.startswith("https:"),
    )  # fmt: skip
