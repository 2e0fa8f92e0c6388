"""`--from FOLDER` and what goes with it: the options of commands that take a stranger's exports instead of a brand."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crosspost.cli.context import App
from crosspost.domain.errors import BadInput
from crosspost.domain.networks import NETWORKS

if TYPE_CHECKING:
    from crosspost.commands.consulting import Folder

_OPTIONS = (
    click.option("--from", "folder", type=click.Path(path_type=Path), help="A folder of exports, in place of a brand."),
    click.option("--name", help="With --from: whose exports these are (default: as the folder is called)."),
    click.option("--currency", help="With --from: of amounts that state none (default EUR)."),
    click.option("--zone", help="With --from: zone of times that state none, and of the report (default UTC)."),
    click.option(
        "--network", type=click.Choice(list(NETWORKS)), help="With --from: whose posts, where a file does not say."
    ),
    click.option(
        "--dates", type=click.Choice(["day-first", "month-first"]), help="With --from: what 03/04/2026 means."
    ),
    click.option(
        "--mapping", type=click.Path(path_type=Path),
        help="With --from: a further kind of table, drafted by `crosspost import draft`.",
    ),
    click.option("--newer", is_flag=True, help="With --from: where counts contradict, the file read later wins."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GivenFolder:
    """What was said of a folder; `folder` is None where the command is about a brand."""

    folder: Path | None
    name: str | None
    currency: str | None
    zone: str | None
    network: str | None
    dates: str | None
    mapping: Path | None
    newer: bool


def folder_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options, handed to the command as one `given`. Raises BadInput where they are given without --from."""

    @functools.wraps(command)
    def taking(*args: Any, folder: Path | None, name: str | None, currency: str | None, zone: str | None,
               network: str | None, dates: str | None, mapping: Path | None, newer: bool,
               **more: Any) -> None:  # fmt: skip
        given = GivenFolder(folder, name, currency, zone, network, dates, mapping, newer)
        if folder is None and any((name, currency, zone, network, dates, mapping, newer)):
            raise BadInput("options of a folder are given without one", remedy="--from FOLDER")
        command(*args, given=given, **more)

    for option in reversed(_OPTIONS):
        taking = option(taking)
    return taking


@contextmanager
def opened(app: App, given: GivenFolder, since: datetime | None, until: datetime | None) -> Iterator[Folder]:
    """The folder's exports as a brand in memory. `since` and `until` are the period of files that name none, too."""
    from crosspost.clock import zone as zone_of
    from crosspost.commands.consulting import of_folder
    from crosspost.commands.importing import Asked
    from crosspost.commands.told import read_rules

    assert given.folder is not None
    asked = Asked(
        zone=zone_of(given.zone) if given.zone else None,
        network=given.network,
        dates="day-first" if given.dates == "day-first" else "month-first" if given.dates else None,
        since=since.date() if since and until else None,
        until=until.date() if since and until else None,
        newer=given.newer,
    )
    with of_folder(
        given.folder, app.clock.now(), name=given.name, currency=(given.currency or "EUR").upper(), asked=asked,
        columns=app.settings.imports_dir, mapping=given.mapping, rules=read_rules(app.settings.told_file, "folder"),
    ) as found:  # fmt: skip
        yield found
