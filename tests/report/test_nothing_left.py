"""In another language no English is left: every text of a report goes through the catalogue.

The language of these tests has no Latin letter: each text of the catalogue stands in it with its letters changed, and
dates are Greek. What still has Latin letters was not translated, unless it is a name from outside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from string import Formatter

import pytest
from babel import Locale

from crosspost.audit.comparison import compared
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.audit.since import changes_since
from crosspost.commands.ledger_posts import declared
from crosspost.domain.message import Figure, Message, recalled, say
from crosspost.domain.networks import NETWORKS as NETWORK_NAMES
from crosspost.report import compare
from crosspost.report.charts import prepare
from crosspost.report.charts.card import card
from crosspost.report.charts.source import Source
from crosspost.report.language import words as languages
from crosspost.report.language.extract import template
from crosspost.report.language.words import Words
from crosspost.report.letterhead import Letterhead
from crosspost.report.view import page
from tests.report import made, varied

# Names that readers know as they are, and what the ledgers here have from outside.
NETWORKS = {"x", "facebook", "mastodon", "bluesky", "linkedin", "tiktok", "youtube", "vine"}
OUTSIDE = {"zumba", "bilbo", "zorro", "zarafa", "zeppelin", "autumn", "winter", "bananas", "meet", "the", "press"}
IDS = {"referral"}  # of leads
BRANDS = {"atelier", "léa", "façades", "l", "œuvre", "à", "page"}
FORMAL = {"utc", "crosspost", "eur", "usd", "europe", "paris", "api", "f", "d", "csv"}
ALLOWED = NETWORKS | OUTSIDE | IDS | BRANDS | FORMAL
# Records keep names for machines in these: of files, of styles, of the language.
MACHINES = {
    "language", "verdict", "name", "tables", "file", "mark", "marks", "key", "letterhead", "tone", "tones", "unit",
}  # fmt: skip
# The reasons that the ledgers here bring along.
GIVEN = (
    "facebook tells no views", "mastodon tells no views", "bluesky tells no views", "x tells no views", "never told",
    "never offered", "not permitted", "the export stops before the period", "the token may not read it", made.TRUTH,
)  # fmt: skip


def changed(text: str) -> str:
    """The text without Latin letters, its fields as they are."""
    parts = []
    for literal, name, _, _ in Formatter().parse(text):
        plain = re.sub(r"[^\W\d_]", "ж", literal).replace("{", "{{").replace("}", "}}")
        parts.append(plain + ("" if name is None else f"{{{name}}}"))
    return "".join(parts)


@cache
def strange() -> Words:
    told: dict[tuple[str | None, str], str | tuple[str, ...]] = {}
    for message in template():
        if isinstance(message.id, tuple | list):
            told[message.context, message.id[0]] = tuple(changed(one) for one in message.id)
        elif message.id:
            told[message.context, message.id] = changed(message.id)
    return Words("el", Locale.parse("el"), told, lambda number: int(number != 1))


def texts(record: object, path: str = "") -> Iterator[tuple[str, str]]:
    """(where, text) of every text that people read in a record."""
    if isinstance(record, str):
        yield path, record
    elif is_dataclass(record) and not isinstance(record, type | Letterhead):
        for one in fields(record):
            if one.name == "key" and path.endswith("chart"):
                yield from ((f"{path}.key", words) for _, words in record.key)  # type: ignore[attr-defined]
            elif one.name not in MACHINES:
                yield from texts(getattr(record, one.name), f"{path}.{one.name}")
    elif isinstance(record, tuple):
        for one in record:
            yield from texts(one, path)


def leftovers(text: str, allowed: set[str]) -> set[str]:
    for given in sorted(GIVEN, key=len, reverse=True):
        text = text.replace(given, "")
    text = re.sub(r"tables/\w+\.csv|[\w-]+\.(csv|json|toml)|charts/|--[\w-]+", "", text)
    return {word.lower() for word in re.findall(r"[A-Za-zÀ-ɏ]+", text)} - allowed


@cache
def audited(name: str) -> Audit:
    return audit(varied.LEDGERS[name](), made_at=made.MADE_AT)


@pytest.mark.parametrize("name", varied.LEDGERS)
def test_everything_on_a_page_goes_through_the_catalogue(name: str) -> None:
    found = audited(name)
    words = strange()
    charts = prepare(found, words)
    shown = page(found, charts, words)
    seen = [*texts(shown, "page"), *(one for chart in charts for one in texts(chart, "chart"))]
    assert len(seen) > 50
    assert {(where, text) for where, text in seen if leftovers(text, ALLOWED)} == set()


def test_what_changed_goes_through_the_catalogue() -> None:
    after = audited("everything")
    for name in varied.LEDGERS:
        before = json.loads(audited(name).as_json()) | {"brand": after.as_dict()["brand"]}
        changes = page(after, (), strange(), changes=changes_since(before, after)).changes
        assert {one for _, one in texts(changes) if leftovers(one, ALLOWED)} == set(), name


def test_a_comparison_and_cards_go_through_the_catalogue() -> None:
    audits = [audited(name) for name in varied.LEDGERS]
    shown = compare._page(compared(audits), strange(), made.MADE_AT, simulated=True)
    seen = [one for where, one in texts(shown) if not where.startswith(".verdicts")]
    seen += [*shown.verdicts.claims, *(word for _, row in shown.verdicts.rows for word, _ in row)]
    seen += [one for audit_ in audits for _, one in texts(card(Source(audit_, strange())))]
    assert len(seen) > 200
    assert {one for one in seen if leftovers(one, ALLOWED)} == set()


def test_why_a_number_is_missing_is_told_from_the_store_too() -> None:
    reasons = {one.reason for name in NETWORK_NAMES for one in declared(name) if one.reason}
    assert len(reasons) > 30
    assert {one for one in reasons if leftovers(strange().tell(recalled(one)), set())} == set()
    assert strange().tell(recalled("HTTP 500: {oops}")) == "HTTP 500: {oops}"


@pytest.mark.parametrize("name", ["everything", "nothing"])
def test_english_says_what_the_audit_says(name: str) -> None:
    found = audited(name)
    words = languages.words("en")
    shown = page(found, prepare(found, words), words)
    # Names of networks alone are written as their readers write them.
    assert [one.sentence.casefold() for one in shown.answers] == [one.told.casefold() for one in found.findings]
    assert any(one.sentence != finding.told for one, finding in zip(shown.answers, found.findings, strict=True)) == (
        name == "everything"
    )
    assert [one.claim for one in shown.answers] == [words.tell(one.claim.text) for one in found.findings]
    assert shown.warnings == tuple(map(words.tell, found.warnings))
    assert shown.notes == tuple(map(words.tell, found.notes))
    assert [one.casefold() for one in shown.notes] == [one.casefold() for one in found.notes]
    assert shown.locks == tuple(f"{one.claim}. {one.told()}" for one in found.locks)


def test_what_was_not_translated_is_found() -> None:
    """A text that is no message is left as it is, and so is a message that no catalogue has."""
    plain = replace(audited("nothing"), warnings=("nobody translated me", Message("nor me", "nor me", {})))
    shown = page(plain, (), strange())
    assert [leftovers(one, set()) for one in shown.warnings] == [{"nobody", "translated", "me"}, {"nor", "me"}]


def test_every_form_of_a_figure_is_written_without_english() -> None:
    for form, raw, noun in (
        ("share", 0.5, ""), ("percent", 0.1, ""), ("number:2", 1.5, ""), ("plain", 2.5, ""), ("significant:3", 0.5, ""),
        ("change:3", -1.5, ""), ("money", Decimal("1.50"), "EUR"),
        ("currency", "EUR", ""), ("count", 2, "client"), ("day", made.START, ""),
        ("channel", "referral", ""), ("metric", "reach", ""), ("capital", say("leads"), ""),
    ):  # fmt: skip
        told = strange().tell(Figure("English", form, raw, noun))
        assert leftovers(told, set()) == set(), (form, told)
    with pytest.raises(ValueError, match="no form"):
        strange().tell(Figure("x", "shape", 1))
