"""The PDF: a Typst page fed with data, checked against PDF/UA-1 as it is made.

Outside text reaches Typst as JSON strings only, which it shows and never runs.
"""

from __future__ import annotations

import json
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

LABELS = (
    "page.heading", "page.answers", "page.charts", "page.annex", "page.claims", "page.further", "page.idle",
    "page.tables", "page.remarks", "page.warnings", "page.notes", "page.locks", "page.files",
)  # fmt: skip


def render(page: Page, pictures: Mapping[str, Picture], words: Words, fit: Drawable) -> bytes:
    """The page as a tagged PDF; `pictures` are by chart name. Raises typst.TypstError if it breaks PDF/UA-1."""
    import typst

    letterhead = page.letterhead
    data: dict[str, Any] = _fitted(asdict(replace(page, letterhead=replace(letterhead, logo=b""))), fit)
    del data["letterhead"]["logo"]
    for chart in (*data["charts"], *data["further"]):
        chart["numbers"] = words("page.numbers", tables=", ".join(csv_path(name) for name in chart["tables"]))
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
    with TemporaryDirectory(prefix="crosspost-pdf-") as scratch:
        folder = Path(scratch)
        (folder / "data.json").write_text(json.dumps(data), "utf-8")
        if letterhead.logo:
            (folder / f"logo.{letterhead.kind}").write_bytes(letterhead.logo)
        for chart in (*page.charts, *page.further):
            (folder / f"{chart.name}.wide.svg").write_bytes(pictures[chart.name].wide)
            (folder / f"{chart.name}.narrow.svg").write_bytes(pictures[chart.name].narrow)
        main = folder / "report.typ"
        main.write_bytes((files("crosspost.report") / "templates" / "report.typ").read_bytes())
        made = typst.compile(
            main, root=folder, font_paths=[fonts.FOLDER, fonts.dejavu()], ignore_system_fonts=True, format="pdf",
            pdf_standards=["ua-1"],
        )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def _fitted(value: Any, fit: Callable[[str], str]) -> Any:
    """The same value with every text made drawable."""
    if isinstance(value, str):
        return fit(value)
    if isinstance(value, dict):
        return {key: _fitted(item, fit) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fitted(item, fit) for item in value]
    return value
