"""Lengths in each network's unit, from the rules as written."""

from __future__ import annotations

import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from crosspost.domain.addresses import http_addresses, twitter_addresses
from crosspost.domain.counting import fits, graphemes, measure, measure_all
from crosspost.domain.errors import BadInput
from crosspost.domain.limits import AtMost, overridden
from tests import four_limits

X, MASTODON = four_limits.X.text[0], four_limits.MASTODON.text[0]
GRAPHEMES, BYTES = four_limits.BLUESKY.text
UTF16 = four_limits.FACEBOOK.text[0]
THREADS = AtMost(500, "threads characters")
EVERY = (X, MASTODON, GRAPHEMES, BYTES, UTF16, THREADS, AtMost(5, "hashtags"), AtMost(5, "unique links"))

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
FRENCH_FLAG = "\U0001f1eb\U0001f1f7"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize("char", ["é", "e\u0301", "’", "‘", "“", "”", "–", "—", "«", "»", "œ", "\u00a0", "\u200d", "©"])
def test_light_on_x(char: str) -> None:
    assert measure(char, X) == 1


@pytest.mark.parametrize("char", ["…", "€", "•", "→", "™", "\u202f", "漢", "の", "한", "\ufe0f", "\u2028", "😀", "☺"])
def test_heavy_on_x(char: str) -> None:
    assert measure(char, X) == 2


@pytest.mark.parametrize(
    "sequence",
    [
        FAMILY,
        FRENCH_FLAG,
        ENGLAND,
        "1\ufe0f\u20e3",
        "#\u20e3",
        "©\ufe0f",
        "☺\ufe0f",
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",  # woman, medium skin, at a computer
        "\U0001f3f3\ufe0f\u200d\U0001f308",  # rainbow flag
        "\u2764\ufe0f\u200d\U0001f525",  # heart on fire
        "\U0001f9d1\U0001f3fb\u200d\u2764\ufe0f\u200d\U0001f48b\u200d\U0001f9d1\U0001f3ff",  # kiss, two tones
        "\U0001f3c3\u200d\u2640\ufe0f\u200d\u27a1\ufe0f",  # woman running to the right
        "\U0001f468\U0001f3fd\u200d\U0001f9b0",  # red hair
        "\U0001f43b\u200d\u2744\ufe0f",  # polar bear
    ],
)
def test_an_emoji_sequence_weighs_two(sequence: str) -> None:
    assert measure(sequence, X) == 2
    assert measure(f"a{sequence}{sequence}b", X) == 6
    assert measure(sequence, MASTODON) == measure(sequence, GRAPHEMES) == 1


def test_what_is_no_sequence_counts_by_piece() -> None:
    assert measure("\U0001f1e6\U0001f1e6", X) == 4  # no such flag
    assert measure("\U0001f431\u200d\U0001f409", X) == 5  # cat, joiner, dragon
    assert measure("12#*", X) == 4


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("https://exemple.fr/" + "a" * 500, 23),
        ("exemple.fr", 23),
        ("Lire exemple.fr.", 5 + 23 + 1),
        ("http://a.fr http://b.fr", 47),
        ("ana@exemple.fr", 14),
        ("@exemple.fr #exemple.fr $exemple.fr", 35),
        ("fichier.tar.bz2", 15),
        ("clip.music", 23),  # newer than twitter-text's list
        ("exemple.pasundomaine", 20),
        ("http://127.0.0.1:8080/r/abcdefgh", 32),  # plain numbers are no link to X
        ("あexemple.frあ", 27),
    ],
)
def test_addresses_on_x(text: str, length: int) -> None:
    assert measure(text, X) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("https://exemple.fr/" + "é" * 500, 23),
        ("http://localhost:8080/r/a", 23),
        ("http://127.0.0.1:1/x", 23),
        ("Lire (https://exemple.fr/a_(b)).", 5 + 1 + 23 + 2),
        ("« https://exemple.fr »", 2 + 23 + 2),
        ("exemple.fr", 10),
        ("@ana@mastodon.example bonjour", 4 + 8),
        ("@ana@mastodon.example.", 5),
        ("ana@mastodon.example", 20),
        ("e\u0301" * 10, 10),
        ("🏽", 1),
    ],
)
def test_mastodon(text: str, length: int) -> None:
    assert measure(text, MASTODON) == length


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", (0, 0, 0)),
        ("é", (1, 2, 1)),
        ("e\u0301", (1, 3, 2)),
        (FAMILY, (1, 25, 11)),
        (FRENCH_FLAG * 3, (3, 24, 12)),
        ("\r\n", (1, 2, 2)),
        ("https://exemple.fr/a", (20, 20, 20)),
        ("\ud83d", (1, 3, 1)),  # half a pair, from a damaged file, still has a length
    ],
)
def test_graphemes_bytes_and_utf16(text: str, lengths: tuple[int, int, int]) -> None:
    assert (measure(text, GRAPHEMES), measure(text, BYTES), measure(text, UTF16)) == lengths


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Été", 3),
        ("e\u0301", 2),
        ("漢字", 2),
        ("…", 1),
        (FAMILY, 25),
        (f"a{FAMILY}b", 27),
        ("😀", 4),
        ("👍🏽", 8),
        (FRENCH_FLAG, 8),
        (FRENCH_FLAG * 3, 24),
        (ENGLAND, 28),
        ("1\ufe0f\u20e3", 7),
        ("12#*", 4),
        ("☺\ufe0f", 6),
        ("\u2764\ufe0f\u200d\U0001f525", 13),
        ("👨\u200d", 7),
        ("https://exemple.fr/été", 22),
        ("\ud83d", 1),
    ],
)
def test_threads_counts_emoji_by_their_bytes(text: str, length: int) -> None:
    assert measure(text, THREADS) == length


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("#Jardin #Été2026 #1", 3),
        ("#un,#deux ##trois", 3),
        ("＃plein", 1),
        ("# seul, fin#, C# et a#b", 0),
        ("&#233; https://exemple.fr/a#b https://exemple.fr/#c", 0),
    ],
)
def test_hashtags(text: str, count: int) -> None:
    assert measure(text, AtMost(5, "hashtags")) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Bonjour", 0),
        ("https://exemple.fr/a https://exemple.fr/b", 2),
        ("https://exemple.fr/a https://exemple.fr/a", 1),
        ("https://exemple.fr/a exemple.fr/a", 1),
        ("autre.fr https://exemple.fr/a", 2),
        ("http://127.0.0.1:8808/a http://localhost/b", 2),
    ],
)
def test_links_that_differ(text: str, count: int) -> None:
    assert measure(text, AtMost(5, "unique links")) == count


