"""`crosspost bio`."""

from __future__ import annotations

from pathlib import Path

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.errors import BadInput


@click.group(epilog="Example: crosspost bio write instagram --out bio.html")
def bio() -> None:
    """A page of an account's newest links, for networks whose posts have none that can be clicked."""


@bio.command("write", epilog="Example: crosspost bio write instagram --out site/liens.html")
@click.argument("account")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The HTML file to write.")
@json_option
@click.pass_obj
def write(app: App, account: str, out: Path, as_json: bool) -> None:
    """Write the page as one file without script. Write it again when something was published; `serve` shows it too."""
    from crosspost.commands.bio import page
    from crosspost.web.bio import render

    made = page(app.store, app.brand, app.connector.account(app.brand, account))
    aside = out.with_name(f".{out.name}.new")
    try:
        aside.write_text(render(made), encoding="utf-8")
        aside.replace(out)  # a reader meets the old page or the new one
    except OSError as error:
        raise BadInput(f"cannot be written ({error.strerror})", where=str(out), remedy="check the path") from None
    if as_json:
        emit_json({"file": str(out), "entries": len(made.entries)})
    else:
        click.echo(f"{out}: {len(made.entries)} links")


@bio.command("address", epilog="Example: crosspost bio address instagram")
@click.argument("account")
@click.option("--at", help="Where the page stands, if you host it yourself.")
@json_option
@click.pass_obj
def address(app: App, account: str, at: str | None, as_json: bool) -> None:
    """The address to put into the account's profile. Its visits are counted, by day and for no single post."""
    from crosspost.commands.bio import ATTRIBUTION, path
    from crosspost.commands.bio import address as address_of

    found = app.connector.account(app.brand, account)
    made = address_of(app.store, app.brand, found, app.clock.now(), at)
    if as_json:
        emit_json({"address": made, "path": path(app.brand, found), "attribution": ATTRIBUTION})
    else:
        click.echo(printable(made))


@bio.command("visits", epilog="Example: crosspost bio visits instagram --days 14 --json")
@click.argument("account")
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How many days, today's last.")
@json_option
@click.pass_obj
def visits(app: App, account: str, days: int, as_json: bool) -> None:
    """Visits to the page by day. Clicks on a post's own link there are that post's, and are counted with it."""
    from crosspost.commands.bio import ATTRIBUTION
    from crosspost.commands.bio import visits as visits_of

    found = app.connector.account(app.brand, account)
    counted = visits_of(app.store, app.brand, found, app.clock.now(), days)
    if as_json:
        emit_json({
            "attribution": ATTRIBUTION,
            "days": [{"day": one.day.isoformat(), "people": one.people, "possibly": one.possibly, "posts": one.posts}
                     for one in counted],
        })  # fmt: skip
        return
    emit_table(f"bio page of {found.network} {printable(found.handle)}, {ATTRIBUTION}",
               ("day (UTC)", "people", "possibly people", "posts that day"),
               [(one.day, one.people, one.possibly, one.posts) for one in counted])  # fmt: skip
