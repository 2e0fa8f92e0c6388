"""A letterhead out of its TOML file. Everything in it is checked; what is wrong is told with file and line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from crosspost.domain.errors import BadInput
from crosspost.report.letterhead import ACCENT, Block, Letterhead, Run
from crosspost.report.logo import MOST_BYTES, checked
from crosspost.report.text import clean

LONGEST_NAME, LONGEST_INTRODUCTION = 80, 3000  # characters: the first page has room for no more
CONTRAST = 4.5  # on white and on grey paper: WCAG 2.1 AA for text
_PAPER = ("#ffffff", "#f4f6f8")
_KEYS = ("name", "logo", "accent", "introduction")
_LINE = re.compile(r"line (\d+)")


def read(file: Path) -> Letterhead:
    """Raises BadInput naming file, line and remedy. A logo's path is taken from the file's own folder."""
    try:
        text = file.read_text("utf-8")
        told = tomllib.loads(text)
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", where=str(file), remedy="check --letterhead") from None
    except UnicodeDecodeError:
        raise BadInput("is not UTF-8", where=str(file), remedy="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        where = f"{file}:{found[1] if found else text.count(chr(10)) + 1}"  # else it says: at the end
        raise BadInput(
            f"is no TOML: {error}", where=where, remedy='write lines such as name = "Cabinet Martin"'
        ) from None
    for key, value in told.items():
        if key not in _KEYS:
            raise _bad(file, text, key, f"{key!r} is no entry of a letterhead", f"leave it out; {', '.join(_KEYS)} are")
        if not isinstance(value, str):
            raise _bad(file, text, key, f"{key} is no text", f'write {key} = "…"')
    logo, kind = _logo(file, text, told)
    return Letterhead(
        name=_name(file, text, told),
        logo=logo,
        kind=kind,
        accent=_accent(file, text, told),
        introduction=_introduction(file, text, told),
    )


def _bad(file: Path, text: str, key: str, what: str, remedy: str) -> BadInput:
    lines = text.splitlines()
    entry = re.compile(rf"\s*[\[\"']*{re.escape(key)}\b")
    at = next((number for number, line in enumerate(lines, 1) if entry.match(line)), 1)
    return BadInput(what, where=f"{file}:{at}", remedy=remedy)


def _name(file: Path, text: str, told: dict[str, Any]) -> str:
    name = clean(told.get("name", ""))
    if len(name) > LONGEST_NAME:
        raise _bad(file, text, "name", f"name has {len(name)} characters", f"at most {LONGEST_NAME}")
    return name


def _logo(file: Path, text: str, told: dict[str, Any]) -> tuple[bytes, str]:
    if not told.get("logo"):
        return b"", ""
    path = file.parent / told["logo"]
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        return checked(content)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no path"
        raise _bad(
            file, text, "logo", f"logo {path} cannot be read ({why})", "name a PNG or SVG beside this file"
        ) from None
    except BadInput as error:
        raise _bad(file, text, "logo", error.message, error.remedy or "") from error


def _accent(file: Path, text: str, told: dict[str, Any]) -> str:
    accent = str(told.get("accent", ACCENT)).lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", accent):
        raise _bad(file, text, "accent", f"accent {accent!r} is no colour", f'write it as "{ACCENT}"')
    lowest = min(contrast(accent, paper) for paper in _PAPER)
    if lowest < CONTRAST:
        what = f"accent {accent} has a contrast of {lowest:.1f} : 1 on the page, under {CONTRAST}"
        raise _bad(file, text, "accent", what, f'take a darker one: "{_darker(accent)}" reads well')
    return accent


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.1, 1–21."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _darker(accent: str) -> str:
    """The lightest of its own hue that reads."""
    parts = [int(accent[at : at + 2], 16) for at in (1, 3, 5)]
    for share in range(99, -1, -1):
        found = "#" + "".join(f"{part * share // 100:02x}" for part in parts)
        if min(contrast(found, paper) for paper in _PAPER) >= CONTRAST:
            return found
    raise AssertionError("black reads on white")


def _introduction(file: Path, text: str, told: dict[str, Any]) -> tuple[Block, ...]:
    """Paragraphs, `- ` lists and `**strong**`; everything else is plain text."""
    given = told.get("introduction", "")
    if len(given) > LONGEST_INTRODUCTION:
        raise _bad(file, text, "introduction", f"introduction has {len(given):,} characters",
                   f"at most {LONGEST_INTRODUCTION:,}")  # fmt: skip
    blocks = []
    for part in re.split(r"\n[^\S\n]*\n", given.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        listed = bool(lines) and all(line.startswith("- ") for line in lines)
        items = [line[2:] for line in lines] if listed else [" ".join(lines)]
        runs = tuple(found for found in map(_runs, items) if found)
        if runs:
            blocks.append(Block(listed, runs))
    return tuple(blocks)


def _runs(item: str) -> tuple[Run, ...]:
    runs: list[Run] = []
    open_ = False  # whether the part before ended in a space
    for at, part in enumerate(re.split(r"\*\*(.+?)\*\*", item)):
        if text := clean(part):
            runs.append(Run(text, at % 2 == 1, bool(runs) and (open_ or part[0].isspace())))
            open_ = part[-1].isspace()
        elif part:
            open_ = True
    return tuple(runs)
