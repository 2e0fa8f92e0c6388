"""Calendly's bookings, Tally's and Typeform's submissions: who asked, and what they said brought them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crosspost.imports.shape import Facts
from crosspost.imports.wording import words
from tests.imports.reading import facts

CODES = frozenset({"k7m2p9qrst", "w3x4y5z6ab"})


def told(found: Facts) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(one.source_id, one.channel, one.told, one.code) for _, one in found.leads]


def test_bookings() -> None:
    found = facts("calendly-events_en.csv", codes=CODES)
    assert told(found) == [
        ("calendly:inv-1", None, "A friend recommended you", None),
        ("calendly:inv-2", "linkedin", "Saw a post on LinkedIn", "w3x4y5z6ab"),
        ("calendly:inv-5", None, "Par une amie", None),
    ]
    assert [one.told_channel for _, one in found.leads] == ["referral", "linkedin", "referral"]
    assert found.leads[0][1].contacted_at == datetime(2026, 1, 7, 18, 45, tzinfo=UTC)
    assert [(one.lead, one.reason) for _, one in found.lost] == [
        ("calendly:inv-3", "the booking was cancelled"), ("calendly:inv-4", "nobody came to the booking"),
    ]  # fmt: skip
    assert found.notes == (
        "bookings that were cancelled: no leads (1)", "bookings nobody came to: no leads (1)",
    )  # fmt: skip


def test_tally_in_english_and_french() -> None:
    assert told(facts("tally-submissions_en.csv", codes=CODES)) == [
        ("tally:pA1bC2", "linkedin", "Through LinkedIn", "k7m2p9qrst"),
        ("tally:qD3eF4", None, "No idea", None),
        ("tally:rG5hI6", None, None, None),
    ]
    french = facts("tally-submissions_fr.csv")
    assert [(one.told_channel, one.person) for _, one in french.leads] == [
        ("referral", "person:jo@merle.example"), ("linkedin", "person:max@pic.example"),
    ]  # fmt: skip


def test_typeform_in_english_and_french() -> None:
    found = facts("typeform-responses_en.csv", codes=CODES)
    assert [one[1:] for one in told(found)] == [
        ("linkedin", "Google", "k7m2p9qrst"), (None, "Your newsletter", None)
    ]  # fmt: skip
    assert found.leads[0][1].source_id == "typeform:n1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    assert "begun and not submitted" in found.notes[0]
    french = facts("typeform-responses_fr.csv")
    assert [(one.told_channel, one.person) for _, one in french.leads] == [("referral", "person:ava@lys.example")]


@pytest.mark.parametrize(("question", "asks"), [
    ("How did you hear about us?", "told"),
    ("HOW DID YOU HEAR OF ME", "told"),
    ("Comment avez-vous entendu parler de nous ?", "told"),
    ("Comment nous avez-vous connus ?", "told"),
    ("Par quel biais nous avez-vous trouvés ?", "told"),
    ("Votre adresse e-mail", "mail"),
    ("Courriel professionnel", "mail"),
    ("Your email, please", "mail"),
    ("How did your project start?", None),
    ("Comment pouvons-nous vous aider ?", None),
    ("What is your budget?", None),
])  # fmt: skip
def test_questions_are_known_by_their_words(question: str, asks: str | None) -> None:
    assert words().asks(question) == asks
