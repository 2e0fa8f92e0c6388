"""The sections that observe: what was seen beside what came of it, and how unevenly attention is spread."""

from __future__ import annotations

from crosspost.audit.observation import visibility
from crosspost.audit.section import Given, Section


def visible(given: Given) -> Section:
    rows = given.data.ledger
    return Section(tables=(visibility.visibility(rows), visibility.months(rows)))


def spread(given: Given) -> Section:
    ledger = given.data.ledger
    posts = ledger.posts
    return Section(
        tables=(
            visibility.spearman_table(posts),
            visibility.concentration_table(posts),
            visibility.posting_calendar(posts),
            visibility.posting_hours(posts, ledger.click_hours, ledger.brand.zone),
        )
    )
