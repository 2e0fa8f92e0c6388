"""How answers to "how did you hear of us?" are read: config/told.toml before the shipped rules, and history again."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crosspost.domain.business import channel_name, folded, is_listed
from crosspost.domain.errors import BadInput
from crosspost.domain.telling import NO_CHANNEL, SHIPPED, Rules, plain, read_answer
from crosspost.store import answers, events
from crosspost.store.store import Store

log = logging.getLogger(__name__)

_EXAMPLE = '[words] with lines such as "france inter" = "radio", and placebo = ["radio"]'


def read_rules(path: Path, slug: str) -> Rules:
    """A brand's rules: `placebo` and `[words]` hold for all, those under `[brands.SLUG]` for it alone and first.

    Raises BadInput naming file and key.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Rules()
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(path), remedy=_EXAMPLE) from None
    brands = raw.pop("brands", {})
    if not isinstance(brands, dict) or not all(isinstance(one, dict) for one in brands.values()):
        raise BadInput("`brands` holds tables, such as [brands.atelier]", where=str(path), remedy=_EXAMPLE)
    every = {"": _section(raw, path), **{name: _section(one, path, f"brands.{name}") for name, one in brands.items()}}
    mine = [one for name, one in every.items() if name in ("", slug)]
    placebo = frozenset(name for names, _ in mine for name in names)
    words = {phrase: channel for _, found in mine for phrase, channel in found.items()}
    for phrase, channel in words.items():
        if channel != NO_CHANNEL and channel not in placebo and not is_listed(channel):
            raise BadInput(
                f"{phrase!r}: {channel!r} is no channel that is known here", where=str(path),
                remedy="a network, social, referral, search, event, email, prospecting, recurrence, direct, ads, "
                "other, one of `placebo`, or none",
            )  # fmt: skip
    own = {one: name if name == NO_CHANNEL or name in placebo else channel_name(name) for one, name in words.items()}
    return Rules(tuple(own.items()), placebo)


def rules_at_hand(path: Path, slug: str) -> Rules:
    """As `read_rules`; a file that cannot be read costs nobody a lead: the shipped rules read the answer meanwhile."""
    try:
        return read_rules(path, slug)
    except BadInput as error:
        log.error("answers are read by the shipped rules alone: %s", error)
        return SHIPPED


def _section(raw: Mapping[str, Any], path: Path, name: str = "") -> tuple[list[str], dict[str, str]]:
    where = f"{path}: [{name}]" if name else str(path)
    unknown = sorted(raw.keys() - {"placebo", "words"})
    if unknown:
        raise BadInput(f"{unknown[0]!r} is no part of it", where=where, remedy=_EXAMPLE)
    placebo, words = raw.get("placebo", []), raw.get("words", {})
    if not isinstance(placebo, list) or not all(isinstance(one, str) and folded(one) for one in placebo):
        raise BadInput("`placebo` is a list of names", where=where, remedy=_EXAMPLE)
    if not isinstance(words, dict) or not all(
        isinstance(channel, str) and folded(channel) and plain(phrase) for phrase, channel in words.items()
    ):
        raise BadInput("`words` holds a channel for each of some words", where=where, remedy=_EXAMPLE)
    return [folded(one) for one in placebo], {phrase: folded(channel) for phrase, channel in words.items()}


@dataclass(frozen=True, slots=True)
class Reread:
    """An answer that is read otherwise than before. The words stay as they are."""

    lead: str
    told: str
    before: str | None
    after: str | None


def remap(store: Store, brand_id: str, now: datetime, rules: Rules, *, who: str, dry_run: bool = False) -> list[Reread]:
    """Read every answer of the brand again; what changed. With `dry_run` nothing is stored."""
    changed: list[Reread] = []
    with store.write(brand_id) as scope:
        for one in answers.told(scope):
            after = read_answer(one.told, rules).channel
            if after == one.channel:
                continue
            changed.append(Reread(one.source_id, one.told, one.channel, after))
            if not dry_run:
                answers.set_channel(scope, one.lead_id, after)
                events.record(scope, "told remapped", one.lead_id, who=who, now=now, before=one.channel, after=after)
    return changed
