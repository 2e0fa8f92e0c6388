"""`crosspost audit`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from crosspost.cli.context import App
from crosspost.cli.folder import GivenFolder, folder_options
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.recorded import rules_of
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.audit.ledger import Ledger
    from crosspost.audit.results import Audit, ShareClaim
    from crosspost.domain.brand import Brand
    from crosspost.store.store import Store


LEAST_MARGIN = Decimal("0.0001")  # 30,000 clients would be needed below it


def claims_of(margins: tuple[str, ...]) -> tuple[ShareClaim, ...]:
    """The claims at the margins asked for, else the default ones. Raises BadInput."""
    from crosspost.audit.results import Basis, ShareClaim
    from crosspost.audit.verdict import DEFAULT_CLAIMS

    if not margins:
        return DEFAULT_CLAIMS
    made = []
    for margin in margins:
        try:
            share = Decimal(margin.rstrip(" %\u00a0\u202f")) / (100 if margin.rstrip().endswith("%") else 1)
        except InvalidOperation:
            share = Decimal(-1)
        if not share.is_finite() or not LEAST_MARGIN <= share < 1:
            raise BadInput(f"{margin!r} is not a margin", remedy="a share such as 0.10, or 10%; 0.01% at least")
        percent = f"{share * 100:f}".rstrip("0").rstrip(".")
        text = f"networks bring under {percent} % of clients"
        made.append(ShareClaim(f"share-{percent}", text, float(share), Basis.LAST))
    return tuple(made)


def moment(text: str | None, app: App) -> datetime | None:
    """A day or time in the brand's zone. Raises BadInput."""
    from crosspost.clock import told_time

    return None if text is None else told_time(text, app.brand.zone)


def audit_of_store(
    store: Store, brand: Brand, app: App, since: datetime | None, until: datetime | None, claims: tuple[ShareClaim, ...]
) -> tuple[Ledger, Audit]:
    """What a store holds of a brand, and its audit."""
    from crosspost.audit.run import audit as audit_of
    from crosspost.commands.channels import read_channels
    from crosspost.commands.ledger import gather
    from crosspost.commands.told import read_rules

    now = app.clock.now()
    ledger = gather(
        store, brand, now, since=since, until=until, same_as=read_channels(app.settings.channels_file),
        placebo=read_rules(app.settings.told_file, brand.slug).placebo,
    )  # fmt: skip
    return ledger, audit_of(ledger, claims, made_at=now)


def run_audit(app: App, since: str | None, until: str | None, margins: tuple[str, ...]) -> tuple[Ledger, Audit]:
    """The ledger and its audit, with a warning of what the networks' rules will have deleted soon."""
    from crosspost.commands.purge import warnings

    claims = claims_of(margins)
    ledger, found = audit_of_store(app.store, app.brand, app, moment(since, app), moment(until, app), claims)
    told = warnings(app.store, app.brand, app.clock.now())
    return ledger, replace(found, warnings=(*found.warnings, *told))


def remember(app: App, found: Audit, path: Path, kind: Literal["report", "audit"]) -> None:
    """Register what was written, so that a purge reaches it."""
    from crosspost.commands.channels import read_channels
    from crosspost.commands.rewriting import remember_report

    remember_report(
        app.store, app.brand, found, path, kind, read_channels(app.settings.channels_file), rules_of(app).placebo
    )


@click.command(epilog="Example: crosspost audit --from exports/ --name 'Atelier Léa' --zone Europe/Paris")
@folder_options
@click.option("--since", help="First day of the period, in the brand's zone (default: the first fact).")
@click.option("--until", help="Day after the last one (default: past the last fact).")
@click.option("--margin", "margins", multiple=True, help="The share the claim puts networks under: 0.10, or 10%.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Also write the JSON to this file; with --from, the report's folder (default reports/<name>/<period>).",
)
@json_option
@click.pass_obj
def audit(app: App, given: GivenFolder, since: str | None, until: str | None, margins: tuple[str, ...],
          out: Path | None, as_json: bool) -> None:  # fmt: skip
    """Say whether visibility turns into business, with its uncertainty, or that the data cannot tell yet.

    With --from, a folder of exports is audited as it is: no brand, no account, and nothing is kept of it.
    """
    if given.folder is not None:
        from crosspost.cli.consulting import audit_folder

        audit_folder(app, given, since, until, claims_of(margins), out, as_json=as_json)
        return
    _, found = run_audit(app, since, until, margins)
    if out is not None:
        from crosspost.commands.rewriting import write_audit

        if out.is_dir():
            raise BadInput("is a folder", where=str(out), remedy="name a file such as audit.json")
        try:
            write_audit(found, out)
        except OSError as error:
            raise BadInput(f"cannot be written ({error.strerror})", where=str(out), remedy="check the path") from None
        remember(app, found, out, "audit")
    if as_json:
        emit_json(found.as_dict())
        return
    show(found)
    click.echo("every table: --json. Charts and pages: crosspost report")


def show(found: Audit) -> None:
    """The verdicts, warnings and first tables of an audit, for people."""
    if found.sandbox:
        click.echo(f"SIMULATED AUDIENCE. {printable(found.sandbox)}\n")
    for finding in found.findings:
        click.echo(f"{finding.verdict.value.upper()}: {finding.claim.text}")
        click.echo(f"  {printable(finding.sentence)}")
        for caveat in finding.caveats:
            click.echo(f"  caveat: {printable(caveat)}")
    for warning in found.warnings:
        click.echo(f"warning: {printable(warning)}")
    _show_funnel(found)
    _show_conversion(found)


def _show_funnel(found: Audit) -> None:
    """One line per network, one column per stage; a dash is a number nobody observed."""
    stages: dict[str, None] = {}
    values: dict[str, dict[str, object]] = {}
    for row in found.table("funnel").records():
        stages[str(row["stage"])] = None
        values.setdefault(str(row["network"]), {})[str(row["stage"])] = row["value"]
    emit_table("From reach to revenue", ("network", *stages), [
        (network, *(_cell(of_network.get(stage)) for stage in stages)) for network, of_network in values.items()
    ])  # fmt: skip


def _show_conversion(found: Audit) -> None:
    rows = found.table("conversion").records()
    if any(row["leads"] for row in rows):
        columns = ("channel", "leads", "deals", "rate", "clopper_lo", "clopper_hi", "days_median", "share_of_deals")
        emit_table("Leads and deals by channel", columns, [[_cell(row[one]) for one in columns] for row in rows])


def _cell(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) and value != int(value) else value
