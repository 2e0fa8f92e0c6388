"""Feeds: whole, odd, broken and hostile ones."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from crosspost.domain.errors import BadInput, NotAllowed, Unavailable
from crosspost.outside.http import Outbound
from crosspost.sources import check_address, read
from crosspost.sources.source import Read
from tests.local_server import PUBLIC, Fence, LocalServer, Reply, Request, serving

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Le blog de Léa</title>
<link>https://lea.over-blog.com/</link><language>fr</language>"""
ITEM = """<item><title>Le chêne &amp; l’atelier</title><link>https://lea.over-blog.com/2026/03/chene.html</link>
<guid isPermaLink="false">ob:1</guid><pubDate>Tue, 03 Mar 2026 06:30:00 +0100</pubDate><category>#Bois</category>
<category>atelier</category><category>bois</category><author>lea@example.org (Léa)</author>
<description><![CDATA[<p><img src="/i/un.jpg" alt="Un établi"></p><p>Bonjour&nbsp;!<br>Deux lignes.</p>
<script>alert(1)</script><p>« Fin »</p>]]></description>
<media:content url="https://image.over-blog.com/ob_1.jpg" type="image/jpeg" medium="image"/></item>"""
TAIL = "</channel></rss>"


@pytest.fixture
def fence(monkeypatch: pytest.MonkeyPatch) -> Fence:
    return Fence(monkeypatch)


@pytest.fixture
def serve(fence: Fence) -> Iterator[Callable[[Callable[[Request], Reply]], LocalServer]]:
    opened: list[LocalServer] = []

    def start(answer: Callable[[Request], Reply]) -> LocalServer:
        opened.append(LocalServer(answer))
        fence.doors.add(opened[-1].port)
        fence.mapped[(PUBLIC, 80)] = opened[-1].port
        return opened[-1]

    yield start
    for server in opened:
        server.close()


Serve = Callable[[Callable[[Request], Reply]], LocalServer]


def _read(body: str | bytes, serve: Serve, content_type: str = "application/rss+xml") -> Read:
    data = body.encode() if isinstance(body, str) else body
    server = serve(lambda request: Reply(body=data, headers={"Content-Type": content_type}))
    client = Outbound(private_origins=frozenset({server.origin}))
    return read("feed", f"{server.origin}/rss", client, now=NOW)


def test_an_overblog_item(serve: Serve) -> None:
    article = _read(HEAD + ITEM + TAIL, serve).articles[0]
    assert article.identity == "ob:1"
    assert article.url == "https://lea.over-blog.com/2026/03/chene.html"
    assert article.title == "Le chêne & l’atelier"
    assert article.summary == "Bonjour\u00a0!\nDeux lignes.\n\n« Fin »"
    assert article.text is None
    assert article.language == "fr"
    assert article.image_url == "https://image.over-blog.com/ob_1.jpg"
    assert article.tags == ("Bois", "atelier")
    assert article.published_at == datetime(2026, 3, 3, 5, 30, tzinfo=UTC)
    assert article.problems == ()


