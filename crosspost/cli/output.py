"""Tables for people, `--json` for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import click

from crosspost.clock import zone
from crosspost.domain.errors import BadInput

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """`--json`, the same on every command; the function receives it as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def _plain(value: object) -> object:
    if isinstance(value, datetime | Path | Decimal):
        return value.isoformat() if isinstance(value, datetime) else str(value)
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def emit_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def emit_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str = "nothing yet"
) -> None:
    """A table for people; what is missing shows as a dash, never as zero. Outside text cannot control the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    if not rows:
        console.print(f"{escape(title)}: {escape(empty)}")
        return
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = _widths(columns, cells, console.width)
    if widths is None:
        _emit_lines(title, columns, cells, console.width)
        return
    console.print(escape(title), soft_wrap=True)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(escape(column), overflow="fold", width=width)
    for row in cells:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


_ID = 26  # where every cell is one word, such as an id, none up to this long is broken: nobody could copy it
_WORD = 16  # in other text no word up to this long is broken
_FOLDED = 12  # terminal cells left to a column with longer words, such as addresses
_BETWEEN = 3  # terminal cells between two columns


def _widths(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The columns' widths in a terminal of `width` cells, or None where one of their words would have to be broken."""
    from rich.cells import cell_len

    wanted, least = [], []
    for texts in zip(columns, *cells, strict=True):
        longest = _WORD if any(" " in text for text in texts[1:]) else _ID
        words = [cell_len(word) for text in texts for word in text.split(" ")]
        wanted.append(max(cell_len(text) for text in texts))
        least.append(max(_FOLDED if long > longest else long for long in words))
    spare = width - sum(least) - _BETWEEN * len(columns) + 1
    if spare < 0:
        return None
    found = list(least)
    by_want = sorted(range(len(columns)), key=lambda one: wanted[one] - least[one])
    for left, one in zip(range(len(columns), 0, -1), by_want, strict=True):
        more = min(wanted[one] - least[one], spare // left)
        found[one] += more
        spare -= more
    return found


def _emit_lines(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> None:
    """Each row as a paragraph, for a terminal too narrow for the table. No value is broken: it is copied whole."""
    click.echo(title)
    for row in cells:
        line = ""
        click.echo()
        for column, cell in zip(columns, row, strict=True):
            piece = f"{column}: {cell}" if column else cell
            if line and len(line) + len(piece) + 5 > width:
                click.echo(f"  {line}")
                line = ""
            line = f"{line} · {piece}" if line else piece
        click.echo(f"  {line}")
    click.echo()


def printable(value: object) -> str:
    """Text for one line of a terminal: control characters (escape sequences among them) are shown, not obeyed."""
    if value is None:
        return "—"
    text = _local(value).isoformat(timespec="minutes") if isinstance(value, datetime) else str(value)
    return "".join(char if char.isprintable() or char in "\u00a0\u202f\u200d\ufe0f" else " " for char in text)


def _local(at: datetime) -> datetime:
    """The instant in the zone of the brand that the command is about, where it is about one; JSON stays in UTC."""
    context = click.get_current_context(silent=True)
    brand = getattr(context.obj, "__dict__", {}).get("brand") if context is not None else None  # asked for already
    return at if brand is None or at.tzinfo is None else at.astimezone(zone(brand.zone))


def given_text(text: str | None, text_file: str | None) -> str | None:
    """The words of --text, or of the UTF-8 file (`-` is standard input) of --text-file, each of its
    lines ending as texts end here. Raises BadInput."""
    if text is not None and text_file is not None:
        raise BadInput("which text?", remedy="give either --text or --text-file")
    if text_file is None:
        return text
    try:
        data = sys.stdin.buffer.read() if text_file == "-" else Path(text_file).read_bytes()
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", where=text_file, remedy="check the path") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"byte {error.start} is not UTF-8", where=text_file, remedy="save it as UTF-8") from None


def parse_pairs(pairs: tuple[str, ...], example: str) -> dict[str, str]:
    """`name=value` of a repeated option. Raises BadInput."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"{pair!r} has no name and value", remedy=f"write {example}")
        found[name] = value
    return found
