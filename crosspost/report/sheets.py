"""Every table as CSV that a spreadsheet opens as data and never as formulas."""

from __future__ import annotations

import csv
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

from crosspost.audit.results import Cell, Table
from crosspost.report.text import clean

# A text that starts so would be run by a spreadsheet; the last four are what some of them fold to the first.
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
MISSING = "missing"  # the last column: which values are missing in the row, and why


def render(table: Table) -> bytes:
    """UTF-8 with a signature, which Excel needs to read accents. A missing value is empty, its reason at the end."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [column.name for column in table.columns]
    writer.writerow([safe(name) for name in (*names, MISSING)])
    for index, row in enumerate(table.rows):
        reasons = [f"{name}: {table.missing[index, name]}" for name in names if (index, name) in table.missing]
        writer.writerow([*(_cell(cell) for cell in row), safe("; ".join(reasons))])
    return out.getvalue().encode("utf-8-sig")


def safe(text: str) -> str:
    """A text cell that no spreadsheet runs: one that looks like a formula starts with an apostrophe."""
    shown = clean(text)
    if text[:1].isalnum() and shown[:1].isalnum():
        return shown
    visible = shown.lstrip("".join({char for char in shown if unicodedata.category(char) in ("Cf", "Zs", "Mn")}))
    return f"'{shown}" if text.startswith(_RUN) or visible.startswith(_RUN) else shown


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return safe(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(cell, Decimal):
        return str(cell)
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
