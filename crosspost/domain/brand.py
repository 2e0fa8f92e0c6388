"""Who publishes: a brand and its accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

READ_ONLY = "read_only"  # the account's setting, "yes" for a connection that may only read
READING_ONLY = "connected for reading only: nothing is planned for it or sent to it"


class LinkMode(StrEnum):
    """How a teaser's link is tracked."""

    REDIRECT = "redirect"  # our short address, which records the hit
    DIRECT = "direct"  # the article's own address with the code in its UTM parameters


@dataclass(frozen=True, slots=True)
class Brand:
    """The business that is run or audited, and the tenant: every row belongs to one."""

    id: str
    slug: str  # the name used on the command line and in folder names
    name: str
    zone: str  # IANA zone in which the owner thinks
    language: str  # BCP 47
    currency: str  # ISO 4217
    link_mode: LinkMode
    public_url: str | None  # origin of the short links, without a trailing slash; needed in redirect mode
    auto_publish: bool  # False: nothing leaves without a person's approval
    created_at: datetime
    reactors: bool = False  # whether who reacted to posts is kept, as a keyed hash
    ask_hours: bool = False  # whether last week's hours are asked for, once a week


# The server of an account that no API answers for.
IMPORTED = "import:"  # made for imported history
BY_HAND = "manual:"  # of a manual network
GONE = "closed:"  # of a closed network


@dataclass(frozen=True, slots=True)
class Account:
    """A brand's presence on a network."""

    id: str
    brand_id: str
    network: str  # a key of crosspost.domain.networks.NETWORKS
    handle: str  # as people write it: @ana, ana.bsky.social, the Page's name
    server: str  # origin of the API, such as https://api.x.com or the Mastodon instance; or one of the above
    remote_id: str  # the network's own id of the account: user id, page id, DID
    slots: tuple[str, ...]  # queue slots in the owner's zone: "tue 09:00", or "09:00" for every day
    settings: dict[str, str]  # the owner's overrides: text_limit, visibility, api_version…
    blocked_reason: str | None  # set when the token stopped working
    created_at: datetime

    @property
    def has_api(self) -> bool:
        """Whether a network answers for it: nothing can be sent, read or listed otherwise."""
        return self.server not in (IMPORTED, BY_HAND, GONE)

    @property
    def by_hand(self) -> bool:
        """Whether a person posts what is planned for it."""
        return self.server == BY_HAND

    @property
    def read_only(self) -> bool:
        """Whether it was connected for reading: nothing may be planned for it or sent to it."""
        return self.settings.get(READ_ONLY) == "yes"
