"""One small client per network, written from the documentation and not from the adapters: the tests' own mouth."""

from __future__ import annotations

import base64
import struct
import zlib
from datetime import UTC, datetime
from typing import Any

import httpx

from crosspost.domain.ids import record_key
from crosspost.sandbox.running import Sandbox

NETWORKS = ("x", "facebook", "mastodon", "bluesky", "instagram", "threads", "linkedin", "pinterest")
OPEN: list[httpx.Client] = []  # closed after each test


def png(width: int = 2) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + b"\x20\x40\x60" * width) * 2
    head = struct.pack(">IIBBBBB", width, 2, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Speaker:
    """`publish` sends text and link once; `found` is the account's links as its own list shows them."""

    def __init__(self, sandbox: Sandbox, network: str, *, handle: str = "ana", **behaviour: Any) -> None:
        self.sandbox, self.network = sandbox, network
        self.account = sandbox.add_account(network, handle, followers=500, **behaviour)
        self.id: str = self.account["id"]
        self.secrets: dict[str, str] = self.account["secrets"]
        self.http = httpx.Client(base_url=sandbox.origin, timeout=5, trust_env=False)
        OPEN.append(self.http)
        self.session: dict[str, Any] = {}
        names = {"x": "bearer", "facebook": "page_token", "instagram": "page_token"}
        token = self.secrets.get(names.get(network, "access_token"), "")
        if network == "bluesky":
            self.log_in()
            token = self.session["accessJwt"]
        self.http.headers["authorization"] = f"Bearer {token}"
        if network == "linkedin":
            self.http.headers.update({"LinkedIn-Version": "202607", "X-Restli-Protocol-Version": "2.0.0"})

    def log_in(self) -> None:
        wanted = {"identifier": self.account["handle"], "password": self.secrets["app_password"]}
        answer = self.http.post("/xrpc/com.atproto.server.createSession", json=wanted)
        assert answer.status_code == 200, answer.text
        self.session = answer.json()

    def record(self, text: str, link: str) -> dict[str, Any]:
        whole = f"{text} {link}"
        start = len(text.encode()) + 1
        feature = {"$type": "app.bsky.richtext.facet#link", "uri": link}
        facet = {"index": {"byteStart": start, "byteEnd": len(whole.encode())}, "features": [feature]}
        return {
            "$type": "app.bsky.feed.post", "text": whole, "createdAt": "2026-03-02T08:00:00.000Z", "facets": [facet],
        }  # fmt: skip

    def publish(self, n: int = 1, text: str = "Bonjour", key: str | None = None) -> httpx.Response:
        link = link_of(n)
        match self.network:
            case "x":
                return self.http.post("/2/tweets", json={"text": f"{text} {link}"})
            case "facebook":
                return self.http.post(f"/v26.0/{self.id}/feed", data={"message": text + str(n), "link": link})
            case "mastodon":
                headers = {"Idempotency-Key": key or f"key-{n}"}
                return self.http.post("/api/v1/statuses", data={"status": f"{text} {link}"}, headers=headers)
            case "instagram" | "threads":
                made = self.contain(f"{text} {link}")
                return self.show(made.json()["id"]) if made.is_success else made
            case "linkedin":
                return self.http.post("/rest/posts", json=self.share(f"{text} {link}"))
            case "pinterest":
                return self.http.post("/v5/pins", json=self.pin(text, link))
        return self.put(record_key(datetime(2026, 3, 2, 8, tzinfo=UTC), str(n), 1), self.record(text, link))

    def contain(self, text: str, **more: Any) -> httpx.Response:
        """The first of two phases: a container."""
        if self.network == "instagram":
            fields = {"image_url": "https://media.example/a.jpg", "caption": text}
            return self.http.post(f"/v26.0/{self.id}/media", data={**fields, **more})
        return self.http.post(f"/v1.0/{self.id}/threads", data={"media_type": "TEXT", "text": text, **more})

    def show(self, container: str) -> httpx.Response:
        """The second: its publication."""
        edge = "v26.0/{}/media_publish" if self.network == "instagram" else "v1.0/{}/threads_publish"
        return self.http.post("/" + edge.format(self.id), data={"creation_id": container})

    def share(self, commentary: str, **more: Any) -> dict[str, Any]:
        distribution = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}
        return {
            "author": self.id, "commentary": commentary, "visibility": "PUBLIC", "distribution": distribution,
            "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": False, **more,
        }  # fmt: skip

    def pin(self, text: str, link: str, **more: Any) -> dict[str, Any]:
        data = base64.b64encode(png()).decode()
        source = {"source_type": "image_base64", "content_type": "image/png", "data": data}
        board = f"{self.id}001"
        return {
            "board_id": board, "title": text, "description": text, "link": link, "media_source": source, **more,
        }  # fmt: skip

    def put(self, rkey: str, record: dict[str, Any], **more: Any) -> httpx.Response:
        body = {"repo": self.id, "collection": "app.bsky.feed.post", "rkey": rkey, "record": record}
        return self.http.post("/xrpc/com.atproto.repo.putRecord", json={"swapRecord": None, **body, **more})

    def listed(self, size: int = 20, **query: Any) -> httpx.Response:
        match self.network:
            case "x":
                fields: dict[str, Any] = {"max_results": size, "tweet.fields": "created_at,entities"}
                return self.http.get(f"/2/users/{self.id}/tweets", params={**fields, **query})
            case "facebook":
                fields = {"limit": size, "fields": "id,message,created_time,attachments{url,unshimmed_url}"}
                return self.http.get(f"/v26.0/{self.id}/published_posts", params={**fields, **query})
            case "mastodon":
                return self.http.get(f"/api/v1/accounts/{self.id}/statuses", params={"limit": size, **query})
            case "instagram":
                fields = {"limit": size, "fields": "id,caption,timestamp,permalink"}
                return self.http.get(f"/v26.0/{self.id}/media", params={**fields, **query})
            case "threads":
                fields = {"limit": size, "fields": "id,text,timestamp,permalink,link_attachment_url"}
                return self.http.get(f"/v1.0/{self.id}/threads", params={**fields, **query})
            case "linkedin":
                wanted: dict[str, Any] = {"author": self.id, "q": "author", "count": size, "sortBy": "CREATED"}
                return self.http.get("/rest/posts", params={**wanted, **query})
            case "pinterest":
                return self.http.get("/v5/pins", params={"page_size": size, **query})
        where: dict[str, Any] = {"repo": self.id, "collection": "app.bsky.feed.post", "limit": size}
        return self.http.get("/xrpc/com.atproto.repo.listRecords", params={**where, **query})

    def found(self, size: int = 20, **query: Any) -> list[str]:
        return self.links(self.listed(size, **query))

    def links(self, answer: httpx.Response) -> list[str]:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        match self.network:
            case "x":
                return [post["entities"]["urls"][0]["expanded_url"] for post in page.get("data", [])]
            case "facebook":
                return [post["attachments"]["data"][0]["unshimmed_url"] for post in page["data"]]
            case "mastodon":
                return [post["content"].partition('href="')[2].partition('"')[0] for post in page]
            case "instagram":
                return [post["caption"].rpartition(" ")[2] for post in page["data"]]
            case "threads":
                return [post["link_attachment_url"] for post in page["data"]]
            case "linkedin":
                return [post["commentary"].rpartition(" ")[2] for post in page["elements"]]
            case "pinterest":
                return [post["link"] for post in page["items"]]
        return [one["value"]["facets"][0]["features"][0]["uri"] for one in page["records"]]

    def next_page(self, answer: httpx.Response) -> dict[str, Any] | None:
        """The query that asks for the page after this one."""
        match self.network:
            case "x":
                token = answer.json()["meta"].get("next_token")
                return {"pagination_token": token} if token else None
            case "facebook" | "instagram" | "threads":
                paging = answer.json().get("paging", {})
                return {"after": paging["cursors"]["after"]} if "next" in paging else None
            case "mastodon":
                link = answer.headers.get("link", "")
                return {"max_id": link.partition("max_id=")[2].partition(">")[0]} if link else None
            case "linkedin":
                paging = answer.json()["paging"]
                return {"start": paging["start"] + len(answer.json()["elements"])} if paging["links"] else None
            case "pinterest":
                bookmark = answer.json()["bookmark"]
                return {"bookmark": bookmark} if bookmark else None
        cursor = answer.json().get("cursor")
        return {"cursor": cursor} if cursor else None

    def posted(self) -> list[list[str]]:
        """What really happened: the links of each post of the ledger."""
        return [entry["links"] for entry in self.sandbox.posted(network=self.network)]


def link_of(n: int) -> str:
    return f"https://blog.example.com/2026/03/article.html?utm_content=code{n:06d}"
