"""The files people bring: per kind a function here, a list of its columns in `columns/`, and one line below.

A kind is recognised by its header, never by hope.
"""

from __future__ import annotations

# name: module:function. Columns, and where they were read, stand in columns/<name>.toml.
KINDS: dict[str, str] = {
    "leads": "crosspost.imports.business:leads",
    "deals": "crosspost.imports.business:deals",
    "efforts": "crosspost.imports.business:efforts",
    "posts": "crosspost.imports.posts:posts",
    "followers": "crosspost.imports.posts:followers",
    "reactions": "crosspost.imports.reactions:reactions",
}
