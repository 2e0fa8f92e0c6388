"""`crosspost user`, `apikey`: who may use the pages and the HTTP API."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import who


@click.group(epilog="Example: crosspost user add lea --brand atelier --owner")
def user() -> None:
    """Who may sign in to the pages of `crosspost serve`, for which brands."""


@user.command("add", epilog="Example: crosspost user add lea --brand atelier --owner")
@click.argument("name")
@click.option("--owner", "owner", flag_value=True, help="May look, change, and manage API keys.")
@click.option("--reader", "owner", flag_value=False, default=False, help="May look (what you get without --owner).")
@json_option
@click.pass_obj
def add(app: App, name: str, owner: bool, as_json: bool) -> None:
    """Let somebody into a brand. Who is new is asked for a password (twice on a terminal, else one line of standard
    input); who is known keeps theirs, and their role is changed."""
    from crosspost.cli.asking import read_secret
    from crosspost.commands.passwords import Passwords
    from crosspost.commands.users import add_user, is_known
    from crosspost.domain.access import Role

    brand = app.brand
    password = None if is_known(app.store, name) else read_secret("password", again=True)
    done = add_user(
        app.store, brand, app.clock.now(), name, Role.OWNER if owner else Role.READER, password, Passwords(), who=who()
    )
    if as_json:
        emit_json({"user": done.name, "brand": brand.slug, "role": done.role, "new": done.new})
    else:
        click.echo(f"{done.name} may sign in as {done.role.value} of {brand.slug}: crosspost serve")


@user.command("list", epilog="Example: crosspost user list --brand atelier")
@json_option
@click.pass_obj
def list_users(app: App, as_json: bool) -> None:
    """List the brand's users."""
    from crosspost.store.users import of_brand

    brand = app.brand
    with app.store.read(brand.id) as scope:
        found = of_brand(scope)
    columns = ("user", "role", "since")
    rows = [(one.name, role.value, one.created_at) for one, role in found]
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table(f"users of {brand.slug}", columns, rows, empty="none yet: crosspost user add")


@user.command("remove", epilog="Example: crosspost user remove lea --brand atelier")
@click.argument("name")
@json_option
@click.pass_obj
def remove(app: App, name: str, as_json: bool) -> None:
    """Let a user into the brand no longer. Who is of no brand then is forgotten, with their sessions."""
    from crosspost.commands.users import remove_user

    brand = app.brand
    forgotten = remove_user(app.store, brand, app.clock.now(), name, who=who())
    if as_json:
        emit_json({"brand": brand.slug, "forgotten": forgotten})
    else:
        click.echo(f"no longer a user of {brand.slug}{': forgotten' if forgotten else ''}")


@user.command("password", epilog="Example: crosspost user password lea")
@click.argument("name")
@json_option
@click.pass_obj
def password(app: App, name: str, as_json: bool) -> None:
    """Set another password (asked as in `user add`). It ends the user's sessions."""
    from crosspost.cli.asking import read_secret
    from crosspost.commands.passwords import Passwords
    from crosspost.commands.users import is_known, set_password
    from crosspost.domain.errors import NotFound

    if not is_known(app.store, name):
        raise NotFound(f"nobody signs in as {name!r}", remedy="see `crosspost user list`")
    ended = set_password(app.store, app.clock.now(), name, read_secret("password", again=True), Passwords())
    _told_ended(ended, as_json)


@user.command("end-sessions", epilog="Example: crosspost user end-sessions lea")
@click.argument("name")
@json_option
@click.pass_obj
def end_sessions(app: App, name: str, as_json: bool) -> None:
    """Sign a user out everywhere."""
    from crosspost.commands.users import end_sessions as end

    _told_ended(end(app.store, name), as_json)


def _told_ended(ended: int, as_json: bool) -> None:
    if as_json:
        emit_json({"sessions_ended": ended})
    else:
        click.echo(f"sessions ended: {ended}")


@click.group(epilog="Example: crosspost apikey add website --write --brand atelier")
def apikey() -> None:
    """Keys for programs that use the HTTP API in place of a login. Each is of one brand."""


@apikey.command("add", epilog="Example: crosspost apikey add website --write --brand atelier")
@click.argument("name")
@click.option("--write", "write", is_flag=True, help="May record and change too; without it, only read.")
@json_option
@click.pass_obj
def add_key(app: App, name: str, write: bool, as_json: bool) -> None:
    """Make a key. It is shown once: only its hash is kept."""
    from crosspost.commands.apikeys import add_key as make
    from crosspost.domain.access import KeyScope

    brand = app.brand
    scope = KeyScope.WRITE if write else KeyScope.READ
    made, key = make(app.store, brand, app.clock.now(), name, scope, who=who())
    if as_json:
        emit_json({"key": key.reveal(), "prefix": made.prefix, "scope": made.scope, "brand": brand.slug})
    else:
        click.echo(f"{key.reveal()}\nfor {brand.slug}, {made.scope.value}; it is not shown again")


@apikey.command("list", epilog="Example: crosspost apikey list --brand atelier")
@json_option
@click.pass_obj
def list_keys(app: App, as_json: bool) -> None:
    """List the brand's keys by their beginnings, with the last day each was used."""
    from crosspost.store.apikeys import all_of

    brand = app.brand
    with app.store.read(brand.id) as scope:
        found = all_of(scope)
    columns = ("prefix", "name", "scope", "made", "by", "last used", "revoked")
    rows = [
        (one.prefix, one.name, one.scope.value, one.created_at, one.created_by, one.used_on, one.revoked_at)
        for one in found
    ]
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table(f"API keys of {brand.slug}", columns, rows, empty="none yet: crosspost apikey add")


@apikey.command("revoke", epilog="Example: crosspost apikey revoke cpk_Xk3mP2aQ --brand atelier")
@click.argument("prefix")
@json_option
@click.pass_obj
def revoke(app: App, prefix: str, as_json: bool) -> None:
    """Let a key open nothing from now on."""
    from crosspost.commands.apikeys import revoke_key

    brand = app.brand
    done = revoke_key(app.store, brand, app.clock.now(), prefix, who=who())
    if as_json:
        emit_json({"prefix": done.prefix, "revoked_before": done.revoked_at is not None})
    else:
        click.echo(f"{printable(done.prefix)} ({printable(done.name)}) opens nothing any more")
