"""Find a network's template: the owner's file if there is one, else the one that ships."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from crosspost.domain import template
from crosspost.domain.errors import BadInput
from crosspost.domain.template import TeaserTemplate


def template_of(network: str, folder: Path | None = None) -> TeaserTemplate:
    """`<folder>/<network>.toml`, else the shipped template. Raises BadInput naming file and line."""
    own = None if folder is None else folder / f"{network}.toml"
    if own is not None and own.is_file():
        try:
            return template.parse(own.read_text(encoding="utf-8-sig"), str(own))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"cannot be read: {error}", where=str(own), remedy="save it as UTF-8 text") from None
    shipped = resources.files("crosspost.templates") / f"{network}.toml"
    if not shipped.is_file():
        raise BadInput(f"no template ships for {network!r}", remedy="put one into the templates folder")
    return template.parse(shipped.read_text(encoding="utf-8"), f"crosspost/templates/{network}.toml")
