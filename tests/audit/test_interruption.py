"""A10: gaps at an interruption, with placebos; references, made series and worlds where nothing happened."""

from __future__ import annotations

import csv
import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosspost.audit.observation.interruption import Told, _mix, compare, judge
from crosspost.audit.results import Claim, Verdict
from crosspost.cli.root import run
from crosspost.commands.interruption import interruption
from crosspost.domain.errors import BadInput
from tests.audit.ledgers import DATA
from tests.audit.test_words import RESERVED, texts


def world(rng: np.random.Generator, change: float = 0.0, moments: int = 60, controls: int = 6) -> tuple[Any, Any]:
    """One common, autocorrelated way and each its own noise; the treated one changes at the moment 48."""
    common = np.zeros(moments)
    noise = rng.normal(size=(controls + 1, moments))
    for step in range(1, moments):
        common[step] = 0.8 * common[step - 1] + rng.normal()
        noise[:, step] += 0.4 * noise[:, step - 1]
    series = 50 + 3 * common + noise
    series[0, 48:] += change
    return series[:1], series[1:]


def test_the_mix_is_the_best_of_all_on_a_grid() -> None:
    rng = np.random.default_rng(3)
    apart = rng.normal(size=(30, 3)) + 0.5
    weights = _mix(apart)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0
    best = float(((apart @ weights) ** 2).sum())
    for a, b in product(np.linspace(0, 1, 41), repeat=2):
        if a + b <= 1:
            assert best <= float(((apart @ np.array([a, b, 1 - a - b])) ** 2).sum()) + 1e-9


def test_worlds_where_nothing_happened_seldom_support() -> None:
    """200 worlds; 5 % are 10, give or take 3 standard errors of 3.1."""
    rng = np.random.default_rng(11)
    found = [judge(compare(*world(rng), 48), 48, None).verdict for _ in range(200)]
    assert found.count(Verdict.SUPPORTED) <= 19
    assert found.count(Verdict.REFUTED) == 0


def test_a_change_is_seen_and_its_size_is_covered() -> None:
    rng = np.random.default_rng(12)
    covered = supported = 0
    for _ in range(60):
        gap = compare(*world(rng, change=6.0), 48)
        supported += judge(gap, 48, None).verdict is Verdict.SUPPORTED
        covered += gap.series.low <= 6 <= gap.series.high
    assert covered >= 54
    assert supported >= 45


def test_with_a_margin_no_change_can_be_refuted() -> None:
    found = compare(*world(np.random.default_rng(13)), 48)
    assert judge(found, 48, 0.2).verdict is Verdict.REFUTED
    assert judge(found, 48, None).verdict is Verdict.INCONCLUSIVE


def test_too_little_before_or_too_few_placebos_say_what_is_missing() -> None:
    treated, controls = world(np.random.default_rng(14), change=50)
    short = judge(compare(treated[:, 30:], controls[:, 30:], 18), 18, None)
    assert (short.verdict, short.n, short.planned) == (Verdict.NOT_ENOUGH_DATA, 18, 20)
    assert "2 more days, weeks or months" in (short.missing or "")
    long_after = judge(compare(treated, controls[:1], 24), 24, None)
    assert "placebos, 3 are needed" in (long_after.missing or "")


def test_units_and_order_change_nothing() -> None:
    treated, controls = world(np.random.default_rng(15), change=4)
    one = compare(treated, controls, 48).chosen
    other = compare(1000 * treated, 1000 * controls[::-1], 48).chosen
    assert other.mean == pytest.approx(1000 * one.mean, rel=1e-6)
    assert (other.p_time, other.p_space) == (one.p_time, one.p_space)
    assert other.weights[::-1] == pytest.approx(one.weights, abs=1e-6)


