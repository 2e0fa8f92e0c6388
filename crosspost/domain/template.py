"""What a teaser of one network is made of, as a file its owner may edit.

A template is TOML: the layout is one value, the amounts are others, and a mistake has a line. Places are filled
with `$name` (`string.Template`): names are all it knows, so neither a template nor an article's words can reach
into the program, which a formatted string could and Jinja only hopes to prevent. `$$` writes a dollar sign.

    text = "$title\\n\\n$sentences\\n\\n$link\\n\\n$hashtags"   where each part goes; `$link` stands alone
    sentences = 2                 at most so many sentences of the article
    hashtags = 3                  at most so many of the article's own tags
    picture = "image"             "image", "card" (the preview of the page) or "none"
    alt = "$alt"                  the image's alternative text; $alt is the article's, else its title

Two more may be left out:

    link = "reply"                where the link goes: "text" (if nothing is said), "card", "reply", "bio" or "none"
    reply = "$title\\n$link"      the text of the reply, if the link goes there; "$link" if nothing is said
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from crosspost.domain.errors import BadInput
from crosspost.domain.teaser import PLACEMENTS, Placement

Picture = Literal["image", "card", "none"]

_Bad = Callable[[str, str, str, str], BadInput]  # message, key, a mark in the faulty line, remedy

_TEXT_NAMES = ("title", "sentences", "link", "hashtags", "author")
_ALT_NAMES = ("alt", "title", "author")
_REPLY_NAMES = ("title", "link", "author")
_KEYS = ("text", "sentences", "hashtags", "picture", "alt")
_OPTIONAL = {"link": "text", "reply": "$link"}
_PICTURES = ("image", "card", "none")


@dataclass(frozen=True, slots=True)
class TeaserTemplate:
    """A template that was read and found sound: it holds `$link` once, with white space or nothing around it."""

    text: str
    sentences: int
    hashtags: int
    picture: Picture
    alt: str
    link: Placement = "text"
    reply: str = "$link"

    def render(self, parts: Mapping[str, str]) -> str:
        """The text with its parts filled in. A line whose parts are all empty is left out, words and all."""
        return _rendered(self.text, parts)

    def render_reply(self, parts: Mapping[str, str]) -> str:
        return _rendered(self.reply, parts)

    def render_alt(self, parts: Mapping[str, str]) -> str:
        return string.Template(self.alt).substitute(parts).strip()


def _rendered(text: str, parts: Mapping[str, str]) -> str:
    lines: list[str] = []
    for line in text.splitlines():
        names = string.Template(line).get_identifiers()
        if names and not any(parts[name] for name in names):
            continue
        filled = string.Template(line).substitute(parts).strip(" \t")
        if filled or (lines and lines[-1]):
            lines.append(filled)
    return "\n".join(lines).strip("\n")


def parse(toml: str, where: str) -> TeaserTemplate:
    """Read a template file's content. Raises BadInput naming `where`, the line and the remedy."""
    try:
        raw: dict[str, Any] = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"not valid TOML: {error}", where=where, remedy="correct that line") from None
    lines = toml.splitlines()

    def bad(message: str, key: str, mark: str, remedy: str) -> BadInput:
        begins = (n for n, line in enumerate(lines) if line.split("=")[0].strip() == key)
        first = next(begins, 0)
        number = next((n for n in range(first, len(lines)) if mark in lines[n]), first) + 1
        return BadInput(message, where=f"{where}, line {number}", remedy=remedy)

    for key in raw:
        if key not in _KEYS and key not in _OPTIONAL:
            raise bad(f"{key!r} is not a part of a template", key, key, f"one of: {', '.join((*_KEYS, *_OPTIONAL))}")
    raw = {**_OPTIONAL, **raw}
    for key in _KEYS:
        if key not in raw:
            raise BadInput(f"{key} is missing", where=where, remedy="see the template that ships with crosspost")
    for key in ("text", "alt", "reply"):
        if not isinstance(raw[key], str):
            raise bad(f"{key} is not a text", key, key, 'write it between quotes, such as "$title"')
    for key in ("sentences", "hashtags"):
        if type(raw[key]) is not int or not 0 <= raw[key] <= 30:
            raise bad(f"{key} is {raw[key]!r}", key, key, "write a whole number from 0 to 30")
    if raw["picture"] not in _PICTURES:
        raise bad(f"picture is {raw['picture']!r}", "picture", "picture", f"one of: {', '.join(_PICTURES)}")
    if raw["link"] not in PLACEMENTS:
        raise bad(f"link is {raw['link']!r}", "link", "link", f"one of: {', '.join(PLACEMENTS)}")
    for key, allowed in (("text", _TEXT_NAMES), ("alt", _ALT_NAMES), ("reply", _REPLY_NAMES)):
        _check_names(raw[key], key, allowed, bad)
    for key in ("text", "reply"):
        _check_link(raw[key], key, bad)
    return TeaserTemplate(
        raw["text"], raw["sentences"], raw["hashtags"], cast(Picture, raw["picture"]), raw["alt"],
        cast(Placement, raw["link"]), raw["reply"],
    )  # fmt: skip


def with_text(template: TeaserTemplate, text: str, where: str) -> TeaserTemplate:
    """The template with another text, for as long as a text is tried. Raises BadInput naming `where`."""

    def bad(message: str, _key: str, _mark: str, remedy: str) -> BadInput:
        return BadInput(message, where=where, remedy=remedy)

    _check_names(text, "text", _TEXT_NAMES, bad)
    _check_link(text, "text", bad)
    return replace(template, text=text)


def _check_names(text: str, key: str, allowed: tuple[str, ...], bad: _Bad) -> None:
    for line in text.splitlines():
        if not string.Template(line).is_valid():
            raise bad("a $ without a name", key, line.strip(), "write $$ for a dollar sign, or one of the names")
        for name in string.Template(line).get_identifiers():
            if name not in allowed:
                names = ", ".join(f"${known}" for known in allowed)
                raise bad(f"${name} is not a part of an article", key, f"${name}", f"one of: {names}")


def _check_link(text: str, key: str, bad: _Bad) -> None:
    """Glued to a word, the address would not be found by its network, or would lead nowhere."""
    places = string.Template.pattern.finditer(text)
    found = [place for place in places if "link" in (place["named"], place["braced"])]
    if len(found) != 1:
        raise bad(f"$link stands {len(found)} times in the {key}", key, "$link", "write it once: a teaser is one link")
    start, end = found[0].span()
    if (text[start - 1 : start] + text[end : end + 1]).strip():
        mark = found[0].group()
        raise bad(f"{mark} is glued to what stands beside it", key, mark, "leave a space or a line of its own for it")
