r"""LinkedIn, Posts API on the outbound client, for an organization or a member: the author's URN says which.

A repeat of the same text is refused with 422, and the refusal names the first post. The twin is read where the
token may: only a post that is there and carries our link counts as ours; after a deletion LinkedIn goes on naming
a post that is gone for one or two days. A post without its link in the text may be the twin of an older one.

Texts go out as little text (crosspost.domain.littletext); LinkedIn does not say what its 3,000 characters count, so
the strictest reading is taken: UTF-16 units with every backslash. It reads no page for a card: title, description
and picture are ours. A month's API version lives about a year.

Source: learn.microsoft.com/en-us/linkedin/marketing, li-lms-2026-06 to 08, read 2026-08-31; duplicates, silent cuts
and ghosts: reports of other projects, 2025-10 to 2026-10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from crosspost.domain import littletext
from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import Duplicate, NetworkFailure, NotSent, RateLimited, Rejected, Unauthorized, Unreachable
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login, Renewal
from crosspost.domain.post import Listing, Post, Reading
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks import _linkedin_counts as counts
from crosspost.networks._answers import PREPARE, PUBLISH, READ, Step
from crosspost.networks._matching import carries, fingerprinted, links_in, pictures, readable, sighting
from crosspost.networks.network import Connection, Profile
from crosspost.outside.http import Answer

VERSION = "202607"  # alive until the middle of July 2027; a month's version may not work in its first weeks
PAGES = 5  # of 100 posts
WARN = timedelta(days=60)
_TITLE, _DESCRIPTION = 400, 4086  # of a card, in characters; likely, not certain
_URN = re.compile(r"urn:li:(?:share|ugcPost):\w+")
_TOKEN = {"65600": "the token is malformed", "65601": "the token was revoked", "65602": "the token has expired"}


class LinkedIn:
    name: ClassVar[str] = "linkedin"
    title: ClassVar[str] = "LinkedIn"
    default_server: ClassVar[str | None] = "https://api.linkedin.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "access_token": "w_member_social with openid and profile for a member; w_organization_social and "
        "r_organization_social for a page, named by --setting author=urn:li:organization:…"
    }
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(3000, "escaped utf-16 units"),),
        images=20,
        alt_text=4086,
        image_bytes=None,
        source="learn.microsoft.com/en-us/linkedin/marketing posts, images and little text pages",
        read_on=date(2026, 8, 31),
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
        self._version = connection.settings.get("api_version", VERSION)

    @property
    def _is_page(self) -> bool:
        return self._author.startswith("urn:li:organization:")

    def verify(self) -> Profile:
        """A page's name, or the member the token belongs to. Raises Unauthorized for somebody else's token."""
        notes = self._age()
        if self._is_page:
            handle, name = self._page()
            return Profile(self._author, handle, name, notes)
        me = self._read("/v2/userinfo")
        if not me.get("sub"):
            raise answers.broken(READ, "a member")
        member = f"urn:li:person:{me['sub']}"
        if self._author not in ("", member):
            raise Unauthorized(f"the token belongs to {member}, not to {self._author}", code="another author")
        notes += ("LinkedIn lets nobody list a member's posts: what a lost answer leaves open is asked of you",)
        name = str(me.get("name") or "") or None
        return Profile(member, name or member, name, notes)

    def _page(self) -> tuple[str, str | None]:
        number = self._author.rpartition(":")[2]
        try:
            page = self._read(f"/rest/organizations/{number}")
        except Unauthorized as failure:
            if failure.code != "403":
                raise
            # A token that may only post and list still proves itself by listing.
            self._read(self._list(start=0, count=1))
            return number, None
        return str(page.get("vanityName") or number), page.get("localizedName")

    def _age(self) -> tuple[str, ...]:
        try:
            first = datetime.strptime(self._version, "%Y%m").replace(tzinfo=UTC)
        except ValueError:
            return (f"api_version is {self._version!r}: write a month such as {VERSION}",)
        ends = first.replace(year=first.year + 1, day=15)
        if ends - self._on.now() > WARN:
            return ()
        return (f"LinkedIn ends API version {self._version} about {ends.date()}: set api_version to a later month",)

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
            raise Rejected("comments are not sent to LinkedIn: a repeated one would not be refused", code="no replies")
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
            answer = self._send(PUBLISH, "POST", "/rest/posts", json=body)
        except Duplicate as refusal:
            raise self._twin(refusal, outgoing) from None
        urn = answer.headers.get("x-restli-id", "")
        if not _URN.fullmatch(urn):
            raise answers.broken(PUBLISH, "the post's URN")
        return Post(urn, _url(urn), teaser.text, links=(teaser.link,))

    def _twin(self, refusal: Duplicate, outgoing: Outgoing) -> Duplicate:
        """The refusal with the twin's URN if that may be taken for ours, else without it."""
        urn = refusal.remote_id
        if urn is None:
            return refusal
        try:
            twin = _as_post(self._read(f"/rest/posts/{_encoded(urn)}"))
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
        made = self._send(PREPARE, "POST", "/rest/images?action=initializeUpload", json=wanted)
        value = answers.obj(answers.obj(answers.parsed(made)).get("value"))
        urn, url = value.get("image"), value.get("uploadUrl")
        if not isinstance(urn, str) or not isinstance(url, str):
            raise answers.broken(PREPARE, "an address to upload to")
        self._send(PREPARE, "PUT", url, content=content, headers={"Content-Type": "application/octet-stream"})
        return urn

    def _state(self, urn: str) -> str:
        try:
            found = answers.obj(answers.parsed(self._send(PREPARE, "GET", f"/rest/images/{_encoded(urn)}")))
        except Rejected as failure:
            if failure.code != "404":
                raise
            return "GONE"
        except Unauthorized as failure:
            if failure.code != "403":
                raise
            return "AVAILABLE"  # a token that may not look posts all the same; an unready picture is refused
        return str(found.get("status", ""))

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        """By the page's list of posts. A member's cannot be listed: the repeat that names its twin decides there."""
        if not self._is_page:
            return Sighting(Found.INCONCLUSIVE, "LinkedIn lets nobody list a member's posts")
        return sighting(outgoing, self.posts, since)

    # Lister

    def posts(self, since: datetime) -> Listing:
        """A page's posts, by their creation; none for a member."""
        if not self._is_page:
            return Listing((), None, self._author, ("LinkedIn lets nobody list a member's posts",))
        found: list[Post] = []
        for _ in range(PAGES):
            page = answers.rows(
                self._read(self._list(start=len(found), count=100)).get("elements"), READ, "a list of posts"
            )
            found += [_as_post(raw) for raw in page]
            oldest = found[-1].published_at if found else None
            # A page may be shorter than asked for and not the last; only an empty one is.
            if not page or (oldest is not None and oldest < since):
                recent = tuple(post for post in found if post.published_at is None or post.published_at >= since)
                return Listing(recent, since, self._author)
        return Listing(tuple(found), found[-1].published_at, self._author, (f"stopped after {PAGES} pages",))

    def _list(self, *, start: int, count: int) -> str:
        return f"/rest/posts?author={_encoded(self._author)}&q=author&start={start}&count={count}&sortBy=CREATED"

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """A page's post by its statistics (organic, the last twelve months); a member's by one call per metric."""
        if self._is_page:
            return counts.of_page_post(self._read, self._author, post.remote_id, at, self._version)
        return counts.of_member_post(self._read, post.remote_id, at, self._version)

    def read_account(self, at: datetime) -> list[Reading]:
        return counts.of_account(self._read, self._author, at, self._version)

    # The way to LinkedIn and back

    def _read(self, path: str) -> dict[str, Any]:
        payload = answers.parsed(self._send(READ, "GET", path))
        if not isinstance(payload, dict):
            raise answers.broken(READ, "a JSON object")
        return payload

    def _send(self, step: Step, method: str, where: str, **request: Any) -> Answer:
        """`where` is a path, or the whole address an upload was given."""
        token = answers.secret(self._on.secrets, "access_token").reveal()
        headers = {
            "Authorization": f"Bearer {token}", "LinkedIn-Version": self._version,
            "X-Restli-Protocol-Version": "2.0.0", "Accept": "application/json", **request.pop("headers", {}),
        }  # fmt: skip
        ours = where.startswith(("/", f"{self._on.server}/"))
        url = self._on.server + where if where.startswith("/") else where
        host = urlsplit(url).hostname or ""
        if not ours and not (url.startswith("https://") and host.endswith((".linkedin.com", ".licdn.com"))):
            raise step.not_sent("the answer names an address to upload to that is not LinkedIn's", code="address")
        with answers.translating(step, self._on.secrets.values()):
            answer = self._on.outbound.send(
                method, url, configured=ours, headers=headers, timeout_s=self._on.timeout_s, **request
            )
        if 200 <= answer.status < 300:
            return answer
        raise self._failure(step, answer)

    def _failure(self, step: Step, answer: Answer) -> NetworkFailure:
        said = answers.obj(answers.parsed(answer))
        faults = answers.objects(answers.obj(said.get("errorDetails")).get("inputErrors"))
        told = [str(said.get("message") or ""), *(str(one.get("description") or "") for one in faults)]
        reason = answers.words("; ".join(filter(None, told)), self._on.secrets.values())
        word = answers.words(said.get("code") or next((one["code"] for one in faults if "code" in one), ""), ())
        if answer.status == 426 or word == "NONEXISTENT_VERSION" or "is not active" in reason:
            remedy = f"API version {self._version} is no longer served: set api_version to a later month"
            return Unauthorized(f"{remedy} ({reason})", code="NONEXISTENT_VERSION")
        if 400 <= answer.status < 500 and (word == "DUPLICATE_POST" or "is a duplicate of urn:" in reason):
            twin = _URN.search(reason)
            return Duplicate(reason, remote_id=twin.group() if twin else None, code="DUPLICATE_POST")
        if answer.status == 401:
            number = str(said.get("serviceErrorCode") or "401")
            return Unauthorized(f"{_TOKEN.get(number, 'the token does not work')}: {reason}", code=number)
        if answer.status == 403:
            return Unauthorized(f"a permission is missing: {reason}", code="403")
        if answer.status == 429:  # quotas end at midnight UTC, and no header tells
            return RateLimited(reason, until=answers.wait_until(answer.headers, self._on.now()), code=word or "429")
        code = "404" if answer.status == 404 else word or None
        return answers.by_status(step, answer.status, reason, code=code)


def _encoded(urn: str) -> str:
    return quote(urn, safe="")


def _url(urn: str) -> str:
    return f"https://www.linkedin.com/feed/update/{urn}"


def _as_post(raw: dict[str, Any]) -> Post:
    urn, commentary = str(raw.get("id", "")), raw.get("commentary")
    text = littletext.plain(commentary) if isinstance(commentary, str) else None
    source = answers.obj(answers.obj(raw.get("content")).get("article")).get("source")
    links = ([str(source)] if source else []) + (links_in(text) if text else [])
    stamp = answers.number(raw.get("publishedAt")) or answers.number(raw.get("createdAt"))
    at = None if stamp is None else datetime.fromtimestamp(stamp / 1000, UTC)
    return Post(urn, _url(urn), text, at, tuple(links))
