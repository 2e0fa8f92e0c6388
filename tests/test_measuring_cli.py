"""Measuring, adopting, purging and erasing as a person calls them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crosspost.sandbox.running import Sandbox
from tests.networks.test_sandbox import Presence
from tests.program import crosspost


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    folder = tmp_path_factory.mktemp("measuring")
    with Sandbox(seed=13) as sandbox:
        (folder / "c.toml").write_text(f'private_origins = ["{sandbox.origin}"]\n')
        assert run(folder, "brand", "add", "Ana").returncode == 0
        yield folder, sandbox


def run(home: Path, *arguments: str, stdin: str = "") -> Any:
    whose = () if "--brand" in arguments else ("--brand", "ana")
    return crosspost("--config", "c.toml", *whose, *arguments, home=home, stdin=stdin)


def told(home: Path, *arguments: str, stdin: str = "") -> Any:
    result = run(home, *arguments, "--json", stdin=stdin)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def there(sandbox: Sandbox, name: str, handle: str) -> tuple[dict[str, Any], Presence]:
    made = sandbox.add_account(name, handle, followers=300)
    found = Presence(sandbox, name, made["handle"], made["id"], sandbox.origin, dict(made["secrets"]), {})
    found.adapter().publish(found.delivery(), print)
    return made, found


def test_the_whole_of_it(home: tuple[Path, Sandbox]) -> None:
    folder, sandbox = home
    made, presence = there(sandbox, "bluesky", "ana.test")
    [post] = presence.posted()
    sandbox.react("bluesky", post["id"], ["lou.test"])
    connect = ("account", "connect", "bluesky", "--server", sandbox.origin, "--handle", made["handle"])
    secret = made["secrets"]["app_password"]
    connected = told(folder, *connect, stdin=secret)
    assert (connected["adopted"]["added"], connected["adopted"]["partial"]) == (1, None)
    assert told(folder, *connect, stdin=secret)["adopted"] is None, "once"
    assert told(folder, "account", "adopt", "bluesky")["added"] == 0

    assert told(folder, "brand", "set", "--reactors")["reactors"] is True
    collected = told(folder, "collect", "--account", "bluesky", "--all")
    assert collected["reactions"] == 1
    rows = told(folder, "reading", "show", post["id"])
    likes = next(one for one in rows if one["metric"] == "likes")
    assert (likes["value"], likes["status"], likes["provider_name"], likes["source"]) == (
        1,
        "value",
        "likeCount",
        "api",
    )
    missing = told(folder, "reading", "list", "--missing")
    assert all(one["value"] is None and one["reason"] for one in missing)
    assert "unsupported" in {one["status"] for one in missing}
    table = run(folder, "reading", "list").stdout
    assert "likes" in table
    assert "unsupported" not in table
    assert len(told(folder, "reading", "show", post["id"], "--history")) > len(rows)

    told(folder, "lead", "add", "--id", "L1", "--handle", "bluesky:@lou.test")
    [lead] = told(folder, "lead", "list")
    assert lead["posts reacted to before"] == 1
    assert told(folder, "backup", "b.zip")["purge_at"] is None
    erased = told(folder, "person", "erase", "--handle", "bluesky:lou.test")
    assert (erased["rows"], [one["done"] for one in erased["files"]]) == (2, ["rewritten"])
    assert told(folder, "lead", "list")[0]["posts reacted to before"] is None
    assert told(folder, "collect", "--all")["reactions"] == 0

    assert told(folder, "purge", "--dry-run") == {"dry_run": True, "removed": [], "files": [], "problems": []}
    log = folder / "data" / "crosspost.log"
    for path in [*folder.rglob("*.db"), *folder.rglob("*.zip"), *([log] if log.exists() else [])]:
        assert b"lou.test" not in path.read_bytes()


def test_what_goes_soon_is_said_by_status_audit_and_report(home: tuple[Path, Sandbox]) -> None:
    folder, sandbox = home
    made = sandbox.add_account("linkedin", "in/ana", followers=88)
    told(folder, "brand", "add", "Member")
    member = ("--brand", "member")
    told(folder, *member, "account", "connect", "linkedin", "--server", sandbox.origin,
         stdin=made["secrets"]["access_token"])  # fmt: skip
    assert told(folder, *member, "collect")["readings"] == 4
    going = told(folder, *member, "status")["going"]
    assert len(going) == 1
    assert "LinkedIn's storage rules" in going[0]
    assert "GOES SOON" in run(folder, *member, "status").stdout
    assert told(folder, *member, "audit", "--out", "audit.json")["warnings"][-1] == going[0]
    report = told(folder, *member, "report", "--out", "report")
    assert "storage rules" in (folder / "report" / "report.html").read_text("utf-8")
    dry = told(folder, *member, "purge", "--dry-run")
    assert (dry["removed"], dry["files"]) == ([], []), "not yet"
    assert report["folder"] == "report"


def test_reading_costs_on_x_so_nothing_is_adopted_unasked(home: tuple[Path, Sandbox]) -> None:
    folder, sandbox = home
    made, _ = there(sandbox, "x", "ana")
    secrets = {name: value for name, value in made["secrets"].items() if name not in ("bearer", "refresh_token")}
    found = told(folder, "account", "connect", "x", "--server", sandbox.origin, stdin=json.dumps(secrets))
    assert found["adopted"] is None
    assert "charges for reading" in found["notes"][-1]
    assert told(folder, "account", "adopt", "x")["added"] == 1


def test_an_account_whose_posts_cannot_be_read_is_connected_all_the_same(home: tuple[Path, Sandbox]) -> None:
    folder, sandbox = home
    made, _ = there(sandbox, "mastodon", "ana")
    sandbox.set_fault("error_before", account=made["id"], request="list", status=503)
    found = told(folder, "account", "connect", "mastodon", "--server", sandbox.origin,
                 stdin=made["secrets"]["access_token"])  # fmt: skip
    sandbox.clear_faults()
    assert found["adopted"] is None
    assert "were not read in" in found["notes"][-1]
    assert told(folder, "account", "adopt", "mastodon")["added"] == 1


@pytest.mark.parametrize(("arguments", "code"), [
    (("account", "adopt", "nobody"), 3), (("account", "adopt", "x", "--since", "2999-01-01"), 2),
    (("reading", "show", "nowhere"), 3), (("reading", "list", "--account", "nobody"), 3),
    (("collect", "--account", "nobody"), 3), (("person", "erase"), 2), (("person", "erase", "--handle", "lou"), 2),
    (("lead", "add", "--handle", "myspace:@lou"), 2), (("lead", "add", "--handle", "lou"), 2),
])  # fmt: skip
def test_wrong_arguments_are_refused_in_one_sentence(
    home: tuple[Path, Sandbox], arguments: tuple[str, ...], code: int
) -> None:
    result = run(home[0], *arguments)
    assert result.returncode == code, result.stderr
    assert result.stderr.count("\n") == 1
    assert "lou" not in result.stderr
    assert "Traceback" not in result.stderr
