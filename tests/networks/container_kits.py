"""Instagram and Threads as the contract suite sees them: both publish in two phases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from crosspost.domain.delivery import Outgoing
from tests.networks.canned import Reply, Request
from tests.networks.kits import LINK, NOW, SHA, Kit, graph_error, outgoing

CONTAINER = "17900000000000001"
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)


class ContainerKit(Kit):
    """`states` is what the container says of itself, look after look; the last one for ever."""

    edges: ClassVar[tuple[str, str]]  # of the container and of its publication
    state_field: ClassVar[str]
    error_field: ClassVar[str]
    counts: ClassVar[dict[str, int]]
    settings = {"media_base": "https://media.example"}

    def __init__(self) -> None:
        super().__init__()
        self.states = ["FINISHED"]
        self.error = ""
        self.state_with: Reply | None = None

    def is_publish(self, request: Request) -> bool:
        return request.method == "POST" and request.path.endswith(f"/{self.remote_id}/{self.edges[1]}")

    def is_content(self, request: Request) -> bool:
        return request.method == "POST" and request.path.endswith(f"/{self.remote_id}/{self.edges[0]}")

    def accept(self, request: Request) -> Any:
        last = request.path.rpartition("/")[2]
        if self.is_publish(request):
            return Reply({"id": self.post_id})
        if self.is_content(request):
            return self.upload_with or Reply({"id": CONTAINER})
        if last == CONTAINER:
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            return self.state_with or Reply({self.state_field: state, self.error_field: self.error, "id": CONTAINER})
        if last == self.edges[0] or last == "replies":
            paging = {"cursors": {"after": "c"}, "next": "https://graph.example/…"} if self.more else {}
            return self.read({"data": self.posts, "paging": paging})
        if last == "insights":
            return self.counted(request, {name: {"values": [{"value": value}]} for name, value in self.counts.items()})
        if last == self.post_id:
            return self.read({"id": self.post_id, "permalink": self.permalink, **self.posted(NOW)})
        return self.account(request)

    def counted(self, request: Request, known: dict[str, dict[str, Any]]) -> Any:
        """One dead name fails the whole request."""
        names = request.query["metric"].split(",")
        if any(name in self.without or name not in known for name in names):
            return graph_error(100, "(#100) metric[0] must be one of the following values: …")
        return self.read({"data": [{"name": name, "period": "lifetime", **known[name]} for name in names]})

    def account(self, request: Request) -> Any:
        raise KeyError(request)

    @property
    def permalink(self) -> str:
        return f"https://www.{self.name}.com/p/D1"

    def _kept(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name not in self.without}


class InstagramKit(ContainerKit):
    name = "instagram"
    secrets = {"page_token": "page-CANARY"}
    remote_id, post_id, reset_header = "17841400000000001", "17920000000000001", ""
    edges, state_field, error_field = ("media", "media_publish"), "status_code", "status"
    too_long = graph_error(100, "The caption was too long.", error_subcode=2207010)
    expired = graph_error(190, "Error validating access token: page-CANARY", error_subcode=463)
    throttled = graph_error(4, "Application request limit reached")
    counts = {
        "views": 700, "reach": 510, "likes": 31, "comments": 0, "reposts": 2, "saved": 6, "profile_visits": 4,
    }  # fmt: skip

    def outgoing(self, **changes: Any) -> Outgoing:
        """With a JPEG: there is no post without an image, and no other kind is taken."""
        made = outgoing(**{"images": True, **changes})
        images = tuple(replace(one, media_type="image/jpeg") for one in made.teaser.images)
        return replace(made, teaser=replace(made.teaser, images=images), attachments={SHA: JPEG})

    def account(self, request: Request) -> Any:
        if request.path.endswith("/me"):
            account = {"id": self.remote_id, "username": self.handle, "name": "Jardin"}
            return self.read({"id": "1010", "name": "Page", "instagram_business_account": account})
        counts = self._kept({"followers_count": 733, "media_count": 88})
        return self.read({"id": self.remote_id, **counts})

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S+0000")
        caption = f"{text} {link}" if link else text
        return {"id": self.post_id, "caption": caption, "timestamp": stamp, "permalink": self.permalink}


class ThreadsKit(ContainerKit):
    name = "threads"
    secrets = {"access_token": "threads-CANARY"}
    remote_id, post_id, reset_header = "24900000000000001", "18020000000000001", ""
    edges, state_field, error_field = ("threads", "threads_publish"), "status", "error_message"
    too_long = graph_error(100, "Param text must be at most 500 characters long.")
    expired = graph_error(190, "Error validating access token: threads-CANARY", error_subcode=463)
    throttled = graph_error(4, "Application request limit reached")
    counts = {"views": 650, "likes": 19, "replies": 0, "reposts": 2, "quotes": 1}

    def account(self, request: Request) -> Any:
        if request.path.endswith("/threads_insights"):
            clicks = [{"value": 9, "link_url": "https://go.example/other"}, {"value": 41, "link_url": LINK}]
            shapes: dict[str, dict[str, Any]] = {
                "followers_count": {"total_value": {"value": 377}},
                "clicks": {"link_total_values": clicks},
            }
            return self.counted(request, shapes)
        return self.read({"id": self.remote_id, "username": self.handle, "name": "Jardin"})

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S+0000")
        card = {"link_attachment_url": link} if link else {}
        return {
            "id": self.post_id, "text": text, "timestamp": stamp, "permalink": self.permalink,
            "media_type": "TEXT_POST", **card,
        }  # fmt: skip
