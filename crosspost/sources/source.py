"""What a source is to crosspost, and the one way sources fetch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crosspost.domain.article import Article
from crosspost.domain.errors import BadInput, NotAllowed, Unavailable
from crosspost.domain.gathering import Gathering
from crosspost.outside.address import origin_of
from crosspost.outside.http import AddressRefused, Answer, Outbound, OutboundError

REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Read:
    """What one read gave. `problems` are sentences for the owner, one per thing that was repaired or left
    out.

    `etag` and `last_modified` are to be handed to the next read; `unchanged` says that nothing else is new.
    """

    articles: tuple[Article, ...]
    problems: tuple[str, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    unchanged: bool = False
    gatherings: tuple[Gathering, ...] = ()


class Source(Protocol):
    def check(self, address: str) -> str:
        """The address made whole (scheme, feed path). Raises BadInput."""
        ...

    def read(
        self, address: str, outbound: Outbound, *, etag: str | None, last_modified: str | None, now: datetime
    ) -> Read: ...


def web_address(address: str) -> str:
    """An http(s) address the owner wrote, https where no scheme is given. Raises BadInput."""
    whole = address if "://" in address else f"https://{address}"
    try:
        origin_of(whole)
    except AddressRefused as refused:
        raise BadInput(
            f"{address!r} cannot be read: {refused}", remedy="write it as https://example.org/feed"
        ) from None
    return whole


def fetch(
    address: str,
    outbound: Outbound,
    *,
    accept: str,
    etag: str | None = None,
    last_modified: str | None = None,
) -> Answer:
    """GET an address from the configuration: an answer with status 200 or 304.

    Raises NotAllowed, Unavailable with the owner's remedy.
    """
    headers = {"accept": accept}
    if etag:
        headers["if-none-match"] = etag
    if last_modified:
        headers["if-modified-since"] = last_modified
    try:
        answer = outbound.send("GET", address, configured=True, headers=headers, redirects=REDIRECTS)
    except AddressRefused as refused:
        raise NotAllowed(
            str(refused), where=address, remedy="a private address must be listed in private_origins"
        ) from None
    except OutboundError as error:
        raise Unavailable(str(error), where=address, remedy="it will be tried again") from None
    if answer.status == 304 and (etag or last_modified):
        return answer
    if answer.status in (404, 410):
        raise Unavailable(f"nothing is there (status {answer.status})", where=address, remedy="check the address")
    if answer.status != 200:
        raise Unavailable(f"it answered with status {answer.status}", where=address, remedy="it will be tried again")
    return answer
