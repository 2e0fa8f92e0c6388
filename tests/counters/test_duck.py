"""DuckDB counts what plain code counts, of any leads."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.audit.statistics import LeadFact, Span, plain, renamed
from crosspost.counters.counting import statistics
from crosspost.counters.duck import Duck
from crosspost.domain.errors import BadInput
from tests.counters.facts import CHANNELS, SPAN, many, shown, write

INSTANTS = st.one_of(st.none(), st.integers(SPAN.start_s - 30 * 86_400, SPAN.end_s + 30 * 86_400))
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
FACTS = st.lists(
    st.builds(
        LeadFact,
        channel=st.one_of(st.none(), NAMES),
        contacted_s=INSTANTS,
        talking_s=INSTANTS,
        offered_s=INSTANTS,
        won_s=INSTANTS,
        lost_s=INSTANTS,
        amount_minor=st.one_of(st.none(), st.integers(-(10**12), 10**12)),
        currency=st.sampled_from(["EUR", "USD", None]),
        touches=st.lists(st.one_of(NAMES, st.sampled_from(CHANNELS)), max_size=5).map(tuple),
    ),
    max_size=12,
)


def on_duckdb(facts: list[LeadFact], folder: Path, kind: str, span: Span = SPAN) -> tuple[object, ...]:
    with Duck.opened() as engine:
        engine.read_files(*write(facts, folder, kind))
        return shown(statistics(engine, span))


@settings(deadline=None, max_examples=15)
@given(FACTS)
def test_any_leads_are_counted_alike(facts: list[LeadFact]) -> None:
    with TemporaryDirectory() as folder:
        assert on_duckdb(facts, Path(folder), "parquet") == shown(plain(facts, SPAN))


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_thousands_of_leads_are_counted_alike(tmp_path: Path, kind: str) -> None:
    facts = many(6_000, seed=11)
    found = on_duckdb(facts, tmp_path, kind)
    assert found == shown(plain(facts, SPAN))
    assert found[0] == tuple(sorted(CHANNELS))


def test_names_that_are_one_are_brought_together_after_counting() -> None:
    facts = many(500, seed=2)

    def one_name(name: str) -> str:
        return "network" if name in ("x", "mastodon") else name

    before = [
        LeadFact(
            one_name(one.channel) if one.channel else None, one.contacted_s, one.talking_s, one.offered_s, one.won_s,
            one.lost_s, one.amount_minor, one.currency, tuple(map(one_name, one.touches)),
        )
        for one in facts
    ]  # fmt: skip
    assert shown(renamed(plain(facts, SPAN), one_name)) == shown(plain(before, SPAN))


def test_a_week_starts_where_the_one_before_ends() -> None:
    week = 7 * 86_400
    facts = [LeadFact("x", SPAN.start_s + at) for at in (0, week - 1, week, 2 * week)]
    facts.append(LeadFact("x", SPAN.start_s, won_s=SPAN.start_s - 1))  # dates that contradict are not dropped
    found = plain(facts, SPAN)
    assert [(one.week, one.leads, one.won) for one in found.weeks] == [(-1, 0, 1), (0, 3, 0), (1, 1, 0), (2, 1, 0)]


@pytest.mark.parametrize(("name", "content", "said"), [
    ("lead.csv", "lead,channel\nL1,x\n", "contacted_s"),
    ("lead.csv", "", "lead.csv"),
    ("lead.txt", "lead\n", "neither .parquet nor .csv"),
    ("lead.parquet", "no parquet", "lead.parquet"),
])  # fmt: skip
def test_a_file_that_cannot_be_counted_is_named(tmp_path: Path, name: str, content: str, said: str) -> None:
    _, touches = write(many(3, 1), tmp_path, "csv")
    (tmp_path / name).write_text(content)
    with pytest.raises(BadInput, match=said) as told, Duck.opened() as engine:
        engine.read_files(tmp_path / name, touches)
    assert "\n" not in str(told.value)


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    leads, touches = write(many(3, 1), tmp_path, "csv")
    leads.write_text(leads.read_text().replace("L1,", "L1,x,soon,,,,,,\nL9,", 1))
    with Duck.opened() as engine:
        engine.read_files(leads, touches)
        with pytest.raises(BadInput, match="soon"):
            statistics(engine, SPAN)
