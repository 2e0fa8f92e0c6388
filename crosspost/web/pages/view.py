"""What a page answers, and how it is rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from crosspost.clock import zone
from crosspost.domain.traffic import as_range
from crosspost.report.text import clean
from crosspost.web.public import STYLE_NAME
from crosspost.web.site import Call

# What a page says after something was done, by the word in its address.
DONE = {
    "recorded": "Recorded.",
    "updated": "Known already; what was open has been added.",
    "known": "Known already; nothing was changed.",
    "link-added": "The link answers within a second or two.",
    "link-off": "The link answers no more, within a second or two.",
    "link-on": "The link answers again, within a second or two.",
    "user-added": "They may sign in now.",
    "user-removed": "They are no user of this brand any more.",
    "key-revoked": "The key opens nothing any more.",
    "timer-on": "The timer runs.",
    "timer-off": "The timer is stopped, and its hours are recorded.",
    "password": "The password is changed. Sign in with the new one.",
}


@dataclass(frozen=True, slots=True)
class View:
    """A template and what it is given."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Go:
    """On to another page, which says what was done."""

    path: str
    done: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    media_type: str


Answer = View | Go | Picture


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the table. `owner`: readers may not. `again` shows the form once more when it was not taken."""

    method: str
    path: str  # below BASE
    run: Callable[[Call], Answer]
    owner: bool = False
    again: Callable[[Call], Answer] | None = None


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("crosspost.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    found.filters["when"] = _when
    found.filters["range"] = as_range
    return found


def html(view: View, **more: object) -> str:
    """The page as HTML. Every value is escaped, and cleaned of what could turn a line around."""
    return _environment().get_template(f"{view.template}.html").render(**view.values, **more, style=STYLE_NAME)


def _when(instant: datetime | None, zone_name: str, *, day: bool = False) -> str:
    """In the brand's zone, as a person reads it; a dash for what is not known."""
    if instant is None:
        return "—"
    return f"{instant.astimezone(zone(zone_name)):{'%Y-%m-%d' if day else '%Y-%m-%d %H:%M'}}"
