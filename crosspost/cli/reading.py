"""`crosspost reading`."""

from __future__ import annotations

import click

from crosspost.cli.reading_list import list_, show


@click.group(epilog="Example: crosspost reading show https://bsky.app/profile/lea.example/post/3m5z7abcdefgh")
def reading() -> None:
    """The numbers of posts and accounts, and why some are missing."""


reading.add_command(list_, "list")
reading.add_command(show, "show")
