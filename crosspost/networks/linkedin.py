r"""LinkedIn, Posts API on the outbound client, for an organization or a member: the author's URN says which.

A repeat of the same text is refused with 422, and the refusal names the first post. The twin is read where the
token may: only a post that is there and carries our link counts as ours; after a deletion LinkedIn goes on naming
a post that is gone for one or two days. A post without its link in the text may be the twin of an older one.

Texts go out as little text (crosspost.domain.littletext); LinkedIn does not say what its 3,000 characters count, so
the strictest reading is taken: UTF-16 units with every backslash. It reads no page for a card: title, description
and picture are ours. A month's API version lives about a year.

Source: learn.microsoft.com/en-us/linkedin/marketing, li-lms-2026-06 to 08, read 2026-08-31; duplicates, silent cuts
and ghosts: reports of other projects, 2025-10 to 2026-10. Comments: the Comments API's page; their 1,250 characters by
report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import quote

from crosspost.domain import littletext
from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import Duplicate, NetworkFailure, NotSent, Rejected, Unauthorized, Unreachable
from crosspost.domain.facts import CardBy, Facts
from crosspost.domain.finding import Finding, good, see_to
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, ImageLimits, Limits
from crosspost.domain.login import Login, Renewal
from crosspost.domain.metric import Metric, Reference
from crosspost.domain.post import Listing, Post, Reading
from crosspost.domain.retention import Retention, Rule
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks import _linkedin_counts as counts
from crosspost.networks._answers import PREPARE, PUBLISH, READ, REMOVE
from crosspost.networks._linkedin_host import DEAD_VERSION, URN, VERSION, LinkedInHost
from crosspost.networks._listing import PAGES, listing
from crosspost.networks._matching import carries, fingerprinted, links_in, pictures, readable, sighting
from crosspost.networks.network import Connection, Profile

WARN = timedelta(days=60)
_PAGE, _MEMBER = "urn:li:organization:", "urn:li:person:"
_STORAGE = "LinkedIn's storage rules"
_TITLE, _DESCRIPTION = 400, 4086  # of a card, in characters; likely, not certain
_COMMENT = re.compile(r"urn:li:comment:\((urn:li:\w+:\w+),(\w+)\)")


class LinkedIn:
    name: ClassVar[str] = "linkedin"
    title: ClassVar[str] = "LinkedIn"
    kind: ClassVar[Kind] = Kind.CONNECTOR
    default_server: ClassVar[str | None] = "https://api.linkedin.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "access_token": "w_member_social with openid and profile for a member; w_organization_social and "
        "r_organization_social for a page, named by --setting author=urn:li:organization:…"
    }
    own_card: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(3000, "escaped utf-16 units"),),
        images=20,
        alt_text=4086,
        image_bytes=None,
        reply=(AtMost(1250, "utf-16 units"),),
        source="learn.microsoft.com/en-us/linkedin/marketing posts, images and little text pages",
        read_on=date(2026, 8, 31),
        image=ImageLimits(pixels=36_152_319),
    )

    facts: ClassVar[Facts] = Facts(
        auth="a token of 60 days, made again by its owner",
        cost="free",
        review="none to post as a member; a page, and every number, need the reviewed product",
        card=CardBy.CLIENT,
        source="learn.microsoft.com/en-us/linkedin/marketing, li-lms-2026-06 to 08",
        read_on=date(2026, 8, 31),
        variants=MappingProxyType(
            {
                "page": {"author": "urn:li:organization:1"},
                "member": {"author": "urn:li:person:1"},
            }
        ),
    )
    metrics: ClassVar[tuple[Metric, ...]] = counts.METRICS
    metrics_reference: ClassVar[Reference] = Reference(
        "learn.microsoft.com/en-us/linkedin/marketing, share statistics and member post analytics", date(2026, 8, 31)
    )
    retention: ClassVar[Retention] = Retention(
        Reference("learn.microsoft.com/en-us/linkedin/marketing/data-storage-requirements", date(2026, 8, 31)),
        rules=(
            Rule("readings of posts", timedelta(days=180), f"{_STORAGE}: a page's activity for 6 months", _PAGE),
            Rule("readings of the account", timedelta(days=365), f"{_STORAGE}: page reporting for a year", _PAGE),
            Rule("texts of adopted posts", timedelta(days=180), f"{_STORAGE}: a page's posts for 6 months", _PAGE),
            # Which row a member's own totals fall under is not said: 48 hours or a year.
            Rule(
                "readings of posts", timedelta(hours=48), f"{_STORAGE}: members' activity for 48 hours", _MEMBER, True
            ),
            Rule("readings of the account", timedelta(hours=48), f"{_STORAGE}: as members' activity", _MEMBER, True),
            Rule("texts of adopted posts", timedelta(hours=48), f"{_STORAGE}: members' activity for 48 hours", _MEMBER),
        ),
        note="what LinkedIn's own export files hold is yours and is kept: import them",
    )
    login: ClassVar[Login | None] = Login(
        authorize="https://www.linkedin.com/oauth/v2/authorization",
        tokens="https://www.linkedin.com/oauth/v2/accessToken",
        reading=("openid", "profile"),
        writing=("w_member_social",),
        reviewed=(
            "r_organization_social",
            "rw_organization_admin",
            "r_member_postAnalytics",
            "r_member_profileAnalytics",
        ),
        renewal=Renewal.NONE,  # partners' apps get a refresh token, a self-serve app gets none
        pkce=False,  # the code's exchange is refused as "invalid_client" when a code_verifier comes along
        redirect="http://localhost",
        assumed=timedelta(days=60),
        source="learn.microsoft.com authorization code flow; PKCE: UsefulSoftwareCo/executor #2087 (2026-09)",
        read_on=date(2026, 8, 31),
    )

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._author = connection.remote_id or connection.settings.get("author", "")
        self._api = LinkedInHost(connection)

    @property
    def _is_page(self) -> bool:
        return self._author.startswith(_PAGE)

    def verify(self) -> Profile:
        """A page's name, or the member the token belongs to. Raises Unauthorized for somebody else's token."""
        notes = self._age()
        if self._is_page:
            handle, name = self._page()
            return Profile(self._author, handle, name, notes)
        try:
            me = self._api.read("/v2/userinfo")
        except Unauthorized as failure:
            if failure.code != "403" or self._author:
                raise
            page = "a page's token needs --setting author=urn:li:organization:…, and a member's openid and profile"
            raise Unauthorized(f"{failure.reason}; {page}", code=failure.code) from None
        sub = answers.identity(me.get("sub"))
        if not sub:
            raise answers.broken(READ, "a member")
        member = f"urn:li:person:{sub}"
        if self._author not in ("", member):
            raise Unauthorized(f"the token belongs to {member}, not to {self._author}", code="another author")
        notes += ("LinkedIn lets nobody list a member's posts: what a lost answer leaves open is asked of you",)
        name = answers.text(me.get("name"))
        return Profile(member, name or member, name, notes)

    def _page(self) -> tuple[str, str | None]:
        number = self._author.rpartition(":")[2]
        try:
            page = self._api.read(f"/rest/organizations/{number}")
        except Unauthorized as failure:
            if failure.code != "403":
                raise
            # A token that may only post and list still proves itself by listing.
            self._api.read(self._list(start=0, count=1))
            return number, None
        return answers.text(page.get("vanityName")) or number, answers.text(page.get("localizedName"))

    def _age(self) -> tuple[str, ...]:
        ends = self._dies()
        if ends is None:
            return (f"api_version is {self._api.version!r}: write a month such as {VERSION}",)
        if ends - self._on.now() > WARN:
            return ()
        return (f"LinkedIn ends API version {self._api.version} about {ends.date()}: set api_version to a later month",)

    def _dies(self) -> datetime | None:
        """About when the version ends, a year after its month; None if it is no month."""
        try:
            first = datetime.strptime(self._api.version, "%Y%m").replace(tzinfo=UTC)
        except ValueError:
            return None
        return first.replace(year=first.year + 1, day=15)

    # Examiner

    def examine(self, at: datetime) -> list[Finding]:
        remedy = f"crosspost account set … --setting api_version={VERSION}, or a later month"
        try:
            who = self.verify()
        except Unauthorized as failure:
            if failure.code != DEAD_VERSION:
                raise
            return [see_to("api version", failure.reason, remedy)]
        dies = self._dies()
        if dies is None:
            age = see_to("api version", f"{self._api.version!r} is no month", remedy)
        else:
            age = examining.version(self._api.version, dies.date(), at, remedy)
        return [good("token", f"works: {who.handle}"), age, *examining.metrics(self, at)]

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        """The named twin is ours for certain only if its text carries our link, or if it can be read."""
        if link_placement == "text" or (self._is_page and fingerprinted(link_placement)):
            return DeliveryClass.NAMES_TWIN
        return readable(link_placement) if self._is_page else DeliveryClass.BLIND

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Upload the pictures, then post. `keep` stores the URNs of pictures LinkedIn has not finished with.

        Raises NotSent while it has not: nothing is public, and the next attempt takes up the same pictures.
        """
        teaser = outgoing.teaser
        if outgoing.parent_remote_id:
            return self._comment(outgoing, outgoing.parent_remote_id)
        body = {
            "author": self._author,
            "commentary": littletext.escaped(teaser.text),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }  # fmt: skip
        if content := self._content(outgoing, keep):
            body["content"] = content
        try:
            answer = self._api.send(PUBLISH, "POST", "/rest/posts", json=body)
        except Duplicate as refusal:
            raise self._twin(refusal, outgoing) from None
        urn = answer.headers.get("x-restli-id", "")
        if not URN.fullmatch(urn):
            raise answers.broken(PUBLISH, "the post's URN")
        return Post(urn, _url(urn), teaser.text, links=(teaser.link,))

    def _comment(self, outgoing: Outgoing, parent: str) -> Post:
        """A comment's text is plain: nothing in it is escaped."""
        body = {"actor": self._author, "object": parent, "message": {"text": outgoing.teaser.text}}
        answer = self._api.send(PUBLISH, "POST", f"/rest/socialActions/{_encoded(parent)}/comments", json=body)
        number = answer.headers.get("x-restli-id", "")
        urn = number if number.startswith("urn:li:comment:") else f"urn:li:comment:({parent},{number})"
        if not _COMMENT.fullmatch(urn):
            raise answers.broken(PUBLISH, "the comment's URN")
        url = f"{_url(parent)}?commentUrn={_encoded(urn)}"
        return Post(urn, url, outgoing.teaser.text, links=(outgoing.teaser.link,), counted=False)

    def _twin(self, refusal: Duplicate, outgoing: Outgoing) -> Duplicate:
        """The refusal with the twin's URN if that may be taken for ours, else without it."""
        urn = refusal.remote_id
        if urn is None:
            return refusal
        try:
            told = self._api.read(f"/rest/posts/{_encoded(urn)}")
            if not answers.identity(told.get("id")) or not isinstance(told.get("commentary"), str):
                raise answers.broken(READ, "the post that was asked for")
            twin = _as_post(told)
        except NetworkFailure as failure:
            if isinstance(failure, Unreachable) and failure.code in ("404", "410"):
                gone = f"{urn}, which is gone: a deleted post's text is refused for a day or two"
                return Duplicate(f"refused as a repeat of {gone}", code=refusal.code)
            return Duplicate(f"a repeat of {urn}, not verified: {failure.reason}", remote_id=urn, code=refusal.code)
        if fingerprinted(outgoing.teaser.link_placement) and not carries(twin.links, outgoing):
            return Duplicate(f"refused as a repeat of {urn}, which does not carry this link", code=refusal.code)
        return Duplicate(f"a repeat of {urn}, which is there", remote_id=urn, code=refusal.code)

    def _content(self, outgoing: Outgoing, keep: Callable[[str], None]) -> dict[str, Any] | None:
        """The card, else the picture or pictures: a post has one of them."""
        card = outgoing.teaser.card
        wanted = [one for one in outgoing.teaser.images if one.sha256 == card.image] if card else ()
        images = tuple(wanted) or pictures(outgoing.teaser)
        urns = self._pictures(outgoing, images, keep)
        if card:
            article = {"source": card.url, "title": card.title[:_TITLE], "description": card.description[:_DESCRIPTION]}
            if urns:
                article |= {"thumbnail": urns[0]} | ({"thumbnailAltText": images[0].alt} if images[0].alt else {})
            return {"article": article}
        shown = [
            {"id": urn} | ({"altText": image.alt} if image.alt else {}) for urn, image in zip(urns, images, strict=True)
        ]
        if len(shown) > 1:
            return {"multiImage": {"images": shown}}
        return {"media": shown[0]} if shown else None

    def _pictures(self, outgoing: Outgoing, images: tuple[Attachment, ...], keep: Callable[[str], None]) -> list[str]:
        """The URNs of the uploaded pictures, all usable. Raises NotSent while one is not."""
        urns = outgoing.handle.split(",") if outgoing.handle else []
        states = [self._state(urn) for urn in urns]
        if len(urns) != len(images) or any(state in ("GONE", "WAITING_UPLOAD") for state in states):
            urns = [self._upload(outgoing.attachments[image.sha256]) for image in images]
            states = [self._state(urn) for urn in urns]
        if "PROCESSING_FAILED" in states:
            raise Rejected("LinkedIn could not process the image", code="PROCESSING_FAILED")
        if any(state != "AVAILABLE" for state in states):
            keep(",".join(urns))
            raise NotSent("LinkedIn is still working on the image; nothing was posted", code="PROCESSING")
        return urns

    def _upload(self, content: bytes) -> str:
        wanted = {"initializeUploadRequest": {"owner": self._author}}
        made = self._api.send(PREPARE, "POST", "/rest/images?action=initializeUpload", json=wanted)
        value = answers.obj(answers.obj(answers.parsed(made)).get("value"))
        urn, url = answers.identity(value.get("image")), answers.address(value.get("uploadUrl"))
        if not urn or "," in urn or url is None:
            raise answers.broken(PREPARE, "an address to upload to")
        self._api.send(PREPARE, "PUT", url, content=content, headers={"Content-Type": "application/octet-stream"})
        return urn

    def _state(self, urn: str) -> str:
        try:
            found = answers.obj(answers.parsed(self._api.send(PREPARE, "GET", f"/rest/images/{_encoded(urn)}")))
        except Rejected as failure:
            if failure.code != "404":
                raise
            return "GONE"
        except Unauthorized as failure:
            if failure.code != "403":
                raise
            return "AVAILABLE"  # a token that may not look posts all the same; an unready picture is refused
        return answers.text(found.get("status")) or ""

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        """By the page's list of posts. A member's cannot be listed: the repeat that names its twin decides there."""
        if outgoing.parent_remote_id:
            return Sighting(Found.INCONCLUSIVE, "comments are not listed among the posts")
        if not self._is_page:
            return Sighting(Found.INCONCLUSIVE, "LinkedIn lets nobody list a member's posts")
        return sighting(outgoing, self.posts, since)

    # Replier

    def reply_class(self) -> DeliveryClass:
        """A repeated comment is not refused, and a member's cannot be listed."""
        return DeliveryClass.BLIND

    # Remover

    def delete(self, post: Post) -> None:
        """As often as one likes. The same text is then refused for a day or two all the same."""
        path = f"/rest/posts/{_encoded(post.remote_id)}"
        if comment := _COMMENT.fullmatch(post.remote_id):
            parent, number = (_encoded(part) for part in comment.groups())
            path = f"/rest/socialActions/{parent}/comments/{number}?actor={_encoded(self._author)}"
        try:
            self._api.send(REMOVE, "DELETE", path, headers={"X-RestLi-Method": "DELETE"})
        except Rejected as refusal:
            if refusal.code != "404":
                raise

    # Lister

    def posts(self, since: datetime, pages: int = PAGES) -> Listing:
        """A page's posts, by their creation; none for a member."""
        if not self._is_page:
            return Listing((), None, self._author, ("LinkedIn lets nobody list a member's posts",))
        return listing(self._pages(), since, self._author, pages)

    def _pages(self) -> Iterator[tuple[list[Post], bool]]:
        start = 0
        while True:
            answer = self._api.read(self._list(start=start, count=100))
            page = [_as_post(raw) for raw in answers.rows(answer.get("elements"), READ, "a list of posts", "id")]
            start += len(page)
            yield page, not page  # a page may be shorter than asked for and not the last; only an empty one is

    def _list(self, *, start: int, count: int) -> str:
        return f"/rest/posts?author={_encoded(self._author)}&q=author&start={start}&count={count}&sortBy=CREATED"

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """A page's post by its statistics (organic, the last twelve months); a member's by one call per metric."""
        if self._is_page:
            return counts.of_page_post(self._api.read, self._author, post, at, self._api.version)
        return counts.of_member_post(self._api.read, post, at, self._api.version, self._on.dead)

    def read_account(self, at: datetime) -> list[Reading]:
        return counts.of_account(self._api.read, self._author, at, self._api.version)


def _encoded(urn: str) -> str:
    return quote(urn, safe="")


def _url(urn: str) -> str:
    return f"https://www.linkedin.com/feed/update/{urn}"


def _as_post(raw: dict[str, Any]) -> Post:
    urn, commentary = answers.identity(raw.get("id")), answers.text(raw.get("commentary"))
    text = littletext.plain(commentary) if commentary else None
    source = answers.text(answers.obj(answers.obj(raw.get("content")).get("article")).get("source"))
    links = ([source] if source else []) + (links_in(text) if text else [])
    at = answers.when_ms(raw.get("publishedAt")) or answers.when_ms(raw.get("createdAt"))
    return Post(urn, _url(urn), text, at, tuple(links))
