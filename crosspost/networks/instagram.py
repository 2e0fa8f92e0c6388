"""Instagram with Facebook Login, on the outbound client: one image with its caption, published in two phases.

The token is that of the Page the professional account is connected to. Instagram fetches the image itself, so it must
stand under a public https address (`media_base`). Addresses in a caption are text: nobody can click them.

Source: developers.facebook.com, Instagram content publishing, insights and error codes, read 2026-06-22; the cap of
five hashtags was announced on 2025-12-18 and is being rolled out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import Rejected, Unauthorized, Unreachable
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login
from crosspost.domain.post import Listing, Post, Reading
from crosspost.networks import _answers as answers
from crosspost.networks import _meta
from crosspost.networks._answers import READ
from crosspost.networks._containers import Containers, Flow, Quota, public_url
from crosspost.networks._matching import links_in
from crosspost.networks.network import Connection, Issued, Offer, Profile

PAGES = 5  # of 100 posts
_FLOW = Flow("media", "media_publish", "status_code", "status", "content_publishing_limit")
_TITLE = "Instagram"
_POST_METRICS = {
    "impressions": "views",
    "reach": "reach",
    "likes": "likes",
    "replies": "comments",
    "reposts": "reposts",
    "bookmarks": "saved",
    "profile_clicks": "profile_visits",
}
_NEVER = {
    "quotes": "Instagram has no quotes",
    "clicks": "Instagram offers interactions, not a count of all clicks",
    "link_clicks": "nobody can click an address in a caption: visits by the bio page are counted by day",
}
_NO_ACCOUNT = "this Page has no professional Instagram account connected: connect it in the Page's settings"


class Instagram:
    name: ClassVar[str] = "instagram"
    title: ClassVar[str] = _TITLE
    default_server: ClassVar[str | None] = "https://graph.facebook.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "page_token": "access token of the Page the account is connected to, with instagram_basic, "
        "instagram_content_publish, instagram_manage_insights and pages_read_engagement"
    }
    limits: ClassVar[Limits] = Limits(
        # The unit is not stated, so the strictest reading is taken.
        text=(AtMost(2200, "utf-16 units"), AtMost(5, "hashtags")),
        images=1,
        alt_text=None,
        image_bytes=8_000_000,
        source="developers.facebook.com/docs/instagram-platform/content-publishing; hashtags: announced 2025-12-18",
        read_on=date(2026, 6, 22),
        needs_image=True,
    )
    login: ClassVar[Login | None] = _meta.login(
        reading=("pages_show_list", "pages_read_engagement", "instagram_basic", "instagram_manage_insights"),
        writing=("instagram_content_publish",),
    )

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        wanted = connection.settings.get("graph_version", _meta.VERSION)
        self._graph = _meta.GraphHost(connection, "page_token", wanted)
        self._containers = Containers(self._graph, _FLOW, connection.remote_id)

    def verify(self) -> Profile:
        """The professional account behind the Page's token, with what its owner should know."""
        try:
            page = self._graph.read("me", fields="id,name,instagram_business_account{id,username,name}")
        except Unreachable as failure:
            if failure.code == "100":  # users have no such field: the token is not a Page's
                raise Unauthorized("this is not a Page's token: take it from /me/accounts", code="100") from None
            raise
        if not page.get("id"):
            raise answers.broken(READ, "a Page")
        account = answers.obj(page.get("instagram_business_account"))
        if not account.get("id"):
            raise Unauthorized(_NO_ACCOUNT, code="no account")
        notes = ["links in captions cannot be clicked: put a page of links into the bio, its visits are counted by day"]
        if not self._on.settings.get("media_base"):
            notes.append("media_base is not set: Instagram fetches images from a public https address")
        if (served := self._graph.served) != self._graph.wanted:
            notes.append(f"Facebook served {served}, not {self._graph.wanted}: set graph_version to a living version")
        name = account.get("name") or page.get("name")
        return Profile(str(account["id"]), str(account.get("username") or account["id"]), name, tuple(notes))

    # Chooser and Refresher

    def offers(self) -> list[Offer]:
        """The Pages with a professional account that the user's token opens."""
        return _meta.offers(self._on, by="instagram")

    def refresh(self) -> Issued:
        return _meta.refreshed(self._on, self.login, self.default_server, by="instagram")

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        return DeliveryClass.HANDLE

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Raises Rejected before anything is sent where the image is missing or Instagram could not fetch it, and
        NotSent while it still works on the container."""
        teaser = outgoing.teaser
        if outgoing.parent_remote_id:
            raise Rejected("a comment on Instagram leaves no trace to find it by, and its links cannot be clicked")
        if len(teaser.images) != 1:
            raise Rejected(f"a post on {_TITLE} is one image, and here are {len(teaser.images)}", code="no image")
        image = teaser.images[0]
        fields = {
            "image_url": public_url(image, self._on.settings, ("image/jpeg",), _TITLE), "caption": teaser.text,
        }  # fmt: skip
        if image.alt:
            fields["alt_text"] = image.alt
        media_id = self._containers.publish(outgoing, fields, keep)
        return Post(media_id, self._containers.permalink(media_id), teaser.text, links=(teaser.link,))

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        return self._containers.probe(outgoing, self.posts, since)

    def quota(self) -> Quota:
        """The day's posts: the documents say 100 in one place and 50 in another, so the account is asked."""
        return self._containers.quota()

    # Lister

    def posts(self, since: datetime) -> Listing:
        account = self._on.remote_id
        rows, whole = self._graph.pages(
            f"{account}/media", PAGES,
            fields="id,caption,timestamp,permalink", since=int(since.timestamp()), limit=100,
        )  # fmt: skip
        found = tuple(_as_post(raw) for raw in rows)
        if whole:
            return Listing(found, since, account)
        return Listing(found, found[-1].published_at if found else None, account, (f"stopped after {PAGES} pages",))

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Lifetime totals, up to 48 hours behind."""
        told = self._graph.insights(f"{post.remote_id}/insights", _POST_METRICS.values())
        missing = "Instagram answered without it: the name may be dead, or too few people saw the post"
        found = [
            _meta.reading(metric, name, told.get(name), at, missing, self._graph.served)
            for metric, name in _POST_METRICS.items()
        ]
        return found + answers.unsupported(_NEVER, at, self._graph.served)

    def read_account(self, at: datetime) -> list[Reading]:
        """Followers and posts. Views and reach come for periods, not as totals: they are imported instead."""
        account = self._graph.read(self._on.remote_id, fields="followers_count,media_count")
        never = {
            "impressions": "Instagram offers views of an account for periods, not as a total",
            "reach": "Instagram offers reach of an account for periods, not as a total",
        }
        return [
            answers.reading(metric, name, account.get(name), at, "Instagram answered without it", self._graph.served)
            for metric, name in (("followers", "followers_count"), ("posts", "media_count"))
        ] + answers.unsupported(never, at, self._graph.served)


def _as_post(raw: dict[str, Any]) -> Post:
    caption = raw.get("caption")
    text = caption if isinstance(caption, str) else None
    return Post(
        str(raw.get("id", "")),
        raw.get("permalink"),
        text,
        answers.when(raw.get("timestamp")),
        tuple(links_in(text or "")),
    )
