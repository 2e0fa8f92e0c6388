"""A ledger as JSON holds it, and back: nothing is lost, and equal ledgers give equal text.

Instants are ISO text in UTC, money of type `Decimal` is text, a set is a sorted list. What cannot have been written so
is refused: the text may come from anybody.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def encode(value: Any) -> Any:
    """What `json.dumps` takes. Raises TypeError for what has no place in a ledger."""
    if type(value) in _AS_THEY_ARE:  # most are: asked first
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | bool | int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        told = ((one, getattr(value, one.name)) for one in fields(value) if one.init)
        return {one.name: encode(found) for one, found in told if not _left_out(one, found)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(encode(one) for one in value)
    if isinstance(value, tuple | list):
        return [encode(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): encode(one) for key, one in value.items()}
    raise TypeError(f"{type(value).__name__} has no plain form")


def _left_out(one: Field[Any], found: Any) -> bool:
    """What stands at its default is not written: a field that is added later changes no older text."""
    default = one.default_factory() if one.default_factory is not MISSING else one.default
    return type(found) is type(default) and bool(found == default)


def decode(kind: type[T], raw: Any, where: str = "") -> T:
    """The value of that type. Raises ValueError naming the place that cannot be read."""
    found: T = _decode(kind, raw, where or kind.__name__)
    return found


def _decode(kind: Any, raw: Any, where: str) -> Any:
    if kind in (object, Any):
        return raw
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(inner, raw, where)
    if origin is Literal:
        if raw in inner:
            return raw
    elif origin is tuple and isinstance(raw, list):
        kinds = inner[:1] * len(raw) if inner[-1:] == (...,) else inner
        if len(kinds) == len(raw):
            return tuple(
                _decode(each, one, f"{where}[{at}]") for at, (each, one) in enumerate(zip(kinds, raw, strict=True))
            )
    elif origin is frozenset and isinstance(raw, list):
        return frozenset(_decode(inner[0], one, where) for one in raw)
    elif isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(raw, dict):
        return {_decode(inner[0], key, where): _decode(inner[1], one, f"{where}.{key}") for key, one in raw.items()}
    elif is_dataclass(kind) and isinstance(raw, dict):
        return _row(kind, raw, where)
    else:
        found = _scalar(kind, raw)
        if found is not _NOTHING:
            return found
    raise ValueError(f"{where} is not what a ledger holds there")


def _row(kind: Any, raw: dict[str, Any], where: str) -> Any:
    hints = _hints(kind)
    if set(raw) - set(hints):
        raise ValueError(f"{where} holds {min(set(raw) - set(hints))!r}, which this version does not know")
    try:
        return kind(**{name: _decode(hints[name], one, f"{where}.{name}") for name, one in raw.items()})
    except TypeError:
        raise ValueError(f"{where} lacks something") from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    known = get_type_hints(kind)
    return {one.name: known[one.name] for one in fields(kind) if one.init}


def _one_of(kinds: tuple[Any, ...], raw: Any, where: str) -> Any:
    told = ValueError(f"{where} is not what a ledger holds there")
    for kind in kinds:
        if raw is None and kind is type(None):
            return None
    for kind in kinds:
        if kind is not type(None):
            try:
                return _decode(kind, raw, where)
            except ValueError as error:
                told = error
    raise told


_NOTHING = object()


def _scalar(kind: Any, raw: Any) -> Any:
    if kind in (str, int, bool) and type(raw) is kind:
        return raw
    if kind is float and type(raw) in (int, float) and math.isfinite(raw):
        return raw
    if isinstance(raw, str):
        try:
            if kind is datetime and (found := datetime.fromisoformat(raw)).tzinfo is not None:
                return found
            if kind is date:
                return date.fromisoformat(raw)
            if kind is Decimal and (number := Decimal(raw)).is_finite():
                return number
        except (ValueError, InvalidOperation):
            return _NOTHING
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((one for one in kind if one.value == raw), _NOTHING)
    return _NOTHING
