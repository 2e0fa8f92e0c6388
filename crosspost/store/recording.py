"""How leads and deals are recorded: by the hundred as by the one, each once, whoever tells of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from crosspost.domain.business import SOMEBODY, Deal, Lead, Touchpoint, check_deal, check_lead, folded
from crosspost.domain.errors import BadInput, CrosspostError, NotFound
from crosspost.domain.period import aware
from crosspost.domain.stage import Reached, Stage
from crosspost.store import deal_changes, removing, stages
from crosspost.store.outcomes import Origin as Origin
from crosspost.store.outcomes import Outcome as Outcome
from crosspost.store.outcomes import Recorded as Recorded
from crosspost.store.outcomes import Result as Result
from crosspost.store.outcomes import only as only
from crosspost.store.recurrence import clients_of
from crosspost.store.rows import A_DAY, Values, compare, known, rows
from crosspost.store.store import Scope
from crosspost.store.tables import deal, lead, touchpoint
from crosspost.store.writing import Write


def record_leads(scope: Scope, facts: Sequence[tuple[Lead, Origin | None]], now: datetime) -> list[Result]:
    """`record_lead` of many, in order. One that is refused stands in the list as its error and is not recorded."""
    gone = removing.still_removed(scope, "lead", [(one.source, one.source_id) for one, _ in facts])
    there = known(scope, lead, (one.source_id for one, _ in facts))
    journeys = _journeys(scope, there.values()) if any(one.touchpoints for one, _ in facts) else {}
    histories = stages.histories(scope, {row["id"] for row in there.values()}) if there else {}
    write = Write(scope)
    results: list[Result] = []
    for new, origin in facts:
        try:
            check_lead(new, now)
        except BadInput as error:
            results.append(error)
            continue
        if new.source_id in gone:
            results.append(Recorded(Outcome.REMOVED, new.source_id))
            continue
        values = {
            "contacted_at": aware(new.contacted_at), "channel": new.channel, "told": new.told,
            "told_channel": new.told_channel, "code": new.code, "person": new.person,
            "referrer_kind": None if new.referrer is None else new.referrer.kind.value,
            "referrer": None if new.referrer is None else new.referrer.value,
        }  # fmt: skip
        row = there.get(new.source_id)
        if row is None:
            row = write.add(lead, new, values, now, origin)
            there[new.source_id] = row
            write.steps(row["id"], 0, new.touchpoints, now)
            journeys[row["id"]] = list(new.touchpoints)
            histories[row["id"]] = [
                write.stage(row["id"], one, now, source=new.source, origin=origin) for one in _reached(new)
            ]
            results.append(Recorded(Outcome.RECORDED, row["id"]))
            continue
        elsewhere = row["source"] != new.source
        if _same_referrer(row, values):
            values |= {"referrer_kind": None, "referrer": None}
        journey, history = journeys.get(row["id"], []), histories.setdefault(row["id"], [])
        differences, more = compare(row, values, elsewhere=elsewhere)
        if stages.asked(history, aware(new.contacted_at), elsewhere=elsewhere):
            differences = tuple(name for name in differences if name != "contacted_at")
        steps = _further(journey, new.touchpoints)
        if steps is None:
            differences += ("touchpoints",)
        judged = [stages.judge(history, one, elsewhere=elsewhere, again=False) for one in _reached(new)]
        differences += tuple(name for one in judged for name in one.differences)
        added = tuple(more)
        if not differences:
            for one in judged:
                if one.new is not None:
                    added += (f"{one.new.stage}_at",)
                    write.correcting(history, one.corrects)
                    history.append(
                        write.stage(
                            row["id"], one.new, now, source=new.source, origin=origin, corrects=one.corrects
                        )
                    )  # fmt: skip
            if steps:
                added += ("touchpoints",)
                write.steps(row["id"], len(journey), steps, now)
                journeys[row["id"]] = [*journey, *steps]
            if "person" in more:
                write.persons.append((row["id"], more["person"]))
        results.append(write.repeat(lead, row, differences, more, added))
    write.flush()
    return results


def record_deals(
    scope: Scope, facts: Sequence[tuple[Deal, Origin | None]], now: datetime, client_name: str | None = None
) -> list[Result]:
    """`record_deal` of many, in order, as `record_leads`."""
    named = [one.lead_source_id for one, _ in facts if one.lead_source_id is not None]
    gone = removing.still_removed(scope, "deal", [(one.source, one.source_id) for one, _ in facts])
    gone_leads = removing.still_removed(scope, "lead", [("", name) for name in named])
    leads = known(scope, lead, named)
    there = known(scope, deal, (one.source_id for one, _ in facts))
    of_lead: defaultdict[str, list[Values]] = defaultdict(list)
    for row in rows(scope, deal, deal.c.lead_id, (one["id"] for one in leads.values())):
        of_lead[row["lead_id"]].append(there.get(row["source_id"], row))
    every = [*there.values(), *(row for mine in of_lead.values() for row in mine)]
    before = deal_changes.said(scope, {row["id"] for row in every}) if every else {}
    persons = [one.person for one, _ in facts] + [row["person"] for row in leads.values()]
    clients = clients_of(scope, filter(None, persons))
    write = Write(scope)
    results: list[Result] = []
    for new, origin in facts:
        of = None if new.lead_source_id is None else leads.get(new.lead_source_id)
        try:
            check_deal(new, now)
            by_hand = new.source == removing.BY_HAND  # who types it is told, where a file or an event is let pass
            if of is None and new.lead_source_id is not None and (by_hand or new.lead_source_id not in gone_leads):
                raise NotFound(f"no lead has the id {new.lead_source_id!r}", remedy="record the lead first")
        except CrosspostError as error:
            results.append(error)
            continue
        if new.source_id in gone or (of is None and new.lead_source_id is not None):
            results.append(Recorded(Outcome.REMOVED, new.source_id))
            continue
        values = {
            "lead_id": None if of is None else of["id"],
            "won_at": aware(new.won_at),
            "amount_minor": None if new.amount is None else new.amount.minor,
            "margin_minor": None if new.margin is None else new.margin.minor,
            "currency": None if new.amount is None else new.amount.currency,
        }
        mine = of_lead[of["id"]] if of is not None else []
        found = there.get(new.source_id)
        twin = None if found or of is None else _twin(new.source_id, values, of["source_id"], mine)
        repeated = found or twin
        if repeated is not None:
            elsewhere = twin is not None or repeated["source"] != new.source
            differences, more = compare(repeated, values, elsewhere=elsewhere)
            differences = deal_changes.not_said(differences, values, before.get(repeated["id"], ()))
            if "lead_id" in more:  # which client it is was settled without that lead
                differences, more = (*differences, "lead_id"), {}
            if more.keys() & deal_changes.AMOUNTS and repeated["id"] in before:
                more = {name: value for name, value in more.items() if name not in deal_changes.AMOUNTS}
            if more.keys() & deal_changes.AMOUNTS and not differences:
                write.change(deal_changes.row_of(scope.brand_id, repeated, more, now, source=new.source))
            added = tuple(more)
            if new.returning and not repeated["returning_told"] and not differences:
                more |= {"returning_told": True}
                added += ("returning",)
                write.unsettled.add(repeated["client_id"])
            if twin is not None and of is not None and new.source_id != of["source_id"] and not differences:
                # From now on under its own id, as its own source tells it: another sale can be told apart from it.
                more |= {"source_id": new.source_id, "won_at": values["won_at"]}
                there[new.source_id] = twin
                write.unsettled.add(twin["client_id"])
            if new.person is not None and not differences and clients.get(new.person) != repeated["client_id"]:
                write.claims.append((repeated["client_id"], new.person))
            results.append(write.repeat(deal, repeated, differences, more, added))
            continue
        person = new.person or (of["person"] if of is not None else None)
        of_person = clients.get(person) if person is not None else None
        asker = clients.get(of["person"]) if of is not None and of["person"] is not None else None
        client_id = of_person or asker or (mine[0]["client_id"] if mine else None)
        if client_id is None:
            client_id = write.add_client(person, client_name, new.won_at, now)
        else:
            write.unsettled.add(client_id)
            if person is not None and of_person is None:
                write.claims.append((client_id, person))
        if person is not None:
            clients[person] = client_id
        if mine and mine[0]["client_id"] != client_id and person is not None:
            write.claims.append((mine[0]["client_id"], person))
        row = write.add(
            deal, new, values | {"client_id": client_id, "returning": new.returning, "returning_told": new.returning},
            now, origin,
        )  # fmt: skip
        there[new.source_id] = row
        if of is not None:
            mine.append(row)
        results.append(Recorded(Outcome.RECORDED, row["id"]))
    write.flush()
    return results


def _same_referrer(row: Values, told: Values) -> bool:
    """Whether a referrer that is told may be the one that is stored: known in another manner, or without a name."""
    if row["referrer"] is None or told["referrer"] is None:
        return False
    return row["referrer_kind"] != told["referrer_kind"] or SOMEBODY in (row["referrer"], told["referrer"])


def _reached(new: Lead) -> tuple[Reached, ...]:
    """The stages that a lead's own facts tell, the loss among them."""
    told = tuple(replace(one, at=aware(one.at)) for one in new.stages)
    if new.lost_at is None:
        return told
    return (*told, Reached(Stage.LOST, aware(new.lost_at), None, new.lost_reason, new.competitor))


def _twin(source_id: str, values: Values, lead_source_id: str, deals: Iterable[Values]) -> Values | None:
    """The deal of the same lead that is this sale: one of the two is named by the lead, the other by its own id."""
    for row in deals:
        if (row["source_id"] == lead_source_id) is (source_id == lead_source_id):
            continue
        amounts = [(one["amount_minor"], one["currency"]) for one in (row, values)]
        same = amounts[0] == amounts[1] or (None, None) in amounts
        if same and abs(row["won_at"] - values["won_at"]) < A_DAY:
            return row
    return None


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


def _journeys(scope: Scope, leads: Iterable[Mapping[str, Any]]) -> dict[str, list[Touchpoint]]:
    found: defaultdict[str, list[Touchpoint]] = defaultdict(list)
    every = rows(scope, touchpoint, touchpoint.c.lead_id, (row["id"] for row in leads))
    for row in sorted(every, key=lambda row: (row["lead_id"], row["position"], row["id"])):
        found[row["lead_id"]].append(Touchpoint(row["channel"], row["at"], row["note"], row["gathering_id"]))
    return dict(found)
