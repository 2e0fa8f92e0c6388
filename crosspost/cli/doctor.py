"""`crosspost doctor`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option, printable

SEE_TO = 7  # exit code: something is to be seen to
_MARKS = {"good": ("✓", "green"), "see to": ("✗", "red"), "not told": ("·", "yellow")}


@click.command(epilog="Example: crosspost doctor --account mastodon --json")
@click.option("--account", help="Only this account: its id, network, or network:handle.")
@click.option("--paid", is_flag=True, help="Also ask what costs money (X); what it costs is said without it.")
@json_option
@click.pass_obj
@click.pass_context
def doctor(ctx: click.Context, app: App, account: str | None, paid: bool, as_json: bool) -> None:
    """Examine the installation and its accounts; nothing is posted. Exit code 7 when something is to be seen to."""
    only = [(app.brand, app.connector.account(app.brand, account))] if account else None
    found = app.doctor(paid=paid).examine(app.clock.now(), only)
    if as_json:
        emit_json({
            "at": found.at, "green": found.green,
            "findings": [
                {"brand": line.brand, "account": line.account, "check": line.finding.check,
                 "health": line.finding.health, "text": line.finding.text, "remedy": line.finding.remedy}
                for line in found.lines
            ],
        })  # fmt: skip
    else:
        for line in found.lines:
            one = line.finding
            mark, colour = _MARKS[one.health.value]
            about = ", ".join(name for name in (line.brand, line.account) if name)
            told = f"{about}: {one.check}: {one.text}" if about else f"{one.check}: {one.text}"
            todo = f" — {one.remedy}" if one.remedy else ""
            click.echo(f"{click.style(mark, fg=colour)} {printable(told + todo)}")
        if not found.lines:
            click.echo("nothing to examine")
    if not found.green:
        ctx.exit(SEE_TO)
