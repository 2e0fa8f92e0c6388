"""Does it pay back: money that came of each quarter's leads, month by month, less what that quarter was spent."""

from __future__ import annotations

from crosspost.report.charts.source import Record, Source, finish, real, whole
from crosspost.report.records import Chart, LeftOut, Tone
from crosspost.report.records.courses import Cells, Course

MOST = {"networks": 6, "rest": 3}  # quarters, the latest
TABLE, CURVE = "payback", "payback_curve"
TONES = {"networks": Tone.NETWORK, "rest": Tone.OTHER}


def payback(source: Source) -> Chart | LeftOut:
    """A field per quarter, of networks and of other channels; dashed where it was seen for less than the claim's
    months."""
    words = source.words
    found = list(enumerate(source.rows(TABLE)))
    drawn = {(str(row["leads_of"]), str(row["cohort"])) for row in source.rows(CURVE)}
    if not drawn:
        reason = source.reason(TABLE, 0, "payback") if found else source.nothing or words("payback.none")
        return source.left_out("payback", reason)
    within = next(one.claim.margin for one in source.audit.findings if one.claim.audit == "A6")
    groups, without, more, marks = [], [], 0, []
    for side in TONES:
        mine = [(at, row) for at, row in found if row["leads_of"] == side]
        without += [
            (
                words("payback.of", cohort=words.quarter(str(row["cohort"])), side=words(f"lags.{side}")),
                source.reason(TABLE, at, "payback"),
            )
            for at, row in mine
            if (side, str(row["cohort"])) not in drawn
        ]
        known = [row for _, row in mine if (side, str(row["cohort"])) in drawn]
        more += max(0, len(known) - MOST[side])
        if known:
            groups.append(
                (words(f"lags.{side}"), tuple(_course(source, side, row, within) for row in known[-MOST[side] :]))
            )
    courses = [course for _, group in groups for course in group]
    marks += (
        [("solid", words("payback.solid", months=words.significant(within)))]
        if not all(c.dashed for c in courses)
        else []
    )
    marks += (
        [("dashed", words("payback.dashed", months=words.significant(within)))]
        if any(c.dashed for c in courses)
        else []
    )
    marks += [("paid", words("payback.paid"))] if any(course.mark for course in courses) else []
    marks.append(("shade", words("key.interval")))
    currency = words.currency(source.audit.brand.currency)
    common = source.common("payback", TABLE, CURVE, currency=currency)
    common["title"] = _title(source)
    common["left_out"] = (*source.more(more, TABLE), *without[:6])
    extra = {
        "groups": tuple(groups),
        "x_label": words("payback.x"),
        "y_label": words("payback.y", currency=currency),
        "key": tuple(marks),
    }
    parts = [words.labelled(f"{name}, {course.label}", course.text) for name, group in groups for course in group]
    return finish(source, Cells, {**common, **extra}, parts)


def _title(source: Source) -> str:
    """How many quarters of networks are paid back, of those whose cost is known."""
    words = source.words
    drawn = {str(row["cohort"]) for row in source.rows(CURVE) if row["leads_of"] == "networks"}
    mine = [row for row in source.rows(TABLE) if row["leads_of"] == "networks" and str(row["cohort"]) in drawn]
    if not mine:
        return words("payback.title_rest")
    paid = sum(row["payback"] is not None for row in mine)
    return words("payback.title", x=words.number(paid), n=words.number(len(mine)))


def _course(source: Source, side: str, row: Record, within: float) -> Course:
    words = source.words
    points = tuple(
        (real(one["month"]), real(one["balance"]), real(one["low"]), real(one["high"]))
        for one in source.rows(CURVE)
        if (one["leads_of"], one["cohort"]) == (side, row["cohort"])
    )
    months = whole(row["months"])
    mark = None
    if row["payback"] is None:
        text = words("payback.not_yet", months=words.count_of(months, "month"))
    else:
        month = whole(row["payback"])
        mark = next((point[0], point[1]) for point in points if point[0] == month)
        text = words("payback.in_month", month=words.number(month))
    ends = [words("payback.never") if row[name] is None else words.number(whole(row[name])) for name in (
        "payback_lo", "payback_hi")]  # fmt: skip
    if row["payback_lo"] is not None:
        text = words("payback.range", text=text, low=ends[0], high=ends[1])
    currency = words.currency(source.audit.brand.currency)
    text = words(
        "payback.money", text=text, won=words.number(whole(row["won"])), n=words.count_of(whole(row["leads"]), "lead"),
        income=words.short(real(row["income"])), cost=words.short(real(row["cost"])), currency=currency,
    )  # fmt: skip
    return Course(
        label=words.quarter(str(row["cohort"])), text=text, points=points, end=float(months), tone=TONES[side],
        dashed=months < within, mark=mark,
    )  # fmt: skip
