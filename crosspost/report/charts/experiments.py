"""Experiments: weeks on and off by lot, what came in each, and what the lots could have shown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from crosspost.report.charts.source import Record, Source, finish, real, real_or_none, text_of, whole
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.trials import Lot, Seen, Trial, Trials, Week

MOST = 4  # pictures, the latest; every experiment is in the tables
WEEKS, LOTS, ANSWERS = "experiment_weeks", "experiment_lots", "experiments"


def experiments(source: Source) -> Chart | LeftOut:
    """A picture per experiment and network. One that still runs shows its weeks and nothing of what came in them."""
    words = source.words
    found = source.rows_if_any(WEEKS)
    if not found:
        return source.left_out("experiments", words("experiments.none"))
    grouped = [
        (key, list(rows)) for key, rows in groupby(found, key=lambda row: (str(row["experiment"]), str(row["network"])))
    ]
    grouped.sort(key=lambda one: (one[1][0]["start"] is not None, str(one[1][0]["start"] or "")), reverse=True)
    trials = tuple(_trial(source, *key, rows) for key, rows in grouped[:MOST])
    common = source.common("experiments", ANSWERS, WEEKS, LOTS)
    common["title"] = words("experiments.title")
    if len(grouped) == 1 and trials[0].seen is not None:
        common["title"] = words("experiments.title_one", word=trials[0].word, claim=trials[0].claim)
    common["left_out"] = source.more(sum(len(rows) for _, rows in grouped[MOST:]), WEEKS)
    every = [week for trial in trials for week in trial.weeks]
    marks = [("network", words("experiments.on_week")), ("hollow", words("experiments.off_week"))]
    if any(week.value is not None for week in every):
        marks += [("on", words("experiments.on")), ("off", words("experiments.off"))]
        marks += (
            [("dropped", words("experiments.dropped"))]
            if any(not w.used and w.value is not None for w in every)
            else []
        )
    marks += [("disobeyed", words("experiments.disobeyed"))] if any(w.obeyed is False for w in every) else []
    if any(trial.seen for trial in trials):
        marks += [("seen", words("experiments.seen")), ("extreme", words("experiments.extreme"))]
    extra = {"trials": trials, "key": tuple(marks)}
    return finish(source, Trials, {**common, **extra}, [_said(trial, source.words) for trial in trials])


def _trial(source: Source, experiment: str, network: str, rows: Sequence[Record]) -> Trial:
    words = source.words
    outcome = str(rows[0]["outcome"])
    answer = next(
        (
            (at, row)
            for at, row in enumerate(source.rows(ANSWERS))
            if (row["experiment"], row["network"], row["outcome"]) == (experiment, network, outcome)
        ),
        None,
    )
    weeks = tuple(_week(row) for row in rows)
    named = words(f"experiments.outcome_{outcome}", currency=words.currency(source.audit.brand.currency))
    label = words("experiments.label", name=experiment, network=words.channel(network))
    y_label = words("experiments.y", outcome=named)
    claim = words(f"experiments.claim_{outcome}", network=words.channel(network))
    over = sum(week.on is not None for week in weeks)
    if answer is None:
        note = words("experiments.running_note", over=words.number(over), weeks=words.number(len(weeks)))
        return Trial(
            label=label,
            claim=claim,
            word=words("experiments.running"),
            y_label=y_label,
            weeks=weeks,
            seen=None,
            note=note,
        )
    at, row = answer
    word = words(f"verdict.{row['verdict']}")
    if row["estimate"] is None:
        note = words("experiments.no_estimate", reason=source.reason(ANSWERS, at, "estimate"))
        return Trial(label=label, claim=claim, word=word, y_label=y_label, weeks=weeks, seen=None, note=note)
    return Trial(
        label=label, claim=claim, word=word, y_label=y_label, weeks=weeks, seen=_seen(source, row, named, over)
    )


def _week(row: Record) -> Week:
    arm = row["arm"]
    return Week(
        number=whole(row["week"]),
        on=None if arm is None else arm == "on",
        value=real_or_none(row["value"]),
        obeyed=None if row["obeyed"] is None else bool(row["obeyed"]),
        used=bool(row["used"]),
    )


def _seen(source: Source, row: Record, outcome: str, over: int) -> Seen:
    words = source.words
    lots = tuple(
        Lot(
            low=real(one["low"]), high=real(one["high"]), assignments=whole(one["assignments"]),
            extreme=whole(one["extreme"]),
        )
        for one in source.rows(LOTS)
        if all(one[name] == row[name] for name in ("experiment", "network", "outcome"))
    )  # fmt: skip
    value, low, high = real(row["estimate"]), real_or_none(row["low"]), real_or_none(row["high"])
    ends = [words("experiments.no_end") if end is None else _signed(end, words) for end in (low, high)]
    text = words("experiments.text", value=_signed(value, words), outcome=outcome, low=ends[0], high=ends[1])
    if row["obeyed"] is not None:
        text += " " + words("experiments.obeyed", x=words.number(whole(row["obeyed"])), n=words.number(over))
    if row["exploratory"]:
        text += " " + words("experiments.exploratory", why=words.tell(text_of(row["exploratory"])))
    p = words.significant(real(row["p"]))
    beside = words("experiments.p", p=p)
    if row["p_fraction"] is not None:
        extreme, _, of = str(row["p_fraction"]).partition("/")
        beside = words("experiments.p_counted", x=words.number(int(extreme)), n=words.number(int(of)), p=p)
    axis = words("experiments.axis", outcome=outcome)
    return Seen(value=value, low=low, high=high, text=text, lots=lots, axis=axis, words=beside)


def _signed(value: float, words: Words) -> str:
    return ("+" if value > 0 else "") + words.significant(value)


def _said(trial: Trial, words: Words) -> str:
    said = trial.note if trial.seen is None else f"{trial.seen.text} {trial.seen.words}"
    return f"{words.labelled(words.labelled(trial.label, trial.word), trial.claim)}. {said.rstrip('.')}"
