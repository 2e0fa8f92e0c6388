"""`crosspost backup`, `restore`."""

from __future__ import annotations

from pathlib import Path

import click

from crosspost.cli.asking import read_secret
from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option
from crosspost.cli.plan import who


def _refuse_mixed_keys(app: App) -> None:
    """A backup takes one key along: secrets under another one would be lost with it."""
    from crosspost.commands.rotate import status
    from crosspost.domain.errors import Conflict

    found = status(app.store, app.vault)
    if found.older or found.unfinished:
        raise Conflict(f"{found.older} secrets are sealed under an older key", remedy="crosspost key rotate")


@click.command(epilog="Example: crosspost backup /media/usb/crosspost-2026-06-01.zip")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-key", is_flag=True, help="Take the master key along, under a passphrase from standard input.")
@json_option
@click.pass_obj
def backup(app: App, file: Path, with_key: bool, as_json: bool) -> None:
    """Write database, hit log and images into one new file. Nothing is stopped for it."""
    from crosspost.commands.backup import backup as write

    if with_key:
        _refuse_mixed_keys(app)
    passphrase = read_secret("passphrase", again=True) if with_key else None
    key = app.vault.key if with_key else None
    done = write(app.store.database, app.settings.data_dir, file, now=app.clock.now(), key=key, passphrase=passphrase)
    if as_json:
        emit_json(done)
        return
    click.echo(f"{done.file}: {done.bytes:,} bytes, as of {done.made_at:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(f"  {done.database} database (schema {done.schema}), which holds the tokens, sealed")
    click.echo(f"  {done.segments} segments of the hit log, {done.attachments} images")
    if done.purge_at is not None:
        click.echo(
            f"  from {done.purge_at:%Y-%m-%d} on it holds what networks' rules say must go: a purge reaches it here"
        )
    if done.holds_key:
        click.echo("  the master key, under your passphrase: whoever has both has the tokens")
    click.echo("not in it:")
    for one in done.left_out:
        click.echo(f"  {one}")


@click.command(epilog="Example: crosspost restore crosspost-2026-06-01.zip --into /var/lib/crosspost")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--into", required=True, type=click.Path(path_type=Path, file_okay=False), help="The data folder, new or empty."
)
@click.option("--with-key", is_flag=True, help="Take the master key out of it: its passphrase on standard input.")
@json_option
@click.pass_obj
def restore(app: App, file: Path, into: Path, with_key: bool, as_json: bool) -> None:
    """Bring a backup back. What may have gone out since starts as unknown, and nothing is sent before you say so."""
    from crosspost.commands.restore import DATABASE
    from crosspost.commands.restore import restore as bring_back
    from crosspost.domain.windows import BootTime

    settings, clock = app.settings, app.clock
    url = settings.database_url
    workers = [settings.data_dir / "workers", settings.data_dir / f"{DATABASE}.workers"]
    if url.startswith("sqlite:///"):
        workers.append(Path(f"{url.removeprefix('sqlite:///')}.workers"))
    done = bring_back(
        file, into.absolute(), now=clock.now(), boot=BootTime(clock.boot_id(), clock.boot_s()), who=who(),
        passphrase=(lambda: read_secret("passphrase", again=False)) if with_key else None,
        database_url=settings.database or None, workers=workers,
    )  # fmt: skip
    if as_json:
        emit_json(done)
        return
    click.echo(f"{done.data_dir}: {done.brands} brands as of {done.made_at:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(f"  {done.doubted} deliveries may have gone out since: they are looked for, not sent again")
    click.echo(
        f"  {done.feeds} feeds are seeded again, {done.articles} waiting articles are not announced by themselves"
    )
    click.echo(f"  the master key: {'restored' if done.key else 'not restored'}")
    click.echo("held: nothing is sent. Next:")
    for step in done.next_steps:
        click.echo(f"  {step}")
