"""twitter-text's own conformance vectors: all of them where the reference folder is, an excerpt everywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from crosspost.domain.addresses import INVALID, twitter_addresses
from crosspost.domain.counting import weighted_length

SHARED = Path(__file__).parents[2] / "shared" / "specs" / "twitter-text"
EXCERPT = Path(__file__).parent / "data" / "twitter-text-excerpt.yml"

# twitter-text runs this suite with its configuration 2, before emoji sequences counted as one.
BY_PIECE = "WeightedTweetsCounterTest"
COUNTERS = {BY_PIECE: 20, "WeightedTweetsWithDiscountedEmojiCounterTest": 22, "UnicodeDirectionalMarkerCounterTest": 2}

# Valid where an address stands for itself, but not found in a text: a login, plain numbers, a "+" at the end.
NOT_FOUND_IN_TEXT = {
    "Valid url: port and userinfo",
    "Valid url: ipv4",
    "Valid url: ipv6",
    "Valid url: sub delims and question marks",
}


@cache
def suites(path: Path) -> dict[str, list[dict[str, Any]]]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    found: dict[str, list[dict[str, Any]]] = loaded.get("tests", loaded)
    return found


def found_in(text: str) -> list[str]:
    return [text[start:end] for start, end in twitter_addresses(text)]


def judge(suite: str, vector: dict[str, Any]) -> None:
    text, expected = vector["text"], vector["expected"]
    length = weighted_length(text, 23, whole_emoji=suite != BY_PIECE)
    assert length == expected["weightedLength"], vector["description"]
    assert (0 < length <= 280 and not INVALID.search(text)) is expected["valid"], vector["description"]


@pytest.mark.parametrize("suite", [suite for suite in COUNTERS if suite != BY_PIECE])
def test_lengths_in_the_excerpt(suite: str) -> None:
    assert suites(EXCERPT)[suite]
    for vector in suites(EXCERPT)[suite]:
        judge(suite, vector)


@pytest.mark.parametrize("suite", ["urls", "urls_with_directional_markers", "tco_urls_with_params"])
def test_addresses_in_the_excerpt(suite: str) -> None:
    assert suites(EXCERPT)[suite]
    for vector in suites(EXCERPT)[suite]:
        assert found_in(vector["text"]) == vector["expected"], vector["description"]


@pytest.mark.shared
@pytest.mark.parametrize(("suite", "count"), COUNTERS.items())
def test_every_length(suite: str, count: int) -> None:
    rows = suites(SHARED / "validate.yml")[suite]
    assert len(rows) == count
    for vector in rows:
        judge(suite, vector)


@pytest.mark.shared
@pytest.mark.parametrize("suite", ["urls", "urls_without_protocol"])
def test_a_valid_address_is_found_whole_and_an_invalid_one_is_not(suite: str) -> None:
    for vector in suites(SHARED / "validate.yml")[suite]:
        whole = found_in(vector["text"]) == [vector["text"]]
        expected = vector["expected"] and vector["description"] not in NOT_FOUND_IN_TEXT
        assert whole is expected, vector["description"]


@pytest.mark.shared
@pytest.mark.parametrize(("suite", "count"), [("country", 315), ("generic", 1259)])
def test_every_top_level_domain_makes_an_address(suite: str, count: int) -> None:
    rows = suites(SHARED / "tlds.yml")[suite]
    assert len(rows) == count
    for vector in rows:
        assert found_in(vector["text"]) == vector["expected"], vector["description"]
