"""Facebook Pages, Graph API, through facebook-sdk (see _graph.py); what its errors mean stands in _meta.py.

One dead metric name fails a whole insights request, so each is asked alone. A call to an expired version is served
by the oldest living one without a word: the version in the answer's header is what a reading is filed under.

Source: developers.facebook.com, Graph API v26.0, read 2026-09-01.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, Unauthorized, Unreachable
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks import _meta
from crosspost.networks._answers import PREPARE, PUBLISH, READ, Step
from crosspost.networks._matching import links_in, pictures, readable, sighting, unwrapped
from crosspost.networks.network import Connection, Issued, Offer, Profile

if TYPE_CHECKING:
    from crosspost.networks._graph import Graph

PAGES = 5  # of 100 posts
_POST_FIELDS = "id,message,created_time,permalink_url,attachments{url,unshimmed_url,media_type}"
# metric: provider's name, key inside a breakdown ("*" adds all keys up)
_POST_METRICS: dict[str, tuple[str, str | None]] = {
    "impressions": ("post_media_view", None),
    "reach": ("post_total_media_view_unique", None),
    "clicks": ("post_clicks", None),
    "link_clicks": ("post_clicks_by_type", "link clicks"),
    "likes": ("post_reactions_by_type_total", "*"),
    "replies": ("post_activity_by_action_type", "comment"),
    "reposts": ("post_activity_by_action_type", "share"),
}
_NEVER = {
    "quotes": "Facebook counts a quote as a share",
    "bookmarks": "Facebook tells nobody how often a post was saved",
    "profile_clicks": "Facebook does not count them per post",
}


class Facebook:
    name: ClassVar[str] = "facebook"
    title: ClassVar[str] = "Facebook Page"
    default_server: ClassVar[str | None] = "https://graph.facebook.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "page_token": "Page access token with pages_manage_posts, pages_read_engagement and read_insights"
    }
    limits: ClassVar[Limits] = Limits(
        # Quoted everywhere, not by Meta; the unit is not stated, so the strictest reading is taken.
        text=(AtMost(63_206, "utf-16 units"),),
        images=10,
        alt_text=None,
        image_bytes=4_000_000,
        source="developers.facebook.com/docs/graph-api/reference/page/photos; text limit by common report",
        read_on=date(2026, 9, 1),
    )
    login: ClassVar[Login | None] = _meta.login(
        reading=("pages_show_list", "pages_read_engagement", "read_insights"),
        writing=("pages_manage_posts",),
    )

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._wanted = connection.settings.get("graph_version", _meta.VERSION)
        self._served = self._wanted

    def verify(self) -> Profile:
        try:
            page = self._call(READ, lambda g: g.get_object("me", fields="id,name,username,followers_count"))
        except Unreachable as failure:
            if failure.code == "100":  # users have no followers_count: the token is not a Page's
                raise Unauthorized("this is not a Page's token: take it from /me/accounts", code="100") from None
            raise
        if not page.get("id"):
            raise answers.broken(READ, "a Page")
        notes = (f"Facebook served {self._served}, not {self._wanted}: set graph_version to a living version",) * (
            self._served != self._wanted
        )
        return Profile(str(page["id"]), str(page.get("username") or page["id"]), page.get("name"), notes)

    # Chooser and Refresher

    def offers(self) -> list[Offer]:
        """The Pages that the user's token opens."""
        return _meta.offers(self._on, by="page")

    def refresh(self) -> Issued:
        return _meta.refreshed(self._on, self.login, self.default_server, by="page")

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
        remote_id = made.get("id")
        if not isinstance(remote_id, str) or not remote_id:
            raise answers.broken(PUBLISH, "the post's id")
        return Post(remote_id, _url(made), teaser.text, links=(teaser.link,))

    def _upload(self, outgoing: Outgoing, image: Attachment) -> str:
        content = (
            f"image.{image.media_type.partition('/')[2]}",
            outgoing.attachments[image.sha256],
            image.media_type,
        )
        data = {"published": "false"} | ({"alt_text_custom": image.alt} if image.alt else {})
        path = f"{self._on.remote_id}/photos"
        made = self._call(PREPARE, lambda g: g.put_photo(content, album_path=path, **data))
        if not isinstance(made.get("id"), str):
            raise answers.broken(PREPARE, "the photo's id")
        return str(made["id"])

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        if outgoing.parent_remote_id:
            return Sighting(Found.INCONCLUSIVE, "comments are not listed among the Page's posts")
        return sighting(outgoing, self.posts, since)

    # Lister

    def posts(self, since: datetime) -> Listing:
        found: list[Post] = []
        wanted: dict[str, Any] = {"fields": _POST_FIELDS, "since": int(since.timestamp()), "limit": 100}
        for _ in range(PAGES):
            page = self._call(READ, lambda g: g.get_connections(self._on.remote_id, "published_posts", **wanted))
            found += [_as_post(raw) for raw in answers.rows(page.get("data"), READ, "a list of posts")]
            paging = answers.obj(page.get("paging"))
            cursor = answers.obj(paging.get("cursors")).get("after")
            if not paging.get("next") or not isinstance(cursor, str):
                return Listing(tuple(found), since, self._on.remote_id)
            wanted["after"] = cursor
        oldest = found[-1].published_at if found else None
        return Listing(tuple(found), oldest, self._on.remote_id, (f"stopped after {PAGES} pages",))

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Lifetime totals, refreshed about once a day; a Page with fewer than 100 likes has none."""
        asked: dict[str, Any] = {}
        found = []
        for metric, (name, key) in _POST_METRICS.items():
            if name not in asked:
                asked[name] = self._insight(post.remote_id, name)
            found.append(self._reading(metric, name, key, asked[name], at))
        if all(isinstance(value, Unreachable) and value.code not in _meta.DEFINITE for value in asked.values()):
            raise next(iter(asked.values()))
        return found + answers.unsupported(_NEVER, at, self._served)

    def _insight(self, post_id: str, name: str) -> Any:
        """The metric's value, or the Unreachable or Unauthorized that stands for it alone."""
        try:
            page = self._call(READ, lambda g: g.get_connections(post_id, "insights", metric=name))
        except Unreachable as failure:
            return failure
        except Unauthorized as failure:
            if _meta.is_permission(failure):
                return failure
            raise
        values = answers.objects(next(iter(answers.objects(page.get("data"))), {}).get("values"))
        return values[-1].get("value") if values else None

    def _reading(self, metric: str, name: str, key: str | None, value: Any, at: datetime) -> Reading:
        missing = "Facebook answered without it: Pages under 100 likes have no insights, and fresh posts none yet"
        status = ReadingStatus.UNAVAILABLE
        if isinstance(value, NetworkFailure):
            status = ReadingStatus.NOT_PERMITTED if isinstance(value, Unauthorized) else status
            value, missing = None, value.reason
        elif key == "*":
            counts = [answers.number(count) for count in answers.obj(value).values()]
            known = [count for count in counts if count is not None]
            value, missing = (sum(known) if known else None), "the breakdown came empty"
        elif key is not None and isinstance(value, dict):
            name, missing = f"{name}.{key}", f"the breakdown came without {key!r}"
            value = value.get(key)
        found = answers.reading(metric, name, value, at, missing, self._served)
        return found if found.value is not None else replace(found, status=status)

    def read_account(self, at: datetime) -> list[Reading]:
        """Followers. Views and reach of a Page come per day, not as a total: they are imported instead."""
        page = self._call(READ, lambda g: g.get_object(self._on.remote_id, fields="followers_count"))
        missing = "Facebook answered without it"
        never = {
            "posts": "a Page tells no number of posts",
            "impressions": "Facebook offers views of a Page per day, not as a total",
            "reach": "Facebook offers reach of a Page per day, not as a total",
        }
        return [
            answers.reading("followers", "followers_count", page.get("followers_count"), at, missing, self._served),
            *answers.unsupported(never, at, self._served),
        ]

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
        self._served = answer.headers.get("facebook-api-version") or self._served
        return _meta.checked(step, answer, self._on)


def _url(raw: dict[str, Any]) -> str:
    return str(raw.get("permalink_url") or f"https://www.facebook.com/{raw['id']}")


def _as_post(raw: dict[str, Any]) -> Post:
    attached = answers.objects(answers.obj(raw.get("attachments")).get("data"))
    links = [unwrapped(str(one[key])) for one in attached for key in ("unshimmed_url", "url") if one.get(key)]
    message = raw.get("message")
    if isinstance(message, str):
        links += links_in(message)
    return Post(
        str(raw.get("id", "")),
        _url({"id": "", **raw}),
        message,
        answers.when(raw.get("created_time")),
        tuple(links),
    )
