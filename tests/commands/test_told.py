"""What people answer, read by rules one can see, edit and apply to what was said before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crosspost.audit.run import audit
from crosspost.commands.business import add_lead
from crosspost.commands.choices import Choices
from crosspost.commands.ledger import gather
from crosspost.commands.told import read_rules, remap, rules_at_hand
from crosspost.domain.errors import BadInput
from crosspost.domain.telling import SHIPPED, Rules, channel_told, read_answer
from crosspost.store import answers
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.blank import BRAND, NOW, OTHER, settled
from tests.home import Home

FILE = """
placebo = ["Radio", "tiktok"]

[words]
"france inter" = "radio"
"le podcast*" = "event"
"de LinkedIn" = "none"

[brands.atelier.words]
"chez marie" = "referral"

[brands.other]
placebo = ["affichage"]
"""


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return settled(sqlite_database)


def rules(folder: Path, slug: str = "atelier") -> Rules:
    (folder / "told.toml").write_text(FILE, "utf-8")
    return read_rules(folder / "told.toml", slug)


@pytest.mark.parametrize(("told", "channel", "placebo"), [
    ("France Inter, un matin", "radio", True), ("à la radio", "radio", True), ("Tik Tok", "tiktok", True),
    ("la radio et LinkedIn", "radio", True),  # who names what cannot be is counted there
    ("les podcasts de LinkedIn", None, False), ("Le Podcasteur", "event", False),
    ("le podcast de LinkedIn", "event", False), ("chez Marie", "referral", False), ("LinkedIn", "linkedin", False),
    ("chez Marie, puis Google", "several", False), ("Facebook et Instagram", "social", False),
    ("une pub Facebook", "facebook", False), ("Google Ads", "paid_search", False),
    ("je ne sais plus", None, False), ("", None, False), (None, None, False),
])  # fmt: skip
def test_the_owners_words_come_first(tmp_path: Path, told: str | None, channel: str | None, placebo: bool) -> None:
    found = read_answer(told, rules(tmp_path))
    assert (found.channel, found.placebo) == (channel, placebo)


def test_a_brand_has_its_own_words_and_placebos(tmp_path: Path) -> None:
    other = rules(tmp_path, "other")
    assert read_answer("chez Marie", other).channel is None
    assert other.placebo == {"radio", "tiktok", "affichage"}
    assert rules(tmp_path, "third").placebo == {"radio", "tiktok"}
    assert read_rules(tmp_path / "none.toml", "atelier") == SHIPPED


@pytest.mark.parametrize("wrong", [
    '[words]\n"a" = "le podcast"', '[words]\n"a" = 5', '[words]\n"!" = "event"', 'placebo = "radio"', "placebo = [5]",
    "wrods = 5", "[brands]\natelier = 5", "brands = 5", "[words", '[brands.atelier]\nword = "x"',
])  # fmt: skip
def test_a_file_that_says_nothing_of_use_is_refused(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "told.toml"
    file.write_text(wrong, "utf-8")
    with pytest.raises(BadInput, match=r"told\.toml") as refusal:
        read_rules(file, "atelier")
    assert refusal.value.remedy
    assert rules_at_hand(file, "atelier") == SHIPPED, "and costs nobody a lead that is just coming in"


def test_history_is_read_again_and_the_words_stay(store: Store, tmp_path: Path) -> None:
    answered = (("A", "France Inter"), ("B", "un ami"), ("C", None), ("D", "le podcast"))
    for minute, (name, told) in enumerate(answered):
        add_lead(store, BRAND, NOW, lead_id=name, told=told, contacted_at=NOW - timedelta(minutes=9 - minute))
    add_lead(store, OTHER, NOW, lead_id="A", told="France Inter")
    own = rules(tmp_path)
    would = remap(store, BRAND, NOW, own, who="ana", dry_run=True)
    assert [(one.lead, one.before, one.after) for one in would] == [("A", None, "radio"), ("D", None, "event")]
    with store.read(BRAND) as scope:
        assert {one.source_id: one.channel for one in answers.told(scope)} == {"A": None, "B": "referral", "D": None}
    assert remap(store, BRAND, NOW, own, who="ana") == would
    assert remap(store, BRAND, NOW, own, who="ana") == []
    with store.read(BRAND) as scope:
        assert {one.source_id: (one.told, one.channel) for one in answers.told(scope)} == {
            "A": ("France Inter", "radio"), "B": ("un ami", "referral"), "D": ("le podcast", "event"),
        }  # fmt: skip
    with store.read(OTHER) as scope:
        assert [one.channel for one in answers.told(scope)] == [None]


def test_a_rule_may_name_its_channel_in_the_owners_words(tmp_path: Path) -> None:
    path = tmp_path / "told.toml"
    path.write_text('[words]\n"chez marie" = "Bouche à oreille"\n"mon LinkedIn" = "none"\n', "utf-8")
    assert [channel_told(one, read_rules(path, "atelier")) for one in ("chez Marie", "chez Marie, une amie")] == [
        "referral", "referral",
    ]  # fmt: skip
    assert channel_told("mon LinkedIn", read_rules(path, "atelier")) is None


def test_placebos_are_counted_apart_and_never_as_a_channel(store: Store, tmp_path: Path) -> None:
    own = rules(tmp_path)
    for number, told in enumerate(("TikTok", "un ami", "Google", None, "la radio")):
        add_lead(store, BRAND, NOW - timedelta(days=number), lead_id=str(number), told=told, channel="x", rules=own)
    brand = store.brand("atelier")
    found = audit(gather(store, brand, NOW, choices=Choices(placebo=own.placebo)), made_at=NOW)
    [row] = found.table("placebo").records()
    assert (row["channels"], row["answers"], row["placebo"], row["share"]) == ("radio, tiktok", 4, 2, 0.5)
    plain = audit(gather(store, brand, NOW), made_at=NOW)
    assert "placebo" not in {one.name for one in plain.tables}, "nobody named one"


def test_zero_placebos_bound_what_memory_makes_up(store: Store) -> None:
    for number in range(10):
        add_lead(store, BRAND, NOW, lead_id=str(number), told="Google")
    found = audit(
        gather(store, store.brand("atelier"), NOW, choices=Choices(placebo=frozenset({"radio"}))), made_at=NOW
    )
    [row] = found.table("placebo").records()
    assert (row["answers"], row["placebo"], row["low"]) == (10, 0, 0)
    assert row["high"] == pytest.approx(1 - 0.025 ** (1 / 10))


def test_the_command_says_which_rule_fired(home: Home) -> None:
    (home.folder / "config").mkdir()
    (home.folder / "config" / "told.toml").write_text(FILE, "utf-8")
    assert home.json("told", "try", "France Inter, puis un ami") == {
        "channel": "radio", "placebo": True,
        "rules": [{"words": "france inter", "channel": "radio", "own": True},
                  {"words": "ami", "channel": "referral", "own": False}],
    }  # fmt: skip
    assert "placebo: it never ran" in home("told", "try", "à la radio")
    listed = home.json("told", "list")
    assert listed[0] == {"words": "france inter", "channel": "radio", "whose": "yours", "placebo": "yes"}
    home("lead", "add", "--id", "A", "--told", "le podcast")
    file = home.folder / "leads.csv"
    file.write_text("lead,date,channel,told\nB,2026-01-02,x,à la radio\n", "utf-8")
    home("import", str(file))
    assert {one["lead"]: one["told"] for one in home.json("lead", "list")} == {"A": "event", "B": "radio"}
    home("lead", "remove", "B")
    (home.folder / "config" / "told.toml").write_text("", "utf-8")
    assert "nothing is changed" in home("told", "remap", "--dry-run")
    assert home.json("told", "remap") == [{"lead": "A", "told": "le podcast", "before": "event", "after": None}]
    home("audit", "--json")
