r"""LinkedIn's "little text": plain text in which some characters mean something unless a backslash says otherwise.

Reserved: \ | { } @ [ ] ( ) < > # * _ ~. Left unescaped, one of them may cut the post there, and the answer is a
success all the same. Addresses stay as they are: a backslash in one would lead elsewhere, and those who publish
them unescaped report no cuts. A hashtag is written `{hashtag|\#|word}`.

Source: learn.microsoft.com/en-us/linkedin/marketing, little text format, read 2026-08; the cuts: reports of 2026.
"""

from __future__ import annotations

from collections.abc import Callable

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
    return _between_addresses(text, _escaped)


def plain(little: str) -> str:
    """What a reader sees of a little text."""
    return _between_addresses(little, lambda part: str(_MARKED.sub(_seen, part)))


def _between_addresses(text: str, changed: Callable[[str], str]) -> str:
    parts, position = [], 0
    for start, end in http_addresses(text):
        parts += [changed(text[position:start]), text[start:end]]
        position = end
    return "".join([*parts, changed(text[position:])])


def _seen(mark: regex.Match[str]) -> str:
    tag, name, character = mark.groups()
    return f"#{tag}" if tag is not None else name if name is not None else character


def _escaped(text: str) -> str:
    parts, position = [], 0
    for tag in _HASHTAG.finditer(text):
        if _LETTER.search(tag[1]):  # a number alone is no hashtag
            parts += [_plain_part(text[position : tag.start()]), f"{{hashtag|\\#|{tag[1]}}}"]
            position = tag.end()
    return "".join([*parts, _plain_part(text[position:])])


def _plain_part(text: str) -> str:
    return str(_RESERVED.sub(r"\\\g<0>", text))
