"""Rows of leads and deals that are to be written, together at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Table, insert, select, update

from crosspost.domain.business import Deal, Lead, Touchpoint
from crosspost.domain.ids import new_id
from crosspost.domain.period import aware
from crosspost.domain.stage import Reached
from crosspost.store import stages
from crosspost.store.outcomes import Origin, Outcome, Recorded
from crosspost.store.recurrence import claim, settle
from crosspost.store.rows import Values
from crosspost.store.store import Scope
from crosspost.store.tables import client, deal, deal_change, lead, lead_stage, touchpoint


class Write:
    """`unsettled` are clients with more than one deal; `claims` say that a client is a person; `persons` that a lead
    turned out to be one."""

    def __init__(self, scope: Scope) -> None:
        self.unsettled: set[str] = set()
        self.claims: list[tuple[str, str]] = []
        self.persons: list[tuple[str, str]] = []
        self._scope = scope
        self._new: dict[Table, list[Values]] = {
            client: [], lead: [], lead_stage: [], touchpoint: [], deal: [], deal_change: [],
        }  # fmt: skip
        self._fresh: dict[str, Values] = {}
        self._changed: list[tuple[Table, str, Values]] = []

    def add(self, table: Table, new: Lead | Deal, values: Values, now: datetime, origin: Origin | None) -> Values:
        row = {
            "id": new_id(now), "brand_id": self._scope.brand_id, "source": new.source, "source_id": new.source_id,
            **values, "recorded_at": aware(now),
            "file_sha256": origin.sha256 if origin else None, "file_line": origin.line if origin else None,
            "file_part": origin.part if origin else None,
        }  # fmt: skip
        self._new[table].append(row)
        self._fresh[row["id"]] = row
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
                "gathering_id": one.gathering, "code": one.code,
            })  # fmt: skip

    def stage(
        self, lead_id: str, one: Reached, now: datetime, *, source: str, origin: Origin | None,
        corrects: str | None = None,
    ) -> stages.StoredStage:  # fmt: skip
        row = stages.row_of(
            self._scope.brand_id, lead_id, one, now, source=source, origin=origin, corrects=corrects
        )  # fmt: skip
        self._new[lead_stage].append(row)
        return stages.StoredStage(row["id"], one, corrects, False, source, now, origin)

    @staticmethod
    def correcting(history: list[stages.StoredStage], corrected: str | None) -> None:
        """Note in a history that is at hand that one of its rows no longer holds."""
        history[:] = [replace(one, corrected=True) if one.id == corrected else one for one in history]

    def change(self, row: Values) -> None:
        """What a deal was before it changed."""
        self._new[deal_change].append(row)

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
        for table, new in self._new.items():
            if new:
                connection.execute(insert(table), new)
        for table, id_, values in self._changed:
            connection.execute(update(table).where(table.c.brand_id == brand_id, table.c.id == id_).values(values))
        for lead_id, person in self.persons:
            bought = select(deal.c.client_id).where(deal.c.brand_id == brand_id, deal.c.lead_id == lead_id).distinct()
            self.claims += [(client_id, person) for client_id in connection.execute(bought).scalars()]
        became: dict[str, str] = {}
        for client_id, person in self.claims:
            client_id = _followed(became, client_id)
            now_is = claim(self._scope, client_id, person)
            if now_is != client_id:
                became[client_id] = now_is
        for client_id in sorted({_followed(became, one) for one in self.unsettled}):
            settle(self._scope, client_id)


def _followed(became: dict[str, str], client_id: str) -> str:
    while client_id in became:
        client_id = became[client_id]
    return client_id
