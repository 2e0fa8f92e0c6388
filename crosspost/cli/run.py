"""`crosspost run`."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option, printable


@click.command(epilog="Example: crosspost run --once --json")
@click.option("--once", is_flag=True, help="One round of every duty, then stop: for cron, or to see what it does.")
@json_option
@click.pass_obj
def run(app: App, once: bool, as_json: bool) -> None:
    """Publish what is due, read feeds and metrics, fold hits, until stopped (Ctrl-C ends after what is in flight)."""
    from crosspost.scheduler import run as tick

    app.log_to_file()
    with app.duties() as duties:
        for slug in duties.monthly.strangers() if duties.monthly else ():
            click.echo(f"monthly_reports: no brand is called {printable(slug)}: crosspost brand list", err=True)
        if once:
            upcoming = duties.once(app.clock.now)
            if as_json:
                emit_json({"next": upcoming})
            else:
                at = min((one for one in upcoming.values() if one is not None), default=None)
                click.echo(f"one round done; next: {at.isoformat() if at else 'nothing planned'}")
            return
        stop = Event()
        app.join_virtual_clock()

        def end(_signal: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        if as_json:
            emit_json({"running": True, "database": app.store.database.dialect})
        else:
            click.echo("running; Ctrl-C stops")
        tick(app.clock, duties.all(), stop)
