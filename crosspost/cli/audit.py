"""`crosspost audit`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from crosspost.cli.context import App
from crosspost.cli.folder import GivenFolder, folder_options
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.recorded import rules_of
from crosspost.domain.errors import BadInput, Unavailable
from crosspost.domain.message import Figure, say

if TYPE_CHECKING:
    from crosspost.audit.ledger import Ledger
    from crosspost.audit.results import Audit, ShareClaim
    from crosspost.audit.statistics import Count
    from crosspost.commands.choices import Choices
    from crosspost.commands.verify import Verification
    from crosspost.counters.facts import EngineName
    from crosspost.domain.brand import Brand
    from crosspost.store.store import Store


_PATIENCE_S = 60.0  # for a report of the brand that is being written
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
        text = say("Networks bring under {margin} of clients", margin=Figure(f"{percent} %", "percent", float(share)))
        made.append(ShareClaim(f"share-{percent}", text, float(share), Basis.LAST))
    return tuple(made)


def moment(text: str | None, app: App) -> datetime | None:
    """A day or time in the brand's zone. Raises BadInput."""
    from crosspost.clock import told_time

    return None if text is None else told_time(text, app.brand.zone)


def choices_of(app: App, brand: Brand, rate: str | None = None) -> Choices:
    """What the owner of a brand chose, from the settings; `rate` as told here wins over the one that is set."""
    from crosspost.commands.channels import read_channels
    from crosspost.commands.choices import Choices
    from crosspost.commands.told import read_rules

    return Choices(
        same_as=read_channels(app.settings.channels_file),
        placebo=read_rules(app.settings.told_file, brand.slug).placebo,
        hypotheses=app.settings.hypotheses_dir,
        rate=_rate(rate) or app.settings.hourly_rate,
    )


def _rate(told: str | None) -> Decimal | None:
    try:
        return None if told is None else Decimal(told)
    except InvalidOperation:
        raise BadInput(f"{told!r} is no rate", remedy="money per hour, such as 60 or 62.50") from None


def audit_of_store(
    store: Store,
    brand: Brand,
    app: App,
    since: datetime | None,
    until: datetime | None,
    claims: tuple[ShareClaim, ...],
    rate: str | None = None,
    count: Count | None = None,
) -> tuple[Ledger, Audit]:
    """What a store holds of a brand, and its audit; `count` counts its leads, plain code where it is not given."""
    from crosspost.audit.run import audit as audit_of
    from crosspost.audit.statistics import plain
    from crosspost.commands.ledger import gather

    now = app.clock.now()
    ledger = gather(store, brand, now, since=since, until=until, choices=choices_of(app, brand, rate))
    return ledger, audit_of(ledger, claims, made_at=now, count=count or plain)


def run_audit(
    app: App,
    since: str | None,
    until: str | None,
    margins: tuple[str, ...],
    rate: str | None,
    kind: Literal["report", "audit"],
    count: Count | None = None,
) -> tuple[Ledger, Audit, Audit]:
    """The ledger, its audit, and the same with a warning of what the networks' rules will have deleted soon. Looking is
    remembered: what is locked afterwards over this period was locked too late."""
    from crosspost.commands.hypotheses import looked_at
    from crosspost.commands.purge import warnings

    now = app.clock.now()
    ledger, found = audit_of_store(
        app.store, app.brand, app, moment(since, app), moment(until, app), claims_of(margins), rate, count
    )
    looked_at(app.store, app.brand, kind, found.period, now)
    return ledger, found, replace(found, warnings=(*found.warnings, *warnings(app.store, app.brand, now)))


def remember(
    app: App, found: Audit, path: Path, kind: Literal["report", "audit"], rate: str | None,
    letterhead: Path | None = None, languages: Sequence[str] = ("en",),
) -> None:  # fmt: skip
    """Register what was written, so that a purge and an erasure reach it."""
    from crosspost.commands.rewriting import remember_report

    choices = choices_of(app, app.brand, rate)
    remember_report(app.store, app.brand, found, path, kind, choices, languages=languages, letterhead=letterhead)


def keep(app: App, ledger: Ledger, found: Audit, folder: Path, rate: str | None) -> Path:
    """Write the bundle of a ledger and its audit to a folder; its path."""
    from crosspost.commands.bundling import bundle_of

    choices = choices_of(app, app.brand, rate)
    return bundle_of(app.store, app.brand, ledger, found, folder, choices=choices, told=rules_of(app))


@contextmanager
def alone(app: App) -> Iterator[None]:
    """Nobody is erased meanwhile from what the brand's reports and audits are written from. Raises Unavailable."""
    from crosspost.ownership import reports_lock

    lock = reports_lock(app.account_locks, app.brand.id, _PATIENCE_S)
    if lock is None:
        raise Unavailable("another report of this brand is being written", remedy="try again in a minute")
    with lock:
        yield


def _keep_all(
    app: App, ledger: Ledger, found: Audit, warned: Audit, out: Path | None, rate: str | None
) -> tuple[Path, ...]:
    """Write `audit.json` with the warnings, and the bundle: to a folder, or to a file that ends in .json and beside."""
    from crosspost.commands.rewriting import write_audit
    from crosspost.report.place import folder_of

    out = out or folder_of(found, app.settings.reports_dir)
    file = out if out.suffix == ".json" and not out.is_dir() else out / "audit.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_audit(warned, file)
    except OSError as error:
        raise BadInput(f"cannot be written ({error.strerror})", where=str(file), remedy="check the path") from None
    remember(app, found, file, "audit", rate)
    return file, keep(app, ledger, found, file.parent, rate)


