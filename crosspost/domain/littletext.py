r"""LinkedIn's "little text": plain text in which some characters mean something unless a backslash says otherwise.

Reserved: \ | { } @ [ ] ( ) < > # * _ ~. Left unescaped, one of them may cut the post there, and the answer is a
success all the same. Addresses stay as they are: a backslash in one would lead elsewhere, and those who publish
them unescaped report no cuts. A hashtag is written `{hashtag|\#|word}`.

Source: learn.microsoft.com/en-us/linkedin/marketing, little text format, read 2026-08; the cuts: reports of 2026.
"""

from __future__ import annotations

import regex

from crosspost.domain.addresses import http_addresses

_RESERVED = regex.compile(r"[\\|{}@\[\]()<>#*_~]")
_HASHTAG = regex.compile(r"(?<![\p{L}\p{M}\p{N}_#&])#([\p{L}\p{N}](?:[\p{L}\p{M}\p{N}])*+)(?![_#])")
_LETTER = regex.compile(r"\p{L}")
_ESCAPED_TAG = regex.compile(r"\{hashtag\|\\?[#\uFF03]\|([^{}|\\]*+)\}")
_MENTION = regex.compile(r"@\[([^\]]*+)\]\(urn:li:[^)]*+\)")
_MARKED = regex.compile(rf"{_ESCAPED_TAG.pattern}|{_MENTION.pattern}|\\([\\|{{}}@\[\]()<>#*_~])")


def escaped(text: str) -> str:
    """The plain text as little text: what a reader then sees is `text` again."""
    parts, position = [], 0
    for start, end in http_addresses(text):
        parts += [_without_addresses(text, position, start), text[start:end]]
        position = end
    return "".join([*parts, _without_addresses(text, position, len(text))])


def plain(little: str) -> str:
    """What a reader sees of a little text."""

    def seen(mark: regex.Match[str]) -> str:
        tag, name, character = mark.groups()
        return f"#{tag}" if tag is not None else name if name is not None else character

    return str(_MARKED.sub(seen, little))


def _without_addresses(text: str, start: int, end: int) -> str:
    parts, position = [], start
    for tag in _HASHTAG.finditer(text, start, end):
        if _LETTER.search(tag[1]):  # a number alone is no hashtag
            parts += [_plain_part(text[position : tag.start()]), f"{{hashtag|\\#|{tag[1]}}}"]
            position = tag.end()
    return "".join([*parts, _plain_part(text[position:end])])


def _plain_part(text: str) -> str:
    return str(_RESERVED.sub(r"\\\g<0>", text))
