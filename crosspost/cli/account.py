"""`crosspost account`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, parse_pairs, printable
from crosspost.domain.brand import READ_ONLY, Account
from crosspost.domain.errors import BadInput
from crosspost.domain.login import Life, Login

if TYPE_CHECKING:
    from crosspost.commands.adoption import Adoption


def _fields(account: Account) -> dict[str, object]:
    return {
        "id": account.id, "network": account.network, "handle": account.handle, "server": account.server,
        "remote_id": account.remote_id, "slots": list(account.slots), "settings": account.settings,
        "blocked_reason": account.blocked_reason,
    }  # fmt: skip


def _state(account: Account) -> str:
    if account.blocked_reason or account.has_api:
        return account.blocked_reason or ("reading only" if account.read_only else "connected")
    return account.server.rstrip(":")


def _known(app: App, account: Account) -> tuple[Login | None, dict[str, Life]]:
    """What is known of the account's tokens, unopened."""
    from crosspost.commands.refresh import login_for
    from crosspost.store.credentials import lives

    with app.store.read(account.brand_id) as scope:
        return login_for(account), lives(scope, account.id)


def _connection(app: App, account: Account) -> dict[str, object]:
    """When the connection ends and what it may, as far as the network told."""
    login, known = _known(app, account)
    life = known.get(login.used or login.access) if login else None
    return {
        "read_only": account.read_only,
        "ends_at": life.expires_at if life else None,
        "scopes": list(life.scopes) if life and life.scopes is not None else None,
        "connected_at": life.connected_at if life else None,
        "problem": life.problem if life else None,
    }


def _about(app: App, account: Account, *, asked_for: tuple[str, ...], brought: bool) -> list[str]:
    """What the owner should know of a connection that was just made."""
    from crosspost.commands.refresh import renewable, why_not
    from crosspost.domain.brand import READING_ONLY

    notes = [READING_ONLY + (": the token you brought may allow more" if brought else "")] if account.read_only else []
    login, known = _known(app, account)
    life = known.get(login.used or login.access) if login else None
    if login is None or life is None:
        return notes
    if life.scopes is not None and not brought:
        wanted = asked_for or login.scopes(read_only=account.read_only)
        if missing := [one for one in wanted if one not in life.scopes]:
            notes.append(f"not granted: {', '.join(missing)}. What needs them will be refused: log in again")
    if life.expires_at is not None and (login.used or not renewable(login, known)):
        ends = f"ends on {life.expires_at:%Y-%m-%d}{' at the latest' if brought else ''}"
        why = "the network asks for a new login" if login.used else why_not(login)
        notes.append(f"{ends} ({why}): you are told 14, 7 and 2 days before")
    return notes


def _by_lot(app: App, account: Account) -> list[str]:
    """That an experiment on its network is running, which the account takes part in."""
    from crosspost.commands import text_arms
    from crosspost.store import experiments

    now = app.clock.now()
    with app.store.read(account.brand_id) as scope:
        weeks = bool(experiments.paused(scope, account.id, now))
        texts = text_arms.running(scope, account, now)
    found = ["it keeps the weeks of an experiment on its network: crosspost experiment status"] if weeks else []
    return found + ([f"its posts get texts by lot, in experiment {texts.experiment.key}"] if texts else [])


def parse_settings(pairs: tuple[str, ...]) -> dict[str, str]:
    found = parse_pairs(pairs, "--setting text_limit=25000")
    if READ_ONLY in found:
        raise BadInput("read_only is set by connecting", remedy="crosspost account connect NETWORK [--read-only]")
    return found


@click.group(epilog="Example: crosspost account connect mastodon --server https://mastodon.example < token.txt")
def account() -> None:
    """A brand's presence on a network."""


