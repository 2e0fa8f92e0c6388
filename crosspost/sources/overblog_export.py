"""The XML that Overblog's administration exports, as it comes: often not well-formed, and read all the same.

    root / posts / post / title, content, slug, status, created_at, modified_at, tags (with commas), comments / comment

No XML parser reads it: one bare `&`, one control character or one broken CDATA section would cost the whole blog. A
scanner looks for these few names outside CDATA sections instead, expands no entity but HTML's own, and tells what it
left out, with its line. Comments are other people's words: they are not read.

Source: the names, and that `status` 1 is a draft, from ixelia-fr/overblog-to-wordpress, read 2026-11; no export of a
real blog was seen.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from crosspost.domain.article import Article
from crosspost.domain.errors import BadInput
from crosspost.domain.period import aware
from crosspost.domain.slots import resolve
from crosspost.sources import text

_FIELDS = ("title", "content", "slug", "status", "created_at", "modified_at", "published_at", "tags", "author", "id")
_NEXT = re.compile(rf"\s*(?:<(?:{'|'.join(_FIELDS)}|comments)\s*/?>|</post\s*>|$)")
_POST, _POST_END = re.compile(r"<post(?:\s[^<>]*)?>"), re.compile(r"</post\s*>")
_OPEN, _CLOSE = "<![CDATA[", "]]>"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DRAFT = frozenset({"1", "draft", "brouillon"})
_MOST_TOLD = 50


@dataclass(slots=True)
class _Export:
    """The file as text, and the same with its CDATA sections blanked: what stands there is no markup."""

    text: str
    mask: str
    problems: list[str] = field(default_factory=list)

    def tell(self, at: int, what: str) -> None:
        if len(self.problems) >= _MOST_TOLD:  # its line is told to nobody, and finding each would take minutes
            self.problems.append(what)
            return
        self.problems.append(f"line {self.text.count(chr(10), 0, at) + 1}: {what}")


def parse(data: bytes, where: str, blog: str, zone: ZoneInfo) -> tuple[tuple[Article, ...], tuple[str, ...]]:
    """The published posts of an export, in its order, and what could not be read.

    `blog` is the address the slugs stand below, `zone` the blog's, in which its dates are written. Raises BadInput
    for a file that is no export, or that declares entities.
    """
    written, problems = _decoded(data)
    export = _Export(written, _masked(written), problems)
    starts = list(_POST.finditer(export.mask))
    head = export.mask[: starts[0].start() if starts else 2000]
    if "<!ENTITY" in head:
        line = export.mask.count("\n", 0, export.mask.index("<!ENTITY")) + 1
        raise BadInput("it declares entities, which no export does", where=f"{where}, line {line}",
                       remedy="export it again from Overblog's administration")  # fmt: skip
    if not starts and "<posts" not in head:
        raise BadInput("this is no export of an Overblog blog", where=where, remedy="its posts stand in <post>")
    articles: dict[str, Article] = {}
    drafts = 0
    for number, start in enumerate(starts):
        after = starts[number + 1].start() if number + 1 < len(starts) else len(written)
        end = _POST_END.search(export.mask, start.end(), after)
        if end is None:
            last = number + 1 == len(starts)
            export.tell(start.start(), "the file ends within this post" if last else "this post has no end")
        fields = _fields(export, start.end(), end.start() if end else after)
        if fields is None:
            continue
        if fields.get("status", "").strip().lower() in _DRAFT:
            drafts += 1
            continue
        article = _article(export, start.start(), fields, blog, zone)
        if article is not None and article.identity in articles:
            export.tell(start.start(), f"{article.url} was there before; left out")
        elif article is not None:
            articles[article.identity] = article
    told = export.problems
    if len(told) > _MOST_TOLD:
        told = [*told[:_MOST_TOLD], f"and {len(told) - _MOST_TOLD} more problems"]
    return tuple(articles.values()), (*told, *([f"{drafts} drafts were left out"] if drafts else []))


def _decoded(data: bytes) -> tuple[str, list[str]]:
    """Line by line: what is UTF-8 is read as that whatever the file declares, the rest as declared or Windows-1252."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data, declared = data.decode("utf-16", "replace").encode(), "utf-8"
    else:
        data = data.removeprefix(codecs.BOM_UTF8)
        declared = _declared(data)
    other = "windows-1252" if declared in ("utf-8", "ascii") else declared
    lines, odd, controls, read_as_utf8 = [], [], [], False
    for number, raw in enumerate(data.replace(b"\r\n", b"\n").split(b"\n"), start=1):
        try:
            line = raw.decode("utf-8")
            read_as_utf8 = read_as_utf8 or not raw.isascii()
        except UnicodeDecodeError:
            line = raw.decode(other, "replace")
            odd.append(number)
        if _CONTROL.search(line):
            line = _CONTROL.sub("", line)
            controls.append(number)
        lines.append(line)
    problems = []
    if odd and other != declared:
        problems.append(f"line {odd[0]}: not {declared}; {len(odd)} lines were read as {other}")
    if read_as_utf8 and declared != "utf-8":
        problems.append(f"line 1: it declares {declared}, and is UTF-8")
    if controls:
        problems.append(f"line {controls[0]}: control characters were removed, in {len(controls)} lines")
    return "\n".join(lines), problems


