"""How far a lead is: nothing that was written is lost, and a file that repeats it is no contradiction."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from crosspost.domain.business import Deal, Lead
from crosspost.domain.errors import BadInput, NotFound
from crosspost.domain.money import Money
from crosspost.domain.stage import Reached, Stage
from crosspost.store import business, recording, stages
from crosspost.store.business import StoredLead
from crosspost.store.database import Database
from crosspost.store.outcomes import Origin, Outcome, Recorded
from crosspost.store.store import Store
from tests.blank import BRAND, NOW, OTHER, settled

DAY = timedelta(days=1)
_LATER = (NOW + timedelta(seconds=one) for one in count())  # what is told later is stored later
EUR = Money(Decimal("1200.00"), "EUR")


@pytest.fixture
def store(database: Database) -> Store:
    made = settled(database)
    told(made, Lead("file", "L1", NOW - 30 * DAY, channel="linkedin"))
    return made


def told(store: Store, *leads: Lead, brand_id: str = BRAND) -> list[recording.Result]:
    with store.write(brand_id) as scope:
        return recording.record_leads(scope, [(one, Origin("f" * 64, 2, None)) for one in leads], NOW)


def put(
    store: Store, stage: Stage, at: datetime, *, correct: bool = False, now: datetime | None = None, **more: object
) -> Recorded:
    with store.write(BRAND) as scope:
        reached = Reached(stage, at, **more)  # type: ignore[arg-type]
        return business.record_stage(scope, "L1", reached, now or next(_LATER), source="cli", correct=correct)


def one(store: Store) -> StoredLead:
    with store.read(BRAND) as scope:
        return business.named(scope, "L1")


def test_stages_are_kept_with_their_dates_and_the_last_one_counts(store: Store) -> None:
    assert one(store).stage is Stage.ASKED
    put(store, Stage.OFFERED, NOW - 5 * DAY, amount=EUR)
    put(store, Stage.TALKING, NOW - 9 * DAY)  # told later, happened before
    found = one(store)
    assert found.stage is Stage.OFFERED
    assert found.lead.stages == (Reached(Stage.TALKING, NOW - 9 * DAY), Reached(Stage.OFFERED, NOW - 5 * DAY, EUR))
    with store.read(OTHER) as scope:
        assert stages.histories(scope) == {}


def test_of_one_day_the_further_stage_counts(store: Store) -> None:
    put(store, Stage.OFFERED, NOW - DAY)
    put(store, Stage.TALKING, NOW - DAY)
    assert one(store).stage is Stage.OFFERED


def test_a_loss_keeps_why_and_to_whom_and_can_be_undone_by_talking_again(store: Store) -> None:
    put(store, Stage.LOST, NOW - 9 * DAY, reason="trop cher", competitor="Atelier Bois")
    lost = one(store).lead
    assert (lost.lost_at, lost.lost_reason, lost.competitor) == (NOW - 9 * DAY, "trop cher", "Atelier Bois")
    assert put(store, Stage.LOST, NOW - 8 * DAY).differences == ("lost_at",)
    put(store, Stage.TALKING, NOW - 5 * DAY)
    again = one(store)
    assert (again.stage, again.lead.lost_at, again.lead.lost_reason) == (Stage.TALKING, None, None)
    assert put(store, Stage.LOST, NOW - DAY, reason="délai").outcome is Outcome.RECORDED
    assert [(row.reached.at, row.reached.reason) for row in one(store).history if row.reached.stage is Stage.LOST] == [
        (NOW - 9 * DAY, "trop cher"), (NOW - DAY, "délai"),
    ]  # fmt: skip
    assert one(store).lead.lost_at == NOW - DAY


def test_a_file_that_repeats_an_old_loss_does_not_lose_a_reopened_lead_again(store: Store) -> None:
    lost = Lead("file", "L1", NOW - 30 * DAY, lost_at=NOW - 9 * DAY, lost_reason="prix")
    assert [row.outcome for row in told(store, lost) if isinstance(row, Recorded)] == [Outcome.UPDATED]
    put(store, Stage.OFFERED, NOW - 2 * DAY)
    assert [row.outcome for row in told(store, lost) if isinstance(row, Recorded)] == [Outcome.KNOWN]
    assert one(store).stage is Stage.OFFERED


def test_a_deal_wins_whatever_else_is_written(store: Store) -> None:
    put(store, Stage.LOST, NOW - DAY)
    with store.write(BRAND) as scope:
        business.record_deal(scope, Deal("cli", "D1", NOW - 2 * DAY, EUR, lead_source_id="L1"), NOW)
    assert one(store).stage is Stage.WON
    with pytest.raises(BadInput, match="deal"):
        put(store, Stage.WON, NOW)


def test_a_correction_keeps_what_was_wrong(store: Store) -> None:
    put(store, Stage.OFFERED, NOW - 5 * DAY, amount=EUR)
    more = Money(Decimal("1500"), "EUR")
    assert put(store, Stage.OFFERED, NOW - 5 * DAY, amount=more).differences == ("offered_amount",)
    done = put(store, Stage.OFFERED, NOW - 4 * DAY, correct=True, amount=more)
    assert done.outcome is Outcome.UPDATED
    found = one(store)
    assert found.lead.stages == (Reached(Stage.OFFERED, NOW - 4 * DAY, Money(Decimal("1500.00"), "EUR")),)
    assert [(row.reached.amount, row.corrected) for row in found.history] == [(EUR, True), (more, False)]
    assert found.history[1].corrects == found.history[0].id
    repeated = Lead("file", "L1", NOW - 30 * DAY, stages=(Reached(Stage.OFFERED, NOW - 5 * DAY, EUR),))
    assert told(store, repeated) == [Recorded(Outcome.KNOWN, found.id)], "a file may well repeat what was wrong"
    with pytest.raises(BadInput, match="nothing to correct"):
        put(store, Stage.TALKING, NOW, correct=True)


def test_a_second_offer_is_another_one_by_hand_and_a_contradiction_in_a_file(store: Store) -> None:
    put(store, Stage.OFFERED, NOW - 9 * DAY, amount=EUR)
    assert put(store, Stage.OFFERED, NOW - 2 * DAY).outcome is Outcome.RECORDED
    assert len(one(store).lead.stages) == 2
    third = Lead("file", "L1", NOW - 30 * DAY, stages=(Reached(Stage.OFFERED, NOW - 5 * DAY),))
    [result] = told(store, third)
    assert isinstance(result, Recorded)
    assert (result.outcome, result.differences) == (Outcome.DIFFERS, ("offered_at",))
    assert len(one(store).lead.stages) == 2, "nothing of a contradiction is taken"


def test_what_a_stage_left_open_is_filled_in(store: Store) -> None:
    put(store, Stage.OFFERED, NOW - 5 * DAY)
    assert put(store, Stage.OFFERED, NOW - 5 * DAY, amount=EUR).outcome is Outcome.UPDATED
    assert put(store, Stage.OFFERED, NOW - 5 * DAY).outcome is Outcome.KNOWN
    assert [row.amount for row in one(store).lead.stages] == [EUR]


def test_the_day_of_the_first_contact_is_corrected_and_the_old_one_stays_known(store: Store) -> None:
    assert put(store, Stage.ASKED, NOW - 40 * DAY).differences == ("contacted_at",)
    assert put(store, Stage.ASKED, NOW - 40 * DAY, correct=True).outcome is Outcome.UPDATED
    assert put(store, Stage.ASKED, NOW - 41 * DAY, correct=True).outcome is Outcome.UPDATED
    found = one(store)
    assert found.lead.contacted_at == NOW - 41 * DAY
    assert {(row.reached.at, row.corrected) for row in found.history} == {
        (NOW - 30 * DAY, True), (NOW - 40 * DAY, True), (NOW - 41 * DAY, False),
    }  # fmt: skip
    assert found.stage is Stage.ASKED
    assert told(store, Lead("file", "L1", NOW - 30 * DAY)) == [Recorded(Outcome.KNOWN, found.id)]
    [other] = told(store, Lead("file", "L1", NOW - 20 * DAY))
    assert isinstance(other, Recorded)
    assert other.differences == ("contacted_at",)


@pytest.mark.parametrize("wrong", [
    Reached(Stage.TALKING, NOW, EUR), Reached(Stage.OFFERED, NOW, None, "a reason"), Reached(Stage.LOST, NOW + 9 * DAY),
    Reached(Stage.OFFERED, NOW, Money(Decimal("12.345"), "EUR")), Reached(Stage.TALKING, NOW, competitor="them"),
])  # fmt: skip
def test_what_cannot_be_is_refused(store: Store, wrong: Reached) -> None:
    with store.write(BRAND) as scope, pytest.raises(BadInput):
        business.record_stage(scope, "L1", wrong, NOW, source="cli")
    assert one(store).history == ()


def test_a_lead_of_another_brand_is_not_there(store: Store) -> None:
    with store.write(OTHER) as scope, pytest.raises(NotFound):
        business.record_stage(scope, "L1", Reached(Stage.TALKING, NOW), NOW, source="cli")


def test_many_stages_at_once_are_as_one_by_one(store: Store) -> None:
    way = (Reached(Stage.TALKING, NOW - 9 * DAY), Reached(Stage.OFFERED, NOW - 5 * DAY, EUR))
    new = Lead("file", "L2", NOW - 20 * DAY, stages=way, lost_at=NOW - DAY, lost_reason="prix", competitor="eux")
    results = told(store, new, new)
    assert [row.outcome for row in results if isinstance(row, Recorded)] == [Outcome.RECORDED, Outcome.KNOWN]
    with store.read(BRAND) as scope:
        found = business.named(scope, "L2")
    assert (found.lead, found.stage) == (new, Stage.LOST)
    assert {row.origin for row in found.history} == {Origin("f" * 64, 2, None)}
