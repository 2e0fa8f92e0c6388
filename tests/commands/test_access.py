"""`crosspost user` and `apikey`: passwords never from an argument, keys shown once, sessions that a restore ends."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import pytest

from crosspost.commands.signing import token_hash
from crosspost.store import users
from tests.home import Home

PASSWORD = "canary words of a password"


def test_a_user_is_added_listed_and_removed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    assert home.json("user", "add", "Lea", "--brand", "atelier", "--owner") == {
        "user": "lea", "brand": "atelier", "role": "owner", "new": True,
    }  # fmt: skip
    assert [(one["user"], one["role"]) for one in home.json("user", "list")] == [("lea", "owner")]
    home("brand", "add", "Second")
    assert not home.json("user", "add", "lea", "--brand", "second")["new"], "nobody is asked for a password again"
    assert home.json("user", "remove", "lea", "--brand", "atelier") == {"brand": "atelier", "forgotten": False}
    assert home.json("user", "remove", "lea", "--brand", "second") == {"brand": "second", "forgotten": True}
    assert "nobody" in home.refused(3, "user", "password", "lea")
    assert "no user" in home.refused(3, "user", "remove", "lea", "--brand", "second")


@pytest.mark.parametrize("text", ["", "\n", "short\n", "lealealealea\n", "\udcff" * 20 + "\n"])
def test_no_password_and_a_poor_one_add_nobody(home: Home, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    home.refused(2, "user", "add", "lea")
    assert home.json("user", "list") == []


def test_a_new_password_ends_the_sessions_and_no_password_is_in_any_file(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    home("user", "add", "lea")
    begin(home)
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + " two\n"))
    assert home.json("user", "password", "lea") == {"sessions_ended": 1}
    begin(home)
    assert home.json("user", "end-sessions", "lea") == {"sessions_ended": 1}
    made = home.json("apikey", "add", "website", "--write", "--brand", "atelier")
    for file in home.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert PASSWORD.encode() not in content, file
            assert made["key"].encode() not in content, file


def begin(home: Home) -> None:
    """A session of lea, as a sign-in makes it."""
    app = home.app()
    with app.store.database.write() as connection:
        found = users.by_name(connection, "lea")
        assert found is not None
        users.begin_session(connection, token_hash("token"), found[0].id, app.clock.now())
    app.close()


def test_a_key_is_shown_once_and_revoked_by_its_beginning(home: Home) -> None:
    made = home.json("apikey", "add", "website")
    assert made["key"].startswith(made["prefix"])
    [listed] = home.json("apikey", "list", "--brand", "atelier")
    assert (listed["prefix"], listed["scope"], listed["last used"], listed["revoked"]) == (
        made["prefix"], "read", None, None,
    )  # fmt: skip
    assert made["key"] not in home("apikey", "list")
    home("apikey", "revoke", made["prefix"])
    assert home.json("apikey", "revoke", made["prefix"])["revoked_before"]
    home.refused(3, "apikey", "revoke", "cpk_nothing0")
    home.refused(2, "apikey", "add", " ")


def test_users_and_keys_come_back_with_a_backup_and_sessions_do_not(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    home("user", "add", "lea", "--owner")
    begin(home)
    home("apikey", "add", "website")
    home("backup", str(tmp_path / "b.zip"))
    told = home("restore", str(tmp_path / "b.zip"), "--into", str(tmp_path / "again"))
    assert "apikey list" in told
    with sqlite3.connect(tmp_path / "again" / "crosspost.db") as connection:
        tables = ("user", "user_brand", "api_key", "user_session")
        rows = [connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables]
    connection.close()
    assert rows == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("bind", "hosts", "warned"),
    [("127.0.0.1", None, False), ("0.0.0.0", None, True), ("0.0.0.0", '["https://desk.example"]', False)],
)
def test_serving_to_other_machines_without_tls_is_warned_about(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bind: str, hosts: str, warned: bool
) -> None:
    from crosspost.cli.root import run

    if hosts:
        monkeypatch.setenv("CROSSPOST_HOSTS", hosts)
    monkeypatch.setattr("crosspost.web.serve.serve", lambda *_: None)
    monkeypatch.setattr("crosspost.cli.context.App.log_to_file", lambda _app: None)
    assert run(["serve", "--bind", bind, "--port", "0"]) == 0
    assert ("in the clear" in capsys.readouterr().err) is warned
