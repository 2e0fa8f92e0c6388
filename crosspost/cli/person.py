"""`crosspost person`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option
from crosspost.domain.errors import Unavailable

_PATIENCE_S = 60.0


@click.group(epilog="Example: crosspost person erase --handle mastodon:@ana@mastodon.example")
def person() -> None:
    """People whose reactions, mail or names are kept as keyed hashes."""


@person.command("erase", epilog="Example: crosspost person erase --handle bluesky:@ana.example --mail ana@example.org")
@click.option("--handle", "handles", multiple=True, help="Their name on a network, network:@name; may be repeated.")
@click.option("--mail", "mails", multiple=True, help="Their mail address; may be repeated.")
@click.option("--name", "names", multiple=True, help="A name that you wrote of them; may be repeated.")
@click.option("--click-id", "click_ids", multiple=True, help="The cpid of a link they followed; may be repeated.")
@json_option
@click.pass_obj
def erase(app: App, handles: tuple[str, ...], mails: tuple[str, ...], names: tuple[str, ...],
          click_ids: tuple[str, ...], as_json: bool) -> None:  # fmt: skip
    """Delete a person's hashes: reactions, a lead's or client's mail and names, in the backups that are known as well.

    With them go the client's name, the notes and answers of their leads, the click ids that their leads and visits
    carry, and every text that holds a name or address given here. The lead, the client and the visits themselves stay,
    as nobody's. Later readings do not bring the person back. Reports and audits that name them are written again from
    what remains; one that cannot be is emptied and says so.
    """
    from crosspost.commands.persons import erase_person
    from crosspost.commands.visits import fold_visits
    from crosspost.ownership import reports_lock

    now = app.clock.now()
    fold_visits(app.store, app.settings.visits_dir, now)  # what still waits in the log is theirs as well
    lock = reports_lock(app.account_locks, app.brand.id, _PATIENCE_S)
    if lock is None:
        raise Unavailable("a report is being written, of what was known before", remedy="try again in a minute")
    with lock:
        found = erase_person(
            app.store, app.brand.id, now, app.person_key(app.brand.id), handles=handles, mails=mails, names=names,
            click_ids=click_ids,
        )  # fmt: skip
    if as_json:
        emit_json(found)
        return
    click.echo(f"erased: {found.rows} rows knew them")
    if found.files:
        emit_table("backups and reports", ("file", "done", "why"), [
            (one.path, one.done, one.why) for one in found.files
        ])  # fmt: skip
