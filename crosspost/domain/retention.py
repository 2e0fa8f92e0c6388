"""How long what was read from a network may be kept. It is a property of the source: what people bring by export or
by hand is theirs, and no network's rule reaches it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from crosspost.domain.metric import Reference

What = Literal["readings of posts", "readings of the account", "texts of adopted posts"]
SETTING = "keep_days"  # of an account: the owner's own decision where the rule leaves it open


@dataclass(frozen=True, slots=True)
class Rule:
    """What must go `keep` after it was read, and why.

    `begins` narrows it to accounts whose remote id begins so. `open`: the network does not say which of its rules
    holds, so the strictest is taken unless the owner decides (`keep_days` among the account's settings).
    """

    what: What
    keep: timedelta
    why: str
    begins: str = ""
    open: bool = False

    def kept(self, settings: Mapping[str, str]) -> timedelta:
        """How long it is kept on an account with these settings; a number of days that cannot be read counts as none
        said."""
        written = settings.get(SETTING, "")
        if not (self.open and written.isascii() and written.isdigit() and 0 < int(written) <= 3650):
            return self.keep
        return timedelta(days=int(written))


@dataclass(frozen=True, slots=True)
class Retention:
    """The rules of one network; without any, what was read is kept for ever.

    `gone`: within this time after a post is known to be deleted, what was read of it must go as well.
    """

    reference: Reference
    rules: tuple[Rule, ...] = ()
    gone: timedelta | None = None
    note: str = ""

    def of(self, remote_id: str) -> tuple[Rule, ...]:
        """The rules of that account."""
        return tuple(rule for rule in self.rules if remote_id.startswith(rule.begins))


KEPT = Retention(Reference("nothing is said", date(2026, 11, 28)))


@dataclass(frozen=True, slots=True)
class Due:
    """What one rule says of one account: `count` things that must go by `at` at the latest, the oldest first."""

    brand: str
    account: str
    what: str
    why: str
    count: int
    at: datetime

    @property
    def sentence(self) -> str:
        """For a person, before and after the fact."""
        return f"{self.count} {self.what} of {self.account} must go by {self.at:%Y-%m-%d %H:%M} UTC: {self.why}"


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """The first of these, None when there is none."""
    return min((at for at in instants if at is not None), default=None)
