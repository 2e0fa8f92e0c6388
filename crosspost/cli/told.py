"""`crosspost told`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.recorded import rules_of


@click.group(epilog="Example: crosspost told try 'un ami, puis LinkedIn'")
def told() -> None:
    """How answers to “how did you hear of us?” are read: your rules in config/told.toml, then the shipped ones."""


@told.command("list", epilog="Example: crosspost told list --json")
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """List the rules in the order in which they are tried."""
    from crosspost.domain.telling import RULES

    rules = rules_of(app)
    rows = [
        (words, channel, "yours", "yes" if channel in rules.placebo else "no") for words, channel in rules.every_own()
    ]
    rows += [
        (words, channel, "shipped", "yes" if channel in rules.placebo else "no")
        for channel, names in RULES.items()
        for words in names
    ]
    columns = ("words", "channel", "whose", "placebo")
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table("rules", columns, rows)


@told.command("try", epilog="Example: crosspost told try 'France Inter, je crois'")
@click.argument("text")
@json_option
@click.pass_obj
def try_(app: App, text: str, as_json: bool) -> None:
    """Say how an answer is read, and by which rules."""
    from crosspost.domain.telling import read_answer

    answer = read_answer(text, rules_of(app))
    if as_json:
        emit_json({
            "channel": answer.channel, "placebo": answer.placebo,
            "rules": [{"words": one.words, "channel": one.channel, "own": one.own} for one in answer.matches],
        })  # fmt: skip
        return
    placebo = " (placebo: it never ran)" if answer.placebo else ""
    click.echo(f"read as: {printable(answer.channel)}{placebo}")
    for one in answer.matches:
        click.echo(f"  “{printable(one.words)}” → {printable(one.channel)} ({'your rule' if one.own else 'shipped'})")
    if not answer.matches:
        click.echo("  no rule knows these words: add one to config/told.toml, then crosspost told remap")


@told.command("remap", epilog="Example: crosspost told remap --dry-run")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@json_option
@click.pass_obj
def remap(app: App, dry_run: bool, as_json: bool) -> None:
    """Read every answer again by today's rules, and show what changed. The words stay as they were said."""
    from crosspost.cli.plan import who
    from crosspost.commands.told import remap as remap_all

    changed = remap_all(app.store, app.brand.id, app.clock.now(), rules_of(app), who=who(), dry_run=dry_run)
    if as_json:
        emit_json(changed)
        return
    emit_table("read otherwise" + (" (nothing is changed)" if dry_run else ""), ("lead", "told", "before", "now"), [
        (one.lead, one.told, one.before, one.after) for one in changed
    ], empty="no answer")  # fmt: skip
