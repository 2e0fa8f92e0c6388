"""Pages by their metadata, and articles in files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosspost.domain.article import Article
from crosspost.domain.errors import BadInput
from crosspost.outside.http import Outbound
from crosspost.sources import check_address, read, text
from crosspost.sources.page import from_html
from tests.local_server import Reply, serving

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

PAGE = """<?xml version="1.0"?><!doctype html><html lang="fr"><head><title>Titre | Le blog</title>
<meta property="og:title" content="Le chêne &amp; l’atelier"><meta name="description" content="Une  phrase.">
<meta property="og:image" content="/i/un.jpg"><meta property="og:image:alt" content="Un établi">
<meta property="article:tag" content="bois"><meta property="article:tag" content="Bois">
<link rel="canonical" href="https://lea.example/chene"><script type="application/ld+json">
{"@graph": [{"@type": "WebSite"}, {"@type": "Article", "datePublished": "2026-03-03T06:30:00+01:00",
"author": [{"name": "Léa"}]}]}</script><script type="application/ld+json">{broken</script></head>
<body><nav>Menu</nav><article><h1>Le chêne</h1><p>Un.</p><p>Deux&nbsp;!</p><script>x()</script></article></body>"""


def test_a_page_tells_what_it_is() -> None:
    assert from_html(PAGE, "https://lea.example/2026/chene?utm_source=x") == Article(
        identity="https://lea.example/chene",
        url="https://lea.example/chene",
        title="Le chêne & l’atelier",
        summary="Une phrase.",
        text="Le chêne\n\nUn.\n\nDeux\u00a0!",
        language="fr",
        image_url="https://lea.example/i/un.jpg",
        image_alt="Un établi",
        tags=("bois",),
        author="Léa",
        published_at=datetime(2026, 3, 3, 5, 30, tzinfo=UTC),
    )


def _page(head: str) -> Article:
    article = from_html(f"<html><head><title>T</title>{head}</head></html>", "https://lea.example/a/")
    assert article is not None
    return article


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://u:p@x/", "//127.1/"]
)
def test_a_canonical_link_that_is_no_web_address_is_dropped(href: str) -> None:
    article = _page(f'<link rel="canonical" href="{href}">')
    assert article.url == article.identity == "https://lea.example/a/"
    assert "canonical" in article.problems[0]


def test_other_places_of_the_same_facts() -> None:
    article = _page(
        '<meta property="og:locale" content="fr_FR"><meta name="keywords" content="bois, ,atelier">'
        '<meta name="twitter:image" content="https://x.example/t.png"><meta name="author" content="Ana">'
        '<link rel="canonical" href="../b">'
    )
    assert (article.language, article.tags, article.author) == ("fr-FR", ("bois", "atelier"), "Ana")
    assert (article.image_url, article.url) == ("https://x.example/t.png", "https://lea.example/b")
    assert (article.summary, article.text, article.published_at) == (None, None, None)


def test_a_naive_date_is_missing_and_told() -> None:
    article = _page('<meta property="article:published_time" content="2026-03-03 06:30">')
    assert article.published_at is None
    assert "no time zone" in article.problems[0]


def test_hostile_json_ld_is_harmless() -> None:
    nested = '{"@graph": ' * 50_000
    assert _page(f'<script type="application/ld+json">{nested}</script>').title == "T"
    assert (
        _page(
            '<script type="application/ld+json">[{"author": 7, "image": {"url": []}, "headline": {}}]</script>'
        ).author
        is None
    )


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html; charset=iso-8859-1", "<title>Été</title>".encode("latin-1")),
        ("text/html", '<meta charset="iso-8859-1"><title>Été</title>'.encode("latin-1")),
        ("text/html", "<title>Été</title>".encode()),
    ],
)
def test_a_page_over_http(content_type: str, body: bytes) -> None:
    with serving(lambda request: Reply(headers={"Content-Type": content_type, "ETag": '"1"'}, body=body)) as server:
        client = Outbound(private_origins=frozenset({server.origin}))
        result = read("page", f"{server.origin}/a", client, now=NOW)
    assert result.articles[0].title == "Été"
    assert (result.articles[0].url, result.etag) == (f"{server.origin}/a", '"1"')


def test_a_page_without_title_is_told() -> None:
    with (
        serving(lambda request: Reply(body=b"<p>x</p>")) as server,
        pytest.raises(BadInput, match="no title"),
    ):
        read("page", server.origin, Outbound(private_origins=frozenset({server.origin})), now=NOW)


MARKDOWN = """---
title: "Ce que le bois nous apprend"
url: https://lea.example/bois
description: Une phrase.
tags: [bois, "atelier"]
image: /i/un.jpg
alt: Un établi
date: 2026-03-04T09:00:00+01:00
lang: fr
---
# Un autre titre

Premier *paragraphe*,
même ligne.

- un
- deux

<script>alert(1)</script>

![Vue](https://x.example/v.png)
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes, str], Path]:
    def made(content: str | bytes, name: str = "article.md") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return made


