"""`crosspost lead`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crosspost.cli.audit import moment
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.recorded import currency_of, number, own_id, person_key, rules_of, say, say_removed
from crosspost.domain.business import Touchpoint
from crosspost.domain.errors import BadInput
from crosspost.domain.stage import Stage

if TYPE_CHECKING:
    from crosspost.commands.clients import LeadView


@click.group(epilog="Example: crosspost lead add --channel referral --told 'un ami m’a parlé de vous'")
def lead() -> None:
    """Record a lead, its journey and its stages."""


@lead.command("add", epilog="Example: crosspost lead add --id L12 --channel linkedin --step linkedin --step meetup")
@click.option("--id", "lead_id", help="Your own id; the same one twice is one lead.")
@click.option("--at", help="When they first asked, in the brand's zone (default: now).")
@click.option("--channel", help="The channel you recorded: linkedin, referral, search, prospecting…")
@click.option("--told", help="What they answered to “how did you hear of us?”, in their words.")
@click.option("--code", help="The code of the tracked link they came by.")
@click.option("--step", "steps", multiple=True, help="A contact before the lead, first to last; may be repeated.")
@click.option("--referrer", help="Who sent them: client:NAME, lead:ID, a mail address (kept as a hash), or a name.")
@click.option("--mail", help="Their mail address; only a keyed hash of it is kept.")
@click.option(
    "--handle", "handles", multiple=True,
    help="Their own name on a network, network:@name; only a keyed hash of it is kept. May be repeated.",
)  # fmt: skip
@click.option("--click-id", help="The cpid of the address they came by; in click-id mode alone (docs/visits.md).")
@json_option
@click.pass_obj
def add_lead(app: App, lead_id: str | None, at: str | None, channel: str | None, told: str | None, code: str | None,
             steps: tuple[str, ...], referrer: str | None, mail: str | None, handles: tuple[str, ...],
             click_id: str | None, as_json: bool) -> None:  # fmt: skip
    """Record somebody who asked."""
    from crosspost.commands.business import add_lead as add

    lead_id = own_id(lead_id, app)
    done = add(
        app.store, app.brand.id, app.clock.now(), lead_id=lead_id, contacted_at=moment(at, app), channel=channel,
        told=told, code=code, path=tuple(Touchpoint(step) for step in steps), mail=mail, handles=handles,
        referrer=referrer, click_id=click_id, person_key=person_key(app, mail, handles, referrer), rules=rules_of(app),
    )  # fmt: skip
    say("lead", done, lead_id, as_json)


@lead.command("touch", epilog="Example: crosspost lead touch L12 meetup --at 2026-05-04")
@click.argument("lead_id", metavar="LEAD")
@click.argument("channel", required=False)
@click.option("--at", help="When, in the brand's zone.")
@click.option("--note", help="A word about it.")
@click.option("--code", help="The code of the tracked link they followed; its network is the channel.")
@click.option("--gathering", help="Instead of a channel: the event they came to (an id of `crosspost gathering list`).")
@json_option
@click.pass_obj
def touch(app: App, lead_id: str, channel: str | None, at: str | None, note: str | None, code: str | None,
          gathering: str | None, as_json: bool) -> None:  # fmt: skip
    """Add a contact (a meetup, an introduction, a call) to a lead's journey."""
    from crosspost.commands.business import add_gathering_met, add_touchpoint

    now = app.clock.now()
    if gathering is not None:
        if channel or at or note or code:
            raise BadInput("a gathering tells its channel and its time itself", remedy="give --gathering alone")
        done = add_gathering_met(app.store, app.brand.id, now, lead_id, gathering)
    else:
        done = add_touchpoint(
            app.store, app.brand.id, now, lead_id, channel, at=moment(at, app), note=note, code=code
        )  # fmt: skip
    say("touchpoint", done, done.id, as_json)


@lead.command("path", epilog="Example: crosspost lead path L12 2 1 3")
@click.argument("lead_id", metavar="LEAD")
@click.argument("order", nargs=-1, type=int, metavar="[PLACE]...")
@json_option
@click.pass_obj
def path(app: App, lead_id: str, order: tuple[int, ...], as_json: bool) -> None:
    """Show a lead's journey; with places, put its steps in that order. A step whose place is not named goes."""
    from crosspost.cli.plan import who
    from crosspost.commands.business import order_path
    from crosspost.commands.clients import show_lead

    if order:
        order_path(app.store, app.brand.id, lead_id, order, app.clock.now(), who=who())
    steps = show_lead(app.store, app.brand.id, lead_id).lead.lead.touchpoints
    columns = ("place", "channel", "at", "note", "code")
    rows = [(place, str(one), one.at, one.note, one.code) for place, one in enumerate(steps, 1)]
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table(f"the way of {lead_id}", columns, rows, empty="no step yet: crosspost lead touch")


@lead.command("stage", epilog="Example: crosspost lead stage L12 offered --at 2026-05-04 --amount 1200")
@click.argument("lead_id", metavar="LEAD")
@click.argument("stage", type=click.Choice([one.value for one in Stage if one is not Stage.LOST]))
@click.option("--at", help="When, in the brand's zone (default: now).")
@click.option("--amount", help="What an offer is expected to bring, or what was won.")
@click.option("--currency", help="ISO 4217; the brand's own when not given.")
@click.option(
    "--correct", is_flag=True, help="What was recorded last of this stage was wrong; it stays in the history."
)
@json_option
@click.pass_obj
def stage(app: App, lead_id: str, stage: str, at: str | None, amount: str | None, currency: str | None, correct: bool,
          as_json: bool) -> None:  # fmt: skip
    """Record how far a lead is. A talk or an offer after a loss opens it again; a win is a deal of the lead's id."""
    from crosspost.commands.business import stage_lead
    from crosspost.commands.clients import show_lead

    done = stage_lead(
        app.store, app.brand.id, app.clock.now(), lead_id, Stage(stage), at=moment(at, app),
        amount=number(amount, "amount"), currency=currency_of(app, currency), correct=correct,
    )  # fmt: skip
    say(f"stage {stage}", done, lead_id, as_json)
    if not as_json:
        click.echo(f"{printable(lead_id)} stands at {show_lead(app.store, app.brand.id, lead_id).stage}")


