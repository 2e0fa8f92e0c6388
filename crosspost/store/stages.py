"""The stages of leads, with their history: what is corrected stays, and the newer row says which one it corrects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import insert, select, update

from crosspost.domain.business import check_stage
from crosspost.domain.errors import BadInput, NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.period import aware
from crosspost.domain.stage import Reached, Stage, last
from crosspost.store.outcomes import Origin, Outcome, Recorded
from crosspost.store.rows import A_DAY, Values, known, money, origin, rows
from crosspost.store.store import Scope
from crosspost.store.tables import lead, lead_stage


@dataclass(frozen=True, slots=True)
class StoredStage:
    """`corrected`: a newer row, which says so in `corrects`, took its place."""

    id: str
    reached: Reached
    corrects: str | None
    corrected: bool
    source: str
    recorded_at: datetime
    origin: Origin | None


History = Sequence[StoredStage]


def histories(scope: Scope, lead_ids: Collection[str] | None = None) -> dict[str, list[StoredStage]]:
    """Everything that was written of the stages of leads (of all, where none are named), oldest first."""
    every = select(lead_stage).where(lead_stage.c.brand_id == scope.brand_id)
    found = list(
        (dict(row._mapping) for row in scope.connection.execute(every))
        if lead_ids is None
        else rows(scope, lead_stage, lead_stage.c.lead_id, lead_ids)
    )
    corrected = {row["corrects"] for row in found}
    of: defaultdict[str, list[StoredStage]] = defaultdict(list)
    for row in sorted(found, key=lambda row: (row["recorded_at"], row["id"])):
        amount = money(row["amount_minor"], row["currency"])
        reached = Reached(Stage(row["stage"]), row["at"], amount, row["reason"], row["competitor"])
        of[row["lead_id"]].append(
            StoredStage(
                row["id"],
                reached,
                row["corrects"],
                row["id"] in corrected,
                row["source"],
                row["recorded_at"],
                origin(row),
            )
        )
    return dict(of)


def live(history: History) -> list[Reached]:
    """What holds: without what was corrected, and without the dates of the first contact."""
    return [one.reached for one in history if not one.corrected and one.reached.stage is not Stage.ASKED]


def loss(history: History) -> Reached | None:
    """The loss of a lead that was not reopened since."""
    found = last(live(history))
    return found if found is not None and found.stage is Stage.LOST else None


def asked(history: History, at: datetime, *, elsewhere: bool) -> bool:
    """Whether this was once written as the first contact."""
    return any(one.reached.stage is Stage.ASKED and _same_time(one.reached.at, at, elsewhere) for one in history)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a stage that was told means: fields that contradict, or a row to be written and the one it corrects."""

    differences: tuple[str, ...] = ()
    new: Reached | None = None
    corrects: str | None = None


def judge(history: History, told: Reached, *, elsewhere: bool, again: bool) -> Judged:
    """Lay what is told beside what is written. `again`: the stage may have been reached a second time.

    What was written once and is corrected now contradicts nothing: a file may well repeat it.
    """
    of_stage = [one for one in history if one.reached.stage is told.stage]
    twins = [one for one in of_stage if _same_time(one.reached.at, told.at, elsewhere)]
    for one in reversed(twins):
        if one.corrected:
            continue
        differences = _differences(one.reached, told)
        if differences:
            said = any(not _differences(old.reached, told) for old in twins if old.corrected)
            return Judged() if said else Judged(differences)
        whole = _filled(one.reached, told)
        return Judged() if whole == one.reached else Judged(new=whole, corrects=one.id)
    if twins:
        return Judged()
    standing = [one.reached for one in of_stage if not one.corrected]
    if not standing or (again and told.stage is not Stage.LOST) or _reopened(history, told):
        return Judged(new=told)
    return Judged((f"{told.stage}_at",))


def _reopened(history: History, told: Reached) -> bool:
    """Whether the lead was talked of again between its last loss and this one."""
    if told.stage is not Stage.LOST:
        return False
    found = live(history)
    lost = max(one.at for one in found if one.stage is Stage.LOST)
    return any(one.stage is not Stage.LOST and lost < one.at <= told.at for one in found)


def _same_time(old: datetime, new: datetime, elsewhere: bool) -> bool:
    return abs(old - new) < A_DAY if elsewhere else old == new


