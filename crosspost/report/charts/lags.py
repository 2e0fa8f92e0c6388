"""How long until a lead is won, open leads watched until the audit."""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.report.charts.source import Record, Source, finish, real, whole
from crosspost.report.records import Chart, LeftOut, Tone
from crosspost.report.records.courses import Course, Curves

MIN_WINS = 15  # as the audit asks for before it speaks of time
HORIZONS = (365, 180, 90, 30)  # days, the longest that was watched is told
MARKS, STEPS = 6, (1, 2, 5, 10, 20, 50)  # days at which those still watched are counted: so many, so many rows apart
LAGS, CURVE, WATCHED = "lags", "lag_curve", "lag_watched"
EVERYONE = "(all)"
TONES = {"networks": Tone.NETWORK, "rest": Tone.OTHER, EVERYONE: Tone.UNKNOWN}


def lags(source: Source) -> Chart | LeftOut:
    """Share of leads won, day by day (Kaplan-Meier), of networks and of other channels."""
    words = source.words
    found = {str(row["leads_of"]): row for row in source.rows(LAGS)}
    if not any(row["won"] for row in found.values()):
        return source.left_out("lags", source.nothing or words("lags.none"))
    known: list[str] = ["networks", "rest"]
    sides = [name for name in known if name in found] or [EVERYONE]
    courses = tuple(_course(source, name, found[name]) for name in sides)
    common = source.common("lags", LAGS, CURVE, WATCHED)
    common["title"] = _title(source, [found[name] for name in sides])
    watched = {name: {whole(row["day"]): whole(row["at_risk"]) for row in _of(source, WATCHED, name)} for name in sides}
    days = max((list(each) for each in watched.values()), key=len)
    chosen = tuple(next(days[::step] for step in STEPS if len(days) <= step * MARKS))
    marks = [("line", words("lags.networks"))] if "networks" in sides else []
    marks += [("dashed", words("lags.rest"))] if "rest" in sides else []
    marks += [("shade", words("key.interval")), ("tick", words("lags.tick"))]
    extra = {
        "courses": courses,
        "x_label": words("lags.x"),
        "y_label": words("lags.y"),
        "days": chosen,
        "risk_label": words("lags.risk"),
        "risk": tuple(
            (course.label, tuple(watched[name].get(day, 0) for day in chosen))
            for name, course in zip(sides, courses, strict=True)
        ),
        "key": tuple(marks),
    }
    return finish(source, Curves, {**common, **extra}, [words.labelled(one.label, one.text) for one in courses])


def _of(source: Source, table: str, name: str) -> Sequence[Record]:
    return [row for row in source.rows(table) if row["leads_of"] == name]


def _course(source: Source, name: str, row: Record) -> Course:
    words = source.words
    points = tuple(
        (real(one["day"]), real(one["won"]), real(one["low"]), real(one["high"])) for one in _of(source, CURVE, name)
    )
    watched = _of(source, WATCHED, name)
    few = whole(row["won"]) < MIN_WINS
    text = words("lags.text", x=words.number(whole(row["won"])), n=words.count_of(whole(row["leads"]), "lead"))
    days = _horizon(row)
    if days is not None:
        text = words(
            "lags.text_by",
            share=words.share(real(row[f"won_{days}"])),
            range=words.share_range(real(row[f"won_{days}_lo"]), real(row[f"won_{days}_hi"])),
            days=days,
        )
    if few:
        text = words("lags.few", text=text, minimum=MIN_WINS)
    return Course(
        label=words(f"lags.{'all' if name == EVERYONE else name}"),
        text=text,
        points=points,
        end=max([whole(watched[-1]["day"]), *(point[0] for point in points[-1:])]),
        tone=TONES[name],
        dashed=name == "rest",
        faint=few,
        ticks=tuple((real(one["day"]), real(one["won"])) for one in watched if one["last_seen"]),
    )


def _horizon(row: Record) -> int | None:
    """The longest horizon that was watched, and at which there is an interval."""
    return next(
        (days for days in HORIZONS if row[f"won_{days}"] is not None and row[f"won_{days}_hi"] is not None), None
    )


def _title(source: Source, rows: list[Record]) -> str:
    words = source.words
    days = next((days for days in HORIZONS if all(row[f"won_{days}"] is not None for row in rows)), None)
    if days is None or len(rows) < 2 or any(whole(row["won"]) < MIN_WINS for row in rows):
        return words("lags.title")
    ours, rest = (words.share(real(row[f"won_{days}"])) for row in rows)
    return words("lags.title_both", days=days, ours=ours, rest=rest)
