"""All kits, in the order of the networks' own list."""

from __future__ import annotations

from tests.networks.container_kits import InstagramKit, ThreadsKit
from tests.networks.kits import BlueskyKit, FacebookKit, Kit, MastodonKit, XKit

KITS: tuple[type[Kit], ...] = (XKit, FacebookKit, MastodonKit, BlueskyKit, InstagramKit, ThreadsKit)
