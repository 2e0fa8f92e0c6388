"""`crosspost account connect` as a person meets it: a process, its terminal's lines, and a browser beside it."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from crosspost.sandbox.running import Sandbox
from tests.browsing import free_port
from tests.program import bare_environment, crosspost

APP = '{"client_id": "sandbox-%s-app", "client_secret": "sandbox-%s-secret"}'


class Home:
    """A data folder with a brand, at a sandbox that allows every login."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder, self.sandbox, self.port = folder, sandbox, free_port()
        (folder / "c.toml").write_text(f'private_origins = ["{sandbox.origin}"]\nlogin_port = {self.port}\n')
        assert self.run("brand", "add", "Ana").returncode == 0

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return crosspost("--config", "c.toml", *arguments, home=self.folder, stdin=stdin)

    def start(self, network: str, *options: str, stdin: str = "") -> tuple[subprocess.Popen[str], str]:
        """The process while it waits, and the address of the page."""
        for name in ("127.0.0.1", "localhost"):
            if network not in ("mastodon", "bluesky"):
                self.sandbox.add_app(network, f"http://{name}:{self.port}/callback/{network}")
        made = subprocess.Popen(
            [sys.executable, "-m", "crosspost", "--config", "c.toml", "account", "connect", network, "--server",
             self.sandbox.origin, "--no-browser", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder,
            env=bare_environment(self.folder),
        )  # fmt: skip
        assert made.stdin is not None
        assert made.stderr is not None
        made.stdin.write(stdin)
        made.stdin.flush()
        said = []
        for line in made.stderr:
            said.append(line)
            if line.startswith(self.sandbox.origin):
                return made, line.strip()
        raise AssertionError("".join(said))

    def accounts(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.run("account", "list", "--json").stdout)
        return found

    def database(self) -> bytes:
        return (self.folder / "data" / "crosspost.db").read_bytes()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Sandbox(seed=9) as sandbox:
        for network in ("x", "mastodon", "threads", "facebook"):
            sandbox.add_account(network, "ana")
        sandbox.answer_logins("allow")
        yield Home(tmp_path, sandbox)


def test_a_login_at_the_callback(home: Home) -> None:
    process, page = home.start("x", "--json", stdin=APP % ("x", "x") + "\n")
    assert httpx.get(page, follow_redirects=True).status_code == 200
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    made = json.loads(out)
    assert (made["handle"], made["read_only"], made["problem"]) == ("ana", False, None)
    # The second login knows the app, and asks nobody for it.
    process, page = home.start("x", "--read-only")
    assert "tweet.write" not in page
    httpx.get(page, follow_redirects=True)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "for reading only" in out
    (account,) = home.accounts()
    assert account["read_only"] is True
    renewed = home.run("account", "refresh", "x", "--json")
    assert json.loads(renewed.stdout)["renewed"] is True


def test_an_address_that_is_pasted(home: Home) -> None:
    back = "https://localhost/callback/threads"
    process, page = home.start("threads", "--redirect", back, stdin=APP % ("threads", "threads") + "\n")
    landed = httpx.get(page).headers["location"]
    assert landed.endswith("#_")
    out, err = process.communicate(landed + "\n", timeout=60)
    assert process.returncode == 0, err
    assert "threads account ana of ana connected" in out


@pytest.mark.parametrize("pasted", [
    "https://localhost/callback/threads?state=forged&code=stolen", "https://evil.example/?state=s&code=c", "nonsense",
    "https://localhost/callback/threads",
])  # fmt: skip
def test_what_is_pasted_wrong_saves_nothing(home: Home, pasted: str) -> None:
    process, _ = home.start(
        "threads", "--redirect", "https://localhost/callback/threads", stdin=APP % ("threads", "threads") + "\n"
    )
    _, err = process.communicate(pasted + "\n", timeout=60)
    assert process.returncode in (2, 5)
    assert err.splitlines()[-1].startswith("crosspost: ")
    assert "Traceback" not in err
    assert home.accounts() == []


def test_ctrl_c_leaves_everything_as_it_was(home: Home) -> None:
    process, page = home.start("x", stdin=APP % ("x", "x") + "\n")
    httpx.get(page, follow_redirects=True)
    process.communicate(timeout=60)
    before = home.database()
    process, _ = home.start("x")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert home.database() == before
    process, _ = home.start("mastodon")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert home.database() == before


def test_a_refused_login_says_so_and_saves_nothing(home: Home) -> None:
    home.sandbox.answer_logins("deny")
    process, page = home.start("mastodon")
    assert httpx.get(page, follow_redirects=True).status_code == 400
    _, err = process.communicate(timeout=60)
    assert process.returncode == 6
    assert "access_denied" in err
    assert home.accounts() == []


def test_of_several_pages_the_one_named_is_connected(home: Home) -> None:
    home.sandbox.add_account("facebook", "shop", name="The shop")
    process, page = home.start("facebook", "--page", "The shop", stdin=APP % ("facebook", "facebook") + "\n")
    httpx.get(page, follow_redirects=True)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "facebook account shop" in out
    assert "asks for a new login" in out


def test_no_secret_of_a_login_is_in_any_file_or_on_the_screen(home: Home) -> None:
    printed: list[str] = []
    for network, more in (("x", APP % ("x", "x") + "\n"), ("mastodon", "")):
        process, page = home.start(network, stdin=more)
        httpx.get(page, follow_redirects=True)
        printed += process.communicate(timeout=60)
        assert process.returncode == 0
    printed.append(home.run("account", "refresh", "x").stdout)
    printed.append(home.run("account", "refresh", "mastodon").stderr)
    state = home.sandbox.state
    assert state is not None
    secrets = {value for value, token in state.tokens.items() if token.family} | set(state.logins.codes)
    secrets |= {app.secret for app in state.logins.apps.values()}
    assert len(secrets) > 8
    home.run("run", "--once")
    files = [path for path in home.folder.rglob("*") if path.is_file() and not path.name.startswith("master.key")]
    assert any(path.name == "crosspost.log" for path in files)
    for secret in secrets:
        assert not any(secret in text for text in printed), "printed"
        for path in files:
            assert secret.encode() not in path.read_bytes(), path


def test_on_a_terminal_the_browser_opens_and_a_page_is_chosen(home: Home, tmp_path: Path) -> None:
    """Without any option: the browser is a program that follows redirects, and the choice is typed."""
    home.sandbox.add_account("facebook", "shop", name="The shop")
    home.sandbox.add_app("facebook", f"http://localhost:{home.port}/callback/facebook")
    browser = tmp_path / "browser.py"
    browser.write_text("import sys, httpx\nhttpx.get(sys.argv[1], follow_redirects=True)\n")
    ours, theirs = pty.openpty()
    environment = bare_environment(
        home.folder, BROWSER=f"{sys.executable} {browser} %s",
        CROSSPOST_CLIENT_IDS='{"facebook": "sandbox-facebook-app"}',
        CROSSPOST_CLIENT_SECRETS='{"facebook": "sandbox-facebook-secret"}',
    )  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "crosspost", "--config", "c.toml", "account", "connect", "facebook", "--server",
         home.sandbox.origin],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home.folder, env=environment,
    )  # fmt: skip
    os.close(theirs)
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "2. The shop" in line:
            break
    os.write(ours, b"2\n")
    out, err = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, said + err
    assert "a page has opened in your browser" in said
    assert "facebook account shop of ana connected" in out


