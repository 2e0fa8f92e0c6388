"""What may be switched per account, and what each is given."""

from __future__ import annotations

from typing import Any

# What may be switched per account, with the default. A switch that a network has no use for changes nothing.
BEHAVIOUR: dict[str, Any] = {
    "lists": True,  # False: no list of the account's posts can be read (the class is then BLIND)
    "list_lag_s": 0.0,  # a new post appears in lists this much later
    "read_lag_s": 0.0,  # … and by its own id
    "rate_limits": True,
    "key_honoured": True,  # Mastodon: Idempotency-Key
    "key_life_s": 3600.0,
    "media_polls": 0,  # Mastodon, X: how often the status of an upload is "working" before it is ready
    "duplicate_window_s": None,  # None: the network's own (X, Facebook); 0 accepts every repeat
    "vocabulary": "new",  # X answers post.fields' names ("new") or tweet.fields' ("old"); it accepts both
    "premium": False,  # X: 25,000 characters
    "text_limit": 500,  # Mastodon's max_characters
    "software": "mastodon",  # what the instance says it is
    "token_life_s": None,  # None: the network's own life of an access token that can be refreshed
}
# Per network: the secrets an account is given, and the kind of token each is ("" for those that are none).
SECRETS: dict[str, tuple[tuple[str, str], ...]] = {
    "x": (
        ("consumer_key", ""),
        ("consumer_secret", ""),
        ("access_token", "oauth1"),
        ("access_token_secret", ""),
        ("bearer", "access"),
        ("refresh_token", "refresh"),
    ),
    "facebook": (("page_token", "page"), ("user_token", "user"), ("app_secret", "")),
    "mastodon": (("access_token", "user"),),
    "bluesky": (("app_password", "app"),),
}
# Lives in seconds of the tokens that end: x-and-meta.md's and other-networks.md's sources, see errors.py.
LIFE_S: dict[tuple[str, str], float] = {
    ("x", "access"): 7200.0,
    ("facebook", "user"): 60 * 86400.0,
    ("bluesky", "access"): 7200.0,
    ("bluesky", "refresh"): 90 * 86400.0,
}
