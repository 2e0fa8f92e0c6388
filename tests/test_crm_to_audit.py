"""One invented freelancer's exports, through the program: who became a client by which channel, and who returned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.imports.reading import FIXTURES
from tests.imports.test_crm_recognition import OURS
from tests.program import crosspost

STORY = ("hubspot-contacts_en.csv", "stripe-payments_en.csv", "calendly-events_en.csv")
VISITS = """# Traffic acquisition: Session primary channel group (Default Channel Group)
# Start date: 20260101
# End date: 20260131
Session primary channel group (Default Channel Group),Sessions,Engaged sessions
Organic Social,520,260
Direct,700,301
"""


def imported(home: Path, *names: str) -> list[dict[str, Any]]:
    assert crosspost("brand", "add", "Noria", home=home).returncode == 0
    done = crosspost("import", *(str(FIXTURES / name) for name in names), "--json", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def audited(home: Path) -> dict[str, list[dict[str, Any]]]:
    done = crosspost("audit", "--json", home=home)
    assert done.returncode == 0, done.stderr
    return {one["name"]: one["rows"] for one in json.loads(done.stdout)["tables"]}


def test_contacts_payments_and_bookings_give_clients_by_channel(tmp_path: Path) -> None:
    visits = tmp_path / "visits.csv"
    visits.write_text(VISITS)
    told = imported(tmp_path, *STORY, str(visits))
    assert [(one["kind"], one["rows"], one["refused"]) for one in told] == [
        ("hubspot-contacts", 9, None), ("stripe-payments", 9, None), ("calendly-events", 5, None), ("ga4", 2, None)
    ]  # fmt: skip
    tables = audited(tmp_path)
    leads = {row["channel"]: (row["leads"], row["deals"]) for row in tables["conversion"]}
    assert leads == {
        "linkedin": (3, 2),  # two contacts and a payment by a tagged link; one contact is in the file twice
        "search": (1, 1),
        "paid_search": (1, 1),
        "referral": (1, 0),
        "(blank)": (3, 1),  # nobody knows, a note aside; one of them said that a friend had recommended it
        "(all)": (9, 5),
    }
    [new] = [row for row in tables["shares"] if (row["basis"], row["who"]) == ("last touch", "new clients")]
    assert (new["networks"], new["unknown"]) == (2, 2)
    money = {(row["channel"], row["currency"]): row["revenue"] for row in tables["revenue"]}
    assert money == {
        ("linkedin", "USD"): "120.00",
        ("linkedin", "JPY"): "1500",
        ("recurrence", "USD"): "120.00",  # the second month of a subscription
        ("search", "EUR"): "350.00",  # 500, of which 150 were given back
        ("paid_search", "EUR"): None,
        ("(blank)", "EUR"): "330.00",
        ("(all)", "EUR"): "680.00",
        ("(all)", "USD"): "240.00",
        ("(all)", "JPY"): "1500",
    }


def test_every_file_goes_in(tmp_path: Path) -> None:
    told = imported(tmp_path, *OURS)
    assert {Path(one["file"]).name: one["kind"] for one in told} == {name: name.partition("_")[0] for name in OURS}
    assert all(one["rows"] for one in told)
    assert [one["kind"] for one in told if not one["added"]] == ["stripe-customers"]  # known by their payments
