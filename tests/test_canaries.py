"""Secrets in real use: through the whole program, with every network failing, none of them is left lying about."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crosspost.sandbox.running import Sandbox
from tests.program import crosspost

FAULTS = ("error_before", "error_after", "reset_after", "truncated_body")
NETWORKS = ("x", "facebook", "mastodon", "bluesky", "threads", "linkedin", "pinterest")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], str]:
    """A brand with an account on each network, deliveries that meet faults, an audit and a report.

    Returns the folder, every secret that was in play, and all that was printed.
    """
    home = tmp_path_factory.mktemp("canaries")
    printed: list[str] = []
    secrets: list[str] = []
    with Sandbox(seed=5) as sandbox:
        (home / "c.toml").write_text(f'private_origins = ["{sandbox.origin}"]\nhttp_timeout_s = 2.0\nsettle_s = 5.0\n')

        def run(*arguments: str, stdin: str = "") -> str:
            result = crosspost("--config", "c.toml", *arguments, home=home, stdin=stdin)
            printed.append(result.stdout + result.stderr)
            return result.stdout

        run("brand", "add", "Ana")
        for network in NETWORKS:
            made = sandbox.add_account(network, "ana")
            mine = {name: value for name, value in made["secrets"].items() if network != "x" or name != "bearer"}
            secrets += [value for value in made["secrets"].values() if len(value) >= 8]
            run(
                "account",
                "connect",
                network,
                "--server",
                sandbox.origin,
                "--handle",
                made["handle"],
                stdin=json.dumps(mine),
            )
            run(
                "account",
                "connect",
                network,
                "--server",
                sandbox.origin,
                stdin=json.dumps({"wrong": "canary-wrong-name"}),
            )
        (home / "a.md").write_text('+++\ntitle = "Un titre"\nurl = "https://ana.example/a"\n+++\n\nUne phrase.\n')
        run("source", "add", "file", "a.md")
        run("source", "read")
        soon = datetime.now(ZoneInfo("Europe/Paris")).replace(tzinfo=None) + timedelta(seconds=1)
        run("plan", "--at", soon.isoformat())
        run("approve", "--all")
        for fault in FAULTS:
            sandbox.clear_faults()
            sandbox.set_fault(fault, probability=1.0)
            run("run", "--once")
        sandbox.clear_faults()
        for network in NETWORKS:
            for account in [
                one for one in (sandbox.state.accounts.values() if sandbox.state else ()) if one.network == network
            ]:
                sandbox.set_tokens(account.id, "revoke")
        run("run", "--once")
        endpoint = json.loads(crosspost("webhook", "secret", "--json", home=home).stdout)
        secrets.append(endpoint["secret"])
        run("deliveries", "list", "--json")
        run("audit", "--json")
        run("report")
    return home, secrets, "\n".join(printed)


def test_there_are_at_least_twelve(played: tuple[Path, list[str], str]) -> None:
    _, secrets, printed = played
    assert len(set(secrets)) >= 12
    assert "connected" in printed


def test_no_secret_is_in_any_file_or_on_the_screen(played: tuple[Path, list[str], str]) -> None:
    home, secrets, printed = played
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "master.key"]
    assert any(path.name == "crosspost.db" for path in files)
    assert any(path.name == "crosspost.log" for path in files)
    assert any(path.name == "report.html" for path in files)
    for secret in {*secrets, "canary-wrong-name"}:
        assert secret not in printed
        for path in files:
            assert secret.encode() not in path.read_bytes(), path
