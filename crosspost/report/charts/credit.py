"""Credit under each model: how far the models differ, channel by channel."""

from __future__ import annotations

from crosspost.report.charts.source import Source, finish, real, whole
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.bands import BandRow, Bands

MOST = 12  # channels: each takes a line of marks
TABLE = "credit"


def credit(source: Source) -> Chart | LeftOut:
    """A mark per model on one line per channel, joined by their band; the first chain with its interval."""
    words = source.words
    found = source.rows_if_any(TABLE)
    if not found:
        return source.left_out("credit", words("credit.none"))
    finding = next(one for one in source.audit.findings if one.claim.audit == "A3")
    columns = [one.name for one in source.audit.table(TABLE).columns]
    models = [name for name in columns if words.maybe(f"model.{name}") and found[0][name] is not None]
    by = "markov_1" if "markov_1" in models else "linear"
    ranked = sorted(enumerate(found), key=lambda pair: (-real(pair[1][by]), str(pair[1]["channel"])))
    rows = []
    for _, row in ranked[:MOST]:
        marks = tuple((model, real(row[model])) for model in models)
        band = interval = None
        if row["band_low"] is not None:
            band = (real(row["band_low"]), real(row["band_high"]))
        if row["markov_low"] is not None:
            interval = (real(row["markov_low"]), real(row["markov_high"]))
        text = "" if band is None else _range(words, *band)
        low, high = band or (None, None)
        name = words.channel(str(row["channel"]))
        rows.append(BandRow(label=name, text=text, marks=marks, low=low, high=high, interval=interval))
    few = all(row.low is None for row in rows)
    common = source.common("credit", TABLE, n=words.number(finding.n))
    common["title"] = words("credit.title_few") if few else _title(source, len(models))
    common["left_out"] = (*source.more(len(found) - MOST, TABLE), *_missing(source, columns))
    key = [(model, words(f"model.{model}")) for model in models]
    key += [] if few else [("band", words("key.band"))]
    key += [("interval", words("key.markov_interval"))] if any(row.interval for row in rows) else []
    extra = {
        "rows": tuple(rows),
        "axis": words("credit.axis"),
        "text_head": "" if few else words("credit.head"),
        "faint": few,
        "key": tuple(key),
    }
    return finish(source, Bands, {**common, **extra}, [_said(source, row) for row in rows])


def _range(words: Words, low: float, high: float) -> str:
    key = "from_to" if low >= 0 else "credit.from_to"  # a dash beside a minus would be read as one
    return words(key, low=words.number(low), high=words.number(high))


def _title(source: Source, models: int) -> str:
    words = source.words
    leading = sorted(
        ((whole(row["firsts"]), str(row["channel"])) for row in source.rows(TABLE) if row["firsts"]),
        key=lambda one: (-one[0], one[1]),
    )
    if not leading:
        return words("credit.title_none")
    if leading[0][0] == models:
        return words("credit.title_agree", n=words.number(models), name=words.channel(leading[0][1]))
    names = ", ".join(
        words("credit.first_in", name=words.channel(name), n=words.number(number)) for number, name in leading[:3]
    )
    return words("credit.title_differ", names=names, n=words.number(models))


def _missing(source: Source, columns: list[str]) -> tuple[tuple[str, str], ...]:
    """The models and the interval that have no value for the first channel, by why."""
    reasons: dict[str, list[str]] = {}
    named = [(name, source.words.maybe(f"model.{name}")) for name in columns]
    if source.rows(TABLE)[0]["markov_1"] is not None:
        named.append(("markov_low", source.words("key.markov_interval")))
    for column, name in named:
        if name and source.rows(TABLE)[0][column] is None:
            reasons.setdefault(source.reason(TABLE, 0, column), []).append(name)
    return tuple((", ".join(names), reason) for reason, names in reasons.items())


def _said(source: Source, row: BandRow) -> str:
    """The band and the chain with its interval; every mark where there is no band."""
    words = source.words
    given = dict(row.marks)
    if row.low is None or row.interval is None:
        marks = ", ".join(f"{words(f'model.{model}')} {words.number(value)}" for model, value in row.marks)
        return words.labelled(row.label, marks)
    chain = words.number(given["markov_1"])
    return words("credit.said", name=row.label, band=row.text, chain=chain, range=_range(words, *row.interval))
