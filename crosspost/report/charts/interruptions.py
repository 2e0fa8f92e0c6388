"""Interruptions that were declared: week by week what was seen, beside what was foretold."""

from __future__ import annotations

from crosspost.audit.results import Finding, Verdict
from crosspost.domain.interruption import POSTING, SITE
from crosspost.report.charts.source import Record, Source, finish, real, real_or_none, whole
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.breaks import Break, Breaks, Moment

MOST = 4  # pictures, of the latest interruptions; every one is in the tables
TABLE, WEEKS = "interruptions", "interruption_weeks"


def interruptions(source: Source) -> Chart | LeftOut:
    """A picture per interruption and outcome, the latest interruption first."""
    words = source.words
    rows = source.rows_if_any(TABLE)
    if not rows:
        return source.left_out("interruptions", words("interruptions.none"))
    judged = [one for one in source.audit.findings if one.claim.audit == "A10"]  # one for each row, in their order
    found = sorted(enumerate(zip(rows, judged, strict=True)), key=lambda one: str(one[1][0]["since"]), reverse=True)
    shown = found[:MOST]
    breaks = tuple(_break(source, at, row, finding) for at, (row, finding) in shown)
    changed = [words.tell(one.claim.text) for _, (_, one) in shown if one.verdict is Verdict.SUPPORTED]
    common = source.common("interruptions", TABLE, WEEKS)
    common["title"] = changed[0] if len(changed) == 1 else words("interruptions.title")
    common["left_out"] = source.more(len(found) - MOST, TABLE)
    marks = [("on", words("interruptions.seen"))]
    if any(week.foretold is not None for one in breaks for week in one.weeks):
        marks += [("dashed", words("interruptions.foretold")), ("shade", words("interruptions.band"))]
    marks.append(("seen", words("interruptions.day")))
    extra = {"breaks": breaks, "x_label": words("interruptions.x"), "key": tuple(marks)}
    parts = [f"{words.labelled(one.claim, one.word)}. {one.text.rstrip('.')}" for one in breaks]
    return finish(source, Breaks, {**common, **extra}, parts)


def _break(source: Source, at: int, row: Record, finding: Finding) -> Break:
    words = source.words
    outcome = words(f"experiments.outcome_{row['outcome']}")
    if row["change"] is None:
        text = words("interruptions.no_estimate", reason=source.reason(TABLE, at, "change"))
    else:
        value, low, high = (words.change(real(row[name])) for name in ("change", "low", "high"))
        seen, foretold = (words.significant(real(row[name])) for name in ("seen", "foretold"))
        text = words("interruptions.text", value=value, low=low, high=high, seen=seen, foretold=foretold)
        if finding.missing:
            text += " " + words("interruptions.no_verdict", missing=words.tell(finding.missing))
    stopped = str(row["stopped"])
    what = words(f"interruptions.{stopped}") if stopped in (POSTING, SITE) else words.channel(stopped)
    return Break(
        label=words("interruptions.label", what=what, outcome=outcome),
        word=words(f"verdict.{finding.verdict.value}"),
        claim=words.tell(finding.claim.text),
        text=text,
        y_label=words("experiments.y", outcome=outcome),
        weeks=tuple(
            _moment(one)
            for one in source.rows(WEEKS)
            if all(one[name] == row[name] for name in ("stopped", "since", "outcome"))
        ),
    )


def _moment(row: Record) -> Moment:
    band = None if row["foretold_low"] is None else (real(row["foretold_low"]), real(row["foretold_high"]))
    return Moment(
        week=whole(row["week"]), seen=real_or_none(row["seen"]), foretold=real_or_none(row["foretold"]), band=band
    )
