"""`crosspost account`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, parse_pairs, printable
from crosspost.domain.brand import Account
from crosspost.domain.errors import BadInput
from crosspost.secret import Secret

if TYPE_CHECKING:
    from crosspost.commands.adoption import Adoption


def _fields(account: Account) -> dict[str, object]:
    return {
        "id": account.id, "network": account.network, "handle": account.handle, "server": account.server,
        "remote_id": account.remote_id, "slots": list(account.slots), "settings": account.settings,
        "blocked_reason": account.blocked_reason,
    }  # fmt: skip


def _state(account: Account) -> str:
    return account.blocked_reason or ("connected" if account.has_api else account.server.rstrip(":"))


def parse_settings(pairs: tuple[str, ...]) -> dict[str, str]:
    return parse_pairs(pairs, "--setting text_limit=25000")


def _read_secrets(names: list[str]) -> dict[str, Secret]:
    """Secrets come from standard input, never from an argument: a JSON object, or one prompt each on a terminal."""
    if sys.stdin.isatty():
        return {name: Secret(click.prompt(name, hide_input=True, default="", show_default=False)) for name in names}
    text = sys.stdin.read(65_536).strip()
    if not text:
        raise BadInput("no token on standard input", remedy=f'pipe a JSON object: {{"{names[0]}": "…"}}')
    if not text.startswith("{"):
        if "\n" in text:
            raise BadInput("standard input is neither one token nor a JSON object", remedy="send one of the two")
        return {names[0]: Secret(text)}
    try:
        raw = json.loads(text)
    except ValueError:
        raise BadInput("standard input is not a JSON object", remedy=f'{{"{names[0]}": "…"}}') from None
    wrong = [name for name, value in raw.items() if name not in names or not isinstance(value, str)]
    if wrong:
        raise BadInput(f"{printable(wrong[0])!r} is not a secret of this network", remedy=f"one of {', '.join(names)}")
    return {name: Secret(value) for name, value in raw.items()}


@click.group(epilog="Example: crosspost account connect mastodon --server https://mastodon.example < token.txt")
def account() -> None:
    """A brand's presence on a network."""


@account.command("connect", epilog="Example: crosspost account connect x --slot 'tue 09:00' < x-tokens.json")
@click.argument("network")
@click.option("--server", help="Origin of the API, where the owner chooses it (Mastodon, a Bluesky PDS, the sandbox).")
@click.option(
    "--handle", default="", help="Your name there, to log in (Bluesky) or to record (manual and closed networks)."
)
@click.option("--slot", "slots", multiple=True, help='Queue slot in the brand\'s zone: "tue 09:00", or "09:00".')
@click.option("--setting", "settings", multiple=True, help="Override of the network, such as text_limit=25000.")
@click.option("--adopt/--no-adopt", default=True, help="Read in what a new account posted in the last year.")
@json_option
@click.pass_obj
def connect(app: App, network: str, server: str | None, handle: str, slots: tuple[str, ...],
            settings: tuple[str, ...], adopt: bool, as_json: bool) -> None:  # fmt: skip
    """Connect an account. Tokens are read from standard input and verified by a real read before they are saved.

    What it posted in the last year is read in once, unless the network charges for reading or shows no list. On a
    manual or closed network there is nothing to connect to: the account is recorded by its --handle.
    """
    from crosspost.domain.kind import Kind
    from crosspost.domain.slots import parse_slot
    from crosspost.networks import adapter_of
    from crosspost.networks import network as named

    for slot in slots:
        parse_slot(slot)
    given = parse_settings(settings)
    if named(network).kind is not Kind.CONNECTOR:
        _record(app, network, server, handle, slots, given, as_json)
        return
    wanted = adapter_of(network)
    brand = app.brand
    secrets = _read_secrets(list(wanted.secrets))
    made, profile = app.connector.connect(
        brand, network, secrets, server=server, handle=handle, slots=slots, settings=given
    )
    adoption, note = _adopted_once(app, made) if adopt else (None, None)
    notes = [*profile.notes, *([note] if note else [])]
    if as_json:
        emit_json({**_fields(made), "notes": notes, "adopted": adoption})
        return
    click.echo(f"{network} account {printable(made.handle)} of {brand.slug} connected")
    if adoption is not None:
        _show(adoption)
    for note in notes:
        click.echo(f"  note: {printable(note)}")


def _adopted_once(app: App, made: Account) -> tuple[Adoption | None, str | None]:
    """What a new account posted before, read in; or why it was not. A failure leaves the account connected."""
    from crosspost.cli.plan import who
    from crosspost.commands.adoption import ADOPTED, adopt
    from crosspost.domain.errors import CrosspostError
    from crosspost.networks import adapter_of
    from crosspost.networks.network import Lister

    adapter = adapter_of(made.network)
    later = f"crosspost account adopt {made.network}:{made.handle}"
    if made.settings.get(ADOPTED) or not issubclass(adapter, Lister):
        return None, None
    if getattr(adapter, "paid", False):
        return None, f"earlier posts are not read in by themselves, for {adapter.title} charges for reading: {later}"
    try:
        found = adopt(
            app.store, app.brand, made, app.connector.open, app.clock.now(), who=who(), locks=app.account_locks,
            key=lambda: app.person_key(app.brand.id),
        )  # fmt: skip
    except CrosspostError as error:
        return None, f"earlier posts were not read in ({error.message}): {later}"
    return found, None


