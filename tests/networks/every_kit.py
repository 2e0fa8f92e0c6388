"""All kits, in the order of the networks' own list."""

from __future__ import annotations

from tests.networks.container_kits import InstagramKit, ThreadsKit
from tests.networks.kits import BlueskyKit, FacebookKit, Kit, MastodonKit, XKit
from tests.networks.linkedin_kit import LinkedInKit
from tests.networks.pinterest_kit import PinterestKit

KITS: tuple[type[Kit], ...] = (
    XKit, FacebookKit, MastodonKit, BlueskyKit, InstagramKit, ThreadsKit, LinkedInKit, PinterestKit,
)  # fmt: skip
