"""`crosspost hypothesis`."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from crosspost.cli.audit import moment
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import who
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.commands.hypotheses import Locked
    from crosspost.domain.hypothesis import Hypothesis

METHODS = (*(f"A{number}" for number in range(1, 13)), "H2")


@click.group(epilog="Example: crosspost --brand lea hypothesis lock H1a --margin 10%")
def hypothesis() -> None:
    """What you claim, written down before you look: every later report prints its hash."""


@hypothesis.command(epilog="Example: crosspost --brand lea hypothesis lock H1a --margin 5% --until 2028-01-01")
@click.argument("key")
@click.option("--as", "name", help="Another key for a ready-made one, to lock it twice: at another margin, later.")
@click.option("--claim", help="The sentence, of a hypothesis of your own. A ready-made one has its own.")
@click.option("--outcome", help="What is measured, of a hypothesis of your own.")
@click.option("--method", help="The audit that answers it, of a hypothesis of your own: A1 … A12.")
@click.option("--unit", help="The unit of the margin, of a hypothesis of your own (default: share).")
@click.option("--answers", help="The key of the audit's claim whose margin it fixes, such as clients_under_10.")
@click.option("--margin", help="What the claim is held against: 0.10, or 10%. It cannot be changed later.")
@click.option("--since", help="First day of its period, in the brand's zone (default: tomorrow).")
@click.option("--until", help="Day after the last one (default: no end).")
@json_option
@click.pass_obj
def lock(app: App, key: str, name: str | None, claim: str | None, outcome: str | None, method: str | None,
         unit: str | None, answers: str | None, margin: str | None, since: str | None, until: str | None,
         as_json: bool) -> None:  # fmt: skip
    """Write a hypothesis to a file with a hash, before its data are looked at."""
    from crosspost.commands import hypotheses

    own = {"--claim": claim, "--outcome": outcome, "--method": method, "--unit": unit, "--answers": answers}
    start = moment(since, app) or _tomorrow(app)
    wanted = _wanted(key, name, own, margin, start, moment(until, app))
    found = hypotheses.lock(
        app.store, app.brand, wanted, app.settings.hypotheses_dir, app.clock.now(), who=who()
    )  # fmt: skip
    if as_json:
        emit_json(_fields(found))
        return
    click.echo(f"{printable(found.lock.told())}\nfile: {found.file}")


def _tomorrow(app: App) -> datetime:
    """The next midnight of the brand: nobody can have seen anything of it."""
    from crosspost.clock import zone

    here = zone(app.brand.zone)
    return datetime.combine(app.clock.now().astimezone(here).date() + timedelta(days=1), time.min, here)


def _wanted(
    key: str, name: str | None, own: dict[str, str | None], margin: str | None, since: datetime, until: datetime | None
) -> Hypothesis:
    from crosspost.domain.hypothesis import KNOWN, Hypothesis, margin_text

    ready = next((one for one in KNOWN if one.key.casefold() == key.casefold()), None)
    if ready is not None:
        if given := [option for option, value in own.items() if value is not None]:
            raise BadInput(f"{ready.key} is ready-made: {', '.join(given)} cannot be given", remedy="choose a key")
        value = ready.margin if margin is None else _margin(margin, ready.unit)
        told = ready.claim.format(margin=margin_text(value, ready.unit))
        return Hypothesis(
            name or ready.key, told, ready.outcome, value, ready.unit, ready.method, since, until, ready.answers
        )
    lacking = [option for option in ("--claim", "--outcome", "--method") if not (own[option] or "").strip()]
    if margin is None:
        lacking.append("--margin")
    if lacking or margin is None:
        raise BadInput(
            f"a hypothesis of your own needs {', '.join(lacking)}",
            remedy="or take a ready-made one: crosspost hypothesis list --known",
        )
    method = str(own["--method"]).strip().upper()
    if method not in METHODS:
        raise BadInput(f"no audit is called {own['--method']!r}", remedy="one of A1 to A12, or H2 for those who react")
    unit = own["--unit"] or "share"
    return Hypothesis(
        name or key, str(own["--claim"]), str(own["--outcome"]), _margin(margin, unit), unit, method,
        since, until, own["--answers"],
    )  # fmt: skip


def _margin(text: str, unit: str) -> float:
    """A share as 0.10 or 10%, else a plain number; never under zero. Raises BadInput."""
    plain = text.strip()
    try:
        value = Decimal(plain.rstrip(" %\u00a0\u202f")) / (100 if plain.endswith("%") else 1)
    except InvalidOperation:
        value = Decimal("NaN")
    most = 1 if unit in ("share", "share a year") else 1_000_000
    if not value.is_finite() or not 0 <= value < most or (unit in ("share", "ratio") and not value):
        raise BadInput(
            f"{text!r} is not a margin in {unit}",
            remedy="write 0.10 or 10% of a share, else a number, and none under zero",
        )
    return float(value)


@hypothesis.command("list", epilog="Example: crosspost --brand lea hypothesis list --known")
@click.option("--known", is_flag=True, help="Those that are ready-made, with the data each needs.")
@json_option
@click.pass_obj
def list_(app: App, known: bool, as_json: bool) -> None:
    """List what was locked, and how each lock stands."""
    if known:
        _list_known(as_json)
        return
    found = _standing(app)
    if as_json:
        emit_json([_fields(one) for one in found])
        return
    emit_table("locked hypotheses", ("key", "claim", "margin", "locked", "hash", "lock"), [
        (one.lock.key, one.lock.claim, one.lock.margin, one.lock.locked_at, one.lock.hash[:12], _state(one))
        for one in found
    ], empty="none yet: crosspost hypothesis list --known shows those that are ready-made")  # fmt: skip


def _list_known(as_json: bool) -> None:
    from crosspost.domain.hypothesis import KNOWN, margin_text

    if as_json:
        emit_json([
            {"key": one.key, "claim": one.claim, "outcome": one.outcome, "margin": one.margin, "unit": one.unit,
             "method": one.method, "needs": one.needs, "answers": one.answers}
            for one in KNOWN
        ])  # fmt: skip
        return
    emit_table("ready-made hypotheses", ("key", "claim", "by", "needs"), [
        (one.key, one.claim.format(margin=margin_text(one.margin, one.unit)), one.method, one.needs) for one in KNOWN
    ])  # fmt: skip


@hypothesis.command(epilog="Example: crosspost --brand lea hypothesis show H1a")
@click.argument("key")
@json_option
@click.pass_obj
def show(app: App, key: str, as_json: bool) -> None:
    """Show one lock: every word that was hashed, and where its file is."""
    from crosspost.domain.hypothesis import written
    from crosspost.store import hypotheses

    with app.store.read(app.brand.id) as scope:
        stored = hypotheses.of_key(scope, key)
    found = next(one for one in _standing(app) if one.lock.key == key)
    if as_json:
        emit_json({**_fields(found), "content": stored.content})
        return
    click.echo(written(stored.content))
    click.echo(f"{printable(found.lock.told())}\nfile: {found.file}")


@hypothesis.command(epilog="Example: crosspost --brand lea hypothesis check")
@json_option
@click.pass_obj
@click.pass_context
def check(context: click.Context, app: App, as_json: bool) -> None:
    """Compare every lock with its file and its stored copy; the exit code is 1 where something changed."""
    found = _standing(app)
    if as_json:
        emit_json([_fields(one) for one in found])
    for one in [] if as_json else found:
        click.echo(printable(one.lock.told()))
    if any(one.changes for one in found):
        context.exit(1)


def _standing(app: App) -> list[Locked]:
    from crosspost.commands.hypotheses import standing

    with app.store.read(app.brand.id) as scope:
        return standing(scope, app.brand, app.settings.hypotheses_dir)


def _state(one: Locked) -> str:
    if one.changes:
        return "changed after locking"
    return "locked after looking: exploratory" if one.lock.looked else "as locked"


def _fields(one: Locked) -> dict[str, object]:
    lock = one.lock
    return {
        "key": lock.key, "claim": lock.claim, "outcome": lock.outcome, "margin": lock.margin, "unit": lock.unit,
        "method": lock.method, "since": lock.since, "until": lock.until, "answers": lock.answers, "hash": lock.hash,
        "locked_at": lock.locked_at, "state": _state(one), "changed": list(one.changes), "looked": lock.looked,
        "remark": lock.remark, "file": one.file,
    }  # fmt: skip
