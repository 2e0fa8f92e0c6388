"""The charts of clients and channels: verdicts, where clients come from, conversion."""

from __future__ import annotations

from crosspost.audit.results import Basis, Cell, Finding, ShareClaim, Verdict
from crosspost.report.chart_source import ALL, MAX_ROWS, Record, Source, finish, real, real_or_none, share_of, whole
from crosspost.report.records import BarRow, Bars, Chart, Strip, Tone, VerdictRow
from crosspost.report.words import Words

MIN_LEADS = 10  # a rate of fewer leads is greyed


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
    parts = [f"{row.word}: {row.claim} ({row.margin_text}): {row.text}" for row in rows]
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
        claim=finding.claim.text,
        margin=finding.claim.margin,
        margin_text=words("margin", margin=words.axis_share(finding.claim.margin)),
        low=limits.low if limits else None,
        high=limits.high if limits else None,
        low_95=limits.low_95 if limits else None,
        high_95=limits.high_95 if limits else None,
        text=text,
    )


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
            high=real(total["high"]),
            upper=real(total["share_unknown_in"]) if total["unknown"] else None,
            any_touch=real(any_touch["share"]) if journeys else None,
            tone=Tone.NETWORK,
            strong=True,
        )
    ]
    ranked = sorted(found, key=lambda row: (row["kind"] == "unknown", -whole(row["clients"]), str(row["channel"])))
    common["left_out"] = source.more(len(ranked) - MAX_ROWS, "channels")
    for row in ranked[:MAX_ROWS]:
        tone = _tone(str(row["channel"]), str(row["kind"]))
        placed = tone is not Tone.UNKNOWN
        rows.append(
            BarRow(
                label=words.channel(str(row["channel"])),
                text=_share_text(words, whole(row["clients"]), n, row if placed else None, row["share"]),
                value=real(row["share"]),
                low=real_or_none(row["low"]) if placed else None,
                high=real_or_none(row["high"]) if placed else None,
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
    parts = [f"{row.label}: {row.text}" for row in rows]
    extra = {"rows": tuple(rows), "axis": words("channels.axis"), "key": tuple(marks)}
    return finish(source, Bars, {**common, **extra}, parts)


def _tone(name: str, kind: str) -> Tone:
    return {"network": Tone.NETWORK, "unknown": Tone.UNKNOWN}.get(kind, Tone.OTHER)


def _share_text(words: Words, x: int, n: int, row: Record | None, share: Cell = None) -> str:
    if row is None:
        return words("share_plain", x=words.number(x), share=words.share(real(share)))
    if x == 0:
        return words("zero_share", high=words.share(real(row["high"])))
    given = words.share_range(real(row["low"]), real(row["high"]))
    return words("share_text", x=words.number(x), share=words.share(real(row["share"])), range=given)


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
        tone = Tone.NETWORK if name in networks else _tone(name, kinds.get(name, "other"))
        text = words("rate_text", x=words.number(deals), n=words.number(leads), rate=words.share(real(row["rate"])))
        if deals == 0:
            text = words("rate_zero", n=words.number(leads), high=words.share(real(row["clopper_hi"])))
        if leads < MIN_LEADS:
            text = words("rate_few", text=text, minimum=MIN_LEADS)
        rows.append(
            BarRow(
                label=words.channel(name),
                text=text,
                value=real(row["rate"]),
                low=real(row["clopper_lo"]),
                high=real(row["clopper_hi"]),
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
    return finish(source, Bars, {**common, **extra}, [f"{row.label}: {row.text}" for row in rows])
