"""Pinterest, API v5 on the outbound client: a pin is an image with a title, a description and a link.

There is no key, and a repeat is taken for a new pin: after a lost answer only the list of pins can tell. An app
with trial access posts pins that nobody but their owner sees, and no answer says so.

Source: the vendor's description 5.23.0 of December 2025 (github.com/pinterest/api-description); error codes and the
limits of images by the vendor's help pages and reports, read 2026-09-15.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar
from urllib.parse import quote

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, RateLimited, Rejected, Unauthorized, Unreachable
from crosspost.domain.facts import CardBy, Facts
from crosspost.domain.finding import Finding, good, see_to
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, ImageLimits, Limits
from crosspost.domain.login import Login, Renewal
from crosspost.domain.metric import FOLLOWERS, Metric, Reference, about, never, offered
from crosspost.domain.post import Cause, Listing, Post, Reading, ReadingStatus
from crosspost.domain.retention import Retention
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks import oauth
from crosspost.networks._answers import PUBLISH, READ, REMOVE, Step
from crosspost.networks._listing import PAGES, listing
from crosspost.networks._matching import links_in, readable, sighting
from crosspost.networks.network import Connection, Issued, Profile
from crosspost.outside.http import Answer

LINK_MAX = 2048
KEPT = timedelta(days=90)  # how far back analytics reach
_TAKEN = ("image/jpeg", "image/png")
_BAD, _NO_TOKEN, _THROTTLED, _SPAM, _FORBIDDEN = 1, 2, 8, 9, 29
_NO_BOARD, _NO_PIN, _NO_SECTION = 40, 50, 2031
_IMAGE = {233: "the image is too small", 235: "the image is broken"}
_TRIAL = (
    "pins of an app with trial access are seen by their owner alone: ask Pinterest for standard access, "
    "then --setting access=standard"
)


class Pinterest:
    name: ClassVar[str] = "pinterest"
    title: ClassVar[str] = "Pinterest"
    kind: ClassVar[Kind] = Kind.CONNECTOR
    default_server: ClassVar[str | None] = "https://api.pinterest.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "access_token": "user_accounts:read, boards:read, boards:write, pins:read, pins:write; the board by "
        "--setting board_id=…"
    }
    own_card: ClassVar[bool] = True  # the pin's own link
    limits: ClassVar[Limits] = Limits(
        # The description says maxLength and no unit: the strictest reading is taken.
        text=(AtMost(800, "utf-16 units"),),
        images=1,
        alt_text=500,
        image_bytes=20_000_000,
        source="github.com/pinterest/api-description v5 5.23.0, PinCreate; image size by the vendor's help pages",
        read_on=date(2026, 9, 15),
        image=ImageLimits(advised=2 / 3),
        title=AtMost(100, "utf-16 units"),
        needs_image=True,
    )
    login: ClassVar[Login | None] = Login(
        authorize="https://www.pinterest.com/oauth/",
        tokens="https://api.pinterest.com/v5/oauth/token",
        reading=("user_accounts:read", "boards:read", "pins:read"),
        writing=("boards:write", "pins:write"),
        renewal=Renewal.ROTATING,
        separator=",",
        pkce=False,  # the description of the token request names no verifier
        basic=True,
        redirect="http://localhost",
        early=timedelta(days=3),
        assumed=timedelta(days=30),
        extra=(("continuous_refresh", "true"),),  # apps made before 2025-09-25 need it, newer ones have it anyway
        source="github.com/pinterest/api-description v5 5.23.0, oauth/token",
        read_on=date(2026, 9, 15),
    )

    facts: ClassVar[Facts] = Facts(
        auth="a token of 30 days",
        cost="free",
        review="standard access; until then pins are seen by their author alone",
        card=CardBy.NOBODY,
        source="developers.pinterest.com/docs; github.com/pinterest/api-description 5.23.0",
        read_on=date(2026, 9, 15),
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("impressions", "IMPRESSION", "post"),
        Metric("clicks", "PIN_CLICK", "post", note="clicks that open the pin"),
        Metric("link_clicks", "OUTBOUND_CLICK", "post"),
        Metric("bookmarks", "SAVE", "post"),
        Metric("likes", "TOTAL_REACTIONS", "post"),
        Metric("replies", "TOTAL_COMMENTS", "post"),
        Metric("profile_clicks", "PROFILE_VISIT", "post"),
        *never("post", "Pinterest counts views, not viewers", "reach"),
        *never("post", "a repost is a save, counted as a bookmark", "reposts"),
        *never("post", "Pinterest has no quotes", "quotes"),
        Metric("followers", "follower_count", "account", counts=FOLLOWERS),
        Metric("posts", "pin_count", "account"),
        *never("account", "monthly_views is a rolling number, not a total", "impressions"),
        *never("account", "Pinterest counts views, not viewers", "reach"),
    )
    metrics_reference: ClassVar[Reference] = Reference(
        "github.com/pinterest/api-description v5 5.23.0, pin analytics and user account", date(2026, 9, 15)
    )
    retention: ClassVar[Retention] = Retention(
        Reference("policy.pinterest.com/en/developer-guidelines", date(2026, 9, 15)),
        note="no limit was found for the analytics of the own account; the guidelines ask to read again where one can",
    )

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def verify(self) -> Profile:
        """Who the token belongs to, and the board: the one that is set, which must be there, or the only one."""
        me = self._read("/v5/user_account")
        remote_id = answers.identity(me.get("id")) or answers.identity(me.get("username"))
        if not remote_id:
            raise answers.broken(READ, "an account")
        notes: tuple[str, ...] = () if self._on.settings.get("access") == "standard" else (_TRIAL,)
        board = self._on.settings.get("board_id")
        settings: dict[str, str] = {}
        if board:
            try:
                self._read(f"/v5/boards/{board}")
            except Unreachable as failure:
                if failure.code != str(_NO_BOARD):
                    raise
                raise Unauthorized(f"there is no board {board}: see board_id in the settings", code="40") from None
        else:
            boards = answers.rows(self._read("/v5/boards?page_size=250").get("items"), READ, "a list of boards", "id")
            if len(boards) == 1:
                settings["board_id"] = answers.identity(boards[0]["id"])
            else:
                named = ", ".join(f"{one['id']} ({answers.words(one.get('name'), ())})" for one in boards[:20])
                notes += (f"no board is chosen: --setting board_id=… with one of {named or 'none yet'}",)
        username = answers.text(me.get("username")) or remote_id
        return Profile(remote_id, username, answers.text(me.get("business_name")), notes, settings)

    # Examiner

    def examine(self, at: datetime) -> list[Finding]:
        who = self.verify()
        found = [good("token", f"works: {who.handle}")]
        if self._on.read_only:
            return found + examining.metrics(self, at)
        if self._on.settings.get("access") == "standard":
            found.append(good("access", "standard, you say"))
        else:
            text = "trial, unless you know better: pins are seen by their author alone, and no answer tells"
            remedy = "ask Pinterest for standard access, then crosspost account set … --setting access=standard"
            found.append(see_to("access", text, remedy))
        if self._on.settings.get("board_id") or who.settings.get("board_id"):
            found.append(good("board", "is there"))
        else:
            found.append(see_to("board", "none is chosen", "crosspost account set … --setting board_id=…"))
        return found + examining.metrics(self, at)

    # Refresher

    def refresh(self) -> Issued:
        return oauth.refreshed(self._on, self.login, self.default_server)

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        return readable(link_placement)

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """One request with the image in it. Raises Rejected without sending what cannot be a pin."""
        teaser = outgoing.teaser
        board = self._on.settings.get("board_id")
        if not board:
            raise Unauthorized("no board is chosen: --setting board_id=…", code="no board_id")
        if outgoing.parent_remote_id:
            raise Rejected("Pinterest takes no comments through its API", code="no replies")
        if len(teaser.images) != 1 or teaser.images[0].media_type not in _TAKEN:
            raise Rejected("a pin needs one image, JPEG or PNG", code="no image")
        if len(teaser.link) > LINK_MAX:
            raise Rejected(f"the link is longer than {LINK_MAX} characters", code="link")
        image = teaser.images[0]
        body = {
            "board_id": board, "title": teaser.extra.get("title"), "description": teaser.text, "link": teaser.link,
            "alt_text": image.alt or None, "media_source": _source(image, outgoing.attachments[image.sha256]),
        }  # fmt: skip
        made = self._send(PUBLISH, "POST", "/v5/pins", json={name: value for name, value in body.items() if value})
        pin = answers.identity(made.get("id"))
        if not pin:
            raise answers.broken(PUBLISH, "the pin's id")
        return Post(pin, _url(pin), teaser.text, answers.when(made.get("created_at")), (teaser.link,))

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        if outgoing.parent_remote_id:
            return Sighting(Found.INCONCLUSIVE, "comments are not listed among the pins")
        return sighting(outgoing, self.posts, since)

    # Remover

    def delete(self, post: Post) -> None:
        try:
            self._answer(REMOVE, "DELETE", f"/v5/pins/{post.remote_id}")
        except Rejected as refusal:
            if refusal.code not in (str(_NO_PIN), "404"):
                raise

    # Lister

    def posts(self, since: datetime, pages: int = PAGES) -> Listing:
        """The account's pins on every board. Their order is not documented: it is seen to be newest first, and the
        list is left early, or trusted where it is cut, only as long as it is."""
        found = listing(self._pages(), since, self._on.remote_id, pages, _oldest)
        newest_first = sorted(found.posts, key=lambda post: post.published_at or since, reverse=True)
        return found if found.notes else replace(found, posts=tuple(newest_first))

    def _pages(self) -> Iterator[tuple[list[Post], bool]]:
        bookmark = ""
        while True:
            page = self._read(f"/v5/pins?page_size=250{bookmark}")
            mark = page.get("bookmark")
            if mark and not isinstance(mark, str):
                raise answers.broken(READ, "the next page's bookmark")
            yield [_as_post(raw) for raw in answers.rows(page.get("items"), READ, "a list of pins", "id")], not mark
            bookmark = f"&bookmark={_encoded(str(mark))}"

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Lifetime numbers where Pinterest gives them, else the sum of the days, for pins younger than 90 days.

        A number that holds a day Pinterest has not finished is DELAYED. Days are UTC.
        """
        began = max(post.published_at or at - KEPT, at - KEPT).astimezone(UTC).date()
        path = f"/v5/pins/{post.remote_id}/analytics?start_date={began}&end_date={at.astimezone(UTC).date()}"
        mine = about(self.metrics, "post")

        def ask(some: tuple[str, ...]) -> dict[str, Any]:
            page = self._read(f"{path}&metric_types={','.join(some)}")
            return dict.fromkeys(some, answers.obj(page.get("all")))

        try:
            told = answers.each(
                [one.provider_name for one in offered(mine)],
                ask,
                refused=lambda one: one.code in (str(_BAD), str(_FORBIDDEN)),
                definite=lambda one: one.code == str(_BAD),
                dead=self._on.dead,
            )
        except Unreachable as failure:
            if failure.code not in (str(_NO_PIN), "404"):
                raise
            return answers.gone(mine, at, "the pin is no longer there")
        whole = post.published_at is not None and post.published_at > at - KEPT
        since = datetime(began.year, began.month, began.day, tzinfo=UTC)
        return [
            _reading(one, told[one.provider_name], since if whole else None, at) for one in offered(mine)
        ] + answers.unsupported(mine, at)

    def read_account(self, at: datetime) -> list[Reading]:
        me = self._read("/v5/user_account")
        missing, mine = "Pinterest answered without it", about(self.metrics, "account")
        found = [answers.reading(one, me.get(one.provider_name), at, missing) for one in offered(mine)]
        return found + answers.unsupported(mine, at)

    # The way to Pinterest and back

    def _read(self, path: str) -> dict[str, Any]:
        return self._send(READ, "GET", path)

    def _send(self, step: Step, method: str, path: str, **request: Any) -> dict[str, Any]:
        payload = answers.parsed(self._answer(step, method, path, **request))
        if not isinstance(payload, dict):
            raise answers.broken(step, "a JSON object")
        return payload

    def _answer(self, step: Step, method: str, path: str, **request: Any) -> Answer:
        token = answers.secret(self._on.secrets, "access_token").reveal()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        with answers.translating(step, self._on.secrets.values()):
            answer = self._on.outbound.send(
                method, self._on.server + path,
                configured=True, headers=headers, timeout_s=self._on.timeout_s, **request,
            )  # fmt: skip
        if not 200 <= answer.status < 300:
            raise self._failure(step, answer, answers.obj(answers.parsed(answer)))
        return answer

    def _failure(self, step: Step, answer: Answer, said: dict[str, Any]) -> NetworkFailure:
        told = said.get("code")
        code = told if 400 <= answer.status < 500 and isinstance(told, int) else None
        reason = answers.words(said.get("message") or "", self._on.secrets.values())
        mark = None if code is None else str(code)
        if answer.status == 429 or code == _THROTTLED:
            until = answers.wait_until(answer.headers, self._on.now())
            return RateLimited(reason, until=until, code=mark or "429")
        if code == _SPAM:
            return Unauthorized(f"Pinterest has blocked this against spam; nothing was created: {reason}", code=mark)
        if step is PUBLISH and code in (_NO_BOARD, _NO_SECTION):
            return Unauthorized(f"the board is gone: set board_id to another ({reason})", code=mark)
        if code == _NO_TOKEN or answer.status == 401:
            return Unauthorized(reason, code=mark or "401")
        if code == _FORBIDDEN or answer.status == 403:
            return Unauthorized(f"a permission is missing: {reason}", code=str(_FORBIDDEN))
        if code in _IMAGE:
            reason = f"{_IMAGE[code]}: {reason}"
        if answer.status == 404 and step is READ:
            mark = mark if code in (_NO_BOARD, _NO_PIN) else "404"
        return answers.by_status(step, answer.status, reason, code=mark)


