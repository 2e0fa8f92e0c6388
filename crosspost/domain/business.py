"""What it is all for: leads, clients, deals, and the channels they came by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money, told
from crosspost.domain.period import aware, ordinary
from crosspost.domain.stage import Reached, check_reached
from crosspost.domain.telling import NETWORK_CHANNELS as NETWORK_CHANNELS
from crosspost.domain.telling import channels_named, one_of, plain


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
    """A contact before a lead: `channel` is a name such as linkedin, referral, meetup.

    `gathering` is the id of the event it happened at, and `network` whose event that was. `code` is of the tracked link
    that was followed.
    """

    channel: str
    at: datetime | None = None
    note: str | None = None
    gathering: str | None = None
    network: str | None = field(default=None, compare=False)
    code: str | None = None

    def __str__(self) -> str:
        return f"{self.channel} ({self.network})" if self.network else self.channel


class Referring(StrEnum):
    """What is known of who sent a lead."""

    CLIENT = "client"  # the client's id
    LEAD = "lead"  # the lead's own id
    PERSON = "person"  # the keyed hash of their mail
    NAME = "name"  # a name in the owner's words


SOMEBODY = "(somebody)"  # a referrer whose name is not kept: that they were sent stays known


@dataclass(frozen=True, slots=True)
class Referrer:
    """Who sent a lead."""

    kind: Referring
    value: str


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody who asked. `source_id` is the id in the system that told us: the same one twice is one lead.

    `channel` is what was recorded (None: not known); `told` what the person said, in their own words. `stages` are the
    talks and offers on the way. `lost_at` is None for a lead that is open, won, or was reopened.
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
    competitor: str | None = None  # who won the lead that was lost
    stages: tuple[Reached, ...] = ()
    referrer: Referrer | None = None


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
    """Hours and fees spent on a channel in a period that starts on `start` (its length in days).

    `hours` None: nobody knows how many, which is not zero.
    """

    channel: str
    start: date
    days: int
    hours: Decimal | None
    fees: Money | None = None


# Every channel that is no network, by its folded name. What tools call "other" is known to be none of those they list.
_KINDS: dict[str, ChannelKind] = {
    "search": ChannelKind.SEARCH, "organic_search": ChannelKind.SEARCH, "seo": ChannelKind.SEARCH,
    "referral": ChannelKind.REFERRAL, "referrals": ChannelKind.REFERRAL, "recommendation": ChannelKind.REFERRAL,
    "word_of_mouth": ChannelKind.REFERRAL,
    "prospecting": ChannelKind.PROSPECTING, "direct_prospecting": ChannelKind.PROSPECTING,
    "recurrence": ChannelKind.RECURRENCE, "returning": ChannelKind.RECURRENCE,
    "event": ChannelKind.EVENT, "events": ChannelKind.EVENT,
    "email": ChannelKind.EMAIL, "newsletter": ChannelKind.EMAIL, "email_marketing": ChannelKind.EMAIL,
    "direct": ChannelKind.DIRECT, "direct_traffic": ChannelKind.DIRECT,
    "paid_search": ChannelKind.PAID, "display": ChannelKind.PAID, "ads": ChannelKind.PAID, "sea": ChannelKind.PAID,
    "other": ChannelKind.OTHER, "other_publicities": ChannelKind.OTHER, "other_campaigns": ChannelKind.OTHER,
    "unknown": ChannelKind.UNKNOWN, "": ChannelKind.UNKNOWN,
    # Of answers: what names channels of several kinds, and what names one that never ran.
    "several": ChannelKind.UNKNOWN, "placebo": ChannelKind.UNKNOWN,
}  # fmt: skip

# Folded names that tools and people write for a channel above, where the rules of `telling` do not read them.
_SAME = {
    "organic_social": "social", "paid_social": "social", "social_paid": "social", "social_organic": "social",
    "x_ads": "x", "compte_x": "x", "page_x": "x",
    "recherche": "search", "google_ads": "paid_search", "google_adwords": "paid_search", "adwords": "paid_search",
    "e_mail": "email", "mail": "email", "courriel": "email", "e_mailing": "email",
    "acces_direct": "direct", "trafic_direct": "direct_traffic", "telemarketing": "prospecting",
    "autre": "other", "autres": "other", "others": "other",
    "inconnu": "unknown", "inconnue": "unknown", "n_a": "unknown", "na": "unknown", "nc": "unknown",
    "non_renseigne": "unknown", "ne_sait_pas": "unknown", "none": "unknown", "null": "unknown",
    "not_set": "unknown", "unassigned": "unknown", "not_known": "unknown",
}  # fmt: skip


def folded(channel: str) -> str:
    """A channel as written, without accents, capitals and punctuation: `Réseaux sociaux` → reseaux_sociaux."""
    return plain(channel).replace(" ", "_").strip("_")


@lru_cache(maxsize=4096)
def channel_name(channel: str) -> str:
    """The name under which a recorded channel counts.

    A listed name is its own. Others are read by the rules of `telling`: one channel is its name, several networks
    are `social`, and advertising on a network is that network (on a search engine: paid_search). What names
    channels of several kinds, or none, stays as it is written, folded.

    >>> [channel_name(one) for one in ("Bouche à oreille", "Instagram / Facebook", "LinkedIn Ads", "Le Podcast")]
    ['referral', 'social', 'linkedin', 'le_podcast']
    """
    name = folded(channel)
    name = _SAME.get(name, name)
    if name in NETWORK_CHANNELS or name in _KINDS:
        return name
    return one_of(channels_named(name.replace("_", " "))) or name


def channel_kind(channel: str | None) -> ChannelKind:
    """The kind of a recorded channel. No name, and a name whose kind nothing tells, are UNKNOWN: never "no network"."""
    if channel is None:
        return ChannelKind.UNKNOWN
    name = channel_name(channel)
    return ChannelKind.NETWORK if name in NETWORK_CHANNELS else _KINDS.get(name, ChannelKind.UNKNOWN)


def is_listed(channel: str) -> bool:
    """Whether the channel has a kind, or is a listed word for "not known": nothing need be asked about it."""
    name = channel_name(channel)
    return name in NETWORK_CHANNELS or name in _KINDS


AHEAD = timedelta(days=1)  # a day written without a zone may have begun elsewhere
HOUR_PLACES = Decimal("0.0001")


def check_lead(lead: Lead, now: datetime) -> None:
    """Raises BadInput for a lead that cannot be: a time that has not come, or outside 1970–2200."""
    check_come(lead.contacted_at, now, "first contact")
    check_come(lead.lost_at, now, "the loss")
    if lead.lost_at is None and (lead.lost_reason or lead.competitor):
        raise BadInput("why a lead was lost needs the day it was lost", remedy="give both, or neither")
    for one in lead.stages:
        check_stage(one, now)
    for step in lead.touchpoints:
        check_touchpoint(step, now)


def check_touchpoint(step: Touchpoint, now: datetime) -> None:
    """As `check_lead`, for a step of the journey."""
    check_come(step.at, now, "a touchpoint")


def check_stage(one: Reached, now: datetime) -> None:
    """Raises BadInput for a stage that cannot be: its time, its amount, or what does not belong to it."""
    check_reached(one)
    check_come(one.at, now, f"the stage {one.stage}")
    _amount(one.amount, "amount", "such as 1200.00")


def check_deal(deal: Deal, now: datetime) -> None:
    """Raises BadInput for a deal that cannot be: its time, its amount, or a margin that is no part of the amount."""
    check_come(deal.won_at, now, "the deal")
    _amount(deal.amount, "amount", "a refund is no deal of its own: crosspost deal refund")
    _amount(deal.margin, "margin", "check it", loss=True)
    if deal.margin is not None:
        if deal.amount is None or deal.margin.currency != deal.amount.currency:
            raise BadInput("a margin needs an amount in the same currency", remedy="give both, or neither")
        if deal.margin.amount > deal.amount.amount:
            raise BadInput(
                f"the margin {deal.margin} is more than the amount {deal.amount}", remedy="it is what is left of it"
            )


def check_effort(effort: Effort, now: datetime) -> None:
    """Raises BadInput for an effort that cannot be: hours below zero or above 24 a day, days, fees, a future start."""
    if not folded(effort.channel):
        raise BadInput(f"{effort.channel!r} is no channel", remedy="such as linkedin")
    try:
        ordinary(effort.start)
    except ValueError as error:
        raise BadInput(str(error), remedy="check the date") from None
    if effort.start > (now + AHEAD).date():
        raise BadInput(f"{effort.start} has not come yet", remedy="check the date")
    if not 1 <= effort.days <= 366:
        raise BadInput(f"a span of {effort.days} days", remedy="1 to 366")
    if effort.hours is not None and (not effort.hours.is_finite() or effort.hours < 0):
        raise BadInput(f"{effort.hours} hours: below zero, or no number", remedy="zero or more, such as 3.5")
    if effort.hours is not None and effort.hours > 24 * effort.days:
        raise BadInput(
            f"{effort.hours:.6g} hours in {effort.days} days is more than there are",
            remedy="check the hours, or the days they cover",
        )
    _amount(effort.fees, "fees", "give what was paid")


def told_money(amount: Decimal | None, currency: str, what: str = "amount", *, loss: bool = False) -> Money | None:
    """An amount as somebody told it, None where nobody did. Raises BadInput."""
    if amount is None:
        return None
    try:
        return told(amount, currency, what, loss=loss)
    except ValueError as error:
        raise BadInput(str(error), remedy="such as 1200.00 and EUR") from None


def _amount(money: Money | None, what: str, remedy: str, *, loss: bool = False) -> None:
    try:
        if money is not None:
            told(money.amount, money.currency, what, loss=loss)
    except ValueError as error:
        raise BadInput(str(error), remedy=remedy) from None


def check_come(at: datetime | None, now: datetime, what: str) -> None:
    """Raises BadInput for a time of `what` that has not come, or is outside 1970–2200."""
    if at is None:
        return
    try:
        early = aware(at) > aware(now) + AHEAD
    except ValueError as error:
        raise BadInput(f"{what}: {error}", remedy="check the date") from None
    if early:
        raise BadInput(f"{what}: {at.isoformat()} has not come yet", remedy="check the date")
