"""Logging in with Facebook: a user's token, made long-lived, opens the tokens of the user's Pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Literal

from crosspost.domain.errors import RateLimited, Unauthorized, Unreachable
from crosspost.domain.login import CLIENT_ID, CLIENT_SECRET, Exchange, Login, Renewal
from crosspost.networks import _answers as answers
from crosspost.networks import oauth
from crosspost.networks._meta import VERSION, GraphHost
from crosspost.networks.network import Connection, Issued, Offer
from crosspost.secret import Secret

USER_TOKEN, PAGE_TOKEN = "user_token", "page_token"
_PAGES = 5  # of 100 Pages


def login(*, reading: tuple[str, ...], writing: tuple[str, ...]) -> Login:
    """Facebook's login, for Pages and the Instagram accounts behind them.

    A Page's token tells no end; the app's access to its owner's data ends 90 days after the last login.
    """
    longer = Exchange(
        f"https://graph.facebook.com/{VERSION}/oauth/access_token", "fb_exchange_token", "fb_exchange_token",
        (CLIENT_ID, CLIENT_SECRET),
    )  # fmt: skip
    return Login(
        authorize=f"https://www.facebook.com/{VERSION}/dialog/oauth",
        tokens=longer.address,
        reading=reading,
        writing=writing,
        renewal=Renewal.EXCHANGE,
        access=USER_TOKEN,
        used=PAGE_TOKEN,
        separator=",",
        redirect="http://localhost",  # taken without being registered while the app is in development mode
        longer=longer,
        renew=longer,
        early=timedelta(days=30),
        least_age=timedelta(hours=24),
        assumed=timedelta(days=60),
        source="developers.facebook.com, manually build a login flow; access tokens; data access expiration",
        read_on=date(2026, 9, 1),
    )


def offers(on: Connection, by: Literal["page", "instagram"]) -> list[Offer]:
    """The Pages that the user's token opens, or the Instagram accounts behind them, each with the Page's token."""
    graph = GraphHost(on, USER_TOKEN, on.settings.get("graph_version", VERSION))
    fields = "id,name,access_token" + (",instagram_business_account{id,username}" if by == "instagram" else "")
    rows: list[dict[str, Any]] = []
    for page, last in islice(graph.pages("me/accounts", fields=fields, limit=100), _PAGES):
        rows += page
        if last:
            break
    scopes, until = _inspected(graph)
    found = []
    for row in rows:
        account = answers.obj(row.get("instagram_business_account")) if by == "instagram" else row
        token = row.get("access_token")
        if not account.get("id") or not isinstance(token, str) or not token:
            continue  # no account behind the Page, or a role on it that may do nothing
        name = str(account.get("username") or row.get("name") or account["id"])
        expires = {} if until is None else {PAGE_TOKEN: until}
        found.append(Offer(str(account["id"]), name, Issued({PAGE_TOKEN: Secret(token)}, expires, scopes)))
    return found


def _inspected(graph: GraphHost) -> tuple[tuple[str, ...] | None, datetime | None]:
    """What was really granted, and when the access to data ends. Nothing, where the app may not ask."""
    try:
        told = answers.obj(graph.about_token().get("data"))
    except (Unreachable, Unauthorized):
        return None, None
    scopes, until = told.get("scopes"), answers.number(told.get("data_access_expires_at"))
    return (
        tuple(str(one) for one in scopes) if isinstance(scopes, list) else None,
        datetime.fromtimestamp(until, UTC) if until else None,
    )


def refreshed(on: Connection, of: Login | None, home: str | None, by: Literal["page", "instagram"]) -> Issued:
    """A later token of the user, and with it the Page's token as it is now. Raises Unauthorized when it has none."""
    user = oauth.refreshed(on, of, home)
    try:
        every = offers(replace(on, secrets={**on.secrets, **user.secrets}), by)
    except (Unreachable, RateLimited):
        return user  # the Page's token lives by itself: it is read again next time
    mine = next((one.issued for one in every if one.remote_id == on.remote_id), None)
    if mine is None:
        raise Unauthorized("the login no longer opens this account", code="no account")
    return Issued({**user.secrets, **mine.secrets}, {**user.expires, **mine.expires}, mine.scopes)
