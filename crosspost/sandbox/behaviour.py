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
    "media_polls": 0,  # how often the status of an upload or a container is "working" before it is ready
    "duplicate_window_s": None,  # None: the network's own (X, Facebook, LinkedIn); 0 accepts every repeat
    "vocabulary": "new",  # X answers post.fields' names ("new") or tweet.fields' ("old"); it accepts both
    "credits": True,  # X: False: none are left, and every request is refused with 402
    "app_live": True,  # Meta: False: the app is in development mode, and posts are seen by its own people alone
    "scopes": None,  # Meta, Mastodon: what a token is said to be allowed; None: everything crosspost asks for
    "premium": False,  # X: 25,000 characters
    "text_limit": 500,  # Mastodon's max_characters
    "software": "mastodon",  # what the instance says it is
    "reviewed": True,  # LinkedIn: False is a self-serve app, which reads no posts and no statistics
    "boards": ("Articles",),  # Pinterest: the names of the account's boards
    "trial": False,  # Pinterest: the app has trial access only, and pins are their owner's to see
    "spam_block": False,  # Pinterest: takes no pins for now
    "image_min": 0,  # Pinterest: least width and height of a PNG, in pixels
    "dead_metrics": (),  # names of metrics that no longer exist: X's fields, Meta's, LinkedIn's and Pinterest's
    "denied_metrics": (),  # names that this token may not read, others being allowed
    "insights_lag_s": 0.0,  # Meta: a fresh post has no numbers for so long
    "fields_parameter": "both",  # X: "post" is a server that no longer takes tweet.fields
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
    "instagram": (("page_token", "page"),),
    "threads": (("access_token", "user"),),
    "linkedin": (("access_token", "access"),),
    "pinterest": (("access_token", "access"),),
}
# Lives in seconds of the tokens that end: x-and-meta.md's and other-networks.md's sources, see errors.py.
LIFE_S: dict[tuple[str, str], float] = {
    ("x", "access"): 7200.0,
    ("facebook", "user"): 60 * 86400.0,
    ("facebook", "short"): 3600.0,
    ("instagram", "user"): 60 * 86400.0,
    ("instagram", "short"): 3600.0,
    ("threads", "short"): 3600.0,
    ("pinterest", "refresh"): 60 * 86400.0,
    ("bluesky", "access"): 7200.0,
    ("bluesky", "refresh"): 90 * 86400.0,
    ("threads", "user"): 60 * 86400.0,
    ("linkedin", "access"): 60 * 86400.0,
    ("pinterest", "access"): 30 * 86400.0,
}
