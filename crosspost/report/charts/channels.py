"""Where clients come from: the share of each channel, with the unknown as hatched bounds."""

from __future__ import annotations

from crosspost.audit.results import Basis, Cell
from crosspost.report.charts.source import (
    MAX_ROWS,
    Record,
    Source,
    finish,
    real,
    real_or_none,
    share_of,
    tone_of,
    whole,
)
from crosspost.report.language.words import Words
from crosspost.report.records import BarRow, Bars, Chart, Tone


def channels(source: Source) -> Chart:
    """Share of clients per channel; networks together first, the unknown last."""
    words = source.words
    common = source.common("channels", "channels", "shares")
    total, any_touch = share_of(source, Basis.LAST), share_of(source, Basis.ANY)
    found = source.rows("channels")
    n = whole(total["clients"])
    if n == 0:
        common |= {"title": words("channels.title_empty"), "empty": source.nothing or words("no_clients")}
        return finish(source, Bars, {**common, "rows": (), "axis": ""}, [])
    journeys = any(row["any_touch"] is not None for row in found)
    rows = [
        BarRow(
            label=words("channel.(networks)"),
            text=_share_text(words, whole(total["networks"]), n, total),
            value=real(total["share"]),
            low=real(total["low"]),
            high=real(total["high" if total["networks"] else "upper_95"]),
            upper=real(total["share_unknown_in"]) if total["unknown"] else None,
            any_touch=real(any_touch["share"]) if journeys else None,
            tone=Tone.NETWORK,
            strong=True,
        )
    ]
    ranked = sorted(found, key=lambda row: (row["kind"] == "unknown", -whole(row["clients"]), str(row["channel"])))
    common["left_out"] = source.more(len(ranked) - MAX_ROWS, "channels")
    for row in ranked[:MAX_ROWS]:
        tone = tone_of(str(row["channel"]), str(row["kind"]))
        placed = tone is not Tone.UNKNOWN
        rows.append(
            BarRow(
                label=words.channel(str(row["channel"])),
                text=_share_text(words, whole(row["clients"]), n, row if placed else None, row["share"]),
                value=real(row["share"]),
                low=real_or_none(row["low"]) if placed else None,
                high=real_or_none(row["high" if row["clients"] else "upper_95"]) if placed else None,
                any_touch=real_or_none(row["any_share"]),
                tone=tone,
            )
        )
    unknown = whole(total["unknown"])
    key = "channels.title_unknown" if unknown else "channels.title"
    common["title"] = words(
        key,
        x=words.number(whole(total["networks"])),
        n=words.count_of(n, "client"),
        unknown=words.number(unknown),
    )
    marks = [("network", words("key.network")), ("other", words("key.other"))]
    marks += [("unknown", words("key.unknown"))] if unknown else []
    marks += [("outline", words("key.any_touch"))] if journeys else []
    marks.append(("interval", words("key.interval")))
    parts = [words.labelled(row.label, row.text) for row in rows]
    extra = {"rows": tuple(rows), "axis": words("channels.axis"), "key": tuple(marks)}
    return finish(source, Bars, {**common, **extra}, parts)


def _share_text(words: Words, x: int, n: int, row: Record | None, share: Cell = None) -> str:
    if row is None:
        return words("share_plain", x=words.number(x), share=words.share(real(share)))
    if x == 0:
        return words("zero_share", high=words.share(real(row["upper_95"])))
    given = words.share_range(real(row["low"]), real(row["high"]))
    return words("share_text", x=words.number(x), share=words.share(real(row["share"])), range=given)
