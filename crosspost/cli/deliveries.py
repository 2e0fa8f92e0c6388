"""`crosspost deliveries`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import accounts_by_id, delivery_fields, due_of, who
from crosspost.domain.delivery import State
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.domain.delivery import Delivery

# `unknown` is a state of its own: a screen that said "failed" would make its reader post a second time.
WORDS = {State.UNKNOWN: "sent, confirming", State.CHECKING: "sent, confirming", State.NEEDS_PERSON: "needs a person"}


def _shown(one: Delivery) -> str:
    word = "post by hand" if one.waits_for_hand else WORDS.get(one.state, one.state.value)
    return f"{word}, verified" if one.verified_at else word


@click.group(epilog="Example: crosspost deliveries list --state needs_person")
def deliveries() -> None:
    """What was sent, attempt by attempt; settle what is unclear."""


@deliveries.command("list", epilog="Example: crosspost deliveries list --state unknown --state needs_person")
@click.option("--state", "states", multiple=True, type=click.Choice([one.value for one in State]), help="Only these.")
@click.option("--account", help="Only this account.")
@json_option
@click.pass_obj
def list_(app: App, states: tuple[str, ...], account: str | None, as_json: bool) -> None:
    """List deliveries by due time."""
    from crosspost.store.deliveries import listed

    only = app.connector.account(app.brand, account).id if account else None
    with app.store.read(app.brand.id) as scope:
        found = listed(scope, {State(one) for one in states} or None, account_id=only)
    accounts = accounts_by_id(app)
    if as_json:
        emit_json([delivery_fields(one, accounts[one.account_id]) for one in found])
    else:
        emit_table(f"deliveries of {app.brand.slug}", ("id", "network", "due", "state", "where or why"), [
            (one.id, accounts[one.account_id].network, one.due_local, _shown(one), one.remote_url or one.reason)
            for one in found
        ], empty="none: crosspost plan")  # fmt: skip


@deliveries.command("show", epilog="Example: crosspost deliveries show 06h0d3h1rtheaepdte2rj8p403")
@click.argument("delivery_id", metavar="ID")
@json_option
@click.pass_obj
def show(app: App, delivery_id: str, as_json: bool) -> None:
    """One delivery, attempt by attempt, with its evidence."""
    from crosspost.store.deliveries import attempts, get

    with app.store.read(app.brand.id) as scope:
        one, tries = get(scope, delivery_id), attempts(scope, delivery_id)
    fields = delivery_fields(one, accounts_by_id(app)[one.account_id])
    more = {
        "approved_by": one.approved_by, "approved_at": one.approved_at, "published_at": one.published_at,
        "evidence": one.evidence, "verified_at": one.verified_at, "verified_evidence": one.verified_evidence,
        "ambiguous": one.ambiguous, "key": one.key, "sha256": one.sha256, "next_at": one.next_at,
    }  # fmt: skip
    columns = ("number", "action", "started", "finished", "outcome", "detail", "owner")
    rows = [
        (one.number, one.action, one.started_at, one.finished_at, one.outcome, one.detail, one.owner) for one in tries
    ]
    images = [{"file": str(app.attachments.folder / image.sha256), "alt": image.alt} for image in one.teaser.images]
    if as_json:
        tried = [dict(zip(columns, row, strict=True)) for row in rows]
        emit_json({**fields, **more, "by_hand": one.waits_for_hand, "images": images, "attempts": tried})
        return
    if one.waits_for_hand:
        _to_paste(one, images)
        return
    shown = [(name, value) for name, value in {**fields, **more, "state": _shown(one)}.items() if value is not None]
    emit_table("delivery", ("", ""), shown)
    emit_table("attempts", columns, rows, empty="none yet")


def _to_paste(one: Delivery, images: list[dict[str, str]]) -> None:
    """Everything a person needs to post it by hand. The text stands alone, to be copied."""
    lines = "\n".join(printable(line) for line in one.teaser.text.splitlines())
    click.echo(f"{printable(one.reason)}\n\n{lines}\n")
    for image in images:
        click.echo(f"image: {image['file']}{' (' + printable(image['alt']) + ')' if image['alt'] else ''}")
    click.echo(f"link: {one.teaser.link}\nthen: crosspost deliveries resolve {one.id} --posted ADDRESS")


@deliveries.command("resolve", epilog="Example: crosspost deliveries resolve ID --posted https://x.com/ana/status/1")
@click.argument("delivery_id", metavar="ID")
@click.option("--posted", "--url", "url", help="The post is there: its address.")
@click.option("--at", help="When you posted it by hand, in the brand's zone (default: now).")
@click.option("--not-there", is_flag=True, help="You looked, and it is not there: it may be sent again.")
@json_option
@click.pass_obj
def resolve(app: App, delivery_id: str, url: str | None, at: str | None, not_there: bool, as_json: bool) -> None:
    """Settle what only a person can: paste the post's address, or sign that it is not there."""
    from crosspost.cli.audit import moment
    from crosspost.store.deliveries import resolve_not_there, resolve_published

    if at and not url:
        raise BadInput("--at is when it was posted", remedy="give --posted ADDRESS as well")
    if bool(url) == not_there:
        raise BadInput("is it there?", remedy="give --posted ADDRESS, or --not-there")
    now = app.clock.now()
    with app.store.write(app.brand.id) as scope:
        done = (
            resolve_published(scope, delivery_id, url=url, who=who(), now=now, posted_at=moment(at, app))
            if url
            else resolve_not_there(scope, delivery_id, who=who(), now=now)
        )
    if as_json:
        emit_json(delivery_fields(done, accounts_by_id(app)[done.account_id]))
    else:
        click.echo(f"{done.id}: {printable(_shown(done))}")


