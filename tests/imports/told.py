"""The exports there are to test with, and what facts say, in short: what tests of exports compare."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crosspost.domain.post import Reading
from crosspost.imports.shape import Facts

# File → the kinds of its tables, in order; None is a table that nothing here reads.
EXPORTS: dict[str, list[str | None]] = {
    "x_tweets_en.csv": ["x-tweets"],
    "x_content_en.csv": ["x-content"],
    "x_overview_en.csv": ["x-overview"],
    "facebook_posts_en.csv": ["facebook-posts"],
    "facebook_posts_fr.csv": ["facebook-posts"],
    "instagram_posts_en.csv": ["instagram-posts"],
    "instagram_posts_fr.csv": ["instagram-posts"],
    "meta_days_en.csv": ["meta-days"],
    "meta_days_fr.csv": ["meta-days"],
    "linkedin_content_en.xls": ["linkedin-days", "linkedin-posts"],
    "linkedin_content_fr.xls": ["linkedin-days", "linkedin-posts"],
    "linkedin_followers_en.xls": ["linkedin-followers", None],
    "linkedin_followers_fr.xlsx": ["linkedin-followers", None],
    "linkedin_visitors_en.xls": ["linkedin-visitors"],
    "linkedin_visitors_fr.xlsx": ["linkedin-visitors"],
    "linkedin_creator_en.xlsx": [
        "linkedin-creator-totals", "linkedin-creator-days", "linkedin-creator-posts", "linkedin-creator-posts",
        "linkedin-creator-followers", None,
    ],
    "linkedin_creator_fr.xlsx": [
        "linkedin-creator-totals", "linkedin-creator-days", "linkedin-creator-posts", "linkedin-creator-posts",
        "linkedin-creator-followers",
    ],
    "linkedin_archive_en.zip": ["linkedin-shares", "linkedin-connections", None],
    "linkedin_shares_en.csv": ["linkedin-shares"],
    "linkedin_connections_en.csv": ["linkedin-connections"],
    "pinterest_overview_en.csv": [None, "pinterest-days", "pinterest-boards", "pinterest-pins"],
    "pinterest_overview_fr.csv": [None, "pinterest-days", "pinterest-pins"],
    "ga4_en.csv": ["ga4", "ga4"],
    "ga4_fr.csv": ["ga4"],
    "search_console_en.zip": [*["search-console"] * 5, None],
    "search_console_fr.zip": [*["search-console"] * 4, None],
    "matomo_en.csv": ["matomo"] * 4,
    "matomo_fr.csv": ["matomo"] * 2,
    "plausible_en.zip": [
        "plausible-visitors", "plausible-sources", "plausible-pages", "plausible-entry-pages", "plausible-events",
        "plausible-others",
    ],
    "umami_en.json": ["umami"] * 7,
    "goatcounter_en.csv.gz": ["goatcounter"],
    "shlink_en.csv": ["shlink"],
}  # fmt: skip


def values(found: Iterable[Reading]) -> dict[str, float | str | None]:
    """The network's own name of each reading → its value, or why there is none."""
    return {one.provider_name: one.reason if one.value is None else one.value for one in found}


def days(facts: Facts) -> dict[tuple[str, datetime | None], float | str | None]:
    """(common name, where the day begins) → the account's number, or why there is none."""
    return {(one.metric, one.since): one.reason if one.value is None else one.value for _, _, one in facts.followers}


def counted(facts: Facts, *names: str) -> list[tuple[object, ...]]:
    """Per tally its metric, its value, and those of its attributes."""
    return [(one.metric, one.value, *(getattr(one, name) for name in names)) for _, one in facts.tallies]