def test_bluesky_holds_both_limits() -> None:
    assert fits("a" * 300, four_limits.BLUESKY)
    assert not fits("a" * 301, four_limits.BLUESKY)
    assert not fits(FAMILY * 121, four_limits.BLUESKY)  # 121 graphemes, 3025 bytes
    assert [each.over for each in measure_all(FAMILY * 121, four_limits.BLUESKY)] == [0, 25]


def test_code_points_and_links_as_written() -> None:
    assert measure("e\u0301", AtMost(1, "code points")) == 2
    assert measure("https://exemple.fr/abc", AtMost(280, "weighted characters")) == 22
    assert measure("@a@b.fr https://exemple.fr/abc", AtMost(500, "characters")) == 25


def test_an_owner_may_replace_the_first_limit() -> None:
    assert overridden(four_limits.X, {"text_limit": "25000"}).text == (AtMost(25_000, "weighted characters", 23),)
    assert overridden(four_limits.X, {"visibility": "public"}) == four_limits.X
    told = {"link_cost": "30", "alt_limit": "300", "image_bytes": "1000", "image_pixels": "2000"}
    instance = overridden(four_limits.MASTODON, told)
    assert (instance.text[0].link_cost, instance.alt_text, instance.image_bytes) == (30, 300, 1000)
    assert instance.image.pixels == 2000
    assert overridden(four_limits.BLUESKY, told).text[0].link_cost is None, (
        "where a link counts as written, it goes on to"
    )
    raised = overridden(four_limits.BLUESKY, {"text_limit": "400"})
    assert [limit.max for limit in raised.text] == [400, 3000]
    for written in ("", "0", "-3", "many", "٣٠٠", "1.5"):
        with pytest.raises(BadInput, match="text_limit"):
            overridden(four_limits.X, {"text_limit": written})


@given(
    st.text(st.sampled_from(["\U0001f1eb", "\U0001f1f7", "a", "\u0301", "\u200d", "👨", "🏽", "\u0600", "\r", "\n"]))
)
def test_cutting_rows_of_flags_changes_no_grapheme(text: str) -> None:
    assert graphemes(text) == regex.findall(r"\X", text)


PIECES = [*"aé-_.:/@#()?あ€ ", "http://", "exemple.fr", ".com", "xn--", "みんな"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_addresses_are_in_order_and_inside(text: str) -> None:
    for spans in (twitter_addresses(text), http_addresses(text)):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= start < end <= len(text) for start, end in spans)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_break_between_texts_keeps_both_lengths(left: str, right: str) -> None:
    """Nothing that follows a line end changes what stands before it."""
    for limit in (X, MASTODON, GRAPHEMES, BYTES, UTF16):
        whole = measure(f"{left} \n\n {right}", limit)
        assert whole == measure(f"{left} ", limit) + 2 + measure(f" {right}", limit)


HOSTILE = {
    "letters": "a" * 100_000,
    "dots": "." * 100_000,
    "labels": "a." * 50_000,
    "underscored labels": "a_." * 33_000,
    "bare addresses": "a.com " * 16_000,
    "glued addresses": "a.com" * 20_000,
    "protocols": "http://" * 14_000,
    "opening brackets": "http://a.com/" + "(" * 100_000,
    "brackets and letters": "http://a.com/" + "(a" * 50_000,
    "nested brackets": "http://a.com/" + "(a(b)c)" * 14_000 + "(",
    "addresses in brackets": "http://a.com/(" + "b.com/(" * 14_000,
    "trailing path": "http://a.com/" + "!" * 100_000,
    "trailing query": "http://a.com/?" + "." * 100_000,
    "long label": "あ" * 100_000 + ".com",
    "many labels": "あ." * 50_000,
    "underscores": "あ_" * 50_000 + ".com",
    "hyphens": "-." * 50_000,
    "punycode": "あ.xn--a" * 14_000,
    "almost domains": "a.みみみ" * 20_000,
    "mentions": "@a@a." * 20_000,
    "dotted mention": "@" + "a." * 50_000,
    "combining marks": "e" + "\u0301" * 100_000,
    "joiners": "👨\u200d" * 50_000,
    "families": FAMILY * 14_000,
    "flag letters": "\U0001f1eb" * 100_001,
    "selectors": "\ufe0f" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_counted_in_linear_time(text: str) -> None:
    """100 kB take a third of a second at worst; a backtracking expression would take hours."""
    started = time.process_time()
    for limit in EVERY:
        measure(text, limit)
    assert time.process_time() - started < 5
