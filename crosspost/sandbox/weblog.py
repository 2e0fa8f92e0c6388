"""The blog behind the demonstration: one made-up article a week, served in the shape of an Overblog blog.

Overblog's shape: the feed at `/rss` (RSS 2.0 with the atom and media namespaces), articles at
`/YYYY/MM/slug.html`. An article exists from its publication instant on, by the clock that is handed in;
before it, nothing shows it.
"""

from __future__ import annotations

import struct
import tomllib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import chain
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

FEED_ITEMS = 15  # newest first; older articles leave the feed and keep their page
IMAGE_SIZE = (1200, 630)  # pixels, what link cards ask for
NOTICE = "Blog fictif, audience simulée : personnes, clients et chiffres sont inventés pour une démonstration."

_ATOM, _MEDIA = "http://www.w3.org/2005/Atom", "http://search.yahoo.com/mrss/"
ET.register_namespace("atom", _ATOM)
ET.register_namespace("media", _MEDIA)


@dataclass(frozen=True, slots=True)
class Page:
    """One article of the blog. `path` starts with a slash; `published_at` is aware, UTC."""

    slug: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    tags: tuple[str, ...]
    image_alt: str
    published_at: datetime

    @property
    def path(self) -> str:
        return f"/{self.published_at:%Y/%m}/{self.slug}.html"

    @property
    def image_path(self) -> str:
        return f"/image/ob_{sha256(self.slug.encode()).hexdigest()[:6]}_{self.slug}.png"


@dataclass(frozen=True, slots=True)
class Weblog:
    """The blog's head and its pages, oldest first."""

    title: str
    description: str
    author: str
    language: str
    pages: tuple[Page, ...]

    def published(self, now: datetime) -> list[Page]:
        """What a visitor can see at `now`, newest first."""
        return [page for page in reversed(self.pages) if page.published_at <= now]

    def page_at(self, path: str, now: datetime) -> Page | None:
        return next((page for page in self.published(now) if page.path == path), None)


def first_issue(start: datetime) -> datetime:
    """The first Tuesday 05:30 UTC after `start`: the weekly articles count from it."""
    day = start.replace(hour=5, minute=30, second=0, microsecond=0) + timedelta(days=(1 - start.weekday()) % 7)
    return day if day > start else day + timedelta(days=7)


def weblog(start: datetime) -> Weblog:
    """The shipped blog, dated from `start` (aware, UTC): two articles lie before it, 26 follow, one a
    week."""
    raw = tomllib.loads(files("crosspost.sandbox").joinpath("blog", "articles.toml").read_text("utf-8"))
    first = first_issue(start)
    pages = (
        Page(
            slug=item["slug"],
            title=item["title"],
            summary=item["summary"],
            paragraphs=tuple(item["paragraphs"]),
            tags=tuple(item["tags"]),
            image_alt=item["image_alt"],
            published_at=first + timedelta(weeks=item["week"]),
        )
        for item in raw["article"]
    )
    return Weblog(**raw["blog"], pages=tuple(sorted(pages, key=lambda page: page.published_at)))


def feed_xml(blog: Weblog, origin: str, now: datetime) -> bytes:
    """The feed as it is at `now`. Equal content gives equal bytes, so that its ETag only changes with an
    article."""
    pages = blog.published(now)[:FEED_ITEMS]
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    _add(channel, "title", blog.title)
    _add(channel, "link", f"{origin}/")
    _add(channel, "description", blog.description)
    _add(channel, "language", blog.language)
    _add(channel, "generator", "crosspost sandbox (simulated blog)")
    ET.SubElement(channel, f"{{{_ATOM}}}link", rel="self", type="application/rss+xml", href=f"{origin}/rss")
    if pages:
        _add(channel, "lastBuildDate", format_datetime(pages[0].published_at, usegmt=True))
    for page in pages:
        item = ET.SubElement(channel, "item")
        _add(item, "title", page.title)
        _add(item, "link", origin + page.path)
        _add(item, "guid", f"urn:crosspost-sandbox:{page.slug}").set("isPermaLink", "false")
        _add(item, "pubDate", format_datetime(page.published_at, usegmt=True))
        _add(item, "description", _description(page, origin))
        for tag in page.tags:
            _add(item, "category", tag)
        media = ET.SubElement(
            item, f"{{{_MEDIA}}}content", url=origin + page.image_path, type="image/png", medium="image"
        )
        _add(media, f"{{{_MEDIA}}}description", page.image_alt)
    body: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return body


