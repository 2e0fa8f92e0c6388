"""What the title above a table says of it, where its header does not: data in titles.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from crosspost.imports.shape import fold


def titled(family: str, title: str | None) -> str | None:
    """Our word for the title of a table; None where there is no title, or one that is not known."""
    return _words(family).get(fold(title or ""))


@cache
def _words(family: str) -> dict[str, str]:
    said = tomllib.loads((resources.files("crosspost.imports") / "titles.toml").read_text("utf-8"))
    return {fold(title): word for word, titles in said[family].items() for title in titles}
