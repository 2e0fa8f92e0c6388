"""What clients say against what was recorded, as a small table of counts."""

from __future__ import annotations

from collections.abc import Mapping

from crosspost.report.charts.source import Source, finish, real, whole
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.matrix import Matrix

MOST = 8  # channels
MIN_PAIRS = 20  # as the audit asks for before it speaks of agreement
PAIRS, ALONE, AGREEMENT = "recorded_told", "recorded_told_unknown", "agreement"
UNKNOWN, PLACEBO = "unknown", "placebo"


def told(source: Source) -> Chart | LeftOut:
    """Recorded channel by what the client said; what is unknown, and what never ran, stand apart."""
    words = source.words
    pairs = source.rows(PAIRS)
    if not pairs:
        return source.left_out("told", source.reason(AGREEMENT, 0, "agreement"))
    every = [*pairs, *source.rows(ALONE)]
    counts = {(str(row["recorded"]), str(row["told"])): whole(row["clients"]) for row in every}
    names = _channels(counts)
    shown, hidden = names[:MOST], set(names[MOST:])
    rows = [*shown, *([UNKNOWN] if any(row == UNKNOWN for row, _ in counts) else [])]
    apart = [name for name in (PLACEBO, UNKNOWN) if any(column == name for _, column in counts)]
    columns = [*shown, *apart]
    common = source.common("told", PAIRS, ALONE, AGREEMENT)
    summary = source.rows(AGREEMENT)[0]
    few = whole(summary["clients"]) < MIN_PAIRS
    common["title"] = words(
        "told.title_few" if few else "told.title",
        share=words.share(real(summary["agreement"])),
        range=words.share_range(real(summary["agreement_lo"]), real(summary["agreement_hi"])),
        n=words.count_of(whole(summary["clients"]), "client"),
    )
    if summary["kappa"] is not None:
        figures = (words.significant(real(summary[name])) for name in ("kappa", "kappa_lo", "kappa_hi"))
        kappa, low, high = figures
        common["subtitle"] = words("told.subtitle_kappa", kappa=kappa, low=low, high=high)
    outside = sum(bool(hidden & {str(row["recorded"]), str(row["told"])}) for row in every)
    common["left_out"] = (
        *source.more(outside, PAIRS),
        *([(words("told.agreement"), words("told.few", minimum=MIN_PAIRS))] if few else []),
    )
    extra = {
        "rows": tuple(_name(source, name) for name in rows),
        "columns": tuple(_name(source, name) for name in columns),
        "counts": tuple(tuple(counts.get((row, column), 0) for column in columns) for row in rows),
        "same": tuple((at, at) for at in range(len(shown))),
        "apart_rows": len(rows) - len(shown),
        "apart_columns": len(apart),
        "row_axis": words("told.rows"),
        "column_axis": words("told.columns"),
        "key": (("same", words("told.same")),),
    }
    parts = [
        words("told.cell", recorded=_name(source, row), told=_name(source, column), n=words.number(counts[row, column]))
        for row in rows
        for column in columns
        if (row, column) in counts
    ]
    return finish(source, Matrix, {**common, **extra}, parts)


def _channels(counts: Mapping[tuple[str, str], int]) -> list[str]:
    """Channels of rows and columns, those with the largest count first."""
    names = {name for pair in counts for name in pair} - {PLACEBO, UNKNOWN}
    largest = {name: max(n for pair, n in counts.items() if name in pair) for name in names}
    return sorted(names, key=lambda name: (-largest[name], name))


def _name(source: Source, name: str) -> str:
    return source.words("told.placebo") if name == PLACEBO else source.words.channel(name)
