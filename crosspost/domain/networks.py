"""The networks there are: one line each here, one file each in crosspost.networks. Everything else derives from them.

The list stands in the domain because a network is also a channel: a name that leads, touchpoints and answers use.
"""

from __future__ import annotations

from datetime import date

NETWORKS: dict[str, str] = {
    "x": "crosspost.networks.x:X",
    "facebook": "crosspost.networks.facebook:Facebook",
    "mastodon": "crosspost.networks.mastodon:Mastodon",
    "bluesky": "crosspost.networks.bluesky:Bluesky",
    "instagram": "crosspost.networks.instagram:Instagram",
    "threads": "crosspost.networks.threads:Threads",
    "linkedin": "crosspost.networks.linkedin:LinkedIn",
    "pinterest": "crosspost.networks.pinterest:Pinterest",
    "snapchat": "crosspost.networks.snapchat:Snapchat",
    "meetup": "crosspost.networks.meetup:Meetup",
    "viadeo": "crosspost.networks.viadeo:Viadeo",
    "periscope": "crosspost.networks.periscope:Periscope",
}

# Those that are gone, with their last day of service; None where nobody wrote it down. An audit needs no more of them.
CLOSED: dict[str, date | None] = {"viadeo": None, "periscope": date(2021, 3, 31)}
