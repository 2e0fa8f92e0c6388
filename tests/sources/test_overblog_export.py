"""Overblog's export, well-formed and not: every post that can be told from the rest, and the others by their line."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.cli.root import run
from crosspost.domain.errors import BadInput
from crosspost.outside.http import Outbound
from crosspost.sources import check_address, read
from crosspost.sources.overblog_export import parse

DATA = Path(__file__).parents[1] / "data" / "overblog"  # reconstructed
BLOG, PARIS = "https://lea.over-blog.com", ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
GOOD, BROKEN = (DATA / "good.xml").read_bytes(), (DATA / "broken.xml").read_bytes()


def test_a_well_formed_export_is_read_whole() -> None:
    (oak, old), problems = parse(GOOD, "good.xml", BLOG, PARIS)
    assert (oak.title, oak.url) == ("Le chêne & l’atelier", f"{BLOG}/2014/07/le-chene.html")
    assert oak.identity == oak.url
    assert oak.text == "Un arbre.\n\nDeux\u00a0!"
    assert (oak.image_url, oak.image_alt) == ("https://image.over-blog.com/x/ob_1_chene.jpg", "Un chêne")
    assert oak.tags == ("bois", "atelier")
    assert oak.published_at == datetime(2014, 7, 1, 8, 20, tzinfo=UTC), "summer time in the blog's zone"
    assert (old.title, old.url) == ("Vieil article", f"{BLOG}/article-123456.html")
    assert old.text is not None
    assert "Merci" not in str(oak), "comments are other people's words"
    assert old.published_at == datetime(2008, 12, 24, 17, 0, tzinfo=UTC), "an offset in the file wins"
    assert problems == ("1 drafts were left out",)


def test_a_broken_export_gives_what_it_can_and_tells_the_rest_by_line() -> None:
    articles, problems = parse(BROKEN, "broken.xml", BLOG, PARIS)
    told = {one.title: one for one in articles}
    assert list(told) == ["Vins & fromages", "Sans fin", "Café"]
    wine, endless, cafe = articles
    assert wine.text == "Lire https://lea.example/?a=1&b=2 & goûter, fin."
    assert wine.published_at == datetime(2016, 3, 27, 1, 30, tzinfo=UTC), "the hour that did not exist"
    assert endless.url == f"{BLOG}/2016/04/sans-fin.html"
    assert endless.text == "Le code ]]> reste"
    assert endless.published_at is None
    assert cafe.text == "Un café € 5"
    assert cafe.url == f"{BLOG}/2016/06/cafe.html", "a bare slug stands below its month, in the blog's zone"
    assert [one for one in problems if not one.startswith("line ")] == []
    lines = [one.split(": ", 1) for one in problems]
    assert lines == [
        ["line 27", "not utf-8; 2 lines were read as windows-1252"],
        ["line 6", "control characters were removed, in 1 lines"],
        ["line 12", "its date 'hier' cannot be read"],
        ["line 22", "<content> has no end; the post is left out"],
        ["line 33", "a post without a title; left out"],
        ["line 37", f"{BLOG}/2016/06/cafe.html was there before; left out"],
        ["line 42", "the file ends within this post"],
        ["line 44", "<content> has no end; the post is left out"],
    ]


@pytest.mark.parametrize("declared", ["ISO-8859-1", "windows-1252", "no-such-charset", "UTF-8"])
def test_what_the_file_declares_is_no_matter_where_it_is_utf_8(declared: str) -> None:
    (oak, _), problems = parse(GOOD.replace(b"UTF-8", declared.encode()), "good.xml", BLOG, PARIS)
    assert oak.title == "Le chêne & l’atelier"
    assert any("is UTF-8" in one for one in problems) == (declared in ("ISO-8859-1", "windows-1252"))


@pytest.mark.parametrize("encoding", ["iso-8859-15", "windows-1252", "utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = GOOD.decode().replace("UTF-8", encoding.removesuffix("-sig").upper()).replace("’", "'").replace("…", "")
    (oak, _), _ = parse(text.encode(encoding), "good.xml", BLOG, PARIS)
    assert oak.title == "Le chêne & l'atelier"


def test_entities_of_its_own_are_refused() -> None:
    bomb = b'<?xml version="1.0"?>\n<!DOCTYPE root [\n<!ENTITY a "aa">\n<!ENTITY b "&a;&a;">]>\n<root><posts><post>'
    with pytest.raises(BadInput, match="line 3: it declares entities"):
        parse(bomb, "bomb.xml", BLOG, PARIS)
    articles, _ = parse(GOOD.replace(b"[Vieil", b"[&lol;"), "good.xml", BLOG, PARIS)
    assert articles[1].title == "&lol; article", "an entity nobody knows stays as it is written"


@pytest.mark.parametrize("data", [b"", b"<html><body>404</body></html>", b"\x00\xff" * 50, b"PK\x03\x04"])
def test_what_is_no_export_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="no export"):
        parse(data, "x.xml", BLOG, PARIS)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.binary(max_size=12))
def test_whatever_is_torn_out_of_it_the_rest_is_read_or_told(at: int, length: int, noise: bytes) -> None:
    data = GOOD[:at] + noise + GOOD[at + length :]
    try:
        articles, problems = parse(data, "x.xml", BLOG, PARIS)
    except BadInput:
        return
    assert all(one.title and one.url.startswith("http") for one in articles)
    assert len(articles) + len(problems) >= 1


def test_a_large_export_is_read_in_reasonable_time() -> None:
    post = GOOD[GOOD.index(b"<post>") : GOOD.index(b"<post>", GOOD.index(b"<post>") + 1)]
    many = b"".join(post.replace(b"le-chene", f"n{n}".encode()) for n in range(3000))
    began = time.process_time()
    articles, problems = parse(b"<root><posts>" + many + b"<post><title><![CDATA[" * 50, "big.xml", BLOG, PARIS)
    assert len(articles) == 3000
    assert len(problems) <= 51
    assert time.process_time() - began < 20


def test_an_export_is_a_source_that_announces_nothing_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSPOST_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "export.xml").write_bytes(BROKEN)
    assert run(["brand", "add", "Atelier", "--zone", "Europe/Paris"]) == 0
    assert run(["source", "add", "overblog", "export.xml"]) == 2
    assert "--blog https://" in capsys.readouterr().err
    assert run(["source", "add", "overblog", "export.xml", "--zone", "UTC"]) == 2
    assert run(["source", "add", "overblog", "export.xml", "--blog", "lea.over-blog.com", "--zone", "Nowhere"]) == 2
    assert run(["source", "add", "overblog", "no.xml", "--blog", "lea.over-blog.com"]) == 2
    assert run(["source", "add", "overblog", "export.xml", "--blog", "https://Lea.over-blog.com/2014/"]) == 0
    capsys.readouterr()
    assert run(["source", "read"]) == 0
    told = capsys.readouterr().out
    assert told.count("seeded") == 3
    assert "line 22: <content> has no end" in told
    assert run(["source", "read"]) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert run(["article", "list", "--json"]) == 0
    assert "Vins & fromages" in capsys.readouterr().out


def test_the_same_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "export.xml").write_bytes(GOOD)
    address = check_address("overblog", f"{tmp_path / 'export.xml'}#blog=https://lea.over-blog.com")
    assert address.endswith("export.xml#blog=https://lea.over-blog.com&zone=Europe/Paris")
    first = read("overblog", address, Outbound(), now=NOW)
    assert len(first.articles) == 2
    assert read("overblog", address, Outbound(), etag=first.etag, now=NOW).unchanged


@pytest.mark.parametrize("repeated", ["<![CDATA[", "<post>", "<post><title>"])
def test_a_file_of_openings_alone_is_read_at_once(repeated: str) -> None:
    data = ("<root><posts>" + repeated * 100_000).encode()
    began = time.process_time()
    found, problems = parse(data, "export.xml", BLOG, PARIS)
    assert time.process_time() - began < 10
    assert found == ()
    assert len(problems) <= 52
