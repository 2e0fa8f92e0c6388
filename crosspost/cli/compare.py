"""`crosspost compare`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost.cli.audit import audit_of_store, claims_of
from crosspost.cli.context import App
from crosspost.cli.folder import GivenFolder, opened
from crosspost.cli.output import emit_json, json_option
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.audit.results import Audit

_FOLDER = "_comparison"  # no brand's: a slug has no underscore


@click.command(epilog="Example: crosspost compare --of lea --of max --since 2026-01-01")
@click.option("--of", "slugs", multiple=True, help="A brand, by its slug; may be repeated (default: every brand).")
@click.option(
    "--from", "folders", multiple=True, type=click.Path(path_type=Path),
    help="A folder of somebody's exports, in place of brands; may be repeated. Nothing of it is kept.",
)  # fmt: skip
@click.option("--currency", help="With --from: of amounts that state none (default EUR).")
@click.option("--zone", help="With --from: zone of times that state none (default UTC).")
@click.option("--since", help="First day of the period, in each brand's zone (default: its first fact).")
@click.option("--until", help="Day after the last one (default: past its last fact).")
@click.option("--language", default="en", show_default=True, help="Language of the page: en, fr.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the page (default reports/_comparison).")
@json_option
@click.pass_obj
def compare(app: App, slugs: tuple[str, ...], folders: tuple[Path, ...], currency: str | None, zone: str | None,
            since: str | None, until: str | None, language: str, out: Path | None, as_json: bool) -> None:  # fmt: skip
    """Put many brands side by side, every figure on one scale: one HTML page, one PDF and its tables.

    Nothing is added up over brands, and amounts of two currencies are never set against each other.
    """
    from crosspost.report.compare import write_comparison

    if folders and slugs:
        raise BadInput("brands and folders are not compared with each other", remedy="--of or --from")
    if (currency or zone) and not folders:
        raise BadInput("options of a folder are given without one", remedy="--from FOLDER")
    audits = _of_folders(app, folders, currency, zone, since, until) if folders else _of_brands(
        app, slugs, since, until
    )  # fmt: skip
    written = write_comparison(
        audits, out or app.settings.reports_dir / _FOLDER, app.clock.now(), language=language
    )  # fmt: skip
    if as_json:
        emit_json({"folder": written.folder, "files": list(written.files)})
        return
    click.echo("open:")
    for file in written.files:
        click.echo(f"  {file}")


def _of_brands(app: App, slugs: tuple[str, ...], since: str | None, until: str | None) -> Iterator[Audit]:
    from crosspost.commands.hypotheses import looked_at
    from crosspost.commands.ledger import NothingYet

    wanted = [app.store.brand(slug) for slug in dict.fromkeys(slugs)] or app.store.brands()
    for brand in wanted:
        first, last = _days(since, until, brand.zone)
        try:
            _, found = audit_of_store(app.store, brand, app, first, last, claims_of(()))
        except NothingYet:  # it stands there, with nothing
            _, found = audit_of_store(app.store, brand, app, last, last, claims_of(()))
        looked_at(app.store, brand, "report", found.period, app.clock.now())
        yield found


def _of_folders(app: App, folders: tuple[Path, ...], currency: str | None, zone: str | None, since: str | None,
                until: str | None) -> Iterator[Audit]:  # fmt: skip
    days = _days(since, until, zone or "UTC")
    for folder in dict.fromkeys(folders):
        given = GivenFolder(folder, None, currency, zone, None, None, None, False)
        with opened(app, given, *days) as read:
            _, found = audit_of_store(read.store, read.brand, app, *days, claims_of(()))
        yield found


def _days(since: str | None, until: str | None, zone: str) -> tuple[datetime | None, datetime | None]:
    from crosspost.clock import told_time

    first, last = (None if day is None else told_time(day, zone) for day in (since, until))
    return first, last