@deliveries.command("cancel", epilog="Example: crosspost deliveries cancel ID --why 'no longer true'")
@click.argument("delivery_id", metavar="ID")
@click.option("--why", default="cancelled by the owner", show_default=True, help="The reason to keep.")
@json_option
@click.pass_obj
def cancel(app: App, delivery_id: str, why: str, as_json: bool) -> None:
    """Withdraw a delivery, or give up one that needs a person."""
    from crosspost.store.deliveries import cancel as cancel_one

    with app.store.write(app.brand.id) as scope:
        done = cancel_one(scope, delivery_id, who=who(), now=app.clock.now(), reason=why)
    if as_json:
        emit_json(delivery_fields(done, accounts_by_id(app)[done.account_id]))
    else:
        click.echo(f"{done.id}: {done.state.value}")


@deliveries.command("retry", epilog="Example: crosspost deliveries retry ID --at 2026-06-01T09:00")
@click.argument("delivery_id", metavar="ID")
@click.option("--at", required=True, help="The new date and time in the brand's zone.")
@json_option
@click.pass_obj
def retry(app: App, delivery_id: str, at: str, as_json: bool) -> None:
    """Plan a missed or rejected delivery again, as a new revision that must be approved."""
    from crosspost.store.deliveries import revise

    with app.store.write(app.brand.id) as scope:
        done = revise(scope, delivery_id, who=who(), now=app.clock.now(), due=due_of(at, app))
    if as_json:
        emit_json(delivery_fields(done, accounts_by_id(app)[done.account_id]))
    else:
        click.echo(f"{done.id}: revision {done.revision}, {done.state.value}, due {done.due_local}. Next: approve it")


@deliveries.command("audit", epilog="Example: crosspost deliveries audit --days 14 --json")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How far back to read.")
@json_option
@click.pass_obj
@click.pass_context
def audit(ctx: click.Context, app: App, days: int, as_json: bool) -> None:
    """Read what is really on the accounts: links seen twice, never, or unknown. Exit code 1 when anything is wrong."""
    from crosspost.commands.seen import seen

    found = seen(app.store, app.brand, app.renewer.visit, app.clock.now(), days=days)
    if as_json:
        emit_json({"good": found.good, "accounts": found.accounts, "findings": found.findings,
                   "guarantees": found.guarantees})  # fmt: skip
    else:
        emit_table(
            f"accounts of {app.brand.slug}, {days} days",
            ("account", "posts", "back to", "published", "seen", "too young", "cannot be told", "not read because"),
            [(one.account, None if one.unread else one.posts, one.reaches_back_to, one.published, one.found, one.young,
              one.untold, one.unread) for one in found.accounts],
            empty="none",
        )  # fmt: skip
        emit_table("wrong", ("what", "account", "code", "delivery", "evidence"), [
            (one.wrong.value, one.account, one.code, one.delivery_id, "; ".join(one.evidence)) for one in found.findings
        ], empty="nothing")  # fmt: skip
        for one in found.accounts:
            for delivery_id in one.open:
                click.echo(f"seen on {printable(one.account)}, and recorded as unclear: {delivery_id}")
        for guarantee in found.guarantees:
            click.echo(f"{guarantee.name} {guarantee.holds.value}: {guarantee.text} ({guarantee.evidence})")
    if not found.good:
        ctx.exit(1)
