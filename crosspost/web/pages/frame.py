"""How a page is served: host, session, brand, role and the form's origin are looked at before it runs."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crosspost.commands.signing import Session
from crosspost.commands.users import role_in
from crosspost.domain.access import Role
from crosspost.domain.brand import Brand
from crosspost.domain.errors import CrosspostError
from crosspost.web.answers import AGAIN, body_of, first_problem, status_of
from crosspost.web.headers import PAGES
from crosspost.web.pages.cookies import own_form, session_token
from crosspost.web.pages.view import DONE, Answer, Go, Page, Picture, View, html
from crosspost.web.site import Call, Site

# Same-origin, not none: without a referrer browsers send `Origin: null` along with forms.
HEADERS = {"Content-Security-Policy": PAGES, "Referrer-Policy": "same-origin"}

OWN_PATH = re.compile(r"/brands(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")  # where a sign-in may lead on to
_MOST_FIELDS = 100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # no form field sends one, and no database takes a zero
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_OOPS = {
    400: "The form was not understood.",
    403: "This form did not come from your session, or you may not change this brand. Open the page again.",
    404: "Nothing is here, or you may not see it.",
    413: "That is too much for one form.",
    415: "Forms are sent as application/x-www-form-urlencoded.",
    421: "This host name is none of ours. The setting `hosts` names those that are.",
    503: "The database does not answer just now. Try again in a moment.",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose host is one of ours. `token` is its cookie, of a session or of none."""

    request: Request
    origin: str
    token: str
    session: Session | None
    form: Mapping[str, str]
    brands: list[Brand]


Handler = Callable[[Request], Awaitable[Response]]


def serve(site: Site, pages: Mapping[str, Page]) -> Handler:
    """The handler of one address below a brand, for the pages of its methods."""
    return handler(site, lambda asked: _of_brand(site, pages, asked))


def handler(site: Site, answer: Callable[[Asked], Response], *, wrong_host: int = 421) -> Handler:
    """A handler that reads the form, and gives a person a page whatever goes wrong."""

    async def handle(request: Request) -> Response:
        form: dict[str, str] = {}
        if request.method == "POST":
            read = await _form(request)
            if isinstance(read, int):
                return oops(read)
            form = read
        return await run_in_threadpool(_guarded, request, form)

    def _guarded(request: Request, form: Mapping[str, str]) -> Response:
        try:
            brands = site.store.brands()
            origin = site.origins.origin(request.headers.get("host", ""), brands)
            if origin is None:
                return oops(wrong_host)
            token = session_token(request, origin)
            session = site.signing.session(token, site.clock.now())
            if request.method == "POST" and not own_form(request, origin, token, form.get("csrf", "")):
                return oops(403)
            return answer(Asked(request, origin, token, session, form, brands))
        except CrosspostError as error:
            return oops(status_of(error)[0], error.message)
        except OperationalError as error:
            log.error("the database did not answer: %s", type(error.orig).__name__)
            return oops(503)

    return handle


def shown(view: View, *, session: Session | None = None, status: int = 200, **more: object) -> Response:
    """A page outside any brand."""
    values = {"brand": None, "owner": False, "csrf": session.csrf if session else "", "error": "", "done": ""} | more
    name = session.user.name if session else ""
    return HTMLResponse(html(view, user=name, **values), status_code=status, headers=HEADERS)


def oops(status: int, message: str = "") -> Response:
    """A page that says what went wrong."""
    view = View("oops", {"message": message or _OOPS.get(status, _OOPS[400])})
    found = shown(view, status=status)
    found.headers.update(AGAIN if status == 503 else {})
    return found


def go(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=HEADERS)


def _of_brand(site: Site, pages: Mapping[str, Page], asked: Asked) -> Response:
    request = asked.request
    if asked.session is None:
        return go(f"/sign-in?to={request.url.path}" if OWN_PATH.fullmatch(request.url.path) else "/sign-in")
    brand = next((one for one in asked.brands if one.slug == request.path_params["brand"]), None)
    role = None if brand is None else role_in(site.store, brand, asked.session.user.id)
    path = {name: str(value) for name, value in request.path_params.items()}
    if brand is None or role is None or not all(map(_ID.fullmatch, path.values())):
        return oops(404)
    page = pages["GET" if request.method == "HEAD" else request.method]
    if page.owner and role is not Role.OWNER:
        return oops(403)
    call = Call(
        site, brand, site.clock.now(), asked.session.user.name, role, path, dict(request.query_params), asked.form,
        asked.session.csrf,
    )  # fmt: skip
    try:
        return _rendered(page.run(call), call)
    except (CrosspostError, ValidationError) as error:
        if page.again is None:
            raise
        if isinstance(error, ValidationError):
            status, message = 422, first_problem(error)
        else:
            status, message = status_of(error)[0], error.message + (f" ({error.remedy})" if error.remedy else "")
        told = replace(call, error=message)
        return _rendered(page.again(told), told, status)


def _rendered(answer: Answer, call: Call, status: int = 200) -> Response:
    if isinstance(answer, Go):
        base = f"/brands/{call.brand.slug}{answer.path}"
        return go(f"{base}?done={answer.done}" if answer.done else base)
    if isinstance(answer, Picture):
        return Response(answer.content, media_type=answer.media_type)
    text = html(
        answer, brand=call.brand, owner=call.role is Role.OWNER, csrf=call.csrf, user=call.who, form=call.form,
        error=call.error, done=DONE.get(call.query.get("done", ""), ""),
    )  # fmt: skip
    return HTMLResponse(text, status_code=status, headers=HEADERS)


async def _form(request: Request) -> dict[str, str] | int:
    """The fields of a form by name, or the status that refuses it."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return 415
    body = await body_of(request)
    if body is None:
        return 413
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        return 400
    if any(_CONTROL.search(text) for pair in pairs for text in pair):
        return 400
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else 400
