"""How leads and deals are recorded: by the hundred as by the one, each once, whoever tells of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Table, insert, select, update

from crosspost.domain.business import Deal, Lead, Touchpoint, check_deal, check_lead, folded
from crosspost.domain.errors import BadInput, CrosspostError, NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.period import aware
from crosspost.store.store import Scope
from crosspost.store.tables import client, deal, lead, touchpoint

_A_DAY = timedelta(days=1)
_AT_ONCE = 1000  # ids in one query

Values = dict[str, Any]


class Outcome(StrEnum):
    RECORDED = "recorded"
    KNOWN = "known"  # the same was recorded before: nothing was changed
    UPDATED = "updated"  # the same id came before, and now says what it had left open
    DIFFERS = "differs"  # the same id came before with other content: the first is kept


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one fact: the row's id, and the fields in which a repeated one differs or says more."""

    outcome: Outcome
    id: str
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row stood in a file that people brought: its line, within the part where the file has several."""

    sha256: str
    line: int
    part: str | None = None


Result = Recorded | CrosspostError


def only(results: Sequence[Result]) -> Recorded:
    """The result of a single fact; its error is raised."""
    [result] = results
    if isinstance(result, CrosspostError):
        raise result
    return result


def record_leads(scope: Scope, facts: Sequence[tuple[Lead, Origin | None]], now: datetime) -> list[Result]:
    """`record_lead` of many, in order. One that is refused stands in the list as its error and is not recorded."""
    known = _known(scope, lead, (one.source_id for one, _ in facts))
    journeys = _journeys(scope, known.values()) if any(one.touchpoints for one, _ in facts) else {}
    write = _Write(scope)
    results: list[Result] = []
    for new, origin in facts:
        try:
            check_lead(new, now)
        except BadInput as error:
            results.append(error)
            continue
        values = {
            "contacted_at": aware(new.contacted_at), "channel": new.channel, "told": new.told,
            "told_channel": new.told_channel, "code": new.code, "person": new.person,
            "lost_at": None if new.lost_at is None else aware(new.lost_at), "lost_reason": new.lost_reason,
        }  # fmt: skip
        row = known.get(new.source_id)
        if row is None:
            row = write.add(lead, new, values, now, origin)
            known[new.source_id] = row
            write.steps(row["id"], 0, new.touchpoints, now)
            journeys[row["id"]] = list(new.touchpoints)
            results.append(Recorded(Outcome.RECORDED, row["id"]))
            continue
        journey = journeys.get(row["id"], [])
        differences, more = _compare(row, values, elsewhere=row["source"] != new.source)
        steps = _further(journey, new.touchpoints)
        if steps is None:
            differences += ("touchpoints",)
        if not differences and steps:
            write.steps(row["id"], len(journey), steps, now)
            journeys[row["id"]] = [*journey, *steps]
        added = (*more, "touchpoints") if steps else tuple(more)
        results.append(write.repeat(lead, row, differences, more, added))
    write.flush()
    return results


def record_deals(
    scope: Scope, facts: Sequence[tuple[Deal, Origin | None]], now: datetime, client_name: str | None = None
) -> list[Result]:
    """`record_deal` of many, in order, as `record_leads`."""
    leads = _known(scope, lead, (one.lead_source_id for one, _ in facts if one.lead_source_id is not None))
    known = _known(scope, deal, (one.source_id for one, _ in facts))
    of_lead: defaultdict[str, list[Values]] = defaultdict(list)
    for row in _rows(scope, deal, deal.c.lead_id, (one["id"] for one in leads.values())):
        of_lead[row["lead_id"]].append(known.get(row["source_id"], row))
    persons = [one.person for one, _ in facts] + [row["person"] for row in leads.values()]
    clients = {row["person"]: row["id"] for row in _rows(scope, client, client.c.person, filter(None, persons))}
    write = _Write(scope)
    results: list[Result] = []
    for new, origin in facts:
        of = None if new.lead_source_id is None else leads.get(new.lead_source_id)
        try:
            check_deal(new, now)
            if new.lead_source_id is not None and of is None:
                raise NotFound(f"no lead has the id {new.lead_source_id!r}", remedy="record the lead first")
        except CrosspostError as error:
            results.append(error)
            continue
        values = {
            "lead_id": None if of is None else of["id"],
            "won_at": aware(new.won_at),
            "amount_minor": None if new.amount is None else new.amount.minor,
            "margin_minor": None if new.margin is None else new.margin.minor,
            "currency": None if new.amount is None else new.amount.currency,
        }
        mine = of_lead[of["id"]] if of is not None else []
        found = known.get(new.source_id)
        twin = None if found or of is None else _twin(new.source_id, values, of["source_id"], mine)
        repeated = found or twin
        if repeated is not None:
            elsewhere = twin is not None or repeated["source"] != new.source
            differences, more = _compare(repeated, values, elsewhere=elsewhere)
            if "lead_id" in more:  # which client it is was settled without that lead
                differences, more = (*differences, "lead_id"), {}
            added = tuple(more)
            if twin is not None and of is not None and new.source_id != of["source_id"] and not differences:
                # From now on under its own id, as its own source tells it: another sale can be told apart from it.
                more |= {"source_id": new.source_id, "won_at": values["won_at"]}
                known[new.source_id] = twin
                write.unsettled.add(twin["client_id"])
            results.append(write.repeat(deal, repeated, differences, more, added))
            continue
        person = new.person or (of["person"] if of is not None else None)
        client_id = clients.get(person) or (mine[0]["client_id"] if mine else None)
        if client_id is None:
            client_id = write.add_client(person, client_name, new.won_at, now)
            if person is not None:
                clients[person] = client_id
        else:
            write.unsettled.add(client_id)
        row = write.add(deal, new, values | {"client_id": client_id, "returning": new.returning}, now, origin)
        known[new.source_id] = row
        if of is not None:
            mine.append(row)
        results.append(Recorded(Outcome.RECORDED, row["id"]))
    write.flush()
    return results


class _Write:
    """Rows to be written, together at the end."""

    def __init__(self, scope: Scope) -> None:
        self.unsettled: set[str] = set()  # clients with more than one deal
        self._scope = scope
        self._new: dict[Table, list[Values]] = {client: [], lead: [], touchpoint: [], deal: []}
        self._fresh: set[str] = set()
        self._changed: list[tuple[Table, str, Values]] = []

    def add(self, table: Table, new: Lead | Deal, values: Values, now: datetime, origin: Origin | None) -> Values:
        row = {
            "id": new_id(now), "brand_id": self._scope.brand_id, "source": new.source, "source_id": new.source_id,
            **values, "recorded_at": aware(now),
            "file_sha256": origin.sha256 if origin else None, "file_line": origin.line if origin else None,
            "file_part": origin.part if origin else None,
        }  # fmt: skip
        self._new[table].append(row)
        self._fresh.add(row["id"])
        return row

    def add_client(self, person: str | None, name: str | None, since: datetime, now: datetime) -> str:
        row = {
            "id": new_id(now), "brand_id": self._scope.brand_id, "person": person, "name": name, "since": aware(since),
        }  # fmt: skip
        self._new[client].append(row)
        return str(row["id"])

    def steps(self, lead_id: str, position: int, steps: Iterable[Touchpoint], now: datetime) -> None:
        for place, one in enumerate(steps, position):
            self._new[touchpoint].append({
                "id": new_id(now), "brand_id": self._scope.brand_id, "lead_id": lead_id, "position": place,
                "channel": one.channel, "at": None if one.at is None else aware(one.at), "note": one.note,
                "gathering_id": one.gathering,
            })  # fmt: skip

    def repeat(
        self, table: Table, row: Values, differences: tuple[str, ...], more: Values, added: tuple[str, ...]
    ) -> Recorded:
        if differences:
            return Recorded(Outcome.DIFFERS, row["id"], differences)
        row.update(more)
        if more and row["id"] not in self._fresh:
            self._changed.append((table, row["id"], more))
        return Recorded(Outcome.UPDATED if added else Outcome.KNOWN, row["id"], added)

    def flush(self) -> None:
        connection, brand_id = self._scope.connection, self._scope.brand_id
        for table, rows in self._new.items():
            if rows:
                connection.execute(insert(table), rows)
        for table, id_, values in self._changed:
            connection.execute(update(table).where(table.c.brand_id == brand_id, table.c.id == id_).values(values))
        for client_id in sorted(self.unsettled):
            _settle(self._scope, client_id)


def _settle(scope: Scope, client_id: str) -> None:
    """Deals may be told in any order: the first one starts the client, the later ones are a return."""
    mine = (deal.c.brand_id == scope.brand_id, deal.c.client_id == client_id)
    first = scope.connection.execute(select(deal.c.won_at).where(*mine).order_by(deal.c.won_at)).scalars().first()
    scope.connection.execute(update(deal).where(*mine, deal.c.won_at > first).values(returning=True))
    scope.connection.execute(
        update(client)
        .where(client.c.brand_id == scope.brand_id, client.c.id == client_id, client.c.since > first)
        .values(since=first)
    )


def _twin(source_id: str, values: Values, lead_source_id: str, deals: Iterable[Values]) -> Values | None:
    """The deal of the same lead that is this sale: one of the two is named by the lead, the other by its own id."""
    for row in deals:
        if (row["source_id"] == lead_source_id) is (source_id == lead_source_id):
            continue
        amounts = [(one["amount_minor"], one["currency"]) for one in (row, values)]
        same = amounts[0] == amounts[1] or (None, None) in amounts
        if same and abs(row["won_at"] - values["won_at"]) < _A_DAY:
            return row
    return None


def _compare(row: Mapping[str, Any], values: Values, *, elsewhere: bool) -> tuple[tuple[str, ...], Values]:
    """(fields that contradict what is stored, values of those that were open). What is left out says nothing."""
    differences: list[str] = []
    more: Values = {}
    for name, value in values.items():
        if value is None:
            continue
        stored = row[name]
        if stored is None:
            more[name] = value
        elif name != "told_channel" and not same(
            name, stored, value, elsewhere=elsewhere
        ):  # that one follows from `told`
            differences.append(name)
    return tuple(differences), more


def same(name: str, stored: Any, value: Any, *, elsewhere: bool = False) -> bool:
    """Whether a field says the same; `elsewhere`: another source told it, which may know the day and not the minute."""
    if name == "channel":
        return folded(stored) == folded(value)
    if elsewhere and isinstance(value, datetime):
        return bool(abs(stored - value) < _A_DAY)
    return bool(stored == value)


def _further(journey: Sequence[Touchpoint], told: Sequence[Touchpoint]) -> Sequence[Touchpoint] | None:
    """The steps by which what is told goes on; none where it is part of the journey; None where it contradicts."""
    if all(_same_step(old, new) for old, new in zip(journey, told, strict=False)) and len(told) >= len(journey):
        return told[len(journey) :]
    rest = iter(journey)
    return () if all(any(_same_step(old, new) for old in rest) for new in told) else None


def _same_step(old: Touchpoint, new: Touchpoint) -> bool:
    return (
        folded(old.channel) == folded(new.channel)
        and (new.at is None or new.at == old.at)
        and (new.note is None or new.note == old.note)
    )


def _journeys(scope: Scope, leads: Iterable[Values]) -> dict[str, list[Touchpoint]]:
    found: defaultdict[str, list[Touchpoint]] = defaultdict(list)
    rows = _rows(scope, touchpoint, touchpoint.c.lead_id, (row["id"] for row in leads))
    for row in sorted(rows, key=lambda row: (row["lead_id"], row["position"], row["id"])):
        found[row["lead_id"]].append(Touchpoint(row["channel"], row["at"], row["note"], row["gathering_id"]))
    return dict(found)


def _known(scope: Scope, table: Table, source_ids: Iterable[str]) -> dict[str, Values]:
    return {row["source_id"]: row for row in _rows(scope, table, table.c.source_id, source_ids)}


def _rows(scope: Scope, table: Table, column: Column[Any], wanted: Iterable[str]) -> Iterator[Values]:
    """The brand's rows whose `column` is one of the wanted values, in the order of their ids."""
    query = select(table).where(table.c.brand_id == scope.brand_id).order_by(table.c.id)
    values = sorted(set(wanted))
    for start in range(0, len(values), _AT_ONCE):
        for row in scope.connection.execute(query.where(column.in_(values[start : start + _AT_ONCE]))):
            yield dict(row._mapping)
