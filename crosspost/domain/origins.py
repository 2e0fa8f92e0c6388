"""Which network a visit came from, by what web analytics call its source: a name, a host, an app, an outgoing redirect.

Networks send readers through addresses of their own (t.co, lnkd.in, l.facebook.com), and each tool names them as it
likes. What is not listed is of no network: it is never guessed from a part of a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Network → names as tools write them, and hosts. A host stands for all below it, and for the app of that name.
_NAMES: Mapping[str, Sequence[str]] = {
    "x": ("x", "twitter", "x (twitter)", "twitter / x", "x / twitter"),
    "facebook": ("facebook", "fb", "meta", "facebook mobile"),
    "instagram": ("instagram", "ig", "igshopping"),
    "threads": ("threads",),
    "linkedin": ("linkedin",),
    "pinterest": ("pinterest",),
    "mastodon": ("mastodon",),
    "bluesky": ("bluesky", "bsky"),
    "snapchat": ("snapchat",),
    "meetup": ("meetup",),
    "viadeo": ("viadeo",),
}
_HOSTS: Mapping[str, str] = {
    "t.co": "x", "x.com": "x", "twitter.com": "x", "com.twitter.android": "x",
    "facebook.com": "facebook", "fb.com": "facebook", "fb.me": "facebook", "com.facebook.katana": "facebook",
    "instagram.com": "instagram", "com.instagram.android": "instagram",
    "threads.net": "threads", "threads.com": "threads", "com.instagram.barcelona": "threads",
    "linkedin.com": "linkedin", "lnkd.in": "linkedin", "com.linkedin.android": "linkedin",
    "pin.it": "pinterest", "com.pinterest": "pinterest",
    "mastodon.social": "mastodon", "org.joinmastodon.android": "mastodon",
    "bsky.app": "bluesky", "xyz.blueskyweb.app": "bluesky",
    "snapchat.com": "snapchat", "com.snapchat.android": "snapchat",
    "meetup.com": "meetup", "viadeo.com": "viadeo",
}  # fmt: skip
_BY_NAME = {name: network for network, names in _NAMES.items() for name in names}
_PINTEREST = re.compile(r"(?:[a-z0-9-]+\.)*pinterest\.(?:com|[a-z]{2}|co(?:m)?\.[a-z]{2})")  # it has one per country


def network_of(source: str | None) -> str | None:
    """The network of a source as a tool recorded it; None where it names none, or one that is not known here.

    >>> network_of("https://l.facebook.com/l.php?u=x"), network_of("LinkedIn"), network_of("t.co"), network_of("it.co")
    ('facebook', 'linkedin', 'x', None)
    """
    plain = re.sub(r"\s+", " ", (source or "").strip().lower())
    if not plain:
        return None
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    host = re.sub(r"^(?:[a-z][a-z0-9+.-]*:)?/*", "", plain).partition("/")[0].partition("?")[0].partition(":")[0]
    if _PINTEREST.fullmatch(host):
        return "pinterest"
    labels = host.split(".")
    return next((found for at in range(len(labels)) if (found := _HOSTS.get(".".join(labels[at:])))), None)
