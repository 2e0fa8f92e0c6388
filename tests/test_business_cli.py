"""Leads, clients and deals as their owner uses them, and every way of telling side by side."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosspost.commands.keys import live_secrets
from crosspost.store import business
from crosspost.web.events import EVENT, record
from tests.home import Home
from tests.store.test_deal_changes import money


def test_a_lead_from_the_first_question_to_the_refund(home: Home) -> None:
    home("lead", "add", "--id", "L1", "--at", "2026-01-05", "--channel", "linkedin", "--told", "un ami, puis Google")
    home("lead", "touch", "L1", "meetup", "--at", "2026-01-02")
    home("lead", "touch", "L1", "introduction", "--at", "2026-01-03", "--note", "par Paul")
    home("lead", "stage", "L1", "talking", "--at", "2026-01-08")
    home("lead", "stage", "L1", "offered", "--at", "2026-01-10", "--amount", "900")
    lost = home("lead", "lost", "L1", "--at", "2026-01-20", "--why", "le prix", "--to", "Atelier Bois")
    assert lost == "loss recorded: L1\n"
    assert "L1 stands at offered" in home("lead", "stage", "L1", "offered", "--at", "2026-02-01", "--amount", "800")
    assert home.json("lead", "list")[0]["stage"] == "offered"
    assert home.json("lead", "stage", "L1", "offered", "--at", "2026-02-01", "--amount", "850")["status"] == "differs"
    home("lead", "stage", "L1", "offered", "--at", "2026-02-02", "--amount", "850", "--correct")
    home("lead", "stage", "L1", "won", "--at", "2026-02-09")
    shown = home.json("lead", "show", "L1")
    assert (shown["stage"], shown["told_channel"], shown["lost_reason"]) == ("won", "several", None)
    assert [one["channel"] for one in shown["path"]] == ["meetup", "introduction"]
    assert [(one["stage"], one["amount"], one["reason"], one["corrected"]) for one in shown["stages"]] == [
        ("talking", None, None, False), ("offered", "900.00 EUR", None, False), ("lost", None, "le prix", False),
        ("offered", "800.00 EUR", None, True), ("offered", "850.00 EUR", None, False),
    ]  # fmt: skip
    assert "Atelier Bois" in home("lead", "show", "L1")
    assert home.json("lead", "path", "L1", "2", "1")[0]["channel"] == "introduction"
    assert [one["channel"] for one in home.json("lead", "path", "L1", "2")] == ["meetup"], "a step not named goes"
    assert "no step 7" in home.refused(3, "lead", "path", "L1", "7")
    assert "twice" in home.refused(2, "lead", "path", "L1", "1", "1")
    home("deal", "change", "L1", "--amount", "850", "--margin", "500", "--at", "2026-03-01")
    home("deal", "refund", "L1", "50", "--why", "une erreur")
    assert home.json("deal", "list")[0] | {"won": None} == {
        "deal": "L1", "won": None, "amount": "800.00 EUR", "margin": None, "lead": "L1", "returning": "no",
    }  # fmt: skip
    assert [(one["change"], one["before"], one["after"]) for one in home.json("deal", "list", "--history")] == [
        ("told", None, "850.00 EUR"), ("refund", "850.00 EUR", "800.00 EUR"),
    ]  # fmt: skip
    assert "won already" in home.refused(4, "lead", "stage", "L1", "won", "--amount", "5")
    assert home.json("lead", "stage", "L1", "won")["status"] == "known"
    stages = {row["channel"]: row for row in _table(home, "stages")}
    assert (stages["(all)"]["talking"], stages["(all)"]["offered"], stages["(all)"]["offers_won"]) == (1, 1, 1.0)


def test_the_page_about_clients_runs_as_it_is_written(home: Home) -> None:
    page = (Path(__file__).parents[1] / "docs" / "clients.md").read_text("utf-8")
    lines = re.findall("^crosspost .*", page, re.MULTILINE)
    assert len(lines) > 15
    for line in lines:
        home(*shlex.split(line, comments=True)[1:])
    shown = home.json("client", "show", "Ana Roux")
    assert (shown["revenue"], [one["stage"] for one in shown["leads"]]) == ({"EUR": "1000.00"}, ["won"])
    assert [one["channel"] for one in shown["leads"][0]["path"]] == ["meetup", "call"]


def test_a_client_without_a_name_takes_the_one_that_a_later_deal_tells(home: Home) -> None:
    home("deal", "add", "--id", "D1", "--mail", "ana@example.org")
    home("deal", "add", "--id", "D2", "--mail", "ana@example.org", "--client", "Ana")
    assert len(home.json("client", "show", "Ana")["deals"]) == 2
    home("deal", "add", "--id", "D3", "--at", "2026-01-02")
    again = home.json("deal", "add", "--id", "D3", "--at", "2026-01-02", "--client", "Zoé")
    assert (again["status"], again["differs"]) == ("updated", ["client"])


def test_an_id_that_was_made_is_the_one_that_is_shown(home: Home) -> None:
    lead = home.json("lead", "add")["id"]
    deal = home.json("deal", "add", "--lead", lead, "--amount", "10")["id"]
    home("deal", "change", deal, "--amount", "12")
    assert home.json("lead", "show", lead)["deals"] == [deal]
    assert "blank" in home.refused(2, "lead", "add", "--id", " ")
    assert "identifier" in home.refused(2, "lead", "add", "--mail", "")


def _table(home: Home, name: str) -> list[dict[str, object]]:
    audit = home.json("audit")
    [table] = [one for one in audit["tables"] if one["name"] == name]
    rows: list[dict[str, object]] = table["rows"]
    return rows


def test_who_sent_whom_is_followed_and_a_ring_ends(home: Home) -> None:
    home("lead", "add", "--id", "L1", "--mail", "paul@example.org", "--referrer", "Zoé")
    home("deal", "add", "--id", "D1", "--lead", "L1", "--client", "Paul", "--amount", "100")
    home("lead", "add", "--id", "L2", "--referrer", "paul")
    home("deal", "add", "--id", "D2", "--lead", "L2", "--client", "Maison Durand", "--amount", "50")
    home("deal", "add", "--id", "D3", "--lead", "L2", "--amount", "70", "--currency", "USD", "--client", "another")
    home("lead", "add", "--id", "L3", "--referrer", "lead:L2")
    home("lead", "add", "--id", "L4", "--referrer", "Paul@Example.org")
    assert home.json("lead", "show", "L3")["referrers"] == ["Maison Durand", "Paul", "Zoé"]
    assert home.json("lead", "show", "L4")["referrers"] == ["Paul", "Zoé"]
    shown = home.json("client", "show", "maison durand")
    assert (shown["revenue"], shown["sent"], shown["deals_without_amount"]) == (
        {"EUR": "50.00", "USD": "70.00"}, ["L3"], 0,
    )  # fmt: skip
    assert [one["returning"] for one in shown["deals"]] == [False, True]
    assert home.json("client", "show", "Paul")["sent"] == ["L2", "L4"]
    assert "revenue: 50.00 EUR, 70.00 USD" in home("client", "show", "Maison Durand")
    home("lead", "add", "--id", "R1", "--mail", "r@example.org", "--referrer", "s@example.org")
    home("lead", "add", "--id", "R2", "--mail", "s@example.org", "--referrer", "r@example.org")
    assert len(home.json("lead", "show", "R1")["referrers"]) == 2
    assert "nobody" in home.refused(3, "lead", "add", "--referrer", "client:nobody")
    assert "no lead" in home.refused(3, "lead", "add", "--referrer", "lead:L99")


def test_two_clients_of_one_name_are_told_apart_and_merged(home: Home) -> None:
    first = home.json("client", "add", "--name", "Ana", "--mail", "ana@example.org", "--since", "2025-01-01")["id"]
    second = home.json("client", "add", "--name", "ana", "--mail", "ana@work.example", "--since", "2024-01-01")["id"]
    assert "2 clients are called" in home.refused(3, "client", "show", "Ana")
    assert home.json("client", "merge", first, second) == {"client": first}
    assert [one["client"] for one in home.json("client", "list")] == [first]
    assert home.json("client", "show", "Ana")["since"].startswith("2023-12-31T23:00")
    home("deal", "add", "--id", "D1", "--mail", "ana@work.example")
    assert home.json("client", "show", "Ana")["deals"][0]["returning"] is True
    assert "one client already" in home.refused(2, "client", "merge", first, "Ana")


def test_wrong_entries_go_with_their_trail_and_come_back_by_hand(home: Home) -> None:
    home("lead", "add", "--id", "L1", "--told", "un test", "--step", "meetup")
    home("deal", "add", "--id", "D1", "--lead", "L1", "--client", "Personne")
    assert "deal D1 came of lead L1" in home.refused(4, "lead", "remove", "L1")
    home("deal", "remove", "D1", "--why", "un test")
    home("lead", "remove", "L1")
    assert (home.json("lead", "list"), home.json("deal", "list"), home.json("client", "list")) == ([], [], [])
    assert "no lead" in home.refused(3, "lead", "remove", "L1")
    assert "no lead" in home.refused(3, "deal", "add", "--lead", "L1", "--amount", "10"), "a sale is not dropped"
    app = home.app()
    with app.store.read(app.brand.id) as scope:
        trail = scope.connection.exec_driver_sql(
            f"SELECT what, detail FROM event WHERE brand_id = '{app.brand.id}' ORDER BY at, what"
        ).all()
    kept = {row.what: json.loads(row.detail) for row in trail}
    assert kept["deal removed"]["why"] == "un test"
    assert kept["lead removed"]["was"]["lead"]["told"] == "un test"
    assert kept["lead removed"]["was"]["touchpoint"][0]["channel"] == "meetup"
    assert kept["client removed"]["was"]["client"]["name"] == "Personne"
    assert home.json("lead", "add", "--id", "L1")["status"] == "recorded"


@pytest.mark.parametrize("second", ["cli", "webhook", "file"])
@pytest.mark.parametrize("first", ["cli", "webhook", "file"])
def test_a_returning_client_is_the_same_one_by_every_way(home: Home, first: str, second: str) -> None:
    """The later deal is told first by one way, the earlier one by another; the lead comes last."""

    def tell(way: str, name: str, day: str) -> None:
        if way == "cli":
            home("deal", "add", "--id", name, "--mail", "ANA@example.org ", "--at", day, "--amount", "10")
        elif way == "webhook":
            app = home.app()
            event = EVENT.validate_json(json.dumps({
                "id": name, "type": "deal", "at": f"{day}T10:00:00Z", "person": "ana@example.org", "amount": "10",
                "currency": "EUR",
            }))  # fmt: skip
            key = app.person_key(app.brand.id)
            with app.store.write(app.brand.id) as scope:
                record(scope, event, datetime.now(UTC), key)
        else:
            lead = f"lead-of-{name}"
            home("lead", "add", "--id", lead, "--at", day)
            file = home.folder / f"{name}.csv"
            file.write_text(f"lead,deal,won_date,amount,mail\n{lead},{name},{day},10,Ana@Example.org\n")
            home("import", str(file))

    tell(first, "late", "2026-03-01")
    tell(second, "early", "2026-01-01")
    home("lead", "add", "--id", "L0", "--at", "2025-12-20", "--mail", "ana@example.org", "--channel", "referral")
    assert {one["deal"]: one["returning"] for one in home.json("deal", "list")} == {"early": "no", "late": "yes"}
    assert len(home.json("client", "list")) == 1
    [row] = [row for row in _table(home, "shares") if (row["basis"], row["who"]) == ("last touch", "new clients")]
    assert row["clients"] == 1


def test_files_tell_stages_referrers_and_what_is_left(home: Home) -> None:
    file = home.folder / "leads.csv"
    file.write_text(
        "id lead;premier contact;canal;courriel;premier echange;devis le;montant du devis;perdu le;motif de perte;"
        "concurrent;recommande par;signe le;montant;marge\n"
        "A;2026-01-02;linkedin;canary-ana@example.org;2026-01-05;2026-01-08;1 200,00;2026-02-01;prix;Eux;"
        "canary-bob@example.org;;;\n"
        "B;2026-01-03;referral;;;2026-01-09;800;;;;canary Zoé;2026-02-02;750,00;500\n",
        "utf-8",
    )
    home("import", str(file))
    lost, won = home.json("lead", "show", "A"), home.json("lead", "show", "B")
    assert (lost["stage"], lost["lost_reason"], lost["competitor"]) == ("lost", "prix", "Eux")
    assert [one["amount"] for one in lost["stages"]] == [None, "1200.00 EUR", None]
    assert (lost["referrers"], won["referrers"]) == (["somebody known by their address"], ["(somebody)"])
    assert home.json("deal", "list")[0]["margin"] == "500.00 EUR"
    home.app().store.database.close()
    assert b"canary" not in (home.folder / "data" / "crosspost.db").read_bytes(), "names are kept where asked for"
    again = home.folder / "again.csv"
    again.write_text(file.read_text("utf-8").replace("500\n", "400\n"), "utf-8")
    assert "margin_minor" in home.json_of(2, "import", str(again))[0]["refused"]
    named = home.folder / "named.csv"
    named.write_text("lead,date,channel,referred by\nA,2026-01-02,linkedin,Bob\nB,2026-01-03,referral,Zoé\n", "utf-8")
    home("import", str(named), "--keep-names")
    assert home.json("lead", "show", "A")["referrers"] == ["somebody known by their address"], "known in another manner"
    hours = home.folder / "hours.csv"
    hours.write_text("semaine;canal;heures;frais\n2026-01-05;linkedin;;20\n2026-01-12;linkedin;2,5;\n", "utf-8")
    home("import", str(hours))
    assert [(one["hours"], one["fees"]) for one in home.json("effort", "list")["efforts"]] == [
        (None, "20.00 EUR"), ("2.5000", None),
    ]  # fmt: skip


def test_who_is_erased_is_in_no_name_note_answer_or_trail(home: Home, tmp_path: Path) -> None:
    """Every place where words are written of a person, in the database and in a backup."""
    home("client", "add", "--name", "Canary Lou", "--mail", "canary-lou@example.org", "--since", "2025-01-01")
    home("lead", "add", "--id", "L1", "--mail", "canary-lou@example.org", "--told", "canary a parlé de vous",
         "--referrer", "canary-max@example.org")  # fmt: skip
    home("lead", "touch", "L1", "call", "--note", "canary note")
    home("lead", "touch", "L1", "meetup")
    home("lead", "path", "L1", "2", "1")
    home("lead", "lost", "L1", "--why", "canary reason", "--to", "canary rival")
    home("deal", "add", "--id", "D2", "--mail", "canary-lou@example.org", "--amount", "20")
    home("deal", "change", "D2", "--amount", "30", "--why", "canary change")
    home("deal", "add", "--id", "D3", "--mail", "canary-lou@example.org", "--amount", "20")
    home("deal", "refund", "D3", "--why", "canary refund")
    home("deal", "remove", "D3", "--why", "canary again")
    home("lead", "add", "--id", "L2", "--referrer", "Canary Lou (une cliente)", "--told", "par Canary Lou")
    home("lead", "touch", "L2", "meetup", "--note", "présentée par Cánary-  LOU")
    home("lead", "add", "--id", "canary-lou@example.org")
    home("lead", "add", "--id", "L3", "--mail", "canary-lou@example.org", "--told", "canary removed")
    home("lead", "remove", "L3")
    home("lead", "add", "--id", "L4", "--told", "une autre personne", "--referrer", "Zoé")
    home("deal", "add", "--id", "D1", "--amount", "10")
    home("deal", "refund", "D1", "--why", "demandé par Canary Lou")
    home("interruption", "declare", "x", "--from", "2026-01-05", "--why", "brouille avec Canary Lou")
    home("backup", str(tmp_path / "backup.zip"))
    told = home.json("person", "erase", "--mail", "canary-lou@example.org", "--name", "Canary Lou")
    assert [one["done"] for one in told["files"]] == ["rewritten"]
    home.app().store.database.close()
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        archive.extract("database.sqlite", tmp_path / "seen")
    for path in (home.folder / "data" / "crosspost.db", tmp_path / "seen" / "database.sqlite"):
        data = path.read_bytes().lower()
        assert hashlib.sha256(b"canary-lou@example.org").hexdigest()[:16].encode() not in data, "anybody can try names"
        assert "cánary".encode() not in data
        assert b"canary" not in data, data[data.index(b"canary") - 60 :][:120]
        assert b"une autre personne" in data
    leads = {one["lead"]: one for one in home.json("lead", "list")}
    assert home.json("lead", "show", "L4")["referrers"] == ["Zoé"]
    assert leads["L1"]["stage"] == "lost"
    assert leads["L1"]["told"] is None or leads["L1"]["told"] != "several"
    assert home.json("lead", "show", "L2")["referrers"] == ["(somebody)"]
    assert "three letters" in home.refused(2, "person", "erase", "--name", "L")


def test_erasing_somebody_leaves_the_words_of_others(home: Home) -> None:
    home("client", "add", "--name", "Le", "--mail", "le@example.org")
    home("client", "add", "--name", "Ana", "--mail", "ana@example.org")
    home("lead", "add", "--id", "L1", "--told", "le moteur de recherche")
    home("lead", "add", "--id", "L2", "--told", "une banane d'un salon")
    home("lead", "add", "--id", "L3", "--told", "c’est Ana")
    home("lead", "touch", "L1", "call", "--note", "un mot\nd'Ana")
    home("lead", "path", "L1", "1")
    home("person", "erase", "--mail", "le@example.org", "--mail", "ana@example.org")
    assert [home.json("lead", "show", one)["told"] for one in ("L1", "L2", "L3")] == [
        "le moteur de recherche", "une banane d'un salon", None,
    ]  # fmt: skip
    assert [one["name"] for one in home.json("client", "list")] == [None, None]
    home.app().store.database.close()
    assert b"un mot" not in (home.folder / "data" / "crosspost.db").read_bytes()


def test_the_webhook_secret_turns_over_without_a_gap(home: Home) -> None:
    first = home.json("webhook", "secret")
    assert first["path"] == "/v1/brands/atelier/events"
    assert home.json("webhook", "secret") == first
    second = home.json("webhook", "rotate")["secret"]
    app = home.app()

    def live() -> list[str]:
        return [one.reveal() for one in live_secrets(app.store, app.vault, "atelier")]

    assert live() == [second, first["secret"]]
    assert "webhook retire" in home.refused(4, "webhook", "rotate")
    assert home.json("webhook", "retire") == {"retired": True}
    assert live() == [second]
    assert home.json("webhook", "retire") == {"retired": False}
    assert home("webhook", "secret") == f"{second}\n", "alone on standard output: it goes into a file"
    for language in ("python", "php", "javascript", "curl"):
        assert second not in home("webhook", "example", "--language", language)
    assert "rename the file" in home.refused(2, "webhook", "example", "--secret-file", 'a"b')
    assert stat.S_IMODE((home.folder / "data" / "crosspost.db").stat().st_mode) == 0o600


def test_money_has_its_currency_and_none_is_converted(home: Home) -> None:
    home("lead", "add", "--id", "L1")
    home("deal", "add", "--id", "D1", "--lead", "L1", "--amount", "1500", "--currency", "jpy")
    assert "decimals" in home.refused(2, "deal", "change", "D1", "--amount", "1500.5", "--currency", "JPY")
    assert "paid in JPY" in home.refused(2, "deal", "refund", "D1", "10")
    app = home.app()
    with app.store.read(app.brand.id) as scope:
        assert [one.deal.amount for one in business.deals(scope)] == [money("1500", "JPY")]
