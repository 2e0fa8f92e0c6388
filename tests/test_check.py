"""`crosspost check` as a function: lengths, limits and problems."""

from __future__ import annotations

import pytest

from crosspost.commands.check import check
from crosspost.domain.errors import BadInput, NotAllowed
from crosspost.domain.kind import Kind
from crosspost.networks import NETWORKS, network


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("x", [{"unit": "weighted characters", "length": 26, "max": 280}]),
        ("facebook", [{"unit": "utf-16 units", "length": 33, "max": 63206}]),
        ("mastodon", [{"unit": "characters", "length": 25, "max": 500}]),
        (
            "bluesky",
            [{"unit": "graphemes", "length": 32, "max": 300}, {"unit": "utf-8 bytes", "length": 35, "max": 3000}],
        ),
        (
            "instagram",
            [{"unit": "utf-16 units", "length": 33, "max": 2200}, {"unit": "hashtags", "length": 0, "max": 5}],
        ),
        (
            "threads",
            [{"unit": "threads characters", "length": 35, "max": 500}, {"unit": "unique links", "length": 1, "max": 5}],
        ),
        ("linkedin", [{"unit": "escaped utf-16 units", "length": 33, "max": 3000}]),
        ("pinterest", [{"unit": "utf-16 units", "length": 33, "max": 800}]),
        ("snapchat", [{"unit": "utf-16 units", "length": 33, "max": 160}]),
        ("meetup", [{"unit": "characters", "length": 32, "max": 2000}]),
    ],
)
def test_each_network_measures_in_its_own_units(name: str, limits: list[dict[str, object]]) -> None:
    found = check(name, "😀 https://exemple.fr/r/abcdefgh1", {}).as_dict()
    assert found == {"length": limits[0]["length"], "limits": limits, "problems": []}


def test_every_network_that_takes_posts_can_be_checked() -> None:
    for name in NETWORKS:
        if network(name).kind is Kind.CLOSED:
            with pytest.raises(NotAllowed, match="closed"):
                check(name, "Bonjour", {})
        else:
            assert check(name, "Bonjour", {}).problems == ()


def test_too_long_says_by_how_much() -> None:
    found = check("x", "€" * 141, {})
    assert found.length == 282
    assert found.problems == ("too long by 2: 282 weighted characters, at most 280",)
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    assert check("bluesky", family * 121, {}).problems == ("too long by 25: 3025 utf-8 bytes, at most 3000",)


def test_too_many_says_how_many() -> None:
    tags = " ".join(f"#tag{n}" for n in range(7))
    assert check("instagram", tags, {}).problems == ("2 too many: 7 hashtags, at most 5",)
    links = " ".join(f"https://exemple.fr/{n}" for n in range(6))
    assert check("threads", links, {}).problems == ("1 too many: 6 unique links, at most 5",)


def test_an_owner_s_limit_replaces_the_first() -> None:
    assert check("x", "a" * 25_000, {"text_limit": "25000"}).problems == ()
    assert check("mastodon", "a" * 501, {"text_limit": "5000"}).as_dict()["limits"][0]["max"] == 5000
    with pytest.raises(BadInput, match="text_limit"):
        check("x", "a", {"text_limit": "lots"})


def test_what_speaks_against_a_text() -> None:
    assert check("x", " \n", {}).problems == ("the text is empty",)
    assert check("x", "ab\ufffe", {}).problems == ("U+FFFE at character 3 is refused",)
    assert check("bluesky", "ab\ufffe", {}).problems == ()
    with pytest.raises(BadInput, match="no network is called"):
        check("nowhere", "a", {})


@pytest.mark.parametrize("char", ["\0", "\x07", "\r", "\ud800"])
def test_what_no_network_shows_is_refused_on_each(char: str) -> None:
    for name in ("mastodon", "snapchat", "x"):
        assert check(name, f"a{char}b", {}).problems == (f"U+{ord(char):04X} at character 2 is refused",)
    assert check("mastodon", "a\tb\nc", {}).problems == ()
