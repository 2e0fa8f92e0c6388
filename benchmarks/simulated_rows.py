"""Copying and changing rows fast: what dataclasses.replace and an UPDATE do, written out once for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from crosspost.domain.delivery import Delivery, State
from crosspost.domain.outcomes import Change
from crosspost.domain.windows import BootTime
from crosspost.store.claims import Taken

PUT = object.__setattr__
_STATES = {state.value: state for state in State}
_BOOTS = {f"{name}_s": name for name in ("first_sent_boot", "last_sent_boot", "next_boot")}
_FENCE = frozenset({"of_brand", "delivery_id", "read_epoch", "read_owner"})
_SKIPPED = frozenset({f"{name}_{part}" for name in _BOOTS.values() for part in ("s", "id")}) | _FENCE


def copier(kind: type[Any]) -> Callable[..., Any]:
    """dataclasses.replace for one frozen class with slots, written out: a fifth of the time, the same result."""
    lines = "".join(f"    put(new, {one.name!r}, old.{one.name})\n" for one in fields(kind))
    source = (
        f"def copy(old, **changes):\n    new = make(kind)\n{lines}"
        "    for name, value in changes.items():\n        put(new, name, value)\n    return new\n"
    )
    names: dict[str, Any] = {"put": PUT, "make": object.__new__, "kind": kind}
    exec(source, names)
    made: Callable[..., Any] = names["copy"]
    return made


_COPIERS = {kind: copier(kind) for kind in (Delivery, Change, Taken)}


def replaced(old: Any, /, **changes: Any) -> Any:
    return _COPIERS[type(old)](old, **changes)


def writer(columns: tuple[str, ...]) -> Callable[[Delivery, dict[str, Any], list[Any]], None]:
    """What an UPDATE of these columns does to a row, written out once: the old values into `undo`, the new ones in."""
    values = {}
    for column in columns:
        if name := _BOOTS.get(column):
            values[name] = f"None if given[{column!r}] is None else Boot(given['{name}_id'], given[{column!r}])"
        elif column == "state":
            values[column] = "states[given['state']]"
        elif column not in _SKIPPED:
            values[column] = f"given[{column!r}]"
    lines = [
        f"    undo.append((row, {name!r}, row.{name}))\n    put(row, {name!r}, {value})\n"
        for name, value in values.items()
    ]
    names: dict[str, Any] = {"put": PUT, "Boot": BootTime, "states": _STATES}
    exec("def write(row, given, undo):\n" + "".join(lines), names)
    made: Callable[[Delivery, dict[str, Any], list[Any]], None] = names["write"]
    return made
