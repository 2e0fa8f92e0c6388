r"""LinkedIn's little text as its server reads it, written from the grammar and not from the adapter.

Source: learn.microsoft.com/en-us/linkedin, little text format (2026-08). What happens at a reserved character that
nothing explains is by reports of 2026: the post ends there, and the answer is a success. Addresses are left alone.
"""

from __future__ import annotations

import re

from crosspost.domain.addresses import http_addresses

_RESERVED = frozenset("\\|{}@[]()<>#*_~")
_TEMPLATE = re.compile(r"\{hashtag\|\\?[#\uFF03]\|([^{}|\\]+)\}")
_MENTION = re.compile(r"@\[([^\]]*)\]\(urn:li:(?:person|organization):\w+\)")
_HASHTAG = re.compile(r"#(?=\w)")


def read(little: str) -> tuple[str, str]:
    """What a reader sees, and the part of the little text that was kept: all of it, or its beginning."""
    addresses = dict(http_addresses(little))
    seen, at = [], 0
    while at < len(little):
        if at in addresses:
            seen.append(little[at : addresses[at]])
            at = addresses[at]
        elif little[at] == "\\" and little[at + 1 : at + 2] in _RESERVED:
            seen.append(little[at + 1])
            at += 2
        elif tag := _TEMPLATE.match(little, at):
            seen.append(f"#{tag[1]}")
            at = tag.end()
        elif mention := _MENTION.match(little, at):
            seen.append(mention[1])
            at = mention.end()
        elif little[at] in _RESERVED and not _HASHTAG.match(little, at):
            break
        else:
            seen.append(little[at])
            at += 1
    return "".join(seen), little[:at]
