"""The program in this process, as its owner uses it beside a sandbox: command lines in, JSON out."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crosspost.cli.root import run
from crosspost.networks import adapter_of
from crosspost.sandbox.running import Sandbox
from crosspost.settings import Settings
from tests.program import crosspost


@dataclass
class Desk:
    """A brand in `home`, and the accounts it has in the sandbox by the network's name."""

    home: Path
    sandbox: Sandbox
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def make(
        cls, home: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
        *brand: str,
    ) -> Desk:  # fmt: skip
        """`brand` are further options of `brand add`."""
        for name in Settings.model_fields:
            monkeypatch.delenv(f"CROSSPOST_{name.upper()}", raising=False)
        monkeypatch.chdir(home)
        monkeypatch.setenv("CROSSPOST_DATA_DIR", str(home / "data"))
        (home / "c.toml").write_text(f'private_origins = ["{sandbox.origin}"]\n')
        desk = cls(home, sandbox, monkeypatch, capsys)
        desk("brand", "add", "Ana", *brand)
        return desk

    def __call__(self, *arguments: str, stdin: str = "") -> Any:
        """What the command says as JSON; it must succeed."""
        code, out, err = self.told(*arguments, "--json", stdin=stdin)
        assert code == 0, err
        return json.loads(out)

    def shown(self, *arguments: str, stdin: str = "") -> str:
        """What the command shows a person; it must succeed."""
        code, out, err = self.told(*arguments, stdin=stdin)
        assert code == 0, err
        return out

    def refused(self, *arguments: str, stdin: str = "") -> str:
        """The one sentence in which the command is refused."""
        code, _, err = self.told(*arguments, stdin=stdin)
        assert code in (2, 3, 4, 5, 6), (code, err)
        assert err.startswith("crosspost: ")
        assert err.count("\n") == 1
        return err

    def told(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        self.capsys.readouterr()
        self.monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(["--config", str(self.home / "c.toml"), *arguments])
        told = self.capsys.readouterr()
        return code, told.out, told.err

    def connect(self, network: str, *options: str, handle: str = "ana", **behaviour: Any) -> dict[str, Any]:
        handle += ".test" if network == "bluesky" else ""
        made = self.sandbox.add_account(network, handle, **behaviour)
        secrets = {name: value for name, value in made["secrets"].items() if name in adapter_of(network).secrets}
        if network == "x":
            secrets.pop("bearer", None)
        if network == "linkedin":
            options = (*options, "--setting", f"author={made['id']}")
        self(
            "account", "connect", network, "--server", self.sandbox.origin, "--handle", made["handle"], *options,
            stdin=json.dumps(secrets),
        )  # fmt: skip
        self.accounts[network] = made
        return made

    def article(self, title: str = "Écrire court", *, image: str = "", name: str = "article") -> None:
        picture = f'image = "{image}"\nimage_alt = "Un jardin d’automne"\n' if image else ""
        (self.home / f"{name}.md").write_text(
            f'+++\ntitle = "{title}"\nurl = "https://ana.example/{name}"\ntags = ["écriture"]\n{picture}+++\n\n'
            "Une phrase courte se lit. Une phrase longue se relit, et souvent pas.\n"
        )
        self("source", "add", "file", f"{name}.md")
        self("source", "read")

    def plan(self, *options: str) -> list[dict[str, Any]]:
        """Plan what is new for just now; nothing may stand in the way."""
        past = datetime.now(ZoneInfo("Europe/Paris")).replace(tzinfo=None) - timedelta(seconds=1)
        made = self("plan", "--at", past.isoformat(timespec="seconds"), *options)
        assert made["problems"] == []
        planned: list[dict[str, Any]] = made["planned"]
        return planned

    def send(self, *, rounds: int = 1) -> list[dict[str, Any]]:
        """Approve everything and send it: the deliveries as they stand then."""
        self("approve", "--all")
        for _ in range(rounds):
            done = crosspost("--config", str(self.home / "c.toml"), "run", "--once", home=self.home)
            assert done.returncode == 0, done.stderr
        listed: list[dict[str, Any]] = self("deliveries", "list")
        return listed

    def posted(self, network: str) -> list[dict[str, Any]]:
        return self.sandbox.posted(account_id=self.accounts[network]["id"])
