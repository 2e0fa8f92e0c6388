"""Instagram with Facebook Login, on the outbound client: one image with its caption, published in two phases.

The token is that of the Page the professional account is connected to. Instagram fetches the image itself, so it must
stand under a public https address (`media_base`). Addresses in a caption are text: nobody can click them.

Source: developers.facebook.com, Instagram content publishing, insights and error codes, read 2026-06-22; the cap of
five hashtags was announced on 2025-12-18 and is being rolled out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import Rejected, Unauthorized, Unreachable
from crosspost.domain.facts import CardBy, Facts
from crosspost.domain.finding import Finding, good
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, ImageLimits, Limits
from crosspost.domain.login import Login
from crosspost.domain.metric import FOLLOWERS, Metric, Reference, about, never, offered
from crosspost.domain.post import Listing, Post, Reading
from crosspost.domain.retention import Retention
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks import _meta
from crosspost.networks import _meta_examining as meta_examining
from crosspost.networks import _meta_login as meta_login
from crosspost.networks._answers import PUBLISH, READ
from crosspost.networks._containers import Containers, Flow, Quota, public_url
from crosspost.networks._listing import PAGES, listing
from crosspost.networks._matching import links_in
from crosspost.networks.network import Connection, Issued, Offer, Profile

SETTLES = timedelta(hours=48)
_FLOW = Flow("media", "media_publish", "status_code", "status", "content_publishing_limit")
_TITLE = "Instagram"
_NO_ACCOUNT = "this Page has no professional Instagram account connected: connect it in the Page's settings"


class Instagram:
    name: ClassVar[str] = "instagram"
    title: ClassVar[str] = _TITLE
    kind: ClassVar[Kind] = Kind.CONNECTOR
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
        # The vendor's announcement of July 2014, in force as far as anybody reports; not all capitals either.
        reply=(AtMost(300, "utf-16 units"), AtMost(4, "hashtags"), AtMost(1, "unique links")),
        source="developers.facebook.com/docs/instagram-platform/content-publishing; hashtags: announced 2025-12-18",
        read_on=date(2026, 6, 22),
        # Beyond the ratio Instagram refuses: such an image gets white margins. Cutting would lose heads and words.
        image=ImageLimits(kinds=("image/jpeg",), widest=1440, ratio=(4 / 5, 1.91)),
        needs_image=True,
    )
    login: ClassVar[Login | None] = meta_login.login(
        reading=("pages_show_list", "pages_read_engagement", "instagram_basic", "instagram_manage_insights"),
        writing=("instagram_content_publish",),
    )

    facts: ClassVar[Facts] = Facts(
        auth="a Page's token, of the Page the professional account is connected to",
        cost="free; images need a public https address",
        review="none for one's own account; in development mode its own people alone see the posts",
        card=CardBy.NOBODY,
        source="developers.facebook.com: Instagram content publishing, app modes",
        read_on=date(2026, 6, 22),
        fetches_images=True,
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "impressions",
            "views",
            "post",
            settles_within=SETTLES,
            note="views, not the impressions that ended in April 2025",
        ),
        Metric("reach", "reach", "post", settles_within=SETTLES),
        Metric("likes", "likes", "post", settles_within=SETTLES),
        Metric("replies", "comments", "post", settles_within=SETTLES),
        Metric("reposts", "reposts", "post", settles_within=SETTLES),
        Metric("bookmarks", "saved", "post", settles_within=SETTLES),
        Metric("profile_clicks", "profile_visits", "post", settles_within=SETTLES),
        *never("post", "Instagram has no quotes", "quotes"),
        *never("post", "Instagram offers interactions, not a count of all clicks", "clicks"),
        *never(
            "post", "nobody can click an address in a caption: visits by the bio page are counted by day", "link_clicks"
        ),
        Metric("followers", "followers_count", "account", counts=FOLLOWERS),
        Metric("posts", "media_count", "account"),
        *never("account", "Instagram offers views of an account for periods, not as a total", "impressions"),
        *never("account", "Instagram offers reach of an account for periods, not as a total", "reach"),
    )
    metrics_reference: ClassVar[Reference] = Reference(
        "developers.facebook.com, Instagram media and account insights", date(2026, 6, 18)
    )
    retention: ClassVar[Retention] = _meta.RETENTION

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
        if not answers.identity(page.get("id")):
            raise answers.broken(READ, "a Page")
        account = answers.obj(page.get("instagram_business_account"))
        remote_id = answers.identity(account.get("id"))
        if not remote_id:
            raise Unauthorized(_NO_ACCOUNT, code="no account")
        notes = ["links in captions cannot be clicked: put a page of links into the bio, its visits are counted by day"]
        if not self._on.settings.get("media_base"):
            notes.append("media_base is not set: Instagram fetches images from a public https address")
        if (served := self._graph.served) != self._graph.wanted:
            notes.append(f"Facebook served {served}, not {self._graph.wanted}: set graph_version to a living version")
        name = answers.text(account.get("name")) or answers.text(page.get("name"))
        return Profile(remote_id, answers.text(account.get("username")) or remote_id, name, tuple(notes))

    # Examiner

    def examine(self, at: datetime) -> list[Finding]:
        who = self.verify()
        quota = self._containers.quota()
        return [
            good("token", f"works: {who.handle}"),
            *meta_examining.token(self._graph.about_token, self.login, self._on, at),
            meta_examining.version(self._graph.wanted, self._graph.served, at),
            *meta_examining.mode(self._on),
            examining.posts_left(quota.used, quota.total, quota.seconds),
            *meta_examining.usage(self._graph.headers),
            *examining.images_reachable(self._on, self.title),
            *examining.metrics(self, at),
        ]

    # Chooser and Refresher

    def offers(self) -> list[Offer]:
        """The Pages with a professional account that the user's token opens."""
        return meta_login.offers(self._on, by="instagram")

    def refresh(self) -> Issued:
        return meta_login.refreshed(self._on, self.login, self.default_server, by="instagram")

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        return DeliveryClass.HANDLE

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Raises Rejected before anything is sent where the image is missing or Instagram could not fetch it, and
        NotSent while it still works on the container."""
        teaser = outgoing.teaser
        if outgoing.parent_remote_id:
            return self._comment(outgoing, outgoing.parent_remote_id)
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

    def _comment(self, outgoing: Outgoing, parent: str) -> Post:
        """Needs instagram_manage_comments."""
        text = outgoing.teaser.text
        if any(char.isupper() for char in text) and not any(char.islower() for char in text):
            raise Rejected("Instagram takes no comment in capitals alone", code="capitals")
        made = self._graph.call(PUBLISH, "POST", f"{parent}/comments", {"message": text})
        remote_id = answers.identity(made.get("id"))
        if not remote_id:
            raise answers.broken(PUBLISH, "the comment's id")
        return Post(remote_id, self._containers.permalink(parent), text, links=(outgoing.teaser.link,), counted=False)

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        if outgoing.parent_remote_id:
            return Sighting(Found.INCONCLUSIVE, "Instagram does not list every comment")
        return self._containers.probe(outgoing, self.posts, since)

    def quota(self) -> Quota:
        """The day's posts: the documents say 100 in one place and 50 in another, so the account is asked."""
        return self._containers.quota()

    # Replier

    def reply_class(self) -> DeliveryClass:
        """A comment carries an address that nobody can click. Instagram may hide one, and lists no hidden ones: what
        an unanswered request did cannot be told."""
        return DeliveryClass.BLIND

    # Remover

    def delete(self, post: Post) -> None:
        """Reported to work since December 2025, with the permission instagram_manage_contents."""
        self._graph.delete(post.remote_id)

    # Lister

    def posts(self, since: datetime, pages: int = PAGES) -> Listing:
        account = self._on.remote_id
        shown = self._graph.pages(
            f"{account}/media", fields="id,caption,timestamp,permalink", since=int(since.timestamp()), limit=100
        )
        return listing((([_as_post(raw) for raw in rows], last) for rows, last in shown), since, account, pages)

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Lifetime totals, up to 48 hours behind."""
        mine = about(self.metrics, "post")
        told = self._graph.insights(f"{post.remote_id}/insights", (one.provider_name for one in offered(mine)))
        missing = "Instagram answered without it: the name may be dead, or too few people saw the post"
        found = [
            _meta.reading(one, told.get(one.provider_name), at, missing, self._graph.served) for one in offered(mine)
        ]
        return answers.settled(found, mine, post.published_at, at, _TITLE) + answers.unsupported(
            mine, at, self._graph.served
        )

    def read_account(self, at: datetime) -> list[Reading]:
        """Followers and posts. Views and reach come for periods, not as totals: they are imported instead."""
        mine = about(self.metrics, "account")
        account = self._graph.read(self._on.remote_id, fields=",".join(one.provider_name for one in offered(mine)))
        missing, version = "Instagram answered without it", self._graph.served
        return [
            answers.reading(one, account.get(one.provider_name), at, missing, version) for one in offered(mine)
        ] + answers.unsupported(mine, at, version)


def _as_post(raw: dict[str, Any]) -> Post:
    text = answers.text(raw.get("caption"))
    return Post(
        answers.identity(raw.get("id")),
        answers.address(raw.get("permalink")),
        text,
        answers.when(raw.get("timestamp")),
        tuple(links_in(text or "")),
    )
