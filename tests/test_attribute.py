"""`crosspost attribute` on files as other people write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crosspost.cli.attribute import attribute
from crosspost.domain.errors import BadInput

MODELS = {"first", "last", "linear", "position", "time_decay", "markov_1", "markov_2", "markov_3", "shapley_sum",
          "shapley_rate"}  # fmt: skip
PLAIN = """path,total_conversions,total_conversion_value,total_null
search > email,2,3.00,1
email,1,0.50,3
search,0,0,2
search > social > search,1,2.00,0
"""


def credit(folder: Path, text: str | bytes, *options: str) -> dict[str, Any]:
    file = folder / "paths.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = CliRunner().invoke(attribute, [str(file), "--json", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


def refused(folder: Path, text: str, *options: str) -> str:
    with pytest.raises(BadInput) as error:
        credit(folder, text, *options)
    return str(error.value)


def test_every_model_stands_beside_the_others(tmp_path: Path) -> None:
    found = credit(tmp_path, PLAIN)
    assert set(found["models"]) == MODELS
    assert set(found["removal_effects"]) == {"1", "2", "3"}
    assert found["models"]["last"] == {"email": 3.0, "search": 1.0, "social": 0.0}
    assert found["removal_effects"]["1"]["search"] == pytest.approx(4 / 7, abs=1e-11)
    assert found["p_conversion"] == {"1": 0.4, "2": 0.4, "3": 0.4}
    assert found["value"]["models"]["last"] == {"email": 3.5, "search": 2.0, "social": 0.0}
    for figures in found["models"].values():
        assert sum(figures.values()) == pytest.approx(4, rel=1e-10)
    assert found["band"]["social"][0] == min(figures["social"] for figures in found["models"].values())


@pytest.mark.parametrize(
    "written",
    [
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace(",", ";").replace("\n", "\r\n").encode(),
        PLAIN.replace("3.00", "3,00").replace("0.50", "0,50").replace("2.00", "2,00").replace(",total", ";total")
        .replace("email,", "email;").replace("search,", "search;").replace("2,3,00,1", "2;3,00;1")
        .replace("1,0,50,3", "1;0,50;3").replace("0,0,2", "0;0;2").replace("1,2,00,0", "1;2,00;0").encode(),
        PLAIN.replace("search > email,2,3.00,1", "search > email,1,1.25,1\nsearch > email,1.0,1.75,0").encode(),
        PLAIN.replace("search > email", '"search > email"').replace(" > ", ">").encode(),
    ],
    ids=["a mark at the beginning", "semicolons and CRLF", "decimal commas", "split rows", "quotes, no spaces"],
)  # fmt: skip
def test_the_same_paths_written_otherwise_are_the_same(tmp_path: Path, written: bytes) -> None:
    assert credit(tmp_path, written) == credit(tmp_path, PLAIN)


def test_thousands_are_told_from_decimals_by_the_column(tmp_path: Path) -> None:
    found = credit(tmp_path, "path;conversions;value\na;1;1.234,50\nb;1;1.234\n")
    assert found["value"]["total"] == 2468.5


def test_a_file_without_nulls_or_values_says_what_that_means(tmp_path: Path) -> None:
    found = credit(tmp_path, "path,total_conversions\na > b,2\nb,1\n")
    assert found["value"] is None
    assert found["p_conversion"]["1"] == 1.0
    assert len(found["notes"]) == 2


def test_a_blank_value_is_unknown_and_told(tmp_path: Path) -> None:
    found = credit(tmp_path, "path,total_conversions,total_conversion_value,total_null\na,2,,1\nb,1,5,0\n")
    assert found["value"]["models"]["last"] == {"a": 0.0, "b": 5.0}
    assert any(note.startswith("1 converting rows have no value") for note in found["notes"])


def test_nothing_converted_is_no_credit_and_no_removal_effect(tmp_path: Path) -> None:
    found = credit(tmp_path, "path,total_conversions,total_null\na > b,0,4\n")
    assert found["removal_effects"]["1"] == {"a": None, "b": None}
    assert {value for figures in found["models"].values() for value in figures.values()} == {0.0}


def test_names_keep_their_commas_quotes_and_letters(tmp_path: Path) -> None:
    found = credit(tmp_path, 'path,total_conversions,total_null\n"Réseau, ""x"" > 邮件",1,1\n')
    assert found["models"]["first"] == {'Réseau, "x"': 1.0, "邮件": 0.0}


def test_parts_of_conversions_are_shared_out_too(tmp_path: Path) -> None:
    found = credit(tmp_path, "path,total_conversions,total_null\na > b,0.5,1.5\nb,1,0\n", "--resamples", "10")
    assert found["models"]["last"] == {"a": 0.0, "b": 1.5}
    assert found["best_order"] is None
    assert found["intervals"] is None


def test_resamples_give_intervals_that_hold_what_was_seen(tmp_path: Path) -> None:
    found = credit(tmp_path, PLAIN.replace(",2,", ",20,").replace(",1,", ",10,"), "--resamples", "200")
    low, high = found["intervals"]["markov_1"]["search"]
    assert low < found["models"]["markov_1"]["search"] < high


def test_above_twenty_channels_the_rate_game_names_the_rest(tmp_path: Path) -> None:
    lines = "".join(f"c{number},{number + 1},{number}\n" for number in range(30))
    found = credit(tmp_path, f"path,total_conversions,total_null\n{lines}")
    assert len(found["models"]["shapley_rate"]) == 20
    assert "other" in found["models"]["shapley_rate"]
    assert len(found["models"]["shapley_sum"]) == 30
    assert any("at most 20 play" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a > b,x,1", "paths.csv:2: total_conversions 'x' is not a number"),
        ("a > b,-1,1", "paths.csv:2: total_conversions is below zero"),
        ("a > b,,1", "paths.csv:2: total_conversions is blank, which is not zero"),
        ("a > b,1,", "paths.csv:2: total_null is blank, which is not zero"),
        ("a >  > b,1,1", "paths.csv:2: path 'a >  > b' has a touch without a name"),
    ],
)
def test_a_row_that_cannot_be_counted_is_named_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    assert said in refused(tmp_path, f"path,total_conversions,total_null\n{row}\n")


@pytest.mark.parametrize("text", ["", "path,total_conversions\n", "channel,clicks\nx,2\n"])
def test_a_file_without_paths_is_refused(tmp_path: Path, text: str) -> None:
    assert "paths.csv" in refused(tmp_path, text)


def test_a_half_life_of_nothing_is_refused(tmp_path: Path) -> None:
    assert "half-life" in refused(tmp_path, PLAIN, "--half-life", "0")


def test_people_get_a_table(tmp_path: Path) -> None:
    file = tmp_path / "paths.csv"
    file.write_text(PLAIN, encoding="utf-8")
    done = CliRunner().invoke(attribute, [str(file)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "markov_1" in done.output
    assert "who is first" in done.output
