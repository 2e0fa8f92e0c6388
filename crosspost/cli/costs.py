"""`crosspost costs` and `budget`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.errors import BadInput


def _month(text: str | None, now: datetime) -> datetime:
    """The first instant of `2026-11`, UTC; of this month without one. Raises BadInput."""
    if text is None:
        return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise BadInput(f"{text!r} is not a month", remedy="write 2026-11")
    return datetime.fromisoformat(f"{text}-01").replace(tzinfo=UTC)


def _limit(text: str | None, option: str) -> Decimal | None:
    from crosspost.domain.costs import money

    return None if text is None else money(text, option)


@click.command(epilog="Example: crosspost costs --month 2026-11 --account x")
@click.option("--month", help="Which month (UTC), such as 2026-11; this one if left out.")
@click.option("--account", help="Only this account: its id, network, or network:handle.")
@json_option
@click.pass_obj
def costs(app: App, month: str | None, account: str | None, as_json: bool) -> None:
    """What the networks' paid requests came to, and how the budgets stand."""
    from crosspost.commands.costs import report

    now = app.clock.now()
    only = app.connector.account(app.brand, account) if account else None
    found = report(app.store, app.brand, _month(month, now), now, only)
    if as_json:
        emit_json(found)
        return
    emit_table(f"spent in {found.month} (UTC)", ("account", "action", "requests", "units", "amount", "of it unsure"), [
        (one.account, one.action.replace("_", " "), one.requests, one.units, f"{one.amount} {one.currency}",
         one.unsure or None)
        for one in found.rows
    ], empty="nothing")  # fmt: skip
    for currency, whole in found.totals.items():
        click.echo(f"together: {whole} {currency}")
    if any(one.unsure for one in found.rows):
        click.echo("unsure: nothing proves that the network took the request; it is counted as spent")
    emit_table("budgets", ("of", "spent today", "a day", "spent this month", "a month"), [
        (one.account or "the brand", f"{one.day_spent} {one.currency}", one.day, f"{one.month_spent} {one.currency}",
         one.month)
        for one in found.budgets
    ], empty="none: crosspost budget --account x --month 20")  # fmt: skip


@click.command(epilog="Example: crosspost budget --account x --day 1.00 --month 20")
@click.option("--account", help="Of this account alone; without it, of the brand's accounts together.")
@click.option("--day", help="The most that may be spent in a day (UTC), such as 1.00.")
@click.option("--month", help="The most that may be spent in a month (UTC).")
@click.option("--currency", default="USD", show_default=True, help="The one the network's prices are in.")
@click.option("--none", "without", is_flag=True, help="Remove the budget.")
@json_option
@click.pass_obj
def budget(app: App, account: str | None, day: str | None, month: str | None, currency: str, without: bool,
           as_json: bool) -> None:  # fmt: skip
    """Set the most that may be spent. When it is used up, what costs waits, and you are told once."""
    from crosspost.commands.costs import report, set_budget

    if without == (day is not None or month is not None):
        raise BadInput("which budget?", remedy="give --day, --month or both; or --none to remove it")
    only = app.connector.account(app.brand, account) if account else None
    set_budget(app.store, app.brand, only, currency, _limit(day, "--day"), _limit(month, "--month"))
    now = app.clock.now()
    found = report(app.store, app.brand, _month(None, now), now, only)
    if as_json:
        emit_json(found.budgets)
        return
    of = f"{only.network} {only.handle}" if only else app.brand.slug
    limits = " and ".join(f"{limit} {currency} a {word}" for word, limit in (("day", day), ("month", month)) if limit)
    click.echo(f"{printable(of)}: {printable(limits) if limits else 'no budget'}")