_NAMES = {"amount": "offered_amount", "reason": "lost_reason", "competitor": "competitor"}


def _differences(old: Reached, new: Reached) -> tuple[str, ...]:
    return tuple(
        name
        for field, name in _NAMES.items()
        if None not in (getattr(old, field), getattr(new, field)) and getattr(old, field) != getattr(new, field)
    )


def _filled(old: Reached, new: Reached) -> Reached:
    more = {one.name: getattr(new, one.name) for one in fields(old) if getattr(old, one.name) is None}
    return replace(old, **more)


def row_of(
    brand_id: str, lead_id: str, one: Reached, now: datetime, *, source: str, origin: Origin | None = None,
    corrects: str | None = None,
) -> Values:  # fmt: skip
    """A row of `lead_stage`."""
    return {
        "id": new_id(now), "brand_id": brand_id, "lead_id": lead_id, "stage": one.stage.value, "at": aware(one.at),
        "amount_minor": None if one.amount is None else one.amount.minor,
        "currency": None if one.amount is None else one.amount.currency, "reason": one.reason,
        "competitor": one.competitor, "corrects": corrects, "source": source, "recorded_at": aware(now),
        "file_sha256": origin.sha256 if origin else None, "file_line": origin.line if origin else None,
        "file_part": origin.part if origin else None,
    }  # fmt: skip


def record_stage(
    scope: Scope, lead_source_id: str, one: Reached, now: datetime, *, source: str, correct: bool = False
) -> Recorded:
    """Record that a lead reached a stage. A talk or an offer after a loss opens it again.

    The same stage at the same time is one; said otherwise it DIFFERS, unless it is to `correct` what was written last
    of that stage, which stays as history. Raises NotFound, BadInput (a win is a deal; nothing to correct).
    """
    row = known(scope, lead, [lead_source_id]).get(lead_source_id)
    if row is None:
        raise NotFound(f"no lead has the id {lead_source_id!r}", remedy="record the lead first")
    if one.stage is Stage.WON:
        raise BadInput("a lead is won by its deal", remedy="crosspost deal add --lead")
    check_stage(one, now)
    one = replace(one, at=aware(one.at))
    history = histories(scope, {row["id"]}).get(row["id"], [])
    if one.stage is Stage.ASKED:
        return _ask(scope, row, history, one, now, source, correct)
    if correct:
        wrong = [old for old in history if old.reached.stage is one.stage and not old.corrected]
        if not wrong:
            raise BadInput(f"{lead_source_id} was not {one.stage}: nothing to correct", remedy="leave --correct out")
        if wrong[-1].reached == one:
            return Recorded(Outcome.KNOWN, row["id"])
        found = Judged(new=one, corrects=wrong[-1].id)
    else:
        found = judge(history, one, elsewhere=False, again=True)
    if found.differences:
        return Recorded(Outcome.DIFFERS, row["id"], found.differences)
    if found.new is None:
        return Recorded(Outcome.KNOWN, row["id"])
    _write(scope, row["id"], found.new, now, source, found.corrects)
    return Recorded(Outcome.RECORDED if found.corrects is None else Outcome.UPDATED, row["id"])


def _ask(
    scope: Scope, row: Values, history: History, one: Reached, now: datetime, source: str, correct: bool
) -> Recorded:
    """Another day of the first contact: only as a correction, for each lead was asked once."""
    if one.at == row["contacted_at"]:
        return Recorded(Outcome.KNOWN, row["id"])
    if not correct:
        return Recorded(Outcome.DIFFERS, row["id"], ("contacted_at",))
    before = next((old.id for old in reversed(history) if old.reached.stage is Stage.ASKED), None)
    if before is None:
        before = _write(scope, row["id"], Reached(Stage.ASKED, row["contacted_at"]), row["recorded_at"], row["source"])
    _write(scope, row["id"], one, now, source, before)
    scope.connection.execute(
        update(lead).where(lead.c.brand_id == scope.brand_id, lead.c.id == row["id"]).values(contacted_at=one.at)
    )
    return Recorded(Outcome.UPDATED, row["id"], ("contacted_at",))


def _write(scope: Scope, lead_id: str, one: Reached, now: datetime, source: str, corrects: str | None = None) -> str:
    values = row_of(scope.brand_id, lead_id, one, now, source=source, corrects=corrects)
    scope.connection.execute(insert(lead_stage).values(values))
    return str(values["id"])
