"""How many touches journeys have, won and lost."""

from __future__ import annotations

from crosspost.report.charts.source import Source, finish, whole
from crosspost.report.records import Chart, LeftOut, Tone
from crosspost.report.records.courses import CountRow, Counts

MOST = 12  # lengths
TABLE = "path_lengths"


def path_lengths(source: Source) -> Chart | LeftOut:
    """Won and lost leads by the number of their touches."""
    words = source.words
    found = source.rows_if_any(TABLE)
    if not found:
        return source.left_out("path_lengths", words("credit.none"))
    finding = next(one for one in source.audit.findings if one.claim.audit == "A3")
    rows = []
    for row in found[:MOST]:
        touches, won, lost = whole(row["touches"]), whole(row["conversions"]), whole(row["nulls"])
        label = words("path_lengths.one") if touches == 1 else words("path_lengths.many", n=words.number(touches))
        text = words("path_lengths.text", won=words.number(won), lost=words.number(lost))
        rows.append(CountRow(label=label, counts=(won, lost), text=text))
    single = next((row["conversions"] for row in found if row["touches"] == 1), 0)
    common = source.common("path_lengths", TABLE)
    common["title"] = words("path_lengths.title", x=words.number(whole(single)), n=words.number(finding.n))
    common["left_out"] = source.more(len(found) - MOST, TABLE)
    extra = {
        "rows": tuple(rows),
        "tones": (Tone.NETWORK, Tone.OTHER),
        "axis": words("path_lengths.axis"),
        "key": (("network", words("path_lengths.won")), ("other", words("path_lengths.lost"))),
    }
    return finish(source, Counts, {**common, **extra}, [words.labelled(row.label, row.text) for row in rows])
