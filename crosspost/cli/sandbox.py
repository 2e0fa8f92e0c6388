"""`crosspost sandbox`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from crosspost.cli.output import emit_json, json_option
from crosspost.domain.errors import BadInput


@click.command(epilog="Example: crosspost sandbox --port 8808 --virtual-start 2026-01-05T06:00+01:00")
@click.option("--port", type=click.IntRange(0, 65535), default=8808, show_default=True, help="0 takes a free one.")
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same audience and faults.")
@click.option("--virtual-start", help="Start a virtual clock at this instant; without it time is real.")
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False), help="Keep what was posted in this file.")
@click.option("--world/--no-world", default=True, show_default=True, help="Bring the blog and the audience.")
@json_option
def sandbox(port: int, seed: int, virtual_start: str | None, ledger: Path | None, world: bool, as_json: bool) -> None:
    """Serve a stand-in for the networks on this machine, until stopped. The page at / shows what was posted."""
    from crosspost.sandbox.server import serve, with_world

    start = None
    if virtual_start is not None:
        try:
            start = datetime.fromisoformat(virtual_start)
        except ValueError:
            raise BadInput(f"{virtual_start!r} is not an instant", remedy="2026-01-05T06:00+01:00") from None
        if start.tzinfo is None:
            raise BadInput(f"{virtual_start!r} has no zone", remedy="2026-01-05T06:00+01:00")

    def ready(origin: str) -> None:
        if as_json:
            emit_json({"url": origin})
        else:
            click.echo(f"the sandbox is at {origin}; Ctrl-C stops")

    try:
        serve(
            port=port, seed=seed, virtual_start=start, ledger_path=ledger, ready=ready,
            setup=with_world if world else None,
        )  # fmt: skip
    except OSError as error:
        raise BadInput(f"cannot listen on port {port} ({error.strerror})", remedy="choose another --port") from None
