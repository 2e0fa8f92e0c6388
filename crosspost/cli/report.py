"""`crosspost report`."""

from __future__ import annotations

from pathlib import Path

import click

from crosspost.cli.audit import keep, remember, run_audit
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option, printable


@click.command(epilog="Example: crosspost --brand lea report --letterhead config/letterhead.toml")
@click.option("--since", help="First day of the period, in the brand's zone (default: the first fact).")
@click.option("--until", help="Day after the last one (default: past the last fact).")
@click.option("--margin", "margins", multiple=True, help="The share the claim puts networks under: 0.10, or 10%.")
@click.option("--rate", help="What an hour of yours is worth, in the brand's currency (default: hourly_rate).")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the report (default reports/<brand>/<period>).")
@click.option("--letterhead", type=click.Path(path_type=Path),
              help="TOML file: your name, logo, colour and introduction (default: setting letterhead).")  # fmt: skip
@json_option
@click.pass_obj
def report(app: App, since: str | None, until: str | None, margins: tuple[str, ...],
           rate: str | None, out: Path | None, letterhead: Path | None, as_json: bool) -> None:  # fmt: skip
    """Write the audit as charts, one HTML page, one PDF and its tables."""
    from crosspost.audit.executive import executive
    from crosspost.report.letterhead import PLAIN
    from crosspost.report.letterhead_file import read
    from crosspost.report.place import folder_of
    from crosspost.report.write import write

    file = letterhead or app.settings.letterhead
    head = read(file) if file else PLAIN
    ledger, found = run_audit(app, since, until, margins, rate, "report")
    written = write(found, out or folder_of(found, app.settings.reports_dir), letterhead=head)
    remember(app, found, written.folder, "report", rate)
    keep(app, ledger, found, written.folder, rate)
    told = executive(found)
    if as_json:
        emit_json({
            "folder": written.folder, "files": list(written.files), "sandbox": found.sandbox,
            "headline": told.headline, "answers": {one.key: f"{one.word}: {one.text}" for one in told.answers},
            "verdicts": {one.claim.key: one.verdict.value for one in found.findings},
            "replaced_characters": list(written.replaced),
        })  # fmt: skip
        return
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
