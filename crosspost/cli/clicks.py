"""`crosspost clicks`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from crosspost.cli.audit import moment
from crosspost.cli.context import App
from crosspost.cli.output import Command, emit_json, emit_table, json_option, printable
from crosspost.cli.plan import who
from crosspost.domain.errors import BadInput
from crosspost.domain.period import Period
from crosspost.domain.traffic import Judgement, as_range, people

_BY = ("link", "network", "post", "day")
_ALWAYS = datetime.fromisoformat("1970-01-01T00:00:00+00:00"), datetime.fromisoformat("2200-12-30T00:00:00+00:00")


def period_options(command: Command) -> Command:
    """--since and --until."""
    command = click.option("--until", help="Before this day or time, in the brand's zone.")(command)
    return click.option("--since", help="From this day or time on, in the brand's zone.")(command)


def period_of(app: App, since: str | None, until: str | None) -> Period | None:
    """What they say; None for all time. Raises BadInput."""
    if since is None and until is None:
        return None
    start, end = moment(since, app) or _ALWAYS[0], moment(until, app) or _ALWAYS[1]
    if end < start:
        raise BadInput("the period would end before it starts", remedy="check --since and --until")
    return Period(start, end)


@click.group(invoke_without_command=True, epilog="Example: crosspost clicks --by network --since 2026-10-01")
@click.option("--by", type=click.Choice(_BY), default="link", show_default=True, help="What is summed up.")
@period_options
@json_option
@click.pass_obj
@click.pass_context
def clicks(ctx: click.Context, app: App, by: str, since: str | None, until: str | None, as_json: bool) -> None:
    """Who followed the links: surely people … possibly people; previews and crawlers are counted apart.

    Judged by rules that are listed in docs/links.md; days are UTC's.
    """
    from crosspost.commands.clicks import clicks as clicks_of

    if ctx.invoked_subcommand is not None:
        return
    found = clicks_of(app.store, app.brand, by, period_of(app, since, until))
    if as_json:
        emit_json([
            {by: one.name, "about": one.about, "people": people(one.hits)[0], "possibly": people(one.hits)[1],
             "previews": one.hits.get(Judgement.PREVIEW, 0), "crawlers": one.hits.get(Judgement.CRAWLER, 0)}
            for one in found
        ])  # fmt: skip
        return
    emit_table(f"clicks of {app.brand.slug} by {by}", (by, "people", "previews", "crawlers", "about"), [
        (one.name, as_range(one.hits), one.hits.get(Judgement.PREVIEW, 0), one.hits.get(Judgement.CRAWLER, 0),
         one.about) for one in found
    ], empty="no hits yet")  # fmt: skip


@clicks.command("excluded", epilog="Example: crosspost clicks excluded --since 2026-10-01")
@period_options
@json_option
@click.pass_obj
def excluded(app: App, since: str | None, until: str | None, as_json: bool) -> None:
    """What was not counted as people, and by which rule. `unsure` is counted as possibly people."""
    from crosspost.commands.clicks import not_counted, unknown

    found, nobodys = not_counted(app.store, app.brand, period_of(app, since, until)), unknown(app.store)
    if as_json:
        emit_json({"rules": found, "unknown_codes": nobodys})
        return
    emit_table(f"not counted of {app.brand.slug}", ("hits", "judgement", "rule", "why"), [
        (one.hits, one.judgement.value, one.rule, one.why) for one in found
    ], empty="nothing")  # fmt: skip
    click.echo(f"{nobodys} hits on codes that answered nobody, over all brands")


@clicks.command("rejudge", epilog="Example: crosspost clicks rejudge --dry-run")
@click.option("--since", help="Only hits from this day or time on, in the brand's zone.")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@json_option
@click.pass_obj
def rejudge(app: App, since: str | None, dry_run: bool, as_json: bool) -> None:
    """Judge the stored hits again under today's rules, and show what changed. No hit is lost."""
    from crosspost.commands.rejudge import rejudge as rejudge_all

    done = rejudge_all(
        app.store, app.brand, app.clock.now(), who=who(), since=moment(since, app), dry_run=dry_run
    )  # fmt: skip
    if as_json:
        emit_json({
            "ruleset": done.ruleset, "hits": done.hits, "older": done.older, "dry_run": dry_run,
            "changed": sum(one.hits for one in done.changes), "changes": list(done.changes),
        })  # fmt: skip
        return
    emit_table("would change" if dry_run else "changed", ("hits", "was", "by rule", "is now", "by rule"), [
        (one.hits, one.was.value, one.was_by, one.now.value, one.now_by) for one in done.changes
    ], empty="nothing")  # fmt: skip
    click.echo(f"{done.hits} hits judged under {done.ruleset}, {done.older} of them last under older rules")


@clicks.command("export", epilog="Example: crosspost clicks export --out hits.csv")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The CSV file to write.")
@period_options
@json_option
@click.pass_obj
def export(app: App, out: Path, since: str | None, until: str | None, as_json: bool) -> None:
    """Every hit that is kept as one row of CSV, with its judgement and rule. It holds no visitor's address."""
    from crosspost.commands.clicks import export as write

    rows = write(app.store, app.brand, out, period_of(app, since, until))
    if as_json:
        emit_json({"file": str(out), "rows": rows})
    else:
        click.echo(f"{printable(out)}: {rows} hits")
