"""RSS and Atom, through feedparser, on bytes the outbound client fetched."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import feedparser
from bs4.element import Tag
from feedparser.encodings import convert_to_utf8

from crosspost.domain.article import Article
from crosspost.domain.errors import BadInput
from crosspost.outside.http import Answer, Outbound, OutboundError
from crosspost.sources import text
from crosspost.sources.source import Read, fetch, web_address

ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"

_PAGES = 3  # newest items without an image whose page is asked for og:image
_PAGE_TIMEOUT_S = 5.0
_PAGE_BYTES = 2_000_000


class Feed:
    def check(self, address: str) -> str:
        return web_address(address)

    def read(
        self, address: str, outbound: Outbound, *, etag: str | None, last_modified: str | None, now: datetime
    ) -> Read:
        answer = fetch(address, outbound, accept=ACCEPT, etag=etag, last_modified=last_modified)
        if answer.status == 304:
            return Read((), (), etag, last_modified, unchanged=True)
        articles, problems = parse(answer, address, now)
        return Read(
            articles=_with_page_images(articles, outbound),
            problems=problems,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
        )


def parse(answer: Answer, address: str, now: datetime) -> tuple[tuple[Article, ...], tuple[str, ...]]:
    """The articles of a feed, in its order, and what could not be read. Raises BadInput when it is no feed
    at all."""
    data, declared = _without_entities(answer)
    try:
        told = feedparser.parse(
            io.BytesIO(data),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": answer.url},
        )
    except Exception as error:
        # feedparser lets some faults of its input through (half an emoji, deep nesting): one bad feed, not all feeds.
        raise BadInput(
            f"the feed cannot be read ({type(error).__name__})", where=address, remedy="tell the blog's host"
        ) from None
    if not told.version and not told.entries:
        raise BadInput("this is not an RSS or Atom feed", where=address, remedy="give the feed's own address")
    problems = ["the feed declares entities of its own; they are ignored"] if declared else []
    fault = told.get("bozo_exception")
    if told.bozo and hasattr(fault, "getLineNumber"):
        problems.append(f"line {fault.getLineNumber()}: not well-formed XML; read as far as it goes")
    written = sum(data.count(tag) for tag in (b"<item>", b"<item ", b"<entry>", b"<entry "))
    if written > len(told.entries):
        problems.append(f"{written - len(told.entries)} of {written} items could not be read")
    articles: dict[str, Article] = {}
    for number, entry in enumerate(told.entries, start=1):
        article, why = _article(entry, told.feed, answer.url, now)
        if article is None:
            problems.append(f"item {number}: {why}; left out")
            continue
        problems += [f"item {number} ({article.title}): {problem}" for problem in article.problems]
        if article.identity in articles:
            problems.append(f"item {number} ({article.title}): same identity as an earlier item; left out")
        else:
            articles[article.identity] = article
    return tuple(articles.values()), tuple(problems)


def _without_entities(answer: Answer) -> tuple[bytes, bool]:
    """The feed in UTF-8 with entity declarations disarmed: repeated, a long one fills the memory."""
    detected: dict[str, Any] = {}
    content_type = answer.headers.get("content-type", "")
    headers = {"content-type": content_type} if "xml" in content_type else {}
    data: bytes = convert_to_utf8(headers, answer.body, detected)
    kept = data.replace(b"<!ENTITY", b"<!IGNORED")
    return kept, kept != data


def _article(entry: Any, feed: Any, base: str, now: datetime) -> tuple[Article | None, str]:
    problems: list[str] = []
    guid = text.one_line(entry.get("id") or "")
    url = text.link(entry.get("link"), base)
    if url is None and guid.startswith(("http://", "https://")):
        url = text.link(guid)
    if url is None:
        written = entry.get("link")
        return None, f"its link {written[:60]!r} is no web address" if written else "it has no link"
    bodies = [part.value for part in entry.get("content", ()) if part.get("value")]
    markup = "\n".join(bodies) or None
    summary = text.plain(entry.get("summary") or "") or None
    full = text.plain(markup) if markup else None
    title = _title(entry)
    if not title:
        title = text.first_words(summary or full or "")
        if not title:
            return None, "it has neither title nor text"
        problems.append("it has no title; its first words are used")
    published, why = text.date(_own(entry, "published") or _own(entry, "updated"))
    if why:
        problems.append(why)
    if published and published > now + timedelta(days=1):
        problems.append(f"it is dated {published:%Y-%m-%d}, in the future")
    image, alt, why = _image(entry, markup or entry.get("summary") or "", base)
    if why:
        problems.append(why)
    article = Article(
        identity=guid or url,
        url=url,
        title=title,
        summary=summary,
        text=full,
        language=text.language_tag(
            entry.get("language") or (entry.get("title_detail") or {}).get("language") or feed.get("language")
        ),
        image_url=image,
        image_alt=alt,
        tags=text.tags([tag.get("label") or tag.get("term") or "" for tag in entry.get("tags", ())]),
        author=text.one_line(entry.get("author") or "") or None,
        published_at=published,
        problems=tuple(problems),
    )
    return article, ""


def _own(entry: Any, key: str) -> str | None:
    """The entry's own value: feedparser would stand one date in for the other, with a warning."""
    value = dict.get(entry, key)
    return value if isinstance(value, str) else None


def _title(entry: Any) -> str:
    detail = entry.get("title_detail") or {}
    written = detail.get("value") or entry.get("title") or ""
    return text.one_line(written if detail.get("type") == "text/plain" else text.plain(written))


def _image(entry: Any, markup: str, base: str) -> tuple[str | None, str | None, str | None]:
    """Address and alt text of the item's image: media:content, then enclosure, then the first <img>."""
    shown = text.soup(markup).find_all("img") if "<img" in markup.lower() else []
    in_text = [(text.link(_attribute(tag, "src"), base), _attribute(tag, "alt")) for tag in shown]
    alts = {address: alt for address, alt in reversed(in_text) if address and alt}
    refused: list[str] = []
    for written in (*_media(entry), *_enclosures(entry), *(_attribute(tag, "src") for tag in shown)):
        address = text.link(written, base)
        if address:
            return address, alts.get(address), None
        if written:
            refused.append(written)
    return None, None, f"its image {refused[0][:60]!r} is no web address" if refused else None


def _media(entry: Any) -> Iterable[str | None]:
    for part in entry.get("media_content", ()):
        kind = part.get("medium") or part.get("type") or "image"
        if kind.startswith("image"):
            yield part.get("url")


def _enclosures(entry: Any) -> Iterable[str | None]:
    for part in entry.get("enclosures", ()):
        if str(part.get("type", "")).startswith("image/"):
            yield part.get("href")


def _attribute(tag: Tag, name: str) -> str | None:
    value = tag.get(name)
    return value if isinstance(value, str) else None


def _with_page_images(articles: tuple[Article, ...], outbound: Outbound) -> tuple[Article, ...]:
    """Look at the pages of the newest items without an image. Their addresses are content: never a private
    one."""
    from crosspost.sources.page import image_of

    bare = [article for article in articles if article.image_url is None][:_PAGES]
    found: dict[str, Article] = {}
    for article in bare:
        try:
            answer = outbound.send("GET", article.url, redirects=3, timeout_s=_PAGE_TIMEOUT_S, max_bytes=_PAGE_BYTES)
        except OutboundError:
            continue  # an item without a picture is complete
        if answer.status == 200 and "html" in answer.headers.get("content-type", ""):
            image, alt = image_of(answer)
            found[article.identity] = replace(article, image_url=image, image_alt=alt)
    return tuple(found.get(article.identity, article) for article in articles)
