"""No query without its brand: every statement that any test sends to a database is read here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from crosspost.store.tables import WITHOUT_BRAND, metadata

TENANT = frozenset(metadata.tables) - WITHOUT_BRAND

# Statements that may look across brands, each with its reason. Matched as a regular expression on the statement.
EXCEPTIONS: dict[str, str] = {
    r"^SELECT link\.code, link\.brand_id, link\.disabled_at FROM link WHERE link\.code IN \([^ ]*(, [^ ]*)*\)$": (
        "the fold serves every brand: a hit tells its code, and the code tells whose it is"
    ),
}

_REFERENCE = re.compile(r'\b(?:FROM|JOIN|UPDATE|INTO)\s+"?(\w+)"?', re.IGNORECASE)
_CONDITION = re.compile(r'\bbrand_id"?\s*(?:=|IN\b)', re.IGNORECASE)
_SETUP = re.compile(r"^\s*(CREATE|ALTER|DROP|PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW)\b", re.IGNORECASE)


def trouble(statement: str) -> str | None:
    """Why a statement could touch another brand's rows; None when it cannot.

    Every table that belongs to a brand needs a condition on `brand_id` of its own, or a value for it in an INSERT.
    """
    flat = " ".join(statement.split())
    if _SETUP.match(statement) or any(re.search(known, flat) for known in EXCEPTIONS):
        return None
    tables = [name for name in _REFERENCE.findall(flat) if name in TENANT]
    if not tables:
        return None
    if flat.upper().startswith("INSERT"):
        columns = flat.partition("(")[2].partition(")")[0]
        return None if "brand_id" in columns else f"no brand_id in: {flat}"
    missing = len(tables) - len(_CONDITION.findall(flat))
    return None if missing <= 0 else f"{missing} of {len(tables)} tables without a brand in: {flat}"


@contextmanager
def traced() -> Iterator[list[str]]:
    """The statements within that name no brand."""
    found: list[str] = []

    def listen(_conn: Any, _cursor: Any, statement: str, _given: Any, _context: Any, _many: bool) -> None:
        if (why := trouble(statement)) is not None:
            found.append(why)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
