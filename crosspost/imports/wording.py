"""The words of CRMs and forms, as data: which channel, stage or question they mean.

They stand in `words/*.toml`, and the owner's own in files like those. Case, accents and punctuation do not matter.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from crosspost.domain.business import NETWORK_CHANNELS, channel_name, is_listed
from crosspost.domain.errors import BadInput
from crosspost.domain.origins import network_of
from crosspost.imports.shape import fold

Meaning = Literal["asked", "talking", "offered", "won", "lost", "none"]
Of = Literal["deal", "contact"]

_MEANINGS: dict[str, Meaning] = {
    "asked": "asked", "talking": "talking", "offered": "offered", "won": "won", "lost": "lost", "none": "none",
}  # fmt: skip
_OF: dict[str, Of] = {"deal": "deal", "contact": "contact"}
_PIPELINE = re.compile(r"\s*\([^()]*\)\s*$")  # HubSpot: `Closed Won (Sales Pipeline)`


@dataclass(frozen=True, slots=True)
class Words:
    """`channels`: a tool's name of a source → our channel, blank where it tells nothing. `stages`: of deals and
    contacts → ours. `told` and `mail`: words by which a question is known."""

    channels: Mapping[str, str]
    stages: Mapping[Of, Mapping[str, Meaning]]
    told: tuple[str, ...]
    mail: tuple[str, ...]

    def channel(self, source: str | None) -> str | None:
        """The channel that a source means; as written where it is not listed, None where it tells nothing."""
        if source is None:
            return None
        return self.channels.get(fold(source), source) or None

    def stage(self, of: Of, text: str | None) -> Meaning | None:
        """The stage that a word means, with or without its pipeline in brackets. None where nobody said."""
        names = self.stages[of]
        return names.get(fold(text or "")) or names.get(fold(_PIPELINE.sub("", text or "")))

    def asks(self, question: str) -> Literal["told", "mail"] | None:
        """What a question asks for: how they heard of us, or their mail address."""
        words = f" {fold(question)}"
        if any(f" {one}" in words for one in self.told):
            return "told"
        return "mail" if any(f" {one}" in words for one in self.mail) else None


def words(folder: Path | None = None) -> Words:
    """The shipped words, with the owner's own from channels.toml, stages.toml and questions.toml in `folder`.

    Raises BadInput naming the file that is wrong.
    """
    shipped = _shipped()
    if folder is None or not folder.is_dir():
        return shipped
    own = _words(lambda name: _own(folder / name), str(folder))
    return Words(
        channels={**shipped.channels, **own.channels},
        stages={of: {**shipped.stages[of], **own.stages[of]} for of in shipped.stages},
        told=(*own.told, *shipped.told),
        mail=(*own.mail, *shipped.mail),
    )


@cache
def _shipped() -> Words:
    folder = resources.files("crosspost.imports") / "words"
    return _words(lambda name: tomllib.loads((folder / name).read_text("utf-8")), "words")


def _own(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(file), remedy="correct the TOML") from None


def _words(read: Callable[[str], dict[str, Any]], folder: str) -> Words:
    """What three files say. Raises BadInput naming the first that does not say it as it should."""
    channels = {fold(source): channel for source, channel in read("channels.toml").items()}
    for source, channel in channels.items():
        if not isinstance(channel, str) or (channel and not is_listed(channel)):
            raise BadInput(
                f"{source!r}: {channel!r} is no channel that is known here", where=f"{folder}/channels.toml",
                remedy='such as "Salon" = "event", or "" where it tells nothing',
            )  # fmt: skip
    stages: dict[Of, dict[str, Meaning]] = {"deal": {}, "contact": {}}
    for of, meaning, names in _lists(read("stages.toml"), f"{folder}/stages.toml"):
        if of not in _OF or meaning not in _MEANINGS:
            raise BadInput(
                f"[{of}] {meaning} is no stage of a deal or a contact", where=f"{folder}/stages.toml",
                remedy=f"[deal] or [contact], and one of {', '.join(_MEANINGS)}",
            )  # fmt: skip
        stages[_OF[of]] |= dict.fromkeys(names, _MEANINGS[meaning])
    asked: dict[str, list[str]] = {"told": [], "mail": []}
    for language, what, phrases in _lists(read("questions.toml"), f"{folder}/questions.toml"):
        if what not in asked:
            raise BadInput(
                f"[{language}] {what} is no question", where=f"{folder}/questions.toml", remedy="told, or mail"
            )
        asked[what] += phrases
    return Words(channels, stages, tuple(asked["told"]), tuple(asked["mail"]))


def _lists(said: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, list[str]]]:
    """(section, key, words folded) of a file of lists. Raises BadInput for anything else in it."""
    for section, lists in said.items():
        for key, names in lists.items() if isinstance(lists, dict) else ((section, lists),):
            if (
                not isinstance(lists, dict)
                or not isinstance(names, list)
                or not all(isinstance(one, str) and fold(one) for one in names)
            ):
                raise BadInput(
                    f"{key!r} is no list of words in a section",
                    where=where,
                    remedy='such as [deal] and won = ["Signed"]',
                )
            yield section, key, [fold(one) for one in names]


def network_in(text: str | None) -> str | None:
    """The network that a source names as a whole: `LinkedIn`, `lnkd.in`, or the source of `facebook / post`."""
    source = (text or "").partition(" / ")[0].strip()
    name = network_of(source) or channel_name(source)
    return name if name in NETWORK_CHANNELS - {"social"} else None
