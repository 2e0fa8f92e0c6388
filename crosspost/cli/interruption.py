"""`crosspost interruption`."""

from __future__ import annotations

from pathlib import Path

import click

from crosspost.cli.output import emit_json, emit_table, json_option, printable


@click.command(
    epilog="Example: crosspost interruption visits.csv --treated site --from 2025-03-01 --control newsletter --json"
)
@click.argument("path", metavar="FILE.csv", type=click.Path(path_type=Path))
@click.option("--treated", multiple=True, required=True, help="The series that was interrupted; may be repeated.")
@click.option("--from", "start", required=True, help="The first day after the interruption, or the number of its row.")
@click.option("--until", help="The day after the last one to compare (default: the end of the file).")
@click.option("--control", "controls", multiple=True, help="A series it did not touch (default: all others).")
@click.option("--time", help="The column of days (default: date, day, week, month… or the rows in order).")
@click.option("--unit", help="In a file with a row per unit and day: the column that names the unit.")
@click.option("--value", help="In such a file: the column of the values.")
@click.option("--margin", type=click.FloatRange(0, 100, min_open=True, max_open=True),
              help="A change of so many percent would be too small to matter.")  # fmt: skip
@json_option
def interruption(
    path: Path, treated: tuple[str, ...], start: str, until: str | None, controls: tuple[str, ...], time: str | None,
    unit: str | None, value: str | None, margin: float | None, as_json: bool,
) -> None:  # fmt: skip
    """Hold what followed an interruption against series that it did not touch.

    A network closed, an account was locked, posting stopped: nobody drew lots. So the answer is at most that the data
    are consistent with a change, and placebos say how often as much happens without any.
    """
    from crosspost.commands.interruption import interruption as compared

    found = compared(
        path, treated, start, until=until, controls=controls, time=time, unit=unit, value=value,
        margin=None if margin is None else margin / 100,
    )  # fmt: skip
    if as_json:
        emit_json(found.as_dict())
        return
    shown = found.as_dict()
    click.echo(f"{found.finding.verdict.value.upper()}: {found.finding.claim.text}")
    click.echo(f"  {printable(found.finding.sentence)}")
    for caveat in found.finding.caveats:
        click.echo(f"  caveat: {printable(caveat)}")
    columns = ("mean", "low", "high", "share", "pre_rmse", "placebos_time", "p_time", "placebos_space", "p_space")
    emit_table("Against what was foretold, per unit and moment", ("design", *columns), [
        (name.replace("_", " "), *(_cell(design[one]) for one in columns))
        for name, design in shown["designs"].items() if design is not None
    ])  # fmt: skip
    for why in found.left_out:
        click.echo(f"left out: {printable(why)}")


def _cell(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value
