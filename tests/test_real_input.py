"""The main job on real input: files in, tables and verdicts out, through the program itself."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.program import crosspost
from tests.rules import SHARED

pytestmark = pytest.mark.shared
DATA = SHARED / "data"


def audited(home: Path, *files: str, margins: tuple[str, ...] = ()) -> dict[str, Any]:
    assert crosspost("brand", "add", "Audited", home=home).returncode == 0
    brought = crosspost("import", *(str(DATA / name) for name in files), "--json", home=home)
    assert brought.returncode == 0, brought.stderr
    assert all(one["refused"] is None for one in json.loads(brought.stdout))
    asked = [part for margin in margins for part in ("--margin", margin)]
    result = crosspost("audit", *asked, "--json", home=home)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def table(audit: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = next(one["rows"] for one in audit["tables"] if one["name"] == name)
    return rows


def verdicts(audit: dict[str, Any]) -> dict[float, str]:
    return {one["claim"]["margin"]: one["verdict"] for one in audit["findings"] if one["claim"]["audit"] == "A1"}


def test_olist_gives_the_expected_table_and_verdicts(tmp_path: Path) -> None:
    folder = "olist-marketing-funnel"
    audit = audited(tmp_path, f"{folder}/deals.csv", f"{folder}/leads.csv", margins=("5%", "10%"))
    assert verdicts(audit) == {0.05: "refuted", 0.1: "inconclusive"}
    ours = {row["channel"]: row for row in table(audit, "conversion")}
    with (DATA / folder / "expected_conversion_by_origin.csv").open(encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    assert {row["origin"] for row in expected} == set(ours)
    for row in expected:
        for name, value in row.items():
            if name != "origin":
                assert ours[row["origin"]][name] == pytest.approx(float(value), abs=1e-8), (row["origin"], name)


def test_facebook_gives_the_expected_correlations_and_not_enough_data(tmp_path: Path) -> None:
    audit = audited(tmp_path, "facebook-metrics/posts.csv")
    assert set(verdicts(audit).values()) == {"not enough data"}
    assert all(finding["missing"] for finding in audit["findings"])
    found = {}
    for row in table(audit, "spearman"):
        found[frozenset((row["left"], row["right"]))] = row["rho"]
    with (DATA / "facebook-metrics" / "expected_spearman.csv").open(encoding="utf-8") as file:
        expected = list(csv.reader(file))
    ours = {"page_total_likes": "followers", "shares": "reposts", "comments": "replies"}
    names = [ours.get(name, name) for name in expected[0][1:]]
    pairs = 0
    for one, *values in expected[1:]:
        for other, value in zip(names, values, strict=True):
            mine = ours.get(one, one)
            if mine != other:
                assert found[frozenset((mine, other))] == pytest.approx(float(value), abs=1e-9)
                pairs += 1
    assert pairs == 72


def test_the_freelancers_ledger_supports_what_it_can(tmp_path: Path) -> None:
    folder = "freelancer-ledger-synthetic"
    audit = audited(tmp_path, *(f"{folder}/{name}.csv" for name in ("leads", "effort", "followers")))
    by_key = {one["claim"]["key"]: one for one in audit["findings"] if one["claim"]["audit"] == "A1"}
    expected = json.loads((DATA / folder / "expected.json").read_text("utf-8"))
    assert by_key["clients_under_10"]["n"] == expected["clients"]
    assert by_key["clients_under_10"]["estimate"]["high"] == pytest.approx(
        expected["clients_last_touch_social"]["clopper95"][1], abs=1e-8
    )
    assert by_key["doors_under_10"]["estimate"]["numerator"] == expected["clients_any_touch_social"]["successes"]