def _declared(data: bytes) -> str:
    found = re.match(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]{1,40})", data[:300])
    try:
        name = codecs.lookup(found[1].decode("ascii")).name if found else "utf-8"
        b"".decode(name)
    except LookupError:
        return "utf-8"
    return name


def _masked(written: str) -> str:
    """Blank what stands in CDATA sections. One that another opens within has lost its end: it hides nothing."""
    parts, at, end = [], 0, written.find(_CLOSE)
    while (start := written.find(_OPEN, at)) >= 0:
        if 0 <= end < start:  # where none follows none ever will: a file of openings alone is read in one go
            end = written.find(_CLOSE, start)
        again = written.find(_OPEN, start + 1)
        parts.append(written[at:start])
        at = start + len(_OPEN) if end < 0 or 0 <= again < end else end + len(_CLOSE)
        parts.append(" " * (at - start))
    parts.append(written[at:])
    return "".join(parts)


def _fields(export: _Export, start: int, end: int) -> dict[str, str] | None:
    """A post's own fields; None when its title, slug or content cannot be told from the rest."""
    mask = export.mask
    comments = re.compile(r"<comments\s*/?>").search(mask, start, end)
    stop = comments.start() if comments else end
    found: dict[str, str] = {}
    for name in _FIELDS:
        opening = re.compile(rf"<{name}\s*(/?)>").search(mask, start, stop)
        if opening is None and comments is not None:  # a field behind the comments
            closed = mask.rfind("</comments>", comments.end(), end)
            opening = re.compile(rf"<{name}\s*(/?)>").search(mask, closed, end) if closed >= 0 else None
        if opening is None or opening[1]:
            continue
        closing = _closing(mask, name, opening.end(), end)
        if closing is None:
            export.tell(opening.start(), f"<{name}> has no end; the post is left out")
            return None
        found[name] = _value(export.text[opening.end() : closing])
    return found


def _closing(mask: str, name: str, start: int, end: int) -> int | None:
    """Where the field ends: at the first end tag that another field, or the post's end, follows."""
    for closing in re.compile(rf"</{name}\s*>").finditer(mask, start, end):
        if _NEXT.match(mask, closing.end(), end):
            return closing.start()
    return None


def _value(raw: str) -> str:
    raw = raw.strip()
    if raw.startswith(_OPEN):
        return raw.replace(f"{_CLOSE}{_OPEN}", "").removeprefix(_OPEN).removesuffix(_CLOSE)
    # Only what ends in a semicolon: `?a=1&copy=2` holds no ©.
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), raw)


def _article(export: _Export, at: int, fields: dict[str, str], blog: str, zone: ZoneInfo) -> Article | None:
    title = text.one_line(text.plain(fields.get("title", "")))
    local, published = _when(export, at, fields.get("published_at") or fields.get("created_at", ""), zone)
    url = _url(fields.get("slug", "").strip(), blog, local)
    if not title or url is None:
        export.tell(at, f"a post without {'an address' if title else 'a title'}; left out")
        return None
    markup = fields.get("content", "")
    image = text.soup(markup).find("img") if "<img" in markup else None
    source = text.link(str(image.get("src") or ""), blog) if image else None
    alt = text.one_line(str(image.get("alt") or "")) if image else ""
    return Article(
        identity=url, url=url, title=title, summary=None, text=text.plain(markup) or None, language=None,
        image_url=source, image_alt=alt or None if source else None,
        tags=text.tags(fields.get("tags", "").split(",")), author=None, published_at=published,
    )  # fmt: skip


def _when(export: _Export, at: int, written: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The wall time in the blog's zone, and the instant."""
    if not written.strip():
        return None, None
    try:
        found = datetime.fromisoformat(written.strip())
        instant = aware(found) if found.tzinfo else resolve(found, zone).at
    except (ValueError, OverflowError):
        export.tell(at, f"its date {written.strip()[:40]!r} cannot be read")
        return None, None
    return instant.astimezone(zone), instant


def _url(slug: str, blog: str, local: datetime | None) -> str | None:
    """Where it stands: `2014/05/titre.html` and `article-123.html` below the blog, a bare slug below its month."""
    if slug.startswith(("http://", "https://")):
        return text.link(slug)
    path = slug.strip("/")
    if not path:
        return None
    if "/" not in path and not path.endswith(".html"):
        if local is None:
            return None
        path = f"{local:%Y/%m}/{path}"
    whole = path if path.endswith(".html") else f"{path}.html"
    return text.link(f"{blog.rstrip('/')}/{quote(whole, safe='/%')}")
