"""`crosspost reading`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.post import ReadingStatus

if TYPE_CHECKING:
    from crosspost.commands.readings import Told

_COLUMNS = ("metric", "its own name", "value", "status", "read", "why")


def _fields(one: Told) -> dict[str, object]:
    found = one.common.reading
    return {
        "network": one.network, "account": one.account, "post": one.post, "url": one.url,
        "metric": one.common.name, "definition": one.common.definition, "provider_name": found.provider_name,
        "provider_version": found.provider_version, "value": found.value, "status": found.status.value,
        "reason": found.reason, "read_at": found.read_at, "since": found.since, "until": found.until,
        "source": one.origin,
    }  # fmt: skip


def _emit(title: str, rows: list[Told], as_json: bool) -> None:
    if as_json:
        emit_json([_fields(one) for one in rows])
        return
    if not rows:
        emit_table(title, _COLUMNS, [], empty="nothing was read yet: crosspost collect")
    for (network, what), told in groupby(rows, lambda one: (one.network, one.url or one.post or one.account)):
        emit_table(f"{network} {what}", _COLUMNS, [
            (one.common.name, one.common.reading.provider_name or None,
             None if one.common.reading.value is None else f"{one.common.reading.value:g}",
             one.common.reading.status.value, one.common.reading.read_at, one.common.reading.reason) for one in told
        ])  # fmt: skip


@click.group(epilog="Example: crosspost reading add snapchat followers 128")
def reading() -> None:
    """The numbers of posts and accounts, and why some are missing."""


@reading.command("list", epilog="Example: crosspost reading list --account mastodon --missing")
@click.option("--account", "name", help="This account alone: its network, or network:handle.")
@click.option("--missing", is_flag=True, help="Only what has no value, with why.")
@json_option
@click.pass_obj
def list_(app: App, name: str | None, missing: bool, as_json: bool) -> None:
    """The last known number of each metric, of every post and account, under its common name.

    What a network never tells is left out of the table: see --missing, `crosspost reading show`, or --json.
    """
    from crosspost.commands.readings import last

    account = app.connector.account(app.brand, name).id if name else None
    rows = last(app.store, app.brand, account_id=account)
    if missing:
        rows = [one for one in rows if one.common.reading.value is None]
    elif not as_json:
        rows = [one for one in rows if one.common.reading.status is not ReadingStatus.UNSUPPORTED]
    _emit("readings", rows, as_json)


@reading.command(epilog="Example: crosspost reading show 115500000000000001 --history")
@click.argument("post")
@click.option("--history", is_flag=True, help="Every reading, oldest first, not the last ones alone.")
@json_option
@click.pass_obj
def show(app: App, post: str, history: bool, as_json: bool) -> None:
    """The numbers of one post, by its address, the network's id or ours, with the reason of each that is missing."""
    from crosspost.commands.readings import of_post

    _emit(f"readings of {post}", of_post(app.store, app.brand, post, history=history), as_json)


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
    from crosspost.cli.recorded import number
    from crosspost.commands.readings import add_reading

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
