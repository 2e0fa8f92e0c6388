"""`crosspost statistics`."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from crosspost.cli.audit import moment
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option, printable
from crosspost.cli.recorded import currency_of
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.audit.statistics import Statistics
    from crosspost.commands.statistics import EngineName

ENGINES = ("auto", "plain", "duckdb", "spark")


@click.command(epilog="Example: crosspost statistics --since 2026-01-05 --until 2026-07-06 --brand lea")
@click.option("--leads", help="Count this file of leads (Parquet or CSV) and not what is stored.")
@click.option("--touches", help="The file of their touches.")
@click.option("--since", required=True, help="First day of the period, in the brand's zone; weeks start on it.")
@click.option("--until", required=True, help="Day after the last one.")
@click.option("--currency", help="Count money of this currency (default: the brand's own).")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", help="What counts (default: by their number).")
@click.option("--master", help="The Spark cluster: spark://HOST:7077.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the tables as CSV.")
@json_option
@click.pass_obj
def statistics(
    app: App, leads: str | None, touches: str | None, since: str, until: str, currency: str | None, engine: str,
    master: str | None, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Count paths, stages and weeks: the small tables that audits are computed from.

    Millions of leads are counted by DuckDB, billions by a Spark cluster of yours; all give the same numbers.
    """
    from crosspost.audit.statistics import Span
    from crosspost.commands.statistics import of_brand, of_files
    from crosspost.domain.period import Period

    if (leads is None) != (touches is None):
        raise BadInput("leads and touches are two files", remedy="give both --leads and --touches, or neither")
    start, end = moment(since, app), moment(until, app)
    if start is None or end is None or end <= start:
        raise BadInput("the period would end before it starts", remedy="check --since and --until")
    span = Span.of(Period(start, end), currency_of(app, currency))
    chosen = cast("EngineName", engine)
    if leads is not None and touches is not None:
        found = of_files(leads, touches, span, chosen, master)
    else:
        found = of_brand(app.store, app.brand, span, chosen)
    tables = {name: (columns, list(rows)) for name, columns, rows in _tables(found)}
    if out is not None:
        _write(out, tables)
    if as_json:
        emit_json({name: [dict(zip(columns, row, strict=True)) for row in rows] for name, (columns, rows) in
                   tables.items()})  # fmt: skip
        return
    for name, (_, rows) in tables.items():
        click.echo(f"{name}: {len(rows)} rows")
    paths = found.paths
    click.echo(f"{len(paths.offsets) - 1} distinct paths of {int(paths.walked())} journeys by {len(paths.channels)} "
               f"channels; {int(paths.converted())} of them converting")  # fmt: skip
    click.echo(f"written: {printable(out)}" if out is not None else "the tables: --out FOLDER, or --json")


Name = Literal["paths", "stages", "weeks"]


def _tables(found: Statistics) -> Iterator[tuple[Name, Sequence[str], Iterator[Sequence[Any]]]]:
    """(name, columns, rows) of each; paths in the columns that `crosspost attribute` takes."""
    from dataclasses import astuple, fields

    from crosspost.audit.statistics import StageCount, WeekCount

    paths = found.paths
    figures = (column.tolist() for column in (paths.conversions, paths.value_minor, paths.nulls))
    bounds = zip(paths.offsets[:-1].tolist(), paths.offsets[1:].tolist(), strict=True)
    yield (
        "paths", ("path", "total_conversions", "total_conversion_value", "total_null"),
        (
            (" > ".join(paths.channels[one] for one in paths.touches[start:end]), *row)
            for (start, end), *row in zip(bounds, *figures, strict=True)
        ),
    )  # fmt: skip
    yield "stages", tuple(one.name for one in fields(StageCount)), map(astuple, found.stages)
    yield "weeks", tuple(one.name for one in fields(WeekCount)), map(astuple, found.weeks)


def _write(folder: Path, tables: dict[Name, tuple[Sequence[str], list[Sequence[Any]]]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, (columns, rows) in tables.items():
            text = StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
            (folder / f"{name}.csv").write_text(text.getvalue(), "utf-8")
    except OSError as error:
        raise BadInput(f"cannot be written ({error.strerror})", where=str(folder), remedy="check --out") from None
