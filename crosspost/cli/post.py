"""`crosspost post`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import accounts_by_id, who
from crosspost.domain.errors import BadInput


@click.group(epilog="Example: crosspost post list")
def post() -> None:
    """What exists on the networks; delete one's own."""


@post.command("list", epilog="Example: crosspost post list --account mastodon --json")
@click.option("--account", help="Only this account.")
@json_option
@click.pass_obj
def list_(app: App, account: str | None, as_json: bool) -> None:
    """List the brand's posts, oldest first."""
    from crosspost.store.posts import posts

    only = app.connector.account(app.brand, account).id if account else None
    with app.store.read(app.brand.id) as scope:
        found = [one for one in posts(scope) if only in (None, one.account_id)]
    accounts = accounts_by_id(app)
    if as_json:
        emit_json([
            {"id": one.id, "network": one.network, "account": accounts[one.account_id].handle,
             "remote_id": one.post.remote_id, "url": one.post.url, "text": one.post.text,
             "published_at": one.post.published_at, "deleted_at": one.deleted_at, "delivery_id": one.delivery_id}
            for one in found
        ])  # fmt: skip
        return
    emit_table(f"posts of {app.brand.slug}", ("id", "network", "published", "where", "text"), [
        (one.id, one.network, one.post.published_at, f"deleted {one.deleted_at}" if one.deleted_at else one.post.url,
         " ".join((one.post.text or "").split())[:60]) for one in found
    ], empty="none yet")  # fmt: skip


@post.command("delete", epilog="Example: crosspost post delete 06h0d3h1rtheaepdte2rj8p403 --yes")
@click.argument("name", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def delete(app: App, name: str, yes: bool, as_json: bool) -> None:
    """Take a post off its network, with the replies under it. ID is the post's, its delivery's, or the address.

    What it brought stays on record. There is no way back.
    """
    from crosspost.commands.delete import delete as delete_post
    from crosspost.commands.delete import doomed
    from crosspost.commands.workers import account_locks

    found = doomed(app.store, app.brand, name)
    if not yes:
        if as_json:
            raise BadInput("deleting cannot be undone", remedy="say --yes")
        where = f"{found.account.network} {printable(found.account.handle)}"
        for one in found.posts:
            click.echo(f"{where}: {printable(' '.join((one.post.text or one.post.remote_id).split()))}")
        for reply_id in found.lost:
            click.echo(f"lost: the reply {reply_id}, which was not sent")
        for address in found.left:
            click.echo(f"stays: the reply {printable(address)}, whose id is not known: delete it by hand")
        click.confirm(f"Delete {len(found.posts)} from {where}?", abort=True)
    done = delete_post(
        app.store, app.brand, name, app.renewer.open, app.clock.now(), who=who(),
        locks=account_locks(app.store, app.settings.data_dir),
    )  # fmt: skip
    if as_json:
        emit_json({"deleted": [one.post.remote_id for one in done.posts], "lost": list(done.lost),
                   "left": list(done.left)})  # fmt: skip
    else:
        click.echo(f"{len(done.posts)} deleted; what they brought stays on record")
        for address in done.left if yes else ():
            click.echo(f"still there: the reply {printable(address)}, whose id is not known: delete it by hand")
