"""Imports point one way, and the nouns and the arithmetic start without anything heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import crosspost

PACKAGE = Path(crosspost.__file__).parent

# What each part of the package may import beside itself. A part without a row fails the test.
BELOW_COMMANDS = frozenset(
    {"networks", "sources", "imports", "store", "report", "audit", "counters", "outside", "domain", "hitlog"}
    | {"templates", "notify"}
    | {"clock", "secret", "vault", "masterkey", "logs", "settings", "ownership", "variants"}
)
ARROWS: dict[str, frozenset[str]] = {
    "__main__": frozenset({"cli"}),
    "cli": BELOW_COMMANDS | {"commands", "web", "scheduler", "sandbox"},
    "web": BELOW_COMMANDS | {"commands"},
    "scheduler": BELOW_COMMANDS | {"commands"},
    "commands": BELOW_COMMANDS,
    "networks": frozenset({"outside", "domain", "secret"}),
    "sources": frozenset({"outside", "domain"}),
    "imports": frozenset({"domain", "reading"}),
    "reading": frozenset(),  # it runs in a child process that has nothing else
    "store": frozenset({"domain", "secret", "clock"}),
    "report": frozenset({"audit", "domain"}),
    "audit": frozenset({"domain"}),
    "counters": frozenset({"audit", "domain"}),
    "outside": frozenset({"domain", "secret"}),
    "notify": frozenset({"outside", "domain", "secret"}),
    "hitlog": frozenset({"domain"}),
    "ownership": frozenset({"domain"}),
    "variants": frozenset({"domain"}),
    "vault": frozenset({"domain", "secret", "logs", "masterkey"}),
    "masterkey": frozenset({"domain", "secret"}),
    "logs": frozenset({"secret"}),
    "settings": frozenset({"domain", "secret"}),
    "clock": frozenset({"domain"}),
    "secret": frozenset(),
    "domain": frozenset(),
    "templates": frozenset(),
    "sandbox": frozenset({"domain", "clock", "secret"}),  # its clients sign what they send
}
# The only commands that may know the sandbox.
SANDBOX_COMMANDS = frozenset({"crosspost.commands.demo", "crosspost.commands.sandbox"})
# Libraries that belong to one part, or to those named.
OWNED = {
    "apscheduler": "scheduler",
    "alembic": "store",
    "matplotlib": "report",
    "typst": "report",
    "duckdb": "counters",
    "ibis": "counters",
    "adbc_driver_sqlite": "counters",
    "adbc_driver_postgresql": "counters",
    "pyspark": "counters",
    "tweepy": "networks",
    "facebook": "networks",
    "feedparser": "sources",
    "PIL": "variants report",
    "pydantic_settings": "settings",
    "python_calamine": "reading",
    "charset_normalizer": "reading",
    "defusedxml": "reading report",
}
HEAVY = [
    "sqlalchemy",
    "duckdb",
    "ibis",
    "pyspark",
    "httpx",
    "requests",
    "tweepy",
    "facebook",
    "apscheduler",
    "matplotlib",
    "starlette",
    "uvicorn",
    "jinja2",
]


def modules() -> dict[str, Path]:
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def part(module: str) -> str:
    """The part of the package a module lies in: `crosspost.store.tables` lies in store."""
    return (module.split(".") + [""])[1]


def imported(source: str, module: str, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, absolute name) of every import of a source, those for type checking included."""
    here = module.split(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            up = here[: len(here) - node.level + is_package] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def complaints(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """What is wrong with the imports of one module."""
    own = part(module)
    found = []
    for line, name in imported(source, module, is_package=is_package):
        where = f"{module}:{line} imports {name}"
        owner = OWNED.get(name.split(".")[0])
        if owner is not None and own not in owner.split():
            found.append(f"{where}: only {owner} may")
        target = part(name)
        if name.split(".")[0] != "crosspost" or target in ("", own) or name == "crosspost.__version__":
            continue
        if own == "":
            found.append(f"{where}: the package itself imports nothing")
        elif target not in ARROWS.get(own, frozenset()) and not (target == "sandbox" and module in SANDBOX_COMMANDS):
            found.append(f"{where}: {own} may not know {target}")
    return found


def test_every_part_has_its_row() -> None:
    parts = {part(module) for module in modules()} - {""}
    assert {"domain", "audit", "networks", "store", "cli"} <= parts
    assert parts <= set(ARROWS)


def test_imports_point_one_way() -> None:
    found = [
        text
        for module, file in modules().items()
        for text in complaints(module, file.read_text(encoding="utf-8"), is_package=file.name == "__init__.py")
    ]
    assert not found, "\n".join(found)


def test_the_arrows_have_no_circle() -> None:
    """Otherwise the table could allow two parts to know each other."""
    left = {name: set(targets) for name, targets in ARROWS.items()}
    while free := {name for name, targets in left.items() if not targets & set(left)}:
        for name in free:
            del left[name]
    assert not left


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("crosspost.domain.article", "from crosspost.store import tables"),
        ("crosspost.domain.article", "import crosspost.audit"),
        ("crosspost.domain.article", "from crosspost import clock"),
        ("crosspost.audit.run", "def f():\n    from crosspost.clock import Clock"),
        ("crosspost.audit.run", "from ..store import tables"),
        ("crosspost.networks.x", "from crosspost.networks import network\nfrom crosspost.store import tables"),
        ("crosspost.store.posts", "import crosspost.networks.x"),
        ("crosspost.report.pdf", "from crosspost.commands import plan"),
        ("crosspost.commands.plan", "from crosspost.sandbox.state import State"),
        ("crosspost.commands.plan", "from crosspost.web.app import app"),
        ("crosspost.sandbox.state", "from crosspost.networks.x import X"),
        ("crosspost.web.app", "from crosspost.cli.root import run"),
        ("crosspost.newcomer", "from crosspost.domain import article"),
        ("crosspost", "from crosspost.domain import article"),
        ("crosspost.web.app", "import apscheduler.schedulers.background"),
        ("crosspost.audit.run", "from matplotlib import pyplot"),
    ],
)
def test_a_wrong_arrow_is_found(module: str, source: str) -> None:
    assert complaints(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "crosspost.audit.run",
            "from crosspost.domain.period import aware\nfrom crosspost.audit.counting import funnel",
        ),
        ("crosspost.commands.demo", "from crosspost.sandbox.state import State"),
        ("crosspost.commands.sandbox", "import crosspost.sandbox.state"),
        ("crosspost.cli.demo", "from crosspost.sandbox import state"),
        ("crosspost.outside.http", "from crosspost import __version__"),
        ("crosspost.report.html", "from crosspost.audit.results import Audit\nimport matplotlib"),
        ("crosspost.scheduler", "from apscheduler.schedulers.background import BackgroundScheduler"),
    ],
)
def test_a_right_arrow_is_let_through(module: str, source: str) -> None:
    assert not complaints(module, source)


def test_only_settings_reads_the_environment() -> None:
    readers = set()
    for module, file in modules().items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "name", "")
            if name in {"environ", "environb", "getenv"}:
                readers.add(module)
    assert readers <= {"crosspost.settings"}


def loaded_by(*names: str) -> set[str]:
    """Top-level packages that a fresh interpreter has loaded after importing `names` and all they contain."""
    script = (
        "import importlib, pkgutil, sys\n"
        "for name in sys.argv[1:]:\n"
        "    module = importlib.import_module(name)\n"
        "    for found in pkgutil.iter_modules(module.__path__):\n"
        "        importlib.import_module(f'{name}.{found.name}')\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", script, *names], check=True, capture_output=True, text=True, timeout=60)
    return set(ran.stdout.split())


def test_domain_and_audit_load_nothing_heavy() -> None:
    loaded = loaded_by("crosspost.domain", "crosspost.audit")
    assert "crosspost" in loaded
    assert not loaded & {*HEAVY}
    assert not loaded_by("crosspost.domain") & {"scipy", "numpy"}


def test_the_probe_sees_what_a_module_loads() -> None:
    assert "sqlalchemy" in loaded_by("crosspost.store")
