"""`crosspost run` as a process: a due delivery goes out through the real ticker on the real clock."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crosspost.sandbox.running import Sandbox
from tests.program import bare_environment, crosspost


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=3) as running:
        yield running


def _config(home: Path, sandbox: Sandbox, **more: str) -> str:
    lines = [f'private_origins = ["{sandbox.origin}"]', *(f"{name} = {value}" for name, value in more.items())]
    (home / "c.toml").write_text("\n".join(lines) + "\n")
    return str(home / "c.toml")


def _brand_with_article(home: Path, config: str, sandbox: Sandbox) -> None:
    account = sandbox.add_account("mastodon", "ana")
    assert crosspost("--config", config, "brand", "add", "Ana", home=home).returncode == 0
    connected = crosspost(
        "--config", config, "account", "connect", "mastodon", "--server", sandbox.origin, "--json",
        home=home, stdin=json.dumps(account["secrets"]),
    )  # fmt: skip
    assert connected.returncode == 0, connected.stderr
    (home / "article.md").write_text(
        '+++\ntitle = "Écrire court"\nurl = "https://ana.example/ecrire-court"\ntags = ["écriture"]\n+++\n\n'
        "Une phrase courte se lit. Une phrase longue se relit, et souvent pas.\n"
    )
    assert crosspost("--config", config, "source", "add", "file", "article.md", home=home).returncode == 0
    read = crosspost("--config", config, "source", "read", "--json", home=home)
    assert read.returncode == 0, read.stderr
    assert [item["decision"] for item in json.loads(read.stdout)[0]["items"]] == ["new"]


def _process(home: Path, config: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "crosspost", "--config", config, "run", "--json"], cwd=home, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=bare_environment(home),
    )  # fmt: skip


def test_a_due_delivery_is_published_on_time_and_ctrl_c_ends_cleanly(tmp_path: Path, sandbox: Sandbox) -> None:
    config = _config(tmp_path, sandbox)
    _brand_with_article(tmp_path, config, sandbox)
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=7)
    local = due.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None).isoformat(timespec="seconds")
    planned = crosspost("--config", config, "plan", "--at", local, "--json", home=tmp_path)
    (one,) = json.loads(planned.stdout)["planned"]
    assert one["state"] == "draft", "nothing goes out that nobody approved"
    assert crosspost("--config", config, "approve", "--all", home=tmp_path).returncode == 0
    process = _process(tmp_path, config)
    try:
        while not sandbox.posted(network="mastodon"):
            assert datetime.now(UTC) < due + timedelta(seconds=20)
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        late = datetime.now(UTC) - due
        (post,) = sandbox.posted(network="mastodon")
        assert one["link"] in post["text"].split()
        assert timedelta(0) <= late < timedelta(seconds=5)
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    shown = json.loads(crosspost("--config", config, "deliveries", "show", one["id"], "--json", home=tmp_path).stdout)
    assert shown["state"] == "published"
    assert shown["url"]
    assert [attempt["action"] for attempt in shown["attempts"]][0] == "send"


def test_what_nobody_approved_stays(tmp_path: Path, sandbox: Sandbox) -> None:
    config = _config(tmp_path, sandbox)
    _brand_with_article(tmp_path, config, sandbox)
    past = datetime.now(ZoneInfo("Europe/Paris")).replace(tzinfo=None) - timedelta(minutes=1)
    assert crosspost("--config", config, "plan", "--at", past.isoformat(), home=tmp_path).returncode == 0
    assert crosspost("--config", config, "run", "--once", home=tmp_path).returncode == 0
    assert sandbox.posted() == []


def test_a_virtual_clock_is_refused_beside_a_real_account(tmp_path: Path, sandbox: Sandbox) -> None:
    config = _config(tmp_path, sandbox)
    _brand_with_article(tmp_path, config, sandbox)
    virtual = _config(tmp_path, sandbox, clock='"http://127.0.0.1:9"')
    refused = crosspost("--config", virtual, "account", "list", home=tmp_path)
    assert refused.returncode == 5
    assert "virtual clock" in refused.stderr
