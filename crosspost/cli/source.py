"""`crosspost source`."""

from __future__ import annotations

from urllib.parse import urlencode

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.errors import BadInput
from crosspost.sources import KINDS


@click.group(epilog="Example: crosspost source add overblog https://lea.over-blog.com")
def source() -> None:
    """Where articles come from."""


@source.command("add", epilog="Example: crosspost source add feed https://example.org/feed.xml")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("address")
@click.option("--blog", help="Of an Overblog export: the blog's address, which the file does not say.")
@click.option("--zone", help="Of an export or calendar: the zone of times without one (default: the brand's).")
@json_option
@click.pass_obj
def add(app: App, kind: str, address: str, blog: str | None, zone: str | None, as_json: bool) -> None:
    """Add a source. The first read of a feed is seeded: what is there already is known, not published.

    ADDRESS of `overblog` is the blog's, or the XML file its administration exports; of `calendar` a Meetup group's, or
    that of any iCalendar.
    """
    from crosspost.sources import check_address
    from crosspost.store.articles import add_source

    told = {"blog": blog} if blog else {}
    if blog or kind == "calendar":
        address = f"{address.partition('#')[0]}#{urlencode({**told, 'zone': zone or app.brand.zone})}"
    elif zone:
        raise BadInput("--zone is of an export or a calendar", remedy="of an export give --blog as well")
    checked = check_address(kind, address)
    with app.store.write(app.brand.id) as scope:
        added = add_source(scope, kind, checked, app.clock.now())
    if as_json:
        emit_json({"id": added.id, "kind": added.kind, "address": added.address})
    else:
        click.echo(f"{kind} {printable(checked)} added. Next: crosspost source read")


@source.command("list", epilog="Example: crosspost source list --json")
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """List the brand's sources and how their last read went."""
    from crosspost.store.articles import sources

    with app.store.read(app.brand.id) as scope:
        found = sources(scope)
    if as_json:
        emit_json([
            {"id": one.id, "kind": one.kind, "address": one.address, "last_read_at": one.last_read_at,
             "last_problem": one.last_problem} for one in found
        ])  # fmt: skip
    else:
        emit_table("sources", ("kind", "address", "last read", "problem"), [
            (one.kind, one.address, one.last_read_at, one.last_problem) for one in found
        ], empty="none yet: crosspost source add KIND ADDRESS")  # fmt: skip


@source.command("read", epilog="Example: crosspost --brand lea source read")
@json_option
@click.pass_obj
def read(app: App, as_json: bool) -> None:
    """Read every source now and show what was decided of each item."""
    from crosspost.commands.read import read_due

    reports = read_due(app.store, app.brand, app.outbound, app.clock.now(), app.settings.feed_every_s, force=True)
    if as_json:
        emit_json([
            {
                "source": report.source, "unchanged": report.unchanged, "failed": report.failed,
                "problems": list(report.problems), "gatherings": dict(report.gatherings),
                "items": [
                    {"title": item.title, "identity": item.identity, "decision": item.decision.value,
                     "reason": item.reason} for item in report.items
                ],
            } for report in reports
        ])  # fmt: skip
    else:
        for report in reports:
            what = "nothing changed since the last read" if report.unchanged else "no articles"
            emit_table(report.source, ("decision", "title", "why"), [
                (item.decision.value, item.title, item.reason) for item in report.items
            ], empty=report.failed or what)  # fmt: skip
            if report.gatherings:
                counted = ", ".join(f"{number} {what}" for what, number in sorted(report.gatherings.items()))
                click.echo(f"  gatherings: {counted}")
            for problem in report.problems:
                click.echo(f"  problem: {printable(problem)}")
    if reports and all(report.failed for report in reports):
        raise click.exceptions.Exit(6)
