"""Was this hit a person? A list of named rules over what the request itself said, then those over its neighbours.

A hit is never dropped. PERSON needs a browser's user agent and nothing against it; what cannot be told is UNSURE,
so that counts can be shown as a range. Pure and repeatable.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crosspost.domain.agents import AGENTS
from crosspost.domain.neighbours import NEIGHBOUR_RULES, NeighbourRule, judge_around
from crosspost.domain.traffic import Hit, Judged, Judgement


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason for a judgement. `fits` is given method, purpose and user agent."""

    name: str
    judgement: Judgement
    fits: Callable[[str, str, str], bool]
    wording: str  # what `fits` tests, so that a changed rule changes the rule set's version
    source: str
    read_on: str


def _agent(name: str, judgement: Judgement, pattern: str, source: str, read_on: str) -> Rule:
    compiled = re.compile(pattern, re.IGNORECASE)
    return Rule(
        f"agent:{name}",
        judgement,
        lambda _m, _p, agent: bool(compiled.search(agent)),
        pattern,
        source,
        read_on,
    )


def _purpose(pattern: str) -> Callable[[str, str, str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda _method, purpose, _agent: bool(compiled.search(purpose))


_BEGINS = ("mozilla/", "opera/", "lynx/", "w3m/", "links ", "elinks/", "dillo/", "netsurf/")
_ENGINE = re.compile(
    r"gecko|applewebkit|khtml|chrome|safari|firefox|trident|msie|presto|opera|ladybird|servo", re.IGNORECASE
)


def _not_a_browser(_method: str, _purpose: str, agent: str) -> bool:
    return bool(agent) and not agent.lower().startswith(_BEGINS)


def _no_engine(_method: str, _purpose: str, agent: str) -> bool:
    return agent.lower().startswith("mozilla/") and not _ENGINE.search(agent)


RULES: tuple[Rule, ...] = (
    *(_agent(*line) for line in AGENTS),
    Rule(
        "head", Judgement.PREVIEW, lambda method, _p, _a: method == "HEAD", "method HEAD",
        "X sends HEAD with browsers' user agents as well: github.com/dubinc/dub/issues/2309", "2026-11-23",
    ),
    Rule(
        "method", Judgement.CRAWLER, lambda method, _p, _a: method not in ("GET", "HEAD"), "neither GET nor HEAD",
        "RFC 9110: following a link is a GET", "2026-11-23",
    ),
    Rule(
        "preview-header", Judgement.PREVIEW, _purpose(r"\bpreview\b"), "X-Purpose: preview",
        "sent by Safari and by Facebook's app ahead of a tap", "2026-11-23",
    ),
    # A browser's guess at the next tap: the person may see the page without another request.
    Rule(
        "prefetch-header", Judgement.UNSURE, _purpose(r"\b(prefetch|prerender|instant)\b"), "prefetch headers",
        "html.spec.whatwg.org: speculative loading; developer.mozilla.org: Sec-Purpose", "2026-11-23",
    ),
    Rule(
        "no-agent", Judgement.CRAWLER, lambda _m, _p, agent: not agent.strip(), "empty user agent",
        "every browser sends one", "2026-11-23",
    ),
    Rule(
        "no-browser", Judgement.UNSURE, _not_a_browser, "user agent of no browser and of nobody on the list",
        "browsers and in-app browsers start with Mozilla/5.0", "2026-11-23",
    ),
    Rule(
        "no-engine", Judgement.UNSURE, _no_engine, "Mozilla/5.0 without an engine or a browser's name",
        "developer.mozilla.org: User-Agent; scanners send the first word alone", "2026-11-28",
    ),
)  # fmt: skip

BROWSER = "browser"  # the rule's name when nothing speaks against a person


def version(rules: Sequence[Rule | NeighbourRule]) -> str:
    """The newest date in the rules and a digest of all of them: another rule gives another version."""
    text = "\n".join(f"{rule.name}\t{rule.judgement}\t{rule.wording}" for rule in rules)
    newest = max((rule.read_on for rule in rules), default="none")
    return f"{newest}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"


RULESET = version([*RULES, *NEIGHBOUR_RULES])


def described(name: str) -> str | None:
    """What a rule tests, where that is known from and when it was read; None for a rule that is not ours any more."""
    every: list[Rule | NeighbourRule] = [*RULES, *NEIGHBOUR_RULES]
    return next((f"{one.wording}; {one.source}, {one.read_on}" for one in every if one.name == name), None)


def judge(hit: Hit) -> Judged:
    """The judgement of one hit by itself, under the current rules."""
    return judge_alone(hit.method, hit.purpose, hit.user_agent)


def judge_by(rules: Sequence[Rule], ruleset: str, method: str, purpose: str, user_agent: str) -> Judged:
    """The first rule that fits decides; none leaves a person."""
    for rule in rules:
        if rule.fits(method, purpose, user_agent):
            return Judged(rule.judgement, rule.name, ruleset)
    return Judged(Judgement.PERSON, BROWSER, ruleset)


# Readers use some thousands of user agents: looking one up again is 100 times faster than 80 patterns.
@lru_cache(maxsize=65_536)
def judge_alone(method: str, purpose: str, user_agent: str) -> Judged:
    """As `judge`, from the parts of a hit that it looks at."""
    return judge_by(RULES, RULESET, method, purpose, user_agent)


def judge_together(
    at_us: Sequence[int], agents: Sequence[str], bare: Sequence[bool], alone: Sequence[Judged], published_us: int | None
) -> dict[int, Judged]:
    """What the hits of one link are when they are seen together, where that differs from `alone`; see `neighbours`."""
    return judge_around(NEIGHBOUR_RULES, at_us, agents, bare, alone, published_us, RULESET)
