"""`crosspost lead`, `deal`, `client`, `effort`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from crosspost.cli.audit import moment
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.business import Touchpoint, folded
from crosspost.domain.errors import BadInput
from crosspost.domain.period import ordinary
from crosspost.secret import Secret

if TYPE_CHECKING:
    from crosspost.store.business import Recorded


def number(text: str | None, what: str) -> Decimal | None:
    """A plain decimal number. Raises BadInput."""
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadInput(f"{what} {text!r} is not a number", remedy="write 1200.00")
    return value


def _key(app: App, *persons: object) -> Secret | None:
    return app.person_key(app.brand.id) if any(persons) else None


def _told(what: str, done: Recorded, id_: str, as_json: bool) -> None:
    if as_json:
        emit_json({"status": done.outcome.value, "id": id_, "differs": list(done.differences)})
        return
    fields = f" ({', '.join(done.differences)})" if done.differences else ""
    kept = "; what was recorded first is kept" if done.outcome.value == "differs" else ""
    click.echo(f"{what} {done.outcome.value}: {printable(id_)}{fields}{kept}")


@click.group(epilog="Example: crosspost lead add --channel referral --told 'un ami m’a parlé de vous'")
def lead() -> None:
    """Record a lead, its journey, or that it was lost."""


@lead.command("add", epilog="Example: crosspost lead add --id L12 --channel linkedin --step linkedin --step meetup")
@click.option("--id", "lead_id", help="Your own id; the same one twice is one lead.")
@click.option("--at", help="When they first asked, in the brand's zone (default: now).")
@click.option("--channel", help="The channel you recorded: linkedin, referral, search, prospecting…")
@click.option("--told", help="What they answered to “how did you hear of us?”, in their words.")
@click.option("--code", help="The code of the tracked link they came by.")
@click.option("--step", "steps", multiple=True, help="A contact before the lead, first to last; may be repeated.")
@click.option("--mail", help="Their mail address; only a keyed hash of it is kept.")
@click.option(
    "--handle", "handles", multiple=True,
    help="Their own name on a network, network:@name; only a keyed hash of it is kept. May be repeated.",
)  # fmt: skip
@click.option("--click-id", help="The cpid of the address they came by; in click-id mode alone (docs/visits.md).")
@json_option
@click.pass_obj
def add_lead(app: App, lead_id: str | None, at: str | None, channel: str | None, told: str | None, code: str | None,
             steps: tuple[str, ...], mail: str | None, handles: tuple[str, ...], click_id: str | None,
             as_json: bool) -> None:  # fmt: skip
    """Record somebody who asked."""
    from crosspost.commands.business import add_lead as add

    done = add(
        app.store, app.brand.id, app.clock.now(), lead_id=lead_id, contacted_at=moment(at, app), channel=channel,
        told=told, code=code, path=tuple(Touchpoint(step) for step in steps), mail=mail, handles=handles,
        click_id=click_id, person_key=_key(app, mail, handles),
    )  # fmt: skip
    _told("lead", done, lead_id or done.id, as_json)


@lead.command("touch", epilog="Example: crosspost lead touch L12 meetup --at 2026-05-04")
@click.argument("lead_id", metavar="LEAD")
@click.argument("channel", required=False)
@click.option("--at", help="When, in the brand's zone.")
@click.option("--note", help="A word about it.")
@click.option("--gathering", help="Instead of a channel: the event they came to (an id of `crosspost gathering list`).")
@json_option
@click.pass_obj
def touch(app: App, lead_id: str, channel: str | None, at: str | None, note: str | None, gathering: str | None,
          as_json: bool) -> None:  # fmt: skip
    """Add a contact (a meetup, an introduction, a call) to a lead's journey."""
    from crosspost.commands.business import add_gathering_met, add_touchpoint

    if gathering is not None:
        if channel or at or note:
            raise BadInput("a gathering tells its channel and its time itself", remedy="give --gathering alone")
        done = add_gathering_met(app.store, app.brand.id, app.clock.now(), lead_id, gathering)
        _told("touchpoint", done, done.id, as_json)
        return
    if channel is None:
        raise BadInput("which channel?", remedy="such as meetup, referral, event; or --gathering ID")
    done = add_touchpoint(app.store, app.brand.id, app.clock.now(), lead_id, channel, at=moment(at, app), note=note)
    _told("touchpoint", done, done.id, as_json)


@lead.command("lost", epilog="Example: crosspost lead lost L12 --why 'chose somebody nearer'")
@click.argument("lead_id", metavar="LEAD")
@click.option("--at", help="When, in the brand's zone (default: now).")
@click.option("--why", help="The reason.")
@json_option
@click.pass_obj
def lost(app: App, lead_id: str, at: str | None, why: str | None, as_json: bool) -> None:
    """Record that a lead came to nothing: lost ones count as much as won ones."""
    from crosspost.commands.business import lose_lead

    done = lose_lead(app.store, app.brand.id, app.clock.now(), lead_id, at=moment(at, app), reason=why)
    _told("loss", done, done.id, as_json)


