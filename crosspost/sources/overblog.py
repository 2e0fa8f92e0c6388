"""An Overblog blog by its address: its feed is at /rss, on Overblog's hosts and on the blog's own domain
alike."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from crosspost.domain.errors import BadInput
from crosspost.outside.address import origin_of
from crosspost.outside.http import Outbound
from crosspost.sources.feed import Feed
from crosspost.sources.source import Read, web_address

# Hosts under which Overblog serves blogs, one label before each (read 2026-11).
HOSTS = (
    "over-blog.com", "over-blog.fr", "over-blog.de", "over-blog.es", "over-blog.it", "over-blog.net",
    "over-blog.org", "over.blog", "overblog.com", "overblog.fr",
)  # fmt: skip
SERVICES = frozenset({"admin", "api", "image", "img", "www"})  # theirs, not blogs


class Overblog:
    def check(self, address: str) -> str:
        """The address of the blog's feed, from the blog's, an article's or the feed's own."""
        whole = web_address(address)
        host = origin_of(whole).host
        for domain in HOSTS:
            label = host.removesuffix(f".{domain}")
            if host == domain or (host.endswith(f".{domain}") and label in SERVICES):
                raise BadInput(
                    f"{host} belongs to Overblog itself", remedy="give your blog's address: https://name.over-blog.com"
                )
        parts = urlsplit(whole)
        return f"{parts.scheme.lower()}://{parts.netloc.lower()}/rss"

    def read(
        self, address: str, outbound: Outbound, *, etag: str | None, last_modified: str | None, now: datetime
    ) -> Read:
        return Feed().read(self.check(address), outbound, etag=etag, last_modified=last_modified, now=now)