@pytest.mark.parametrize(("arguments", "says"), [
    (("x", "--paste", "--login"), "leave one"), (("bluesky", "--login"), "no login"), (("x", "--page", "1"), "--login"),
    (("threads", "--login"), "https addresses only"), (("linkedin", "--login"), "docs/connecting.md"),
    (("x", "--setting", "read_only=yes"), "--read-only"), (("mastodon", "--login"), "--server"),
    (("linkedin", "--login", "--read-only", "--scope", "w_member_social"), "reading"),
])  # fmt: skip
def test_wrong_arguments_are_refused_in_one_sentence(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    crosspost("brand", "add", "Ana", home=tmp_path)
    given = {"CROSSPOST_CLIENT_IDS": '{"linkedin": "id"}'} if "--scope" in arguments else {}
    result = crosspost("account", "connect", *arguments, home=tmp_path, **given)
    assert result.returncode in (2, 5)
    assert result.stderr.startswith("crosspost: ")
    assert result.stderr.count("\n") == 1
    assert says in result.stderr


@pytest.mark.chromium
def test_a_person_allows_it_in_a_browser(home: Home) -> None:
    """The page of the network, a click, and the way back to the terminal, in a real browser."""
    from playwright.sync_api import expect, sync_playwright

    home.sandbox.answer_logins("ask")
    home.sandbox.add_account("mastodon", "bea")
    process, page = home.start("mastodon")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(page)
        expect(tab.get_by_role("heading", level=2)).to_have_text("Let crosspost use your Mastodon account?")
        assert "write:statuses" in tab.inner_text("main")
        tab.get_by_label(re.compile("@bea")).check()
        tab.get_by_role("button", name="Allow").click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("crosspost: back to the terminal")
        assert tab.url.startswith(f"http://127.0.0.1:{home.port}/callback/mastodon/")
        browser.close()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "mastodon account bea@" in out
