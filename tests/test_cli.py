"""The command line as a stranger meets it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import click
import pytest

from crosspost.cli.context import App
from crosspost.cli.root import COMMANDS, root, run
from tests.program import crosspost


def _all(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _all(child, (*path, name))
    yield path, command


EVERY = dict(_all(root))
LEAVES = {path: command for path, command in EVERY.items() if path and not isinstance(command, click.Group)}


@pytest.mark.parametrize("path", [path for path in EVERY if path], ids=" ".join)
def test_every_command_has_help_and_an_example(path: tuple[str, ...]) -> None:
    command = EVERY[path]
    assert command.help
    assert command.epilog is not None
    example = re.split(r" [<>|&;]+ ", command.epilog.removeprefix("Example: crosspost "))[0]
    context: click.Context = root.make_context("crosspost", shlex.split(example), obj=App())
    first = context._protected_args[0]
    while isinstance(context.command, click.Group) and (words := [*context._protected_args, *context.args]):
        name, child, rest = context.command.resolve_command(context, words)
        assert child is not None
        try:
            context = child.make_context(name, rest, parent=context)  # parsed as the program does, and not run
        except click.MissingParameter:
            raise
        except click.BadParameter:  # a file that is not there
            break
    assert first == path[0]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_speaks_json_and_explains_its_options(path: tuple[str, ...]) -> None:
    options = [one for one in LEAVES[path].params if isinstance(one, click.Option)]
    assert any("--json" in one.opts for one in options)
    assert all(one.help for one in options), [one.name for one in options if not one.help]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_example_can_be_typed_as_it_stands(path: tuple[str, ...]) -> None:
    example = str(LEAVES[path].epilog).removeprefix("Example: crosspost ")
    words = shlex.split(re.split(r" [|<>] ", example)[0])
    command: click.Command = root
    if words[0] == "--brand":  # it may stand before the command as well
        words = words[2:]
    while isinstance(command, click.Group):
        context = click.Context(command)
        name = words.pop(0) if words[0] in command.list_commands(context) else "files"  # which `import` may leave out
        command = cast(click.Command, command.get_command(context, name))
    command.make_parser(click.Context(command)).parse_args(words)


def test_the_brand_may_be_named_before_and_after_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--data-dir", str(tmp_path)]
    for name in ("First", "Second"):
        assert run([*home, "brand", "add", name]) == 0
    assert run([*home, "lead", "add", "--id", "seconds-own", "--brand", "second"]) == 0
    for arguments, seen in (
        (["--brand", "second", "lead", "list"], True),
        (["lead", "list", "--brand", "second"], True),
        (["--brand", "second", "lead", "list", "--brand", "first"], False),
    ):
        capsys.readouterr()
        assert run([*home, *arguments]) == 0
        assert ("seconds-own" in capsys.readouterr().out) == seen
    assert run([*home, "lead", "list", "--brand", "nobody"]) == 3


def test_help_lists_every_command_and_imports_none_of_them() -> None:
    code = (
        "import sys\n"
        "from crosspost.cli.root import run\n"
        "run(['--help'])\n"
        "heavy = {'sqlalchemy','alembic','matplotlib','numpy','scipy','httpx','requests','tweepy','facebook',"
        "'apscheduler','starlette','uvicorn','typst','rich','pydantic','jinja2','feedparser','cryptography'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "LOADED []" in result.stdout
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout


def test_help_imports_little() -> None:
    """The floor is Python's own; what --help adds must stay far from the 0.3 s promised on a busy machine."""
    timed = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "from crosspost.cli.root import run; run(['--help'])"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    names = [line.rsplit("|", 1)[1].strip() for line in timed.stderr.splitlines() if "|" in line]
    assert len(names) < 260, f"{len(names)} modules"


def test_a_misspelt_command_is_answered_with_the_right_one(tmp_path: Path) -> None:
    result = crosspost("aprove", home=tmp_path)
    assert result.returncode == 2
    assert "'approve'" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [
    ("brand", "add"), ("brand", "add", "x", "--zone", "Mars/Base"), ("brand", "add", "x", "--currency", "euro"),
    ("brand", "add", "x", "--link-mode", "redirect"), ("brand", "add", "x", "--slug", "../etc"), ("brand", "add", " "),
    ("check", "--network", "x"), ("check", "--network", "nope", "--text", "a"), ("plan", "--brand", "none"),
    ("account", "list"), ("--config", "missing.toml", "brand", "list"), ("audit", "--margin", "2"),
])  # fmt: skip
def test_wrong_arguments_are_refused_in_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = crosspost(*arguments, home=tmp_path)
    assert result.returncode in (2, 3), result.stderr
    assert result.stderr.startswith("crosspost: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr


def test_errors_are_json_where_json_was_asked_for(tmp_path: Path) -> None:
    result = crosspost("account", "list", "--json", home=tmp_path)
    assert result.returncode == 2
    assert json.loads(result.stderr)["remedy"].startswith("crosspost brand add")


def test_a_brand_is_added_listed_and_not_added_twice(tmp_path: Path) -> None:
    made = crosspost("brand", "add", "Café Léa", "--json", home=tmp_path)
    assert json.loads(made.stdout)["slug"] == "cafe-lea"
    again = crosspost("brand", "add", "Café Léa", home=tmp_path)
    assert again.returncode == 4
    assert "exists" in again.stderr
    listed = json.loads(crosspost("brand", "list", "--json", home=tmp_path).stdout)
    assert [one["name"] for one in listed] == ["Café Léa"]
    assert listed[0]["auto_publish"] is False


def test_check_measures_as_the_network_does(tmp_path: Path) -> None:
    result = crosspost(
        "check", "--network", "x", "--text", "été … https://example.org/long/path", "--json", home=tmp_path
    )
    found = json.loads(result.stdout)
    assert found["length"] == 3 + 1 + 2 + 1 + 23
    assert found["limits"] == [{"unit": "weighted characters", "length": 30, "max": 280}]
    assert found["problems"] == []
    piped = crosspost("check", "--network", "bluesky", "--text-file", "-", "--json", home=tmp_path, stdin="é" * 301)
    assert json.loads(piped.stdout)["length"] == 301
    assert json.loads(piped.stdout)["problems"]


def test_times_are_shown_in_the_brands_zone_and_told_to_programs_in_utc(tmp_path: Path) -> None:
    assert crosspost("brand", "add", "Lea", "--zone", "Europe/Paris", home=tmp_path).returncode == 0
    crosspost("lead", "add", "--id", "L1", "--at", "2026-05-04", "--channel", "referral", home=tmp_path)
    assert "2026-05-04T00:00+02:00" in crosspost("lead", "list", home=tmp_path).stdout
    assert "2026-05-03T22:00:00+00:00" in crosspost("lead", "list", "--json", home=tmp_path).stdout
