"""A single web page, by the metadata it carries for others: Open Graph, meta tags, JSON-LD, canonical
link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector
from bs4.element import Tag

from crosspost.domain.article import Article
from crosspost.domain.errors import BadInput
from crosspost.outside.http import Answer, Outbound
from crosspost.sources import text
from crosspost.sources.source import Read, fetch, web_address

ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


class Page:
    def check(self, address: str) -> str:
        return web_address(address)

    def read(
        self, address: str, outbound: Outbound, *, etag: str | None, last_modified: str | None, now: datetime
    ) -> Read:
        answer = fetch(address, outbound, accept=ACCEPT, etag=etag, last_modified=last_modified)
        if answer.status == 304:
            return Read((), (), etag, last_modified, unchanged=True)
        article = from_html(_decoded(answer), answer.url)
        if article is None:
            raise BadInput("the page has no title", where=address, remedy="announce a file with its title instead")
        return Read((article,), article.problems, answer.headers.get("etag"), answer.headers.get("last-modified"))


def from_html(markup: str, url: str) -> Article | None:
    """The article a page describes; None when it has no title. `url` resolves relative addresses."""
    tree = text.soup(markup)
    meta = _meta(tree)
    linked = _linked_data(tree)
    problems: list[str] = []
    title = text.one_line(
        meta.get("og:title") or _string(linked, "headline") or _of_tag(tree, "title") or _of_tag(tree, "h1") or ""
    )
    if not title:
        return None
    canonical = _canonical(tree, url, problems) or url
    image, alt = _image(meta, linked, url, problems)
    published, why = text.date(meta.get("article:published_time") or _string(linked, "datePublished") or _time(tree))
    if why:
        problems.append(why)
    body = tree.find("article") or tree.find("main")
    root = tree.find("html")
    language = root.get("lang") if isinstance(root, Tag) else None
    keywords = meta.get("keywords", "").split(",")
    description = meta.get("og:description") or meta.get("description") or _string(linked, "description") or ""
    return Article(
        identity=canonical,
        url=canonical,
        title=title,
        summary=text.one_line(description) or None,
        text=(text.plain_tree(body) or None) if isinstance(body, Tag) else None,
        language=text.language_tag(language if isinstance(language, str) else None)
        or text.language_tag(meta.get("og:locale")),
        image_url=image,
        image_alt=alt,
        tags=text.tags(_all_meta(tree, "article:tag") or keywords),
        author=text.one_line(meta.get("author") or _author(linked) or "") or None,
        published_at=published,
        problems=tuple(problems),
    )


def image_of(answer: Answer) -> tuple[str | None, str | None]:
    """The picture a page names for link previews, with its alt text."""
    tree = text.soup(_decoded(answer))
    return _image(_meta(tree), _linked_data(tree), answer.url, [])


def _decoded(answer: Answer) -> str:
    """The page's text, by the charset of the header, else the one the page states itself."""
    if "charset=" in answer.headers.get("content-type", "").lower():
        return answer.text()
    declared = EncodingDetector.find_declared_encoding(answer.body, is_html=True)
    try:
        return answer.body.decode(declared or "utf-8", errors="replace")
    except LookupError:
        return answer.text()


def _meta(tree: BeautifulSoup) -> dict[str, str]:
    """The first non-empty content of each meta tag, by its lower-case property or name."""
    found: dict[str, str] = {}
    for tag in tree.find_all("meta"):
        name, content = tag.get("property") or tag.get("name"), tag.get("content")
        if isinstance(name, str) and isinstance(content, str) and content.strip():
            found.setdefault(name.strip().lower(), content)
    return found


def _all_meta(tree: BeautifulSoup, name: str) -> list[str]:
    return [str(tag["content"]) for tag in tree.find_all("meta", property=name) if tag.get("content")]


def _canonical(tree: BeautifulSoup, url: str, problems: list[str]) -> str | None:
    tag = tree.find("link", rel="canonical")
    written = tag.get("href") if isinstance(tag, Tag) else None
    if not isinstance(written, str) or not written.strip():
        return None
    found = text.link(written, url)
    if found is None:
        problems.append(f"its canonical link {written[:60]!r} is no web address; the page's own is used")
    return found


def _image(
    meta: dict[str, str], linked: list[dict[str, Any]], url: str, problems: list[str]
) -> tuple[str | None, str | None]:
    for name in ("og:image:secure_url", "og:image", "og:image:url", "twitter:image"):
        if written := meta.get(name):
            if found := text.link(written, url):
                alt = meta.get("twitter:image:alt" if name.startswith("twitter") else "og:image:alt")
                return found, text.one_line(alt or "") or None
            problems.append(f"its image {written[:60]!r} is no web address")
    return text.link(_string(linked, "image"), url), None


def _linked_data(tree: BeautifulSoup) -> list[dict[str, Any]]:
    """Every object of the page's JSON-LD, outermost first. Broken JSON-LD is common and left aside."""
    found: list[dict[str, Any]] = []
    for tag in tree.find_all("script", type="application/ld+json"):
        try:
            found += _objects(json.loads(tag.string or ""), depth=6)
        except (ValueError, RecursionError):
            continue
    return found


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, list) and depth:
        for one in value:
            yield from _objects(one, depth - 1)
    elif isinstance(value, dict):
        yield value
        if depth:
            yield from _objects(value.get("@graph"), depth - 1)


def _string(linked: list[dict[str, Any]], key: str) -> str | None:
    for one in linked:
        value = one.get(key)
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("url") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return value
    return None


def _author(linked: list[dict[str, Any]]) -> str | None:
    for one in linked:
        author = one.get("author")
        author = author[0] if isinstance(author, list) and author else author
        name = author.get("name") if isinstance(author, dict) else author
        if isinstance(name, str):
            return name
    return None


def _of_tag(tree: BeautifulSoup, name: str) -> str | None:
    tag = tree.find(name)
    return tag.get_text(" ") if isinstance(tag, Tag) else None


def _time(tree: BeautifulSoup) -> str | None:
    tag = tree.find("time", datetime=True)
    return str(tag["datetime"]) if isinstance(tag, Tag) else None
