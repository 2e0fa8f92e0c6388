"""`crosspost experiment start --arm`: as people type it, and what the other commands say of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from crosspost.clock import SystemClock
from crosspost.domain.brand import Account
from crosspost.domain.hypothesis import read
from crosspost.domain.ids import new_id
from crosspost.store import brands
from tests.home import Home

ARMS = ("--arm", "plain=$title\\n\\n$link", "--arm", "asking=Et vous ? $title\\n\\n$link")


@pytest.fixture
def there(home: Home) -> Home:
    home("brand", "set", "--link-mode", "redirect", "--public-url", "https://go.example")
    app = home.app()
    with app.store.write(app.brand.id) as scope:  # as connecting saves it; nothing is sent here
        brands.add_account(
            scope,
            Account(new_id(app.clock.now()), app.brand.id, "mastodon", "@lea", "https://m.example", "1", ("09:00",), {},
                    None, app.clock.now()),
        )  # fmt: skip
    app.close()
    return home


def test_texts_are_locked_drawn_and_told(there: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (made,) = there.json("experiment", "start", "words", *ARMS, "--posts", "12", "--weeks", "6")
    stated, content = read(Path(made["file"]).read_text("utf-8"))
    assert stated == made["hash"]
    assert content["design"]["arms"] == ["plain", "asking"]
    assert content["design"]["texts"] == ["$title\n\n$link", "Et vous ? $title\n\n$link"]
    assert content["margin"] == 0.2
    for number in range(4):
        (there.folder / f"{number}.md").write_text(
            f"---\ntitle: Le bois, {number}\nurl: https://exemple.fr/{number}\n---\nIl parle lentement.\n"
        )
        there("source", "add", "file", f"{number}.md")
    there("source", "read")
    later = SystemClock().now() + timedelta(days=2)
    monkeypatch.setattr(SystemClock, "now", lambda _: later)
    app = there.app()
    report = app.planner.plan(app.brand, app.clock.now())
    app.close()
    assert len(report.planned) == 4
    for one in report.planned:
        arm = "asking" if one.delivery.teaser.text.startswith("Et vous ?") else "plain"
        assert one.notes == (f"text {arm}, drawn by lot for experiment words",)
    (seen,) = there.json("experiment", "status")
    assert [(one["arm"], one["drawn"], one["waiting"]) for one in seen["arms"]] == [("plain", 2, 2), ("asking", 2, 2)]
    assert seen["outcomes"] is None
    assert "4 posts drawn, 12 planned on each account" in there("experiment", "status")
    assert "it is looked at once, at its end" in there.refused(4, "experiment", "analyse", "words")
    (looked,) = there.json("experiment", "status", "--unblind", "words")
    assert {one["reason"] for one in looked["outcomes"]} == {"it did not go out"}
    found = there.json("experiment", "analyse", "words")
    assert found["clicks"]["verdict"] == "not enough data"
    assert "looked at before the end" in found["clicks"]["exploratory"]
    assert set(found["clicks"]["arms"]) == {"asking"}
    assert "one of: clicks" in there.refused(2, "experiment", "analyse", "words", "--outcome", "visits")
    there("experiment", "stop", "words", "--why", "enough")
    again = there.refused(4, "experiment", "start", "words", *ARMS, "--posts", "12")
    assert again.strip().endswith("words is locked already — give it another key")
    assert "clicks" in there("experiment", "status")


def test_options_of_the_other_kind_are_refused_and_nothing_is_written(there: Home) -> None:
    assert "--design draws weeks" in there.refused(2, "experiment", "start", "w", *ARMS, "--design", "paired")
    assert "--also draws weeks" in there.refused(2, "experiment", "start", "w", *ARMS, "--also", "tom")
    assert "--posts goes with --arm" in there.refused(2, "experiment", "start", "w", "--posts", "12")
    assert "named twice" in there.refused(2, "experiment", "start", "w", *ARMS, "--arm", "plain=x $link")
    assert "no name of an arm" in there.refused(2, "experiment", "start", "w", *ARMS, "--arm", "a b=x $link")
    assert "5 blocks" in there.refused(2, "experiment", "start", "w", *ARMS, "--posts", "10")
    for first in ("9999-12-27", "2300-01-01"):
        for texts in ((), ARMS):
            told = there.refused(2, "experiment", "start", "w", *texts, "--first", first)
            assert f"{first} is more than two years away" in told
    assert there.json("experiment", "status") == []
    assert json.loads(json.dumps(there.json("hypothesis", "list"))) == []
