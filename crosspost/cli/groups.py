"""Groups of commands whose first word may be left out."""

from __future__ import annotations

from typing import Any

import click


class Abridged(click.Group):
    """`crosspost import a.csv` is `crosspost import files a.csv`, where `otherwise` is `files`."""

    def __init__(self, *args: Any, otherwise: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.otherwise = otherwise

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = bool(args) and (args[0] in self.commands or args[0] in ("--help", "-h"))
        return super().parse_args(ctx, args if named else [self.otherwise, *args])
