"""What exists on a network: posts, and what the network says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the network shows it.

    `links` are the addresses found in it, unshortened where the network tells; they identify the delivery.
    `answers_others`: it is a reply to somebody else's post.
    `counted` is False for what its network tells no numbers of: a comment.
    """

    remote_id: str
    url: str | None
    text: str | None = None
    published_at: datetime | None = None
    links: tuple[str, ...] = ()
    answers_others: bool = False
    counted: bool = True


class ReadingStatus(StrEnum):
    """Why a value is there, or is not. Missing is not zero."""

    VALUE = "value"
    UNAVAILABLE = "unavailable"  # the network answered without it
    EXPIRED = "expired"  # it existed and can no longer be read
    UNSUPPORTED = "unsupported"  # the network never offers it
    NOT_PERMITTED = "not permitted"  # this token or plan may not read it
    DELAYED = "delayed"  # the network says it is not final


class Cause(StrEnum):
    """Why there is no value, where that is more than a fact of the moment."""

    DEAD_NAME = "dead name"  # the network knows no metric of that name: asking again brings nothing
    GONE = "gone"  # the post is no longer there


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric's value at an instant. `value` is None exactly when `status` is neither VALUE nor DELAYED.

    `since` and `until` are given where the value is the sum of a period, and not a total as of `read_at`.
    """

    metric: str  # the common name: followers, impressions, reach, likes, replies, reposts, quotes, link_clicks…
    provider_name: str  # the network's own name for it
    value: float | None
    status: ReadingStatus
    read_at: datetime
    reason: str | None = None  # required when there is no value
    provider_version: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cause: Cause | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.status in (ReadingStatus.VALUE, ReadingStatus.DELAYED)):
            raise ValueError(f"{self.metric}: a reading has a value or a status that says why not")
        if self.value is None and not self.reason:
            raise ValueError(f"{self.metric}: a missing value needs its reason")
        if (self.since is None) != (self.until is None):
            raise ValueError(f"{self.metric}: a period has two ends")


@dataclass(frozen=True, slots=True)
class Listing:
    """An account's recent posts, newest first, with how far back the list really reaches.

    `reaches_back_to` is None when the network gave no way to know: then absence proves nothing.
    """

    posts: tuple[Post, ...]
    reaches_back_to: datetime | None
    account_id: str | None = None  # the network's id of the account that was listed
    notes: tuple[str, ...] = field(default=())