@lead.command("lost", epilog="Example: crosspost lead lost L12 --why 'the price' --to 'Atelier Bois'")
@click.argument("lead_id", metavar="LEAD")
@click.option("--at", help="When, in the brand's zone (default: now).")
@click.option("--why", help="The reason.")
@click.option("--to", "competitor", help="Who won it instead.")
@click.option("--correct", is_flag=True, help="What was recorded of the loss was wrong; it stays in the history.")
@json_option
@click.pass_obj
def lost(app: App, lead_id: str, at: str | None, why: str | None, competitor: str | None, correct: bool,
         as_json: bool) -> None:  # fmt: skip
    """Record that a lead came to nothing: lost ones count as much as won ones."""
    from crosspost.commands.business import lose_lead

    done = lose_lead(
        app.store, app.brand.id, app.clock.now(), lead_id, at=moment(at, app), reason=why, competitor=competitor,
        correct=correct,
    )  # fmt: skip
    say("loss", done, lead_id, as_json)


@lead.command("remove", epilog="Example: crosspost lead remove L12 --why 'a test'")
@click.argument("lead_id", metavar="LEAD")
@click.option("--why", help="The reason, for the trail.")
@json_option
@click.pass_obj
def remove(app: App, lead_id: str, why: str | None, as_json: bool) -> None:
    """Take out a lead that was recorded wrongly. No file and no event brings it back."""
    from crosspost.cli.plan import who
    from crosspost.commands.business import remove_lead

    remove_lead(app.store, app.brand.id, app.clock.now(), lead_id, who=who(), why=why)
    say_removed("lead", lead_id, as_json)


def lead_fields(view: LeadView) -> dict[str, object]:
    """A lead for programs."""
    found = view.lead.lead
    return {
        "lead": found.source_id, "stage": view.stage.value, "contacted": found.contacted_at,
        "channel": found.channel or view.lead.network_of_code, "told": found.told, "told_channel": found.told_channel,
        "code": found.code, "lost_reason": found.lost_reason, "competitor": found.competitor,
        "referrers": [one.called for one in view.senders],
        "path": [{"channel": str(one), "at": one.at, "note": one.note, "code": one.code} for one in found.touchpoints],
        "stages": [
            {
                "stage": one.reached.stage.value, "at": one.reached.at, "reason": one.reached.reason,
                "amount": None if one.reached.amount is None else str(one.reached.amount),
                "competitor": one.reached.competitor, "corrected": one.corrected, "recorded": one.recorded_at,
            }
            for one in view.history
        ],
        "deals": [one.deal.source_id for one in view.deals],
    }  # fmt: skip


def show_way(view: LeadView) -> None:
    """How a lead came and how far it is, for people."""
    fields = lead_fields(view)
    click.echo(f"lead {printable(fields['lead'])}: {fields['stage']}, asked {printable(fields['contacted'])}")
    click.echo(f"  recorded: {printable(fields['channel'])}")
    answer = f"“{printable(fields['told'])}” → {printable(fields['told_channel'])}" if fields["told"] else "—"
    click.echo(f"  told: {answer}")
    click.echo(f"  sent by: {printable(', sent by '.join(one.called for one in view.senders) or None)}")
    click.echo(f"  path: {printable(' > '.join(map(str, view.lead.lead.touchpoints)) or None)}")
    for one in view.history:
        reached = one.reached
        words = [f"{reached.stage} {printable(reached.at)}", reached.amount, reached.reason, reached.competitor]
        corrected = " (corrected since)" if one.corrected else ""
        click.echo(f"  {printable(', '.join(str(word) for word in words if word))}{corrected}")
    click.echo(f"  deals: {printable(', '.join(one.deal.source_id for one in view.deals) or None)}")


@lead.command("show", epilog="Example: crosspost lead show L12")
@click.argument("lead_id", metavar="LEAD")
@json_option
@click.pass_obj
def show(app: App, lead_id: str, as_json: bool) -> None:
    """Show one lead: how it came, its way, and every stage with what was corrected."""
    from crosspost.commands.clients import show_lead

    view = show_lead(app.store, app.brand.id, lead_id)
    if as_json:
        emit_json(lead_fields(view))
    else:
        show_way(view)


@lead.command("list", epilog="Example: crosspost lead list --json")
@json_option
@click.pass_obj
def list_leads(app: App, as_json: bool) -> None:
    """List the brand's leads with the channel recorded and the channel told, and how many posts they reacted to."""
    from crosspost.store.business import leads
    from crosspost.store.reactors import of_leads

    with app.store.read(app.brand.id) as scope:
        found, reacted = leads(scope), of_leads(scope)
    rows = [
        (one.lead.source_id, one.lead.contacted_at, one.lead.channel or one.network_of_code, one.lead.told_channel,
         " > ".join(map(str, one.lead.touchpoints)) or None, one.stage.value,
         reacted[one.id].before if one.id in reacted else None) for one in found
    ]  # fmt: skip
    columns = ("lead", "contacted", "channel", "told", "journey", "stage", "posts reacted to before")
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table("leads", columns, rows, empty="none yet: crosspost lead add")
