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
    "x-tweets": "crosspost.imports.x:tweets",
    "x-content": "crosspost.imports.x:content",
    "x-overview": "crosspost.imports.x:overview",
    "facebook-posts": "crosspost.imports.meta:facebook_posts",
    "instagram-posts": "crosspost.imports.meta:instagram_posts",
    "meta-days": "crosspost.imports.meta:series",
    "linkedin-posts": "crosspost.imports.linkedin:page_posts",
    "linkedin-days": "crosspost.imports.linkedin:page_days",
    "linkedin-followers": "crosspost.imports.linkedin:page_followers",
    "linkedin-visitors": "crosspost.imports.linkedin:page_visitors",
    "linkedin-creator-posts": "crosspost.imports.linkedin:member_posts",
    "linkedin-creator-days": "crosspost.imports.linkedin:member_days",
    "linkedin-creator-followers": "crosspost.imports.linkedin:member_followers",
    "linkedin-creator-totals": "crosspost.imports.linkedin:member_totals",
    "linkedin-shares": "crosspost.imports.linkedin:shares",
    "linkedin-connections": "crosspost.imports.linkedin:connections",
    "pinterest-days": "crosspost.imports.pinterest:of_days",
    "pinterest-day": "crosspost.imports.pinterest:of_days",
    "pinterest-pins": "crosspost.imports.pinterest:pins",
    "pinterest-boards": "crosspost.imports.pinterest:boards",
    "ga4": "crosspost.imports.ga4:report",
    "search-console": "crosspost.imports.search_console:performance",
    "search-console-compared": "crosspost.imports.search_console:compared",
    "matomo": "crosspost.imports.matomo:report",
    "plausible-visitors": "crosspost.imports.plausible:visitors",
    "plausible-sources": "crosspost.imports.plausible:sources",
    "plausible-entry-pages": "crosspost.imports.plausible:entry_pages",
    "plausible-pages": "crosspost.imports.plausible:pages",
    "plausible-events": "crosspost.imports.plausible:events",
    "plausible-others": "crosspost.imports.plausible:others",
    "umami": "crosspost.imports.umami:metrics",
    "goatcounter": "crosspost.imports.goatcounter:hits",
    "shlink": "crosspost.imports.shlink:visits",
}
