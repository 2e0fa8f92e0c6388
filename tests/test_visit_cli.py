"""The command line of visits: the line to paste, the two modes, what is kept and for how long."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crosspost.commands.salts import Salts
from crosspost.domain.traffic import Judged, Judgement
from crosspost.domain.visit import Click, Open, View
from crosspost.store import visits
from tests.home import Home

BASIS = "consent, asked for by the banner of atelier.example"


def choices(home: Home) -> dict[str, object]:
    found: dict[str, object] = home.json("brand", "list")[0]
    return found


def test_the_line_to_paste_names_the_server_and_the_brand(home: Home) -> None:
    home("brand", "set", "--site", "https://www.atelier.example/blog", "--public-url", "https://go.atelier.example")
    made = home.json("visit", "script")
    assert made["line"] == '<script defer src="https://go.atelier.example/v.js" data-site="atelier"></script>'
    assert made["sites"] == ["atelier.example"]
    assert made["problems"] == []
    assert "No cookie" in made["note"]["en"]
    assert "Aucun cookie" in made["note"]["fr"]
    assert "25 months" in made["note"]["en"]
    assert "25 mois" in made["note"]["fr"]
    other = home("visit", "script", "--origin", "https://other.example/")
    assert 'src="https://other.example/v.js"' in other
    assert "atelier.example" in other


def test_the_note_says_what_is_kept_and_the_legal_basis(home: Home) -> None:
    home("brand", "set", "--no-keep-agent", "--no-keep-referrer", "--keep-visits", "6")
    plain = home.json("visit", "script", "--origin", "https://go.example")
    assert plain["problems"] == ["no site of this brand is known: crosspost brand set --site example.org"]
    for language, words in (("en", ("browser.", "came from", "legal")), ("fr", ("nom de votre", "venez", "légale"))):
        for word in words[1:]:
            assert word not in plain["note"][language].lower()
    assert "6 months" in plain["note"]["en"]
    home("brand", "set", "--visits", "click-id", "--legal-basis", BASIS)
    followed = home.json("visit", "script", "--origin", "https://go.example")
    assert (followed["mode"], followed["legal_basis"]) == ("click-id", BASIS)
    assert all(BASIS in text for text in followed["note"].values())


def test_without_an_address_there_is_no_line(home: Home) -> None:
    assert "--public-url" in home.refused(2, "visit", "script")


def test_click_ids_are_refused_without_a_legal_basis_and_nothing_changes(home: Home) -> None:
    before = choices(home)
    assert "legal basis" in home.refused(5, "brand", "set", "--visits", "click-id", "--name", "Another")
    assert "legal basis" in home.refused(5, "brand", "set", "--visits", "click-id", "--legal-basis", "yes")
    assert choices(home) == before
    assert BASIS in home("brand", "set", "--visits", "click-id", "--legal-basis", BASIS)
    assert choices(home)["visits"] == "click-id"
    assert "legal basis" in home.refused(5, "brand", "set", "--legal-basis", "")
    home("brand", "set", "--visits", "aggregate")
    assert choices(home)["visits"] == "aggregate"


def test_a_wrong_choice_changes_nothing(home: Home) -> None:
    before = choices(home)
    for wrong in (
        ("--keep-hits", "0"), ("--keep-visits", "1000"), ("--site", "not a host"), ("--no-site", "*"),
        ("--public-url", "nonsense"),
    ):  # fmt: skip
        home.refused(2, "brand", "set", "--site", "right.example", "--no-keep-agent", *wrong)
    assert choices(home) == before


def test_choices_are_kept_and_who_made_them_is_written_down(home: Home) -> None:
    home("brand", "set", "--site", "a.example", "--site", "b.example", "--keep-hits", "12")
    home("brand", "set", "--no-site", "a.example", "--site", "b.example")
    found = choices(home)
    assert (found["sites"], found["keep_hits"], found["keep_visits"]) == (["b.example"], 12, 25)
    with home.app().store.database.read() as connection:
        told = connection.exec_driver_sql("SELECT detail FROM event WHERE what = 'privacy' AND brand_id = brand_id")
        assert [json.loads(row[0])["sites"] for row in told] == [["a.example", "b.example"], ["b.example"]]


def test_visits_are_listed_as_a_range(home: Home) -> None:
    assert "visit script" in home("visit", "list")
    app, at = home.app(), datetime(2026, 3, 2, 9, tzinfo=UTC)
    for number, judgement in enumerate((Judgement.PERSON, Judgement.PERSON, Judgement.UNSURE, Judgement.CRAWLER)):
        view = View(at, app.brand.id, "v", "/", "", "twitter", "", "", "", "", "", Judged(judgement, "rule", "1"))
        with app.store.write(app.brand.id) as scope:
            visits.add(scope, [(Open(f"v{number}", at, at, "", 1), view)])
    told = home("visit", "list").split()
    assert told[-6:] == ["x", "—", "2", "3", "0", "1"]
    found = home.json("visit", "list", "--since", "2026-03-02", "--until", "2026-03-03")
    assert sum(one["visits"] for one in found["visits"]) == 4
    assert found["missed"] == 0
    assert home.json("visit", "list", "--since", "2026-03-03")["visits"] == []
    assert home.json("visit", "list", "--until", "2026-03-02")["visits"] == []
    assert home.json("visit", "list", "--since", "2026-03-02T23:00")["visits"] == []
    assert "before it starts" in home.refused(2, "visit", "list", "--since", "2026-03-03", "--until", "2026-03-02")


def test_a_lead_carries_a_click_id_in_its_mode_alone(home: Home) -> None:
    told = home.refused(5, "lead", "add", "--id", "L1", "--click-id", "abcdefgh12")
    assert "aggregate" in told
    assert home.json("lead", "list") == []
    home("brand", "set", "--visits", "click-id", "--legal-basis", BASIS)
    app = home.app()
    with app.store.write(app.brand.id) as scope:
        person = Judged(Judgement.PERSON, "browser", "1")
        visits.add_clicks(scope, [Click(datetime.now(UTC), app.brand.id, "abcdefgh12", "k7m2p9qrst", person)])
    home("lead", "add", "--id", "L0", "--click-id", "abcdefgh12")
    home("lead", "remove", "L0")
    home("lead", "add", "--id", "L1", "--mail", "ana@reader.example", "--click-id", "abcdefgh12")
    erased = home.json("person", "erase", "--mail", "ana@reader.example")
    assert erased["rows"] == 3  # the click, what the lead carries, the lead
    assert home.json("person", "erase", "--click-id", "abcdefgh12")["rows"] == 0


def test_whatever_command_starts_wipes_the_salt_of_a_day_that_is_over(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "salts"
    Salts(folder).of(datetime.now(UTC) - timedelta(days=1))
    assert len(list(folder.iterdir())) == 1
    home("brand", "list")
    assert list(folder.iterdir()) == []


def test_a_purge_tells_what_would_go(home: Home) -> None:
    app, at = home.app(), datetime.now(UTC) - timedelta(days=900)
    view = View(at, app.brand.id, "v", "/", "", "", "", "", "", "", "", Judged(Judgement.PERSON, "browser", "1"))
    with app.store.write(app.brand.id) as scope:
        visits.add(scope, [(Open("v", at, at, "", 1), view)])
    (would,) = home.json("purge", "--dry-run")["removed"]
    assert (would["what"], would["count"], would["account"]) == ("visits", 1, "readers")
    assert home.json("purge")["removed"] == [would]
    assert home.json("purge")["removed"] == []
    assert sum(one["visits"] for one in home.json("visit", "list")["visits"]) == 1


def test_the_endpoint_keeps_a_lead_whose_click_id_is_not_wanted(home: Home) -> None:
    from crosspost.web.events import EVENT, record

    app = home.app()
    body = {"id": "e1", "type": "lead", "at": "2026-03-02T09:00:00+00:00", "click_id": "abcdefgh12"}
    for mode in ("aggregate", "click-id"):
        home("brand", "set", "--visits", mode, "--legal-basis", BASIS)
        with app.store.write(app.brand.id) as scope:
            record(scope, EVENT.validate_json(json.dumps({**body, "id": mode})), datetime.now(UTC), None)
            assert visits.forget_click_ids(scope, ["abcdefgh12"]) == (mode == "click-id")
    assert len(home.json("lead", "list")) == 2
