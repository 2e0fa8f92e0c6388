"""What could be seen, said before a week is spent."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from crosspost.audit.experiments import power
from crosspost.audit.experiments.design import Design, Kind
from crosspost.audit.experiments.power import Seen, World
from crosspost.audit.experiments.text_design import OUTCOME, TEXTS, TextDesign

RISES = (0.10, 0.20, 0.50, 1.0, 2.0)
TEXTS_NOISE = f"assumed: s.d. {100 * power.SPREAD:g} % from post to post, and Poisson counts"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the design would see in the brand's world, by rise; `nothing` is where posting changes nothing.

    `smallest` is the smallest rise seen 4 times in 5 (None: not even one to twenty times), `needed` the weeks in which
    a rise as large as the margin would be (None: more than twenty years). Of texts, posts are what weeks are otherwise.
    """

    design: Design
    accounts: int
    world: World
    rises: tuple[tuple[float, Seen], ...]
    nothing: Seen
    smallest: float | None
    needed: int | None
    noise: str
    texts: bool = False

    @property
    def sentence(self) -> str:
        unit = "post" if self.texts else "week"
        level = f"{self.world.base:.3g} {self.design.outcome} a {unit}"
        many = f", in {self.accounts} accounts" if self.accounts > 1 else ""
        told = "; ".join(f"a rise {rise_words(rise)}, {often(found.power)}" for rise, found in self.rises)
        smallest = "no rise up to twenty times" if self.smallest is None else f"a rise {rise_words(self.smallest)}"
        most = f"more than {power.MOST_WEEKS:,} posts" if self.texts else "more than twenty years"
        needed = most if self.needed is None else f"about {self.needed} {unit}s"
        nothing = "the two texts did the same" if self.texts else "posting changed nothing"
        return (
            f"At your {level} and {self.design.weeks} {unit}s{many} you would see {told}. "
            f"Seen four times in five: {smallest}. A rise {rise_words(self.design.margin)} would take {needed}. "
            f"If {nothing}, that would be shown {often(self.nothing.supported)}."
        )

    def as_dict(self) -> dict[str, Any]:
        drawn = (
            {"kind": TEXTS, "posts": self.design.weeks, "blocks": self.design.pairs}
            if self.texts
            else {
                "kind": self.design.kind.value, "weeks": self.design.weeks, "block": self.design.block,
                "carry_over": self.design.carry_over, "pairs": self.design.pairs, "coins": len(self.design.coins),
            }
        )  # fmt: skip
        return {
            "design": {
                **drawn, "accounts": self.accounts, "outcome": self.design.outcome, "margin": self.design.margin,
                "smallest_p": self.design.smallest_p,
            },
            "world": asdict(self.world),
            "noise": self.noise,
            "rises": [{"rise": rise, **asdict(found)} for rise, found in self.rises],
            "nothing": asdict(self.nothing),
            "smallest_rise": self.smallest,
            f"{'posts' if self.texts else 'weeks'}_for_margin": self.needed,
            "sentence": self.sentence,
        }  # fmt: skip


def rise_words(rise: float) -> str:
    """`of 50 %`, `to 2 times`."""
    return f"to {1 + rise:.3g} times" if rise >= 1 else f"of {100 * rise:.3g} %"


def often(share: float) -> str:
    """How often, in words and with the figure."""
    words = (
        (0.95, "nearly always"), (0.75, "most times"), (0.55, "more often than not"), (0.45, "half the time"),
        (0.2, "sometimes"), (0.06, "seldom"), (0.0, "no better than chance"),
    )  # fmt: skip
    return f"{next(word for least, word in words if share >= least)} ({100 * share:.0f} %)"


def of_texts(posts: int, accounts: int, margin: float) -> Design:
    """Two texts on `posts` posts of each account: the posts of a block are tested as the weeks of a pair are.

    Raises BadInput where they are too few to conclude anything.
    """
    TextDesign(("a", "b"), ("a", "b"), ("any",), 0, posts, accounts, 1, 1, margin).check_can_reject()
    return Design(Kind.PAIRED, posts // 2 * 2, ("any",), 0, 1, 0, OUTCOME, margin)


def look(
    design: Design, world: World, *, accounts: int = 1, noise: str, runs: int = power.RUNS, seed: int = 0,
    texts: bool = False,
) -> Outlook:  # fmt: skip
    """The outlook of a design, each account having coins of its own and a world of that kind. `texts`: the design is
    one `of_texts`, and its weeks are posts.

    Raises BadInput where the design could never reject, with what would do.
    """
    named = replace(design, strata=tuple(map(str, range(accounts))) if accounts > 1 else ())
    named.check_can_reject()
    whole = replace(design, weeks=design.weeks * accounts)  # the accounts' weeks in a row: coins of their own each
    needed = power.weeks_needed(whole, replace(world, effect=design.margin), seed=seed)
    return Outlook(
        named,
        accounts,
        world,
        tuple((rise, power.seen(whole, replace(world, effect=rise), runs=runs, seed=seed)) for rise in RISES),
        power.seen(whole, replace(world, effect=0.0), runs=runs, seed=seed),
        power.smallest_rise(whole, world, seed=seed),
        None if needed is None else math.ceil(needed / accounts),
        noise,
        texts,
    )
