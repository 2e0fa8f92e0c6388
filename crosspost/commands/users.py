"""Users of brands: who they are, what they may, and their passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from crosspost.commands.passwords import Passwords
from crosspost.domain.access import Role, User, check_password, user_name
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.ids import new_id
from crosspost.secret import Secret
from crosspost.store import events, users
from crosspost.store.store import Store


@dataclass(frozen=True, slots=True)
class Added:
    """`new` is False for a user who was there already and may see one more brand now."""

    name: str
    role: Role
    new: bool


def is_known(store: Store, name: str) -> bool:
    """Whether somebody signs in under that name. Raises BadInput."""
    with store.database.read() as connection:
        return users.by_name(connection, user_name(name)) is not None


def add_user(
    store: Store, brand: Brand, now: datetime, name: str, role: Role, password: Secret | None, passwords: Passwords,
    *, who: str,
) -> Added:  # fmt: skip
    """Let somebody into a brand. A password is needed for who is new, and not taken for who is known.

    Raises BadInput, Conflict.
    """
    folded = user_name(name)
    if password is not None:
        check_password(folded, password.reveal())
    hashed = None if password is None else passwords.hash(password)  # before the transaction: it takes a while
    try:
        return _added(store, brand, now, folded, role, hashed, who=who)
    except IntegrityError:  # somebody else was let in under that name at the same moment
        return _added(store, brand, now, folded, role, hashed, who=who)


def _added(
    store: Store, brand: Brand, now: datetime, folded: str, role: Role, hashed: str | None, *, who: str
) -> Added:
    with store.write(brand.id) as scope:
        known = users.by_name(scope.connection, folded)
        if known is None:
            if hashed is None:
                raise BadInput(f"{folded} is new and needs a password", remedy="give one")
            user = User(new_id(now), folded, now)
            users.add(scope.connection, user, hashed)
        elif hashed is not None:
            raise Conflict(f"{folded} is known", remedy="they keep their password: leave it out")
        else:
            user = known[0]
        users.set_role(scope, user.id, role)
        events.record(scope, "user added", user.id, who=who, now=now, name=folded, role=role.value)
    return Added(folded, role, known is None)


def remove_user(store: Store, brand: Brand, now: datetime, name: str, *, who: str) -> bool:
    """Let a user into the brand no longer; whether they are forgotten altogether, having no other brand.

    Raises NotFound. A brand may be left with readers only, or nobody: the command line lets others in.
    """
    folded = user_name(name)
    with store.write(brand.id) as scope:
        known = users.by_name(scope.connection, folded)
        if known is None or users.role_of(scope, known[0].id) is None:
            raise NotFound(f"{brand.slug} has no user {folded!r}", remedy="see `crosspost user list`")
        users.drop_role(scope, known[0].id)
        events.record(scope, "user removed", known[0].id, who=who, now=now, name=folded)
    if any(role_in(store, one, known[0].id) for one in store.brands()):
        return False
    with store.database.write() as connection:
        users.remove(connection, known[0].id)
    return True


def role_in(store: Store, brand: Brand, user_id: str) -> Role | None:
    """What a user may in a brand; None: nothing."""
    with store.read(brand.id) as scope:
        return users.role_of(scope, user_id)


def brands_of(store: Store, user_id: str) -> list[tuple[Brand, Role]]:
    """The brands a user may see, by slug."""
    found = ((one, role_in(store, one, user_id)) for one in store.brands())
    return [(one, role) for one, role in found if role is not None]


def set_password(store: Store, now: datetime, name: str, password: Secret, passwords: Passwords) -> int:
    """Another password; it ends the user's sessions, and how many there were is told. Raises NotFound, BadInput."""
    folded = user_name(name)
    check_password(folded, password.reveal())
    user = _named(store, folded)
    hashed = passwords.hash(password)
    with store.database.write() as connection:
        users.set_password(connection, user.id, hashed)
        users.set_failures(connection, user.id, 0, None)
        return users.end_sessions(connection, user.id)


def end_sessions(store: Store, name: str) -> int:
    """Sign a user out everywhere; how many sessions there were. Raises NotFound."""
    user = _named(store, user_name(name))
    with store.database.write() as connection:
        return users.end_sessions(connection, user.id)


def _named(store: Store, name: str) -> User:
    with store.database.read() as connection:
        known = users.by_name(connection, name)
    if known is None:
        raise NotFound(f"nobody signs in as {name!r}", remedy="see `crosspost user list`")
    return known[0]
