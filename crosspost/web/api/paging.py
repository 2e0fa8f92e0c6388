"""Lists in parts: a cursor says where the last part ended, whatever was added before it since."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from crosspost.domain.errors import BadInput

T = TypeVar("T")


class Paging(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=500, description="How many at most.")] = 100
    cursor: Annotated[str, Field(max_length=500, description="`next` of the part before.")] | None = None


def part(items: Sequence[T], key: Callable[[T], str], asked: Paging) -> tuple[list[T], str | None]:
    """The items after the cursor by their keys, and the next cursor, None at the end. Of several with one key the
    cursor counts how many are past. Raises BadInput for a cursor that is none of ours."""
    items, start = sorted(items, key=key), 0
    if asked.cursor is not None:
        last, past = _read(asked.cursor)
        same = 0
        for item in items:
            own = key(item)
            same += own == last
            if own > last or same > past:
                break
            start += 1
    chosen = list(items[start : start + asked.limit])
    if start + len(chosen) >= len(items):
        return chosen, None
    last = key(chosen[-1])
    return chosen, _write(last, sum(key(one) == last for one in items[: start + len(chosen)]))


def _write(key: str, past: int) -> str:
    return urlsafe_b64encode(json.dumps([key, past]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, int]:
    try:
        found = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        found = None
    match found:
        case [str(key), int(past)]:
            return key, past
    raise BadInput("the cursor is none of ours", remedy="give `next` of the answer before, or none")
