"""`crosspost demo`."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.audit.results import Audit
    from crosspost.cli.rehearsal import Rehearsal
    from crosspost.domain.brand import Brand

WORLDS = ("mirage", "doors", "works")


@click.command(epilog="Example: crosspost demo --world doors")
@click.option(
    "--world",
    type=click.Choice(WORLDS),
    default="mirage",
    show_default=True,
    help="The truth behind the audience: nothing comes of it; networks open doors; networks bring clients.",
)
@click.option("--weeks", type=click.IntRange(1, 26), default=26, show_default=True, help="How long it lasts.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same audience.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Report folder (default reports/demo).")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the data in this new folder.")
@json_option
def demo(world: str, weeks: int, seed: int, out: Path | None, keep: Path | None, as_json: bool) -> None:
    """Run the whole chain on the sandbox: feed, teasers, deliveries, clicks, leads, clients, audit, report."""
    from crosspost.cli.rehearsal import Rehearsal, failing_loudly

    report_folder = out or Path("reports") / "demo"
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise BadInput("the folder is not empty", where=str(keep), remedy="name a new one")
    folder = keep or _scratch()
    done = False
    try:
        with failing_loudly(folder), Rehearsal(folder, seed=seed, reports_dir=report_folder.parent) as rehearsal:
            brand = rehearsal.set_up(world, weeks)
            _live(rehearsal, brand, weeks, quiet=as_json)
            truth = rehearsal.finish(brand)
            _conclude(rehearsal, brand, truth, report_folder, as_json)
            done = True
    finally:
        if keep is None and done:
            shutil.rmtree(folder, ignore_errors=True)


def _scratch() -> Path:
    """A folder that is thrown away: in memory where there is room, since nobody needs it after a power cut."""
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 500_000_000
    return Path(tempfile.mkdtemp(prefix="crosspost-demo-", dir=memory if roomy else None))


def _live(rehearsal: Rehearsal, brand: Brand, weeks: int, quiet: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("weeks of a simulated audience", total=weeks)
        for week in rehearsal.live(brand, weeks):
            progress.update(task, completed=week)


def _conclude(rehearsal: Rehearsal, brand: Brand, truth: dict[str, Any], folder: Path, as_json: bool) -> None:
    from crosspost.audit.run import audit as audit_of
    from crosspost.audit.verdict import DEFAULT_CLAIMS
    from crosspost.cli.rehearsal import START
    from crosspost.commands.ledger import gather
    from crosspost.report.write import write

    app = rehearsal.app
    now = app.clock.now()
    known = truth["audience"]
    ledger = replace(gather(app.store, brand, now, since=START, until=now), sandbox=_known(known))
    found = audit_of(ledger, DEFAULT_CLAIMS, made_at=now)
    written = write(found, folder)
    summary = _summary(rehearsal, brand)
    if as_json:
        emit_json({
            "world": known["world"], "truth": truth, "published": summary,
            "verdicts": {one.claim.key: one.verdict.value for one in found.findings},
            "files": [str(path) for path in written.files],
        })  # fmt: skip
    else:
        _screen(found, summary, [str(path) for path in written.files])


def _known(truth: dict[str, Any]) -> str:
    """The world's truth in a sentence, to stand beside what the audit finds."""
    return (
        f"The audience is simulated. The truth of this world ({truth['world']}): {truth['says']}. "
        f"Of {truth['clients_total']} clients, {truth['clients_by_networks']} came last by a network and "
        f"{truth['clients_opened_by_networks']} met one earlier."
    )


def _summary(rehearsal: Rehearsal, brand: Brand) -> list[dict[str, object]]:
    """What crosspost recorded, beside what the sandbox's own ledger holds."""
    from crosspost.domain.traffic import Judgement
    from crosspost.store.brands import accounts
    from crosspost.store.deliveries import listed
    from crosspost.store.traffic import counts

    with rehearsal.app.store.read(brand.id) as scope:
        every, mine, hits = listed(scope), accounts(scope), counts(scope)
    rows: list[dict[str, object]] = []
    for account in mine:
        theirs = [one for one in every if one.account_id == account.id]
        by_person = sum(one.hits for one in hits if one.account_id == account.id and one.judgement is Judgement.PERSON)
        all_hits = sum(one.hits for one in hits if one.account_id == account.id)
        rows.append({
            "network": account.network,
            "planned": len(theirs),
            "published": sum(one.state.value == "published" for one in theirs),
            "verified": sum(one.verified_at is not None for one in theirs),
            "on_the_network": len(rehearsal.sandbox.posted(network=account.network)),
            "hits": all_hits,
            "clicks": by_person,
        })  # fmt: skip
    return rows


def _screen(found: Audit, summary: list[dict[str, object]], files: list[str]) -> None:
    click.echo("\nTHE AUDIENCE IS SIMULATED: a sandbox stood for the networks, and its truth is known.\n")
    emit_table("published", tuple(summary[0]), [tuple(row.values()) for row in summary])
    click.echo(f"TRUTH: {printable(found.sandbox)}\n")
    click.echo("WHAT THE AUDIT FOUND:")
    for finding in found.findings:
        click.echo(f"{finding.verdict.value.upper()}: {finding.claim.text}")
        click.echo(f"  {printable(finding.sentence)}")
    click.echo("\nopen:")
    for path in files:
        click.echo(f"  {path}")
