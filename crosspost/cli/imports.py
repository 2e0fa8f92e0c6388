"""`crosspost import`: files into the store; and `crosspost import draft`: a mapping for one that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.groups import Abridged
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.recorded import rules_of
from crosspost.networks import NETWORKS

if TYPE_CHECKING:
    from crosspost.commands.imported import Imported


@click.group(
    "import", cls=Abridged, otherwise="files",
    epilog="Example: crosspost import leads.csv deals.csv --zone Europe/Paris",
)  # fmt: skip
def import_() -> None:
    """Read files people bring: crosspost import FILE… (`files` may be left out), or draft a mapping for one."""


@import_.command(epilog="Example: crosspost import files exports/ --zone Europe/Paris --dry-run")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--zone", help="Zone of the times in the files that state none (UTC when not given).")
@click.option("--network", type=click.Choice(list(NETWORKS)), help="Whose posts these are, where a file does not say.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="What 03/04/2026 means, if unclear.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day of files that name no period.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day after their last.")
@click.option("--kind", help="Take every table as this kind; see --list-kinds.")
@click.option("--mapping", type=click.Path(path_type=Path), help="A mapping, drafted by `crosspost import draft`.")
@click.option("--newer", is_flag=True, help="Where these files contradict counts that are stored, they win.")
@click.option("--keep-names", is_flag=True, help="Keep the names of people; their mail addresses never are.")
@click.option("--dry-run", is_flag=True, help="Say what would be stored, and store nothing.")
@click.option("--list-kinds", is_flag=True, help="List the kinds of files that are known, and their columns.")
@json_option
@click.pass_obj
def files(
    app: App,
    files: tuple[Path, ...],
    zone: str | None,
    network: str | None,
    dates: str | None,
    since: datetime | None,
    until: datetime | None,
    kind: str | None,
    mapping: Path | None,
    newer: bool,
    keep_names: bool,
    dry_run: bool,
    list_kinds: bool,
    as_json: bool,
) -> None:
    """Read files, or every file of a folder. All or nothing; the same file twice changes nothing."""
    from crosspost.clock import zone as zone_of
    from crosspost.commands.importing import Asked, import_files

    if list_kinds:
        _list(app, as_json=as_json)
        return
    if not files:
        raise click.UsageError("Missing argument 'FILES...'.")
    if (since is None) != (until is None) or (since and until and until <= since):
        raise click.UsageError("--since and --until go together, the later one after the earlier.")
    asked = Asked(
        zone_of(zone) if zone else None, network, "day-first" if dates == "day-first" else "month-first" if dates
        else None, since.date() if since else None, until.date() if until else None, kind, newer, keep_names, dry_run,
    )  # fmt: skip
    found = import_files(
        app.store, app.brand, files, app.clock.now(), asked=asked, key=app.person_key_within,
        columns=app.settings.imports_dir, mapping=mapping, rules=rules_of(app),
    )  # fmt: skip
    if as_json:
        emit_json([one.as_dict() for one in found])
    else:
        _tell(found, app.brand.slug, dry_run=dry_run)
    if any(one.refused for one in found):
        raise click.exceptions.Exit(2)


def _tell(found: Sequence[Imported], brand: str, *, dry_run: bool) -> None:
    """First what is refused and why, once; then a line per file, and under it what is to be known of it."""
    refused = [one for one in found if one.refused and not one.waits]
    for one in refused:
        click.echo(f"refused: {printable(one.refused)}", err=True)
    if refused:
        if len(found) > 1:
            waits = ", the others wait" if len(refused) < len(found) else ""
            click.echo(f"nothing was stored: {len(refused)} of {len(found)} files refused{waits}", err=True)
    elif dry_run:
        click.echo(f"would go into {brand}; nothing was stored")
    else:
        click.echo(f"went into {brand}")
    for one in found:
        if one not in refused:
            click.echo(f"\n{printable(one.file)}")
            if one.kind is not None:
                click.echo(f"  {printable(_summary(one))}")
            for note in (*one.notes, *_differing(one)):
                click.echo(f"  note: {printable(note)}")


def _summary(one: Imported) -> str:
    """`ga4: 7 rows, 7 new, 2026-07-01 to 2026-07-31`"""
    rows = f"{one.rows} row{'' if one.rows == 1 else 's'}"
    stored = [] if one.waits else [f"{one.added} new", *([f"{one.updated} updated"] if one.updated else [])]
    days = [f"{one.period[0].date()} to {one.period[1].date()}"] if one.period else []
    return f"{one.kind}: {', '.join([rows, *stored, *days])}"


def _differing(one: Imported) -> list[str]:
    """Totals that the file states and its rows do not come to."""
    return [
        f"the file states {check.stated} {check.metric}, its rows come to {check.counted}"
        for check in one.stated
        if check.stated != check.counted
    ]


def _list(app: App, *, as_json: bool) -> None:
    from crosspost.imports.kinds import kinds

    found = kinds(app.settings.imports_dir)
    if as_json:
        emit_json([
            {"kind": one.name, "required": sorted(one.required), "columns": one.columns, "source": one.source}
            for one in found
        ])  # fmt: skip
        return
    emit_table("kinds", ("kind", "needs the columns"), [(one.name, one.needs) for one in found])


@import_.command(epilog="Example: crosspost import draft customers.xlsx > mapping.toml")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def draft(app: App, file: Path, as_json: bool) -> None:
    """Draft a mapping for a table that is not known: guesses by headers and contents, each marked if unsure."""
    from crosspost.imports.drafting import draft as drafted
    from crosspost.imports.drafting import written
    from crosspost.imports.kinds import kinds
    from crosspost.imports.read import read_file

    sheet = max(read_file(file).sheets, key=lambda one: len(one.rows))
    made = drafted(sheet, kinds(app.settings.imports_dir))
    if as_json:
        emit_json({
            "file": str(file), "part": sheet.part, "kind": made.kind, "sure": made.sure,
            "columns": [{"field": one.field, "header": one.header, "sure": one.sure, "why": one.why,
                         "required": one.required} for one in made.guesses],
            "unused": list(made.unused),
        })  # fmt: skip
    else:
        click.echo(written(made, sheet, file.name), nl=False)
