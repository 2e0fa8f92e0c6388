"""Templates: the owner's file wins, and a mistake in it names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosspost.commands.templates import template_of
from crosspost.domain import template
from crosspost.domain.errors import BadInput
from tests import four_limits

PLAIN = (
    'text = "$title\\n$sentences\\n$link\\n$hashtags"\nsentences = 2\nhashtags = 3\npicture = "none"\nalt = "$alt"\n'
)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("$sentences", "$sentence", r"mine.toml, line 1: \$sentence is not a part of an article — one of: \$title"),
        ("$hashtags", "100 $", r"mine.toml, line 1: a \$ without a name"),
        ("$link", "", r"line 1: \$link stands 0 times"),
        ("$link", "$link\\n$link", r"line 1: \$link stands 2 times"),
        ("$link\\n", "${link}", r"line 1: \$\{link\} is glued"),
        ("$link\\n", "$link, ", r"line 1: \$link is glued"),
        ("\\n$link", "($link", r"line 1: \$link is glued"),
        ("hashtags = 3", "hashtags = true", "line 3: hashtags is True"),
        ("sentences = 2", "sentences = 31", "line 2: sentences is 31"),
        ('"none"', '"photo"', "line 4: picture is 'photo'"),
        ('alt = "$alt"', "alt = 3", "line 5: alt is not a text"),
        ('alt = "$alt"', 'alt = "$link"', r"line 5: \$link is not a part"),
        ("sentences = 2\n", "", "mine.toml: sentences is missing"),
        ("sentences = 2", "sentences = ", r"mine.toml: not valid TOML: .*line 2"),
        ("sentences = 2", "sentences = 2\ncolour = 1", "line 3: 'colour' is not a part of a template"),
    ],
)
def test_a_mistake_in_a_template_names_file_line_and_remedy(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in PLAIN
    path = tmp_path / "mine.toml"
    path.write_text(PLAIN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        template_of("mine", tmp_path)


def test_the_owner_s_template_wins_and_the_shipped_one_serves_else(tmp_path: Path) -> None:
    assert template_of("x", tmp_path) == template_of("x")
    (tmp_path / "x.toml").write_text("\ufeff" + PLAIN, encoding="utf-8")
    assert template_of("x", tmp_path) == template.parse(PLAIN, "t")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="x.toml: cannot be read"):
        template_of("x", tmp_path)
    assert template_of("nowhere", tmp_path) == template_of("default"), "a network without a template of its own"


def test_a_template_ships_for_every_network() -> None:
    for name in four_limits.ALL:
        made = template_of(name)
        assert made.render({"title": "T", "author": "", "sentences": "", "hashtags": "", "link": "L"}) == "T\n\nL"
