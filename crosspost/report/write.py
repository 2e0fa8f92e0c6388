"""`write`: one audit in, one folder out, all of it or none."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crosspost.audit.results import Audit
from crosspost.domain.errors import BadInput
from crosspost.report import html, pdf, shapes, sheets
from crosspost.report.charts import made
from crosspost.report.language.words import Words, words
from crosspost.report.records import Chart, LeftOut
from crosspost.report.text import Drawable, clean
from crosspost.report.view import page

HTML, PDF, JSON, CHARTS, TABLES = "report.html", "report.pdf", "audit.json", "charts", "tables"
BUNDLE = "bundle.zip"  # made beside it; it holds nothing that must go, so it outlives a report that is written again
OURS = frozenset({HTML, PDF, JSON, CHARTS, TABLES, BUNDLE})
_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Written:
    """`files` are those to open first. `replaced` names the characters that no font of the PDF and charts has."""

    folder: Path
    files: tuple[Path, ...]
    replaced: tuple[str, ...] = ()


def write(audit: Audit, folder: Path, *, language: str = "en") -> Written:
    """Write report.html, report.pdf, audit.json, charts/ and tables/ to `folder`, in place of an older report.

    Equal audits give equal bytes. On any failure what was in `folder` stays as it was. Raises BadInput when the
    folder holds anything but a report, cannot be written, or the language has no catalogue.
    """
    say = words(language)
    fit = Drawable()
    names = [_named(table.name) for table in audit.tables]
    with _swapped(folder) as fresh:
        charts = made(audit, say)
        pictures = {}
        (fresh / CHARTS).mkdir()
        for chart in charts:
            if isinstance(chart, LeftOut):
                continue
            wide, narrow = (_picture(chart, say, fit, wide=wide) for wide in (True, False))
            pictures[chart.name] = html.Picture(wide[0], narrow[0])
            (fresh / CHARTS / f"{chart.name}.svg").write_bytes(wide[0])
            (fresh / CHARTS / f"{chart.name}.png").write_bytes(wide[1])
        (fresh / TABLES).mkdir()
        for name, table in zip(names, audit.tables, strict=True):
            (fresh / TABLES / f"{name}.csv").write_bytes(sheets.render(table))
        content = page(audit, charts, say)
        (fresh / HTML).write_bytes(html.render(content, pictures, say))
        (fresh / PDF).write_bytes(pdf.render(content, {name: one.wide for name, one in pictures.items()}, say, fit))
        (fresh / JSON).write_bytes(audit.as_json())
    return Written(folder, tuple(folder / name for name in (HTML, PDF, JSON)), fit.named())


def _picture(chart: Chart, say: Words, fit: Drawable, *, wide: bool) -> tuple[bytes, bytes]:
    """SVG, and PNG of the wide one."""
    from crosspost.report import style

    figure = shapes.draw(chart, say, wide=wide, fit=fit)
    return style.svg(figure, clean(chart.title)), style.png(figure) if wide else b""


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a file")
    return name


@contextmanager
def _swapped(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder` that takes its place when the block ends well, and vanishes when it does not."""
    folder = folder.absolute()
    _refuse_others(folder)
    token = secrets.token_hex(4)
    fresh, old = (folder.parent / f".{folder.name}.{token}.{what}" for what in ("new", "old"))
    try:
        try:
            fresh.mkdir(parents=True)
        except OSError as error:
            raise BadInput(f"cannot be written ({error.strerror})", where=str(folder), remedy="check --out") from None
        yield fresh
        had = folder.exists()
        if (folder / BUNDLE).exists():
            shutil.copyfile(folder / BUNDLE, fresh / BUNDLE)
        if had:
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if had:
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)


def _refuse_others(folder: Path) -> None:
    """A report replaces its whole folder: anything else in there would be lost."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BadInput("is a file", where=str(folder), remedy="name a folder with --out")
    others = sorted(entry.name for entry in folder.iterdir() if entry.name not in OURS)
    if others:
        raise BadInput(f"holds other things ({clean(others[0])})", where=str(folder), remedy="name a folder of its own")
