"""`crosspost report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost.cli.audit import alone, keep, remember, run_audit
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option, printable
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.audit.results import Audit
    from crosspost.report.write import Written


@click.command(epilog="Example: crosspost --brand lea report --letterhead config/letterhead.toml")
@click.option("--since", help="First day of the period, in the brand's zone (default: the first fact).")
@click.option("--until", help="Day after the last one (default: past the last fact).")
@click.option("--margin", "margins", multiple=True, help="The share the claim puts networks under: 0.10, or 10%.")
@click.option("--rate", help="What an hour of yours is worth, in the brand's currency (default: hourly_rate).")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the report (default reports/<brand>/<period>).")
@click.option(
    "--language", "languages", multiple=True, metavar="fr",
    help="Language of the report; given twice, in both (default: the brand's, if reports are written in it, else en).",
)  # fmt: skip
@click.option(
    "--letterhead", type=click.Path(path_type=Path),
    help="TOML file with your name, logo, colour and introduction (default: setting letterhead).",
)  # fmt: skip
@click.option(
    "--month", metavar="2026-10",
    help="Keep the report of that month, as `crosspost run` does (monthly_reports): of all until its end, in "
    "reports/<brand>/<month>, with what changed since the one before.",
)  # fmt: skip
@json_option
@click.pass_obj
def report(app: App, since: str | None, until: str | None, margins: tuple[str, ...], rate: str | None,
           out: Path | None, languages: tuple[str, ...], letterhead: Path | None, month: str | None,
           as_json: bool) -> None:  # fmt: skip
    """Write the audit as charts, one HTML page, one PDF and its tables."""
    file = letterhead or app.settings.letterhead
    if month is not None:
        if since or until or margins or rate or out or languages:
            raise BadInput(
                "a month's report has its own period, folder, margins and language",
                remedy="--month alone, or with --letterhead; rate and claims are those of the settings, the language "
                "is the brand's",
            )
        _keep(app, month, file, as_json=as_json)
        return
    from crosspost.commands.monthly import language_of
    from crosspost.report.language.words import words
    from crosspost.report.letterhead import PLAIN
    from crosspost.report.letterhead_file import read
    from crosspost.report.place import folder_of
    from crosspost.report.write import write

    head = read(file) if file else PLAIN
    wanted = tuple(words(one).language for one in languages or (language_of(app.brand),))
    with alone(app):
        ledger, found, warned = run_audit(app, since, until, margins, rate, "report")
        written = write(warned, out or folder_of(found, app.settings.reports_dir), languages=wanted, letterhead=head)
        remember(app, found, written.folder, "report", rate, file, wanted)
        keep(app, ledger, found, written.folder, rate)
    if as_json:
        emit_json(_told(warned, written))
        return
    _show(warned, written)


def _keep(app: App, told: str, letterhead: Path | None, *, as_json: bool) -> None:
    """Write the report of a month, and say what changed."""
    from crosspost.domain.month import month_of
    from crosspost.report.many import write_one

    month = month_of(told)
    with alone(app):
        kept = app.monthly(write_one, letterhead).keep(app.brand, month, app.clock.now())
    changes = kept.changes
    if as_json:
        items = [] if changes is None else [{"kind": one.kind, "about": one.about, "text": one.text}
                                            for one in changes.items]  # fmt: skip
        since = None if changes is None else changes.made_at
        emit_json({**_told(kept.found, kept.written), "month": str(month), "changed_since": since, "changes": items})
        return
    _show(kept.found, kept.written)
    if changes is not None:
        click.echo(f"\nsince the report made {changes.made_at:%Y-%m-%d}:")
        for one in changes.items:
            click.echo(f"  {printable(one.text)}")
        if not changes.items:
            click.echo("  nothing changed")


def _told(found: Audit, written: Written) -> dict[str, object]:
    from crosspost.audit.executive import executive

    told = executive(found)
    return {
        "folder": written.folder, "files": list(written.files), "sandbox": found.sandbox,
        "headline": told.headline, "answers": {one.key: f"{one.word}: {one.text}" for one in told.answers},
        "verdicts": {one.claim.key: one.verdict.value for one in found.findings},
        "replaced_characters": list(written.replaced),
    }  # fmt: skip


def _show(found: Audit, written: Written) -> None:
    from crosspost.audit.executive import executive

    told = executive(found)
    if found.sandbox:
        click.echo(f"SIMULATED AUDIENCE. {printable(found.sandbox)}\n")
    click.echo(f"{printable(told.headline)}\n")
    for answer in told.answers:
        click.echo(f"{answer.question} {printable(answer.word)}.")
    click.echo()
    for finding in found.findings:
        click.echo(f"{finding.verdict.value.upper()}: {printable(finding.claim.text)}")
    click.echo("\nopen:")
    for file in written.files:
        click.echo(f"  {file}")
    if written.replaced:
        click.echo(f"shown as a box in the PDF and the charts: {', '.join(written.replaced)}")
