"""Judge hits in the company of those around them: new ones as they are folded in, and all of them once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import sub

from crosspost.domain.judging import RULESET, judge_alone, judge_together
from crosspost.domain.neighbours import BEFORE_US, REACH_US, SOON_US
from crosspost.domain.traffic import Judged
from crosspost.hitlog.by_link import Fresh
from crosspost.store import judged
from crosspost.store.judged import StoredHit
from crosspost.store.store import Scope
from crosspost.store.traffic import DAY_US


def judge_fresh(scope: Scope, by_code: Mapping[str, Fresh]) -> dict[str, list[Judged]]:
    """The judgements of each code's new hits, in their order.

    Stored hits to which the new ones give another judgement are changed on the way: it makes no difference how the
    log was cut into folds.
    """
    stretches = _stretches(sorted(chain.from_iterable(hits.at_us for hits in by_code.values())))
    around: dict[str, list[StoredHit]] = {}
    for first, last in stretches:
        for code, more in judged.near(scope, by_code, first - 2 * REACH_US, last + 2 * REACH_US).items():
            around.setdefault(code, []).extend(more)
    out_at = published(scope, by_code, stretches[0][0] - REACH_US, stretches[-1][1] + REACH_US)
    found = {}
    for code, hits in by_code.items():
        alone = list(map(judge_alone, hits.methods, hits.purposes, hits.agents))
        bare = [not referrer and not tag for referrer, tag in zip(hits.referrers, hits.languages, strict=True)]
        near = around.get(code)
        if near is None:
            in_company = judge_together(hits.at_us, hits.agents, bare, alone, out_at.get(code))
            for place, one in in_company.items():
                alone[place] = one
        else:
            changes = _among(hits, bare, alone, near, out_at.get(code))
            # Beyond these bounds not every neighbour was read.
            within = [range(first - REACH_US, last + REACH_US + 1) for first, last in stretches]
            judged.change_judgements(scope, [one for one in changes if any(one[0].at_us in each for each in within)])
        found[code] = alone
    return found


def _stretches(at_us: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of instants in order, apart where more than a day lies between: a clock that was set while hits
    came must not make us read all the years between."""
    begins = [0, *(at for at, gap in enumerate(map(sub, at_us[1:], at_us), start=1) if gap > DAY_US)]
    return [(at_us[begun], at_us[ended - 1]) for begun, ended in zip(begins, [*begins[1:], len(at_us)], strict=True)]


def _among(
    hits: Fresh, bare: Sequence[bool], alone: list[Judged], near: Sequence[StoredHit], published_us: int | None
) -> list[tuple[StoredHit, Judged]]:
    """Judge new hits and stored ones together: `alone` becomes what the new ones are, and the stored ones that are
    something else now come back. What older rules judged is left to `rejudge`, which shows what it changes."""
    merged = sorted(
        [(at_us, place, False) for place, at_us in enumerate(hits.at_us)]
        + [(one.at_us, place, True) for place, one in enumerate(near)]
    )
    in_company = judge_together(
        [at_us for at_us, _, _ in merged],
        [near[place].user_agent if stored else hits.agents[place] for _, place, stored in merged],
        [near[place].bare if stored else bare[place] for _, place, stored in merged],
        every := [near[place].by_itself if stored else alone[place] for _, place, stored in merged],
        published_us,
    )
    changes = []
    for at, (_, place, stored) in enumerate(merged):
        is_now = in_company.get(at, every[at])
        if not stored:
            alone[place] = is_now
        elif near[place].judged.ruleset == RULESET and near[place].judged != is_now:
            changes.append((near[place], is_now))
    return changes


def published(scope: Scope, codes: Iterable[str], first_us: int, last_us: int) -> dict[str, int]:
    """When the posts with these links went out, as far as it matters for hits of that interval, by code."""
    return judged.went_out(scope, codes, first_us - SOON_US, last_us + BEFORE_US)
