"""`crosspost effort`."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from decimal import Decimal

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, parse_pairs
from crosspost.cli.recorded import currency_of, number, say
from crosspost.domain.business import folded
from crosspost.domain.errors import BadInput
from crosspost.domain.period import ordinary

UNKNOWN = ("", "unknown", "?")


@click.group(epilog="Example: crosspost effort add linkedin 3.5")
def effort() -> None:
    """Record hours and fees spent on a channel."""


@effort.command("add", epilog="Example: crosspost effort add linkedin 3.5 --week-of 2026-05-04 --fees 20")
@click.argument("channel")
@click.argument("hours")
@click.option("--week-of", help="First day of the span (default: this week's Monday).")
@click.option("--days", default=7, show_default=True, help="How many days the hours cover.")
@click.option("--fees", help="What was paid: ads, tools, posting costs.")
@click.option("--currency", help="ISO 4217; the brand's own when not given.")
@click.option("--correct", is_flag=True, help="What was recorded of that channel and span was wrong.")
@json_option
@click.pass_obj
def add_effort(app: App, channel: str, hours: str, week_of: str | None, days: int, fees: str | None,
               currency: str | None, correct: bool, as_json: bool) -> None:  # fmt: skip
    """Record hours spent on a channel in a span of days; `unknown` is not zero, and may be filled in later."""
    from crosspost.cli.plan import who
    from crosspost.commands.business import add_effort as add

    start = _first_day(week_of, app)
    done = add(
        app.store, app.brand.id, app.clock.now(), channel, _hours(hours), start=start, days=days,
        fees=number(fees, "fees"), currency=currency_of(app, currency),
        effort_id=f"{folded(channel)}/{start.isoformat()}", correct=correct, who=who(),
    )  # fmt: skip
    say("effort", done, done.id, as_json)


@effort.command("start", epilog="Example: crosspost effort start linkedin")
@click.argument("channel")
@json_option
@click.pass_obj
def start(app: App, channel: str, as_json: bool) -> None:
    """Start a timer on a channel. It runs until it is stopped, whatever this machine does meanwhile."""
    from crosspost.commands.efforts import start_timer

    name = start_timer(app.store, app.brand.id, app.clock.now(), channel)
    if as_json:
        emit_json({"channel": name})
    else:
        click.echo(f"the timer on {name} runs. It ends with: crosspost effort stop {name}")


@effort.command("stop", epilog="Example: crosspost effort stop linkedin")
@click.argument("channel")
@click.option("--hours", help="The hours spent, instead of those it ran; `unknown` if nobody knows.")
@json_option
@click.pass_obj
def stop(app: App, channel: str, hours: str | None, as_json: bool) -> None:
    """Stop a timer and record its hours. One that was forgotten asks how many they were."""
    from crosspost.commands.efforts import LONGEST, running, stop_timer

    ran = running(app.store, app.brand.id, app.clock.now(), channel)
    if hours is None and ran > LONGEST and sys.stdin.isatty():
        spent = _answer(f"it ran for {ran.total_seconds() / 3600:.1f} h: how many were spent? (enter: not known)")
        told = True
    else:
        spent, told = (None, False) if hours is None else (_hours(hours), True)
    done = stop_timer(app.store, app.brand, app.clock.now(), channel, hours=spent, told=told)
    if as_json:
        emit_json({"channel": done.channel, "started": done.started_at, "hours": done.hours, "id": done.effort_id})
    else:
        shown = "hours not known" if done.hours is None else f"{done.hours:.2f} h"
        click.echo(f"{done.channel}: {shown}, recorded")


@effort.command("week", epilog="Example: crosspost effort week --hours linkedin=2.5 --hours x=unknown")
@click.option("--week-of", help="A day of the week (default: today).")
@click.option(
    "--hours", "given", multiple=True, help="Instead of asking: NETWORK=HOURS, or NETWORK=unknown; repeatable."
)
@click.option("--fees", multiple=True, help="What was paid: NETWORK=AMOUNT; may be repeated.")
@click.option("--currency", help="ISO 4217; the brand's own when not given.")
@json_option
@click.pass_obj
def week(app: App, week_of: str | None, given: tuple[str, ...], fees: tuple[str, ...], currency: str | None,
         as_json: bool) -> None:  # fmt: skip
    """Ask for the hours of a week, network by network. Enter is not known; zero has to be said."""
    from crosspost.commands.efforts import record_week, to_ask

    day = _first_day(week_of, app)
    monday = day - timedelta(days=day.weekday())
    told: dict[str, Decimal | None] = {}
    for name, text in parse_pairs(given, "linkedin=2.5").items():
        told[folded(name)] = _hours(text)
    paid: dict[str, Decimal] = {}
    for name, text in parse_pairs(fees, "linkedin=20").items():
        amount = number(text, "fees")
        if amount is not None:
            paid[folded(name)] = amount
    if not told and not paid:
        asked = to_ask(app.store, app.brand, monday)
        if asked and not sys.stdin.isatty():
            named = " ".join(f"--hours {one.channel}=…" for one in asked)
            raise BadInput(
                "there is no terminal to ask on",
                remedy=f"crosspost effort week --week-of {monday} {named} (or unknown)",
            )
        for one in asked:
            beside = f" beside the {one.timed:.2f} timed" if one.timed else ""
            answer = _answer(f"hours on {one.channel} in the week of {monday}{beside} (enter: not known)")
            if answer is not None or not one.timed:  # the timed hours are recorded already
                told[one.channel] = answer
    done = record_week(
        app.store, app.brand, app.clock.now(), monday, told, paid, currency=currency_of(app, currency)
    )  # fmt: skip
    columns = ("channel", "hours", "status")
    rows = [(name, told.get(name), recorded.outcome.value) for name, recorded in done]
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        emit_table(f"the week of {monday}", columns, rows, empty="nothing to ask: every network's hours are told")


@effort.command("list", epilog="Example: crosspost effort list --json")
@json_option
@click.pass_obj
def list_efforts(app: App, as_json: bool) -> None:
    """List the hours and fees that are recorded, and the timers that run."""
    from crosspost.store.efforts import stored, timers

    with app.store.read(app.brand.id) as scope:
        found, open_ = stored(scope), timers(scope)
    columns = ("channel", "from", "days", "hours", "fees", "told by")
    rows = [
        (one.effort.channel, one.effort.start.isoformat(), one.effort.days, one.effort.hours,
         None if one.effort.fees is None else str(one.effort.fees), one.source) for one in found
    ]  # fmt: skip
    if as_json:
        emit_json({
            "efforts": [dict(zip(columns, row, strict=True)) for row in rows],
            "timers": [{"channel": name, "since": since} for name, since in open_.items()],
        })  # fmt: skip
        return
    emit_table("efforts", columns, rows, empty="none yet: crosspost effort add, start or week")
    for name, since in open_.items():
        click.echo(f"a timer runs on {name} since {since:%Y-%m-%d %H:%M} UTC")


def _hours(text: str) -> Decimal | None:
    """A number of hours; None for what nobody knows. Raises BadInput."""
    return None if text.strip().casefold() in UNKNOWN else number(text.strip(), "hours")


def _answer(question: str) -> Decimal | None:
    """What a person at the terminal says; asked again where it is no number: what they said before is not lost."""
    while True:
        try:
            return _hours(click.prompt(question, default="", show_default=False, err=True))
        except BadInput as error:
            click.echo(str(error), err=True)


def _first_day(text: str | None, app: App) -> date:
    from crosspost.clock import zone
    from crosspost.commands.efforts import monday

    if text is None:
        return monday(app.clock.now(), zone(app.brand.zone))
    try:
        return ordinary(date.fromisoformat(text))
    except ValueError:
        raise BadInput(f"{text!r} is not a day", remedy="write 2026-05-04") from None
