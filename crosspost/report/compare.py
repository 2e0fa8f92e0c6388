"""`write_comparison`: many audits in, one page of their key figures out, as HTML, PDF, CSV and Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crosspost import __version__
from crosspost.audit.comparison import compared
from crosspost.audit.results import Audit, Table
from crosspost.domain.errors import BadInput
from crosspost.report import fonts, html, parquet, pdf, raster, shapes, sheets
from crosspost.report.comparison import pictures
from crosspost.report.language.words import Words, words
from crosspost.report.place import JSON
from crosspost.report.records import Brands
from crosspost.report.text import Drawable, clean
from crosspost.report.write import CHARTS, HTML, PDF, TABLES, Written, swapped

# The claims that one page has room for; every other is in the table.
ASKED = ("clients_under_10", "doors_under_10", "networks_convert_worse", "prospecting_beats_networks",
         "networks_pay_back")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Claims, and per brand the word and its verdict (a class of style) of each; empty where it was not asked."""

    claims: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the page says, in order."""

    language: str
    title: str
    period: str
    intro: str
    notice: str | None
    charts: tuple[Brands, ...]
    verdicts: Verdicts
    notes: tuple[str, ...]
    footer: str


def write_comparison(audits: Iterable[Audit], folder: Path, made_at: datetime, *, language: str = "en") -> Written:
    """Write report.html, report.pdf, charts/ and tables/ of the comparison to `folder`, in place of an older one.

    Equal audits give equal bytes, in whatever order they come. Raises BadInput as `write` does, and where there is
    nothing to compare.
    """
    say, fit = words(language), Drawable()
    simulated = False

    def looked_at() -> Iterable[Audit]:
        nonlocal simulated
        for one in audits:
            simulated = simulated or one.sandbox is not None
            yield one

    tables = compared(looked_at())
    if not tables[0].rows:
        raise BadInput("there is no brand to compare", remedy="crosspost brand list")
    if (folder / JSON).exists():
        raise BadInput("holds a brand's report", where=str(folder), remedy="name a folder of its own with --out")
    with swapped(folder) as fresh:
        page = _page(tables, say, made_at, simulated=simulated)
        (fresh / CHARTS).mkdir()
        drawn = {chart.name: _picture(chart, say, fit) for chart in page.charts}
        for name, content in drawn.items():
            (fresh / CHARTS / f"{name}.svg").write_bytes(content)
        for name, content in raster.pngs(drawn).items():
            (fresh / CHARTS / f"{name}.png").write_bytes(content)
        (fresh / TABLES).mkdir()
        for table in tables:
            (fresh / TABLES / f"{table.name}.csv").write_bytes(sheets.render(table))
            (fresh / TABLES / f"{table.name}.parquet").write_bytes(parquet.render(table))
        addresses = {name: html.as_data(svg) for name, svg in drawn.items()}
        (fresh / HTML).write_bytes(html.filled("comparison.html", page=page, t=say, data=addresses))
        (fresh / PDF).write_bytes(_pdf(page, drawn, say, fit))
    return Written(folder, (folder / HTML, folder / PDF), fit.named())


def _picture(chart: Brands, say: Words, fit: Drawable) -> bytes:
    from crosspost.report import style

    return style.svg(shapes.draw(chart, say, wide=False, fit=fit), clean(chart.title))


def _page(tables: Sequence[Table], say: Words, made_at: datetime, *, simulated: bool) -> Comparison:
    notice = say("simulated_short") if simulated else None
    charts = pictures(tables, say)
    return Comparison(
        language=say.language,
        title=say("compare.page"),
        period=say("compare.period", n=say.count_of(len(tables[0].rows), "brand")),
        intro=say("compare.intro"),
        notice=notice,
        charts=tuple(replace(one, notice=notice) for one in charts),
        verdicts=_verdicts(tables[2], say),
        notes=tuple(say.tell(table.note) for table in tables if table.note),
        footer=say("compare.footer", made_at=say.moment(made_at), version=__version__),
    )


def _verdicts(table: Table, say: Words) -> Verdicts:
    claims: dict[str, str] = {}
    found: dict[str, dict[str, str]] = {}
    for row in table.records():
        key = str(row["key"])
        found.setdefault(str(row["brand"]), {})[key] = str(row["verdict"])
        if key in ASKED:
            assert isinstance(row["claim"], str)
            claims[key] = say.tell(row["claim"])
    asked = [key for key in ASKED if key in claims]
    return Verdicts(
        tuple(claims[key] for key in asked),
        tuple(
            (brand, tuple((say(f"verdict.{of[key]}"), of[key]) if key in of else ("", "") for key in asked))
            for brand, of in found.items()
        ),
    )


def _pdf(page: Comparison, drawn: dict[str, bytes], say: Words, fit: Drawable) -> bytes:
    data: dict[str, Any] = pdf.fitted(asdict(page), fit)
    data["fonts"] = list(fonts.FAMILIES)
    data["page_of"] = say("page.page", page="{page}", pages="{pages}")
    data["words"] = {key: say(f"compare.{key}") for key in ("verdicts", "brand", "files")}
    return pdf.compiled("comparison.typ", data, {f"{name}.svg": svg for name, svg in drawn.items()})
