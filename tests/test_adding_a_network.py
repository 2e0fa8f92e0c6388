"""docs/adding-a-network.md, followed literally: its file, its line, and the program's own commands against a server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.local_server import Reply, Request, serving
from tests.program import bare_environment

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-network.md").read_text("utf-8")
TOKEN = "CANARY-corner-token"


def block(before: str, language: str) -> str:
    """The first code block after those words of the page."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE[PAGE.index(before) :], flags=re.DOTALL)
    assert found is not None
    return found[1]


@dataclass
class Corner:
    """The network of the page, as a server with a memory."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    lose_answers: int = 0

    def __call__(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self._json({"error": "who are you?"}, 401)
        path = urlsplit(request.path)
        match (request.method, path.path.split("/")[2:]):
            case "GET", ["me"]:
                return self._json({"id": 7, "name": "lea", "neighbours": 31})
            case "POST", ["posts"]:
                text = json.loads(request.body)["text"]
                number = len(self.posts) + 1
                at = datetime.now(UTC).isoformat()
                made = {"id": number, "url": f"https://corner.example/p/{number}", "text": text, "at": at}
                self.posts.append(made)
                if self.lose_answers > 0:
                    self.lose_answers -= 1
                    return self._json({"error": "try later"}, 502)
                return self._json(made, 201)
            case "GET", ["posts"]:
                since = parse_qs(path.query)["since"][0]
                return self._json({"posts": self.posts[::-1], "reaches_back_to": since})
            case "GET", ["posts", number]:
                assert 1 <= int(number) <= len(self.posts)
                return self._json({"likes": 4})
        return self._json({"error": "no such place"}, 404)

    @staticmethod
    def _json(body: dict[str, Any], status: int = 200) -> Reply:
        return Reply(status, {"Content-Type": "application/json"}, json.dumps(body).encode())


class Program:
    """A copy of the package with one more file and one more line, as a person would run it."""

    def __init__(self, home: Path, origin: str) -> None:
        self.home, self.package = home, home / "with" / "crosspost"
        # What another process is compiling just now is under a name that may be gone when it is copied.
        shutil.copytree(ROOT / "crosspost", self.package, ignore=shutil.ignore_patterns("*.pyc.*"))
        (self.package / "networks" / "corner.py").write_text(block("as `crosspost/networks/corner.py`", "python"))
        listed = self.package / "domain" / "networks.py"
        head, brace, tail = listed.read_text("utf-8").partition("}\n")
        listed.write_text(head + block("## The line", "") + brace + tail)
        self._environment = bare_environment(
            home, PYTHONPATH=str(home / "with"), CROSSPOST_PRIVATE_ORIGINS=json.dumps([origin])
        )

    def python(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments], input=stdin, capture_output=True, text=True, timeout=60, cwd=self.home,
            env=self._environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def __call__(self, *arguments: str, stdin: str = "") -> Any:
        return json.loads(self.python("-m", "crosspost", *arguments, "--json", stdin=stdin))


@pytest.fixture
def corner() -> Corner:
    return Corner()


@pytest.fixture
def program(tmp_path: Path, corner: Corner) -> Iterator[Program]:
    with serving(corner) as server:
        made = Program(tmp_path, server.origin)
        made("brand", "add", "Atelier")
        write_article(tmp_path, "Le bois", "https://exemple.fr/bois")
        made("source", "add", "file", "Le bois.md")
        made("source", "read")
        made("account", "connect", "corner", "--server", server.origin, stdin=TOKEN)
        yield made


def write_article(home: Path, title: str, url: str) -> None:
    (home / f"{title}.md").write_text(f"---\ntitle: {title}\nurl: {url}\ntags: [bois]\n---\nIl parle lentement.\n")


def publish(program: Program) -> dict[str, Any]:
    """Plan, approve and send in one round of the real scheduler's duties; the delivery."""
    (planned,) = program("plan", "--at", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M+00:00"))["planned"]
    program("approve", "--all")
    program("run", "--once")
    found: dict[str, Any] = program("deliveries", "show", planned["id"])
    return found


def test_the_page_s_file_and_line_are_all_it_takes(program: Program, corner: Corner) -> None:
    (told,) = program("networks", "corner")
    assert (told["kind"], told["publish"], told["measure"], told["list_posts"]) == ("connector", True, True, True)
    assert program("check", "--network", "corner", "--text", "a" * 401)["problems"] != []
    (account,) = program("account", "list")
    assert (account["network"], account["handle"], account["remote_id"]) == ("corner", "lea", "7")

    sent = publish(program)
    (post,) = corner.posts
    assert (sent["state"], sent["url"], post["text"]) == ("published", post["url"], sent["text"])
    assert sent["link"] in post["text"]
    assert "#Bois" in post["text"], "the default template"
    assert program("deliveries", "audit")["good"]

    # Two hours on, the ladder asks for the post's numbers; the account's were read in the same round as it was sent.
    program.python("-c", COLLECT_LATER)
    assert readings(program) == [("followers", 31.0, None), ("impressions", None, "Corner counts no views"),
                                 ("likes", 4.0, None), ("reach", None, "Corner counts no views")]  # fmt: skip

    program("lead", "add", "--id", "L1", "--channel", "Corner", "--told", "je vous ai vus sur Corner")
    (lead,) = program("lead", "list")
    assert (lead["channel"], lead["told"]) == ("Corner", "corner")
    (visibility,) = [one for one in program("audit")["tables"] if one["name"] == "visibility"]
    assert [(row["network"], row["leads"]) for row in visibility["rows"]] == [("corner", 1)]

    for path in (program.home / "data").rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path

    # A second article, whose answer is lost: it is found by its link and not sent again.
    corner.lose_answers = 1
    write_article(program.home, "Le hêtre", "https://exemple.fr/hetre")
    program("source", "add", "file", "Le hêtre.md")
    program("source", "read")
    lost = publish(program)
    assert lost["state"] == "unknown"
    program.python("-c", LOOK_LATER)
    assert program("deliveries", "show", lost["id"])["state"] == "published"
    assert len(corner.posts) == 2


COLLECT_LATER = """
from datetime import timedelta
from crosspost.cli.context import App
app = App()
with app.duties() as duties:
    duties.collect(app.clock.now() + timedelta(hours=2))
"""
LOOK_LATER = """
import crosspost.clock as clock
from datetime import timedelta
from crosspost.cli.context import App

class Later(clock.SystemClock):
    def now(self): return super().now() + timedelta(minutes=2)
    def boot_s(self): return super().boot_s() + 120

app = App()
app.__dict__["clock"] = Later()
with app.duties() as duties:
    duties.deliverer.tick(app.clock.now(), wait=True)
"""
READINGS = """
import json
from crosspost.cli.context import App
from crosspost.store import posts
app = App()
with app.store.read(app.brand.id) as scope:
    print(json.dumps([(one.reading.metric, one.reading.value, one.reading.reason) for one in posts.readings(scope)]))
"""


def readings(program: Program) -> list[tuple[str, float | None, str | None]]:
    return sorted({tuple(one) for one in json.loads(program.python("-c", READINGS))})


def test_the_page_s_file_is_in_the_style_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "corner.py").write_text(block("as `crosspost/networks/corner.py`", "python"))
    for check in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *check, "--config", str(ROOT / "pyproject.toml"), "corner.py"],
            check=True, capture_output=True, cwd=tmp_path,
        )  # fmt: skip
