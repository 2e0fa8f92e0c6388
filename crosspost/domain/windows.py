"""How long things wait, and how often they may happen. Settings with safe defaults, all in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BootTime:
    """An instant on the clock that only grows: seconds since the boot named by `id`. Two boots do not compare."""

    id: str
    s: float

    def since(self, earlier: BootTime | None) -> float | None:
        """Seconds from `earlier` to here; None when it is unknown or belongs to another boot."""
        return self.s - earlier.s if earlier is not None and earlier.id == self.id else None


@dataclass(frozen=True, slots=True)
class Windows:
    """Every wait of the delivery engine. All but `late_grace_s` and `list_margin_s` are measured on boot time.

    `settle_s` must exceed the longest time a network or proxy may hold a request and still apply it, plus the lag of
    its list: below that, "not there" proves nothing (longest publish reported in public: 222 s). From half of a key's
    life on, no key is ever used twice: looks decide then.
    """

    settle_s: float = 900.0
    look_gap_s: float = 60.0  # least time between two looks at the same delivery
    max_looks: int = 4  # looks after the settle window that prove nothing, before a person is asked
    key_half_life_s: float = 1800.0  # half of the hour that Mastodon keeps a key
    list_margin_s: float = 3600.0  # lists must reach this far before the first attempt: our clock may be wrong
    backoff_s: float = 30.0  # doubled per attempt…
    backoff_cap_s: float = 900.0  # …up to this
    rate_limit_s: float = 900.0  # when the network says "later" without saying when
    rate_limit_cap_s: float = 86_400.0
    no_credit_s: float = 900.0  # between two tries while a network's credits are used up
    late_grace_s: float = 120.0  # later than this is late: policy `miss` applies, and late ones are spaced out
    late_gap_s: float = 60.0  # least time between two late posts of one account: never a burst after a sleep
    breaker_failures: int = 5
    breaker_open_s: float = 600.0
    max_attempts: int = 8  # per delivery and revision
    max_posts_per_hour: int = 12  # per account
    max_posts_per_day: int = 50
    clock_jump_s: float = 300.0  # wall clock against boot clock
    clock_hold_s: float = 60.0
    verify_after_s: float = 30.0
    max_verifications: int = 3

    def backoff(self, attempts: int) -> float:
        """Seconds before the next try after so many attempts, without jitter."""
        return min(self.backoff_cap_s, self.backoff_s * 2.0 ** max(0, min(attempts, 32) - 1))
