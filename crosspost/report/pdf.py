"""The PDF: a Typst page fed with data, checked against PDF/UA-1 as it is made.

Outside text reaches Typst as JSON strings only, which it shows and never runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crosspost.report import fonts
from crosspost.report.html import Picture
from crosspost.report.language.words import Words
from crosspost.report.tables import csv_path
from crosspost.report.text import Drawable
from crosspost.report.view import Page

TEXT = 170.0  # mm between the margins
HALF, WHOLE = 106.0, 215.0  # mm that a picture may be high, two on a page and alone
COLUMN, CAPTION = 81.0, 26.0  # mm: how wide a picture of the annex is, and about what its words take
HIGHEST = 150.0  # mm that it may be high in one column
TALL = 165.0  # mm at full width: halved, its words would be too small to read
_SIZE = re.compile(rb'<svg[^>]* width="([0-9.]+)pt" height="([0-9.]+)pt"')
LABELS = (
    "page.heading", "page.answers", "page.charts", "page.annex", "page.claims", "page.further", "page.idle",
    "page.tables", "page.remarks", "page.warnings", "page.notes", "page.locks", "page.files",
    "page.changes",
)  # fmt: skip


def render(page: Page, pictures: Mapping[str, Picture], words: Words, fit: Drawable) -> bytes:
    """The page as a tagged PDF; `pictures` are by chart name. Raises typst.TypstError if it breaks PDF/UA-1."""
    letterhead = page.letterhead
    data: dict[str, Any] = fitted(asdict(replace(page, letterhead=replace(letterhead, logo=b""))), fit)
    del data["letterhead"]["logo"]
    for chart in (*data["charts"], *data["further"]):
        chart["width"] = _width(pictures[chart["name"]].wide)
        chart["numbers"] = words("page.numbers", tables=", ".join(csv_path(name) for name in chart["tables"]))
    heights = [0.0, 0.0]
    for chart in data["further"]:
        high = _ratio(pictures[chart["name"]].narrow) * COLUMN
        if high > HIGHEST:
            chart["side"] = None  # across both columns
            continue
        chart["side"] = heights.index(min(heights))
        heights[chart["side"]] += high + CAPTION
    tables = data["tables"]
    data["remarks"] = [
        words(key, names=", ".join(tables[kind]))
        for kind, key in (("empty", "page.no_rows"), ("files", "page.only_files"))
        if tables[kind]
    ]
    data["idle_text"] = [words("page.idle_one", name=name, reason=reason) for name, reason in data["idle"]]
    name = data["letterhead"]["name"]
    data["words"] = {key.removeprefix("page."): words(key) for key in LABELS}
    data["words"] |= {
        "prepared": words("page.prepared", name=name),
        "logo": words("page.logo", name=name or page.brand),
    }
    data["page_of"] = words("page.page", page="{page}", pages="{pages}")
    data["warning_short"] = words("simulated_short")
    data["fonts"] = list(fonts.FAMILIES)
    data["logo"] = f"logo.{letterhead.kind}" if letterhead.logo else None
    if fit.replaced:
        data["remarks"].append(words("page.replaced", characters=", ".join(fit.named())))
    beside = {
        f"{chart.name}.{shape}.svg": getattr(pictures[chart.name], shape)
        for chart in (*page.charts, *page.further)
        for shape in ("wide", "narrow")
    }
    if letterhead.logo:
        beside[f"logo.{letterhead.kind}"] = letterhead.logo
    return compiled("report.typ", data, beside)


def compiled(template: str, data: Mapping[str, Any], beside: Mapping[str, bytes]) -> bytes:
    """The PDF of that template fed with data, with the files `beside` it. Raises typst.TypstError."""
    import typst

    with TemporaryDirectory(prefix="crosspost-pdf-") as scratch:
        folder = Path(scratch)
        (folder / "data.json").write_text(json.dumps(data), "utf-8")
        for name, content in beside.items():
            (folder / name).write_bytes(content)
        main = folder / template
        main.write_bytes((files("crosspost.report") / "templates" / template).read_bytes())
        made = typst.compile(
            main, root=folder, font_paths=[fonts.FOLDER, fonts.dejavu()], ignore_system_fonts=True, format="pdf",
            pdf_standards=["ua-1"],
        )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def _ratio(svg: bytes) -> float:
    """Height over width."""
    found = _SIZE.search(svg)
    assert found is not None
    return float(found[2]) / float(found[1])


def _width(svg: bytes) -> float:
    """How wide to set a picture, in mm: two fit a page, unless it is so high that it is better off with one alone."""
    ratio = _ratio(svg)
    high = HALF if ratio * TEXT <= TALL else WHOLE
    return min(TEXT, high / ratio)


def fitted(value: Any, fit: Callable[[str], str]) -> Any:
    """The same value with every text made drawable."""
    if isinstance(value, str):
        return fit(value)
    if isinstance(value, dict):
        return {key: fitted(item, fit) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fitted(item, fit) for item in value]
    return value
