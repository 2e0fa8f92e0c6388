"""`crosspost purge`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable


@click.command(epilog="Example: crosspost purge --dry-run")
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@json_option
@click.pass_obj
@click.pass_context
def purge(ctx: click.Context, app: App, dry_run: bool, as_json: bool) -> None:
    """Delete what must go: by the networks' rules, and hits and visits whose time is over; from the database, the hit
    log, and reports, audits and backups written.

    `crosspost run` does so every hour. Exit code 1 when a file needs a person.
    """
    from crosspost.commands.purge import purge as delete

    found = delete(app.store, app.clock.now(), dry_run=dry_run, hits_dir=app.settings.hits_dir,
                   locks=app.account_locks)  # fmt: skip
    if as_json:
        emit_json(found)
    else:
        emit_table("would go" if dry_run else "gone", ("brand", "account", "what", "how many", "by", "why"), [
            (one.brand, one.account, one.what, one.count, one.at, one.why) for one in found.removed
        ], empty="nothing has to go")  # fmt: skip
        if found.files:
            emit_table("files", ("file", "kind", "done", "why"), [
                (one.path, one.kind, one.done, one.why) for one in found.files
            ])  # fmt: skip
        for problem in found.problems:
            click.echo(f"SEE TO: {printable(problem)}")
    if found.problems:
        ctx.exit(1)
