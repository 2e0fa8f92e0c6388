"""`crosspost stop`, `resume`, `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import who
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.commands.adopt import Resumed
    from crosspost.commands.switch import Switched
    from crosspost.domain.brand import Account, Brand


def _meant(ctx: click.Context, app: App, brand: str | None, account: str | None) -> tuple[Brand | None, Account | None]:
    """The brand and account that are named; (None, None) means everything."""
    slug = brand or ctx.find_root().params.get("brand")
    if account is not None:
        found = app.store.brand(slug) if slug else app.brand
        return found, app.connector.account(found, account)
    return (app.store.brand(slug) if slug else None), None


def _say(done: Switched, word: str, as_json: bool) -> None:
    if as_json:
        emit_json({"what": done.what, "action": word, "changed": done.changed, "held": done.held})
        return
    click.echo(f"{printable(done.what)}: {word}{'' if done.changed else ' already'}")
    if done.held and word == "resumed":
        click.echo(f"still {printable(done.held)}: crosspost resume --after-restore")


@click.command(epilog='Example: crosspost stop --brand atelier --why "the site is down"')
@click.option("--why", required=True, help="The reason to keep; shown wherever nothing is sent because of it.")
@click.option("--brand", help="Only this brand, by its slug. Without --brand and --account: everything.")
@click.option("--account", help="Only this account: its id, network, or network:handle.")
@json_option
@click.pass_obj
@click.pass_context
def stop(ctx: click.Context, app: App, why: str, brand: str | None, account: str | None, as_json: bool) -> None:
    """Send nothing from here on: for everything, a brand or an account. What is in flight ends; looking goes on."""
    from crosspost.commands.switch import stop as stop_it

    of, at = _meant(ctx, app, brand, account)
    _say(stop_it(app.store, of, at, why=why, who=who(), now=app.clock.now()), "stopped", as_json)


@click.command(epilog="Example: crosspost resume --brand atelier")
@click.option("--brand", help="Only this brand, by its slug. Without --brand and --account: what stopped everything.")
@click.option("--account", help="Only this account: its id, network, or network:handle.")
@click.option(
    "--after-restore", is_flag=True, help="Read the accounts, adopt what is there, and lift a restore's hold."
)
@click.option("--unread", is_flag=True, help="With --after-restore: go on though some accounts cannot be read.")
@json_option
@click.pass_obj
@click.pass_context
def resume(
    ctx: click.Context, app: App, brand: str | None, account: str | None, after_restore: bool, unread: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Undo a stop; or, after a restore, see what the accounts really show and let deliveries go again."""
    from crosspost.commands.switch import resume as resume_it

    if not after_restore:
        if unread:
            raise BadInput("--unread belongs to --after-restore", remedy="crosspost resume --after-restore --unread")
        of, at = _meant(ctx, app, brand, account)
        _say(resume_it(app.store, of, at, who=who(), now=app.clock.now()), "resumed", as_json)
        return
    if brand or account:
        raise BadInput("a restore's hold is lifted for everything at once", remedy="leave out --brand and --account")
    from crosspost.commands.adopt import resume_after_restore

    app.log_to_file()
    done = resume_after_restore(
        app.store, app.renewer.visit, app.outbound, now=app.clock.now(), feed_every_s=app.settings.feed_every_s,
        who=who(), unread_too=unread,
    )  # fmt: skip
    if as_json:
        emit_json(done)
    else:
        _resumed(done)


def _resumed(done: Resumed) -> None:
    emit_table("accounts", ("brand", "account", "posts read", "published found", "links adopted", "not read because"), [
        (one.brand, one.account, one.posts, len(one.published), len(one.adopted), one.unread) for one in done.accounts
    ], empty="none")  # fmt: skip
    for one in done.accounts:
        for adopted in one.adopted:
            click.echo(f"adopted {adopted.code} → {printable(adopted.target)} ({printable(adopted.why)})")
        for code, post in one.homeless:
            click.echo(f"NOT adopted {code}: nothing says where it should lead; its post: {printable(post)}")
    click.echo(
        f"{done.asked} deliveries need a person, {done.drafts} went back to draft: what went out since the backup "
        "cannot be known there"
    )
    click.echo("the hold is lifted: deliveries go out again")


@click.command(epilog="Example: crosspost status --json")
@json_option
@click.pass_obj
@click.pass_context
def status(ctx: click.Context, app: App, as_json: bool) -> None:
    """Last tick, what waits, what is stopped. Exit code 1 when something needs a person."""
    from crosspost.commands.status import status as status_of

    found = status_of(app.store, app.clock.now(), ways=len(app.ways), hits_dir=app.settings.hits_dir)
    if as_json:
        emit_json(found)
    else:
        tick = "never" if found.last_tick is None else printable(found.last_tick)
        click.echo(f"scheduler: last tick {tick}{'' if found.ticking in (True, None) else ', LATE'}")
        for word, reason in (("everything is stopped", found.stopped), ("held", found.held)):
            if reason:
                click.echo(f"{word}: {printable(reason)}")
        emit_table("brands", ("brand", "scheduled", "overdue", "sent, confirming", "need a person", "stopped"), [
            (one.slug, one.scheduled, one.overdue, one.unknown, one.needs_person, one.stopped) for one in found.brands
        ], empty="none yet")  # fmt: skip
        stopped = [(one.slug, at.network, at.handle, at.stopped or f"blocked: {at.blocked}")
                   for one in found.brands for at in one.accounts if at.stopped or at.blocked]  # fmt: skip
        if stopped:
            emit_table("accounts that send nothing", ("brand", "network", "account", "why"), stopped)
        told = f"{found.untold} wait, {found.in_vain} of them tried in vain" if found.untold else "none wait"
        click.echo(f"notices: {told}; ways of telling: {found.ways or 'none set'}")
        if found.missed:
            click.echo(f"hits: {found.missed} visitors were sent on without their hit on disk, over all time")
        for sentence in found.going:
            click.echo(f"GOES SOON: {printable(sentence)}")
        for problem in found.problems:
            click.echo(f"SEE TO: {printable(problem)}")
    if found.problems:
        ctx.exit(1)