Write = Callable[..., Path]


def _file(path: Path) -> Article:
    return read("file", str(path), Outbound(), now=NOW).articles[0]


def test_markdown_with_front_matter(write: Write) -> None:
    assert _file(write(MARKDOWN)) == Article(
        identity="https://lea.example/bois",
        url="https://lea.example/bois",
        title="Ce que le bois nous apprend",
        summary="Une phrase.",
        text="Premier paragraphe, même ligne.\n\nun\n\ndeux",
        language="fr",
        image_url="https://lea.example/i/un.jpg",
        image_alt="Un établi",
        tags=("bois", "atelier"),
        published_at=datetime(2026, 3, 4, 8, 0, tzinfo=UTC),
    )


def test_toml_front_matter_and_what_the_text_gives(write: Write) -> None:
    article = _file(
        write(
            '+++\nlink = "https://lea.example/b"\ntags = ["a", "b"]\ndate = 2026-03-04\n+++\n# Titre\n\n![Vue](https://x.example/v.png)\n'
        )
    )
    assert (article.title, article.tags, article.text) == ("Titre", ("a", "b"), None)
    assert (article.image_url, article.image_alt) == ("https://x.example/v.png", "Vue")
    assert article.published_at is None
    assert "no time zone" in article.problems[0]


def test_lists_of_lines_and_windows_line_ends(write: Write) -> None:
    article = _file(
        write("\ufeff---\r\ntitle: T\r\nurl: https://x.example/a\r\ntags:\r\n  - un\r\n  - deux\r\n---\r\nTexte\r\n")
    )
    assert (article.tags, article.text) == (("un", "deux"), "Texte")


def test_an_unchanged_file_is_known(write: Write) -> None:
    path = str(write(MARKDOWN))
    first = read("file", path, Outbound(), now=NOW)
    assert read("file", path, Outbound(), etag=first.etag, now=NOW).unchanged
    write(MARKDOWN + "plus")
    assert not read("file", path, Outbound(), etag=first.etag, now=NOW).unchanged


def test_an_html_file(write: Write) -> None:
    article = _file(write(PAGE.replace('content="/i/un.jpg"', 'content="un.jpg"'), "a.html"))
    assert article.url == "https://lea.example/chene"
    assert article.image_url is None
    assert "image" in article.problems[0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.md", "---\ntitle: T\n---\nx", r"a\.md.*published.*add `url"),
        ("a.md", "---\nurl: javascript:alert(1)\ntitle: T\n---\n", "published"),
        ("a.md", "---\nurl: https://x.example\n---\nx", "no title"),
        ("a.md", "---\ntitle T\n---\nx", r"a\.md, line 2: 'title T' is not `key: value`"),
        ("a.md", "---\ntitle: T\nx", "no end"),
        ("a.md", "+++\ntitle = \n+++\n", "not TOML"),
        ("a.md", b"ligne\n\xff", r"line 2: it is not UTF-8"),
        ("a.html", "<title>T</title>", "canonical"),
        ("a.html", "<p>x</p>", "no title"),
        ("a.txt", "x", "not a Markdown or HTML file"),
    ],
)
def test_files_that_cannot_be_used(name: str, content: str | bytes, words: str, write: Write) -> None:
    with pytest.raises(BadInput, match=words):
        _file(write(content, name))


def test_file_addresses(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(MARKDOWN)
    monkeypatch.chdir(tmp_path)
    assert check_address("file", "article.md") == str(tmp_path / "article.md")
    with pytest.raises(BadInput, match="no such file"):
        check_address("file", "missing.md")


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("Tom &amp; Léa", "Tom & Léa"),
        ("a\n b\tc", "a b c"),
        ("« Oui\u202f! »\u00a0: non", "« Oui\u202f! »\u00a0: non"),
        ("<p>a</p>b<b>c</b><p>d</p>", "a\n\nbc\n\nd"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>un<li>deux</ul>fin", "un\n\ndeux\n\nfin"),
        ("<style>x{}</style>a<script>y()</script><!-- z --><template>t</template>", "a"),
        ("un<p>deux", "un\n\ndeux"),
        ("👩‍🚀 <b>é</b>", "👩‍🚀 é"),
        ("", ""),
    ],
)
def test_plain_text(markup: str, plain: str) -> None:
    assert text.plain(markup) == plain
