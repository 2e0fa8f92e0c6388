"""The limits of five networks as their documents give them, so that the domain is tested without adapters."""

from __future__ import annotations

from datetime import date

from crosspost.domain.limits import AtMost, Limits

READ_ON = date(2026, 11, 23)
X = Limits((AtMost(280, "weighted characters", 23),), 4, 1000, 5_000_000, "twitter-text config/v3.json", READ_ON)
FACEBOOK = Limits((AtMost(63_206, "utf-16 units"),), 10, None, 4_000_000, "quoted everywhere, not by Meta", READ_ON)
MASTODON = Limits((AtMost(500, "characters", 23),), 4, 1500, 16_777_216, "GET /api/v2/instance, defaults", READ_ON)
BLUESKY = Limits(
    (AtMost(300, "graphemes"), AtMost(3000, "utf-8 bytes")),
    4,
    None,
    2_000_000,
    "lexicons/app/bsky/feed/post.json",
    READ_ON,
)
LINKEDIN = Limits((AtMost(3000, "escaped utf-16 units"),), 20, 4086, None, "little text and posts pages", READ_ON)
ALL = {"x": X, "facebook": FACEBOOK, "mastodon": MASTODON, "bluesky": BLUESKY, "linkedin": LINKEDIN}
