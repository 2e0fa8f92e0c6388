"""Words reserved for randomised designs stand in no message of an audit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import crosspost.audit
from crosspost.audit.ledger import Ledger
from crosspost.audit.results import Basis, ShareClaim
from crosspost.audit.run import audit
from crosspost.audit.verdict import DEFAULT_CLAIMS
from tests.audit.ledgers import BRAND, MADE_AT, YEAR, clients, facebook, freelancer, olist, small
from tests.audit.observed import fading, moving

RESERVED = re.compile(r"\b(effects?|caus(e[sd]?|ing|al(ly)?)|thanks\s+to|driv(e[ns]?|ing)|drove)\b", re.IGNORECASE)
CLAIMS = (*DEFAULT_CLAIMS, *(ShareClaim(f"by {basis}", f"Few by {basis}", 0.2, basis) for basis in Basis))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("text", ["an effect", "Thanks to", "it drives", "the cause of", "causal", "Effects"])
def test_the_pattern_finds_them(text: str) -> None:
    assert RESERVED.search(text)


def test_because_is_no_cause() -> None:
    assert not RESERVED.search("because it was effective on a hard disk")


def said(ledger: Ledger) -> list[str]:
    return list(texts(audit(ledger, CLAIMS, made_at=MADE_AT).as_dict()))


def test_no_message_of_an_audit_has_them() -> None:
    ledgers = [
        small(), Ledger(BRAND, YEAR), clients(0, 12), clients(0, 60), clients(9, 9), clients(3, 70, 2),
        clients(0, 0, 9), clients(0, 0, 0, open_leads=4),
        fading(), moving(0.0, seed=1), moving(0.1, seed=1),
    ]  # fmt: skip
    everything = [text for ledger in ledgers for text in said(ledger)]
    assert len(everything) > 2000
    assert not [text for text in everything if RESERVED.search(text)]


@pytest.mark.shared
def test_no_message_on_reference_data_has_them() -> None:
    everything = [text for ledger in (olist(), freelancer(), facebook()) for text in said(ledger)]
    assert not [text for text in everything if RESERVED.search(text)]


def test_no_text_in_the_code_has_them() -> None:
    """Messages that none of the ledgers above brings out. Weeks and persons drawn by lot (A9) may speak of effects."""
    found = []
    folder = Path(crosspost.audit.__file__).parent
    files = sorted(file for file in folder.rglob("*.py") if file.parent != folder / "experiments")
    assert len(files) >= 10
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        found += [
            (file.name, node.lineno, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docs
            and RESERVED.search(node.value)
        ]
    assert not found