def page_html(blog: Weblog, page: Page, origin: str, script: str = "") -> str:
    """The page; `script` is the line that counts its readers."""
    url, image = origin + page.path, origin + page.image_path
    meta = "\n".join(
        f'<meta property="{name}" content="{escape(content)}">'
        for name, content in [
            ("og:type", "article"),
            ("og:site_name", blog.title),
            ("og:title", page.title),
            ("og:description", page.summary),
            ("og:url", url),
            ("og:locale", "fr_FR"),
            ("og:image", image),
            ("og:image:alt", page.image_alt),
            ("og:image:width", str(IMAGE_SIZE[0])),
            ("og:image:height", str(IMAGE_SIZE[1])),
            ("article:published_time", page.published_at.isoformat()),
            *(("article:tag", tag) for tag in page.tags),
        ]
    )
    body = "\n".join(f"<p>{escape(text)}</p>" for text in page.paragraphs)
    return f"""<!doctype html>
<html lang="{blog.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(page.title)}</title>
<meta name="description" content="{escape(page.summary)}">
<meta name="author" content="{escape(blog.author)}">
<link rel="canonical" href="{escape(url)}">
<link rel="alternate" type="application/rss+xml" title="{escape(blog.title)}" href="{escape(origin)}/rss">
{meta}
{script}
<style>body{{font:18px/1.6 Georgia,serif;max-width:38em;margin:2em auto;padding:0 1em;color:#222}}
img{{width:100%;height:auto}}.notice{{background:#fff3c4;padding:.5em 1em;font:14px sans-serif}}</style>
</head>
<body>
<p class="notice">{NOTICE}</p>
<article>
<h1>{escape(page.title)}</h1>
<p><strong>{escape(page.summary)}</strong></p>
<img src="{escape(image)}" alt="{escape(page.image_alt)}" width="{IMAGE_SIZE[0]}" height="{IMAGE_SIZE[1]}">
{body}
</article>
</body>
</html>
"""


def routes(blog: Weblog, now: Callable[[], datetime], script: Callable[[], str]) -> list[Route]:
    """The blog's routes, to be mounted at a server's root. Addresses in them follow the host that was
    asked; `script` gives the line that counts readers, nothing while nobody counts."""

    async def rss(request: Request) -> Response:
        instant = now()
        body = feed_xml(blog, _origin(request), instant)
        published = blog.published(instant)
        headers = {"ETag": f'"{sha256(body).hexdigest()[:32]}"'}
        if published:
            headers["Last-Modified"] = format_datetime(published[0].published_at, usegmt=True)
        if _unchanged(request, headers):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/rss+xml", headers=headers)

    async def article(request: Request) -> Response:
        page = blog.page_at(request.url.path, now())
        if page is None:
            return HTMLResponse(f"<p>Page introuvable.</p><p>{NOTICE}</p>", status_code=404)
        return HTMLResponse(page_html(blog, page, _origin(request), script()))

    async def image(request: Request) -> Response:
        page = next((page for page in blog.published(now()) if page.image_path == request.url.path), None)
        if page is None:
            return Response(status_code=404)
        return Response(picture(page.slug), media_type="image/png")

    return [
        Route("/rss", rss),
        Route("/{year:int}/{month:int}/{slug}.html", article),
        Route("/image/{name}", image),
    ]


@cache
def picture(slug: str) -> bytes:
    """A PNG of slanted bands in two colours that the slug chooses: enough to tell the articles apart."""
    digest = sha256(slug.encode()).digest()
    width, height = IMAGE_SIZE
    palette = bytes([*(128 + value // 2 for value in digest[:3]), *(value // 2 for value in digest[3:6])])
    band, slope = 40 + digest[6] % 120, 1 + digest[7] % 3
    stripes = [1 if x % (2 * band) < band else 0 for x in range(2 * band)]
    strip = stripes * (2 + width // len(stripes))
    rows = [b"\0" + _packed(strip[shift:][:width]) for shift in range(len(stripes))]
    pixels = b"".join(rows[y * slope % len(stripes)] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)  # one bit a pixel, palette
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _packed(bits: Sequence[int]) -> bytes:
    return int("".join(map(str, chain(bits, [0] * (-len(bits) % 8)))), 2).to_bytes((len(bits) + 7) // 8, "big")


def _add(parent: ET.Element, tag: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, tag)
    element.text = text
    return element


def _description(page: Page, origin: str) -> str:
    image = f'<p><img src="{origin}{page.image_path}" alt="{escape(page.image_alt)}"></p>'
    return image + "".join(f"<p>{escape(text)}</p>" for text in (page.summary, *page.paragraphs))


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _unchanged(request: Request, headers: dict[str, str]) -> bool:
    """RFC 9110 §13.2.2: If-None-Match decides where it is given, else If-Modified-Since."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return any(tag.strip().removeprefix("W/") in ("*", headers["ETag"]) for tag in tags.split(","))
    since, modified = request.headers.get("if-modified-since"), headers.get("Last-Modified")
    if since is None or modified is None:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # a date nobody can read is as if it were not there
        return False
