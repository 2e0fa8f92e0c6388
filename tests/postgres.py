"""A PostgreSQL server in a temporary folder, reached through a socket there. It never listens on a network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg


class Server:
    def __init__(self, folder: Path, user: str) -> None:
        self._folder, self._user, self._names = folder, user, count(1)

    @staticmethod
    def binaries() -> Path | None:
        """The folder of initdb and pg_ctl; None when there is no server here."""
        found = shutil.which("initdb")
        places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        places += [Path(found).resolve().parent] if found else []
        return next((place for place in places if (place / "initdb").exists()), None)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Server]:
        """The server refuses to run as root: there it becomes another user."""
        binaries = cls.binaries()
        if binaries is None:
            raise RuntimeError("no PostgreSQL server binaries")
        folder = Path(tempfile.mkdtemp(prefix="crosspost-pg-"))
        user = _plain_user()
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)

        def run(name: str, *arguments: str) -> None:
            subprocess.run(
                [binaries / name, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, user=user if os.geteuid() == 0 else None,
            )  # fmt: skip

        data = str(folder / "data")
        try:
            run("initdb", "-D", data, "-U", "crosspost", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
            options = f"-k {folder} -c listen_addresses='' -c max_connections=200"
            run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
            try:
                yield cls(folder, "crosspost")
            finally:
                run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def create(self, name: str | None = None, *, template: str | None = None) -> str:
        """A new database; its URL."""
        name = name or f"test_{next(self._names)}"
        with psycopg.connect(f"host={self._folder} user={self._user} dbname=postgres", autocommit=True) as connection:
            copied = f' TEMPLATE "{template}"' if template else ""
            connection.execute(f'CREATE DATABASE "{name}"{copied}'.encode())
        return f"postgresql://{self._user}@/{name}?host={self._folder}"


def _plain_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)
