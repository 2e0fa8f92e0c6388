"""An experiment on texts as `gather` lays it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from crosspost.audit.experiments.text_design import TextDesign
from crosspost.audit.ledger import Experiment, ExperimentPost
from crosspost.domain.message import say
from tests.audit.ledgers import START

NETWORKS = ("mastodon", "x")
DESIGN = TextDesign(
    ("plain", "asking"), ("$title $link", "$title ? $link"), NETWORKS, 5, posts=12, accounts=2, weeks=20, days=7,
    margin=0.2,
)  # fmt: skip


def tried(
    clicks: Callable[[str, int, int], int | None],
    design: TextDesign = DESIGN,
    *,
    posts: int | None = None,
    key: str = "words",
) -> Experiment:
    """Each of two accounts has `posts` posts, and `clicks` tells those of an arm, an account and a number."""
    rows = []
    for account, network in enumerate(design.networks, start=1):
        for number in range(1, 1 + (design.posts if posts is None else posts)):
            at = START + timedelta(days=2 * number, hours=account)
            arm = design.arm_of(f"{network} {account}", number)
            found = clicks(arm, account, number)
            rows.append(
                ExperimentPost(
                    network, account, number, arm, at, at + timedelta(hours=3), True, found,
                    "" if found is not None else say("its link stands nowhere in it"),
                )
            )  # fmt: skip
    told = {**design.as_locked(), "first_day": "2025-01-06", "zone": "Europe/Paris"}
    return Experiment(key, told, "e" * 64, START, START + timedelta(days=160), posts=tuple(rows))


def varied(key: str, arms: tuple[str, ...]) -> Experiment:
    """Three arms; a text that was changed, a post that never went out, and one nobody could count."""
    design = replace(
        DESIGN, arms=arms, texts=tuple(f"{one} $title $link" for one in arms), posts=15
    )  # fmt: skip

    def clicks(arm: str, account: int, number: int) -> int | None:
        return None if number == 4 else 3 + 4 * account + number % 4 + 9 * (arm == arms[1])

    made = tried(clicks, design, key=key)
    first, second, *rest = made.posts
    changed = replace(first, as_drawn=False)
    never = replace(second, posted_at=None, as_drawn=None, clicks=None, reason=say("it did not go out"))
    return replace(made, posts=(changed, never, *rest))
