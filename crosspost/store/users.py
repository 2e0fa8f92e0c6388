"""Users, the brands they may see, their sessions, and their failures to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from crosspost.domain.access import Role, User
from crosspost.store.store import Scope
from crosspost.store.tables import user, user_brand, user_session


def add(connection: Connection, new: User, password_hash: str) -> None:
    """A new user, of no brand yet."""
    connection.execute(
        insert(user).values(id=new.id, name=new.name, password_hash=password_hash, created_at=new.created_at)
    )


def by_name(connection: Connection, name: str) -> tuple[User, str] | None:
    """A user and the hash of their password."""
    row = connection.execute(select(user).where(user.c.name == name)).one_or_none()
    return None if row is None else (User(row.id, row.name, row.created_at), row.password_hash)


def set_password(connection: Connection, user_id: str, password_hash: str) -> None:
    """Another hash of the password, or of another password."""
    connection.execute(update(user).where(user.c.id == user_id).values(password_hash=password_hash))


def remove(connection: Connection, user_id: str) -> None:
    """Forget a user who is of no brand any more, with their sessions."""
    end_sessions(connection, user_id)
    connection.execute(delete(user).where(user.c.id == user_id))


def set_role(scope: Scope, user_id: str, role: Role) -> None:
    """Let a user into the brand, or change what they may there."""
    changed = scope.connection.execute(
        update(user_brand)
        .where(user_brand.c.brand_id == scope.brand_id, user_brand.c.user_id == user_id)
        .values(role=role.value)
    )
    if changed.rowcount == 0:
        scope.connection.execute(insert(user_brand).values(brand_id=scope.brand_id, user_id=user_id, role=role.value))


def role_of(scope: Scope, user_id: str) -> Role | None:
    """What a user may in the brand; None: they are not of it."""
    found = scope.connection.execute(
        select(user_brand.c.role).where(user_brand.c.brand_id == scope.brand_id, user_brand.c.user_id == user_id)
    ).scalar()
    return None if found is None else Role(found)


def drop_role(scope: Scope, user_id: str) -> bool:
    """Let a user into the brand no longer; whether they were of it."""
    done = scope.connection.execute(
        delete(user_brand).where(user_brand.c.brand_id == scope.brand_id, user_brand.c.user_id == user_id)
    )
    return done.rowcount > 0


def of_brand(scope: Scope) -> list[tuple[User, Role]]:
    """The brand's users, by name."""
    rows = scope.connection.execute(
        select(user, user_brand.c.role)
        .join(user_brand, user_brand.c.user_id == user.c.id)
        .where(user_brand.c.brand_id == scope.brand_id)
        .order_by(user.c.name)
    )
    return [(User(row.id, row.name, row.created_at), Role(row.role)) for row in rows]


def begin_session(connection: Connection, token_hash: str, user_id: str, now: datetime) -> None:
    """A new session."""
    connection.execute(insert(user_session).values(token_hash=token_hash, user_id=user_id, started_at=now, seen_at=now))


def session(connection: Connection, token_hash: str) -> tuple[User, datetime, datetime] | None:
    """Whose a session is, when it began and when it was last used."""
    row = connection.execute(
        select(user, user_session.c.started_at, user_session.c.seen_at)
        .join(user_session, user_session.c.user_id == user.c.id)
        .where(user_session.c.token_hash == token_hash)
    ).one_or_none()
    return None if row is None else (User(row.id, row.name, row.created_at), row.started_at, row.seen_at)


def session_seen(connection: Connection, token_hash: str, now: datetime) -> None:
    """A session was used."""
    connection.execute(update(user_session).where(user_session.c.token_hash == token_hash).values(seen_at=now))


def end_session(connection: Connection, token_hash: str) -> None:
    """End one session."""
    connection.execute(delete(user_session).where(user_session.c.token_hash == token_hash))


def end_sessions(connection: Connection, user_id: str | None = None) -> int:
    """End a user's sessions, or without a user everybody's; how many there were."""
    query = delete(user_session)
    return connection.execute(query if user_id is None else query.where(user_session.c.user_id == user_id)).rowcount


def forget_old_sessions(connection: Connection, started_before: datetime, seen_before: datetime) -> None:
    """Delete the sessions that ended by themselves."""
    connection.execute(
        delete(user_session).where(
            (user_session.c.started_at <= started_before) | (user_session.c.seen_at <= seen_before)
        )
    )


def failures(connection: Connection, user_id: str) -> tuple[int, datetime | None]:
    """How many wrong passwords in a row were stored for a user, and when the last one came."""
    row = connection.execute(select(user.c.failures, user.c.failed_at).where(user.c.id == user_id)).one_or_none()
    return (0, None) if row is None else (row.failures, row.failed_at)


def set_failures(connection: Connection, user_id: str, number: int, failed_at: datetime | None) -> None:
    """So many wrong passwords in a row; none after a right one, or after a new one was set."""
    connection.execute(update(user).where(user.c.id == user_id).values(failures=number, failed_at=failed_at))
