"""`crosspost reading`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option, printable
from crosspost.cli.reading_list import list_, show


@click.group(epilog="Example: crosspost reading add snapchat followers 128")
def reading() -> None:
    """The numbers of posts and accounts, and why some are missing."""


reading.add_command(list_, "list")
reading.add_command(show, "show")


@reading.command(
    "add", epilog="Example: crosspost reading add meetup rsvps 14 --post https://www.meetup.com/g/events/1"
)
@click.argument("account")
@click.argument("metric")
@click.argument("value")
@click.option("--post", help="Of this post: its address, or its delivery's id. Without it: of the account.")
@click.option("--at", help="When you read it, in the brand's zone (default: now).")
@json_option
@click.pass_obj
def add(app: App, account: str, metric: str, value: str, post: str | None, at: str | None, as_json: bool) -> None:
    """Keep a number you read on the network's own page: followers, likes, impressions…"""
    from crosspost.cli.audit import moment
    from crosspost.cli.business import number
    from crosspost.commands.reading import add_reading

    found = app.connector.account(app.brand, account)
    now = app.clock.now()
    counted = number(value, "value")
    assert counted is not None  # it is an argument
    read = add_reading(app.store, found, metric, float(counted), now, at=moment(at, app) or now, post=post)
    if as_json:
        emit_json({"network": found.network, "account": found.handle, "post": post, "metric": read.metric,
                   "value": read.value, "read_at": read.read_at, "origin": "manual"})  # fmt: skip
    else:
        of = f" of {printable(post)}" if post else ""
        click.echo(f"{found.network} {printable(found.handle)}: {read.metric}{of} {read.value:g}")
