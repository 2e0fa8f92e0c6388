"""Signing in and out, one's own password, and the choice of a brand."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable

from starlette.background import BackgroundTask
from starlette.responses import Response

from crosspost.commands.signing import Refused, csrf_of
from crosspost.commands.users import brands_of, set_password
from crosspost.domain.access import LEAST_PASSWORD
from crosspost.domain.errors import BadInput
from crosspost.secret import Secret
from crosspost.web.addresses import subscriber
from crosspost.web.origins import is_loopback
from crosspost.web.pages.cookies import end_session, known_mark, set_known, set_session
from crosspost.web.pages.frame import OWN_PATH, Asked, go, shown
from crosspost.web.pages.view import DONE, View
from crosspost.web.site import Site

_WRONG = "The name or the password is not right."


def sign_in(site: Site) -> Callable[[Asked], Response]:
    def answer(asked: Asked) -> Response:
        if asked.request.method == "POST":
            return _sign_in(site, asked)
        if asked.session is not None:
            return go("/brands")
        token = Secret(asked.token or secrets.token_urlsafe(32))
        found = _form(asked, token.reveal(), to=asked.request.query_params.get("to", ""))
        if not asked.token:
            set_session(found, asked.origin, token)  # of no session: it is replaced by another one at sign-in
        return found

    return answer


def sign_out(site: Site) -> Callable[[Asked], Response]:
    def answer(asked: Asked) -> Response:
        site.signing.sign_out(asked.token)
        found = go("/sign-in")
        end_session(found, asked.origin)
        return found

    return answer


def choose(site: Site) -> Callable[[Asked], Response]:
    def answer(asked: Asked) -> Response:
        if asked.session is None:
            return go("/sign-in")
        found = brands_of(site.store, asked.session.user.id)
        if len(found) == 1:
            return go(f"/brands/{found[0][0].slug}")
        return shown(View("choose", {"brands": found}), session=asked.session)

    return answer


def password(site: Site) -> Callable[[Asked], Response]:
    def answer(asked: Asked) -> Response:
        if asked.session is None:
            return go("/sign-in")
        error = _change(site, asked) if asked.request.method == "POST" else ""
        if asked.request.method == "GET" or error:
            view = View("password", {"least": LEAST_PASSWORD})
            return shown(view, session=asked.session, error=error, status=422 if error else 200)
        found = go("/sign-in?done=password")
        end_session(found, asked.origin)
        return found

    return answer


def _change(site: Site, asked: Asked) -> str:
    """Change the password; why it was not, or nothing. It ends every session of the user, this one too."""
    if asked.session is None:
        return _WRONG
    now, name = site.clock.now(), asked.session.user.name
    wanted = asked.form.get("new", "")
    if wanted != asked.form.get("again", ""):
        return "The new password was not written twice the same."
    done = site.signing.sign_in(
        name, Secret(asked.form.get("present", "")), now, address=_address(site, asked),
        known=known_mark(asked.request, asked.origin),
    )  # fmt: skip
    if isinstance(done, Refused):
        return f"Wait {math.ceil(done.wait_s)} seconds." if done.wait_s else "The present password is not right."
    try:
        set_password(site.store, now, name, Secret(wanted), site.signing.passwords)
    except BadInput as error:
        site.signing.sign_out(done.token.reveal())
        return f"{error.message} ({error.remedy})"
    return ""


def _sign_in(site: Site, asked: Asked) -> Response:
    form, now = asked.form, site.clock.now()
    done = site.signing.sign_in(
        form.get("name", ""), Secret(form.get("password", "")), now, address=_address(site, asked),
        known=known_mark(asked.request, asked.origin),
    )  # fmt: skip
    if isinstance(done, Refused):
        wait = math.ceil(done.wait_s)
        error = f"Too many tries. Wait {wait} seconds, then try again." if wait else _WRONG
        found = _form(asked, asked.token, to=form.get("to", ""), error=error, status=429 if wait else 422)
        if wait:
            found.headers["Retry-After"] = str(wait)
        if done.failed is not None:
            found.background = BackgroundTask(site.signing.store_failure, done.failed, now)
        return found
    if asked.session is not None:
        site.signing.sign_out(asked.token)
    to = form.get("to", "")
    found = go(to if OWN_PATH.fullmatch(to) else "/brands")
    set_session(found, asked.origin, done.token)
    set_known(found, asked.origin, done.known)
    return found


def _form(asked: Asked, token: str, *, to: str, error: str = "", status: int = 200) -> Response:
    view = View("sign-in", {"to": to if OWN_PATH.fullmatch(to) else "", "name": asked.form.get("name", "")[:64]})
    done = DONE.get(asked.request.query_params.get("done", ""), "")
    return shown(view, csrf=csrf_of(token), error=error, status=status, done=done)


def _address(site: Site, asked: Asked) -> str | None:
    """Who asks, where that tells anything: a proxy on this machine that is not trusted makes one address of all."""
    found = subscriber(site.addresses.of(asked.request))
    return None if not found or is_loopback(found) else found
