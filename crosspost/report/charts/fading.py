"""Whether networks fade: change of visits per post in a year, by itself and beside visits from elsewhere."""

from __future__ import annotations

from crosspost.report.charts.source import MAX_ROWS, Record, Source, finish, real
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.levels import LevelRow, Levels

ELSEWHERE = "(elsewhere)"
_OWN = ("yearly_change", "yearly_low", "yearly_high")
_AGAINST = ("against_yearly", "against_yearly_low", "against_yearly_high")


def fading(source: Source) -> Chart | LeftOut:
    """Two rows per network, its own change and that over elsewhere, and elsewhere last; the zero line through all."""
    words = source.words
    common = source.common("fading", "fading", "visits_per_post")
    found = list(enumerate(source.rows("fading")))
    networks = [row for _, row in found if row["network"] != ELSEWHERE]
    if not any(row["yearly_change"] is not None for row in networks):
        reason = words.tell(source.reason("fading", 0, "yearly_change")) if networks else words("no_posts")
        return source.left_out("fading", reason)
    rows = []
    for index, row in found:
        kinds = (_OWN,) if row["network"] == ELSEWHERE else (_OWN, _AGAINST)
        rows += [_row(source, index, row, columns) for columns in kinds]
    common["left_out"] = source.more(len(rows) - MAX_ROWS, "fading")
    fewer = [words.channel(str(row["network"])) for row in networks if _under(row, "yearly_high")]
    common["title"] = words("fading.title_falls", names=", ".join(fewer)) if fewer else words("fading.title")
    marks = (
        ("dot", words("key.per_post")),
        ("hollow_dot", words("key.over_elsewhere")),
        ("interval", words("key.interval")),
        ("margin", words("key.no_change")),
    )
    extra = {"rows": tuple(rows[:MAX_ROWS]), "axis": words("fading.axis"), "level": 0.0, "growth": True, "key": marks}
    parts = [words.labelled(f"{row.group}, {row.label}", row.text) for row in rows[:MAX_ROWS]]
    return finish(source, Levels, {**common, **extra}, parts)


def _under(row: Record, column: str) -> bool:
    return row[column] is not None and real(row[column]) < 0


def _row(source: Source, index: int, row: Record, columns: tuple[str, str, str]) -> LevelRow:
    words = source.words
    elsewhere = row["network"] == ELSEWHERE
    group = words("fading.elsewhere") if elsewhere else words.channel(str(row["network"]))
    hollow = columns == _AGAINST
    label = words("fading.against") if hollow else words("fading.own" if not elsewhere else "fading.visits")
    if row[columns[0]] is None:
        text = words("absent", reason=words.tell(source.reason("fading", index, columns[0])))
        return LevelRow(group=group, label=label, text=text, hollow=hollow)
    value, low, high = (real(row[name]) for name in columns)
    text = words(
        "fading.text", value=words.change(value), low=words.change(low), high=words.change(high),
        months=words.count_of(int(real(row["months"])), "month"),
    )  # fmt: skip
    return LevelRow(group=group, label=label, text=text, value=value, low=low, high=high, hollow=hollow)
