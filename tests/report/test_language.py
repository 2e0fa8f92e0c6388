"""Every text of a report in every language: none is lacking, none lost a value on the way."""

from __future__ import annotations

import ast
import pickle
import re
from datetime import date
from decimal import Decimal
from string import Formatter

import pytest

from crosspost.domain.errors import BadInput
from crosspost.domain.message import (
    capital,
    change,
    channel,
    count,
    day,
    join,
    listed,
    money,
    number,
    one_sentence,
    percent,
    say,
    share,
    significant,
)
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


# Texts that French writes as English does: figures and signs, and words of both languages.
ALIKE = {
    "client", "clients", "conversions", "actions", "article", "kappa", "E-mail", "Shapley", "SEO", "SEA", "X",
    "LinkedIn", "TikTok", "YouTube", "M", "k", "Placebo", "Newsletter", "Clients", "verdict", "moment",
    "audit", "page",
}  # fmt: skip


def french_texts() -> list[tuple[str, str]]:
    """(English, French) of every text and of both numbers of every noun."""
    found: list[tuple[str, str]] = []
    for message in catalogue("fr"):
        if message.id:
            english = message.id if isinstance(message.id, tuple | list) else (message.id,)
            french = message.string if isinstance(message.string, tuple | list) else (message.string,)
            found += [(str(one), str(other)) for one, other in zip(english, french, strict=True)]
    return found


def test_no_french_text_is_english() -> None:
    same = {re.sub(r"\{\w+\}", "", english).strip() for english, french in french_texts() if english == french}
    assert {one for one in same if re.search(r"[A-Za-z]{2}", one)} <= ALIKE


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (r" [;:!?»%]", "a plain space before a sign may end a line: U+00A0 or U+202F"),
        (r"« ", "a plain space after « may begin one"),
        (r"[\w)}»%][;!?]|[\w)}»%]:(?!//)|\d%", "no space before a high sign"),
        (r"\w'\w", "an apostrophe is ’"),
        (r"[“”]|\.\.\.", "quotes are « », and … is one sign"),
        (r"  | $(?<! et $)(?<! ou $)", "spaces that nobody sees"),
        (r"\d\.\d", "decimals have a comma"),
    ],
)
def test_french_is_set_as_the_french_do(wrong: str, why: str) -> None:
    separators = {french for english, french in french_texts() if english in (": ", "; ", "; worth a look: ")}
    found = [french for _, french in french_texts() if french not in separators and re.search(wrong, french)]
    assert found == [], why


def test_french_dates_money_and_shares() -> None:
    french = words("fr")
    assert french.day(date(2026, 1, 1)) == "1er janvier 2026"
    assert french.day(date(2026, 1, 11)) == "11 janvier 2026"
    assert french.money(Decimal("1234.50"), "EUR") == "1\u202f234,50\u00a0€"
    assert french.money(Decimal(80), "CHF") == "80\u00a0CHF"
    assert french.share(0.0452) == "4,5\u00a0%"
    assert french.tell(percent(0.005)) == "0,5\u00a0%"
    assert french.tell(money(Decimal("-2.00"), "USD")) == "\u22122\u00a0$US"
    english = words("en")
    assert english.money(Decimal("1234.50"), "EUR") == "1,234.50 EUR"
    assert english.day(date(2026, 1, 1)) == "1 January 2026"


def test_a_little_does_not_look_like_none_nor_nearly_all_like_all() -> None:
    english = words("en")
    assert [english.share(one) for one in (0, 0.00002, 0.0004, 0.9996, 1)] == [
        "0\u00a0%", "0.002\u00a0%", "0.04\u00a0%", "99.96\u00a0%", "100\u00a0%"
    ]  # fmt: skip
    assert [str(share(one)) for one in (0, 0.0004, 0.9996, 1)] == ["0.0 %", "0.04 %", "99.96 %", "100.0 %"]
    assert words("fr").tell(share(0.0004)) == "0,04\u00a0%"


def test_short_numbers_are_rounded_before_their_sign_is_chosen() -> None:
    english = words("en")
    assert [english.short(one) for one in (999, 999_400, 999_700, -999_950_000, -1200)] == [
        "999", "999k", "1M", "\u22121bn", "\u22121.2k"
    ]  # fmt: skip
    assert words("fr").short(1234) == "1,23\u202fk"
    assert [english.significant(one) for one in (999.4, 999.6)] == ["999", "1,000"]


def test_sentences_become_clauses_of_one_in_each_language() -> None:
    lacking = say("Missing: {missing}.", missing=count(2, "client"))
    text = one_sentence([join(" ", [number(3) + ".", lacking]), say("Inconclusive")])
    assert text == "3; missing: 2 clients; inconclusive."
    assert words("fr").tell(text) == "3\u00a0; il manque\u00a0: 2 clients\u00a0; non concluant."


def test_english_too_writes_networks_as_their_readers_do() -> None:
    text = say("{network} ({sign})", network=channel("linkedin"), sign=share(0.5))
    assert (text, words("en").tell(text)) == ("linkedin (50.0 %)", "LinkedIn (50.0 %)")
