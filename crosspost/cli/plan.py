"""`crosspost plan`, `preview`, `edit`, `approve`, `cancel`."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, given_text, json_option, parse_pairs, printable
from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.teaser import PLACEMENTS, Placement

if TYPE_CHECKING:
    from crosspost.commands.costs import Estimate
    from crosspost.domain.brand import Account
    from crosspost.domain.delivery import Delivery
    from crosspost.domain.slots import Due
    from crosspost.domain.teaser import Attachment


def who() -> str:
    """The person at the keyboard, for the record of approvals."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def due_of(text: str | None, app: App) -> Due | None:
    """`2026-06-01T09:00` in the brand's zone. Raises BadInput."""
    from crosspost.clock import zone
    from crosspost.domain.period import aware
    from crosspost.domain.slots import Due, resolve

    if text is None:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a date and time", remedy="write 2026-06-01T09:00") from None
    if not 1970 <= local.year <= 2200:
        raise BadInput(f"{text!r} is too far away", remedy="write 2026-06-01T09:00")
    wanted = zone(app.brand.zone)
    if local.tzinfo is None:
        return resolve(local, wanted)
    # An offset names one instant, even in the hour that exists twice.
    return Due(aware(local), local.astimezone(wanted).strftime("%Y-%m-%dT%H:%M"), wanted.key)


def accounts_by_id(app: App) -> dict[str, Account]:
    from crosspost.store.brands import accounts

    with app.store.read(app.brand.id) as scope:
        return {one.id: one for one in accounts(scope)}


def cost_of(delivery: Delivery, account: Account) -> Estimate | None:
    from crosspost.commands.costs import estimate

    return estimate(account, delivery.teaser)


def _costs_told(estimates: Iterable[Estimate | None]) -> None:
    """One line with what all of them would cost, where any costs."""
    totals: dict[str, Decimal] = {}
    for one in estimates:
        if one is not None:
            totals[one.currency] = totals.get(one.currency, Decimal(0)) + one.amount
    for currency, whole in totals.items():
        click.echo(f"publishing these costs about {whole} {currency}; see `crosspost costs`")


def delivery_fields(delivery: Delivery, account: Account) -> dict[str, object]:
    return {
        "id": delivery.id, "network": account.network, "account": account.handle, "state": delivery.state.value,
        "reason": delivery.reason, "due_at": delivery.due_at, "due_local": delivery.due_local, "zone": delivery.zone,
        "revision": delivery.revision, "code": delivery.code, "link": delivery.teaser.link,
        "text": delivery.teaser.text, "url": delivery.remote_url, "article_id": delivery.article_id,
        "link_placement": delivery.teaser.link_placement, "replies_to": delivery.parent_id,
        "options": delivery.teaser.extra,
    }  # fmt: skip


PLACED = {
    "card": "on the card", "reply": "in its reply", "bio": "on the bio page", "none": "nowhere",
}  # fmt: skip


def heads_first(found: list[Delivery]) -> list[list[Delivery]]:
    """Each post with its replies behind it."""
    ids = {one.id for one in found}
    heads = [one for one in found if one.parent_id not in ids]
    return [[one, *(reply for reply in found if reply.parent_id == one.id)] for one in heads]


def image_fields(app: App, image: Attachment) -> dict[str, object]:
    """`bytes` is None when the file is gone."""
    return {
        "sha256": image.sha256, "alt": image.alt, "media_type": image.media_type, "width": image.width,
        "height": image.height, "bytes": app.attachments.size(image.sha256),
        "file": str(app.attachments.folder / image.sha256),
    }  # fmt: skip


