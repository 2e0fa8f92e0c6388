"""A consultant's logo, made harmless: a PNG is drawn again, an SVG is rebuilt from shapes that are known."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from crosspost.domain.errors import BadInput

MOST_BYTES = 1_000_000
MOST_PIXELS = 4096  # a side: more is a bomb, or no logo
SHOWN = (1200, 600)  # pixels a PNG is brought down to
MOST_SHAPES, DEEPEST = 5000, 40
_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = {
    "svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "linearGradient",
    "radialGradient", "stop", "clipPath", "mask",
}  # fmt: skip
_TEXTS = frozenset({"title", "desc", "metadata"})  # shown nowhere
_ATTRIBUTES = {
    "id", "viewBox", "width", "height", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy",
    "d", "points", "transform", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "stroke-opacity", "opacity",
    "clip-path", "clip-rule", "clipPathUnits", "mask", "maskUnits", "offset", "stop-color", "stop-opacity",
    "gradientUnits", "gradientTransform", "spreadMethod", "preserveAspectRatio", "style",
}  # fmt: skip
_IGNORED = {
    "class", "version", "baseProfile", "role", "focusable", "display", "visibility", "overflow", "color",
    "enable-background",
}  # fmt: skip
_URL = re.compile(r"url\((?!#[\w-]+\))", re.IGNORECASE)
_RUNS = re.compile(r"[\\<>@]|expression|javascript|import|/\*|&", re.IGNORECASE)


def checked(content: bytes) -> tuple[bytes, str]:
    """The logo as it may be embedded, and its kind: png or svg. Raises BadInput, without a place."""
    if len(content) > MOST_BYTES:
        raise BadInput(f"the logo has {len(content):,} bytes, over {MOST_BYTES:,}", remedy="save it smaller")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(content), "png"
    if b"<svg" in content[:4000]:
        return _svg(content), "svg"
    raise BadInput("the logo is neither a PNG nor an SVG", remedy="save it as one of them")


def _png(content: bytes) -> bytes:
    """Decoded and written again: nothing but pixels is left."""
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=("PNG",)) as image:
            if max(image.size) > MOST_PIXELS:
                size = " × ".join(map(str, image.size))
                raise BadInput(f"the logo has {size} pixels, over {MOST_PIXELS} a side", remedy="save it smaller")
            drawn = image.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput("the logo is a PNG that cannot be read", remedy="save it again") from error
    drawn.thumbnail(SHOWN)
    plain = Image.new("RGBA", drawn.size)
    plain.paste(drawn)
    out = BytesIO()
    plain.save(out, "PNG")
    return out.getvalue()


def _svg(content: bytes) -> bytes:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(_without_doctype(content))
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise BadInput("the logo is an SVG that cannot be read", remedy="save it as plain SVG, or as PNG") from error
    shapes = list(root.iter())
    if len(shapes) > MOST_SHAPES:
        raise BadInput(f"the logo has {len(shapes):,} shapes, over {MOST_SHAPES:,}", remedy="save it as PNG")
    if root.tag != f"{_SVG}svg":
        raise BadInput("the logo is no SVG", remedy="save it as plain SVG, or as PNG")
    made = Element("svg", {"xmlns": "http://www.w3.org/2000/svg"})
    _rebuild(root, made)
    if not {"viewBox", "width"} & set(made.attrib):
        raise BadInput("the logo has neither a viewBox nor a width", remedy="save it with its size, or as PNG")
    rebuilt = tostring(made)
    _drawn(rebuilt)
    return rebuilt


def _without_doctype(content: bytes) -> bytes:
    """Drawing programs write the document type of SVG 1.1, which says nothing; any other is left for the parser."""
    return re.sub(rb'<!DOCTYPE svg PUBLIC "[^"<>]*"\s*"[^"<>]*"\s*>', b"", content, count=1)


def _rebuild(source: Element, made: Element, depth: int = 0) -> None:
    """Known shapes and attributes alone; what a drawing program notes in names of its own is left out."""
    if depth > DEEPEST:
        raise BadInput(f"the logo has groups within groups, {DEEPEST} deep and more", remedy="save it as PNG")
    for name, value in source.attrib.items():
        if name.startswith("{") and "xlink" not in name:
            continue
        if name in _IGNORED or name.startswith(("data-", "aria-", "font-", "text-")):
            continue
        if name not in _ATTRIBUTES:
            raise BadInput(f"the logo has {_short(name)}, which may reach outside", remedy="save it as PNG")
        if _URL.search(value) or _RUNS.search(value):
            raise BadInput(f"the logo has {name}={_short(value)}, which may reach outside", remedy="save it as PNG")
        made.set(name, value)
    for child in source:
        if not isinstance(child.tag, str) or not child.tag.startswith(_SVG):
            continue
        name = child.tag.removeprefix(_SVG)
        if name in _TEXTS:
            continue
        if name not in _SHAPES:
            what = "text to paths" if name in ("text", "tspan") else "it to plain shapes"
            raise BadInput(
                f"the logo has <{_short(name)}>, which is not taken", remedy=f"convert {what}, or save as PNG"
            )
        _rebuild(child, SubElement(made, name), depth + 1)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def _drawn(content: bytes) -> None:
    """That the PDF can draw it: a page of it alone is made."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    import typst

    with TemporaryDirectory(prefix="crosspost-logo-") as scratch:
        folder = Path(scratch)
        (folder / "logo.svg").write_bytes(content)
        (folder / "page.typ").write_text('#image("logo.svg", width: 40mm)')
        try:
            typst.compile(folder / "page.typ", root=folder, ignore_system_fonts=True, format="svg")
        except typst.TypstError as error:
            raise BadInput("the logo is an SVG that cannot be drawn", remedy="save it as PNG") from error