def _source(image: Attachment, content: bytes) -> dict[str, str]:
    data = base64.b64encode(content).decode()
    return {"source_type": "image_base64", "content_type": image.media_type, "data": data}


def _reading(metric: Metric, told: Any, since: datetime | None, at: datetime) -> Reading:
    """`since`: the days that were asked for are the pin's whole life, from there on; None when they are not."""
    if isinstance(told, NetworkFailure):
        status = ReadingStatus.NOT_PERMITTED if isinstance(told, Unauthorized) else ReadingStatus.UNAVAILABLE
        dead = told.code == str(_BAD) and metric.provider_name in told.reason
        return answers.without(metric, at, told.reason, status, cause=Cause.DEAD_NAME if dead else None)
    whole = since is not None
    name, days = metric.provider_name, answers.objects(told.get("daily_metrics"))
    told_of = {answers.words(day.get("data_status"), ()) or "without a status" for day in days}
    states = told_of - {"READY"}
    lifetime = answers.obj(told.get("lifetime_metrics")).get(name)
    summed = answers.obj(told.get("summary_metrics")).get(name) if whole and lifetime is None else None
    value = lifetime if lifetime is not None else summed
    missing = f"Pinterest answered without {name}" if whole else f"days only reach back {KEPT.days} days"
    if value is None and whole and states:
        missing = f"Pinterest says {', '.join(sorted(states))}"
    found = answers.reading(metric, value, at, missing)
    if found.value is not None and summed is not None:
        found = replace(found, since=since, until=at)
    if found.value is None or not states:
        return found
    reason = f"not final: some days are {', '.join(sorted(states))}"
    return replace(found, status=ReadingStatus.DELAYED, reason=reason)


def _oldest(posts: list[Post]) -> datetime | None:
    """When the last pin was made, None unless every pin read so far is older than the one before it."""
    times = [post.published_at for post in posts]
    known = [at for at in times if at is not None]
    if not known or len(known) < len(times) or any(later > earlier for earlier, later in pairwise(known)):
        return None
    return known[-1]


def _encoded(bookmark: str) -> str:
    return quote(bookmark, safe="")


def _url(pin_id: str) -> str:
    return f"https://www.pinterest.com/pin/{pin_id}/"


def _as_post(raw: dict[str, Any]) -> Post:
    pin_id, text, link = answers.identity(raw.get("id")), answers.text(raw.get("description")), raw.get("link")
    links = ([link] if isinstance(link, str) else []) + links_in(text or "")
    return Post(pin_id, _url(pin_id), text, answers.when(raw.get("created_at")), tuple(links))
