"""`crosspost explain FIGURE`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from crosspost.cli.audit import audit_of_store, claims_of, moment
from crosspost.cli.context import App
from crosspost.cli.folder import GivenFolder, folder_options, opened
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from crosspost.audit.explaining import Figure
    from crosspost.commands.explaining import Evidence, Explained
    from crosspost.domain.brand import Brand
    from crosspost.store.store import Store


@click.command(epilog="Example: crosspost explain shares/last-touch/all-clients/networks")
@click.argument("figure", required=False)
@folder_options
@click.option("--since", help="First day of the audit's period, in the brand's zone (default: the first fact).")
@click.option("--until", help="Day after the last one (default: past the last fact).")
@click.option("--list", "list_", is_flag=True, help="List the figures that can be explained; FIGURE is how they begin.")
@json_option
@click.pass_obj
def explain(app: App, given: GivenFolder, figure: str | None, since: str | None, until: str | None, list_: bool,
            as_json: bool) -> None:  # fmt: skip
    """Open a figure of the audit down to rows, and each row to a file's line, a click with its rule, or who told it."""
    if figure is None and not list_:
        raise click.UsageError("Missing argument 'FIGURE'; --list names them all.")
    if given.folder is None:
        _explain(
            app, app.store, app.brand, figure, moment(since, app), moment(until, app), list_=list_, as_json=as_json
        )
        return
    from crosspost.clock import told_time

    first, end = (None if day is None else told_time(day, given.zone or "UTC") for day in (since, until))
    with opened(app, given, first, end) as folder:
        _explain(app, folder.store, folder.brand, figure, first, end, list_=list_, as_json=as_json)


def _explain(
    app: App, store: Store, brand: Brand, name: str | None, since: datetime | None, until: datetime | None, *,
    list_: bool, as_json: bool,
) -> None:  # fmt: skip
    from crosspost.audit.explaining import figures
    from crosspost.commands.explaining import explain as opened_up

    ledger, audit = audit_of_store(store, brand, app, since, until, claims_of(()))
    if list_:
        _list(figures(ledger, audit), name or "", as_json=as_json)
        return
    if name is None:
        raise BadInput("which figure?", remedy="see `crosspost explain --list`")
    found = opened_up(store, brand, ledger, audit, name)
    if as_json:
        emit_json(found.as_dict())
    else:
        _tell(found)


def _list(known: Mapping[str, Figure], start: str, *, as_json: bool) -> None:
    chosen = [one for one in known.values() if one.name.startswith(start)]
    if as_json:
        emit_json([
            {"figure": one.name, "value": one.value, "unit": one.unit, "computed_from": list(one.of)} for one in chosen
        ])  # fmt: skip
        return
    for one in chosen:  # a line each, never folded: names are copied and searched for
        click.echo(f"{printable(one.name)} = {_short(one.value)} {printable(one.unit)}")
    if not chosen:
        click.echo("no figure begins so")


def _short(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value


def _tell(found: Explained) -> None:
    figure = found.figure
    click.echo(f"{printable(figure.name)} = {_short(figure.value)} {figure.unit}: {printable(figure.help)}")
    if figure.of:
        click.echo("computed from:")
        for name in figure.of:
            click.echo(f"  {printable(name)}")
        return
    rows = [
        (_short(row.adds) if first else "", one.what, one.id, one.at, _told(one))
        for row in found.rows
        for first, one in ((index == 0, one) for index, one in enumerate(row.evidence))
    ]
    emit_table(f"{len(found.rows)} rows", ("adds", "what", "id", "at", "told by"), rows, empty="none: it is a zero")


def _told(one: Evidence) -> str:
    if one.sha256 is not None:
        part = f" ({one.part})" if one.part else ""
        return f"{one.file or 'a file'}{part}:{one.line} sha256 {one.sha256[:12]}"
    if one.rule is not None:
        return f"{one.told_by}: {one.judgement} by {one.rule} of {one.ruleset}"
    return one.told_by
