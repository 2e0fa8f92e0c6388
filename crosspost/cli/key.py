"""`crosspost key`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option, printable

if TYPE_CHECKING:
    from crosspost.vault import MasterKey


@click.group(epilog="Example: crosspost key status")
def key() -> None:
    """The master key under which all tokens are sealed."""


def _older(app: App) -> list[MasterKey]:
    """The key that the settings gave before, while it is being changed there."""
    from crosspost.secret import Secret
    from crosspost.vault import MasterKey

    before = app.settings.previous_master_key
    return [MasterKey(Secret(before.get_secret_value()), where="setting previous_master_key")] if before else []


@key.command("rotate", epilog="Example: crosspost key rotate")
@json_option
@click.pass_obj
def rotate(app: App, as_json: bool) -> None:
    """Seal every stored secret again under a new master key. Nothing is stopped for it; run it again if it broke off.

    A key that the settings give is changed there: put the old one into previous_master_key, a new one into
    master_key, and run this.
    """
    from crosspost.commands.rotate import rotate as rotate_all
    from crosspost.commands.workers import account_locks
    from crosspost.domain.errors import Conflict
    from crosspost.ownership import account_lock

    vault, older = app.vault, _older(app)
    lock = account_lock(account_locks(app.store, app.settings.data_dir), "rotation-of-the-key")
    if lock is None:
        raise Conflict("another rotation is under way", remedy="wait for it")
    with lock:
        done = rotate_all(app.store, vault, older)
    if as_json:
        emit_json(done)
        return
    click.echo(f"{done.resealed} secrets are sealed under key {done.after}{' (went on)' if done.resumed else ''}")
    for brand, owner, name, why in done.unreadable:
        click.echo(f"  left as it was: {printable(name)} of {owner} (brand {brand}): {printable(why)}")
    click.echo(
        f"backups made before need key {done.before}: keep it, or make a new one with crosspost backup --with-key"
    )


@key.command("status", epilog="Example: crosspost key status --json")
@json_option
@click.pass_obj
def status(app: App, as_json: bool) -> None:
    """Where the key is kept, and how many secrets are sealed under it and under others."""
    from crosspost.commands.rotate import status as look

    found = look(app.store, app.vault, _older(app))
    if as_json:
        emit_json(found)
        return
    click.echo(f"key {found.key}, kept in: {found.kept}")
    click.echo(
        f"secrets under it: {found.current}; under older keys: {found.older}; under unknown keys: {found.unknown}"
    )
    if found.unfinished or found.older:
        click.echo("a rotation is not finished: crosspost key rotate")
