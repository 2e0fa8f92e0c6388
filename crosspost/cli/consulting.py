"""`crosspost audit --from FOLDER`: what was recognised, what is covered, the audit, the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost.cli.audit import audit_of_store, choices_of, show
from crosspost.cli.context import App
from crosspost.cli.folder import GivenFolder, opened
from crosspost.cli.output import emit_json, emit_table, printable
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.audit.results import Audit, ShareClaim
    from crosspost.commands.imported import Imported

_SHOWN = 40  # files or rows on the screen; --json has all


def audit_folder(
    app: App, given: GivenFolder, since: str | None, until: str | None, claims: tuple[ShareClaim, ...],
    rate: str | None, out: Path | None, *, languages: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Audit a folder of exports and tell what each file was. The report goes into `out`, else where reports go."""
    from crosspost.clock import told_time
    from crosspost.commands.bundling import bundle_of
    from crosspost.commands.told import read_rules
    from crosspost.report.language.words import words
    from crosspost.report.place import folder_of
    from crosspost.report.write import write

    if out is not None and out.suffix == ".json" and not out.is_dir():
        raise BadInput("is no folder", where=str(out), remedy="with --from, --out is the report's folder")
    wanted = tuple(words(one).language for one in languages)
    zone = given.zone or "UTC"
    first, end = (None if day is None else told_time(day, zone) for day in (since, until))
    with opened(app, given, first, end) as folder:
        ledger, found = audit_of_store(folder.store, folder.brand, app, first, end, claims, rate)
        files = folder.files
        written = write(found, out or folder_of(found, app.settings.reports_dir), languages=wanted)
        choices = choices_of(app, folder.brand, rate)
        told = read_rules(app.settings.told_file, folder.brand.slug)
        bundle = bundle_of(folder.store, folder.brand, ledger, found, written.folder, choices=choices, told=told)
    if as_json:
        emit_json({
            "files": [one.as_dict() for one in files], "audit": found.as_dict(),
            "written": [*written.files, bundle],
        })  # fmt: skip
        return
    _tell_files(files)
    _tell_coverage(found)
    show(found)
    click.echo("\nopen:")
    for file in (*written.files, bundle):
        click.echo(f"  {file}")
    click.echo(
        "\nevery table: --json. The rows behind a figure: crosspost explain FIGURE --from FOLDER. "
        "Compute it again: crosspost audit verify FILE"
    )


def _tell_files(files: tuple[Imported, ...]) -> None:
    taken = [one for one in files if one.kind and not one.refused]
    unread = [one for one in files if one.refused]
    aside = [one for one in files if not one.refused and not one.kind]
    click.echo(
        f"{len(taken)} of {len(files)} files recognised; not recognised: {len(unread)}; no tables: {len(aside)}\n"
    )
    emit_table("recognised", ("file", "what it is", "rows", "new", "from", "to"), [
        (one.file, one.kind, one.rows, one.added, *_days(one)) for one in taken[:_SHOWN]
    ])  # fmt: skip
    for one in taken:
        for note in one.notes:
            click.echo(f"note: {printable(one.file)}: {printable(note)}")
    if unread:
        click.echo("\nnot recognised, and left out:")
    for one in unread[:_SHOWN]:
        click.echo(f"  {printable(one.refused)}")
    for one in aside[:_SHOWN]:
        click.echo(f"  {printable(one.file)}: {printable(' '.join(one.notes))}")
    hidden = max(0, len(taken) - _SHOWN) + max(0, len(unread) - _SHOWN) + max(0, len(aside) - _SHOWN)
    if hidden:
        click.echo(f"  and {hidden} more files: --json")
    click.echo()


def _days(one: Imported) -> tuple[str | None, str | None]:
    return (None, None) if one.period is None else (str(one.period[0].date()), str(one.period[1].date()))


def _tell_coverage(found: Audit) -> None:
    rows = found.table("coverage").records()
    columns = ("figure", "of", "file", "sha256", "rows", "first", "last", "holes")
    emit_table("coverage", columns, [[row[one] for one in columns] for row in rows[:_SHOWN]])
    if len(rows) > _SHOWN:
        click.echo(f"and {len(rows) - _SHOWN} more rows: --json")
