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
    """Answer short links and record leads over HTTP, until stopped. Behind a TLS proxy: docs/deploy.md."""
    from crosspost.commands.keys import live_secrets, person_key
    from crosspost.commands.told import rules_at_hand
    from crosspost.hitlog.writer import HitWriter
    from crosspost.web.app import build
    from crosspost.web.serve import check_free
    from crosspost.web.serve import serve as serve_app

    app.log_to_file()
    store, vault, clock = app.store, app.vault, app.clock
    hits_dir = app.settings.hits_dir
    web = build(
        store,
        clock,
        HitWriter(hits_dir, clock.now),
        hits_dir,
        lambda slug: live_secrets(store, vault, slug),
        lambda brand_id: person_key(store, vault, brand_id, clock.now()),
        app.attachments,
        lambda slug: rules_at_hand(app.settings.told_file, slug),
        app.visits(),
    )

    host = bind or app.settings.bind
    shown = f"[{host}]" if ":" in host else host

    def ready(chosen: int) -> None:
        if as_json:
            emit_json({"url": f"http://{shown}:{chosen}"})
        else:
            click.echo(f"serving on http://{shown}:{chosen} (health: /health); Ctrl-C stops")

    wanted = app.settings.port if port is None else port
    check_free(host, wanted)
    with _watching(app):
        serve_app(web, host, wanted, ready)


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
