"""The channels a business writes in its own words, and what they are: config/channels.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from crosspost.domain.business import folded, is_listed
from crosspost.domain.errors import BadInput


def read_channels(path: Path) -> Mapping[str, str]:
    """Folded name as recorded → a channel whose kind is known. Empty where there is no such file.

    One line per name: `"le podcast" = "event"`, `"LinkedIn Ads" = "ads"`. Raises BadInput naming file and line's key.
    """
    try:
        lines = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(
            f"cannot be read: {error}", where=str(path), remedy='lines such as "le podcast" = "event"'
        ) from None
    found: dict[str, str] = {}
    for name, channel in lines.items():
        if not isinstance(channel, str) or not folded(channel) or not is_listed(channel):
            raise BadInput(
                f"{name!r}: {channel!r} is no channel that is known here",
                where=str(path),
                remedy="a network, social, referral, search, event, email, prospecting, recurrence, direct, ads, other "
                "or unknown",
            )
        found[folded(name)] = channel
    return found
