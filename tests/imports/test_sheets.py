"""Files people bring: what is read, what is refused, and that a refusal names file, line and remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports.numbers import number
from crosspost.imports.read import read_file
from crosspost.imports.shape import Facts
from tests.imports import reading


def facts(text: str | bytes, **context: Any) -> Facts:
    return reading.facts(text if isinstance(text, bytes) else text.encode(), **context)


LEADS = (
    'lead,first_contact_date,origin,won_date,revenue\nA,2026-01-02,linkedin,2026-01-09,"1 234,50"\nB,2026-01-03,,,\n'
)


def test_leads_and_their_deals() -> None:
    found = facts(LEADS)
    (line, first), (_, second) = found.leads
    assert (line, first.source_id, first.channel) == (2, "A", "linkedin")
    assert first.contacted_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert second.channel is None, "a blank channel is not known, it is not a channel"
    ((_, deal),) = found.deals
    assert deal.amount is not None
    assert (deal.amount.amount, deal.amount.currency, deal.lead_source_id) == (Decimal("1234.50"), "EUR", "A")


def test_a_deal_without_amount_was_still_won() -> None:
    ((_, deal),) = facts("lead,won_date\nA,2026-01-09T10:00\n").deals
    assert deal.amount is None
    assert deal.won_at == datetime(2026, 1, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends(encoding: str, delimiter: str, newline: str) -> None:
    rows = [["Lead", "Premier contact", "Provenance"], ["é1", "2026-01-02", "bouche à oreille"]]
    text = newline.join(delimiter.join(row) for row in rows)
    ((_, lead),) = facts(text.encode(encoding)).leads
    assert (lead.source_id, lead.channel) == ("é1", "bouche à oreille")


def test_a_time_without_zone_is_in_the_zone_that_was_said() -> None:
    paris = ZoneInfo("Europe/Paris")
    ((_, lead),) = facts("lead,date,channel\nA,2026-07-01T10:00,x\n", zone=paris).leads
    assert lead.contacted_at.astimezone(UTC).hour == 8
    ((_, other),) = facts("lead,date,channel\nA,2026-07-01T10:00+00:00,x\n", zone=paris).leads
    assert other.contacted_at.astimezone(UTC).hour == 10


def test_a_journey_keeps_its_order() -> None:
    ((_, lead),) = facts("lead,date,channel,path\nA,2026-07-01,referral,linkedin > meetup > referral\n").leads
    assert [touch.channel for touch in lead.touchpoints] == ["linkedin", "meetup", "referral"]


def test_a_blank_metric_is_missing_and_zero_is_zero() -> None:
    found = facts("page_total_likes,reach,impressions,likes,shares\n100,10,20,0,\n")
    ((_, network, post, readings, reason),) = found.posts
    by_name = {reading.provider_name: reading for reading in readings}
    assert network == "facebook"
    assert by_name["likes"].value == 0.0
    assert by_name["shares"].value is None
    assert by_name["shares"].reason == "blank in the file"
    assert post.published_at is None
    assert reason is not None


REFUSED = {
    "no such kind": ("a,b\n1,2\n", "no kind of file"),
    "empty": ("", "empty"),
    "doubled column": ("lead,lead,date,origin\n", "two columns"),
    "ragged": (LEADS + "C,2026-01-01\n", "file.csv:4"),
    "twice the same lead": (LEADS + "A,2026-01-05,x,,\n", "line 2 already"),
    "ambiguous date": ("lead,date,channel\nA,03/04/2026,x\n", "file.csv:2"),
    "no date": ("lead,date,channel\nA,,x\n", "contacted is empty"),
    "no id": ("lead,date,channel\n,2026-01-01,x\n", "lead is empty"),
    "amount": ("lead,won_date,amount\nA,2026-01-01,lots\n", "not a number"),
    "amount with two meanings": ('lead,won_date,amount\nA,2026-01-01,"1,234"\n', "two numbers"),
    "huge amount": ("lead,won_date,amount\nA,2026-01-01,1e30\n", "not a number"),
    "currency": ("lead,won_date,amount,currency\nA,2026-01-01,5,euros\n", "ISO 4217"),
    "amount with the other two meanings": ("lead,won_date,amount\nA,2026-01-01,1.234\n", "write 1234 or 1.2340"),
    "columns that contradict": (
        'lead,won_date,amount\nA,2026-01-01,"5,5"\nB,2026-01-01,5.5\nC,2026-01-01,1.234\n',
        "file.csv:4",
    ),
    "no such currency": ("lead,won_date,amount,currency\nA,2026-01-01,5,ZZZ\n", "ISO 4217"),
    "half a cent": ("lead,won_date,amount\nA,2026-01-01,12.345\nB,2026-01-01,0.5\n", "2 decimals"),
    "a negative amount": ("lead,won_date,amount\nA,2026-01-01,-50\n", "below zero"),
    "a lead of the future": ("lead,date,channel\nA,2062-01-01,x\n", "not come yet"),
    "a lead of the year 1": ("lead,date,channel\nA,0001-01-01,x\n", "1970"),
    "the end of time": ("lead,date,channel\nA,9999-12-31T23:59:59-10:00,x\n", "1970"),
    "a loss of the future": ("lead,date,channel,lost_date\nA,2026-01-01,x,2062-01-01\n", "not come yet"),
    "a deal of the future": ("lead,won_date\nA,2062-01-01\n", "not come yet"),
    "more hours than there are": ("month,channel,hours\n2026-02,x,673\n", "more than there are"),
    "effort of the year 1": ("month,channel,hours\n0001-01,x,1\n", "1970"),
    "effort twice, spelled in two ways": ("month,channel,hours\n2026-01,LinkedIn,1\n2026-01,linkedin,2\n", "line 2"),
    "negative followers": ("month,followers\n2026-01,-5\n", "below zero"),
    "followers of the future": ("month,followers\n2062-01,5\n", "not come yet"),
    "negative hours": ("month,channel,hours\n2026-01,x,-1\n", "below zero"),
    "the same effort twice": ("month,channel,hours\n2026-01,x,1\n2026-01,x,2\n", "line 2 already"),
    "unclosed quote": ('lead,date,channel\nA,2026-01-01,"x\n', "well-formed"),
    "whose posts": ("reach,impressions\n1,2\n", "whose posts"),
    "negative reach": ("page_total_likes,reach,impressions\n1,-2,3\n", "below zero"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_where_and_what_to_do(name: str) -> None:
    text, says = REFUSED[name]
    with pytest.raises(BadInput) as refusal:
        facts(text)
    assert says in str(refusal.value)
    assert "file.csv" in str(refusal.value)
    assert refusal.value.remedy


@pytest.mark.parametrize("data", [b"lead,date\x00,x\n", b"PK\x03\x04\x00\x00", b"\xff\xfe\x00"])
def test_binary_files_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        facts(data)


def test_a_giant_cell_and_a_giant_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="well-formed"):
        facts("lead,date,channel\nA,2026-01-01," + "x" * 200_000 + "\n")
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(21_000_000)
    with pytest.raises(BadInput, match="larger than"):
        read_file(big)
    with pytest.raises(BadInput, match="cannot be read"):
        read_file(tmp_path / "none.csv")


@pytest.mark.parametrize(("text", "value"), [
    ("1234.5", "1234.5"), ("1 234,56 €", "1234.56"), ("1\u202f234,56", "1234.56"), ("1,234.56", "1234.56"),
    ("1.234,56", "1234.56"), ("-5,5", "-5.5"), ("0", "0"), ("1,234,567.89", "1234567.89"),
])  # fmt: skip
def test_numbers_in_both_languages(text: str, value: str) -> None:
    assert number(text, "f:1", "amount") == Decimal(value)


def test_a_column_tells_what_its_marks_mean() -> None:
    def amounts(*cells: str) -> list[str]:
        rows = "".join(f'L{i},2026-01-01,"{cell}"\n' for i, cell in enumerate(cells))
        return [str(deal.amount) for _, deal in facts("lead,won_date,amount\n" + rows).deals]

    assert amounts("1.234", "56,70") == ["1234 EUR", "56.70 EUR"]
    assert amounts("1,234", "56.70") == ["1234 EUR", "56.70 EUR"]
    assert amounts("1.234", "1.234.567") == ["1234 EUR", "1234567 EUR"]


def test_excels_own_first_line_is_skipped_and_lines_keep_their_numbers() -> None:
    text = "sep=;\r\nlead;date;channel\r\nA;2026-01-02;x\r\n"
    ((line, lead),) = facts(text.encode("utf-8-sig")).leads
    assert (line, lead.channel) == (3, "x")
    with pytest.raises(BadInput, match="file.csv:4"):
        facts(text + "B;never;x\r\n")


@pytest.mark.parametrize("cell", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00"])
def test_times_that_no_zone_can_hold_are_refused(cell: str) -> None:
    with pytest.raises(BadInput, match=r"file\.csv:2.*1970"):
        facts(f"lead,date,channel\nA,{cell},x\n", zone=ZoneInfo("Asia/Tokyo"))


def test_a_post_without_an_id_keeps_its_name_in_a_later_export() -> None:
    header = "page_total_likes,reach,impressions,published_at,text\n"
    first = facts(header + "1,10,20,2026-01-02T10:00,Salut\n1,10,20,2026-01-02T10:00,Salut\n")
    later = facts(header + "1,9,9,2026-02-02T10:00,Neuf\n1,90,200,2026-01-02T10:00,Salut\n"
                           "1,11,21,2026-01-02T10:00,Salut\n")  # fmt: skip
    names = [post.remote_id for _, _, post, _, _ in first.posts]
    assert len(set(names)) == 2, "two posts that are alike are two"
    assert [post.remote_id for _, _, post, _, _ in later.posts[1:]] == names
    assert later.posts[0][2].remote_id not in names
