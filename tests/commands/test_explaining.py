"""Every figure that opens comes to its rows, each row to a line of a file, a click with its rule, or who told it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from crosspost.audit.explaining import figures
from crosspost.audit.ledger import Ledger
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.commands.consulting import Folder, of_folder
from crosspost.commands.explaining import Explained, explain, opened
from crosspost.commands.ledger import gather
from crosspost.domain.article import Article, Decision
from crosspost.domain.brand import IMPORTED, Account
from crosspost.domain.business import Deal, Lead
from crosspost.domain.errors import NotFound
from crosspost.domain.money import Money
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.domain.slots import Due
from crosspost.domain.stage import Reached, Stage
from crosspost.domain.teaser import Teaser
from crosspost.domain.traffic import Judged, Judgement
from crosspost.domain.visit import Open, View
from crosspost.store import articles, brands, business, deliveries, links, posts, traffic, visits
from crosspost.store.tables import hit

EXAMPLE = Path(__file__).parents[2] / "examples" / "consultant"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
AT = datetime(2025, 11, 3, 9, tzinfo=UTC)
CODES = ("k7m2p9qrst", "w3x4y5z6ab", "q1w2e3r4t5")  # two of one article on Mastodon, one of no article


@pytest.fixture(scope="module")
def folder() -> Iterator[Folder]:
    """The example, and beside its files: links of an article and of none, clicks, visits, leads by hand and webhook."""
    with of_folder(EXAMPLE, NOW) as made:
        with made.store.write(made.brand.id) as scope:
            account = Account("acc", scope.brand_id, "mastodon", "@a", IMPORTED, "9", (), {}, None, AT)
            brands.add_account(scope, account)
            found = Article("guid", "https://blog.example/oak", "Drying oak")
            article = articles.remember(scope, None, found, Decision.PLANNED, "", AT)
            assert article is not None
            for index, code in enumerate(CODES):
                row = deliveries.draft(
                    scope, account.id, Teaser("oak", f"https://go.example/{code}"), code,
                    Due(AT, "2025-11-03T10:00", "Europe/Paris"), now=AT, article_id=article.id if index < 2 else None,
                )  # fmt: skip
                links.add(scope, code, "https://blog.example/oak", AT, delivery_id=row.id, account_id=account.id)
                post = posts.add_post(
                    scope, account.id, "mastodon", Post(f"p{index}", None, "oak", AT), now=AT, code=code
                )
                reading = Reading("link_clicks", "clicks", 5.0 + index, ReadingStatus.VALUE, AT)
                posts.add_readings(scope, account.id, post, [reading], origin="api")
            _hits(scope.connection, scope.brand_id)
            for index, (code, judged) in enumerate(
                [(CODES[0], "person"), (CODES[0], "unsure"), (CODES[2], "person"), ("", "person")]
            ):
                at = AT + timedelta(hours=index)
                view = View(at, scope.brand_id, "v", "/", code, "mastodon", "", "", "", "", "",
                            Judged(Judgement(judged), "browser", "1"))  # fmt: skip
                visits.add(scope, [(Open(f"visit{index}", at, at, code, 1), view)])
            business.record_lead(
                scope, Lead("cli", "hand-1", AT, code=CODES[0], stages=(Reached(Stage.TALKING, AT),)), NOW
            )
            business.record_lead(scope, Lead("webhook", "hook-1", AT, channel="mastodon"), NOW)
            business.record_deal(
                scope, Deal("cli", "deal-1", AT + timedelta(days=3), Money(Decimal("70.50"), "EUR"), "hand-1"), NOW
            )
        yield made


def _hits(connection: object, brand_id: str) -> None:
    kept = [(CODES[0], 0, "person"), (CODES[0], 1, "unsure"), (CODES[1], 2, "person"), (CODES[2], 3, "crawler")]
    for code, offset, judgement in kept:
        connection.execute(  # type: ignore[attr-defined]
            insert(hit).values(
                segment="s", offset=offset, brand_id=brand_id, code=code, at=AT, method="GET", host="go.example",
                user_agent="", referrer="", purpose="", language="", judgement=judgement, rule=f"rule-{judgement}",
                ruleset="7",
            )
        )  # fmt: skip
        traffic.add_day_counts(connection, {(brand_id, code, AT.date(), Judgement(judgement)): 1})  # type: ignore[arg-type]
    # Of an earlier day the hits are gone, and their count stays.
    day = (AT - timedelta(days=9)).date()
    traffic.add_day_counts(connection, {(brand_id, CODES[2], day, Judgement.PERSON): 4})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def audited(folder: Folder) -> tuple[Ledger, Audit]:
    ledger = gather(folder.store, folder.brand, NOW)
    return ledger, audit(ledger, made_at=NOW)


@pytest.fixture(scope="module")
def every(folder: Folder, audited: tuple[Ledger, Audit]) -> dict[str, Explained]:
    known = figures(*audited)
    counted = [one for one in known.values() if not one.of]
    return {one.figure.name: one for one in opened(folder.store, folder.brand, audited[0], counted)}


def test_the_rows_of_every_figure_come_to_it(every: dict[str, Explained]) -> None:
    assert len(every) > 240
    for name, one in every.items():
        assert one.total == pytest.approx(float(str(one.figure.value)), abs=1e-9) or one.total == one.figure.value, name
        if isinstance(one.figure.value, Decimal):
            assert one.total == one.figure.value, f"{name}: money to the cent"
        assert all(row.evidence for row in one.rows), name


def test_every_table_that_opens_is_open_here(every: dict[str, Explained]) -> None:
    seen = {name.partition("/")[0] for name, one in every.items() if one.rows}
    assert seen >= {
        "shares", "channels", "funnel", "reconciliation", "reconciliation_articles", "visibility", "months",
        "conversion", "network_against_rest", "revenue", "hours", "recorded_told", "stages",
    }  # fmt: skip


def test_what_is_computed_names_figures_that_exist(audited: tuple[Ledger, Audit]) -> None:
    known = figures(*audited)
    computed = [one for one in known.values() if one.of]
    assert {"shares/last-touch/all-clients/high", "finding/networks-10"} & {one.name for one in computed}
    for one in computed:
        assert all(name in known for name in one.of), one.name
        assert one.parts == ()


def test_a_row_leads_to_the_line_it_stood_on(every: dict[str, Explained]) -> None:
    one = every["shares/last-touch/all-clients/networks"]
    told = [found for row in one.rows for found in row.evidence if found.file == "hubspot-contacts.csv"]
    lines = (EXAMPLE / "hubspot-contacts.csv").read_text("utf-8-sig").splitlines()
    assert told
    for found in told:
        assert found.line is not None
        assert lines[found.line - 1].startswith(found.id.removeprefix("hubspot:") + ";")
        assert found.sha256 is not None
        assert len(found.sha256) == 64


def test_a_click_leads_to_its_rule_and_a_day_whose_hits_are_gone_to_its_count(every: dict[str, Explained]) -> None:
    one = every["funnel/mastodon/click/value"]
    told = sorted((row.adds, row.evidence[0].rule, row.evidence[0].ruleset) for row in one.rows if row.evidence[0].rule)
    assert told == [(1, "rule-person", "7"), (1, "rule-person", "7")]
    assert [row.adds for row in one.rows if not row.evidence[0].rule] == [4]
    possible = every["funnel/mastodon/click/upper"]
    assert possible.total == 7


def test_what_no_file_told_says_who_did(every: dict[str, Explained]) -> None:
    told = {
        found.id: found.told_by for row in every["conversion/mastodon/leads"].rows for found in row.evidence
    }  # fmt: skip
    assert told == {"hand-1": "hand", "deal-1": "hand", "hook-1": "webhook"}


def test_the_articles_of_a_network_add_up_to_its_row(audited: tuple[Ledger, Audit]) -> None:
    _, found = audited
    whole = {row["step"]: row for row in found.table("reconciliation").records() if row["network"] == "mastodon"}
    parts = [row for row in found.table("reconciliation_articles").records() if row["network"] == "mastodon"]
    assert {row["article"] for row in parts} == {"Drying oak", "(no article known)"}
    for step, row in whole.items():
        for column in ("before", "after", "upper", "paid"):
            if row[column] is not None:
                mine = [one[column] for one in parts if one["step"] == step and one[column] is not None]
                assert sum(Decimal(str(one)) for one in mine) == Decimal(str(row[column])), (step, column)
    oak = {row["step"]: row for row in parts if row["article"] == "Drying oak"}
    assert (oak["network's clicks → ours"]["before"], oak["network's clicks → ours"]["after"]) == (11, 2)
    assert (oak["clients → payments"]["paid"], oak["clients → payments"]["currency"]) == (Decimal("70.50"), "EUR")
    assert all(row["why"] for row in parts)


def test_no_figure_of_that_name_is_answered_with_the_nearest(folder: Folder, audited: tuple[Ledger, Audit]) -> None:
    with pytest.raises(NotFound, match="did you mean shares/last-touch/all-clients/networks"):
        explain(folder.store, folder.brand, *audited, "shares/last-touch/all-client/networks")


def test_another_brands_rows_are_not_seen(folder: Folder, audited: tuple[Ledger, Audit]) -> None:
    from crosspost.commands.setup import add_brand

    other = add_brand(folder.store, NOW, "Other")
    ledger = gather(folder.store, other, NOW)
    assert not any(one.parts for one in figures(ledger, audit(ledger, made_at=NOW)).values())
    stranger = replace(ledger, leads=audited[0].leads, period=audited[0].period)
    name = "shares/last-touch/all-clients/networks"
    with pytest.raises(KeyError):
        explain(folder.store, other, stranger, audit(stranger, made_at=NOW), name)


def test_a_hit_that_is_deleted_is_a_days_count_from_then_on(folder: Folder, audited: tuple[Ledger, Audit]) -> None:
    with folder.store.write(folder.brand.id) as scope:
        scope.connection.execute(delete(hit).where(hit.c.brand_id == scope.brand_id, hit.c.code == CODES[1]))
    one = explain(folder.store, folder.brand, *audited, "funnel/mastodon/click/value")
    assert one.total == one.figure.value
    assert [row.adds for row in one.rows if not row.evidence[0].rule] == [4, 1]
