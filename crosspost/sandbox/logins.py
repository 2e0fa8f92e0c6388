"""What the sandbox's authorization server knows: apps, codes, what waits for a person, and how each network differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from crosspost.sandbox.faults import NETWORKS


@dataclass(frozen=True, slots=True)
class Rules:
    """How a network's authorization server behaves. Sources: the networks' own files in crosspost/networks.

    `pkce`: required, checked when it is used, unknown (its parameters mean nothing), or refused with the code.
    `code_s`: how long a code lives. `kind`: of the token a code gives; `refresh` says whether a refresh token comes.
    """

    kind: str
    code_s: float
    pkce: Literal["required", "checked", "unknown", "refused"] = "unknown"
    separator: str = " "
    basic: bool = False
    refresh: bool = False
    replay_ends_family: bool = False
    names_issuer: bool = False
    tail: str = ""  # what the network hangs on the address a browser is sent back to
    scopes: tuple[str, ...] = ()


_META = (
    "pages_show_list", "pages_read_engagement", "read_insights", "pages_manage_posts", "instagram_basic",
    "instagram_manage_insights", "instagram_content_publish", "business_management", "instagram_manage_contents",
)  # fmt: skip
RULES: dict[str, Rules] = {
    "x": Rules(
        "access", 30.0, "required", basic=True, refresh=True, replay_ends_family=True,
        scopes=("tweet.read", "tweet.write", "users.read", "media.write", "offline.access"),
    ),
    "linkedin": Rules(
        "access", 1800.0, "refused", scopes=("openid", "profile", "email", "w_member_social", "w_organization_social",
        "r_organization_social", "rw_organization_admin", "r_member_postAnalytics", "r_member_profileAnalytics"),
    ),
    "pinterest": Rules(
        "access", 600.0, separator=",", basic=True, refresh=True,
        scopes=("user_accounts:read", "boards:read", "boards:write", "pins:read", "pins:write"),
    ),
    "facebook": Rules("short", 600.0, "checked", separator=",", tail="#_=_", scopes=_META),
    "instagram": Rules("short", 600.0, "checked", separator=",", tail="#_=_", scopes=_META),
    "threads": Rules(
        "short", 3600.0, separator=",", tail="#_",
        scopes=("threads_basic", "threads_content_publish", "threads_manage_insights", "threads_delete"),
    ),
    "mastodon": Rules(
        "user", 600.0, "checked", names_issuer=True,
        scopes=("read", "write", "read:accounts", "read:statuses", "write:statuses", "write:media"),
    ),
}  # fmt: skip


@dataclass(slots=True)
class LoginApp:
    client_id: str
    secret: str
    network: str
    redirects: list[str]
    name: str = "crosspost"
    scopes: tuple[str, ...] | None = None  # what it was registered with; None: whatever the network has


@dataclass(slots=True)
class Asking:
    """A page that waits for its person, or the code that came of it."""

    app: LoginApp
    redirect: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    account_id: str = ""
    ends_at: datetime | None = None
    family: str = ""
    used: bool = False


@dataclass(slots=True)
class Logins:
    """`answer`: what every page answers by itself: allow or deny; "ask" shows it to a person. `granted`: the scopes
    that a person leaves standing; None: all that were asked for."""

    apps: dict[str, LoginApp] = field(default_factory=dict)
    tickets: dict[str, Asking] = field(default_factory=dict)
    codes: dict[str, Asking] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)  # family → when its person logged in
    pages: dict[tuple[str, str], str] = field(default_factory=dict)  # family and Page → its token
    answer: str = "ask"
    account: str | None = None
    granted: tuple[str, ...] | None = None
    refreshes: int = 0  # answered with fresh tokens
    told: list[dict[str, Any]] = field(default_factory=list)  # what was asked for, per page shown: no codes

    def __post_init__(self) -> None:
        """An app per network for those who try it, with the addresses crosspost uses by default."""
        for network in NETWORKS:
            if network in RULES and network != "mastodon":
                back = f"/callback/{network}"
                redirects = [f"http://127.0.0.1:8809{back}", f"http://localhost:8809{back}", f"https://localhost{back}"]
                self.add(network, redirects, f"sandbox-{network}-app", f"sandbox-{network}-secret")

    def add(self, network: str, redirects: list[str], client_id: str, secret: str) -> LoginApp:
        """Register an app; the one of that client id gets the further addresses."""
        if network not in RULES:
            raise ValueError(f"{network!r} has no login: one of {', '.join(RULES)}")
        made = self.apps.setdefault(client_id, LoginApp(client_id, secret, network, []))
        made.redirects += [one for one in redirects if one not in made.redirects]
        return made