@lead.command("list", epilog="Example: crosspost lead list --json")
@json_option
@click.pass_obj
def list_leads(app: App, as_json: bool) -> None:
    """List the brand's leads with the channel recorded and the channel told, and how many posts they reacted to."""
    from crosspost.store.business import deals, leads
    from crosspost.store.reactors import of_leads

    with app.store.read(app.brand.id) as scope:
        found, won = leads(scope), {one.lead_id for one in deals(scope)}
        reacted = of_leads(scope)
    rows = [
        (one.lead.source_id, one.lead.contacted_at, one.lead.channel or one.network_of_code, one.lead.told_channel,
         " > ".join(map(str, one.lead.touchpoints)) or None,
         "won" if one.id in won else "lost" if one.lead.lost_at else "open",
         reacted[one.id].before if one.id in reacted else None) for one in found
    ]  # fmt: skip
    columns = ("lead", "contacted", "channel", "told", "journey", "stage", "posts reacted to before")
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table("leads", columns, rows, empty="none yet: crosspost lead add")


@click.group(epilog="Example: crosspost deal add --lead L12 --amount 1200 --currency EUR")
def deal() -> None:
    """Record a sale to a client."""


@deal.command("add", epilog="Example: crosspost deal add --lead L12 --amount 1200 --margin 900")
@click.option("--id", "deal_id", help="Your own id; the same one twice is one deal.")
@click.option("--lead", "lead_id", help="The lead it came of.")
@click.option("--at", help="When it was won, in the brand's zone (default: now).")
@click.option("--amount", help="What it is worth, such as 1200.00; leave out what you do not know.")
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

    done = add(
        app.store, app.brand.id, app.clock.now(), deal_id=deal_id, won_at=moment(at, app),
        amount=number(amount, "amount"), margin=number(margin, "margin"),
        currency=(currency or app.brand.currency).upper(), lead_id=lead_id, returning=returning,
        client_name=client_name, mail=mail, person_key=_key(app, mail),
    )  # fmt: skip
    _told("deal", done, deal_id or done.id, as_json)


@deal.command("list", epilog="Example: crosspost deal list")
@json_option
@click.pass_obj
def list_deals(app: App, as_json: bool) -> None:
    """List the brand's deals."""
    from crosspost.store.business import deals

    with app.store.read(app.brand.id) as scope:
        found = deals(scope)
    rows = [
        (one.deal.source_id, one.deal.won_at, str(one.deal.amount) if one.deal.amount else None,
         one.deal.lead_source_id, "yes" if one.deal.returning else "no") for one in found
    ]  # fmt: skip
    columns = ("deal", "won", "amount", "lead", "returning")
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table("deals", columns, rows, empty="none yet: crosspost deal add")


@click.group(epilog="Example: crosspost client add --name 'Maison Durand' --since 2024-09-01")
def client() -> None:
    """Record who buys from the brand, such as a client from before crosspost."""


@client.command("add", epilog="Example: crosspost client add --mail ana@example.org --since 2024-09-01")
@click.option("--name", help="The client's name, if you want it kept.")
@click.option("--since", help="The day of the first sale, in the brand's zone (default: now).")
@click.option("--mail", help="Their mail address; only a keyed hash of it is kept. The same one twice is one client.")
@json_option
@click.pass_obj
def add_client(app: App, name: str | None, since: str | None, mail: str | None, as_json: bool) -> None:
    """Record somebody who buys. Deals recorded later under the same mail are this client's."""
    from crosspost.commands.business import add_client as add

    if not name and not mail:
        raise BadInput("who is the client?", remedy="give --name, --mail, or both")
    done = add(
        app.store, app.brand.id, app.clock.now(), name=name, since=moment(since, app), mail=mail,
        person_key=_key(app, mail),
    )  # fmt: skip
    _told("client", done, done.id, as_json)


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


@click.group(epilog="Example: crosspost effort add linkedin 3.5")
def effort() -> None:
    """Record hours and fees spent on a channel."""


@effort.command("add", epilog="Example: crosspost effort add linkedin 3.5 --week-of 2026-05-04 --fees 20")
@click.argument("channel")
@click.argument("hours")
@click.option("--week-of", help="First day of the span (default: this week's Monday).")
@click.option("--days", default=7, show_default=True, help="How many days the hours cover.")
@click.option("--fees", help="What was paid: ads, tools, posting costs.")
@click.option("--currency", help="ISO 4217; the brand's own when not given.")
@json_option
@click.pass_obj
def add_effort(app: App, channel: str, hours: str, week_of: str | None, days: int, fees: str | None,
               currency: str | None, as_json: bool) -> None:  # fmt: skip
    """Record hours spent on a channel in a span of days."""
    from crosspost.clock import zone
    from crosspost.commands.business import add_effort as add

    spent = number(hours, "hours")
    if spent is None:
        raise BadInput("how many hours?", remedy="such as 3.5")
    now = app.clock.now()
    start = _first_day(week_of, now.astimezone(zone(app.brand.zone)))
    done = add(
        app.store, app.brand.id, now, channel, spent, start=start, days=days, fees=number(fees, "fees"),
        currency=(currency or app.brand.currency).upper(), effort_id=f"{folded(channel)}/{start.isoformat()}",
    )  # fmt: skip
    _told("effort", done, done.id, as_json)


def _first_day(text: str | None, local: datetime) -> date:
    if text is None:
        return date.fromordinal(local.date().toordinal() - local.weekday())
    try:
        return ordinary(date.fromisoformat(text))
    except ValueError:
        raise BadInput(f"{text!r} is not a day", remedy="write 2026-05-04") from None
