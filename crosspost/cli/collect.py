"""`crosspost collect`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option, printable


@click.command(epilog="Example: crosspost collect --account mastodon --all")
@click.option("--account", "name", help="This account alone: its network, or network:handle.")
@click.option("--all", "everything", is_flag=True, help="What is not due as well. On X every row costs.")
@json_option
@click.pass_obj
def collect(app: App, name: str | None, everything: bool, as_json: bool) -> None:
    """Read the numbers of posts and accounts that are due now; `crosspost run` does so by itself."""
    from crosspost.commands.collect import collect as read

    brand = app.brand
    only = app.connector.account(brand, name).id if name else None
    found = read(
        app.store, brand, app.renewer.open, app.clock.now(), app.account_locks, notify=app.teller.tell,
        key=lambda: app.person_key(brand.id), only=only, everything=everything,
    )  # fmt: skip
    if as_json:
        emit_json(found)
        return
    click.echo(f"{found.readings} readings of {brand.slug}")
    if found.reactions:
        click.echo(f"  {found.reactions} new reactions, kept as keyed hashes")
    for dead in found.dead:
        click.echo(f"  no longer known there: {printable(dead)}")
    for problem in found.problems:
        click.echo(f"  problem: {printable(problem)}")
    if found.left:
        click.echo(f"  {found.left} posts are still due: an account was busy, or did not answer")
    if found.next_at is not None:
        click.echo(f"  next: {printable(found.next_at)}")