@click.command(epilog="Example: crosspost plan --account bluesky --at 2026-06-01T09:00")
@click.option("--article", "articles", multiple=True, help="Only this article (id); may be repeated.")
@click.option("--account", "accounts", multiple=True, help="Only this account; may be repeated.")
@click.option("--at", help="Instead of the next free slot: date and time in the brand's zone.")
@click.option("--image", type=click.Path(path_type=Path, dir_okay=False), help="Image to attach.")
@click.option("--alt", default="", help="What the image shows, for those who cannot see it.")
@click.option("--link", type=click.Choice(PLACEMENTS), help="Where the link goes, instead of the account's own way.")
@click.option("--language", help="The language of the text, such as fr, instead of the article's.")
@click.option(
    "--option",
    "options",
    multiple=True,
    help="What the network lets say of a post: visibility=unlisted, spoiler_text=…, reply_settings=…",
)
@json_option
@click.pass_obj
def plan(app: App, articles: tuple[str, ...], accounts: tuple[str, ...], at: str | None, image: Path | None, alt: str,
         link: Placement | None, language: str | None, options: tuple[str, ...], as_json: bool) -> None:  # fmt: skip
    """Compose teasers of new articles and give each a time. Nothing goes out before it is approved."""
    from crosspost.commands.manner import Wishes
    from crosspost.variants import opened

    only = [app.connector.account(app.brand, name).id for name in accounts]
    picture = None
    if image is not None:
        try:
            picture = opened(image.read_bytes(), alt, str(image))
        except OSError as error:
            raise BadInput(f"cannot be read ({error.strerror})", where=str(image), remedy="check the path") from None
    report = app.planner.plan(
        app.brand,
        app.clock.now(),
        only_articles=articles,
        only_accounts=only,
        at=due_of(at, app),
        image=picture,
        wishes=Wishes(link, language, parse_pairs(options, "--option visibility=unlisted")),
    )
    costs = {
        delivery.id: cost_of(delivery, one.account)
        for one in report.planned
        for delivery in (one.delivery, one.reply)
        if delivery
    }
    if as_json:
        emit_json({
            "planned": [
                {**delivery_fields(one.delivery, one.account), "title": one.title, "note": one.due.note,
                 "warnings": list(one.warnings), "notes": list(one.notes), "cost": costs[one.delivery.id],
                 "reply": delivery_fields(one.reply, one.account) if one.reply else None} for one in report.planned
            ],
            "problems": [{"article": title, "account": where, "why": why} for title, where, why in report.problems],
        })  # fmt: skip
        return
    emit_table("planned", ("id", "network", "due", "article", "state", "costs"), [
        (delivery.id, one.account.network, one.due.local, what, delivery.state.value,
         f"{cost.amount} {cost.currency}" if (cost := costs[delivery.id]) else "nothing")
        for one in report.planned
        for delivery, what in ((one.delivery, one.title), (one.reply, "its reply, with the link")) if delivery
    ], empty="no new article; see `crosspost article list`")  # fmt: skip
    _costs_told(costs.values())
    for one in report.planned:
        for note in (*((one.due.note,) if one.due.note else ()), *one.warnings, *one.notes):
            click.echo(f"  {one.delivery.id}: {printable(note)}")
    for title, where, why in report.problems:
        click.echo(f"  not planned: {printable(title)} on {printable(where)}: {printable(why)}")
    if any(one.delivery.state.value == "draft" for one in report.planned):
        click.echo("Next: crosspost preview, then crosspost approve --all")


@click.command(epilog="Example: crosspost preview --json")
@click.argument("ids", nargs=-1)
@json_option
@click.pass_obj
def preview(app: App, ids: tuple[str, ...], as_json: bool) -> None:
    """Show what would be posted, word for word, with what it takes of the limits and what it costs."""
    from crosspost.commands.plan import limits_of
    from crosspost.domain.counting import measure_all
    from crosspost.domain.delivery import State
    from crosspost.store.deliveries import get, listed

    with app.store.read(app.brand.id) as scope:
        found = [get(scope, one) for one in ids] if ids else listed(scope, {State.DRAFT, State.SCHEDULED})
    accounts = accounts_by_id(app)
    found = [one for head in heads_first(found) for one in head]
    measured = {one.id: measure_all(one.teaser.text, limits_of(accounts[one.account_id], one)) for one in found}
    costs = {one.id: cost_of(one, accounts[one.account_id]) for one in found}
    if as_json:
        emit_json([
            {**delivery_fields(one, accounts[one.account_id]), "cost": costs[one.id],
             "limits": [{"unit": each.limit.unit, "length": each.length, "max": each.limit.max}
                        for each in measured[one.id]],
             "images": [image_fields(app, image) for image in one.teaser.images]}
            for one in found
        ])  # fmt: skip
        return
    for one in found:
        account = accounts[one.account_id]
        lengths = ", ".join(f"{each.length} of {each.limit.max} {each.limit.unit}" for each in measured[one.id])
        what = "its reply" if one.parent_id else f"{account.network} {printable(account.handle)}"
        click.echo(f"── {what} · {one.due_local} {one.zone} · {one.state.value}"
                   f" · {lengths} · {one.id}")  # fmt: skip
        if (cost := costs[one.id]) is not None:
            click.echo(f"   costs {cost}")
        for line in one.teaser.text.splitlines():
            click.echo(f"   {printable(line)}")
        for name, value in one.teaser.extra.items():
            click.echo(f"   [{name}: {printable(value)}]")
        if one.teaser.link_placement != "text":
            click.echo(f"   [link: {PLACED[one.teaser.link_placement]}]")
        for image in one.teaser.images:
            made = image_fields(app, image)
            click.echo(f"   [image: {printable(image.alt) or 'no description'}; {image.width}×{image.height} pixels, "
                       f"{image.media_type}, {made['bytes'] or 'no'} bytes; {made['file']}]")  # fmt: skip
    _costs_told(costs.values())
    if not found:
        click.echo("nothing is planned")


