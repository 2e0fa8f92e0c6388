"""What the commands that record business share: numbers, keys, and how the outcome is told."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, printable
from crosspost.domain.errors import BadInput
from crosspost.secret import Secret

if TYPE_CHECKING:
    from crosspost.domain.telling import Rules
    from crosspost.store.business import Recorded


def number(text: str | None, what: str) -> Decimal | None:
    """A plain decimal number. Raises BadInput."""
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadInput(f"{what} {text!r} is not a number", remedy="write 1200.00")
    return value


def own_id(text: str | None, app: App) -> str:
    """The owner's id, else one that is made here: it is shown, and the commands that follow take it.

    Raises BadInput for a blank one.
    """
    from crosspost.domain.ids import new_id

    if text is None:
        return new_id(app.clock.now())
    if not text.strip():
        raise BadInput("the id is blank", remedy="give one such as L12, or leave --id out")
    return text.strip()


def person_key(app: App, *persons: object) -> Secret | None:
    """The brand's key where somebody is to be hashed."""
    return app.person_key(app.brand.id) if any(one not in (None, ()) for one in persons) else None


def currency_of(app: App, text: str | None) -> str:
    """The currency given, else the brand's own."""
    return (text or app.brand.currency).upper()


def rules_of(app: App) -> Rules:
    """The rules by which this brand's answers are read. Raises BadInput."""
    from crosspost.commands.told import read_rules

    return read_rules(app.settings.told_file, app.brand.slug)


def say(what: str, done: Recorded, id_: str, as_json: bool) -> None:
    """Tell what became of one fact."""
    if as_json:
        emit_json({"status": done.outcome.value, "id": id_, "differs": list(done.differences)})
        return
    fields = f" ({', '.join(done.differences)})" if done.differences else ""
    kept = "; what was recorded first is kept" if done.outcome.value == "differs" else ""
    click.echo(f"{what} {done.outcome.value}: {printable(id_)}{fields}{kept}")


def say_removed(what: str, id_: str, as_json: bool) -> None:
    """Tell that a wrong entry is gone."""
    if as_json:
        emit_json({"status": "removed", "id": id_})
        return
    click.echo(f"{what} removed: {printable(id_)}. What it said is in the trail; recording it by hand takes it back.")
