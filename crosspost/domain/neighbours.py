"""Was this hit a person? What the hits around it on the same link say, and the instant at which its post went out.

Only a hit that looked like a person's by itself is judged here, and the worst that can come of it is UNSURE: a
popular post has bursts of real readers too. A judgement depends on hits at most `REACH_US` away and on nothing that
was judged here before, so the order in which hits become known does not matter.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import sub

from crosspost.domain.traffic import Judged, Judgement

_S = 1_000_000  # microseconds
REACH_US = 5 * _S  # no rule looks further
BEFORE_US, SOON_US = 60 * _S, 30 * _S  # around the instant at which the network told us that the post is out
BESIDE_US = 5 * _S
BURST_US = 3 * _S
BURST, BARE_BURST, SAME_BURST = 10, 3, 4  # hits within BURST_US


@dataclass(frozen=True, slots=True)
class Around:
    """Hits of one link in the order of time, as parallel sequences.

    `at_us` are microseconds since 1970; `bare` says that neither a referrer nor a language was sent; `readers` are
    the places of the hits that looked like a person's by themselves, `machines_us` the instants of those that were
    no person's for sure. `published_us`: when the post with this link went out; None where there is none, or where no
    network can meet the link in it.
    """

    at_us: Sequence[int]
    agents: Sequence[str]
    bare: Sequence[bool]
    readers: Sequence[int]
    machines_us: Sequence[int]
    published_us: int | None


@dataclass(frozen=True, slots=True)
class NeighbourRule:
    """One reason for a judgement. `fits` gives the places it holds for; they are among `readers`."""

    name: str
    judgement: Judgement
    fits: Callable[[Around], Iterable[int]]
    wording: str
    source: str
    read_on: str


def _just_published(around: Around) -> list[int]:
    if around.published_us is None:
        return []
    first, last = around.published_us - BEFORE_US, around.published_us + SOON_US
    return [at for at in around.readers if around.bare[at] and first <= around.at_us[at] <= last]


def _beside_a_machine(around: Around) -> list[int]:
    def beside(at_us: int) -> bool:
        first = bisect_left(around.machines_us, at_us - BESIDE_US)
        return first < len(around.machines_us) and around.machines_us[first] <= at_us + BESIDE_US

    return [place for place in around.readers if around.bare[place] and beside(around.at_us[place])]


def _bare_burst(around: Around) -> Iterable[int]:
    return _crowded([at for at in around.readers if around.bare[at]], around.at_us, BARE_BURST)


def _same_burst(around: Around) -> Iterable[int]:
    if not _crowded(around.readers, around.at_us, SAME_BURST):
        return ()
    of_agent: defaultdict[str, list[int]] = defaultdict(list)
    for place in around.readers:
        of_agent[around.agents[place]].append(place)
    return set().union(*(_crowded(places, around.at_us, SAME_BURST) for places in of_agent.values()))


def _burst(around: Around) -> Iterable[int]:
    return _crowded(around.readers, around.at_us, BURST)


def _crowded(places: Sequence[int], at_us: Sequence[int], least: int) -> set[int]:
    """The places that stand in a window of BURST_US with at least so many of these places."""
    times = [at_us[place] for place in places]
    lasted = list(map(sub, times[least - 1 :], times))
    if min(lasted, default=BURST_US + 1) > BURST_US:
        return set()
    found: set[int] = set()
    for first, span_us in enumerate(lasted):
        if span_us <= BURST_US:
            found.update(places[first : first + least])
    return found


# Looked up once: to ask the class for a member, a million times, takes longer than all else here.
_PERSON, _PREVIEW, _CRAWLER, _UNSURE = Judgement.PERSON, Judgement.PREVIEW, Judgement.CRAWLER, Judgement.UNSURE
NEIGHBOUR_RULES: tuple[NeighbourRule, ...] = (
    NeighbourRule(
        "just-published", _UNSURE, _just_published,
        f"no referrer, no language, {BEFORE_US // _S} s before to {SOON_US // _S} s after the post went out",
        "networks fetch a link while its post is made, some as a browser: github.com/dubinc/dub/issues/1860",
        "2026-11-28",
    ),
    NeighbourRule(
        "beside-a-machine", _UNSURE, _beside_a_machine,
        f"no referrer, no language, within {BESIDE_US // _S} s of a hit that is no person's",
        "X's robot comes with requests under browsers' names: github.com/dubinc/dub/issues/2309", "2026-11-28",
    ),
    NeighbourRule(
        "bare-burst", _UNSURE, _bare_burst, f"no referrer, no language, {BARE_BURST} hits within {BURST_US // _S} s",
        "previews come in twos and threes, whatever they call themselves: github.com/YOURLS/YOURLS/issues/3967",
        "2026-11-28",
    ),
    NeighbourRule(
        "same-burst", _UNSURE, _same_burst, f"{SAME_BURST} hits of one user agent within {BURST_US // _S} s",
        "a reader follows a link once, or twice by mistake: our own bound", "2026-11-28",
    ),
    NeighbourRule(
        "burst", _UNSURE, _burst, f"{BURST} hits within {BURST_US // _S} s",
        "readers of a single post hardly come faster: our own bound", "2026-11-28",
    ),
)  # fmt: skip


def judge_around(
    rules: Sequence[NeighbourRule],
    at_us: Sequence[int],
    agents: Sequence[str],
    bare: Sequence[bool],
    alone: Sequence[Judged],
    published_us: int | None,
    ruleset: str,
) -> dict[int, Judged]:
    """The places whose judgement changes in company, with the new one. The first rule that fits decides.

    The sequences are parallel and in the order of time; `alone` is what each hit was judged by itself.
    """
    readers = [place for place, one in enumerate(alone) if one.judgement is _PERSON]
    if not readers:
        return {}
    machines_us = [
        at for at, one in zip(at_us, alone, strict=True) if one.judgement is _PREVIEW or one.judgement is _CRAWLER
    ]
    around = Around(at_us, agents, bare, readers, machines_us, published_us)
    found: dict[int, Judged] = {}
    for rule in reversed(rules):
        judged = Judged(rule.judgement, rule.name, ruleset)
        found.update((place, judged) for place in rule.fits(around))
    return found
