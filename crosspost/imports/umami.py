"""Umami: a zip, in base64, in JSON, of tables x and y whose names say what they are. None says of which days.

Source: columns/umami.toml. `y` counts sessions, which Umami takes for visitors, and in events.csv the events. Each
table holds at most 500 rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.imports.shape import Context, Facts, Row, fold
from crosspost.imports.sheet import Sheet
from crosspost.imports.tallying import Metric, base, of, sums, tallies, told

_VISITORS = Metric("visitors", additive=False)
# A word of the table's name → what its rows are by, the dimension `x` is, what `y` counts.
_TABLES = {
    "pages": ("page", "page", _VISITORS),
    "referrers": ("source", "source", _VISITORS),
    "events": ("event", "label", Metric("events")),
}
_LIMIT = 500


def metrics(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Pages, referrers and events. The other tables are known, and left out."""
    words = fold(sheet.names[0]).split()
    name = next((word for word in words if word in _TABLES), None)
    if name is None:
        return Facts(
            notes=("tables by browser, system, device and country were left out: the same visitors again",), zoned=True
        )
    by, dimension, metric = _TABLES[name]
    empty = base("umami", by, *context.period(sheet))
    bases = [of(empty, **{dimension: told(row, "x")}) for row in rows]
    found = tallies(rows, {"y": metric}, bases, context)
    full = (f"{name}: Umami gives the first {_LIMIT} only",) if len(rows) >= _LIMIT else ()
    return Facts(tallies=found, totals=sums(found), notes=full, zoned=True)
