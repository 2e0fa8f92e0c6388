"""The PDF: a Typst page fed with data, checked against PDF/UA-1 as it is made.

Outside text reaches Typst as JSON strings only, which it shows and never runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crosspost.report.language.words import Words
from crosspost.report.tables import csv_path
from crosspost.report.text import Drawable, font_folder
from crosspost.report.view import Page

LABELS = (
    "page.heading", "page.answer", "page.also", "page.charts", "page.tables", "page.limits", "page.caveats",
    "page.assumptions", "page.warnings", "page.notes", "page.locks", "page.files", "page.changes",
)  # fmt: skip


def render(page: Page, pictures: Mapping[str, bytes], words: Words, fit: Drawable) -> bytes:
    """The page as a tagged PDF; `pictures` are SVGs by chart name. Raises typst.TypstError if it breaks PDF/UA-1."""
    import typst

    data: dict[str, Any] = _fitted(asdict(page), fit)
    for chart in data["charts"]:
        chart["numbers"] = words("page.numbers", tables=", ".join(csv_path(name) for name in chart["tables"]))
    tables = data["tables"]
    data["remarks"] = [
        words(key, names=", ".join(tables[kind]))
        for kind, key in (("empty", "page.no_rows"), ("files", "page.only_files"))
        if tables[kind]
    ]
    data["words"] = {key.removeprefix("page."): words(key) for key in LABELS}
    data["page_of"] = words("page.page", page="{page}", pages="{pages}")
    data["warning_short"] = words("simulated_short")
    if fit.replaced:
        data["remarks"].append(words("page.replaced", characters=", ".join(fit.named())))
    with TemporaryDirectory(prefix="crosspost-pdf-") as name:
        folder = Path(name)
        (folder / "data.json").write_text(json.dumps(data), "utf-8")
        for chart_name, content in pictures.items():
            (folder / f"{chart_name}.svg").write_bytes(content)
        main = folder / "report.typ"
        main.write_bytes((files("crosspost.report") / "templates" / "report.typ").read_bytes())
        made = typst.compile(
            main, root=folder, font_paths=[font_folder()], ignore_system_fonts=True, format="pdf",
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
