"""`crosspost visit`."""

from __future__ import annotations

from collections import Counter

import click

from crosspost.cli.clicks import period_of, period_options
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable


@click.group(epilog="Example: crosspost visit script")
def visit() -> None:
    """Readers' visits to your site, counted by a script of ours without following anybody."""


@visit.command("script", epilog="Example: crosspost visit script --origin https://go.example.org")
@click.option("--origin", help="Where `crosspost serve` is reached (default: the brand's --public-url).")
@json_option
@click.pass_obj
def script(app: App, origin: str | None, as_json: bool) -> None:
    """Print the line that your pages include, and a draft for your privacy page."""
    from crosspost.commands.privacy import script as made_for

    made = made_for(app.store, app.brand, origin)
    if as_json:
        emit_json(made)
        return
    click.echo(f"Before </head> of every page:\n\n  {made.line}\n")
    click.echo(f"It counts on: {', '.join(made.sites) or 'no site yet'}. Mode: {made.mode}.")
    for problem in made.problems:
        click.echo(f"SEE TO: {problem}")
    for language, text in made.note.items():
        click.echo(
            f"\nFor your privacy page ({language}), a draft to check against what you do:\n\n  {printable(text)}"
        )


@visit.command("list", epilog="Example: crosspost visit list --since 2026-03-01")
@period_options
@json_option
@click.pass_obj
def list_(app: App, since: str | None, until: str | None, as_json: bool) -> None:
    """Count visits per network and link, as a range: surely people … possibly people. Days are UTC."""
    from crosspost.commands.visits import counted

    found, missed = counted(app.store, app.brand, app.settings.visits_dir, period_of(app, since, until))
    if as_json:
        listed = [
            {"day": one.day.isoformat(), "network": one.network, "code": one.code, "judgement": one.judgement.value,
             "visits": one.visits}
            for one in found
        ]  # fmt: skip
        emit_json({"visits": listed, "missed": missed})
        return
    rows: dict[tuple[str | None, str | None], Counter[str]] = {}
    for one in found:
        rows.setdefault((one.network, one.code), Counter())[one.judgement.value] += one.visits
    emit_table("visits", ("network", "link", "surely people", "possibly people", "previews", "crawlers"), [
        (network, code, n["person"], n["person"] + n["unsure"], n["preview"], n["crawler"])
        for (network, code), n in sorted(rows.items(), key=str)
    ], empty="none yet: crosspost visit script")  # fmt: skip
    if missed:
        click.echo(f"{missed} page views were not stored in time")
