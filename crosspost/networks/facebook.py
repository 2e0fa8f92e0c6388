"""Facebook Pages, Graph API, through facebook-sdk (see _graph.py); what its errors mean stands in _meta.py.

One dead metric name fails a whole insights request: then each is asked alone. A call to an expired version is served
by the oldest living one without a word: the version in the answer's header is what a reading is filed under.

Source: developers.facebook.com, Graph API v26.0, read 2026-09-01.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, Unauthorized, Unreachable
from crosspost.domain.facts import CardBy, Facts
from crosspost.domain.finding import Finding, good
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login
from crosspost.domain.metric import FOLLOWERS, Metric, Reference, about, never, offered
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.domain.retention import Retention
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks import _meta
from crosspost.networks import _meta_examining as meta_examining
from crosspost.networks import _meta_login as meta_login
from crosspost.networks._answers import PREPARE, PUBLISH, READ, REMOVE, Step
from crosspost.networks._listing import PAGES, listing
from crosspost.networks._matching import links_in, pictures, readable, sighting, unwrapped
from crosspost.networks.network import Connection, Issued, Offer, Profile

if TYPE_CHECKING:
    from crosspost.networks._graph import Graph

SETTLES = timedelta(hours=48)  # refreshed about once a day, and up to two days behind
_POST_FIELDS = "id,message,created_time,permalink_url,attachments{url,unshimmed_url,media_type}"


class Facebook:
    name: ClassVar[str] = "facebook"
    title: ClassVar[str] = "Facebook Page"
    kind: ClassVar[Kind] = Kind.CONNECTOR
    default_server: ClassVar[str | None] = "https://graph.facebook.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "page_token": "Page access token with pages_manage_posts, pages_read_engagement and read_insights"
    }
    own_card: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits(
        # Quoted everywhere, not by Meta; the unit is not stated, so the strictest reading is taken.
        text=(AtMost(63_206, "utf-16 units"),),
        images=10,
        alt_text=None,
        image_bytes=4_000_000,
        reply=(AtMost(8000, "utf-16 units"),),  # by common report
        source="developers.facebook.com/docs/graph-api/reference/page/photos; text limit by common report",
        read_on=date(2026, 9, 1),
    )
    login: ClassVar[Login | None] = meta_login.login(
        reading=("pages_show_list", "pages_read_engagement", "read_insights"),
        writing=("pages_manage_posts",),
    )

    facts: ClassVar[Facts] = Facts(
        auth="a Page token; it has no date, and ends with a password change or a lost role",
        cost="free",
        review="none for one's own Page; in development mode its own people alone see the posts",
        card=CardBy.NETWORK,
        source="developers.facebook.com: Pages API, access tokens, app modes",
        read_on=date(2026, 9, 1),
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "impressions",
            "post_media_view",
            "post",
            settles_within=SETTLES,
            note="views; not what impressions were until November 2025",
        ),
        Metric("reach", "post_total_media_view_unique", "post", settles_within=SETTLES),
        Metric("clicks", "post_clicks", "post", settles_within=SETTLES),
        Metric("link_clicks", "post_clicks_by_type", "post", part="link clicks", settles_within=SETTLES),
        Metric(
            "likes",
            "post_reactions_by_type_total",
            "post",
            part="*",
            settles_within=SETTLES,
            note="reactions of every kind",
        ),
        Metric("replies", "post_activity_by_action_type", "post", part="comment", settles_within=SETTLES),
        Metric("reposts", "post_activity_by_action_type", "post", part="share", settles_within=SETTLES),
        *never("post", "Facebook counts a quote as a share", "quotes"),
        *never("post", "Facebook tells nobody how often a post was saved", "bookmarks"),
        *never("post", "Facebook does not count them per post", "profile_clicks"),
        Metric("followers", "followers_count", "account", counts=FOLLOWERS),
        *never("account", "a Page tells no number of posts", "posts"),
        *never("account", "Facebook offers views of a Page per day, not as a total", "impressions"),
        *never("account", "Facebook offers reach of a Page per day, not as a total", "reach"),
    )
    metrics_reference: ClassVar[Reference] = Reference(
        "developers.facebook.com, Page and post insights; live answers of v25.0", date(2026, 9, 1)
    )
    retention: ClassVar[Retention] = _meta.RETENTION

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._wanted = connection.settings.get("graph_version", _meta.VERSION)
        self._served = self._wanted
        self._headers: Mapping[str, str] = {}  # of the last answer

    def verify(self) -> Profile:
        try:
            page = self._call(READ, lambda g: g.get_object("me", fields="id,name,username,followers_count"))
        except Unreachable as failure:
            if failure.code == "100":  # users have no followers_count: the token is not a Page's
                raise Unauthorized("this is not a Page's token: take it from /me/accounts", code="100") from None
            raise
        remote_id = answers.identity(page.get("id"))
        if not remote_id:
            raise answers.broken(READ, "a Page")
        notes = (f"Facebook served {self._served}, not {self._wanted}: set graph_version to a living version",) * (
            self._served != self._wanted
        )
        handle = answers.text(page.get("username")) or remote_id
        return Profile(remote_id, handle, answers.text(page.get("name")), notes)

    # Examiner

    def examine(self, at: datetime) -> list[Finding]:
        who = self.verify()
        usage = meta_examining.usage(self._headers)
        return [
            good("token", f"works: {who.handle}"),
            *meta_examining.token(self._about_token, self.login, self._on, at),
            meta_examining.version(self._wanted, self._served, at),
            *meta_examining.mode(self._on),
            *usage,
            *examining.metrics(self, at),
        ]

    def _about_token(self) -> dict[str, Any]:
        # The one request of ours with a token in its address: debug_token takes it as a parameter.
        token = answers.secret(self._on.secrets, "page_token").reveal()
        return self._call(READ, lambda g: g.get_object("debug_token", input_token=token))

    # Chooser and Refresher

    def offers(self) -> list[Offer]:
        """The Pages that the user's token opens."""
        return meta_login.offers(self._on, by="page")

    def refresh(self) -> Issued:
        return meta_login.refreshed(self._on, self.login, self.default_server, by="page")

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        """Readable only: repeats are sometimes refused (506, 368) and sometimes accepted."""
        return readable(link_placement)

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Text with its link card, or text with photos: Facebook shows one or the other.

        Photos go up unpublished first, which is invisible and repeatable; only the last request makes a post.
        A reply is a comment on the Page's own post.
        """
        teaser = outgoing.teaser
        data: dict[str, Any] = {"message": teaser.text, "fields": "id,permalink_url"}
        photos = [{"media_fbid": self._upload(outgoing, image)} for image in pictures(teaser)]
        if outgoing.parent_remote_id:
            data |= {"attachment_id": photos[0]["media_fbid"]} if photos else {}
            where = (outgoing.parent_remote_id, "comments")
        else:
            if photos:
                data["attached_media"] = json.dumps(photos)
            elif teaser.card:
                data["link"] = teaser.card.url
            where = (self._on.remote_id, "feed")
        made = self._call(PUBLISH, lambda g: g.put_object(*where, **data))
        remote_id = answers.identity(made.get("id"))
        if not remote_id:
            raise answers.broken(PUBLISH, "the post's id")
        counted = outgoing.parent_remote_id is None
        return Post(remote_id, _url(made), teaser.text, links=(teaser.link,), counted=counted)

    def _upload(self, outgoing: Outgoing, image: Attachment) -> str:
        content = (
            f"image.{image.media_type.partition('/')[2]}",
            outgoing.attachments[image.sha256],
            image.media_type,
        )
        data = {"published": "false"} | ({"alt_text_custom": image.alt} if image.alt else {})
        path = f"{self._on.remote_id}/photos"
        made = self._call(PREPARE, lambda g: g.put_photo(content, album_path=path, **data))
        photo = answers.identity(made.get("id"))
        if not photo:
            raise answers.broken(PREPARE, "the photo's id")
        return photo

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        parent = outgoing.parent_remote_id
        return sighting(outgoing, partial(self._comments, parent) if parent else self.posts, since)

    def _comments(self, post_id: str, since: datetime) -> Listing:
        """The comments under one post, newest first."""
        fields = "id,message,created_time,permalink_url"
        shown = self._pages(post_id, "comments", fields=fields, filter="stream", order="reverse_chronological")
        return listing(shown, since, self._on.remote_id, PAGES)

    # Replier

    def reply_class(self) -> DeliveryClass:
        """A comment is found among those of the post it stands under."""
        return DeliveryClass.READABLE

    # Remover

    def delete(self, post: Post) -> None:
        """A post or a comment."""
        node = post.remote_id
        _meta.deleted(
            lambda: self._call(REMOVE, lambda g: g.delete_object(node)),
            lambda: self._call(READ, lambda g: g.get_object(node, fields="id")),
        )

    # Lister

    def posts(self, since: datetime, pages: int = PAGES) -> Listing:
        account = self._on.remote_id
        shown = self._pages(account, "published_posts", fields=_POST_FIELDS, since=int(since.timestamp()))
        return listing(shown, since, account, pages)

    def _pages(self, node: str, edge: str, **wanted: Any) -> Iterator[tuple[list[Post], bool]]:
        while True:
            page = self._call(READ, lambda g: g.get_connections(node, edge, limit=100, **wanted))
            wanted["after"] = _meta.next_cursor(page)
            rows = answers.rows(page.get("data"), READ, f"a list of {edge.replace('_', ' ')}", "id")
            yield [_as_post(raw) for raw in rows], wanted["after"] is None

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Lifetime totals, refreshed about once a day; a Page with fewer than 100 likes has none."""
        mine = about(self.metrics, "post")
        if post.remote_id.partition("_")[0] != self._on.remote_id:
            why = "a comment has no insights"
            return [
                answers.without(one, at, why, ReadingStatus.UNSUPPORTED, self._served) for one in offered(mine)
            ] + answers.unsupported(mine, at, self._served)

        def ask(some: tuple[str, ...]) -> dict[str, Any]:
            metric = ",".join(some)
            return _meta.by_name(
                self._call(READ, lambda g: g.get_connections(post.remote_id, "insights", metric=metric))
            )

        told = _meta.each((one.provider_name for one in offered(mine)), ask, self._on)
        found = [self._reading(one, told.get(one.provider_name), at) for one in offered(mine)]
        return answers.settled(found, mine, post.published_at, at, "Facebook") + answers.unsupported(
            mine, at, self._served
        )

    def _reading(self, metric: Metric, told: Any, at: datetime) -> Reading:
        missing = "Facebook answered without it: Pages under 100 likes have no insights, and fresh posts none yet"
        if isinstance(told, NetworkFailure):
            return _meta.reading(metric, told, at, missing, self._served)
        values = answers.objects(answers.obj(told).get("values"))
        value = values[-1].get("value") if values else None
        if metric.part == "*":
            value, missing = answers.total(answers.obj(value).values()), "the breakdown came empty or broken"
        elif metric.part is not None and value is not None:
            value, missing = answers.obj(value).get(metric.part), f"the breakdown came without {metric.part!r}"
            metric = replace(metric, provider_name=f"{metric.provider_name}.{metric.part}")
        return answers.reading(metric, value, at, missing, self._served)

    def read_account(self, at: datetime) -> list[Reading]:
        """Followers. Views and reach of a Page come per day, not as a total: they are imported instead."""
        mine = about(self.metrics, "account")
        fields = ",".join(one.provider_name for one in offered(mine))
        page = self._call(READ, lambda g: g.get_object(self._on.remote_id, fields=fields))
        missing = "Facebook answered without it"
        return [
            answers.reading(one, page.get(one.provider_name), at, missing, self._served) for one in offered(mine)
        ] + answers.unsupported(mine, at, self._served)

    # The way to facebook-sdk and back

    def _graph(self) -> Graph:
        from crosspost.networks._graph import Graph

        return Graph(
            server=self._on.server,
            token=answers.secret(self._on.secrets, "page_token"),
            version=self._wanted,
            outbound=self._on.outbound,
            timeout_s=self._on.timeout_s,
        )

    def _call(self, step: Step, ask: Callable[[Graph], object]) -> dict[str, Any]:
        """The JSON object of a successful answer; every other outcome is raised as the step's failure."""
        with answers.translating(answers.before(step), self._on.secrets.values()):
            graph = self._graph()
        with answers.translating(step, self._on.secrets.values()):
            try:
                ask(graph)
            except Exception:
                if graph.answer is None:
                    raise
        answer = graph.answer
        if answer is None:
            raise step.unclear("facebook-sdk came back without an answer", code="no answer")
        self._headers = answer.headers
        self._served = answer.headers.get("facebook-api-version") or self._served
        return _meta.checked(step, answer, self._on)


def _url(raw: dict[str, Any]) -> str:
    return answers.address(raw.get("permalink_url")) or f"https://www.facebook.com/{answers.identity(raw.get('id'))}"


def _as_post(raw: dict[str, Any]) -> Post:
    attached = answers.objects(answers.obj(raw.get("attachments")).get("data"))
    shown = [answers.text(one.get(key)) for one in attached for key in ("unshimmed_url", "url")]
    message = answers.text(raw.get("message"))
    links = [unwrapped(link) for link in shown if link] + links_in(message or "")
    return Post(
        answers.identity(raw.get("id")),
        _url(raw),
        message,
        answers.when(raw.get("created_time")),
        tuple(links),
    )
