"""The fonts come with the package, with their licences; what they cannot draw as one comes apart, and is no box."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont

from crosspost.report import fonts, style
from crosspost.report.language.words import languages
from crosspost.report.text import BOX, Drawable

NOTICE = Path(__file__).parents[2] / "NOTICE"


def test_they_are_light_and_their_licences_lie_beside_them() -> None:
    inside = {one.name: len(one.read_bytes()) for one in files("crosspost.report.fonts").iterdir() if one.is_file()}
    assert sum(inside.values()) < 3_000_000
    for family, start in (("SourceSans3", "Source Sans 3"), ("NotoEmoji", "Noto Emoji")):
        licence = (fonts.FOLDER / f"{family}-LICENSE.txt").read_text("utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
        assert start in NOTICE.read_text("utf-8")


@pytest.mark.parametrize("bold", [False, True])
def test_charts_take_these_files_and_none_of_this_machine(bold: bool) -> None:
    found = [
        findfont(mpl.font_manager.FontProperties(family=name, weight=700 if bold else 400)) for name in fonts.families()
    ]
    assert [Path(one).resolve() for one in found] == [one.resolve() for one in fonts.files(bold)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Léa « à » l’œuvre — 1\u202f234,5\u00a0€ ≥ ½ → ✓", None),
        ("Ωμέγα Жук العربية עברית", None),
        ("😀 🚀 ☀️ ❤️", "😀 🚀 ☀ ❤"),
        ("👩\u200d👩\u200d👧\u200d👦", "👩👩👧👦"),
        ("👍🏽 👩🏿\u200d🚀", "👍 👩🚀"),
        ("🇫🇷🇩🇪", "FRDE"),
        ("1️⃣ #️⃣", "1 #"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏴"),
        ("🏽", "🏽"),
        ("日本", BOX * 2),
    ],
)
def test_what_is_made_of_several_comes_apart(text: str, shown: str | None) -> None:
    fit = Drawable()
    assert fit(text) == (text if shown is None else shown)
    assert bool(fit.replaced) == (BOX in fit(text))


@pytest.mark.parametrize("language", languages())
def test_every_character_that_a_language_writes_is_in_the_text_font(language: str) -> None:
    from matplotlib.ft2font import FT2Font

    from crosspost.report.language.words import catalogue

    own = set(FT2Font(str(fonts.files(False)[0])).get_charmap())
    entries = [] if language == "en" else [message.string or "" for message in catalogue(language)]
    written = "".join(form for entry in entries for form in ([entry] if isinstance(entry, str) else entry))
    assert {char for char in written if ord(char) not in own and char != "\n"} == set()


@pytest.mark.parametrize("bold", [False, True])
def test_a_line_is_as_wide_as_it_was_measured(bold: bool) -> None:
    """Letters of three fonts in one line."""
    for text in ("Atelier Léa", "12 345,6 €", "😀 fête 🚀🚀", "Ωμέγα ≥ 😀 Ж"):
        with mpl.rc_context(style.RC):
            figure = Figure(figsize=(6, 1), dpi=720)
            FigureCanvasAgg(figure)
            drawn = figure.text(0.1, 0.5, text, size=10, weight="bold" if bold else "normal").get_window_extent()
        assert drawn.width / 720 == pytest.approx(style.text_width(text, 10, bold), rel=0.02)
