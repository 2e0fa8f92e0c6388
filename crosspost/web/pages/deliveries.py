"""What is planned and what was sent. Read only: what only a person can settle is settled on the command line."""

from __future__ import annotations

from crosspost.domain.delivery import State
from crosspost.store import brands, deliveries
from crosspost.web.pages.view import View
from crosspost.web.site import Call

MOST = 500  # the newest; the page says so


def show_all(call: Call) -> View:
    names = [one.value for one in State]
    wanted = call.query.get("state", "")
    states = {State(wanted)} if wanted in names else None
    with call.read() as scope:
        found = deliveries.listed(scope, states)
        accounts = {one.id: one for one in brands.accounts(scope)}
    return View("deliveries", {
        "deliveries": list(reversed(found))[:MOST], "number": len(found), "accounts": accounts,
        "states": names, "state": wanted if states else "",
    })  # fmt: skip


def show(call: Call) -> View:
    with call.read() as scope:
        found, tries = deliveries.get(scope, call.path["id"]), deliveries.attempts(scope, call.path["id"])
        account = next(one for one in brands.accounts(scope) if one.id == found.account_id)
    return View("delivery", {"delivery": found, "attempts": tries, "account": account})
