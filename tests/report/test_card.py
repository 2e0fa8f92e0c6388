"""The honest card: figures from the audit's tables, bounds of zeros, and a picture in which no text covers another."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from PIL import Image

from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.report import raster, shapes, style
from crosspost.report.charts.card import card
from crosspost.report.charts.source import Source
from crosspost.report.language.words import words
from crosspost.report.records.card import Card, CardFigure
from crosspost.report.text import Drawable
from crosspost.report.write import write
from tests.report import made
from tests.report.hostile import TEXTS
from tests.report.test_chart_data import plain

Pictures = list[tuple[Card, list[tuple[str, float, Any]]]]
NETWORKS = ("facebook", "mastodon", "bluesky")


def of(found: Audit, language: str = "en") -> Card:
    return card(Source(found, words(language)))


def figures(one: Card) -> dict[str, tuple[str | None, str]]:
    return {plain(each.label): (each.value and plain(each.value), plain(each.note)) for each in (*one.seen, *one.came)}


def without_clients() -> Audit:
    rows = tuple(one for one in made.leads() if one.channel not in NETWORKS and one.channel is not None)
    return audit(replace(made.ledger(), leads=rows), made_at=made.MADE_AT)


def test_what_is_boasted_stands_beside_what_came() -> None:
    assert figures(of(made.firm())) == {
        "followers": ("7,440", ""),
        "views, summed over posts": ("≥ 20,800", "not told: Bluesky, Mastodon"),
        "posts": ("104", ""),
        "hours": ("124", ""),
        "leads": ("19", "95 % interval 11.4 to 29.7"),
        "clients": ("2", "of 78 clients; 95 % limits 0.46 % and 14.6 %, 4 of unknown channel counted in"),
        "revenue": ("2,000 EUR", "95 % interval 242 to 7.22k"),
    }
    assert of(made.firm()).verdict == "Inconclusive: Networks bring under 10 % of clients (last touch)"


def test_a_zero_has_its_bound() -> None:
    found = figures(of(without_clients()))
    assert found["leads"] == ("0", "under 3, at 95 %")
    assert found["clients"] == ("0", "of 72 clients: under 4.1 %, at 95 %")  # 1 - 0.05 ** (1 / 72)
    assert found["revenue"] == ("0 EUR", "under 3.69k, at 95 %")


def test_what_is_not_told_is_no_zero() -> None:
    found = of(made.nothing())
    assert {one.value for one in (*found.seen, *found.came)} == {None}
    assert figures(found)["clients"][1] == "no lead and no deal of any channel is recorded in this period"
    assert "clients: not told" in found.alt
    assert "0" not in "".join(one.note for one in (*found.seen, *found.came))


def test_the_alternative_text_tells_all_of_it_in_both_languages() -> None:
    for language in ("en", "fr"):
        one = of(made.simulated(), language)
        for part in (one.brand, one.period, one.notice, one.verdict, *(each.label for each in (*one.seen, *one.came))):
            assert part is not None
            assert part in one.alt
        for each in (*one.seen, *one.came):
            assert each.value is not None
            assert each.value in one.alt
            assert each.note in one.alt
    assert of(made.firm()).notice is None


def drawn(one: Card) -> list[Any]:
    """Every text of the picture with its box."""
    figure = shapes.draw_card(one, fit=Drawable())
    assert isinstance(figure, Figure)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    return [(text, text.get_window_extent(renderer)) for text in figure.texts if text.get_text().strip()]


def extremes() -> list[Card]:
    long = "Extraordinarily long name of a firm & sons, " * 6
    huge = CardFigure(label="x" * 80, value="9" * 40, short="9" * 30, note="why " * 200)
    absent = CardFigure(label="label " * 20, value=None, short=None, note=long)
    plain_card = of(made.simulated())
    cards = [
        of(found, language) for found in (made.firm(), made.nothing(), without_clients()) for language in ("en", "fr")
    ]
    cards += [
        replace(plain_card, brand=long, period=long[:40], verdict=long, seen=(huge,) * 4, came=(absent,) * 3),
        replace(plain_card, brand="W" * 300, seen=(absent,) * 4, came=(huge,) * 3, seen_title=long, came_title=long),
    ]
    cards += [
        replace(plain_card, brand=text, verdict=text, seen=tuple(replace(one, note=text) for one in plain_card.seen))
        for text in TEXTS[::40]
    ]
    return cards


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    """Cards with the texts in their pictures, their sizes and boxes; a line's box is taller than its letters."""
    found = []
    for one in extremes():
        boxes = [(text.get_text(), text.get_size(), box.padded(0, -0.18 * box.height)) for text, box in drawn(one)]
        found.append((one, boxes))
    return found


def test_texts_stay_inside_the_card_and_cover_nothing(
    pictures: list[tuple[Card, list[tuple[str, float, Any]]]],
) -> None:
    for _, boxes in pictures:
        for index, (text, _, box) in enumerate(boxes):
            inside = box.x0 >= 0 and box.x1 <= 1200 and box.y0 >= 0 and box.y1 <= 630
            assert inside, text[:40]
            for other, _, second in boxes[index + 1 :]:
                assert not box.overlaps(second), (text[:40], other[:40])


def test_no_figure_of_followers_is_larger_than_one_of_clients(pictures: Pictures) -> None:
    for one, boxes in pictures:
        sizes = {text: size for text, size, _ in boxes}
        seen = [sizes[each.value] for each in one.seen if each.value in sizes]
        came = [sizes[each.value] for each in one.came if each.value in sizes]
        assert not seen or not came or max(seen) <= min(came)


def test_the_picture_has_the_size_of_a_card() -> None:
    figure = shapes.draw_card(of(made.firm()), fit=Drawable())
    content = style.svg(figure, "card")
    assert b'width="900pt" height="472.5pt"' in content
    assert Image.open(BytesIO(raster.pngs({"card": content}, figure.dpi)["card"])).size == (1200, 630)


def test_a_report_holds_the_card_of_each_language_and_its_words(tmp_path: Path) -> None:
    written = write(made.nothing(), tmp_path / "report", languages=("en", "fr"))
    for suffix, language in (("", "en"), (".fr", "fr")):
        text = (written.folder / f"card{suffix}.txt").read_text("utf-8")
        assert text.splitlines() == of(made.nothing(), language).alt.split("\n")
        assert Image.open(BytesIO((written.folder / f"card{suffix}.png").read_bytes())).size == (1200, 630)
        assert (written.folder / f"card{suffix}.svg").read_bytes().startswith(b"<?xml")


def test_equal_cards_are_equal_bytes() -> None:
    first, second = (shapes.draw_card(of(made.simulated()), fit=Drawable()) for _ in range(2))
    assert style.svg(first, "card") == style.svg(second, "card")
