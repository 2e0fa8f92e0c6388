"""The made-up blog: its texts, its feed as a reader gets it, its pages and images."""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import feedparser
import httpx
import pytest
from starlette.applications import Starlette

from crosspost.sandbox import weblog

START = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday
BLOG = weblog.weblog(START)


class Now:
    """A clock in the test's hand."""

    def __init__(self) -> None:
        self.instant = START

    def __call__(self) -> datetime:
        return self.instant


@pytest.fixture
def now() -> Now:
    return Now()


SCRIPT = '<script defer src="http://127.0.0.1:8810/v.js" data-site="pervenche"></script>'


class Reader:
    """Asks the blog's routes, without a server."""

    def __init__(self, now: Now) -> None:
        self._transport = httpx.ASGITransport(Starlette(routes=weblog.routes(BLOG, now, lambda: SCRIPT)))

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://127.0.0.1:8808") as client:
                return await client.request(method, path, headers=headers, params=params)

        return asyncio.run(asked())

    def get(
        self, path: str, headers: dict[str, str] | None = None, params: dict[str, str] | None = None
    ) -> httpx.Response:
        return self.ask("GET", path, headers, params)


@pytest.fixture
def reader(now: Now) -> Reader:
    return Reader(now)


def test_a_backlog_lies_before_the_start_and_one_article_comes_every_week() -> None:
    instants = [page.published_at for page in BLOG.pages]
    assert len([instant for instant in instants if instant <= START]) == 2
    weekly = instants[2:]
    assert len(weekly) == 26
    assert weekly[0] == datetime(2026, 1, 6, 5, 30, tzinfo=UTC)
    assert {after - before for before, after in zip(weekly, weekly[1:], strict=False)} == {timedelta(days=7)}


@pytest.mark.parametrize("days", range(8))
def test_whatever_the_weekday_of_the_start_the_backlog_is_behind_and_the_first_article_ahead(days: int) -> None:
    start = START + timedelta(days=days)
    blog = weblog.weblog(start)
    assert [page.published_at <= start for page in blog.pages] == [True, True, *[False] * 26]


def test_every_text_keeps_french_typography() -> None:
    assert len({page.slug for page in BLOG.pages}) == len(BLOG.pages)
    for page in BLOG.pages:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", page.slug)
        assert 2 <= len(page.paragraphs) <= 4
        assert 2 <= len(page.tags) <= 4
        for text in (page.title, page.summary, page.image_alt, *page.paragraphs):
            assert "'" not in text, text
            assert not re.search(r" [?!;:»%€]|« ", text), text  # a plain space there would break the line
            assert not re.search(r"[^\u00a0\u202f][?!;»]", text.replace("?»", "»")), text
    titles = [page.title for page in BLOG.pages]
    assert max(map(len, titles)) > 100
    assert sum(any(ord(sign) > 0x2600 for sign in title) for title in titles) >= 5
    everything = " ".join(text for page in BLOG.pages for text in (page.title, page.summary, *page.paragraphs))
    assert min(everything.count(sign) for sign in ("\u00a0", "\u202f", "«", "’", "…")) >= 1


def test_the_feed_is_read_without_complaint_and_grows_with_time(now: Now, reader: Reader) -> None:
    first = feedparser.parse(reader.get("/rss").content)
    assert not first.bozo
    assert len(first.entries) == 2
    now.instant = START + timedelta(weeks=26)
    answer = reader.get("/rss")
    feed = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert not feed.bozo
    assert feed.version == "rss20"
    assert feed.namespaces["media"] == "http://search.yahoo.com/mrss/"
    assert "fictif" in feed.feed.description
    assert {"rel": "self", "href": "http://127.0.0.1:8808/rss"}.items() <= feed.feed.links[1].items()
    assert [entry.link.rpartition("/")[2] for entry in feed.entries] == [
        f"{page.slug}.html" for page in BLOG.pages[:-16:-1]
    ]
    newest, page = feed.entries[0], BLOG.pages[-1]
    assert newest.title == page.title
    assert newest.id != newest.link
    assert [tag.term for tag in newest.tags] == list(page.tags)
    assert newest.media_content[0]["url"].startswith("http://127.0.0.1:8808/image/ob_")
    assert page.paragraphs[0] in newest.description
    assert newest.published == "Tue, 30 Jun 2026 05:30:00 GMT"


def test_an_unchanged_feed_answers_304_until_the_next_article(now: Now, reader: Reader) -> None:
    now.instant = START + timedelta(days=2)
    first = reader.get("/rss")
    by_tag, by_date = {"If-None-Match": first.headers["etag"]}, {"If-Modified-Since": first.headers["last-modified"]}
    now.instant += timedelta(days=3)
    for headers in (by_tag, by_date, {"If-None-Match": f'"other", W/{first.headers["etag"]}'}):
        again = reader.get("/rss", headers=headers)
        assert (again.status_code, again.content) == (304, b""), headers
        assert again.headers["etag"] == first.headers["etag"]
    # the tag decides where both are given, and an unreadable date counts for nothing
    assert reader.get("/rss", headers={"If-None-Match": '"other"', **by_date}).status_code == 200
    assert reader.get("/rss", headers={"If-Modified-Since": "yesterday"}).status_code == 200
    now.instant += timedelta(days=7)
    assert reader.get("/rss", headers=by_tag).status_code == 200
    assert reader.get("/rss", headers=by_date).status_code == 200


def test_an_article_is_there_from_its_instant_on(now: Now, reader: Reader) -> None:
    page = BLOG.pages[2]
    assert page.path == "/2026/01/calendrier-editorial-tient-sur-une-page.html"
    now.instant = page.published_at - timedelta(seconds=1)
    assert [reader.get(path).status_code for path in (page.path, page.image_path)] == [404, 404]
    now.instant = page.published_at
    answer = reader.get(page.path, params={"utm_content": "abc"})
    assert answer.status_code == 200
    assert reader.ask("HEAD", page.path).status_code == 200
    assert reader.get(page.path.replace("/01/", "/02/")).status_code == 404

    found: dict[str, str | None] = {}

    class Head(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            values = dict(attrs)
            if name := values.get("property") or values.get("rel"):
                found[name] = values.get("content") or values.get("href")
            if tag == "html":
                found["lang"] = values.get("lang")

    Head().feed(answer.text)
    url = f"http://127.0.0.1:8808{page.path}"
    assert (found["canonical"], found["og:url"], found["lang"]) == (url, url, "fr")
    assert found["og:title"] == page.title
    assert found["og:description"] == page.summary
    assert found["og:image"] == f"http://127.0.0.1:8808{page.image_path}"
    assert found["alternate"] == "http://127.0.0.1:8808/rss"
    assert "audience simulée" in answer.text


def test_every_page_includes_the_script_that_counts_its_readers(now: Now, reader: Reader) -> None:
    (page, *_) = BLOG.published(now())
    head = reader.get(page.path).text.partition("</head>")[0]
    assert SCRIPT in head


def test_images_are_whole_pngs_and_differ(now: Now, reader: Reader) -> None:
    content = reader.get(BLOG.pages[0].image_path).content
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (1200, 630)
    start = content.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", content[start - 8 : start - 4])
    assert len(zlib.decompress(content[start : start + length])) == 630 * (1 + 1200 // 8)
    assert len(content) < 60_000
    assert len({weblog.picture(page.slug) for page in BLOG.pages}) == len(BLOG.pages)