def test_an_atom_entry(serve: Serve) -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr-CA"><title>t</title><entry><id>tag:x,2026:1</id>
    <title type="html">Un &amp;lt;b&amp;gt; &lt;em&gt;titre&lt;/em&gt;</title><link rel="alternate" href="/a/1"/>
    <link rel="enclosure" type="image/png" href="https://x.example/i.png"/><updated>2026-03-01T10:00:00Z</updated>
    <summary>Résumé</summary><content type="html">&lt;p&gt;Tout&lt;/p&gt;&lt;p&gt;le texte&lt;/p&gt;</content>
    <author><name>Ana</name></author></entry></feed>"""
    result = _read(feed, serve, "application/atom+xml")
    article = result.articles[0]
    assert (article.identity, article.title, article.summary) == ("tag:x,2026:1", "Un <b> titre", "Résumé")
    assert article.url.endswith("/a/1")
    assert article.url.startswith("http://127.0.0.1:")
    assert article.text == "Tout\n\nle texte"
    assert (article.author, article.language) == ("Ana", "fr-CA")
    assert article.image_url == "https://x.example/i.png"
    assert article.published_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert result.problems == ()


def test_etag_and_last_modified_go_out_and_come_back(serve: Serve) -> None:
    tags = {"ETag": '"v1"', "Last-Modified": "Tue, 03 Mar 2026 05:30:00 GMT"}

    def answer(request: Request) -> Reply:
        known = request.headers.get("if-none-match") == '"v1"'
        return Reply(304) if known else Reply(headers=tags, body=(HEAD + ITEM + TAIL).encode())

    server = serve(answer)
    client = Outbound(private_origins=frozenset({server.origin}))
    first = read("feed", server.origin, client, now=NOW)
    assert (first.etag, first.last_modified, first.unchanged) == ('"v1"', tags["Last-Modified"], False)
    second = read("feed", server.origin, client, etag=first.etag, last_modified=first.last_modified, now=NOW)
    assert second == Read((), (), '"v1"', tags["Last-Modified"], unchanged=True)
    assert server.requests[1].headers["if-modified-since"] == tags["Last-Modified"]


def _item(inner: str) -> str:
    return f"{HEAD}<item>{inner}</item>{TAIL}"


def test_identity_without_guid_is_the_link(serve: Serve) -> None:
    article = _read(_item("<title>T</title><link>https://x.example/a</link>"), serve).articles[0]
    assert article.identity == article.url == "https://x.example/a"


def test_a_permalink_guid_is_a_link(serve: Serve) -> None:
    article = _read(_item("<title>T</title><guid>https://x.example/a</guid>"), serve).articles[0]
    assert article.url == "https://x.example/a"


@pytest.mark.parametrize(
    ("inner", "problem"),
    [
        ("<title>T</title><link>javascript:alert(1)</link>", "no web address"),
        ("<title>T</title><link>file:///etc/passwd</link>", "no web address"),
        ("<title>T</title><link>http://u:p@x.example/</link>", "no web address"),
        ("<title>T</title><guid isPermaLink='false'>7</guid>", "it has no link"),
        ("<link>https://x.example/a</link>", "neither title nor text"),
    ],
)
def test_items_that_cannot_be_announced_are_reported(inner: str, problem: str, serve: Serve) -> None:
    result = _read(_item(inner), serve)
    assert result.articles == ()
    assert problem in result.problems[0]
    assert "left out" in result.problems[0]


@pytest.mark.parametrize(
    ("written", "expected", "problem"),
    [
        ("Tue, 03 Mar 2026 06:30:00 +0100", datetime(2026, 3, 3, 5, 30, tzinfo=UTC), None),
        ("Tue, 03 Mar 2026 06:30:00 GMT", datetime(2026, 3, 3, 6, 30, tzinfo=UTC), None),
        ("2026-03-03T06:30:00+01:00", datetime(2026, 3, 3, 5, 30, tzinfo=UTC), None),
        ("Tue, 03 Mar 2026 06:30:00", None, "no time zone"),
        ("2026-03-03T06:30:00", None, "no time zone"),
        ("2026-03-03", None, "no time zone"),
        ("hier", None, "cannot be read"),
        ("Tue, 99 Mar 2026 06:30:00 +0100", None, "cannot be read"),
        ("0001-01-01T00:00:00+23:59", None, "out of range"),
        ("Tue, 03 Mar 2027 06:30:00 GMT", datetime(2027, 3, 3, 6, 30, tzinfo=UTC), "in the future"),
        ("", None, None),
    ],
)
def test_dates(written: str, expected: datetime | None, problem: str | None, serve: Serve) -> None:
    result = _read(_item(f"<title>T</title><link>https://x.example/a</link><pubDate>{written}</pubDate>"), serve)
    assert result.articles[0].published_at == expected
    assert bool(result.problems) == bool(problem)
    assert (problem or "") in "".join(result.articles[0].problems)


MEDIA = '<media:content url="https://x.example/m.jpg" type="image/jpeg"/>'
VIDEO = '<media:content url="https://x.example/v.mp4" medium="video"/>'
ENCLOSURE = '<enclosure url="https://x.example/e.png" type="image/png" length="1"/>'
AUDIO = '<enclosure url="https://x.example/e.mp3" type="audio/mpeg" length="1"/>'
IMG = '<description>&lt;p&gt;t &lt;img src="/f.jpg" alt="Vue"&gt;&lt;/p&gt;</description>'


@pytest.mark.parametrize(
    ("inner", "image", "alt"),
    [
        (MEDIA + ENCLOSURE + IMG, "https://x.example/m.jpg", None),
        (VIDEO + ENCLOSURE + IMG, "https://x.example/e.png", None),
        (AUDIO + IMG, "/f.jpg", "Vue"),
        (AUDIO, None, None),
        ('<media:content url="data:image/png;base64,AA" type="image/png"/>' + IMG, "/f.jpg", "Vue"),
    ],
)
def test_the_image(inner: str, image: str | None, alt: str | None, serve: Serve) -> None:
    article = _read(_item(f"<title>T</title><link>http://127.0.0.1:9/a</link>{inner}"), serve).articles[0]
    found = article.image_url
    assert (found if image is None or found is None else found[-len(image) :]) == image
    assert article.image_alt == alt


def test_og_image_of_the_page_is_the_last_resort(serve: Serve, fence: Fence) -> None:
    page = b'<meta property="og:image" content="/og.jpg"><meta property="og:image:alt" content="Vue">'

    def answer(request: Request) -> Reply:
        if request.path == "/rss":
            items = "".join(
                f"<item><title>T{n}</title><link>http://{host}/a{n}</link></item>"
                for n, host in enumerate(["site.example", f"127.0.0.1:{server.port}", "10.0.0.1", "site.example"])
            )
            return Reply(body=(HEAD + items + TAIL).encode())
        return Reply(headers={"Content-Type": "text/html"}, body=page)

    server = serve(answer)
    client = Outbound(private_origins=frozenset({server.origin}), resolve=lambda host, port: [PUBLIC])
    articles = read("feed", f"{server.origin}/rss", client, now=NOW).articles
    assert [article.image_url for article in articles] == ["http://site.example/og.jpg", None, None, None]
    assert articles[0].image_alt == "Vue"
    # An item may point anywhere: its page is fetched as content, so the private server is not asked again.
    assert [request.path for request in server.requests] == ["/rss", "/a0"]


def test_a_title_is_made_of_the_first_words(serve: Serve) -> None:
    words = "Un billet sans titre, " * 10
    result = _read(_item(f"<link>https://x.example/a</link><description>{words}</description>"), serve)
    title = result.articles[0].title
    assert title.startswith("Un billet sans titre")
    assert title.endswith("…")
    assert len(title) <= 81
    assert "no title" in result.problems[0]


def test_the_same_identity_twice_is_one_article(serve: Serve) -> None:
    result = _read(HEAD + ITEM + ITEM + TAIL, serve)
    assert len(result.articles) == 1
    assert "same identity" in result.problems[0]


def test_a_broken_feed_is_read_as_far_as_it_goes(serve: Serve) -> None:
    second = ITEM.replace("ob:1", "ob:2").replace("&amp;", "&")
    third = "<item><title>coupé"
    result = _read(HEAD + ITEM + second + third, serve)
    assert [article.identity for article in result.articles] == ["ob:1", "ob:2"]
    assert any("not well-formed" in problem for problem in result.problems)
    assert any(problem.startswith("item 3") or "could not be read" in problem for problem in result.problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(encoding: str, serve: Serve) -> None:
    feed = (HEAD.replace("utf-8", encoding) + ITEM.replace("’", "'").replace("&nbsp;", " ") + TAIL).encode(encoding)
    for content_type in ("application/xml", "text/xml; charset=" + encoding, "text/html"):
        assert _read(feed, serve, content_type).articles[0].title == "Le chêne & l'atelier"


@pytest.mark.parametrize(
    "body", ["", "<html><body>Bonjour</body></html>", "{}", "/etc/passwd", "https://x.example/feed"]
)
def test_what_is_no_feed(body: str, serve: Serve, fence: Fence) -> None:
    with pytest.raises(BadInput, match="not an RSS or Atom feed"):
        _read(body, serve)
    assert len(fence.connects) == 1


LAUGHS = "<!DOCTYPE rss [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12)
) + "]>"  # fmt: skip
LONG = f'<!DOCTYPE rss [<!ENTITY m "{"x" * 200_000}">]>'
OUTSIDE = '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY h SYSTEM "http://127.0.0.1:9/x">]>'


@pytest.mark.parametrize(
    ("doctype", "title"),
    [
        (LAUGHS, "&m;"),
        (LONG, "&m;" * 4_000),
        (OUTSIDE, "&f;&h;"),
        (LONG.replace("<!ENTITY m", "<!ENTITY\n m"), "&m;" * 4_000),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_tricks_cost_nothing(doctype: str, title: str, encoding: str, serve: Serve, fence: Fence) -> None:
    start, _, rest = HEAD.partition("\n")
    feed = start.replace("utf-8", encoding) + doctype + rest
    feed += f"<item><title>T {title}</title><link>https://x.example/a</link></item>{ITEM}{TAIL}"
    tracemalloc.start()
    started = time.monotonic()
    result = _read(feed.encode(encoding), serve)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.monotonic() - started < 10
    assert peak < 60_000_000
    assert any("entities" in problem for problem in result.problems)
    assert max(len(article.title) for article in result.articles) < 100_000
    assert any(article.identity == "ob:1" for article in result.articles)
    assert not any(port == 9 for _, port in fence.connects)


def test_deep_nesting_is_harmless(serve: Serve) -> None:
    deep = "&lt;div&gt;" * 20_000 + "fond"
    result = _read(_item(f"<title>T</title><link>https://x.example/a</link><description>{deep}</description>"), serve)
    assert result.articles[0].summary == "fond"


@pytest.mark.parametrize(
    ("status", "words"), [(404, "check the address"), (410, "check"), (500, "status 500"), (304, "304")]
)
def test_answers_without_a_feed(status: int, words: str, serve: Serve) -> None:
    server = serve(lambda request: Reply(status))
    with pytest.raises(Unavailable, match=words):
        read("feed", server.origin, Outbound(private_origins=frozenset({server.origin})), now=NOW)


def test_a_private_feed_must_be_configured(serve: Serve) -> None:
    server = serve(lambda request: Reply(body=(HEAD + ITEM + TAIL).encode()))
    with pytest.raises(NotAllowed, match="private_origins"):
        read("feed", server.origin, Outbound(), now=NOW)
    assert server.requests == []


def test_overblog_reads_rss(serve: Serve) -> None:
    server = serve(lambda request: Reply(404 if request.path != "/rss" else 200, body=(HEAD + ITEM + TAIL).encode()))
    client = Outbound(private_origins=frozenset({server.origin}))
    assert len(read("overblog", server.origin, client, now=NOW).articles) == 1


@pytest.mark.parametrize(
    ("written", "feed"),
    [
        ("lea.over-blog.com", "https://lea.over-blog.com/rss"),
        ("https://lea.over-blog.com/", "https://lea.over-blog.com/rss"),
        ("https://Lea.Over-Blog.com/2026/03/chene.html?x=1", "https://lea.over-blog.com/rss"),
        ("http://www.atelier-lea.example/rss", "http://www.atelier-lea.example/rss"),
        ("http://127.0.0.1:8808", "http://127.0.0.1:8808/rss"),
    ],
)
def test_overblog_addresses(written: str, feed: str) -> None:
    assert check_address("overblog", written) == feed


@pytest.mark.parametrize(
    "written", ["www.over-blog.com", "https://image.over-blog.com/x.jpg", "https://over-blog.com", "ftp://x"]
)
def test_overblog_addresses_that_are_no_blog(written: str) -> None:
    with pytest.raises(BadInput):
        check_address("overblog", written)


def test_an_unknown_kind_is_told() -> None:
    with pytest.raises(BadInput, match="feed, overblog, page, file"):
        check_address("gazette", "https://x.example")


def test_the_server_helper_serves() -> None:
    with serving(lambda request: Reply(body=b"x")) as server:
        assert (
            Outbound(private_origins=frozenset({server.origin})).send("GET", server.origin, configured=True).body
            == b"x"
        )