def _show(found: Adoption) -> None:
    click.echo(
        f"{printable(found.account)}: {found.listed} posts since {found.since:%Y-%m-%d}, {found.added} of them new; "
        f"{found.readings} readings"
    )
    if found.replies:
        click.echo(f"  {found.replies} replies to others were left out")
    if found.partial:
        reaches = f", back to {found.reaches_back_to:%Y-%m-%d}" if found.reaches_back_to else ""
        click.echo(f"  PARTIAL{reaches}: {printable(found.partial)}")
    if found.left:
        click.echo(f"  the numbers of {found.left} posts are read in the next rounds of `crosspost run`")
    for adopted in found.links:
        click.echo(f"  adopted the link {adopted.code} → {printable(adopted.target)} ({printable(adopted.why)})")
    for code, post in found.homeless:
        click.echo(f"  NOT adopted {code}: nothing says where it should lead; its post: {printable(post)}")
    for problem in found.problems:
        click.echo(f"  problem: {printable(problem)}")


@account.command("adopt", epilog="Example: crosspost account adopt mastodon --since 2024-01-01")
@click.argument("name")
@click.option("--since", help="How far back, in the brand's zone (default: a year).")
@json_option
@click.pass_obj
def adopt_(app: App, name: str, since: str | None, as_json: bool) -> None:
    """Read in what an account posted before: text, link, time and numbers. Reading rights are enough; twice adds only
    what is new."""
    from crosspost.cli.audit import moment
    from crosspost.cli.plan import who
    from crosspost.commands.adoption import adopt

    now, back = app.clock.now(), moment(since, app)
    if back is not None and back >= now:
        raise BadInput("that has not come yet", remedy="--since 2024-01-01")
    found = adopt(
        app.store, app.brand, app.connector.account(app.brand, name), app.connector.open, now, who=who(), since=back,
        locks=app.account_locks, key=lambda: app.person_key(app.brand.id),
    )  # fmt: skip
    if as_json:
        emit_json(found)
    else:
        _show(found)


def _record(app: App, network: str, server: str | None, handle: str, slots: tuple[str, ...], settings: dict[str, str],
            as_json: bool) -> None:  # fmt: skip
    from crosspost.networks import network as named

    found = named(network)
    if server:
        raise BadInput(f"{found.title} has no server to speak to", remedy="leave --server out")
    made = app.connector.record(app.brand, network, handle=handle, slots=slots, settings=settings)
    note = "nothing was read: " + (
        "you post by hand what crosspost prepares, and tell it the address and the numbers"
        if made.by_hand
        else "the network is closed. Its history can be imported, and leads can name it"
    )
    if as_json:
        emit_json({**_fields(made), "notes": [note]})
        return
    click.echo(f"{network} account {printable(made.handle)} of {app.brand.slug} recorded")
    click.echo(f"  note: {note}")


@account.command("list", epilog="Example: crosspost account list --brand lea")
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """List the brand's accounts."""
    from crosspost.store.brands import accounts

    with app.store.read(app.brand.id) as scope:
        found = accounts(scope)
    if as_json:
        emit_json([_fields(one) for one in found])
    else:
        emit_table(f"accounts of {app.brand.slug}", ("network", "handle", "server", "slots", "state"), [
            (one.network, one.handle, one.server if one.has_api else None, ", ".join(one.slots) or None, _state(one))
            for one in found
        ], empty="none yet: crosspost account connect NETWORK")  # fmt: skip


@account.command("set", epilog="Example: crosspost account set mastodon --slot 09:00 --slot 'fri 17:30'")
@click.argument("name")
@click.option("--slot", "slots", multiple=True, help="Queue slots, replacing those there are.")
@click.option("--setting", "settings", multiple=True, help="name=value; an empty value removes it.")
@json_option
@click.pass_obj
def set_(app: App, name: str, slots: tuple[str, ...], settings: tuple[str, ...], as_json: bool) -> None:
    """Change an account's slots and overrides."""
    from dataclasses import replace

    from crosspost.commands.costs import prices_of
    from crosspost.domain.slots import parse_slot
    from crosspost.networks import network as named
    from crosspost.store.brands import change_account

    for slot in slots:
        parse_slot(slot)
    found = app.connector.account(app.brand, name)
    merged = {**found.settings, **parse_settings(settings)}
    changed = replace(
        found, slots=slots or found.slots, settings={key: value for key, value in merged.items() if value}
    )
    prices_of(named(found.network), changed.settings)
    with app.store.write(app.brand.id) as scope:
        change_account(scope, found.id, slots=changed.slots, settings=changed.settings)
    if as_json:
        emit_json(_fields(changed))
    else:
        click.echo(f"{found.network} account {printable(found.handle)} changed")
