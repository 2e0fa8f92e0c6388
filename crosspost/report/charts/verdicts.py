"""What the data say of each claim: word, number with its interval against the margin, and what would change it."""

from __future__ import annotations

from crosspost.audit.results import Cell, Claim, Estimate, Finding, ShareClaim
from crosspost.report.charts.source import Source, finish
from crosspost.report.language.words import PERCENT, Words
from crosspost.report.records import Chart, Mark, Strip, VerdictRow

_RATIOS = frozenset({"ratio", "odds ratio"})  # half is as far from one as double


def verdicts(source: Source) -> Chart:
    """Every finding: those on the share of clients first, on one scale; others with a mark of their own."""
    words = source.words
    pairs = list(zip(source.audit.findings, source.rows("would_change"), strict=True))
    pairs.sort(key=lambda pair: not isinstance(pair[0].claim, ShareClaim))
    rows = tuple(_row(finding, change["change"], words) for finding, change in pairs)
    common = source.common("verdicts", "shares", "would_change")
    common["title"] = words("verdicts.title")
    if not rows:
        common["empty"] = words("verdicts.none")
    marks = [("known", words("key.known")), ("interval", words("key.limits")), ("margin", words("key.margin"))]
    if any(row.low != row.high for row in rows):
        marks.insert(1, ("unknown", words("key.counted_in")))
    common["key"] = tuple(marks)
    parts = [
        words.labelled(words.labelled(row.word, f"{row.claim} ({row.margin_text})"), f"{row.text} {row.change}")
        for row in rows
    ]
    return finish(source, Strip, {**common, "rows": rows}, parts)


def _row(finding: Finding, change: Cell, words: Words) -> VerdictRow:
    claim, limits = finding.claim, finding.bounds
    share = isinstance(claim, ShareClaim)
    told = words("verdicts.change", change=words.tell(change)) if isinstance(change, str) else ""
    if finding.missing is not None:
        told = words("verdicts.missing", missing=words.tell(finding.missing))
    return VerdictRow(
        verdict=finding.verdict.value,
        word=words(f"verdict.{finding.verdict.value}"),
        claim=words.tell(claim.text),
        text=_share_text(finding, words) if share else _other_text(finding, words),
        change=told,
        margin=claim.margin,
        margin_text=words("margin", margin=_margin(claim, words)),
        low=limits.low if share and limits else None,
        high=limits.high if share and limits else None,
        low_95=limits.low_95 if share and limits else None,
        high_95=limits.high_95 if share and limits else None,
        mark=None if share else _mark(finding),
    )


def _share_text(finding: Finding, words: Words) -> str:
    limits = finding.bounds
    if limits is None or finding.estimate is None:
        return words("verdicts.no_client")
    return words(
        "verdicts.row_unknown" if limits.unknown else "verdicts.row",
        x=words.number(int(finding.estimate.numerator)),
        n=words.count_of(finding.n, "client"),
        unknown=words.number(limits.unknown),
        low=words.share(limits.low_95),
        high=words.share(limits.high_95),
    )


def _other_text(finding: Finding, words: Words) -> str:
    """`1.4 (0.6 to 3.1), n = 30 clients`; what is counted, and how many are needed, where nothing is estimated."""
    number, counted = words.number(finding.n), words.tell(finding.counted)
    n = words("verdicts.n", n=number, counted=counted)
    if finding.estimate is not None:
        return words("verdicts.figure", figure=_interval(finding.estimate, words), n=n)
    if finding.n < finding.planned:
        return words("verdicts.few", n=number, planned=words.number(finding.planned), counted=counted)
    return words("verdicts.no_figure", n=n)


def _interval(estimate: Estimate, words: Words) -> str:
    value, low, high = (_figure(one, estimate.unit, words) for one in (estimate.value, estimate.low, estimate.high))
    unit = "" if estimate.unit in ("share", "kappa", *_RATIOS) else f" {words.tell(estimate.unit)}"
    low = low.removesuffix(PERCENT) if estimate.unit == "share" else low
    return words("verdicts.interval", value=value, low=low, high=high, unit=unit)


def _figure(value: float, unit: str, words: Words) -> str:
    return words.share(value) if unit == "share" else words.significant(value)


def _margin(claim: Claim, words: Words) -> str:
    if claim.unit == "share":
        return words.axis_share(claim.margin)
    return words.tell(claim.told_margin).replace(" %", PERCENT)


def _mark(finding: Finding) -> Mark | None:
    estimate, margin = finding.estimate, finding.against
    if estimate is None or margin is None:
        return None
    log = estimate.unit in _RATIOS and min(estimate.low, margin) > 0
    return Mark(value=estimate.value, low=estimate.low, high=estimate.high, margin=margin, log=log)
