"""`write`: one audit in, one folder out, all of it or none."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from crosspost.audit.results import Audit
from crosspost.audit.since import Changes
from crosspost.domain.errors import BadInput
from crosspost.report import html, pdf, shapes, sheets, summary
from crosspost.report.charts import prepare
from crosspost.report.language.words import Words, words
from crosspost.report.place import JSON
from crosspost.report.records import Chart
from crosspost.report.text import Drawable, clean
from crosspost.report.view import page

HTML, PDF, CHARTS, TABLES = "report.html", "report.pdf", "charts", "tables"
BUNDLE = "bundle.zip"  # made beside it; it holds nothing that must go, so it outlives a report that is written again
SUMMARY = "summary.txt"  # of a kept report: what a mail says of it
BLANK = "README.txt"  # in place of a report that had to go: why
OURS = frozenset({HTML, PDF, JSON, CHARTS, TABLES, BUNDLE, SUMMARY, BLANK})
_LEFT_S = 3600.0  # a draft that old is of a process that died
_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Written:
    """`files` are those to open first. `replaced` names the characters that no font of the PDF and charts has."""

    folder: Path
    files: tuple[Path, ...]
    replaced: tuple[str, ...] = ()


def write(
    audit: Audit, folder: Path, *, language: str = "en", changes: Changes | None = None, summed_up: bool = False
) -> Written:
    """Write report.html, report.pdf, audit.json, charts/ and tables/ to `folder`, in place of an older report.

    `changes` are told on the page; with `summed_up` the verdicts and they stand in summary.txt as well. Equal audits
    give equal bytes. On any failure what was in `folder` stays as it was. Raises BadInput when the
    folder holds anything but a report, cannot be written, or the language has no catalogue.
    """
    say = words(language)
    fit = Drawable()
    names = [_named(table.name) for table in audit.tables]
    with _swapped(folder) as fresh:
        drawn = prepare(audit, say)
        pictures = {}
        (fresh / CHARTS).mkdir()
        for chart in drawn:
            wide, narrow = (_picture(chart, say, fit, wide=wide) for wide in (True, False))
            pictures[chart.name] = html.Picture(wide[0], narrow[0])
            (fresh / CHARTS / f"{chart.name}.svg").write_bytes(wide[0])
            (fresh / CHARTS / f"{chart.name}.png").write_bytes(wide[1])
        (fresh / TABLES).mkdir()
        for name, table in zip(names, audit.tables, strict=True):
            (fresh / TABLES / f"{name}.csv").write_bytes(sheets.render(table))
        content = page(audit, drawn, say, changes)
        (fresh / HTML).write_bytes(html.render(content, pictures, say))
        (fresh / PDF).write_bytes(pdf.render(content, {name: one.wide for name, one in pictures.items()}, say, fit))
        (fresh / JSON).write_bytes(audit.as_json())
        if summed_up:
            (fresh / SUMMARY).write_text(summary.render(content, say), "utf-8")
    return Written(folder, tuple(folder / name for name in (HTML, PDF, JSON)), fit.named())


def blank(folder: Path, why: str) -> None:
    """Remove every file of the report in `folder`, and leave the sentence `why` in their place. Raises OSError."""
    for name in sorted(OURS):
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
    (folder / BLANK).write_text(f"{why}\n", "utf-8")


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
        _sweep(fresh, folder.name)
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


def _sweep(fresh: Path, name: str) -> None:
    """Remove the drafts of `name` that processes left which were killed while they wrote."""
    now = fresh.stat().st_mtime
    for left in fresh.parent.glob(f".{name}.*"):
        if re.fullmatch(r"[0-9a-f]{8}\.(new|old)", left.name.removeprefix(f".{name}.")):
            with suppress(OSError):
                if now - left.stat().st_mtime > _LEFT_S:
                    shutil.rmtree(left)


def _refuse_others(folder: Path) -> None:
    """A report replaces its whole folder: anything else in there would be lost."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BadInput("is a file", where=str(folder), remedy="name a folder with --out")
    others = sorted(entry.name for entry in folder.iterdir() if entry.name not in OURS)
    if others:
        raise BadInput(f"holds other things ({clean(others[0])})", where=str(folder), remedy="name a folder of its own")
