"""`crosspost import`."""

from __future__ import annotations

from pathlib import Path

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.networks import NETWORKS


@click.command("import", epilog="Example: crosspost import leads.csv deals.csv --zone Europe/Paris")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--zone", help="Zone of the times in the files that state none (UTC when not given).")
@click.option("--network", type=click.Choice(list(NETWORKS)), help="Whose posts these are, where a file does not say.")
@json_option
@click.pass_obj
def import_(app: App, files: tuple[Path, ...], zone: str | None, network: str | None, as_json: bool) -> None:
    """Read files people bring. All or nothing; the same file twice changes nothing."""
    from crosspost.clock import zone as zone_of
    from crosspost.commands.importing import Asked, import_files

    found = import_files(
        app.store, app.brand, files, app.clock.now(),
        asked=Asked(zone=zone_of(zone) if zone else None, network=network),
        key=app.person_key_within,
    )  # fmt: skip
    if as_json:
        emit_json([one.as_dict() for one in found])
    else:
        emit_table(f"into {app.brand.slug}", ("file", "kind", "rows", "new", "updated", "from", "to"), [
            (one.file, one.kind, one.rows, one.added, one.updated, one.period[0].date() if one.period else None,
             one.period[1].date() if one.period else None) for one in found
        ])  # fmt: skip
        for one in found:
            if one.refused:
                click.echo(f"refused: {printable(one.refused)}", err=True)
            for note in one.notes:
                click.echo(f"note: {printable(note)}")
    if any(one.refused for one in found):
        raise click.exceptions.Exit(2)