@click.group(
    invoke_without_command=True, epilog="Example: crosspost audit --from exports/ --name 'Atelier Léa' --rate 60"
)
@folder_options
@click.option("--since", help="First day of the period, in the brand's zone (default: the first fact).")
@click.option("--until", help="Day after the last one (default: past the last fact).")
@click.option("--margin", "margins", multiple=True, help="The share the claim puts networks under: 0.10, or 10%.")
@click.option("--rate", help="What an hour of yours is worth, in the brand's currency (default: hourly_rate).")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of audit.json and bundle.zip, or a file for the JSON (default reports/<brand>/<period>). With --from, "
    "the folder of them and of the report.",
)
@click.option(
    "--language", "languages", multiple=True, metavar="fr",
    help="With --from: language of the report; given twice, in both (default en).",
)  # fmt: skip
@click.option("--engine", type=click.Choice(["plain", "duckdb", "spark"]), default="plain", show_default=True,
              help="What counts paths and stages; the audit is the same.")  # fmt: skip
@click.option("--master", help="The Spark cluster: spark://HOST:7077.")
@json_option
@click.pass_context
def audit(ctx: click.Context, given: GivenFolder, since: str | None, until: str | None, margins: tuple[str, ...],
          rate: str | None, out: Path | None, languages: tuple[str, ...], engine: EngineName,
          master: str | None, as_json: bool) -> None:  # fmt: skip
    """Say whether visibility turns into business, with its uncertainty, or that the data cannot tell yet.

    It writes audit.json, and bundle.zip from which anybody can compute it again. With --from, a folder of exports is
    audited as it is: no brand, no account, and nothing is kept of it.
    """
    if ctx.invoked_subcommand is not None:
        return
    app: App = ctx.obj
    if given.folder is not None:
        if engine != "plain":
            raise BadInput("an engine counts a brand's leads, not a folder's", remedy="leave --engine out")
        from crosspost.cli.consulting import audit_folder

        audit_folder(
            app, given, since, until, claims_of(margins), rate, out, languages=languages or ("en",), as_json=as_json
        )
        return
    if languages:
        raise BadInput("an audit is written in English", remedy="crosspost report --language, or --from FOLDER")
    with alone(app):
        if engine == "plain":
            ledger, found, warned = run_audit(app, since, until, margins, rate, "audit")
        else:
            from crosspost.counters.facts import counter

            with counter(engine, master) as count:
                ledger, found, warned = run_audit(app, since, until, margins, rate, "audit", count)
        written = _keep_all(app, ledger, found, warned, out, rate)
    if as_json:
        click.echo(written[0].read_bytes(), nl=False)
        return
    show(warned)
    click.echo(f"written: {' and '.join(printable(file) for file in written)}")
    click.echo("every table: --json. Charts and pages: crosspost report. Compute it again: crosspost audit verify FILE")


def show(found: Audit) -> None:
    """The verdicts, warnings and first tables of an audit, for people."""
    if found.sandbox:
        click.echo(f"SIMULATED AUDIENCE. {printable(found.sandbox)}\n")
    for finding in found.findings:
        click.echo(f"{finding.verdict.value.upper()}: {finding.claim.text}")
        click.echo(f"  Margin {finding.claim.told_margin}. {printable(finding.told)}")
        for caveat in finding.caveats if finding.has_figure else ():
            click.echo(f"  caveat: {printable(caveat)}")
    for warning in found.warnings:
        click.echo(f"warning: {printable(warning)}")
    for lock in found.locks:
        click.echo(f"lock: {printable(lock.told())}")
    _show_funnel(found)
    _show_conversion(found)


@audit.command(epilog="Example: crosspost audit verify reports/lea/2026-01-05_2026-07-06/bundle.zip")
@click.argument("bundle", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def verify(ctx: click.Context, bundle: Path, as_json: bool) -> None:
    """Compute an audit again from its bundle alone. The exit code is 7 where a figure differs or a byte was changed.

    Counts, money and fractions of draws must be the same, other figures to 1e-9. Nothing is read but the file.
    """
    from crosspost.commands.verify import verify as verification_of

    done = verification_of(bundle)
    if as_json:
        emit_json({"verified": done.verified, **{one.name: getattr(done, one.name) for one in fields(done)}})
    else:
        _show_verification(done)
    ctx.exit(0 if done.verified else 7)


def _show_verification(done: Verification) -> None:
    start, end = done.period
    if done.sandbox:
        click.echo(f"SIMULATED AUDIENCE. {printable(done.sandbox)}\n")
    click.echo(f"audit of {printable(done.brand)}, {start} to {end}, made {done.made_at}")
    for one in done.differences:
        click.echo(f"DIFFERS: {printable(one.figure)}: the bundle says {printable(one.said)}, here it is "
                   f"{printable(one.found)}")  # fmt: skip
    for name, (said, here) in sorted(done.code.items()):
        click.echo(f"made with another {name}: {printable(said)}, here {printable(here)}")
    for held in done.held:
        click.echo(f"not in here: {printable(held.get('rows'))} rows of {printable(held.get('what'))} of "
                   f"{printable(held.get('network'))} ({printable(held.get('where'))})")  # fmt: skip
    if done.verified:
        click.echo(f"VERIFIED: {done.figures} figures, {done.exact} of them to the last digit. SHA-256 {done.sha256}")
    else:
        click.echo(f"NOT VERIFIED: {done.different} of {done.figures} figures differ. SHA-256 {done.sha256}")


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
