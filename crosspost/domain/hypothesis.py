"""A hypothesis as it is locked: what is claimed, how it will be judged, and the hash of all that.

The hash is the SHA-256 of the canonical form: the content as JSON with sorted keys and no spaces. Whoever changes a
word changes the hash.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crosspost.domain.errors import BadInput
from crosspost.domain.message import Figure, percent, plain
from crosspost.domain.period import aware

Content = dict[str, Any]  # as in the file: text, numbers, lists, and tables of these


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """`margin` is in `unit`. `until` None: the period has no end. `answers` names the audit's claim that is held
    against it, where there is one. `design` is the experiment that tests it, with its seed."""

    key: str
    claim: str
    outcome: str
    margin: float
    unit: str
    method: str  # of the catalogue: A1…A12
    since: datetime
    until: datetime | None = None
    answers: str | None = None
    design: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "since", aware(self.since))
        if self.until is not None:
            object.__setattr__(self, "until", aware(self.until))
            if self.until <= self.since:
                raise BadInput("the period ends before it begins", remedy="check --since and --until")

    def content(self, brand: str, locked_at: datetime) -> Content:
        """What is written down and hashed."""
        found: Content = {
            "key": self.key, "brand": brand, "claim": self.claim, "outcome": self.outcome, "margin": self.margin,
            "unit": self.unit, "method": self.method, "since": _text(self.since), "locked_at": _text(locked_at),
        }  # fmt: skip
        if self.until is not None:
            found["until"] = _text(self.until)
        if self.answers is not None:
            found["answers"] = self.answers
        if self.design is not None:
            found["design"] = dict(self.design)
        return found


def hypothesis_of(content: Mapping[str, Any]) -> Hypothesis:
    """The hypothesis that `Hypothesis.content` wrote."""
    return Hypothesis(
        key=content["key"], claim=content["claim"], outcome=content["outcome"], margin=float(content["margin"]),
        unit=content["unit"], method=content["method"], since=datetime.fromisoformat(content["since"]),
        until=datetime.fromisoformat(content["until"]) if "until" in content else None,
        answers=content.get("answers"), design=content.get("design"),
    )  # fmt: skip


def canonical(content: Mapping[str, Any]) -> str:
    """The form that is hashed and stored."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def fingerprint(content: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


HEAD = """\
# A hypothesis, locked before looking. Keep this file as it is, under version control if you can.
# Every report prints the hash below. Change a word, and it says "changed after locking".
"""


def written(content: Mapping[str, Any]) -> str:
    """The content as TOML, under its hash."""
    tables = {name: value for name, value in content.items() if isinstance(value, Mapping)}
    lines = [HEAD, f'hash = "{fingerprint(content)}"', ""]
    lines += [f"{name} = {_toml(value)}" for name, value in content.items() if name not in tables]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def read(text: str) -> tuple[str, Content]:
    """(the hash that the file states, its content). Raises BadInput when it is no such file."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"is no TOML: {error}", remedy="bring back the file as it was locked") from None
    return str(found.pop("hash", "")), found


def changed(stored: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    """The names whose values differ, in order; none when the content is the same."""
    return tuple(name for name in sorted({*stored, *found}) if stored.get(name) != found.get(name))


def _text(instant: datetime) -> str:
    return aware(instant).isoformat(timespec="seconds")


def _toml(value: object) -> str:
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for U+007F, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    raise TypeError(f"{type(value).__name__} is not written in a hypothesis")


@dataclass(frozen=True, slots=True)
class Known:
    """A ready-made hypothesis: its claim holds `{margin}`. `answers` is the claim of the audit that it fixes."""

    key: str
    claim: str
    outcome: str
    margin: float
    unit: str
    method: str
    needs: str
    answers: str | None = None


# The mirages, made testable. Each can come out against whoever locked it.
KNOWN: tuple[Known, ...] = (
    Known(
        "H1a", "Networks bring under {margin} of clients (last touch)", "share of clients, last touch", 0.10, "share",
        "A1", "29 clients at 10 %, 59 at 5 %, with none from networks", "clients_under_10",
    ),
    Known(
        "H1b", "Networks open no doors: under {margin} of clients met one (any touch)", "share of clients, any touch",
        0.10, "share", "A1", "29 clients at 10 %, with whole journeys", "doors_under_10",
    ),
    Known(
        "H1c", "Posting adds no leads: fewer than {margin} more", "leads a week, from all sources", 0.20,
        "share of the off weeks' mean", "A9", "6 pairs of blocks: crosspost experiment plan",
    ),
    Known(
        "H1d", "An hour of prospecting beats an hour on networks: over {margin} times the clients",
        "clients per hour", 1.0, "ratio", "A7", "40 hours and 3 clients on a side", "prospecting_beats_networks",
    ),
    Known(
        "H2", "Benevolence is not business: under {margin} of those who react refer, ask or buy within 12 months",
        "share of reactors", 0.05, "share", "H2", "60 reactors, 10 of them or others who referred",
        "reactions_are_no_help",
    ),
    Known(
        "H3", "More followers bring no more business: within {margin} leads a quarter for each 100 followers",
        "leads a quarter per 100 followers", 1.0, "lead a quarter per +100 followers", "A8", "24 months",
        "followers_and_leads",
    ),
    Known(
        "H4", "Networks fade: visits per post shrink by more than {margin} a year, and more than the site's own do",
        "slope of the logarithm of visits per post", 0.0, "share a year", "A12", "12 months, two networks",
        "networks_fade",
    ),
)  # fmt: skip


def known(key: str) -> Known:
    """The ready-made hypothesis of that key. Raises BadInput."""
    for one in KNOWN:
        if one.key.casefold() == key.casefold():
            return one
    raise BadInput(f"no ready-made hypothesis is called {key!r}", remedy="see `crosspost hypothesis list --known`")


def margin_text(margin: float, unit: str) -> Figure:
    """`10 %` of a share, else the plain number."""
    return percent(margin) if unit.startswith("share") else plain(margin)
