"""What people answer to "how did you hear of us?", mapped to a channel by rules one can read and edit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crosspost.domain.networks import NETWORKS

# The channels that are networks: those there are, those nobody posts to by crosspost, and what names none of them.
NETWORK_CHANNELS = frozenset(NETWORKS) | {"tiktok", "youtube", "social"}

NO_CHANNEL = "none"  # what an owner's rule says of words that name no channel
SEVERAL = "several"

# Channel → words without accents or capitals, in French and English. `*` stands for any ending. A network is at least
# called by its name.
RULES: Mapping[str, Sequence[str]] = {
    **{name: (name,) for name in NETWORKS},
    "linkedin": ("linkedin", "linked in"),
    "facebook": ("facebook", "fb"),
    "instagram": ("instagram", "insta"),
    "x": ("twitter", "sur x", "on x", "tweet*"),
    "mastodon": ("mastodon", "fediverse"),
    "bluesky": ("bluesky", "bsky"),
    "youtube": ("youtube",),
    "tiktok": ("tiktok", "tik tok"),
    "meetup": ("meetup", "meet up"),
    "social": ("reseaux sociaux", "reseau social", "social media", "social network*"),
    "referral": (
        "bouche a oreille", "recommand*", "recommend*", "word of mouth", "referr*", "referral*", "ami",
        "amie", "amis", "amies", "friend*", "collegue*", "colleague*", "connaissance*", "confrere*",
        "mise en relation", "introduc*", "parraine*", "parrainage",
    ),
    "search": ("google", "bing", "duckduckgo", "qwant", "ecosia", "moteur de recherche", "search engine*"),
    "event": ("salon", "salons", "conference*", "evenement*", "event*", "atelier*", "workshop*",
              "trade show*"),
    "email": ("newsletter*", "emailing", "mailing", "lettre d information"),
    "prospecting": ("demarche*", "appel a froid", "cold call*", "cold email*", "prospection"),
    "recurrence": ("deja client*", "ancien client", "ancienne cliente", "existing client",
                   "existing customer"),
    "ads": ("publicite*", "pub", "annonce*", "advert*", "ad", "ads", "banniere*", "banner*"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """By what answers are read: the owner's words first, and the shipped ones in what those leave over.

    `own` maps words to a channel, or to `none`; `placebo` are channels that never ran.
    """

    own: tuple[tuple[str, str], ...] = ()
    placebo: frozenset[str] = frozenset()

    def every_own(self) -> tuple[tuple[str, str], ...]:
        """The owner's words, the longest first; a placebo is at least called by its name."""
        named = tuple((name, name) for name in sorted(self.placebo) if name not in RULES)
        return tuple(sorted(self.own + named, key=lambda one: -len(one[0])))


SHIPPED = Rules()


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fired: its words, its channel, and whether it is the owner's own."""

    words: str
    channel: str
    own: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer names, rule by rule. `channel` is None where nothing is named."""

    matches: tuple[Match, ...]
    channel: str | None
    placebo: bool = False


def read_answer(told: str | None, rules: Rules = SHIPPED) -> Answer:
    """The channel that the words name, with every rule that fired.

    Several networks are `social`, channels of several kinds are `several`: nothing is guessed. Who names a channel that
    never ran is counted there, whatever else they name.

    >>> read_answer("Bouche-à-oreille, un ami").channel
    'referral'
    >>> read_answer("LinkedIn, puis un ami").channel
    'several'
    """
    if not told:
        return Answer((), None)
    words = plain(told)
    matches: list[Match] = []
    for phrase, of in rules.every_own():
        left = _word(phrase).sub(" | ", words)
        if left != words:
            matches.append(Match(phrase, of, own=True))
            words = left
    matches += [
        Match(name, of, own=False) for of, names in RULES.items() for name in names if _word(name).search(words)
    ]
    found = frozenset(one.channel for one in matches) - {NO_CHANNEL}
    never = sorted(found & rules.placebo)
    channel = never[0] if never else one_of(found) or (SEVERAL if found else None)
    return Answer(tuple(matches), channel, bool(never))


def channel_told(told: str | None, rules: Rules = SHIPPED) -> str | None:
    """The channel that the words name, as `read_answer`."""
    return read_answer(told, rules).channel


def one_of(found: frozenset[str]) -> str | None:
    """The one channel that these are together: several networks are `social`, advertising on a network is that network,
    on a search engine `paid_search`. None for none, and for channels of several kinds."""
    if found == {"search", "ads"}:
        return "paid_search"
    networks = found & NETWORK_CHANNELS
    if networks and found <= networks | {"ads"}:
        several = networks - {"social"} or networks
        return next(iter(several)) if len(several) == 1 else "social"
    return next(iter(found)) if len(found) == 1 else None


def channels_named(text: str | None) -> frozenset[str]:
    """Every channel that the words name by the shipped rules."""
    if not text:
        return frozenset()
    words = plain(text)
    return frozenset(channel for channel, names in RULES.items() if any(_word(name).search(words) for name in names))


def plain(text: str) -> str:
    """The words without accents, capitals and punctuation, one space apart."""
    unaccented = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", unaccented.casefold()))


def spoken(text: str) -> str:
    """The same of names that programs write: `ana_dupont` is two words."""
    return plain(text.replace("_", " "))


@lru_cache(maxsize=2048)
def _word(name: str) -> re.Pattern[str]:
    end = r"\w*" if name.endswith("*") else r"\b"
    return re.compile(r"\b" + re.escape(plain(name)) + end)
