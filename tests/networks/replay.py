"""What the sandbox answered, kept and said again under the SDKs, whole or damaged: thousands of answers a second."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from crosspost.outside.http import Answer, Outbound

Path = tuple[str | int, ...]
_WRONG: dict[type, tuple[Any, ...]] = {
    str: (None, 7, True, [], {}, "", "\ud83d \u001b[2J\u0000"),
    int: (None, "7", True, [], {}, -1, 10**400),
    float: (None, "7", True, [], {}, -1.0, float("nan"), float("inf")),
    bool: (None, "x", []),
    dict: (None, "x", 7, []),
    list: (None, "x", 7, {}, [None], [7]),
    type(None): ("x", 7, [], {}),
}


@dataclass(frozen=True)
class Said:
    """One request and the answer to it. `place` is method and path: a repeat may differ in its query."""

    place: tuple[str, str]
    answer: Answer


class Recording(Outbound):
    """The way out, with everything that was answered kept."""

    def __init__(self, origin: str) -> None:
        super().__init__(private_origins=frozenset({origin}))
        self.said: list[Said] = []

    def send(self, method: str, url: str, **request: Any) -> Answer:
        answer = super().send(method, url, **request)
        self.said.append(Said((method, urlsplit(url).path), answer))
        return answer


@dataclass
class Replay(Outbound):
    """Says what was said, in its order for each place, with one answer replaced; the unforeseen is a 503."""

    said: list[Said]
    replaced: int
    by: Answer
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._left: dict[tuple[str, str], list[int]] = {}
        for number, one in enumerate(self.said):
            self._left.setdefault(one.place, []).append(number)

    def send(self, method: str, url: str, **request: Any) -> Answer:
        place = (method, urlsplit(url).path)
        self.asked.append(place)
        left = self._left.get(place)
        if not left:
            return Answer(503, {}, b"", url)
        number = left.pop(0) if len(left) > 1 else left[0]
        return self.by if number == self.replaced else self.said[number].answer


def with_body(answer: Answer, body: bytes) -> Answer:
    return Answer(answer.status, answer.headers, body, answer.url)


def damaged(answer: Answer) -> Iterator[tuple[Path, str, Answer]]:
    """The answer with each field left out, and with each value of another kind: where, how, and the answer."""
    try:
        whole = json.loads(answer.body)
    except ValueError:
        return
    for path, value in _places(whole):
        if path and isinstance(path[-1], str):
            yield path, "left out", with_body(answer, _encoded(_changed(whole, path, drop=True)))
        for wrong in _WRONG[type(value)]:
            yield path, repr(wrong)[:30], with_body(answer, _encoded(_changed(whole, path, wrong)))


def echoing(answer: Answer, word: str) -> Iterator[tuple[Path, Answer]]:
    """The answer with that word in each of its texts."""
    try:
        whole = json.loads(answer.body)
    except ValueError:
        return
    for path, value in _places(whole):
        yield path, with_body(answer, _encoded(_changed(whole, path, f"{value} {word}")))


def _places(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield at, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _places(one, (*at, key))


def _changed(whole: Any, path: Path, value: Any = None, *, drop: bool = False) -> Any:
    if not path:
        return value
    made = copy.deepcopy(whole)
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    if drop:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return made


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()