@click.command(epilog="Example: crosspost edit 06h0d3h1rtheaepdte2rj8p403 --at 2026-06-01T09:00")
@click.argument("delivery_id", metavar="ID")
@click.option("--text", help="The new text; the link must stay in it.")
@click.option("--text-file", help="The new text from a UTF-8 file; - for standard input.")
@click.option("--at", help="The new date and time in the brand's zone.")
@json_option
@click.pass_obj
def edit(app: App, delivery_id: str, text: str | None, text_file: str | None, at: str | None,
         as_json: bool) -> None:  # fmt: skip
    """Change the text or the time of a planned delivery. After approval it must be approved again."""
    from crosspost.commands.plan import edit as change
    from crosspost.store.deliveries import get

    words = given_text(text, text_file)
    if words is None and at is None:
        raise BadInput("nothing to change", remedy="give --text, --text-file or --at")
    with app.store.read(app.brand.id) as scope:
        account = accounts_by_id(app)[get(scope, delivery_id).account_id]
    changed = change(
        app.store, account, delivery_id, app.clock.now(), who=who(), text=None if words is None else words.rstrip(),
        due=due_of(at, app),
    )  # fmt: skip
    if as_json:
        emit_json(delivery_fields(changed, account))
    else:
        click.echo(f"{changed.id}: revision {changed.revision}, {changed.state.value}, due {changed.due_local}")


@click.command(epilog="Example: crosspost approve --all")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every draft of the brand.")
@json_option
@click.pass_obj
def approve(app: App, ids: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Let planned deliveries go out when they are due, all of those named or none; their replies go with them.

    Their words are frozen then.
    """
    from crosspost.domain.delivery import State
    from crosspost.store.deliveries import approve as approve_one
    from crosspost.store.deliveries import heads, listed

    if bool(ids) == everything:
        raise BadInput("which deliveries?", remedy="name them, or say --all")
    if everything:
        with app.store.read(app.brand.id) as scope:
            ids = tuple(heads(scope, [one.id for one in listed(scope, {State.DRAFT})]))
    done, refused = [], []
    if everything:
        for one in ids:
            try:
                with app.store.write(app.brand.id) as scope:
                    done.append(approve_one(scope, one, who=who(), now=app.clock.now()))
            except Conflict as error:
                refused.append((one, str(error)))
    else:
        with app.store.write(app.brand.id) as scope:
            done = [approve_one(scope, one, who=who(), now=app.clock.now()) for one in heads(scope, ids)]
    if as_json:
        emit_json({"approved": [one.id for one in done], "refused": [{"id": one, "why": why} for one, why in refused]})
        return
    click.echo(f"{len(done)} approved")
    for one, why in refused:
        click.echo(f"  not approved: {one}: {printable(why)}")


@click.command(epilog="Example: crosspost cancel 06h0d3h1rtheaepdte2rj8p403")
@click.argument("ids", nargs=-1, required=True)
@click.option("--why", default="cancelled by the owner", show_default=True, help="The reason to keep.")
@json_option
@click.pass_obj
def cancel(app: App, ids: tuple[str, ...], why: str, as_json: bool) -> None:
    """Withdraw planned deliveries and their replies. All of them, or none when one is being sent."""
    from crosspost.store.deliveries import cancel as cancel_one
    from crosspost.store.deliveries import heads

    with app.store.write(app.brand.id) as scope:
        done = [cancel_one(scope, one, who=who(), now=app.clock.now(), reason=why) for one in heads(scope, ids)]
    if as_json:
        emit_json({"cancelled": [one.id for one in done]})
    else:
        click.echo(f"{len(done)} cancelled")
