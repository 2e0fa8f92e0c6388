"""The program in this process, in a folder and with settings of its own, for one brand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crosspost.cli.context import App
from crosspost.cli.root import run


class Home:
    """Called, it runs a command line that must succeed, and gives what it printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def __call__(self, *arguments: str) -> str:
        code = run(list(arguments))
        told = self._capsys.readouterr()
        assert code == 0, told.err
        return told.out

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def json_of(self, code: int, *arguments: str) -> Any:
        """The JSON of a command line that must end with that code."""
        assert run([*arguments, "--json"]) == code
        return json.loads(self._capsys.readouterr().out)

    def refused(self, code: int, *arguments: str) -> str:
        """The one sentence of a command line that must end with that code."""
        assert run(list(arguments)) == code
        told = self._capsys.readouterr()
        assert told.out == ""
        assert told.err.count("\n") == 1
        return told.err

    def status(self) -> Any:
        """`status` ends with 1 where something needs a person."""
        run(["status", "--json"])
        return json.loads(self._capsys.readouterr().out)

    def app(self) -> App:
        return App()
