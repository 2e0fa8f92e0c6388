"""Every text of a report in every language: none is lacking, none lost a value on the way."""

from __future__ import annotations

import ast
import pickle
from datetime import date
from string import Formatter

import pytest

from crosspost.domain.errors import BadInput
from crosspost.domain.message import capital, change, channel, count, day, join, listed, number, say, share, significant
from crosspost.report.language.extract import said, template
from crosspost.report.language.words import catalogue, languages, words

OTHERS = [name for name in languages() if name != "en"]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_french_is_a_language_of_reports() -> None:
    assert "fr" in languages()
    with pytest.raises(BadInput, match="'tlh'"):
        words("tlh")


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_text_and_nothing_else(language: str) -> None:
    ours = {(message.context, message.id) for message in template() if message.id}
    theirs = {(message.context, message.id) for message in catalogue(language) if message.id}
    assert theirs == ours, "python -m crosspost.report.language.extract"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_with_its_values(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), message.id
        assert not message.fuzzy, message.id
        if isinstance(message.id, str):
            assert fields(str(forms[0])) == fields(message.id), message.id


def test_a_message_is_its_english_and_is_told_in_another_language() -> None:
    french = words("fr")
    text = say("{x} and {y}", x=share(0.1234), y=say("on {day}", day=day(date(2026, 1, 5))))
    assert text == "12.3 % and on 2026-01-05"
    assert french.tell(text) == "12,3\u00a0% and on 5 janvier 2026"  # no catalogue knows these templates
    assert french.tell("from outside") == "from outside"
    assert french.tell(join("; ", [number(1234.5, 1), significant(0.001234)])) == "1\u202f234,5\u00a0; 0,00123"
    assert pickle.loads(pickle.dumps(text)).values == text.values


def test_a_brace_from_outside_stays_a_brace() -> None:
    text = say("named {name}", name="{0} {x.__class__}")
    assert text == "named {0} {x.__class__}"
    assert words("fr").tell(text) == text
    assert words("fr").tell(join(" {} ", ["a", "b"])) == "a {} b"


def test_nouns_take_the_plural_of_their_language() -> None:
    assert [count(value, "client") for value in (0, 1, 1200)] == ["0 clients", "1 client", "1,200 clients"]
    french = words("fr")
    assert [french.count_of(value, "client") for value in (0, 1, 2)] == ["0 client", "1 client", "2 clients"]


def test_what_is_said_is_found_in_the_code() -> None:
    tree = ast.parse('say("a {x}" "b", x=1); count(n, "lead"); say(text); words.count_of(n, "deal"); [].count("c")')
    assert list(said(tree)) == [("say", "a {x}b"), ("count", "lead"), ("count", "deal")]


def test_messages_stay_messages_when_they_are_put_together() -> None:
    french = words("fr")
    text = say("x").__radd__("a ") + "; " + capital(listed([share(0.5), number(2), change(-1.5)]))
    assert text == "a x; 50.0 %, 2 and -1.5"
    assert french.tell(text).startswith("a x\u00a0; 50,0\u00a0%, 2")
    assert french.tell(text).endswith("\u22121,5")
    assert french.tell(channel("recurrence")) == french("channel.recurrence")
