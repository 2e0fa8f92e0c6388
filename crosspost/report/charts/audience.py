"""Signs of an audience that is not people: what is odd on each network, flagged or not, with its numbers."""

from __future__ import annotations

from crosspost.report.charts.source import MAX_ROWS, Record, Source, finish, real, real_or_none, whole
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.levels import LevelRow, Levels

MIN_LOOKED = 10  # of fewer, a share is greyed


def audience(source: Source) -> Chart | LeftOut:
    """A row per network and sign: how much is odd, with its interval, beside what is common. Flags accuse nobody."""
    words = source.words
    found = list(enumerate(source.rows("audience")))
    known = [row for _, row in found if row["share"] is not None]
    if not known:
        reason = words("no_networks") if not found else words("audience.none")
        return source.left_out("audience", reason)
    common = source.common("audience", "audience")
    flagged = [row for row in known if row["flag"]]
    common["title"] = words("audience.title", n=words.number(len(known)))
    if flagged:
        names = ", ".join(dict.fromkeys(words.channel(str(row["network"])) for row in flagged))
        common["title"] = words("audience.title_flags", names=names)
    common["left_out"] = source.more(len(found) - MAX_ROWS, "audience")
    rows = tuple(_row(source, index, row) for index, row in found[:MAX_ROWS])
    marks = [("dot", words("key.share_odd")), ("interval", words("key.interval")), ("margin", words("key.common"))]
    marks += [("flag", words("key.flag"))] if flagged else []
    marks += [("faint", words("key.few_looked", minimum=MIN_LOOKED))] if any(row.faint for row in rows) else []
    extra = {"rows": rows, "axis": words("audience.axis"), "key": tuple(marks)}
    parts = [words.labelled(f"{row.group}, {row.label}", row.text) for row in rows]
    return finish(source, Levels, {**common, **extra}, parts)


def _row(source: Source, index: int, row: Record) -> LevelRow:
    words = source.words
    sign = str(row["sign"])
    group, label = words.channel(str(row["network"])), words(f"sign.{sign}")
    level = real(row["tolerated"])
    if row["share"] is None:
        reason = words("absent", reason=words.tell(source.reason("audience", index, "share")))
        return LevelRow(group=group, label=label, text=reason, level=level)
    n = whole(row["looked_at"])
    few = n < MIN_LOOKED
    key = "audience.flagged" if row["flag"] else "audience.few" if few else "audience.text"
    share = words.share(real(row["share"]))
    text = words(key, x=words.number(whole(row["odd"])), n=_looked_at(words, sign, n), share=share, minimum=MIN_LOOKED)
    low, high = real_or_none(row["share_low"]), real_or_none(row["share_high"])
    return LevelRow(
        group=group, label=label, text=text, value=real(row["share"]), low=low, high=high, level=level,
        flag=bool(row["flag"]), faint=few,
    )  # fmt: skip


def _looked_at(words: Words, sign: str, n: int) -> str:
    """How much was looked at, with its noun."""
    if sign == "jump":
        return words.count_of(n, "change")
    if sign == "burst":
        return words.count_of(n, "day")
    return words.count_of(n, "click") if sign == "first seconds" else words.count_of(n, "post")