@account.command("connect", epilog="Example: crosspost account connect x --slot 'tue 09:00'")
@click.argument("network")
@click.option("--server", help="Origin of the API, where the owner chooses it (Mastodon, a Bluesky PDS, the sandbox).")
@click.option(
    "--handle", default="",
    help="Your name on the network: needed for Bluesky, and to record a manual or closed one; a login must be of it.",
)  # fmt: skip
@click.option("--slot", "slots", multiple=True, help='Queue slot in the brand\'s zone: "tue 09:00", or "09:00".')
@click.option("--setting", "settings", multiple=True, help="Override of the network, such as text_limit=25000.")
@click.option("--read-only", is_flag=True, help="Ask for reading alone: nothing can be planned for it or sent to it.")
@click.option("--paste", is_flag=True, help="Give tokens at a prompt instead of logging in.")
@click.option("--login", is_flag=True, help="Log in though standard input is no terminal: it gives the app's id.")
@click.option("--no-browser", is_flag=True, help="Print the address to open, and take the one you land on pasted.")
@click.option("--redirect", help="Where the browser is sent back to, as registered with your app.")
@click.option("--page", help="The Page or account meant, by id or name, where the login opens several.")
@click.option("--adopt/--no-adopt", default=True, help="Read in what a new account posted in the last year.")
@click.option("--scope", "scopes", multiple=True, help="Ask for exactly these permissions instead of the usual.")
@json_option
@click.pass_obj
def connect(app: App, network: str, server: str | None, handle: str, slots: tuple[str, ...],
            settings: tuple[str, ...], read_only: bool, paste: bool, login: bool, no_browser: bool,
            redirect: str | None, page: str | None, adopt: bool, scopes: tuple[str, ...],
            as_json: bool) -> None:  # fmt: skip
    """Connect an account: log in through the browser, or bring tokens on standard input.

    On a terminal the network's login opens in your browser where it has one; tokens piped to standard input are
    taken as they are. Either way the account is read before it is saved, and nothing is saved when you stop.
    What it posted in the last year is read in once, unless the network charges for reading or shows no list. On a
    manual or closed network there is nothing to connect to: the account is recorded by its --handle.
    """
    from crosspost.cli.login import Asked, read_secrets, through_browser
    from crosspost.domain.kind import Kind
    from crosspost.domain.slots import parse_slot
    from crosspost.networks import adapter_of
    from crosspost.networks import network as named

    for slot in slots:
        parse_slot(slot)
    given = parse_settings(settings)
    if named(network).kind is not Kind.CONNECTOR:
        if login or no_browser or redirect or page or scopes or read_only:
            raise BadInput(f"there is nothing to log in to on {named(network).title}", remedy="give --handle alone")
        _record(app, network, server, handle, slots, given, as_json)
        return
    wanted = adapter_of(network)
    brand = app.brand
    browser = login or no_browser or (sys.stdin.isatty() and not paste and wanted.login is not None)
    if browser and paste:
        raise BadInput("--paste brings tokens, and the others log in", remedy="leave one of them out")
    if browser:
        asked = Asked(network, server, redirect, page, scopes, read_only, no_browser)
        secrets, issued = through_browser(app, asked)
    else:
        if redirect or page or scopes:
            raise BadInput("--redirect, --page and --scope belong to a login", remedy="add --login")
        secrets, issued = read_secrets(list(wanted.secrets)), None
    made, profile = app.connector.connect(
        brand, network, secrets, server=server, handle=handle, slots=slots, settings=given, read_only=read_only,
        issued=issued,
    )  # fmt: skip
    adoption, note = _adopted_once(app, made) if adopt else (None, None)
    notes = [
        *profile.notes, *_about(app, made, asked_for=scopes, brought=issued is None), *([note] if note else []),
        *_by_lot(app, made),
    ]  # fmt: skip
    if as_json:
        emit_json({**_fields(made), **_connection(app, made), "notes": notes, "adopted": adoption})
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
    if adapter.facts.prices is not None:
        return None, f"earlier posts are not read in by themselves, for {adapter.title} charges for reading: {later}"
    try:
        found = adopt(
            app.store, app.brand, made, app.renewer.open, app.clock.now(), who=who(), locks=app.account_locks,
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
        app.store, app.brand, app.connector.account(app.brand, name), app.renewer.open, now, who=who(), since=back,
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
    nothing = "nothing was read: " + (
        "you post by hand what crosspost prepares, and tell it the address and the numbers"
        if made.by_hand
        else "the network is closed. Its history can be imported, and leads can name it"
    )
    notes = [nothing, *_by_lot(app, made)]
    if as_json:
        emit_json({**_fields(made), "notes": notes})
        return
    click.echo(f"{network} account {printable(made.handle)} of {app.brand.slug} recorded")
    for note in notes:
        click.echo(f"  note: {note}")


@account.command("list", epilog="Example: crosspost --brand lea account list")
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """List the brand's accounts."""
    from crosspost.store.brands import accounts

    with app.store.read(app.brand.id) as scope:
        found = accounts(scope)
    if as_json:
        emit_json([{**_fields(one), **_connection(app, one)} for one in found])
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
    from crosspost.domain.limits import overridden
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
    if (limits := getattr(named(found.network), "limits", None)) is not None:
        overridden(limits, changed.settings)  # refused here, not when the next article is planned
    with app.store.write(app.brand.id) as scope:
        change_account(scope, found.id, slots=changed.slots, settings=changed.settings)
    if as_json:
        emit_json(_fields(changed))
    else:
        click.echo(f"{found.network} account {printable(found.handle)} changed")


@account.command("refresh", epilog="Example: crosspost account refresh threads")
@click.argument("name")
@json_option
@click.pass_obj
def refresh(app: App, name: str, as_json: bool) -> None:
    """Renew an account's token now. `crosspost run` does it by itself, in time."""
    from crosspost.commands.refresh import VISIT_S
    from crosspost.domain.errors import Conflict, NotSent, Unavailable
    from crosspost.ownership import account_lock

    found = app.connector.account(app.brand, name)
    lock = account_lock(app.renewer.locks, found.id, wait_s=VISIT_S)
    if lock is None:
        raise Conflict(f"{found.network} {found.handle} is being used", remedy="try again in a minute")
    with lock:
        try:
            done = app.renewer.renew(found, asked=True)
        except NotSent as failure:
            raise Unavailable(failure.reason, remedy="try again later") from None
    if as_json:
        emit_json({**_fields(found), "renewed": done.done, "ends_at": done.ends_at, "problem": done.problem})
    elif done.done:
        until = f", it ends on {done.ends_at:%Y-%m-%d %H:%M} UTC" if done.ends_at else ""
        click.echo(f"{found.network} account {printable(found.handle)}: the token is renewed{until}")
    if not done.done:
        raise Unavailable(f"not renewed: {done.problem}", remedy="crosspost account connect, if it is to end soon")
