"""The audit's tables as readers see them: chosen columns, worded cells, a numbered reason for what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from crosspost.audit.results import Audit, Cell, Table
from crosspost.report.charts.funnel import STEPS
from crosspost.report.charts.source import ALL
from crosspost.report.language.words import MINUS, PERCENT, Words

MAX_ROWS = 14
# Column heads are catalogue keys `head.<name>`; `low+high` is shown as one range.
# Of others, what is in no picture is long, or answers what few ask: they stand in their files alone.
SHOWN = {
    name: tuple(tuple(group.split("+")) for group in columns.split())
    for name, columns in {
        "shares": "basis who networks unknown clients share low+high low_95+high_95",
        "channels": "channel clients share low+high any_touch any_share",
        "reconciliation": "network step before after gap kept",
        "visibility": "network posts followers impressions reach clicks leads clients clients_low+clients_high",
        "conversion": "channel leads deals rate clopper_lo+clopper_hi days_median share_of_deals",
        "network_against_rest": "rest network_deals network_leads rest_deals rest_leads risk_ratio "
        "score_lo+score_hi mid_p",
        "sources": "channel leads deals rate pooled_rate pooled_lo+pooled_hi ratio holm_p",
        "credit": "channel first last linear markov_1 markov_low+markov_high shapley_sum band_low+band_high firsts",
        "hours": "channel hours clients least_hours_per_client revenue revenue_per_hour "
        "revenue_per_hour_lo+revenue_per_hour_hi",
        "stopping": "network hours clients unknown most_clients most_revenue most_per_hour least_prospecting stop",
        "experiments": "experiment network outcome verdict estimate low+high p_fraction weeks exploratory",
        "experiment_texts": "experiment arm posts obeyed mean verdict difference low+high p_holm exploratory",
        "regained": "left moved_to old_before new_before weeks_until weeks_as_many hours",
        "assisted": "channel won_met won share low+high assisted odds_ratio",
    }.items()
}
NAMES = frozenset({"channel", "network", "left", "moved_to"})  # columns of channels
WORDED = frozenset({"basis", "outcome", "verdict"})  # columns of words that are ours: keys `cell.<word>`
STATISTICS = frozenset({"ratio", "odds ratio", "probability", "kappa", "clients per hour"})  # units


@dataclass(frozen=True, slots=True)
class CellView:
    text: str
    mark: str = ""  # of the reason, when a value is missing


@dataclass(frozen=True, slots=True)
class ColumnView:
    text: str
    number: bool


@dataclass(frozen=True, slots=True)
class TableView:
    name: str
    title: str
    columns: tuple[ColumnView, ...]
    rows: tuple[tuple[CellView, ...], ...]
    reasons: tuple[tuple[str, str], ...]  # (mark, why the value is missing)
    notes: tuple[str, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Tables:
    shown: tuple[TableView, ...]
    empty: tuple[str, ...]  # titles of tables without rows
    files: tuple[str, ...]  # titles of tables that are in files only


def views(audit: Audit, words: Words) -> Tables:
    shown: list[TableView] = []
    empty: list[str] = []
    files: list[str] = []
    for table in audit.tables:
        if not table.rows:
            empty.append(words.tell(table.title))
        elif table.name == "funnel":
            shown.append(_funnel(table, words))
        elif table.name in SHOWN:
            shown.append(_view(table, words))
        else:
            files.append(f"{words.tell(table.title)} ({csv_path(table.name)})")
    return Tables(tuple(shown), tuple(empty), tuple(files))


def csv_path(name: str) -> str:
    return f"tables/{name}.csv"


class _Reasons:
    """Numbers the reasons of a table, each once."""

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}

    def __call__(self, reason: str, words: Words) -> CellView:
        mark = self.marks.setdefault(words.tell(reason), str(len(self.marks) + 1))
        return CellView(words("missing"), mark)

    def listed(self) -> tuple[tuple[str, str], ...]:
        return tuple((mark, reason) for reason, mark in self.marks.items())


def _view(table: Table, words: Words) -> TableView:
    groups = SHOWN[table.name]
    units = {column.name: column.unit for column in table.columns}
    records = table.records()
    reasons = _Reasons()
    rows = []
    for index, record in enumerate(records[:MAX_ROWS]):
        cells = []
        for group in groups:
            lacking = next((name for name in group if record[name] is None), None)
            if lacking is not None:
                cells.append(reasons(table.missing[index, lacking], words))
            else:
                texts = [_cell(record[name], name, units[name], words) for name in group]
                cells.append(CellView(_range(texts, words)))
        rows.append(tuple(cells))
    notes = [words.tell(table.note)] if table.note else []
    if len(records) > MAX_ROWS:
        notes.append(words("page.more_rows", n=words.number(len(records) - MAX_ROWS), file=csv_path(table.name)))
    heads = tuple(ColumnView(_head(group, words), _numeric(records, group[0])) for group in groups)
    return TableView(
        table.name, words.tell(table.title), heads, tuple(rows), reasons.listed(), tuple(notes), csv_path(table.name)
    )


def _funnel(table: Table, words: Words) -> TableView:
    """One row per network, one column per step: the CSV has every step in a row of its own."""
    stages = (*STEPS, "revenue")
    reasons = _Reasons()
    rows: dict[str, dict[str, CellView]] = {}
    for index, record in enumerate(table.records()):
        cells = rows.setdefault(str(record["network"]), {})
        stage = str(record["stage"])
        if record["value"] is None:
            cell = reasons(table.missing[index, "value"], words)
        else:
            text = _cell(record["value"], "value", "", words)
            upper = record["upper"]
            if upper is not None and upper != record["value"]:
                text = _range([text, _cell(upper, "upper", "", words)], words)
            if isinstance(record["value"], Decimal):
                text = words.money(record["value"], str(record["unit"]))
            cell = CellView(text)
        if stage in cells:  # a second currency
            cell = CellView(f"{cells[stage].text} + {cell.text}", cell.mark)
        cells[stage] = cell
    heads = (_head(("network",), words), *(words(f"stage.{stage}") for stage in stages))
    lines = tuple(
        (CellView(words.channel(name)), *(cells.get(stage, CellView("")) for stage in stages))
        for name, cells in rows.items()
    )
    columns = tuple(ColumnView(text, index > 0) for index, text in enumerate(heads))
    notes = (words.tell(table.note),) if table.note else ()
    return TableView(table.name, words.tell(table.title), columns, lines, reasons.listed(), notes, csv_path(table.name))


def _head(group: Sequence[str], words: Words) -> str:
    return words(f"head.{'–'.join(group)}")


def _numeric(records: Iterable[dict[str, Cell]], name: str) -> bool:
    known = [record[name] for record in records if record[name] is not None]
    return not any(isinstance(cell, str | bool | datetime) for cell in known)


def _range(texts: Sequence[str], words: Words) -> str:
    first, last = texts[0], texts[-1]
    if len(texts) == 1:
        return first
    if first.startswith(("-", MINUS)):
        return words("interval_to", low=first, high=last)
    if first.endswith(PERCENT) and last.endswith(PERCENT):
        first = first.removesuffix(PERCENT)
    return words("from_to", low=first, high=last)


def _cell(cell: Cell, name: str, unit: str, words: Words) -> str:
    if isinstance(cell, bool):
        return words("yes" if cell else "no")
    if isinstance(cell, str):
        return _text(cell, name, words)
    if isinstance(cell, datetime):
        return words.moment(cell)
    if cell is None:
        raise ValueError(f"{name}: a missing cell has no text")
    if isinstance(cell, Decimal):
        return words.number(cell, 2)
    if unit == "share":
        return words.share(float(cell))
    if unit in STATISTICS:
        return words.significant(float(cell))
    return words.number(cell)


def _text(cell: str, name: str, words: Words) -> str:
    if name in NAMES:
        return words.channel(cell)
    if name in WORDED:
        return words.maybe(f"cell.{cell}") or cell
    if name == "cohort":
        return words.quarter(cell)
    return words.channel(cell) if cell == ALL else words.tell(cell)
