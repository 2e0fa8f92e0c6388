"""What X asks for requests, pay per use, and how much of it a post or a reading takes.

Source: docs.x.com, pricing page of August 2026. A resource is said to be billed once per UTC day: each read is counted
here, so what is recorded is the most it can have been. Upload steps have no listed price, and whether a refused post
is billed is not documented.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from crosspost.domain.addresses import http_addresses, twitter_addresses
from crosspost.domain.costs import Charge, Prices
from crosspost.domain.teaser import Teaser

POST, LINKED, ALT_TEXT, DELETE, OWN_READ, POST_READ, USER_READ = (
    "post", "post_with_link", "alt_text", "delete", "own_post_read", "post_read", "user_read",
)  # fmt: skip
PRICES = Prices(
    "USD",
    {
        POST: Decimal("0.015"),
        LINKED: Decimal("0.200"),
        ALT_TEXT: Decimal("0.005"),
        DELETE: Decimal("0.010"),
        OWN_READ: Decimal("0.001"),  # where the token's user owns the app; else it is a post read
        POST_READ: Decimal("0.005"),
        USER_READ: Decimal("0.010"),
    },
    source="docs.x.com pay-per-use pricing",
    read_on=date(2026, 8, 22),
)


def of_post(teaser: Teaser) -> tuple[Charge, ...]:
    """A bare domain becomes a link too, and is taken for one: what it costs is not documented."""
    links = twitter_addresses(teaser.text) or http_addresses(teaser.text)
    described = sum(bool(image.alt) for image in teaser.images)
    return (Charge(LINKED if links else POST), *([Charge(ALT_TEXT, described)] if described else ()))


def of_reading(*, account: bool) -> tuple[Charge, ...]:
    return (Charge(USER_READ if account else OWN_READ),)
