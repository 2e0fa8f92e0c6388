"""`crosspost serve`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option

log = logging.getLogger(__name__)


@click.command(epilog="Example: crosspost serve --port 8807")
@click.option("--bind", help="Address to listen on (default from the settings: 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@json_option
@click.pass_obj
def serve(app: App, bind: str | None, port: int | None, as_json: bool) -> None:
    """Answer short links, the pages and the HTTP API, and record leads, until stopped. Behind a TLS proxy:
    docs/deploy.md; who may sign in: docs/web.md."""
    from crosspost.commands.channels import read_channels
    from crosspost.commands.choices import Choices
    from crosspost.commands.keys import live_secrets, person_key
    from crosspost.commands.told import rules_at_hand
    from crosspost.hitlog.writer import HitWriter
    from crosspost.web.addresses import Addresses
    from crosspost.web.app import build
    from crosspost.web.origins import Origins, is_loopback
    from crosspost.web.serve import check_free
    from crosspost.web.serve import serve as serve_app

    app.log_to_file()
    store, vault, clock = app.store, app.vault, app.clock
    hits_dir = app.settings.hits_dir
    host = bind or app.settings.bind
    web = build(
        store,
        clock,
        HitWriter(hits_dir, clock.now),
        hits_dir,
        lambda slug: live_secrets(store, vault, slug),
        lambda brand_id: person_key(store, vault, brand_id, clock.now()),
        app.attachments,
        origins=Origins(app.settings.hosts, local=is_loopback(host)),
        addresses=Addresses(app.settings.trusted_proxies),
        choices=Choices(
            same_as=read_channels(app.settings.channels_file),
            hypotheses=app.settings.hypotheses_dir,
            rate=app.settings.hourly_rate,
        ),
        rules_of=lambda slug: rules_at_hand(app.settings.told_file, slug),
        visits=app.visits(),
    )

    shown = f"[{host}]" if ":" in host else host

    def ready(chosen: int) -> None:
        if as_json:
            emit_json({"url": f"http://{shown}:{chosen}"})
        else:
            click.echo(f"serving on http://{shown}:{chosen} (pages: /brands, health: /health); Ctrl-C stops")

    wanted = app.settings.port if port is None else port
    check_free(host, wanted)
    if not is_loopback(host) and not _has_tls(app):
        click.echo(
            f"warning: {host} can be reached from other machines, and no brand's public_url and no entry of `hosts` "
            "is https: passwords and keys would cross the network in the clear. A TLS proxy in front: docs/deploy.md",
            err=True,
        )
    with _watching(app):
        serve_app(web, host, wanted, ready)


def _has_tls(app: App) -> bool:
    """Whether some name of this server is reached by https, through a proxy."""
    origins = [*app.settings.hosts, *(one.public_url or "" for one in app.store.brands())]
    return any(one.startswith("https://") for one in origins)


@contextmanager
def _watching(app: App) -> Iterator[None]:
    """While serving, tell people when the scheduler no longer ticks: it cannot tell so itself."""
    from crosspost.commands.status import Watch

    if app.settings.clock != "system":  # a rehearsal stops its scheduler on purpose
        yield
        return
    stop = Event()
    watch = Watch(app.store, app.teller.tell)

    def look() -> None:
        while not stop.wait(60.0):
            try:
                if watch.look(app.clock.now()):
                    app.teller.send(app.clock.now())
            except Exception as error:  # links go on answering whatever the watch meets
                log.error("the scheduler could not be watched: %s", type(error).__name__)

    thread = Thread(target=look, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
