"""`crosspost account`."""

from __future__ import annotations

import json
import sys

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, parse_pairs, printable
from crosspost.domain.brand import Account
from crosspost.domain.errors import BadInput
from crosspost.secret import Secret


def _fields(account: Account) -> dict[str, object]:
    return {
        "id": account.id, "network": account.network, "handle": account.handle, "server": account.server,
        "remote_id": account.remote_id, "slots": list(account.slots), "settings": account.settings,
        "blocked_reason": account.blocked_reason,
    }  # fmt: skip


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
@click.option("--handle", default="", help="Your name on the network, where it is needed to log in (Bluesky).")
@click.option("--slot", "slots", multiple=True, help='Queue slot in the brand\'s zone: "tue 09:00", or "09:00".')
@click.option("--setting", "settings", multiple=True, help="Override of the network, such as text_limit=25000.")
@json_option
@click.pass_obj
def connect(app: App, network: str, server: str | None, handle: str, slots: tuple[str, ...],
            settings: tuple[str, ...], as_json: bool) -> None:  # fmt: skip
    """Connect an account. Tokens are read from standard input and verified by a real read before they are saved."""
    from crosspost.domain.slots import parse_slot
    from crosspost.networks import network as adapter_of

    adapter = adapter_of(network)
    for slot in slots:
        parse_slot(slot)
    brand = app.brand
    given = parse_settings(settings)
    secrets = _read_secrets(list(adapter.secrets))
    made, profile = app.connector.connect(
        brand, network, secrets, server=server, handle=handle, slots=slots, settings=given
    )
    if as_json:
        emit_json({**_fields(made), "notes": list(profile.notes)})
        return
    click.echo(f"{network} account {printable(made.handle)} of {brand.slug} connected")
    for note in profile.notes:
        click.echo(f"  note: {printable(note)}")


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
            (one.network, one.handle, one.server, ", ".join(one.slots) or None, one.blocked_reason or "connected")
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

    from crosspost.domain.slots import parse_slot
    from crosspost.store.brands import change_account

    for slot in slots:
        parse_slot(slot)
    found = app.connector.account(app.brand, name)
    merged = {**found.settings, **parse_settings(settings)}
    changed = replace(
        found, slots=slots or found.slots, settings={key: value for key, value in merged.items() if value}
    )
    with app.store.write(app.brand.id) as scope:
        change_account(scope, found.id, slots=changed.slots, settings=changed.settings)
    if as_json:
        emit_json(_fields(changed))
    else:
        click.echo(f"{found.network} account {printable(found.handle)} changed")
