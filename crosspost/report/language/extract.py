"""Bring every catalogue up to date: `python -m crosspost.report.language.extract`.

New texts come without a translation, those that changed with the old one marked fuzzy, and gone ones go.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from crosspost.report.language.english import ENGLISH
from crosspost.report.language.words import catalogue, languages

# Heads of a catalogue that change with each run, or that nobody fills in.
DATED = tuple(
    f'"{head}:'
    for head in (
        "Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date", "Last-Translator",
        "Language-Team", "Generated-By",
    )
)  # fmt: skip

PACKAGE = Path(__file__).parents[2]


def template() -> Catalog:
    """Every text that a report can say: the report's own under their keys, messages and counted nouns as they are."""
    found = Catalog(domain="crosspost", charset="utf-8", header_comment="# What crosspost's reports say.")
    for key, text in ENGLISH.items():
        found.add(text, context=key)
    for file in sorted(PACKAGE.rglob("*.py")):
        source = file.read_text("utf-8")
        messages = "crosspost.domain.message" in source or file.name == "message.py" or file.parent.name == "networks"
        if messages or PACKAGE / "report" in file.parents:
            for kind, text in said(ast.parse(source)):
                if kind == "count":
                    found.add((text, f"{text}s"))
                elif messages:  # elsewhere it is the report's own words, by their keys
                    found.add(text)
    return found


def said(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(`say`, template) and (`count`, noun) of every call with a literal, and why networks tell nothing (`never`,
    `gone`): those reasons are stored, and told from the store."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        place = {"say": 0, "count": 1, "count_of": 1, "never": 1, "gone": 2}.get(name)
        text = node.args[place] if place is not None and len(node.args) > place else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield name.removesuffix("_of"), text.value


def update(language: str) -> Path:
    """The catalogue of a language, with today's texts. Returns its file."""
    kept = catalogue(language)
    kept.update(template(), no_fuzzy_matching=False)
    kept.obsolete.clear()
    file = Path(__file__).with_name(f"{language}.po")
    out = BytesIO()
    write_po(out, kept, width=120, sort_output=True, include_lineno=False)
    lines = out.getvalue().decode().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith(DATED)), "utf-8")
    return file


if __name__ == "__main__":
    for name in languages():
        if name != "en":
            print(update(name))
