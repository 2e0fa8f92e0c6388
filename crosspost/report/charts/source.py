"""An audit and its words, read as chart records need them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from crosspost.audit.results import Audit, Basis, Cell
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, LeftOut, Tone

ALL, TOGETHER = "(all)", "(networks)"
MAX_ROWS = 24  # more would fit no page: the rest is in the table

Record = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Source:
    """An audit with its words, read as charts need it."""

    audit: Audit
    words: Words

    @property
    def nothing(self) -> str | None:
        """Why no count of leads means anything: none is recorded at all, of any channel."""
        if self.rows("conversion") or any(finding.n for finding in self.audit.findings):
            return None
        return self.words("nothing_recorded")

    def rows(self, name: str) -> list[dict[str, Cell]]:
        return self.audit.table(name).records()

    def rows_if_any(self, name: str) -> list[dict[str, Cell]]:
        """The same; none where the audit has no such table, as it has of journeys where nobody made one."""
        return self.rows(name) if any(one.name == name for one in self.audit.tables) else []

    def reason(self, name: str, index: int, column: str) -> str:
        """Why a value is missing, in the language of the report."""
        return self.words.tell(self.audit.table(name).missing[index, column])

    def common(self, key: str, *tables: str, **values: object) -> dict[str, object]:
        """The words every chart has, from the catalogue's entries under `key`."""
        sandbox = self.audit.sandbox
        period = self.words.period(self.audit.period, self.audit.brand.zone)
        return {
            "name": key,
            "section": self.words(f"{key}.section"),
            "subtitle": self.words(f"{key}.subtitle", **values),
            "caption": self.words(f"{key}.caption"),
            "notice": self.words("simulated_short") if sandbox is not None else None,
            "label_sign": self.words("separator.colon"),
            "tables": tables,
            "foot": self.words("foot", n=self.n_text, period=period, brand=self.audit.brand.name),
        }

    def left_out(self, key: str, reason: str) -> LeftOut:
        """What a chart answers when there is nothing of its kind: the page then says so in one line."""
        return LeftOut(key, self.words(f"{key}.section"), reason)

    def more(self, rows: int, table: str) -> tuple[tuple[str, str], ...]:
        """What says that a chart leaves rows to the table; nothing when it shows all."""
        if rows <= 0:
            return ()
        return ((self.words("more"), self.words("more_rows", n=self.words.number(rows), file=f"tables/{table}.csv")),)

    @property
    def n_text(self) -> str:
        finding = self.audit.findings[0] if self.audit.findings else None
        leads = next((whole(row["leads"]) for row in self.rows("conversion") if row["channel"] == ALL), 0)
        n = finding.n if finding else 0
        if self.nothing:
            return self.words("no_leads_recorded")
        return f"{self.words.count_of(n, 'client')}, {self.words.count_of(leads, 'lead')}"


def text_of(cell: Cell) -> str:
    """A cell's text, still a message where it is one: `str` of it would know its English only."""
    assert isinstance(cell, str), cell
    return cell


def whole(cell: Cell) -> int:
    assert isinstance(cell, int), cell
    return cell


def real(cell: Cell) -> float:
    assert isinstance(cell, int | float | Decimal), cell
    return float(cell)


def real_or_none(cell: Cell) -> float | None:
    return None if cell is None else real(cell)


def share_of(source: Source, basis: Basis) -> Record:
    return next(r for r in source.rows("shares") if (r["basis"], r["who"]) == (basis.value, "all clients"))


def finish(source: Source, make: Callable[..., Chart], common: dict[str, object], parts: list[str]) -> Chart:
    empty = common.get("empty")
    said = [str(empty)] if empty else [str(common["title"]).rstrip("."), *parts]
    left_out = common.get("left_out") or ()
    assert isinstance(left_out, tuple)
    said += [source.words.labelled(name, reason) for name, reason in left_out]
    return make(**common, alt=_alt(source, str(common["section"]), said))


def _alt(source: Source, section: str, parts: list[str]) -> str:
    simulated = f" {source.words('simulated_short')}" if source.audit.sandbox is not None else ""
    return f"{section}. {source.words('separator.semicolon').join(parts)}.{simulated}"


def tone_of(name: str, kind: str) -> Tone:
    return {"network": Tone.NETWORK, "unknown": Tone.UNKNOWN}.get(kind, Tone.OTHER)
