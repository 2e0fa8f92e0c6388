"""`crosspost client`."""

from __future__ import annotations

from typing import Any

import click

from crosspost.cli.audit import moment
from crosspost.cli.context import App
from crosspost.cli.lead import lead_fields, show_way
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.recorded import person_key, say
from crosspost.domain.errors import BadInput


@click.group(epilog="Example: crosspost client add --name 'Maison Durand' --since 2024-09-01")
def client() -> None:
    """Who buys from the brand, such as a client from before crosspost."""


@client.command("add", epilog="Example: crosspost client add --mail ana@example.org --since 2024-09-01")
@click.option("--name", help="The client's name, if you want it kept.")
@click.option("--since", help="The day of the first sale, in the brand's zone (default: now).")
@click.option("--mail", help="Their mail address; only a keyed hash of it is kept. The same one twice is one client.")
@json_option
@click.pass_obj
def add_client(app: App, name: str | None, since: str | None, mail: str | None, as_json: bool) -> None:
    """Record somebody who bought. Deals recorded later under the same mail are this client's, and returns."""
    from crosspost.commands.business import add_client as add

    if not name and not mail:
        raise BadInput("who is the client?", remedy="give --name, --mail, or both")
    done = add(
        app.store, app.brand.id, app.clock.now(), name=name, since=moment(since, app), mail=mail,
        person_key=person_key(app, mail),
    )  # fmt: skip
    say("client", done, done.id, as_json)


@client.command("list", epilog="Example: crosspost client list --json")
@json_option
@click.pass_obj
def list_clients(app: App, as_json: bool) -> None:
    """List who buys from the brand, with the number of deals."""
    from crosspost.store.business import clients

    with app.store.read(app.brand.id) as scope:
        found = clients(scope)
    columns = ("client", "name", "since", "deals")
    rows = [(one.id, one.name, one.since, one.deals) for one in found]
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table("clients", columns, rows, empty="none yet: crosspost deal add, or crosspost client add")


@client.command("show", epilog="Example: crosspost client show 'Maison Durand'")
@click.argument("name", metavar="CLIENT")
@json_option
@click.pass_obj
def show(app: App, name: str, as_json: bool) -> None:
    """Show how a client came: recorded and told, who sent them, their way, deals, and revenue in each currency."""
    from crosspost.commands.clients import show_client

    view = show_client(app.store, app.brand.id, name)
    deals: list[dict[str, Any]] = [
        {"deal": one.deal.source_id, "won": one.deal.won_at, "returning": one.deal.returning,
         "amount": None if one.deal.amount is None else str(one.deal.amount),
         "changes": [change.kind for change in view.changes if change.deal_id == one.id]}
        for one in view.deals
    ]  # fmt: skip
    if as_json:
        emit_json({
            "client": view.client.id, "name": view.client.name, "since": view.client.since,
            "leads": [lead_fields(one) for one in view.leads], "deals": deals, "sent": list(view.sent),
            "revenue": {currency: str(sum_.amount) for currency, sum_ in view.revenue.items()},
            "deals_without_amount": view.untold,
        })  # fmt: skip
        return
    click.echo(f"client {printable(view.client.name or view.client.id)}, since {printable(view.client.since)}")
    for one in view.leads:
        show_way(one)
    if not view.leads:
        click.echo("no lead is recorded: nothing tells how they came")
    emit_table("deals", ("deal", "won", "amount", "returning", "changes"), [
        (one["deal"], one["won"], one["amount"], "yes" if one["returning"] else "no", len(one["changes"]) or None)
        for one in deals
    ], empty="none yet: crosspost deal add")  # fmt: skip
    click.echo(f"revenue: {', '.join(map(str, view.revenue.values())) or '—'}")
    if view.untold:
        click.echo(f"deals whose amount nobody told: {view.untold}")
    if view.sent:
        click.echo(f"sent: {printable(', '.join(view.sent))}")


@client.command("merge", epilog="Example: crosspost client merge 'Maison Durand' 01k3v8…")
@click.argument("kept")
@click.argument("gone")
@json_option
@click.pass_obj
def merge(app: App, kept: str, gone: str, as_json: bool) -> None:
    """Say that two clients are one: KEPT stays, with the deals, addresses and leads of both."""
    from crosspost.cli.plan import who
    from crosspost.commands.business import merge_clients

    stays = merge_clients(app.store, app.brand.id, app.clock.now(), kept, gone, who=who())
    if as_json:
        emit_json({"client": stays})
    else:
        click.echo(f"merged into client {stays}")
