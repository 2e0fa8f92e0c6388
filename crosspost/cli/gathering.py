"""`crosspost gathering`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option


@click.group(epilog="Example: crosspost gathering list")
def gathering() -> None:
    """Events of groups, read from their calendars."""


@gathering.command("list", epilog="Example: crosspost gathering list --since 2026-05-01 --json")
@click.option("--since", help="Only those that start on or after this day, in the brand's zone.")
@click.option("--until", help="Only those that start before this day.")
@json_option
@click.pass_obj
def list_(app: App, since: str | None, until: str | None, as_json: bool) -> None:
    """List the events that were read, in order; `crosspost lead touch` can name one."""
    from zoneinfo import ZoneInfo

    from crosspost.cli.audit import moment
    from crosspost.store.gatherings import gatherings

    with app.store.read(app.brand.id) as scope:
        found = gatherings(scope, moment(since, app), moment(until, app))
    rows = []
    for one in found:
        event = one.gathering
        wall = event.starts_at.astimezone(ZoneInfo(event.zone))
        starts = f"{wall:%Y-%m-%d}" if event.all_day else f"{wall:%Y-%m-%d %H:%M} {event.zone}"
        rows.append((one.id, event.network, starts, event.title, event.place, "cancelled" if event.cancelled else None))
    if as_json:
        emit_json([
            {"id": one.id, "network": one.gathering.network, "title": one.gathering.title,
             "starts_at": one.gathering.starts_at, "ends_at": one.gathering.ends_at, "zone": one.gathering.zone,
             "all_day": one.gathering.all_day, "place": one.gathering.place, "url": one.gathering.url,
             "cancelled": one.gathering.cancelled, "series": one.gathering.series} for one in found
        ])  # fmt: skip
    else:
        emit_table("gatherings", ("id", "network", "starts", "title", "place", "state"), rows,
                   empty="none yet: crosspost source add calendar https://www.meetup.com/my-group")  # fmt: skip
