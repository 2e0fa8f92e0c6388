"""`write`: one audit in, one folder out, all of it or none."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from crosspost.audit.results import Audit
from crosspost.audit.since import Changes
from crosspost.domain.errors import BadInput
from crosspost.report import html, parquet, pdf, raster, shapes, sheets, summary
from crosspost.report.charts import made
from crosspost.report.charts.card import card
from crosspost.report.charts.source import Source
from crosspost.report.language.words import Words, words
from crosspost.report.letterhead import PLAIN, Letterhead
from crosspost.report.place import JSON
from crosspost.report.records import Chart, LeftOut
from crosspost.report.text import Drawable, clean
from crosspost.report.view import page

HTML, PDF, CHARTS, TABLES = "report.html", "report.pdf", "charts", "tables"
CARD = "card.png"  # of the first language; beside it as SVG, and in words
BUNDLE = "bundle.zip"  # made beside it; it holds nothing that must go, so it outlives a report that is written again
_OURS = re.compile(
    r"report(\.[a-z]{2,3})?\.(html|pdf)|charts(\.[a-z]{2,3})?|card(\.[a-z]{2,3})?\.(png|svg|txt)|"
    r"audit\.json|tables|bundle\.zip|summary\.txt|README\.txt"
)
SUMMARY = "summary.txt"  # of a kept report: what a mail says of it
BLANK = "README.txt"  # in place of a report that had to go: why
_LEFT_S = 3600.0  # a draft that old is of a process that died
_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Written:
    """`files` are those to open first. `replaced` names the characters that no font of the PDF and charts has."""

    folder: Path
    files: tuple[Path, ...]
    replaced: tuple[str, ...] = ()


def write(
    audit: Audit, folder: Path, *, languages: Sequence[str] = ("en",), letterhead: Letterhead = PLAIN,
    changes: Changes | None = None, summed_up: bool = False,
) -> Written:  # fmt: skip
    """Write report.html, report.pdf, card.png, audit.json, charts/ and tables/ to `folder`, in place of an older one.

    The first language has these names; each further one its own files beside them: report.fr.html, report.fr.pdf,
    card.fr.png, charts.fr/. `changes` are told on the pages; with `summed_up` the answers and they stand in summary.txt
    too, in the first language. Equal audits give equal bytes. On any failure what was in `folder` stays as it was.
    Raises BadInput when the folder holds anything but a report, cannot be written, or a language has no catalogue.
    """
    for language in languages:
        words(language)
    names = [_named(table.name) for table in audit.tables]
    with swapped(folder) as fresh:
        editions = {language: _names(language if at else "") for at, language in enumerate(dict.fromkeys(languages))}
        if len(editions) == 1:
            replaced = [_edition(audit, fresh, letterhead, changes, *one) for one in editions.items()]
        else:  # drawing is the work, and it takes one processor a process
            with ProcessPoolExecutor(min(len(editions), os.cpu_count() or 1), get_context("spawn")) as pool:
                given = [(audit, fresh, letterhead, changes, *one) for one in editions.items()]
                replaced = list(pool.map(_edition, *zip(*given, strict=True)))
        (fresh / TABLES).mkdir()
        for name, table in zip(names, audit.tables, strict=True):
            (fresh / TABLES / f"{name}.csv").write_bytes(sheets.render(table))
            (fresh / TABLES / f"{name}.parquet").write_bytes(parquet.render(table))
        (fresh / JSON).write_bytes(audit.as_json())
        if summed_up:
            say = words(next(iter(editions)))
            (fresh / SUMMARY).write_text(summary.render(page(audit, (), say, letterhead, changes), say), "utf-8")
    files = [folder / name for one in editions.values() for name in one[:2]]
    return Written(
        folder, (*files, folder / JSON, folder / CARD), tuple(sorted({name for one in replaced for name in one}))
    )


def _names(language: str) -> tuple[str, str, str]:
    """Of the page, the PDF and the folder of pictures."""
    if not language:
        return HTML, PDF, CHARTS
    return f"report.{language}.html", f"report.{language}.pdf", f"{CHARTS}.{language}"


def _edition(
    audit: Audit, fresh: Path, letterhead: Letterhead, changes: Changes | None, language: str,
    names: tuple[str, str, str],
) -> tuple[str, ...]:  # fmt: skip
    """Write the report in one language. Returns what its fonts lack."""
    say, fit = words(language), Drawable()
    page_name, pdf_name, folder = names
    charts = made(audit, say)
    pictures = {}
    (fresh / folder).mkdir()
    for chart in charts:
        if isinstance(chart, LeftOut):
            continue
        wide, narrow = (_picture(chart, say, fit, letterhead, wide=wide) for wide in (True, False))
        pictures[chart.name] = html.Picture(wide, narrow)
        (fresh / folder / f"{chart.name}.svg").write_bytes(wide)
    for name, png in raster.pngs({name: one.wide for name, one in pictures.items()}).items():
        (fresh / folder / f"{name}.png").write_bytes(png)
    _card(audit, fresh, page_name.removeprefix("report").removesuffix(".html"), say, fit)
    content = page(audit, charts, say, letterhead, changes)
    (fresh / page_name).write_bytes(html.render(content, pictures, say))
    (fresh / pdf_name).write_bytes(pdf.render(content, pictures, say, fit))
    return fit.named()


def _card(audit: Audit, fresh: Path, suffix: str, say: Words, fit: Drawable) -> None:
    """The honest card as a picture of each kind, and in words for those who cannot see it."""
    from crosspost.report import style

    made = card(Source(audit, say))
    figure = shapes.draw_card(made, fit=fit)
    content = style.svg(figure, clean(made.alt))
    (fresh / f"card{suffix}.svg").write_bytes(content)
    (fresh / f"card{suffix}.png").write_bytes(raster.pngs({"card": content}, figure.dpi)["card"])
    (fresh / f"card{suffix}.txt").write_text("\n".join(map(clean, made.alt.split("\n"))) + "\n", "utf-8")


def blank(folder: Path, why: str) -> None:
    """Remove every file of the report in `folder`, and leave the sentence `why` in their place. Raises OSError."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and _OURS.fullmatch(entry.name):
            shutil.rmtree(entry)
        elif _OURS.fullmatch(entry.name):
            entry.unlink()
    (folder / BLANK).write_text(f"{why}\n", "utf-8")


def _picture(chart: Chart, say: Words, fit: Drawable, letterhead: Letterhead, *, wide: bool) -> bytes:
    from crosspost.report import style

    with style.coloured(letterhead.accent):
        figure = shapes.draw(chart, say, wide=wide, fit=fit)
    return style.svg(figure, clean(chart.title))


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a file")
    return name


@contextmanager
def swapped(folder: Path) -> Iterator[Path]:
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
    others = sorted(entry.name for entry in folder.iterdir() if not _OURS.fullmatch(entry.name))
    if others:
        raise BadInput(f"holds other things ({clean(others[0])})", where=str(folder), remedy="name a folder of its own")
