"""Values made, copied and changed fast: as dataclasses and an UPDATE do it, written out once for each class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any

from crosspost.commands.flight import Landed
from crosspost.domain.delivery import Delivery, Outgoing, Sighting, State
from crosspost.domain.notice import Notice
from crosspost.domain.outcomes import AccountChange, Change
from crosspost.domain.post import Listing, Post
from crosspost.domain.transitions import Step
from crosspost.domain.windows import BootTime
from crosspost.store.claims import Taken
from crosspost.store.flights import Flight, Held
from crosspost.store.store import Scope

_VALUES = (
    AccountChange, BootTime, Change, Delivery, Flight, Held, Landed, Listing, Notice, Outgoing, Post, Scope, Sighting,
    Step, Taken,
)  # fmt: skip
_STATES = {state.value: state for state in State}
_BOOTS = {f"{name}_s": name for name in ("first_sent_boot", "last_sent_boot", "next_boot")}
_FENCE = frozenset({"of_brand", "delivery_id", "read_epoch", "read_owner"})
_SKIPPED = frozenset({f"{name}_{part}" for name in _BOOTS.values() for part in ("s", "id")}) | _FENCE


@contextmanager
def thawed() -> Iterator[None]:
    """Let the engine's values be made and changed without the ceremony of frozen ones: a fifth of a history's time.

    That nothing changes them is held by the types, and by every test that runs the engine on frozen ones.
    """
    before = [(kind, name, vars(kind)[name]) for kind in _VALUES for name in ("__init__", "__setattr__", "__delattr__")]
    try:
        for kind in _VALUES:
            del kind.__setattr__, kind.__delattr__
            kind.__init__ = _maker(kind)  # type: ignore[method-assign]
        yield
    finally:
        for kind, name, value in before:
            setattr(kind, name, value)


@cache
def _maker(kind: type[Any]) -> Callable[..., None]:
    """The `__init__` of a dataclass that is not frozen."""
    assert not hasattr(kind, "__post_init__")
    names: dict[str, Any] = {}
    given, lines = [], []
    for one in fields(kind):
        given.append(one.name + _default(one, names))
        value = one.name
        if one.default_factory is not MISSING:
            value = f"make_{one.name}() if {one.name} is None else {one.name}"
        lines.append(f"    self.{one.name} = {value}\n")
    return _written(f"def made(self, {', '.join(given)}):\n" + "".join(lines), names)


def _default(one: Field[Any], names: dict[str, Any]) -> str:
    if one.default_factory is not MISSING:
        names[f"make_{one.name}"] = one.default_factory
        return "=None"
    if one.default is MISSING:
        return ""
    names[f"usual_{one.name}"] = one.default
    return f"=usual_{one.name}"


def _written(source: str, names: dict[str, Any]) -> Callable[..., Any]:
    exec(source, names)
    made: Callable[..., Any] = names["made"]
    return made


def copier(kind: type[Any]) -> Callable[..., Any]:
    """dataclasses.replace for one class that is thawed."""
    lines = "".join(f"    new.{one.name} = old.{one.name}\n" for one in fields(kind))
    return _written(
        f"def made(old, **changes):\n    new = make(kind)\n{lines}"
        "    for name, value in changes.items():\n        setattr(new, name, value)\n    return new\n",
        {"make": object.__new__, "kind": kind},
    )


_COPIERS = {kind: copier(kind) for kind in (Delivery, Change, Taken, Outgoing)}


def replaced(old: Any, /, **changes: Any) -> Any:
    return _COPIERS[type(old)](old, **changes)


def writer(columns: tuple[str, ...]) -> Callable[[Delivery, dict[str, Any], list[Any]], None]:
    """What an UPDATE of these columns does to a row, written out once; what takes it back goes into `undo`."""
    values = {}
    for column in columns:
        if name := _BOOTS.get(column):
            values[name] = f"None if given[{column!r}] is None else Boot(given['{name}_id'], given[{column!r}])"
        elif column == "state":
            values[column] = "states[given['state']]"
        elif column not in _SKIPPED:
            values[column] = f"given[{column!r}]"
    before = ", ".join(f"row.{name}" for name in values)
    lines = "".join(f"    row.{name} = {value}\n" for name, value in values.items())
    return _written(
        f"def back(row, before):\n    ({before},) = before\n"
        f"def made(row, given, undo):\n    undo.append((back, row, ({before},)))\n{lines}",
        {"Boot": BootTime, "states": _STATES},
    )
