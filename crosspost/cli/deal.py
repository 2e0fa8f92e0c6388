"""`crosspost deal`."""

from __future__ import annotations

import click

from crosspost.cli.audit import moment
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option
from crosspost.cli.recorded import currency_of, number, own_id, person_key, say, say_removed


@click.group(epilog="Example: crosspost deal add --lead L12 --amount 1200 --currency EUR")
def deal() -> None:
    """Record a sale to a client, and what becomes of it."""


@deal.command("add", epilog="Example: crosspost deal add --lead L12 --amount 1200 --margin 900")
@click.option("--id", "deal_id", help="Your own id; the same one twice is one deal.")
@click.option("--lead", "lead_id", help="The lead it came of.")
@click.option("--at", help="When it was won, in the brand's zone (default: now).")
@click.option("--amount", help="What it is worth, such as 1200.00; leave out what you do not know yet.")
@click.option("--margin", help="What is left of it after its costs.")
@click.option("--currency", help="ISO 4217; the brand's own when not given.")
@click.option("--returning", is_flag=True, help="The client had bought before.")
@click.option("--client", "client_name", help="The client's name, if you want it kept.")
@click.option("--mail", help="Their mail address; only a keyed hash of it is kept.")
@json_option
@click.pass_obj
def add_deal(app: App, deal_id: str | None, lead_id: str | None, at: str | None, amount: str | None,
             margin: str | None, currency: str | None, returning: bool, client_name: str | None, mail: str | None,
             as_json: bool) -> None:  # fmt: skip
    """Record a sale. The client is whoever made the lead or bought before, else a new one."""
    from crosspost.commands.business import add_deal as add

    deal_id = own_id(deal_id, app)
    done = add(
        app.store, app.brand.id, app.clock.now(), deal_id=deal_id, won_at=moment(at, app),
        amount=number(amount, "amount"), margin=number(margin, "margin"), currency=currency_of(app, currency),
        lead_id=lead_id, returning=returning, client_name=client_name, mail=mail, person_key=person_key(app, mail),
    )  # fmt: skip
    say("deal", done, deal_id, as_json)


@deal.command("change", epilog="Example: crosspost deal change D7 --amount 1400 --why 'two more days'")
@click.argument("deal_id", metavar="DEAL")
@click.option("--amount", help="What it is worth now, or as it turned out.")
@click.option("--margin", help="What is left of it; with another amount and without this, it is open again.")
@click.option("--currency", help="ISO 4217; the brand's own when not given.")
@click.option("--won-at", help="The day it was won, if another one was recorded; in the brand's zone.")
@click.option("--at", help="When it changed, in the brand's zone (default: now).")
@click.option("--why", help="The reason.")
@json_option
@click.pass_obj
def change(app: App, deal_id: str, amount: str | None, margin: str | None, currency: str | None, won_at: str | None,
           at: str | None, why: str | None, as_json: bool) -> None:  # fmt: skip
    """Say what a deal is worth, weeks later if need be. What it was is kept, with the day it changed."""
    from crosspost.commands.business import change_deal

    done = change_deal(
        app.store, app.brand.id, app.clock.now(), deal_id, amount=number(amount, "amount"),
        margin=number(margin, "margin"), currency=currency_of(app, currency), won_at=moment(won_at, app),
        at=moment(at, app), reason=why,
    )  # fmt: skip
    say("deal", done, deal_id, as_json)


@deal.command("refund", epilog="Example: crosspost deal refund D7 200 --why 'a day less'")
@click.argument("deal_id", metavar="DEAL")
@click.argument("amount", required=False)
@click.option("--currency", help="ISO 4217; the brand's own when not given.")
@click.option("--margin", help="What is left of it after its costs; without this, the margin is open again.")
@click.option("--at", help="When it was paid back, in the brand's zone (default: now).")
@click.option("--why", help="The reason.")
@json_option
@click.pass_obj
def refund(app: App, deal_id: str, amount: str | None, currency: str | None, margin: str | None, at: str | None,
           why: str | None, as_json: bool) -> None:  # fmt: skip
    """Record that a client was paid back: an amount, or all of it. The deal is worth what is left."""
    from crosspost.commands.business import refund_deal

    done = refund_deal(
        app.store, app.brand.id, app.clock.now(), deal_id, amount=number(amount, "amount"),
        margin=number(margin, "margin"), currency=currency_of(app, currency), at=moment(at, app), reason=why,
    )  # fmt: skip
    say("deal", done, deal_id, as_json)


@deal.command("remove", epilog="Example: crosspost deal remove D7 --why 'recorded twice'")
@click.argument("deal_id", metavar="DEAL")
@click.option("--why", help="The reason, for the trail.")
@json_option
@click.pass_obj
def remove(app: App, deal_id: str, why: str | None, as_json: bool) -> None:
    """Take out a deal that was recorded wrongly. No file and no event brings it back."""
    from crosspost.cli.plan import who
    from crosspost.commands.business import remove_deal

    remove_deal(app.store, app.brand.id, app.clock.now(), deal_id, who=who(), why=why)
    say_removed("deal", deal_id, as_json)


@deal.command("list", epilog="Example: crosspost deal list")
@click.option("--history", is_flag=True, help="What each deal was before it changed, instead.")
@json_option
@click.pass_obj
def list_deals(app: App, history: bool, as_json: bool) -> None:
    """List the brand's deals."""
    from crosspost.store.business import deals
    from crosspost.store.deal_changes import changes

    with app.store.read(app.brand.id) as scope:
        found, changed = deals(scope), changes(scope)
    columns: tuple[str, ...] = ("deal", "won", "amount", "margin", "lead", "returning")
    rows: list[tuple[object, ...]] = [
        (one.deal.source_id, one.deal.won_at, str(one.deal.amount) if one.deal.amount else None,
         str(one.deal.margin) if one.deal.margin else None, one.deal.lead_source_id,
         "yes" if one.deal.returning else "no") for one in found
    ]  # fmt: skip
    if history:
        named = {one.id: one.deal.source_id for one in found}
        columns = ("deal", "change", "at", "before", "after", "paid back", "why", "recorded")
        rows = [
            (named.get(one.deal_id), one.kind, one.at, str(one.before) if one.before else None,
             str(one.amount) if one.amount else None, str(one.refund) if one.refund else None, one.reason,
             one.recorded_at) for one in changed
        ]  # fmt: skip
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table("changes" if history else "deals", columns, rows, empty="none yet: crosspost deal add")
