"""What a page says, in order, as plain records: the HTML and the PDF are both made from it."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost import __version__
from crosspost.audit.results import Audit, Claim, Estimate, Finding, ShareClaim
from crosspost.report.language.words import PERCENT, Words
from crosspost.report.records import Chart, LeftOut
from crosspost.report.tables import Tables, views


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding: its verdict word, claim, sentence, and the figures (name, value) it stands on."""

    verdict: str
    word: str
    first: bool  # whether it is of the share of clients: what was asked first
    claim: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    caveats: tuple[str, ...]
    assumptions: tuple[tuple[str, str], ...]  # (text, whether it holds)


@dataclass(frozen=True, slots=True)
class Page:
    language: str
    title: str
    brand: str
    period: str
    notice: str | None
    truth: str | None
    answers: tuple[Answer, ...]
    charts: tuple[Chart, ...]
    without: str | None  # the charts that are left out, and why
    tables: Tables
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    locks: tuple[str, ...]  # every hypothesis that was locked, with its hash
    footer: str


def page(audit: Audit, charts: tuple[Chart | LeftOut, ...], words: Words) -> Page:
    period = words.period(audit.period, audit.brand.zone)
    simulated = audit.sandbox is not None
    return Page(
        language=words.language,
        title=words("page.title", brand=audit.brand.name),
        brand=audit.brand.name,
        period=period,
        notice=words("simulated") if simulated else None,
        truth=words("simulated_truth", truth=audit.sandbox) if audit.sandbox else None,
        answers=tuple(_answer(finding, period, words) for finding in audit.findings),
        charts=tuple(one for one in charts if isinstance(one, Chart)),
        without=_without(charts, words),
        tables=views(audit, words),
        warnings=audit.warnings,
        notes=audit.notes,
        locks=tuple(f"{one.claim}. {one.told()}" for one in audit.locks),
        footer=words(
            "page.footer",
            period=period,
            zone=audit.brand.zone,
            made_at=words.moment(audit.made_at),
            version=__version__,
        ),
    )


def _without(charts: tuple[Chart | LeftOut, ...], words: Words) -> str | None:
    gone = [one for one in charts if isinstance(one, LeftOut)]
    names = "; ".join(words("page.without_one", name=one.section, reason=one.reason) for one in gone)
    return words("page.without", names=names) if gone else None


def _answer(finding: Finding, period: str, words: Words) -> Answer:
    facts = [
        (words("fact.margin"), finding.claim.told_margin.replace(" %", PERCENT)),
        (_counted(finding), words.number(finding.n)),
        (words("fact.planned"), words.number(finding.planned)),
    ]
    if finding.bounds is not None:
        low, high = finding.bounds.low, finding.bounds.high
        facts.append((words("fact.share"), words.share(low) if low == high else words.share_range(low, high)))
        facts.append((words("fact.unknown"), words.number(finding.bounds.unknown)))
        facts.append((words("fact.limits"), words.share_range(finding.bounds.low_95, finding.bounds.high_95)))
    elif finding.estimate is not None:
        facts.append((words("fact.estimate"), _figure(finding.estimate.value, finding.claim, words)))
        facts.append((words("fact.interval"), _interval(finding.estimate, finding.claim, words)))
    facts.append((words("fact.period"), period))
    held = {True: words("held.yes"), False: words("held.no"), None: words("held.open")}
    return Answer(
        verdict=finding.verdict.value,
        word=words(f"verdict.{finding.verdict.value}"),
        first=isinstance(finding.claim, ShareClaim),
        claim=finding.claim.text,
        sentence=finding.told,
        facts=tuple(facts),
        caveats=finding.caveats if finding.has_figure else (),
        assumptions=tuple((one.text, held[one.held]) for one in finding.assumptions if finding.has_figure),
    )


def _counted(finding: Finding) -> str:
    return finding.counted[:1].upper() + finding.counted[1:]


def _figure(value: float, claim: Claim, words: Words) -> str:
    return words.share(value) if claim.unit == "share" else words.significant(value)


def _interval(estimate: Estimate, claim: Claim, words: Words) -> str:
    low, high = (_figure(one, claim, words) for one in (estimate.low, estimate.high))
    return f"{low} to {high}" if estimate.low < 0 else f"{low.removesuffix(PERCENT)}–{high}"
