"""An Overblog blog: by its address, whose feed is at /rss on Overblog's hosts and on the blog's own domain alike; or
by the file its administration exports, written `export.xml#blog=https://lea.over-blog.com&zone=Europe/Paris`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from crosspost.domain.errors import BadInput
from crosspost.outside.address import origin_of
from crosspost.outside.http import Outbound
from crosspost.sources import local, overblog_export
from crosspost.sources.feed import Feed
from crosspost.sources.source import Read, web_address

# Hosts under which Overblog serves blogs, one label before each (read 2026-11).
HOSTS = (
    "over-blog.com", "over-blog.fr", "over-blog.de", "over-blog.es", "over-blog.it", "over-blog.net",
    "over-blog.org", "over.blog", "overblog.com", "overblog.fr",
)  # fmt: skip
SERVICES = frozenset({"admin", "api", "image", "img", "www"})  # theirs, not blogs


MAX_BYTES = 200_000_000  # an export holds every post and comment, and no picture


class Overblog:
    def check(self, address: str) -> str:
        """The address of the blog's feed, from the blog's, an article's or the feed's own; or an export with all that
        it does not say itself."""
        if _is_file(address):
            path, blog, zone = _export(address)
            return f"{path}#{urlencode({'blog': blog, 'zone': zone.key}, safe=':/')}"
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
        if _is_file(address):
            path, blog, zone = _export(address)
            data, seal = local.content(path, MAX_BYTES, "export it in parts")
            if seal == etag:
                return Read((), (), etag, None, unchanged=True)
            articles, problems = overblog_export.parse(data, str(path), blog, zone)
            return Read(articles, problems, etag=seal)
        return Feed().read(self.check(address), outbound, etag=etag, last_modified=last_modified, now=now)


def _is_file(address: str) -> bool:
    return "://" not in address.partition("#")[0] and address.partition("#")[0].lower().endswith(".xml")


def _export(address: str) -> tuple[Path, str, ZoneInfo]:
    """The file, the blog's address and its zone. Raises BadInput."""
    file, _, told = address.partition("#")
    path, given = local.existing(file), parse_qs(told)
    if not given.get("blog"):
        raise BadInput("an export does not say whose it is", where=file, remedy="--blog https://name.over-blog.com")
    parts = urlsplit(web_address(given["blog"][0]))
    try:
        zone = ZoneInfo(given.get("zone", ["Europe/Paris"])[0])
    except (ValueError, OSError, KeyError):
        raise BadInput("that is no time zone", where=file, remedy="--zone Europe/Paris") from None
    return path, f"{parts.scheme.lower()}://{parts.netloc.lower()}", zone
