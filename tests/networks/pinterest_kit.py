"""Pinterest as the contract suite sees it: no pin without an image."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crosspost.domain.delivery import Outgoing
from tests.networks.canned import Reply, Request
from tests.networks.kits import LINK, NOW, Kit, outgoing

BOOKMARK = "b/=&page_size=1+é%41#"  # whatever it is, it must come back whole


def problem(status: int, code: int, message: str) -> Reply:
    return Reply({"code": code, "message": message}, status)


class PinterestKit(Kit):
    name = "pinterest"
    secrets = {"access_token": "pina-CANARY"}
    remote_id, post_id, reset_header = "2783136121146311751", "813744226420795884", ""
    settings = {"board_id": "549755885175"}
    too_long = problem(400, 1, "Invalid request: description is too long, at most 800 characters")
    expired = problem(401, 2, "Authentication failed. pina-CANARY")
    throttled = problem(429, 8, "You have exceeded your rate limit. Try again later.")

    def __init__(self) -> None:
        super().__init__()
        self.days: list[dict[str, Any]] = [{"date": "2026-11-19", "data_status": "READY", "metrics": {}}]

    def outgoing(self, **changes: Any) -> Outgoing:
        return outgoing(**{"images": True, "extra": {"title": "Trois idées"}, **changes})

    def is_publish(self, request: Request) -> bool:
        return request.method == "POST" and request.path == "/v5/pins"

    def accept(self, request: Request) -> Any:
        if self.is_publish(request):
            return Reply(self.posted(NOW), 201)
        if request.path == "/v5/pins":
            return self.read({"items": self.posts, "bookmark": BOOKMARK if self.more else None})
        if request.path.endswith("/analytics"):
            told = {"daily_metrics": self.days, "lifetime_metrics": self._kept(self._lifetime)}
            return self.read({"all": told | {"summary_metrics": self._kept(self._summary)}})
        if request.path.startswith("/v5/boards"):
            return self.read({"id": "549755885175", "name": "Jardin"})
        me = {"id": self.remote_id, "username": self.handle, "business_name": "Jardin"}
        return self.read(me | self._kept({"follower_count": 86, "pin_count": 17}))

    _lifetime = {"TOTAL_COMMENTS": 3, "TOTAL_REACTIONS": 8}
    _summary = {"IMPRESSION": 410, "PIN_CLICK": 21, "OUTBOUND_CLICK": 9, "SAVE": 5, "PROFILE_VISIT": 1}

    def _kept(self, counts: dict[str, int]) -> dict[str, int]:
        return {name: value for name, value in counts.items() if name not in self.without}

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S")
        return {"id": self.post_id, "created_at": stamp, "link": link, "title": "Trois idées", "description": text}
