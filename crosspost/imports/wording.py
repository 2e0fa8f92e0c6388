"""The words of CRMs and forms, as data: which channel, stage or question they mean.

They stand in `words/*.toml`, and the owner's own in files like those. Case, accents and punctuation do not matter.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from crosspost.domain.business import NETWORK_CHANNELS, channel_name, is_listed
from crosspost.domain.errors import BadInput
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
    own = (
        None
        if folder is None
        else {name: _own(folder / f"{name}.toml") for name in ("channels", "stages", "questions")}
    )
    if own is None or not any(said for said, _ in own.values()):
        return shipped
    (channels, where_channels), (stages, where_stages), (questions, where_questions) = own.values()
    for source, channel in channels.items():
        if not isinstance(channel, str) or (channel and not is_listed(channel)):
            raise BadInput(
                f"{source!r}: {channel!r} is no channel that is known here", where=where_channels,
                remedy='such as "Salon" = "event", or "" where it tells nothing',
            )  # fmt: skip
    try:
        more = _stages(stages)
        told, mail = _phrases(questions, "told"), _phrases(questions, "mail")
    except (AttributeError, KeyError, TypeError):
        raise BadInput(
            "is not as it should be", where=where_stages if stages else where_questions,
            remedy="as the file of that name in crosspost/imports/words",
        ) from None  # fmt: skip
    return Words(
        channels={**shipped.channels, **{fold(source): channel for source, channel in channels.items()}},
        stages={of: {**shipped.stages[of], **more.get(of, {})} for of in shipped.stages},
        told=(*told, *shipped.told),
        mail=(*mail, *shipped.mail),
    )


@cache
def _shipped() -> Words:
    channels, stages, questions = (
        tomllib.loads((resources.files("crosspost.imports") / "words" / f"{name}.toml").read_text("utf-8"))
        for name in ("channels", "stages", "questions")
    )
    return Words(
        channels={fold(source): channel for source, channel in channels.items()},
        stages=_stages(stages),
        told=_phrases(questions, "told"),
        mail=_phrases(questions, "mail"),
    )


def _own(file: Path) -> tuple[dict[str, Any], str]:
    try:
        return tomllib.loads(file.read_text("utf-8")), str(file)
    except FileNotFoundError:
        return {}, str(file)
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(file), remedy="correct the TOML") from None


def _stages(said: Mapping[str, Mapping[str, list[str]]]) -> dict[Of, dict[str, Meaning]]:
    """Folded word → stage. Raises KeyError for what is neither a deal's nor a contact's, or no stage."""
    found: dict[Of, dict[str, Meaning]] = {"deal": {}, "contact": {}}
    for of, meanings in said.items():
        for meaning, names in meanings.items():
            found[_OF[of]] |= {fold(name): _MEANINGS[meaning] for name in names}
    return found


def _phrases(said: Mapping[str, Mapping[str, list[str]]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(one) for language in said.values() for one in language.get(name, ())))


def networks_in(*texts: str | None) -> Iterator[str]:
    """The networks that texts name, each as a whole: `LinkedIn`, or the source of `facebook / post`."""
    for text in texts:
        name = channel_name((text or "").partition("/")[0])
        if name in NETWORK_CHANNELS - {"social"}:
            yield name
