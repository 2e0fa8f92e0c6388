"""`crosspost interruption`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.groups import Abridged
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import who
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.store.interruptions import StoredInterruption


@click.group(
    cls=Abridged, otherwise="compare",
    epilog="Example: crosspost interruption visits.csv --treated site --from 2025-03-01 --control newsletter",
)  # fmt: skip
def interruption() -> None:
    """Something stopped, and nobody drew lots: declare it for the brand's audits, or compare a file (`compare` may be
    left out)."""


@interruption.command(epilog="Example: crosspost interruption declare viadeo --from 2025-03-01 --why 'it closed'")
@click.argument("stopped", metavar="NETWORK|posting|site")
@click.option("--from", "start", help="The first day without it (default, of a network that is gone: after its last).")
@click.option("--until", help="The first day with it again (default: it did not come back).")
@click.option("--why", help="What happened, in your words. Every report prints them: name no person.")
@click.option("--moved-to", metavar="NETWORK", help="The network that took its place.")
@json_option
@click.pass_obj
def declare(app: App, stopped: str, start: str | None, until: str | None, why: str | None, moved_to: str | None,
            as_json: bool) -> None:  # fmt: skip
    """Declare that a network, posting, or the site stopped: every later audit says what was counted before and after.

    Said again, it fills in what was open: the end, or where you moved.
    """
    from crosspost.commands.interruptions import declare as told
    from crosspost.domain.interruption import interruption_of

    new = interruption_of(stopped, _day(start), _day(until), why, moved_to)
    outcome, found = told(app.store, app.brand, new, app.clock.now(), who=who())
    if as_json:
        emit_json({"outcome": outcome, **_fields(found)})
        return
    click.echo(f"{outcome.value}: {_told(found)}")
    if found.looked is not None:
        click.echo(f"after looking ({found.looked[0]}, {found.looked[1]:%Y-%m-%d}): the audit will call it exploratory")


@interruption.command("list", epilog="Example: crosspost --brand lea interruption list --json")
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """List what was declared to have stopped, what was withdrawn too."""
    from crosspost.store.interruptions import declared

    with app.store.read(app.brand.id) as scope:
        found = declared(scope)
    if as_json:
        emit_json([_fields(one) for one in found])
        return
    columns = ("stopped", "from", "until", "moved to", "why", "declared", "by", "looked before", "withdrawn")
    emit_table("interruptions", columns, [
        (one.told.stopped, one.told.since.isoformat(), one.told.until and one.told.until.isoformat(),
         one.told.moved_to, one.told.why, one.declared_at, one.declared_by, one.looked and one.looked[1],
         one.withdrawn_at)
        for one in found
    ], empty="none declared: crosspost interruption declare")  # fmt: skip


@interruption.command(epilog="Example: crosspost interruption withdraw viadeo --from 2025-03-01")
@click.argument("stopped", metavar="NETWORK|posting|site")
@click.option("--from", "start", help="Which one, where it stopped more than once: the first day without it.")
@json_option
@click.pass_obj
def withdraw(app: App, stopped: str, start: str | None, as_json: bool) -> None:
    """Take back a declaration. Audits no longer judge it, and go on to say that it was declared."""
    from crosspost.domain.interruption import stopped_of
    from crosspost.store.interruptions import withdraw as take_back

    name, day = stopped_of(stopped), _day(start)
    with app.store.write(app.brand.id) as scope:
        found = take_back(scope, name, day, app.clock.now(), who=who())
    if as_json:
        emit_json(_fields(found))
    else:
        click.echo(f"withdrawn: {_told(found)}")


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a day", remedy="write 2026-01-31") from None


def _told(one: StoredInterruption) -> str:
    told = one.told
    end = f" until {told.until}" if told.until else ""
    moved = f", then {told.moved_to}" if told.moved_to else ""
    return printable(f"{told.stopped} stopped on {told.since}{end}{moved} ({told.why or 'no reason is kept'})")


def _fields(one: StoredInterruption) -> dict[str, object]:
    told = one.told
    return {
        "stopped": told.stopped, "from": told.since.isoformat(), "until": told.until and told.until.isoformat(),
        "moved_to": told.moved_to, "why": told.why, "declared_at": one.declared_at, "declared_by": one.declared_by,
        "looked": one.looked and one.looked[0], "looked_at": one.looked and one.looked[1],
        "withdrawn_at": one.withdrawn_at, "withdrawn_by": one.withdrawn_by,
    }  # fmt: skip


@interruption.command(
    epilog="Example: crosspost interruption compare visits.csv --treated site --from 2025-03-01 --json"
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
def compare(
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
