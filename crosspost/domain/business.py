"""What it is all for: leads, clients, deals, and the channels they came by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from crosspost.domain.money import Money


class ChannelKind(StrEnum):
    """What a channel is, for questions such as "what share came by networks"."""

    NETWORK = "network"
    SEARCH = "search"
    REFERRAL = "referral"
    PROSPECTING = "prospecting"
    RECURRENCE = "recurrence"  # a returning client: nobody's new client
    EVENT = "event"
    EMAIL = "email"
    DIRECT = "direct"
    PAID = "paid"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """A contact before a lead: `channel` is a name such as linkedin, referral, meetup."""

    channel: str
    at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody who asked. `source_id` is the id in the system that told us: the same one twice is one lead.

    `channel` is what was recorded (None: not known); `told` what the person said, in their own words.
    """

    source: str  # cli, endpoint, or the import kind
    source_id: str
    contacted_at: datetime
    channel: str | None = None
    told: str | None = None
    told_channel: str | None = None
    code: str | None = None  # the tracked link's code, when the lead carried it
    touchpoints: tuple[Touchpoint, ...] = ()
    person: str | None = None  # keyed hash, never the mail itself
    lost_at: datetime | None = None
    lost_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A sale to a client. `returning` marks a client who had bought before."""

    source: str
    source_id: str
    won_at: datetime
    amount: Money | None  # None: won, amount not told
    lead_source_id: str | None = None
    person: str | None = None
    margin: Money | None = None
    returning: bool = False


@dataclass(frozen=True, slots=True)
class Effort:
    """Hours and fees spent on a channel in a period that starts on `start` (its length in days)."""

    channel: str
    start: date
    days: int
    hours: Decimal
    fees: Money | None = None


# Names that people and tools use for one network, folded to the names of crosspost.networks.
NETWORK_CHANNELS = frozenset({
    "x", "facebook", "instagram", "threads", "linkedin", "pinterest", "mastodon", "bluesky",
    "snapchat", "meetup", "viadeo", "periscope", "tiktok", "youtube", "social",
})  # fmt: skip

_KINDS: dict[str, ChannelKind] = {
    "search": ChannelKind.SEARCH, "organic_search": ChannelKind.SEARCH, "seo": ChannelKind.SEARCH,
    "referral": ChannelKind.REFERRAL, "recommendation": ChannelKind.REFERRAL, "word_of_mouth": ChannelKind.REFERRAL,
    "prospecting": ChannelKind.PROSPECTING, "direct_prospecting": ChannelKind.PROSPECTING,
    "recurrence": ChannelKind.RECURRENCE, "returning": ChannelKind.RECURRENCE,
    "event": ChannelKind.EVENT, "email": ChannelKind.EMAIL, "newsletter": ChannelKind.EMAIL,
    "direct": ChannelKind.DIRECT, "direct_traffic": ChannelKind.DIRECT,
    "paid_search": ChannelKind.PAID, "display": ChannelKind.PAID, "ads": ChannelKind.PAID,
    "unknown": ChannelKind.UNKNOWN, "": ChannelKind.UNKNOWN,
}  # fmt: skip


def channel_kind(channel: str | None) -> ChannelKind:
    """The kind of a channel's name. A name nobody listed is OTHER; no name at all is UNKNOWN."""
    if channel is None:
        return ChannelKind.UNKNOWN
    name = channel.strip().lower().replace(" ", "_").replace("-", "_")
    if name in NETWORK_CHANNELS or name == "twitter":
        return ChannelKind.NETWORK
    return _KINDS.get(name, ChannelKind.OTHER)
