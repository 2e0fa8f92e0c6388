"""One HTML file that needs nothing else: styles and fonts inside, pictures as data, no scripts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from crosspost.report import fonts
from crosspost.report.language.words import Words
from crosspost.report.records import Chart
from crosspost.report.tables import csv_path
from crosspost.report.text import clean
from crosspost.report.view import Page


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart drawn for A4 and for a phone, as SVG."""

    wide: bytes
    narrow: bytes


def render(page: Page, pictures: Mapping[str, Picture], words: Words) -> bytes:
    """The page as UTF-8. Every value is escaped by the template engine; pictures are embedded by chart name."""

    def data(chart: Chart, shape: str) -> str:
        picture = pictures[chart.name]
        return as_data(picture.wide if shape == "wide" else picture.narrow)

    def logo() -> str:
        kind = {"png": "png", "svg": "svg+xml"}[page.letterhead.kind]
        return f"data:image/{kind};base64," + b64encode(page.letterhead.logo).decode("ascii")

    def files(chart: Chart) -> str:
        return ", ".join(csv_path(name) for name in chart.tables)

    return filled("report.html", page=page, t=words, data=data, files=files, logo=logo)


def as_data(svg: bytes) -> str:
    """A picture as an address that holds it."""
    return "data:image/svg+xml;base64," + b64encode(svg).decode("ascii")


def filled(template: str, **values: object) -> bytes:
    """A page of that template, with the fonts in it. Every value is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("crosspost.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    faces = [(weight, b64encode(file.read_bytes()).decode("ascii")) for weight, file in fonts.WEB.items()]
    return environment.get_template(template).render(fonts=faces, **values).encode("utf-8")
