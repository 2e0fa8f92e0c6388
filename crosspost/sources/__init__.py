"""Where articles, and events of groups, come from: one file and one line each."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.outside.http import Outbound
    from crosspost.sources.source import Read, Source

KINDS: dict[str, str] = {
    "feed": "crosspost.sources.feed:Feed",
    "overblog": "crosspost.sources.overblog:Overblog",
    "page": "crosspost.sources.page:Page",
    "file": "crosspost.sources.file:File",
    "calendar": "crosspost.sources.calendar:Calendar",
}


def reader(kind: str) -> Source:
    """The reader of that kind, imported on first use."""
    try:
        module, _, attribute = KINDS[kind].partition(":")
    except KeyError:
        raise BadInput(f"no source is of kind {kind!r}", remedy=f"one of: {', '.join(KINDS)}") from None
    made: Source = getattr(import_module(module), attribute)()
    return made


def check_address(kind: str, address: str) -> str:
    """The address as it will be stored and read. Raises BadInput. Nothing is fetched."""
    return reader(kind).check(address.strip())


def read(
    kind: str,
    address: str,
    outbound: Outbound,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    now: datetime,
) -> Read:
    """Read a source once. `etag` and `last_modified` are the ones the last read gave.

    Raises BadInput (not what it should be), NotAllowed (address refused), Unavailable (no usable answer).
    """
    return reader(kind).read(address, outbound, etag=etag, last_modified=last_modified, now=now)
