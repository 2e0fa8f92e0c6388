"""What people answer to "how did you hear of us?", mapped to a channel by rules one can read and edit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from crosspost.domain.networks import NETWORKS

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


def channel_told(told: str | None, rules: Mapping[str, Sequence[str]] = RULES) -> str | None:
    """The one channel that the words name. None: nothing was told, no rule knows it, or it names several.

    >>> channel_told("Bouche-à-oreille, un ami")
    'referral'
    """
    found = channels_named(told, rules)
    if len(found) == 2 and "social" in found:  # "social media (LinkedIn)" names one network
        found -= {"social"}
    return next(iter(found)) if len(found) == 1 else None


def channels_named(text: str | None, rules: Mapping[str, Sequence[str]] = RULES) -> frozenset[str]:
    """Every channel that the words name."""
    if not text:
        return frozenset()
    words = plain(text)
    return frozenset(channel for channel, names in rules.items() if any(_word(name).search(words) for name in names))


def plain(text: str) -> str:
    """The words without accents, capitals and punctuation, one space apart."""
    unaccented = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", unaccented.casefold()))


@lru_cache(maxsize=512)
def _word(name: str) -> re.Pattern[str]:
    end = "" if name.endswith("*") else r"\b"
    return re.compile(r"\b" + re.escape(name.rstrip("*")) + end)
