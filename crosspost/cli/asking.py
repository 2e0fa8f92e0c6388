"""Secrets a person is asked for: from the terminal or standard input, never from an argument."""

from __future__ import annotations

import sys

import click

from crosspost.domain.errors import BadInput
from crosspost.secret import Secret


def read_secret(what: str, *, again: bool) -> Secret:
    """From the terminal without showing it (twice when it is new), else the first line of standard input.

    Raises BadInput.
    """
    from crosspost.logs import register

    try:
        if sys.stdin.isatty():
            text = str(click.prompt(what, hide_input=True, confirmation_prompt=again, err=True))
        else:
            text = sys.stdin.readline().rstrip("\r\n")
        text.encode()
    except UnicodeError:
        raise BadInput(f"the {what} is not valid text", remedy="write it in UTF-8") from None
    if not text:
        raise BadInput(f"no {what} was given", remedy="write it on standard input")
    secret = Secret(text)
    register(secret)
    return secret
