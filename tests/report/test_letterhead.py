"""A consultant's letterhead: what it may hold, what is refused with file, line and remedy, and what it never hides."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from crosspost.domain.errors import BadInput
from crosspost.report.letterhead import Block, Letterhead, Run
from crosspost.report.letterhead_file import contrast, read
from crosspost.report.records import Tone
from crosspost.report.style import FILL

EXAMPLE = Path(__file__).parents[2] / "config" / "letterhead.example.toml"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">{}</svg>'


def png(width: int = 40, height: int = 20) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#7a1f5c").save(out, "PNG")
    return out.getvalue()


def written(folder: Path, text: str, **files: bytes) -> Path:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    (folder / "head.toml").write_text(text, "utf-8")
    return folder / "head.toml"


def test_the_example_is_a_letterhead() -> None:
    head = read(EXAMPLE)
    assert head.name == "Cabinet Martin"
    assert head.introduction[0] == Block(False, ((Run("This report answers the five questions of our meeting."),),))
    assert head.introduction[1].items[0] == (Run("It counts"), Run("clients", True, True), Run(", not followers."))


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read(written(tmp_path, "")) == Letterhead()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('name = "x"\nnotice = "no"', 2, "'notice' is no entry of a letterhead"),
        ('name = "x"\n\naccent = "blue"', 3, "accent 'blue' is no colour — write it as \"#12527f\""),
        ('accent = "#ffcc00"', 1, 'contrast of 1.4 : 1 on the page, under 4.5 — take a darker one: "#896e00'),
        ("name = 3", 1, 'name is no text — write name = "…"'),
        ("name = x", 1, "is no TOML"),
        ('name = "x"\nname = "y"', 2, "is no TOML"),
        ('name = "{}"'.format("x" * 81), 1, "name has 81 characters — at most 80"),
        ('introduction = "{}"'.format("x " * 1501), 1, "introduction has 3,002 characters — at most 3,000"),
        ('name = "x"\nlogo = "none.png"', 2, "cannot be read (No such file or directory)"),
        ('logo = "../../../../../../etc/passwd"', 1, "the logo is neither a PNG nor an SVG"),
        ('logo = "a\\u0000b"', 1, "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert said in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        read(tmp_path / "none.toml")
    (tmp_path / "head.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(BadInput, match="is not UTF-8"):
        read(tmp_path / "head.toml")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>", "<foreignObject/>", '<image href="http://x.example/a.png"/>',
        '<use href="#a"/>', '<a href="javascript:alert(1)"><path/></a>', "<style>@import '//x'</style>",
        '<path onload="alert(1)"/>', '<path style="fill:url(http://x.example/a)"/>', "<text>x</text>",
        '<path style="background:\\75rl(x)"/>', '<animate attributeName="x"/>', '<path fill="url(//x.example)"/>',
        '<g xmlns:xlink="http://www.w3.org/1999/xlink"><path xlink:href="file:///etc/passwd"/></g>',
        '<path href="data:text/html,x"/>', "<g>" * 60 + "</g>" * 60, "<path/>" * 6000, '<path d="<"/>',
        '<filter id="f"/>', '<path d="M0 0" unknown="1"/>',
    ],
)  # fmt: skip
def test_a_hostile_svg_is_refused(tmp_path: Path, inside: str) -> None:
    file = written(tmp_path, 'logo = "a.svg"', a_svg=SVG.format(inside).encode())
    with pytest.raises(BadInput) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}:1: the logo ")
    assert caught.value.remedy


def test_an_xml_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SVG.format("<title>&b;</title>")
    with pytest.raises(BadInput, match="cannot be read"):
        read(written(tmp_path, 'logo = "a.svg"', a_svg=bomb.encode()))


def test_an_svg_of_a_drawing_program_is_kept_without_its_notes(tmp_path: Path) -> None:
    drawn = (
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:ink="http://ink.example" ink:version="1" width="40" height="20">'
        '<title>Secret</title><ink:view page="1"/><defs><linearGradient id="g"><stop offset="0" stop-color="red"/>'
        '</linearGradient></defs><rect class="a" width="40" height="20" style="fill:url(#g)"/></svg>'
    )
    head = read(written(tmp_path, 'logo = "a.svg"', a_svg=drawn.encode()))
    assert head.kind == "svg"
    assert b"Secret" not in head.logo
    assert b"ink" not in head.logo
    assert b'style="fill:url(#g)"' in head.logo


def test_a_png_keeps_its_pixels_alone(tmp_path: Path) -> None:
    head = read(written(tmp_path, 'logo = "a.png"', a_png=png() + b"<script>alert(1)</script>"))
    assert head.kind == "png"
    assert b"script" not in head.logo
    with Image.open(BytesIO(head.logo)) as image:
        assert (image.size, image.convert("RGB").getpixel((3, 3))) == ((40, 20), (0x7A, 0x1F, 0x5C))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png()[:60], "cannot be read"),
        (png(5000, 10), "5000 × 10 pixels, over 4096 a side"),
        (png() + b"x" * 1_000_000, "bytes, over 1,000,000"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        (b"", "neither a PNG nor an SVG"),
    ],
)
def test_a_png_that_is_none_or_too_large_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(written(tmp_path, 'logo = "a.png"', a_png=content))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_a_colour_that_reads_differs_from_other_channels_in_grey() -> None:
    """The lightest that is taken, beside the fill of other channels."""
    assert contrast("#737373", "#ffffff") >= 4.5
    assert contrast("#737373", FILL[Tone.OTHER]) > 1.5
