"""The fonts of charts, PDF and page: they come with the package, so that a report looks the same on every machine.

Source Sans 3 for text (its figures are all of one width), Noto Emoji for what posts hold, and DejaVu Sans, which
matplotlib brings, for Greek, Cyrillic, Arabic, Hebrew and signs that neither has. Licences lie beside the files.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

FOLDER = Path(__file__).parent
FAMILIES = ("Source Sans 3", "Noto Emoji", "DejaVu Sans")  # each falls back to the next
WEB = {400: FOLDER / "SourceSans3-Regular.ttf.woff2", 700: FOLDER / "SourceSans3-Bold.ttf.woff2"}  # by CSS weight
EMOJI = FOLDER / "NotoEmoji-Regular.ttf"
_OURS = "crosspost "  # before the families' names in matplotlib, which must never take a font of this machine instead


def dejavu() -> Path:
    """The folder of matplotlib's own fonts."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def files(bold: bool) -> tuple[Path, ...]:
    """One file per family, in the order in which they are asked for a glyph."""
    weight = "Bold" if bold else "Regular"
    return FOLDER / f"SourceSans3-{weight}.ttf", EMOJI, dejavu() / f"DejaVuSans{'-Bold' if bold else ''}.ttf"


@cache
def families() -> list[str]:
    """The names under which matplotlib knows the files; the first call tells it of them."""
    from matplotlib.font_manager import FontEntry, fontManager

    names = [_OURS + family for family in FAMILIES]
    for weight, bold in ((400, False), (700, True)):
        for name, file in zip(names, files(bold), strict=True):
            fontManager.ttflist.append(
                FontEntry(str(file), name=name, weight=weight, stretch="normal", size="scalable")
            )
    return names


@cache
def face(bold: bool) -> FT2Font:
    """A font to measure with, which falls back as drawing does."""
    from matplotlib.font_manager import get_font

    return get_font([str(file) for file in files(bold)])


@cache
def glyphs() -> frozenset[int]:
    """Code points that one of the families can draw in both weights."""
    from matplotlib.ft2font import FT2Font

    plain, bold = (
        frozenset[int]().union(*(FT2Font(str(file)).get_charmap() for file in files(weight)))
        for weight in (False, True)
    )
    return plain & bold


@cache
def emoji() -> frozenset[int]:
    """Code points drawn with the font of emoji."""
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(EMOJI)).get_charmap()) - frozenset(FT2Font(str(files(False)[0])).get_charmap())
