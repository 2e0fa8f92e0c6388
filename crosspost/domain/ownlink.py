"""Which links on the accounts are ours: by a code we know, or by the shape and the place of a code we made."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from crosspost.domain.ids import CODE_LENGTH
from crosspost.domain.link import code_in

_NOWHERE = "https://nowhere.invalid"


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """`hosts` are those of the brand's articles."""

    public_url: str | None
    hosts: frozenset[str]

    @classmethod
    def of(cls, public_url: str | None, addresses: Iterable[str]) -> OwnLinks:
        return cls(public_url, frozenset(_host(one) for one in addresses) - {""})

    def code(self, link: str, known: Collection[str] = ()) -> str | None:
        """The code in a link of ours; None for anybody else's.

        A known code is ours wherever it stands. An unknown one must look as we make them, and stand either under
        our short address, or in both UTM parameters that we write, on a site of the brand's articles.
        """
        found = code_in(link, self.public_url or _NOWHERE, known)
        if found is None or found in known:
            return found
        if len(found) != CODE_LENGTH:
            return None
        parts = urlsplit(link)
        if self.public_url and link.lower().startswith(self.public_url.rstrip("/").lower() + "/"):
            return found
        given = parse_qs(parts.query)
        twice = given.get("utm_content", [""])[0].lower() == found and given.get("utm_campaign", [""])[
            0
        ].lower().endswith(f"-{found}")
        return found if twice and _host(link) in self.hosts else None


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
