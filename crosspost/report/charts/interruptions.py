"""Interruptions that were declared: week by week what was seen, beside what was foretold."""

from __future__ import annotations

from crosspost.report.charts.source import Record, Source, finish, real, real_or_none, whole
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.breaks import Break, Breaks, Moment

MOST = 4  # pictures, of the latest interruptions; every one is in the tables
TABLE, WEEKS = "interruptions", "interruption_weeks"


def interruptions(source: Source) -> Chart | LeftOut:
    """A picture per interruption and outcome, the latest interruption first."""
    words = source.words
    found = list(enumerate(source.rows_if_any(TABLE)))
    if not found:
        return source.left_out("interruptions", words("interruptions.none"))
    found.sort(key=lambda one: str(one[1]["since"]), reverse=True)
    breaks = tuple(_break(source, at, row) for at, row in found[:MOST])
    common = source.common("interruptions", TABLE, WEEKS)
    common["title"] = words("interruptions.title")
    changed = [one.claim for one, (at, _) in zip(breaks, found, strict=False) if _verdict(source, at) == "supported"]
    if len(changed) == 1:
        common["title"] = words("interruptions.title_one", claim=changed[0])
    common["left_out"] = source.more(len(found) - MOST, TABLE)
    marks = [("on", words("interruptions.seen"))]
    if any(one.band for one in breaks):
        marks += [("dashed", words("interruptions.foretold")), ("shade", words("interruptions.band"))]
    marks.append(("seen", words("interruptions.day")))
    extra = {"breaks": breaks, "x_label": words("interruptions.x"), "key": tuple(marks)}
    parts = [f"{words.labelled(one.claim, one.word)}. {one.text.rstrip('.')}" for one in breaks]
    return finish(source, Breaks, {**common, **extra}, parts)


def _findings(source: Source) -> list[tuple[str, str]]:
    """(verdict, claim) of each row of the table, in its order."""
    return [
        (one.verdict.value, source.words.tell(one.claim.text))
        for one in source.audit.findings
        if one.claim.audit == "A10"
    ]


def _verdict(source: Source, at: int) -> str:
    return _findings(source)[at][0]


def _break(source: Source, at: int, row: Record) -> Break:
    words = source.words
    verdict, claim = _findings(source)[at]
    outcome = words(f"interruptions.{row['outcome']}")
    band = None
    if row["difference"] is None:
        text = words("interruptions.no_estimate", reason=source.reason(TABLE, at, "difference"))
    else:
        value, low, high = (_signed(real(row[name]), words) for name in ("difference", "low", "high"))
        text = words("interruptions.text", value=value, low=low, high=high, outcome=outcome,
                     seen=words.significant(real(row["seen"])), foretold=words.significant(real(row["foretold"])))  # fmt: skip
        band = real(row["band_low"]), real(row["band_high"])
    weeks = tuple(
        Moment(week=whole(one["week"]), seen=real_or_none(one["seen"]), foretold=real_or_none(one["foretold"]))
        for one in source.rows(WEEKS)
        if all(one[name] == row[name] for name in ("stopped", "since", "outcome"))
    )
    return Break(
        label=words("interruptions.label", what=_what(source, row), outcome=outcome), word=words(f"verdict.{verdict}"),
        claim=claim, text=text, y_label=words("experiments.y", outcome=outcome), weeks=weeks, band=band,
    )  # fmt: skip


def _what(source: Source, row: Record) -> str:
    return source.words.channel(str(row["stopped"]))


def _signed(value: float, words: Words) -> str:
    return ("+" if value > 0 else "") + words.significant(value)
