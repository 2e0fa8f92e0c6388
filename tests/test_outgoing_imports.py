"""Only crosspost/outside opens connections: no other module imports what could."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "crosspost"

# Modules that can open a connection to somewhere, or are an SDK that does.
OPENERS = frozenset(
    [
        "aiohttp",
        "asyncio",
        "atproto",
        "certifi",
        "facebook",
        "ftplib",
        "httpcore",
        "http.client",
        "httpx",
        "imaplib",
        "mastodon",
        "nntplib",
        "poplib",
        "requests",
        "requests_oauthlib",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "telnetlib",
        "tweepy",
        "urllib.request",
        "urllib3",
        "websockets",
        "xmlrpc.client",
    ]
)
# What may be imported outside crosspost/outside, by folder or file, and why.
ALLOWED = {
    "networks/": {"facebook", "tweepy", "requests"},  # the two SDKs, on the session of outside/sdk.py
    "sandbox/": OPENERS,  # a stand-in for networks and their readers: real HTTP over loopback
    "web/": {"asyncio", "socket"},  # servers: they accept connections
    "notify/mail.py": {"smtplib", "ssl"},  # mail goes to the owner's own server, which may well be a private one
    "hitlog/writer.py": {"asyncio", "socket"},  # grouped fsync, and the host's name
}


def _imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def forbidden_imports(source: str, place: str) -> set[str]:
    """What `source`, standing at `place` in the package, imports and may not."""
    openers = {
        opener
        for name in _imports(ast.parse(source))
        for opener in OPENERS
        if name == opener or name.startswith(f"{opener}.")
    }
    allowed = {name for prefix, names in ALLOWED.items() if place.startswith(prefix) for name in names}
    return openers - allowed


def test_no_module_opens_a_connection_by_itself() -> None:
    modules = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    assert "outside/wire.py" in modules
    wrong = {
        place: names
        for place, path in modules.items()
        if not place.startswith("outside/") and (names := forbidden_imports(path.read_text("utf-8"), place))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    ["import socket", "from urllib.request import urlopen", "from urllib import request", "import httpx as h",
     "def f():\n    import requests", "from http import client", "import requests.adapters"],
)  # fmt: skip
def test_the_check_sees(line: str) -> None:
    assert forbidden_imports(line, "commands/plan.py")
    assert not forbidden_imports("import json, urllib.parse\nfrom http import HTTPStatus", "commands/plan.py")


def test_what_may_be_imported_is_used() -> None:
    """An entry nobody needs is a hole left open."""
    for prefix in ALLOWED:
        places = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).as_posix().startswith(prefix)]
        used = {name for path in places for name in _imports(ast.parse(path.read_text("utf-8")))}
        assert used & OPENERS, prefix
