"""Rows of one brand as they are compared and written by the hundred."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, select

from crosspost.domain.business import folded
from crosspost.domain.money import Money
from crosspost.store.outcomes import Origin
from crosspost.store.store import Scope

A_DAY = timedelta(days=1)
_AT_ONCE = 1000  # ids in one query

Values = dict[str, Any]


def rows(scope: Scope, table: Table, column: Column[Any], wanted: Iterable[str]) -> Iterator[Values]:
    """The brand's rows whose `column` is one of the wanted values, in the order of their keys."""
    query = select(table).where(table.c.brand_id == scope.brand_id).order_by(*table.primary_key)
    values = sorted(set(wanted))
    for start in range(0, len(values), _AT_ONCE):
        for row in scope.connection.execute(query.where(column.in_(values[start : start + _AT_ONCE]))):
            yield dict(row._mapping)


def known(scope: Scope, table: Table, source_ids: Iterable[str]) -> dict[str, Values]:
    """The brand's rows by the source's own ids."""
    return {row["source_id"]: row for row in rows(scope, table, table.c.source_id, source_ids)}


def compare(row: Mapping[str, Any], values: Values, *, elsewhere: bool) -> tuple[tuple[str, ...], Values]:
    """(fields that contradict what is stored, values of those that were open). What is left out says nothing."""
    differences: list[str] = []
    more: Values = {}
    for name, value in values.items():
        if value is None:
            continue
        stored = row[name]
        if stored is None:
            more[name] = value
        elif name != "told_channel" and not same(name, stored, value, elsewhere=elsewhere):  # it follows from `told`
            differences.append(name)
    return tuple(differences), more


def same(name: str, stored: Any, value: Any, *, elsewhere: bool = False) -> bool:
    """Whether a field says the same; `elsewhere`: another source told it, which may know the day and not the minute."""
    if name == "channel":
        return folded(stored) == folded(value)
    if elsewhere and isinstance(value, datetime):
        return bool(abs(stored - value) < A_DAY)
    return bool(stored == value)


def money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money.from_minor(minor, currency)


def origin(row: Mapping[str, Any]) -> Origin | None:
    return None if row["file_sha256"] is None else Origin(row["file_sha256"], row["file_line"], row.get("file_part"))


def mark(*words: str) -> str:
    """A hash by which something is recognised without being kept."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()
