"""Links of the owner's own, and clicks as they are shown: each count equals the rows it is made of."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import segno
from PIL import Image
from sqlalchemy import select, update

from crosspost.commands import rejudge as rejudge_module
from crosspost.commands.fold import fold
from crosspost.commands.links import draw
from crosspost.domain.errors import BadInput
from crosspost.domain.judging import RULESET
from crosspost.domain.link import RESERVED, check_slug
from crosspost.domain.traffic import Hit, Judgement
from crosspost.hitlog.record import MAGIC, encode
from crosspost.store.store import Store
from crosspost.store.tables import hit
from tests.blank import NOW
from tests.home import Home

GO = "https://go.atelier.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def atelier(home: Home) -> Home:
    home("brand", "set", "--public-url", GO)
    return home


def put(home: Home, hits: list[Hit], name: str = "one") -> None:
    folder = home.folder / "data" / "hits"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.hits").write_bytes(MAGIC + b"{}\n" + b"".join(map(encode, hits)))
    fold(home.app().store, folder, NOW)


def a_hit(code: str, agent: str = FIREFOX, *, hours: float = 0, host: str = "go.atelier.example") -> Hit:
    return Hit(NOW + timedelta(hours=hours), code, "GET", host, agent, "https://r.example/", "", "fr")


def test_a_link_leads_exactly_where_its_owner_said(atelier: Home) -> None:
    target = "https://blog.example/printemps?x=1&utm_source=poster#top"
    made = atelier.json("link", "add", target, "--slug", "Spring")
    assert (made["code"], made["url"], made["target"]) == ("spring", f"{GO}/spring", target)
    random = atelier.json("link", "add", target)
    assert len(random["code"]) == 10
    assert [one["code"] for one in atelier.json("link", "list")] == ["spring", random["code"]]
    for name in ("spring", "SPRING", f"{GO}/spring", f"{GO}/Spring/"):
        assert atelier.json("link", "show", name)["target"] == target
    assert "no link" in atelier.refused(3, "link", "show", "autumn")
    assert "spring" in atelier("link", "list")


def test_tagged_for_an_account_it_can_be_joined_to_exports(atelier: Home) -> None:
    atelier("account", "connect", "meetup", "--handle", "atelier")
    made = atelier.json("link", "add", "https://blog.example/a.html", "--slug", "soir", "--account", "meetup", "--tag")
    assert made["network"] == "meetup"
    assert made["target"] == (
        "https://blog.example/a.html?utm_source=meetup&utm_medium=social&utm_campaign=a-soir&utm_content=soir"
    )
    assert "--account" in atelier.refused(2, "link", "add", "https://blog.example/a", "--tag")


@pytest.mark.parametrize("slug", [
    *sorted(RESERVED), "bio-ana", "BIO-x", "", " ", "a b", "é", "../x", "-a", "a-", "a" * 61, "a/b", "a.b",
    "a_b", "%61", "a\u200bb",
])  # fmt: skip
def test_slugs_that_are_none(slug: str) -> None:
    with pytest.raises(BadInput):
        check_slug(slug)


@pytest.mark.parametrize("slug", ["a", "7", "spring", "strawberry", "k7m2p9qrst", "a" * 60, "deux--mots"])
def test_slugs_that_are_some(slug: str) -> None:
    assert check_slug(slug.upper()) == slug


@pytest.mark.parametrize("target", [
    "javascript:alert(1)", "https://user@evil.example/", "/path", "https://a.example/a b", f"{GO}/spring", f"{GO}/x?y=1"
])  # fmt: skip
def test_targets_that_are_refused_leave_nothing(atelier: Home, target: str) -> None:
    atelier.refused(2, "link", "add", target, "--slug", "evil")
    assert atelier.json("link", "list") == []


def test_a_slug_is_taken_once_in_the_installation_and_tells_nothing_of_another_brand(atelier: Home) -> None:
    atelier("link", "add", "https://blog.example/mine", "--slug", "spring")
    assert "https://blog.example/mine" in atelier.refused(4, "link", "add", "https://x.example/", "--slug", "spring")
    atelier("brand", "add", "Other")
    told = atelier.refused(4, "--brand", "other", "link", "add", "https://x.example/", "--slug", "SPRING")
    assert "taken" in told
    assert "blog.example" not in told
    assert "no link" in atelier.refused(3, "--brand", "other", "link", "disable", "spring")
    assert atelier.json("--brand", "atelier", "link", "show", "spring")["disabled_at"] is None


def test_the_switch_keeps_the_code_and_the_instant(atelier: Home) -> None:
    atelier("link", "add", "https://blog.example/a", "--slug", "spring")
    off = atelier.json("link", "disable", "spring")["disabled_at"]
    assert off is not None
    assert atelier.json("link", "disable", "spring")["disabled_at"] == off
    atelier.refused(4, "link", "add", "https://blog.example/b", "--slug", "spring")
    assert atelier.json("link", "enable", "spring")["disabled_at"] is None


def test_a_qr_code_holds_the_address_within_its_white_margin(atelier: Home, tmp_path: Path) -> None:
    atelier("link", "add", "https://blog.example/a", "--slug", "spring")
    wanted = [list(row) for row in segno.make_qr(f"{GO}/spring", error="m", boost_error=False).matrix_iter(border=4)]
    told = atelier.json("link", "qr", "spring", "--out", str(tmp_path / "q.png"), "--scale", "3")
    assert (told["url"], told["kind"]) == (f"{GO}/spring", "png")
    picture = Image.open(tmp_path / "q.png").convert("L")
    size = len(wanted)
    assert picture.size == (3 * size, 3 * size)
    seen = [[int(picture.getpixel((3 * x + 1, 3 * y + 1)) == 0) for x in range(size)] for y in range(size)]
    assert seen == wanted
    atelier("link", "qr", "spring", "--out", str(tmp_path / "q.svg"))
    root = ET.parse(tmp_path / "q.svg").getroot()
    assert root.get("width") == root.get("height") == str(10 * size)
    assert "exists" in atelier.refused(4, "link", "qr", "spring", "--out", str(tmp_path / "q.svg"))
    atelier("link", "qr", "spring", "--out", str(tmp_path / "q.svg"), "--force")
    assert "neither" in atelier.refused(2, "link", "qr", "spring", "--out", str(tmp_path / "q.gif"))
    assert draw("https://a.example/b", "png", 1) != draw("https://a.example/c", "png", 1)
    assert segno.make_qr("https://a.example/b", error="m", boost_error=False).error == "M"


def test_without_an_address_there_is_nothing_to_draw(home: Home, tmp_path: Path) -> None:
    assert home.json("link", "add", "https://blog.example/a", "--slug", "spring")["url"] is None
    assert "--public-url" in home.refused(2, "link", "qr", "spring", "--out", str(tmp_path / "q.png"))


@pytest.fixture
def visited(atelier: Home) -> Home:
    """Two links, of a network and of none; hits over two days, of every judgement."""
    atelier("account", "connect", "meetup", "--handle", "atelier")
    atelier("link", "add", "https://blog.example/a", "--slug", "spring", "--account", "meetup")
    atelier("link", "add", "https://blog.example/b", "--slug", "poster")
    put(atelier, [
        *(a_hit("spring", hours=n) for n in (0, 1, 30)), a_hit("spring", "Twitterbot/1.0", hours=2),
        a_hit("spring", "curl/8", hours=3), a_hit("spring", "Some reader", hours=4), a_hit("poster", hours=5),
        a_hit("poster", '=HYPERLINK("http://evil.example")', hours=6), a_hit("nobodys", hours=1),
    ])  # fmt: skip
    return atelier


def test_clicks_are_a_range_and_each_count_equals_its_rows(visited: Home, tmp_path: Path) -> None:
    visited("clicks", "export", "--out", str(tmp_path / "hits.csv"))
    exported = list(csv.DictReader(StringIO((tmp_path / "hits.csv").read_text("utf-8-sig"))))
    assert len(exported) == 8
    keys = {"link": "code", "network": "network", "day": "at"}
    for by, column in keys.items():

        def name(row: dict[str, str], by: str = by, column: str = column) -> str:
            return row[column][:10] if by == "day" else row[column] or "of no account"

        found = {one[by]: one for one in visited.json("clicks", "--by", by)}
        assert set(found) == {name(row) for row in exported}
        for key, one in found.items():
            rows = Counter(row["judgement"] for row in exported if name(row) == key)
            assert (one["people"], one["possibly"]) == (rows["person"], rows["person"] + rows["unsure"])
            assert (one["previews"], one["crawlers"]) == (rows["preview"], rows["crawler"])
    rules = visited.json("clicks", "excluded")
    counted = Counter((row["judgement"], row["rule"]) for row in exported if row["judgement"] != "person")
    assert {(one["judgement"], one["rule"]): one["hits"] for one in rules["rules"]} == dict(counted)
    assert all(one["why"] for one in rules["rules"])
    assert rules["unknown_codes"] == 1
    shown = visited("clicks")
    assert "3 … 4" in shown
    assert "no-browser" in visited("clicks", "excluded")


def test_a_period_cuts_days_where_it_says(visited: Home) -> None:
    since, until = (NOW + timedelta(hours=1)).isoformat(), (NOW + timedelta(hours=5)).isoformat()
    (one,) = visited.json("clicks", "--since", since, "--until", until)
    assert (one["link"], one["people"], one["possibly"], one["previews"], one["crawlers"]) == ("spring", 1, 2, 1, 1)
    assert "before it starts" in visited.refused(2, "clicks", "--since", until, "--until", since)


def test_no_cell_of_the_export_is_a_formula(visited: Home, tmp_path: Path) -> None:
    visited("clicks", "export", "--out", str(tmp_path / "hits.csv"))
    text = (tmp_path / "hits.csv").read_text("utf-8-sig")
    assert "'=HYPERLINK" in text
    for row in csv.reader(StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert "cannot be written" in visited.refused(2, "clicks", "export", "--out", str(tmp_path / "no" / "x.csv"))


def stored(store: Store, brand_id: str) -> list[tuple[object, ...]]:
    with store.read(brand_id) as scope:
        query = select(hit.c.code, hit.c.at, hit.c.judgement, hit.c.rule, hit.c.ruleset)
        return [tuple(row) for row in scope.connection.execute(query.where(hit.c.brand_id == brand_id))]


def test_judging_again_shows_what_changes_and_loses_nothing(visited: Home) -> None:
    store = visited.app().store
    brand = store.brand("atelier")
    truth, counts = stored(store, brand.id), visited.json("clicks")
    with store.write(brand.id) as scope:  # as older rules would have left it: the preview held to be a person
        scope.connection.execute(update(hit).where(hit.c.brand_id == brand.id).values(ruleset="2020-01-01+old"))
    from crosspost.store import judged as stored_hits

    with store.write(brand.id) as scope:
        wrong = [one for one in stored_hits.of_code(scope, "spring", 0) if one.judged.rule == "agent:x"]
        old = type(wrong[0].judged)(Judgement.PERSON, "browser", "2020-01-01+old")
        stored_hits.change_judgements(scope, [(one, old) for one in wrong])
    assert visited.json("clicks") != counts
    trial = visited.json("clicks", "rejudge", "--dry-run")
    assert trial["changes"] == [
        {"was": "person", "was_by": "browser", "now": "preview", "now_by": "agent:x", "hits": 1}
    ]
    assert (trial["hits"], trial["older"], trial["changed"], trial["ruleset"]) == (8, 8, 1, RULESET)
    assert visited.json("clicks") != counts, "a dry run writes nothing"
    late = (NOW + timedelta(hours=20)).isoformat()
    assert visited.json("clicks", "rejudge", "--since", late) | {"ruleset": ""} == {
        "ruleset": "", "hits": 1, "older": 1, "dry_run": False, "changed": 0, "changes": []
    }  # fmt: skip
    done = visited.json("clicks", "rejudge")
    assert (done["changes"], done["older"]) == (trial["changes"], 7)
    assert visited.json("clicks") == counts
    assert sorted(stored(store, brand.id)) == sorted(truth)
    assert visited.json("clicks", "rejudge")["older"] == 0


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
def test_pieces_of_any_size_judge_every_hit_once_with_all_its_neighbours(size: int) -> None:
    from random import Random

    from crosspost.domain.neighbours import REACH_US
    from crosspost.domain.traffic import Judged
    from crosspost.store.judged import StoredHit

    rng = Random(size)
    times = sorted(rng.randrange(60_000_000) for _ in range(60))
    nothing = Judged(Judgement.PERSON, "browser", "r")
    hits = [StoredHit("c", at, "s", n, "GET", "", "a", False, nothing) for n, at in enumerate(times)]
    seen = []
    for piece, places in rejudge_module.windows(hits, size):
        for place in places:
            around = [one for one in hits if abs(one.at_us - piece[place].at_us) <= REACH_US]
            assert set(map(id, around)) <= set(map(id, piece))
            seen.append(piece[place].offset)
    assert seen == list(range(60))


def test_a_link_answers_on_its_own_brands_domain_alone(atelier: Home) -> None:
    atelier("link", "add", "https://blog.example/a", "--slug", "spring")
    atelier("brand", "add", "Other", "--link-mode", "redirect", "--public-url", "https://go.other.example")
    put(atelier, [
        a_hit("spring"), a_hit("spring", host="GO.ATELIER.EXAMPLE:443"), a_hit("spring", host="127.0.0.1:8807"),
        a_hit("spring", host="go.other.example", hours=1), a_hit("spring", host="Go.Other.Example.", hours=2),
    ])  # fmt: skip
    (one,) = atelier.json("--brand", "atelier", "clicks")
    assert one["people"] == 3
    assert atelier.json("--brand", "atelier", "clicks", "excluded")["unknown_codes"] == 2
    assert atelier.json("--brand", "other", "clicks") == []
