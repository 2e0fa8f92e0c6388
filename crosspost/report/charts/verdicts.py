"""What the data say of each claim on the share of clients: word, bounds and margin on one scale."""

from __future__ import annotations

from crosspost.audit.results import Finding, ShareClaim, Verdict
from crosspost.report.charts.source import Source, finish
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, Strip, VerdictRow


def verdicts(source: Source) -> Chart:
    """ShareClaim, verdict, bounds and margin of each finding on one scale."""
    words = source.words
    rows = tuple(
        _verdict_row(finding, words) for finding in source.audit.findings if isinstance(finding.claim, ShareClaim)
    )
    common = source.common("verdicts", "shares")
    common["title"] = words("verdicts.title")
    if not rows:
        common["empty"] = words("verdicts.none")
    parts = [words.labelled(words.labelled(row.word, f"{row.claim} ({row.margin_text})"), row.text) for row in rows]
    return finish(source, Strip, {**common, "rows": rows}, parts)


def _verdict_row(finding: Finding, words: Words) -> VerdictRow:
    limits = finding.bounds
    text = words("verdicts.no_client")
    if limits is not None and finding.estimate is not None:
        x = int(finding.estimate.numerator)
        key = "verdicts.row_unknown" if limits.unknown else "verdicts.row"
        text = words(
            key,
            x=words.number(x),
            n=words.count_of(finding.n, "client"),
            unknown=words.number(limits.unknown),
            low=words.share(limits.low_95),
            high=words.share(limits.high_95),
        )
    if finding.verdict is Verdict.NOT_ENOUGH_DATA and limits is not None:
        text += " " + words("verdicts.planned", planned=words.count_of(finding.planned, "client"))
    return VerdictRow(
        verdict=finding.verdict.value,
        word=words(f"verdict.{finding.verdict.value}"),
        claim=words.tell(finding.claim.text),
        margin=finding.claim.margin,
        margin_text=words("margin", margin=words.axis_share(finding.claim.margin)),
        low=limits.low if limits else None,
        high=limits.high if limits else None,
        low_95=limits.low_95 if limits else None,
        high_95=limits.high_95 if limits else None,
        text=text,
    )