def written(path: Path, columns: dict[str, list[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def columns(change: float = 6.0) -> dict[str, list[object]]:
    treated, controls = world(np.random.default_rng(16), change=change)
    days: list[object] = [f"2025-{1 + index // 28:02d}-{1 + index % 28:02d}" for index in range(60)]
    return {"day": days, "site": list(treated[0]), **{f"c{i}": list(row) for i, row in enumerate(controls)}}


def test_a_column_each_and_a_row_each_are_the_same(tmp_path: Path) -> None:
    wide = columns()
    first = interruption(written(tmp_path / "wide.csv", wide), ["site"], "2025-02-21").as_dict()
    rows = [
        (name, day, value) for name in wide if name != "day" for day, value in zip(wide["day"], wide[name], strict=True)
    ]
    np.random.default_rng(1).shuffle(rows)
    long = written(
        tmp_path / "long.csv", {"unit": [r[0] for r in rows], "when": [r[1] for r in rows], "n": [r[2] for r in rows]}
    )
    second = interruption(long, ["site"], "2025-02-21", time="when", unit="unit", value="n").as_dict()
    assert second == first
    assert (first["before"], first["after"], first["controls"]) == (48, 12, 6)


def test_the_command_prints_estimate_interval_and_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "series.csv", columns())
    assert run(["interruption", str(path), "--treated", "site", "--from", "2025-02-21", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["interval"][0] < told["estimate"] < told["interval"][1]
    assert told["verdict"] in {"supported", "inconclusive"}
    assert not [text for text in texts(told) if RESERVED.search(text)]
    assert run(["interruption", str(path), "--treated", "site", "--from", "2025-02-21"]) == 0
    shown = capsys.readouterr().out
    assert "Nobody drew lots" in shown
    assert not RESERVED.search(shown)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"treated": ["nobody"]}, "no series is called 'nobody'"),
        ({"site": ""}, {}, "a blank is not zero"),
        ({"site": "many"}, {}, "site"),
        ({"day": "31/12/2025"}, {}, "is no date such as"),
        ({"day": "2025-01-01"}, {}, "there twice"),
        ({}, {"start": "2024-01-01"}, "nothing lies before"),
        ({}, {"start": "last week"}, "is no date such as"),
        ({}, {"controls": ["site"]}, "its own control"),
        ({}, {"unit": "site"}, "--unit, --value and --time"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_remedy(
    tmp_path: Path, change: dict[str, str], arguments: dict[str, Any], message: str
) -> None:
    made = columns()
    for name, text in change.items():
        made[name][7] = text
    given = {"treated": ["site"], "start": "2025-02-21", **arguments}
    with pytest.raises(BadInput) as refused:
        interruption(written(tmp_path / "bad.csv", made), **given)
    assert message in str(refused.value)
    assert refused.value.remedy


def test_a_control_with_a_blank_is_left_out_and_said(tmp_path: Path) -> None:
    made = columns()
    made["c3"][7] = ""
    found = interruption(written(tmp_path / "blank.csv", made), ["site"], "2025-02-21")
    assert len(found.controls) == 5
    assert found.left_out == ("c3: 1 moments are blank or no number",)


@pytest.mark.shared
def test_geolifts_documented_answer() -> None:
    want = json.loads((DATA / "geolift-sample" / "expected.json").read_text("utf-8"))
    found = interruption(
        DATA / "geolift-sample" / "geolift_test.csv", ["chicago", "portland"], "2021-04-01", unit="location", value="Y"
    ).as_dict()
    assert found["estimate"] == pytest.approx(
        want["recomputed_simplex_synthetic_control"]["fixed_effects"]["ATT"], abs=0.01
    )
    assert found["percent"] == pytest.approx(5.423, abs=0.001)
    assert found["total"] == pytest.approx(4666.67, abs=0.01)
    design = found["designs"]["synthetic_control"]
    assert design["p_space"] == pytest.approx(8 / 39, abs=1e-9)
    assert design["pre_rmse"] == pytest.approx(95.86850966801887, rel=1e-6)
    assert found["verdict"] == "inconclusive"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "treated", "start", "mean", "sd"),
    [
        ("arma", "y", "70", 0.89, 0.3),
        ("google", "y", "2020-03-02", 27.0, 4.5),
        ("comparison", "CHANGED", "2019-07-15", -657.0, 736.0),
    ],
)
def test_causal_impacts_means_within_half_a_standard_deviation(
    name: str, treated: str, start: str, mean: float, sd: float
) -> None:
    path = DATA / "causalimpact-samples" / f"{name}_data.csv"
    found = interruption(path, [treated], start, until="2020-04-01" if name == "google" else None)
    assert abs(found.as_dict()["estimate"] - mean) <= sd / 2
    if name == "comparison":
        assert found.finding.verdict is Verdict.INCONCLUSIVE
        assert "onsistent" not in found.finding.sentence
    else:
        assert "The data are consistent with a change at that time" in found.finding.sentence


@pytest.mark.parametrize("shared", [True, False])
def test_a_season_is_no_change_where_a_control_shares_it_or_a_whole_year_tells_it(shared: bool) -> None:
    """Least squares on ten noisy visits a week hold half of a season: they supported a change in a fifth of worlds, and
    a trend alone in a third. 5 % of 100 are 5, give or take 2.2."""
    rng, weeks = np.random.default_rng(5), np.arange(64) - 52
    supported = covered = 0
    for _ in range(100):
        season = 0.3 * np.sin(2 * np.pi * (weeks + rng.uniform(0, 52)) / 52)
        leads, elsewhere = (rng.poisson(base * np.exp(0.005 * weeks + season)) for base in (20, 10))
        rows = np.log(np.array([leads, elsewhere]) + 0.5)
        found = compare(rows[:1], rows[1:] if shared else rows[1:1], 52, trend=True, season=52.18)
        told = Told(Claim("k", "t", 0.2, audit="A10", unit="share"), logarithms=True)
        supported += judge(found, 52, 0.2, None, told).verdict is Verdict.SUPPORTED
        covered += found.series.low <= 0 <= found.series.high
    assert supported <= 11
    assert covered >= 89


def test_what_is_foretold_beside_a_control_is_told_in_the_series_own_scale() -> None:
    controls = np.sin(np.arange(30.0))[None]
    found = compare(controls + 5 + 0.1 * np.arange(30.0), controls, 24, trend=True)
    assert found.series.mean == pytest.approx(0, abs=1e-9)
    assert found.series.foretold == pytest.approx(controls[0] + 5 + 0.1 * np.arange(30.0))
