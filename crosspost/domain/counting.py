"""How long a text is, in each network's own unit.

X: twitter-text 3 (`config/v3.json`, commit 30e2430): NFC first, an address weighs 23, an emoji sequence 2, the code
points of four ranges 1, every other 2. So é ’ « and U+00A0 weigh 1, but … € • → and U+202F weigh 2.
Mastodon: graphemes (`\\X`), any http(s) address 23, `@user@host` counts as `@user`.
Bluesky: graphemes, and UTF-8 bytes beside them. Facebook: UTF-16 units. LinkedIn: those of the text as escaped.
Threads (developers.facebook.com/docs/threads, 2026-04): an emoji costs its UTF-8 bytes, a family of four 25, any other
character 1; which signs are emoji is not said, so every pictograph is taken for one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex

from crosspost.domain import addresses, emoji, littletext
from crosspost.domain.addresses import Span
from crosspost.domain.limits import AtMost, Limits, Measured, Unit

_GRAPHEME = regex.compile(r"\X")
# `\X` walks back over a whole row of flag letters at each of them: minutes for a hostile text. They pair off from
# the left, so such a row may be cut after each pair.
_FLAG_BEFORE_FLAG = regex.compile(r"[\U0001F1E6-\U0001F1FF]{2}(?=[\U0001F1E6-\U0001F1FF])")
_HEAVY = regex.compile(r"[^\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]+")
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u20e3]")
_HASHTAG = regex.compile(r"(?<![\w/&])[#＃](?=\w)")  # not &#233; nor the fragment of an address
_REMOTE_MENTION = regex.compile(
    r"(?<![=/\w])(@[a-z0-9_]++(?:[.-]++[a-z0-9_]++)*+)@\w++(?:[.-]++\w++)*+", regex.IGNORECASE
)


def graphemes(text: str) -> list[str]:
    """The text cut where a reader sees characters (Unicode extended grapheme clusters)."""
    found: list[str] = []
    position = 0
    for flag in _FLAG_BEFORE_FLAG.finditer(text):
        found += _GRAPHEME.findall(text[position : flag.end()])
        position = flag.end()
    found += _GRAPHEME.findall(text[position:])
    return found


def measure(text: str, limit: AtMost) -> int:
    """The length of `text` in the limit's unit, addresses at their fixed cost where it has one.

    Never raises: half a surrogate pair counts as the three bytes or the one unit it would take.
    """
    if limit.unit == "weighted characters":
        return weighted_length(text, limit.link_cost)
    spans = addresses.http_addresses(text) if limit.link_cost is not None else []
    return len(spans) * (limit.link_cost or 0) + sum(_plain(part, limit.unit) for part in _without(text, spans))


def weighted_length(text: str, link_cost: int | None, *, whole_emoji: bool = True) -> int:
    """X's count. `whole_emoji` False is twitter-text's configuration 2, which X used before 2018."""
    text = unicodedata.normalize("NFC", text)
    spans = addresses.twitter_addresses(text) if link_cost is not None else []
    length = len(spans) * (link_cost or 0)
    for part in _without(text, spans):
        if whole_emoji:
            part, count = emoji.sequences().subn("", part)
            length += 2 * count
        length += len(part) + sum(map(len, _HEAVY.findall(part)))
    return length


def measure_all(text: str, limits: Limits) -> tuple[Measured, ...]:
    """Every limit of a network, with the length of `text` in its unit, in the network's order."""
    return tuple(Measured(limit, measure(text, limit)) for limit in limits.text)


def fits(text: str, limits: Limits) -> bool:
    return all(found.fits for found in measure_all(text, limits))


def _without(text: str, spans: Iterable[Span]) -> list[str]:
    parts, position = [], 0
    for start, end in spans:
        parts.append(text[position:start])
        position = end
    return [*parts, text[position:]]


def _plain(text: str, unit: Unit) -> int:
    """The length of a text without addresses."""
    match unit:
        case "characters":
            return len(graphemes(_REMOTE_MENTION.sub(r"\1", text)))
        case "graphemes":
            return len(graphemes(text))
        case "utf-8 bytes":
            return len(text.encode("utf-8", "surrogatepass"))
        case "utf-16 units":
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case "escaped utf-16 units":
            return _plain(littletext.escaped(text), "utf-16 units")
        case "code points":
            return len(text)
        case "weighted characters":
            return weighted_length(text, None)
        case "threads characters":
            return _threads_characters(text)
        case "hashtags":
            return len(_HASHTAG.findall(text))
        case "unique links":
            text = unicodedata.normalize("NFC", text)
            spans = [*addresses.http_addresses(text), *addresses.twitter_addresses(text)]
            return len({_unprotocolled(text[start:end]) for start, end in spans})


def _threads_characters(text: str) -> int:
    """An emoji sequence as readers see it by its UTF-8 bytes, everything else by code points."""
    return sum(
        len(grapheme.encode("utf-8", "surrogatepass")) if _EMOJI.search(grapheme) else len(grapheme)
        for grapheme in graphemes(text)
    )


def _unprotocolled(address: str) -> str:
    """Both rules find most addresses, one of them without its scheme: they count once."""
    head, _, rest = address.partition("://")
    return rest if head.lower() in ("http", "https") else address
