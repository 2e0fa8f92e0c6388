"""Users and API keys of a brand: for its owners."""

from __future__ import annotations

from crosspost.commands.apikeys import add_key, revoke_key
from crosspost.commands.users import add_user, remove_user
from crosspost.domain.access import LEAST_PASSWORD, KeyScope, Role
from crosspost.domain.errors import BadInput, Conflict
from crosspost.secret import Secret
from crosspost.store import apikeys, users
from crosspost.web.messages import NewKey, NewUser
from crosspost.web.pages.reading import message
from crosspost.web.pages.view import Go, View
from crosspost.web.site import Call


def show(call: Call, key: Secret | None = None) -> View:
    with call.read() as scope:
        return View("access", {
            "users": users.of_brand(scope), "keys": list(reversed(apikeys.all_of(scope))),
            "key": None if key is None else key.reveal(), "least": LEAST_PASSWORD,
        })  # fmt: skip


def user_add(call: Call) -> Go:
    """Only who is new: a user of another brand is let in on the command line, by somebody who knows both."""
    new = message(call, NewUser)
    password = call.form.get("password", "")
    if not password:
        raise BadInput("a new user needs a password", remedy="they can change it after they signed in")
    try:
        add_user(
            call.store, call.brand, call.now, new.name, Role(new.role), Secret(password), call.site.signing.passwords,
            who=call.who,
        )  # fmt: skip
    except Conflict:
        raise Conflict("this name is taken", remedy="choose another one") from None
    return Go("/access", "user-added")


def user_remove(call: Call) -> Go:
    if call.form.get("name") == call.who:
        raise BadInput("you cannot take your own rights away", remedy="another owner can, or the command line")
    remove_user(call.store, call.brand, call.now, call.form.get("name", ""), who=call.who)
    return Go("/access", "user-removed")


def key_add(call: Call) -> View:
    new = message(call, NewKey)
    _, key = add_key(call.store, call.brand, call.now, new.name, KeyScope(new.scope), who=call.who)
    return show(call, key)


def key_revoke(call: Call) -> Go:
    revoke_key(call.store, call.brand, call.now, call.form.get("prefix", ""), who=call.who)
    return Go("/access", "key-revoked")
