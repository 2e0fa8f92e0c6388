"""From what sources write to what crosspost keeps: plain text, clean addresses, aware dates."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from bs4.builder import ParserRejectedMarkup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from crosspost.domain.period import aware
from crosspost.outside.address import origin_of
from crosspost.outside.failures import AddressRefused

_SILENT = frozenset(["script", "style", "template", "noscript", "svg", "iframe", "object", "head", "title"])
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "tr", "ul",
})  # fmt: skip
# ASCII blanks only: the non-breaking spaces of French typography are part of the text.
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_PROLOG = re.compile(r"^\ufeff?\s*<\?xml[^>]*>")


def soup(markup: str) -> BeautifulSoup:
    """A lenient parse that fetches nothing and runs nothing."""
    clean = _PROLOG.sub("", markup)
    try:
        return BeautifulSoup(clean, "html.parser")
    except ParserRejectedMarkup:  # `<![ ` begins no declaration: it is text
        return BeautifulSoup(clean.replace("<!", "&lt;!"), "html.parser")


def plain(markup: str) -> str:
    """The text of an HTML fragment: paragraphs apart by an empty line, <br> a line break, no script or
    style."""
    if "<" not in markup:
        return one_line(html.unescape(markup))
    return plain_tree(soup(markup))


def plain_tree(tree: Tag) -> str:
    """As `plain`, for a parsed part of a page. The tree is not changed."""
    paragraphs: list[list[str]] = [[]]
    walk: list[tuple[Iterator[PageElement], bool]] = [(iter(tree.children), True)]
    while walk:
        children, block = walk[-1]
        node = next(children, None)
        if node is None:
            walk.pop()
            if block:
                paragraphs.append([])
        elif isinstance(node, Tag):
            if node.name == "br":
                paragraphs[-1].append("\0")
            elif node.name not in _SILENT:
                if node.name in _BLOCKS:
                    paragraphs.append([])
                walk.append((iter(node.children), node.name in _BLOCKS))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            paragraphs[-1].append(str(node).replace("\0", ""))
    texts = (_BLANKS.sub(" ", "".join(parts)) for parts in paragraphs)
    lines = ("\n".join(line.strip(" ") for line in text.split("\0")).strip("\n ") for text in texts)
    return "\n\n".join(line for line in lines if line)


def one_line(text: str) -> str:
    """Blanks and line breaks as single spaces; other spaces are kept."""
    return _BLANKS.sub(" ", text).strip(" ")


def first_words(text: str, limit: int = 80) -> str:
    """The text's beginning, cut between words, for items without a title."""
    line = one_line(text.split("\n\n")[0])
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def link(written: str | None, base: str = "") -> str | None:
    """An absolute http(s) address, or None. Nothing else may become a link: javascript:, data:, file: …"""
    if not written or not written.strip():
        return None
    try:
        absolute = urljoin(base, written.strip().replace(" ", "%20"))
        origin_of(absolute)
    except (ValueError, AddressRefused):
        return None
    return absolute


def language_tag(written: str | None) -> str | None:
    """A BCP 47 tag from `fr`, `fr-FR` or `fr_FR`; None for anything else."""
    tag = (written or "").strip().replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) else None


def tags(written: list[str]) -> tuple[str, ...]:
    """Tags without their #, each once, in their order."""
    kept: dict[str, str] = {}
    for tag in written:
        clean = one_line(html.unescape(tag)).lstrip("#").strip()
        if clean:
            kept.setdefault(clean.casefold(), clean)
    return tuple(kept.values())


def date(written: str | None) -> tuple[datetime | None, str | None]:
    """An instant in UTC from RFC 822 or ISO 8601, else None with the problem. A missing zone is not
    guessed."""
    text = one_line(written or "")
    if not text:
        return None, None
    found: datetime | None = None
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = parse(text)
            break
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    if found is None:
        return None, f"its date {text[:60]!r} cannot be read"
    if found.tzinfo is None:
        return None, f"its date {text[:60]!r} has no time zone"
    try:
        return aware(found), None
    except OverflowError:
        return None, f"its date {text[:60]!r} is out of range"
