"""LinkedIn as the contract suite sees it: a page, whose posts can be listed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from tests.networks.canned import Reply, Request
from tests.networks.kits import LINK, Kit

TWIN = "urn:li:share:7141138937766391808"
IMAGE_URN = "urn:li:image:C4E10AQFoyyAjHPMQuQ"


def duplicate_of(urn: str) -> Reply:
    exception = "com.linkedin.content.common.exception.BadRequestResponseException"
    return Reply({
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": f"{exception}: Content is a duplicate of {urn}",
        "errorDetails": {
            "inputErrors": [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]
        },
        "status": 422,
    }, 422)  # fmt: skip


class LinkedInKit(Kit):
    name = "linkedin"
    secrets = {"access_token": "AQX-CANARY"}
    remote_id, post_id, reset_header = "urn:li:organization:2414183", "urn:li:share:7391000000000000001", ""
    too_long = Reply({"message": "ERROR :: /commentary :: text is longer than 3000 characters", "status": 422}, 422)
    expired = Reply(
        {"status": 401, "serviceErrorCode": 65602, "code": "EXPIRED_ACCESS_TOKEN", "message": "AQX-CANARY has expired"},
        401,
    )
    duplicate = duplicate_of(TWIN)
    throttled = Reply({"status": 429, "code": "TOO_MANY_REQUESTS", "message": "Resource level throttle limit"}, 429)

    def __init__(self) -> None:
        super().__init__()
        self.twin_with: Reply | None = None  # what a look at the twin brings; None: it is gone
        self.states = ["AVAILABLE"]  # of an image, look after look; the last one for ever

    def is_publish(self, request: Request) -> bool:
        return request.method == "POST" and request.path == "/rest/posts"

    def accept(self, request: Request) -> Any:
        if self.is_publish(request):
            return Reply(b"", 201, {"x-restli-id": self.post_id})
        if request.path == "/rest/images":
            host = request.headers["host"]
            value = {"uploadUrl": f"http://{host}/dms-uploads/1", "image": IMAGE_URN, "uploadUrlExpiresAt": 1}
            return self.upload_with or Reply({"value": value})
        if request.path == "/dms-uploads/1":
            return Reply(b"", 201)
        if request.path.startswith("/rest/images/"):
            return Reply({"status": self.states.pop(0) if len(self.states) > 1 else self.states[0]})
        if request.path == "/rest/posts":
            first = request.query["start"] == "0"
            return self.read({"elements": self.posts if first or self.more else []})
        if request.path.startswith("/rest/posts/"):
            return self.twin_with or Reply({"status": 404, "code": "NOT_FOUND", "message": "Could not find it"}, 404)
        if request.path == "/rest/organizationalEntityShareStatistics":
            counts = self._kept(self._statistics)
            return self.read({"elements": [{"share": self.post_id, "totalShareStatistics": counts}]})
        if request.path == f"/rest/networkSizes/{quote(self.remote_id, safe='')}":
            return self.read(self._kept({"firstDegreeSize": 564}))
        return self.read({"id": 2414183, "vanityName": self.handle, "localizedName": "Jardin"})

    _statistics = {
        "impressionCount": 1300, "uniqueImpressionsCount": 900, "clickCount": 44, "likeCount": 12, "commentCount": 0,
        "shareCount": 2, "engagement": 0.04,
    }  # fmt: skip

    def _kept(self, counts: dict[str, float]) -> dict[str, float]:
        return {name: value for name, value in counts.items() if name not in self.without}

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        content = {"content": {"article": {"source": link, "title": "Trois idées"}}} if link else {}
        stamp = int(at.timestamp() * 1000)
        return {"id": self.post_id, "author": self.remote_id, "commentary": text, "publishedAt": stamp, **content}
