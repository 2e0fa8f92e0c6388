"""What charts look like, against small pictures that somebody looked at.

Renew what is kept, and look at it: CROSSPOST_GOLDEN=renew pytest tests/report/test_pictures.py
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.report import raster, shapes, style
from crosspost.report.charts import prepare
from crosspost.report.charts.card import card
from crosspost.report.charts.source import Source
from crosspost.report.language.words import words
from crosspost.report.text import Drawable
from tests.report import made

FOLDER = Path(__file__).parent / "golden" / "pictures"
DPI = 50  # fine enough for bars, dots and words, too coarse for the edges of letters, which differ between libraries
MOST = 2.0  # of 255: the mean difference of grey that is no change


def pictures(of: Audit) -> dict[str, bytes]:
    """Every wide chart of an audit, and its card, small and in grey."""
    say, fit = words("en"), Drawable()
    drawn = {one.name: style.svg(shapes.draw(one, say, wide=True, fit=fit), one.title) for one in prepare(of, say)}
    drawn["card"] = style.svg(shapes.draw_card(card(Source(of, say)), fit=fit), "card")
    return {name: _grey(content) for name, content in raster.pngs(drawn, DPI).items()}


@cache
def full() -> dict[str, bytes]:
    return pictures(made.full())


def _grey(content: bytes) -> bytes:
    out = BytesIO()
    Image.open(BytesIO(content)).convert("L").save(out, "png", optimize=True)
    return out.getvalue()


def difference(one: bytes, other: bytes) -> float:
    """Mean difference of grey, 0–255; 255 where the sizes are more than a row or a column apart."""
    first, second = (Image.open(BytesIO(content)) for content in (one, other))
    if any(abs(a - b) > 1 for a, b in zip(first.size, second.size, strict=True)):
        return 255.0
    width, height = map(min, first.size, second.size)
    box = (0, 0, width, height)
    return float(ImageStat.Stat(ImageChops.difference(first.crop(box), second.crop(box))).mean[0])


NAMES = sorted(full())


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_looks_as_it_did(name: str) -> None:
    found, file = full()[name], FOLDER / f"{name}.png"
    if os.environ.get("CROSSPOST_GOLDEN") == "renew":
        FOLDER.mkdir(exist_ok=True)
        file.write_bytes(found)
    assert difference(found, file.read_bytes()) <= MOST, "renew it if this is meant, and look at it"


def test_every_picture_that_is_kept_is_of_a_chart() -> None:
    assert [file.stem for file in sorted(FOLDER.iterdir())] == NAMES


def test_other_figures_are_another_picture() -> None:
    """The comparison is not blind: half of the leads, or another accent, is a change."""
    half = audit(replace(made.known(), leads=made.known().leads[::2]), made_at=made.MADE_AT)
    kept, found = full(), pictures(half)
    differ = {name for name in found if difference(kept[name], found[name]) > MOST}
    assert differ >= {"channels", "conversion", "hours", "told", "lags"}, differ
