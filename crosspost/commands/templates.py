"""Find a network's template: the owner's file if there is one, else the one that ships, else the default."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from crosspost.domain import template
from crosspost.domain.errors import BadInput
from crosspost.domain.template import TeaserTemplate


def template_of(network: str, folder: Path | None = None) -> TeaserTemplate:
    """`<folder>/<network>.toml`, else the shipped template, else the default. Raises BadInput naming file and line."""
    own = None if folder is None else folder / f"{network}.toml"
    if own is not None and own.is_file():
        try:
            return template.parse(own.read_text(encoding="utf-8-sig"), str(own))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"cannot be read: {error}", where=str(own), remedy="save it as UTF-8 text") from None
    shipped = resources.files("crosspost.templates")
    name = f"{network}.toml" if (shipped / f"{network}.toml").is_file() else "default.toml"
    return template.parse((shipped / name).read_text(encoding="utf-8"), f"crosspost/templates/{name}")
