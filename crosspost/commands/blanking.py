"""Kept reports that name a person who is erased: written again from what remains, or emptied where that cannot be.

Pages, PDFs, pictures and tables are all made from the audit: what its JSON and the page do not say, none of them does.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

from crosspost.commands.archive import DAMAGE
from crosspost.commands.purge import FileDone
from crosspost.commands.rewriting import missing, rewrite_report
from crosspost.domain.errors import CrosspostError
from crosspost.domain.message import day, say
from crosspost.domain.telling import spoken
from crosspost.report.language.words import languages, words
from crosspost.report.place import JSON
from crosspost.report.write import BUNDLE, SUMMARY, blank
from crosspost.store import register
from crosspost.store.register import WrittenFile
from crosspost.store.store import Store

_DONE = "without what was erased"
_LEFT = f"{_DONE}; such a word stands in it still, in a title or a name of yours: look at it"


def erase_from_reports(store: Store, brand_id: str, named: Collection[str], now: datetime) -> tuple[FileDone, ...]:
    """See to every registered report and audit of a brand that holds one of these names or addresses.

    To be called after they were erased from the store: that is what reports are written from.
    """
    wanted = {one for one in map(spoken, named) if one}
    with store.database.read() as connection:
        listed = [one for one in register.all_of(connection) if one.brand_id == brand_id]
    done = []
    for one in listed:
        try:
            if not one.path.exists():
                done.append(missing(store, one))
            elif holds(one.path, wanted):
                done.append(_see_to(store, one, wanted, now))
        except OSError as error:
            why = f"it cannot be read ({error.strerror}): look whether it names them, and delete it"
            done.append(FileDone(str(one.path), one.kind, "kept", why))
    return tuple(done)


def holds(path: Path, wanted: Collection[str]) -> bool:
    """Whether a report's folder, or an audit's file and the bundle beside it, has one of these in whole words."""
    return any(f" {one} " in text for text in _texts(path) for one in wanted)


def _see_to(store: Store, one: WrittenFile, wanted: Collection[str], now: datetime) -> FileDone:
    path = str(one.path)
    note = say("written again on {day}: a person asked to be erased", day=day(now.date()))
    try:
        purge_at = rewrite_report(store, one, note)
        bundle = _bundle(one.path)
        if bundle.exists() and any(f" {word} " in text for text in _packed(bundle) for word in wanted):
            bundle.unlink()
    except (CrosspostError, OSError):
        return _empty(store, one, now)
    with store.database.write() as connection:
        register.purged(connection, one.path, purge_at)
    return FileDone(path, one.kind, "rewritten", _LEFT if holds(one.path, wanted) else _DONE)


def _empty(store: Store, one: WrittenFile, now: datetime) -> FileDone:
    """Remove the files, with a word in their place that says why."""
    try:
        if one.path.is_dir():
            language = next(iter(one.recipe.get("languages", ())), "en")
            tell = words(language if language in languages() else "en")
            blank(one.path, tell("blank", folder=one.path.name, day=tell.day(now)))
        else:
            one.path.unlink(missing_ok=True)
            _bundle(one.path).unlink(missing_ok=True)
    except OSError as error:
        why = f"it names them, and cannot be changed ({error.strerror}): delete it"
        return FileDone(str(one.path), one.kind, "kept", why)
    with store.database.write() as connection:
        register.remove(connection, one.path)
    return FileDone(str(one.path), one.kind, "deleted", "it named them, and could not be written again")


def _bundle(path: Path) -> Path:
    return (path if path.is_dir() else path.parent) / BUNDLE


def _texts(path: Path) -> Iterator[str]:
    """What is written there, file by file, as plain words with a space at both ends."""
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.name in (JSON, SUMMARY) or file.suffix == ".html":
                yield _plain(file.name, file.read_bytes())
    else:
        yield _plain(JSON, path.read_bytes())
    if _bundle(path).is_file():
        yield from _packed(_bundle(path))


def _packed(bundle: Path) -> Iterator[str]:
    """The same of a bundle's members; of one that is damaged, what can be read."""
    try:
        with zipfile.ZipFile(bundle) as archive:
            for name in archive.namelist():
                if name.endswith((".json", ".csv")):
                    yield _plain(name, archive.read(name))
    except DAMAGE:
        yield _plain("", bundle.read_bytes())


def _plain(name: str, content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    if name.endswith(".json"):
        with suppress(ValueError):  # what is no JSON is looked at as it stands
            text = "\n".join(_strings(json.loads(text)))
    elif name.endswith(".html"):
        text = unescape(re.sub(r"<[^>]*>", " ", re.sub(r'"data:[^"]*"|url\(data:[^)]*\)', '""', text)))
    return f" {spoken(text)} "


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
