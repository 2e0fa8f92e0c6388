"""An article in a file: Markdown with front matter, or HTML with its metadata.

Front matter stands between two lines of `---` (lines of `key: value`) or `+++` (TOML). `url` is needed,
since a teaser without a link leads nowhere:

    ---
    title: Ce que le bois nous apprend
    url: https://example.org/bois
    tags: [bois, atelier]
    date: 2026-03-04T09:00:00+01:00
    ---
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crosspost.domain.article import Article
from crosspost.domain.errors import BadInput
from crosspost.outside.http import Outbound
from crosspost.sources import local, text
from crosspost.sources.page import from_html
from crosspost.sources.source import Read

MARKDOWN, HTML = frozenset({".md", ".markdown"}), frozenset({".html", ".htm"})
MAX_BYTES = 5_000_000

_ALIASES = {
    "link": "url", "canonical": "url", "permalink": "url", "description": "summary", "excerpt": "summary",
    "lang": "language", "id": "identity", "guid": "identity", "image_url": "image", "alt": "image_alt",
    "keywords": "tags", "categories": "tags", "published": "date", "published_at": "date",
}  # fmt: skip
_LINE = re.compile(r"([A-Za-z][\w-]*)\s*:\s*(.*)")


class File:
    def check(self, address: str) -> str:
        if Path(address).suffix.lower() not in MARKDOWN | HTML:
            raise BadInput("not a Markdown or HTML file", where=address, remedy="name it .md or .html")
        return str(local.existing(address))

    def read(
        self, address: str, outbound: Outbound, *, etag: str | None, last_modified: str | None, now: datetime
    ) -> Read:
        path = Path(self.check(address))
        data, seal = local.content(path, MAX_BYTES, "give one article a file")
        if seal == etag:
            return Read((), (), etag, None, unchanged=True)
        try:
            written = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise BadInput("it is not UTF-8", where=f"{address}, line {line}", remedy="save it as UTF-8") from None
        markdown = path.suffix.lower() in MARKDOWN
        article = _from_markdown(written, address) if markdown else _from_html(written, address)
        return Read((article,), article.problems, etag=seal)


def _from_markdown(written: str, where: str) -> Article:
    from markdown_it import MarkdownIt

    written = written.replace("\r\n", "\n")
    fields, body = _front_matter(written, where)
    rendered = MarkdownIt("commonmark").enable("table").render(body)
    tree = text.soup(rendered)
    heading = tree.find("h1")
    title = text.one_line(_one(fields, "title") or (heading.get_text(" ") if heading else ""))
    if not title:
        raise BadInput("it has no title", where=where, remedy="add `title: …` to the front matter, or a # heading")
    if heading is not None:
        heading.decompose()
    url = text.link(_one(fields, "url"))
    if url is None:
        raise BadInput(
            "it does not say where the article is published",
            where=where,
            remedy="add `url: https://…` to the front matter",
        )
    problems: list[str] = []
    published, why = text.date(_one(fields, "date"))
    if why:
        problems.append(why)
    image = tree.find("img")
    first = (image.get("src"), image.get("alt")) if image else (None, None)
    source, alt = (_one(fields, "image"), _one(fields, "image_alt")) if fields.get("image") else first
    address = text.link(str(source), url) if source else None
    if source and address is None:
        problems.append(f"its image {str(source)[:60]!r} is no web address")
    return Article(
        identity=_one(fields, "identity") or url,
        url=url,
        title=title,
        summary=text.one_line(_one(fields, "summary") or "") or None,
        text=text.plain_tree(tree) or None,
        language=text.language_tag(_one(fields, "language")),
        image_url=address,
        image_alt=(text.one_line(str(alt)) if alt and address else None) or None,
        tags=text.tags(_many(fields.get("tags"))),
        author=_one(fields, "author"),
        published_at=published,
        problems=tuple(problems),
    )


def _from_html(written: str, where: str) -> Article:
    article = from_html(written, "")
    if article is None:
        raise BadInput("it has no title", where=where, remedy="add a <title>")
    if not article.url:
        raise BadInput(
            "it does not say where the article is published",
            where=where,
            remedy='add <link rel="canonical" href="https://…"> to its head',
        )
    if article.text is None:
        article = replace(article, text=text.plain(written) or None)
    return article


def _front_matter(written: str, where: str) -> tuple[dict[str, Any], str]:
    lines = written.split("\n")
    fence = lines[0].rstrip()
    if fence not in ("---", "+++"):
        return {}, written
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == fence), None)
    if end is None:
        raise BadInput("the front matter has no end", where=f"{where}, line 1", remedy=f"close it with {fence}")
    head, body = lines[1:end], "\n".join(lines[end + 1 :])
    raw = _toml(head, where) if fence == "+++" else _key_values(head, where)
    return {_ALIASES.get(key.lower(), key.lower()): value for key, value in raw.items()}, body


def _toml(lines: list[str], where: str) -> dict[str, Any]:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"the front matter is not TOML: {error}", where=where, remedy="correct that line") from None


def _key_values(lines: list[str], where: str) -> dict[str, Any]:
    """The common part of YAML: `key: value`, `key: [a, b]`, and a list of `- item` lines after `key:`."""
    found: dict[str, Any] = {}
    key = ""
    for number, line in enumerate(lines, start=2):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("- ") and isinstance(found.get(key), list):
            found[key].append(_bare(stripped[2:]))
            continue
        match = _LINE.fullmatch(stripped)
        if match is None or line[0] in " \t":
            raise BadInput(
                f"{stripped[:60]!r} is not `key: value`", where=f"{where}, line {number}", remedy="one key a line"
            )
        key, value = match[1], match[2].strip()
        if value.startswith("[") and value.endswith("]"):
            found[key] = [_bare(one) for one in value[1:-1].split(",")]
        else:
            found[key] = _bare(value) if value else []
    return found


def _bare(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _one(fields: dict[str, Any], key: str) -> str | None:
    value = fields.get(key)
    if value is None or isinstance(value, list | dict):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _many(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value).split(",") if value else []
