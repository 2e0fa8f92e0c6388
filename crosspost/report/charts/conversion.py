"""Clients per lead and channel, with exact intervals."""

from __future__ import annotations

from crosspost.report.charts.source import ALL, MAX_ROWS, Source, finish, real, tone_of, whole
from crosspost.report.records import BarRow, Bars, Chart, Tone

MIN_LEADS = 10  # a rate of fewer leads is greyed


def conversion(source: Source) -> Chart:
    """Clients per lead and channel, with exact intervals; the surest first."""
    words = source.words
    common = source.common("conversion", "conversion")
    found = source.rows("conversion")
    together = next((row for row in found if row["channel"] == ALL), None)
    if together is None:
        common |= {"title": words("conversion.title_empty"), "empty": source.nothing or words("no_contacts")}
        return finish(source, Bars, {**common, "rows": (), "axis": "", "dots": True}, [])
    kinds = {str(row["channel"]): str(row["kind"]) for row in source.rows("channels")}
    networks = {str(row["network"]) for row in source.rows("visibility")}
    rows = []
    ranked = sorted(
        (row for row in found if row["channel"] != ALL),
        key=lambda row: (-real(row["rate"]), -whole(row["leads"]), str(row["channel"])),
    )
    common["left_out"] = source.more(len(ranked) - MAX_ROWS, "conversion")
    for row in ranked[:MAX_ROWS]:
        name, leads, deals = str(row["channel"]), whole(row["leads"]), whole(row["deals"])
        tone = Tone.NETWORK if name in networks else tone_of(name, kinds.get(name, "other"))
        text = words("rate_text", x=words.number(deals), n=words.number(leads), rate=words.share(real(row["rate"])))
        if deals == 0:
            text = words("rate_zero", n=words.number(leads), high=words.share(real(row["upper_95"])))
        if leads < MIN_LEADS:
            text = words("rate_few", text=text, minimum=MIN_LEADS)
        rows.append(
            BarRow(
                label=words.channel(name),
                text=text,
                value=real(row["rate"]),
                low=real(row["clopper_lo"]),
                high=real(row["clopper_hi" if deals else "upper_95"]),
                tone=tone,
                faint=leads < MIN_LEADS,
            )
        )
    won, asked = words.number(whole(together["deals"])), words.count_of(whole(together["leads"]), "lead")
    rate = words.share(real(together["rate"]))
    common["title"] = words("conversion.title", x=won, n=asked, rate=rate)
    marks: tuple[tuple[str, str], ...] = (
        ("network", words("key.network")),
        ("other", words("key.other")),
        ("interval", words("key.interval")),
    )
    if any(row.faint for row in rows):
        marks = (*marks, ("faint", words("key.faint", minimum=MIN_LEADS)))
    extra: dict[str, object] = {
        "rows": tuple(rows),
        "dots": True,
        "axis": words("conversion.axis"),
        "key": marks,
        "reference": real(together["rate"]),
        "reference_text": words("conversion.reference", rate=rate),
    }
    return finish(source, Bars, {**common, **extra}, [words.labelled(row.label, row.text) for row in rows])
