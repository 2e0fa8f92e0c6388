"""What a page says, in order, as plain records: the HTML and the PDF are both made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crosspost import __version__
from crosspost.audit.executive import executive
from crosspost.audit.results import PURE, Audit, Estimate, Finding
from crosspost.audit.since import KINDS, Changes
from crosspost.report.charts import LEADING
from crosspost.report.language.words import PERCENT, Words
from crosspost.report.letterhead import PLAIN, Letterhead
from crosspost.report.records import Chart, LeftOut
from crosspost.report.tables import Tables, views

MOST_PICTURES = 5  # before the annex, on three pages: the verdicts take one


@dataclass(frozen=True, slots=True)
class Question:
    """One of the five questions of the first page: its verdict (a class of style, or empty), word and sentence."""

    question: str
    verdict: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding: its verdict word, claim, sentence, and the figures (name, value) it stands on."""

    verdict: str
    word: str
    claim: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    caveats: tuple[str, ...]
    assumptions: tuple[tuple[str, str], ...]  # (text, whether it holds)


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What changed since the report before: by kind, its heading and sentences. `nothing` is said where none did."""

    since: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    nothing: str | None


@dataclass(frozen=True, slots=True)
class Page:
    language: str
    title: str
    letterhead: Letterhead
    brand: str
    period: str
    notice: str | None
    truth: str | None
    headline: str
    questions: tuple[Question, ...]
    charts: tuple[Chart, ...]  # the pictures after the first page
    further: tuple[Chart, ...]  # those of the annex
    idle: tuple[tuple[str, str], ...]  # headings of charts with nothing to draw, and why
    answers: tuple[Answer, ...]
    tables: Tables
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    locks: tuple[str, ...]  # every hypothesis that was locked, with its hash
    footer: str
    changes: ChangesView | None = None


def page(
    audit: Audit,
    charts: tuple[Chart | LeftOut, ...],
    words: Words,
    letterhead: Letterhead = PLAIN,
    changes: Changes | None = None,
) -> Page:
    period = words.period(audit.period, audit.brand.zone)
    simulated = audit.sandbox is not None
    summary = executive(audit)
    drawn = [chart for chart in charts if isinstance(chart, Chart) and chart.empty is None]
    leading = sorted((one for one in drawn if one.name in LEADING), key=lambda one: LEADING.index(one.name))
    leading = leading[:MOST_PICTURES]
    return Page(
        language=words.language,
        title=words("page.title", brand=audit.brand.name),
        letterhead=letterhead,
        brand=audit.brand.name,
        period=period,
        notice=words("simulated") if simulated else None,
        truth=words("simulated_truth", truth=words.tell(audit.sandbox)) if audit.sandbox else None,
        headline=words.tell(summary.headline),
        questions=tuple(
            Question(
                question=words.tell(one.question),
                verdict=one.verdict.value if one.verdict else "",
                word=words.tell(one.word),
                text=words.tell(one.text),
            )
            for one in summary.answers
        ),
        charts=tuple(leading),
        further=tuple(chart for chart in drawn if chart not in leading),
        idle=tuple(_idle(charts)),
        answers=tuple(_answer(finding, words) for finding in audit.findings),
        tables=views(audit, words),
        warnings=tuple(map(words.tell, audit.warnings)),
        notes=tuple(map(words.tell, audit.notes)),
        locks=tuple(f"{one.claim}. {words.tell(one.told())}" for one in audit.locks),
        footer=words(
            "page.footer",
            period=period,
            zone=audit.brand.zone,
            made_at=words.moment(audit.made_at),
            version=__version__,
        ),
        changes=None if changes is None else _changes(changes, audit, words),
    )


def _changes(changes: Changes, audit: Audit, words: Words) -> ChangesView:
    groups = [(words(f"changes.{kind}"), tuple(map(words.tell, changes.of(kind)))) for kind in KINDS]
    since = words(
        "changes.since",
        period=words.period(changes.period, audit.brand.zone),
        made_at=words.moment(changes.made_at),
    )
    return ChangesView(
        since, tuple(group for group in groups if group[1]), None if changes.items else words("changes.none")
    )


def _idle(charts: tuple[Chart | LeftOut, ...]) -> Iterator[tuple[str, str]]:
    """The charts there is nothing to draw of, and why."""
    for one in charts:
        if isinstance(one, LeftOut):
            yield one.section, one.reason
        elif one.empty is not None:
            yield one.section, one.empty


def _answer(finding: Finding, words: Words) -> Answer:
    facts = [
        (words("fact.margin"), words.tell(finding.claim.told_margin).replace(" %", PERCENT)),
        (_counted(finding, words), words.number(finding.n)),
        (words("fact.planned"), words.number(finding.planned)),
    ]
    if finding.bounds is not None:
        low, high = finding.bounds.low, finding.bounds.high
        facts.append((words("fact.share"), words.share(low) if low == high else words.share_range(low, high)))
        facts.append((words("fact.unknown"), words.number(finding.bounds.unknown)))
        facts.append((words("fact.limits"), words.share_range(finding.bounds.low_95, finding.bounds.high_95)))
    elif finding.estimate is not None:
        figure, unit = _figure(finding.estimate.value, finding.estimate.unit, words), finding.estimate.unit
        facts.append((words("fact.estimate"), figure if unit in PURE else f"{figure} {words.tell(unit)}"))
        facts.append((words("fact.interval"), _interval(finding.estimate, words)))
    held = {True: words("held.yes"), False: words("held.no"), None: words("held.open")}
    return Answer(
        verdict=finding.verdict.value,
        word=words(f"verdict.{finding.verdict.value}"),
        claim=words.tell(finding.claim.text),
        sentence=words.tell(finding.told),
        facts=tuple(facts),
        caveats=tuple(map(words.tell, finding.caveats)) if finding.has_figure else (),
        assumptions=tuple((words.tell(one.text), held[one.held]) for one in finding.assumptions if finding.has_figure),
    )


def _counted(finding: Finding, words: Words) -> str:
    counted = words.tell(finding.counted)
    return counted[:1].upper() + counted[1:]


def _figure(value: float, unit: str, words: Words) -> str:
    return words.share(value) if unit == "share" else words.significant(value)


def _interval(estimate: Estimate, words: Words) -> str:
    low, high = (_figure(one, estimate.unit, words) for one in (estimate.low, estimate.high))
    if estimate.low < 0:
        return words("interval_to", low=low, high=high)
    return words("from_to", low=low.removesuffix(PERCENT) if high.endswith(PERCENT) else low, high=high)
