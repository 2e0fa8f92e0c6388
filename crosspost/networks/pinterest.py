"""Pinterest, API v5 on the outbound client: a pin is an image with a title, a description and a link.

There is no key, and a repeat is taken for a new pin: after a lost answer only the list of pins can tell. An app
with trial access posts pins that nobody but their owner sees, and no answer says so.

Source: the vendor's description 5.23.0 of December 2025 (github.com/pinterest/api-description); error codes and the
limits of images by the vendor's help pages and reports, read 2026-09-15.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar
from urllib.parse import quote

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, RateLimited, Rejected, Unauthorized, Unreachable
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login, Renewal
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks import oauth
from crosspost.networks._answers import PUBLISH, READ, Step
from crosspost.networks._matching import links_in, readable, sighting
from crosspost.networks.network import Connection, Issued, Profile
from crosspost.outside.http import Answer

PAGES = 5  # of 250 pins
LINK_MAX = 2048
KEPT = timedelta(days=90)  # how far back analytics reach
_TAKEN = ("image/jpeg", "image/png")
_NO_TOKEN, _THROTTLED, _SPAM, _FORBIDDEN, _NO_BOARD, _NO_PIN, _NO_SECTION = 2, 8, 9, 29, 40, 50, 2031
_IMAGE = {233: "the image is too small", 235: "the image is broken"}
_TRIAL = (
    "pins of an app with trial access are seen by their owner alone: ask Pinterest for standard access, "
    "then --setting access=standard"
)
_COUNTS = {
    "impressions": "IMPRESSION",
    "clicks": "PIN_CLICK",
    "link_clicks": "OUTBOUND_CLICK",
    "bookmarks": "SAVE",
    "likes": "TOTAL_REACTIONS",
    "replies": "TOTAL_COMMENTS",
    "profile_clicks": "PROFILE_VISIT",
}
_NEVER = {
    "reach": "Pinterest counts views, not viewers",
    "reposts": "a repost is a save, counted as a bookmark",
    "quotes": "Pinterest has no quotes",
}


class Pinterest:
    name: ClassVar[str] = "pinterest"
    title: ClassVar[str] = "Pinterest"
    default_server: ClassVar[str | None] = "https://api.pinterest.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "access_token": "user_accounts:read, boards:read, boards:write, pins:read, pins:write; the board by "
        "--setting board_id=…"
    }
    limits: ClassVar[Limits] = Limits(
        # The description says maxLength and no unit: the strictest reading is taken.
        text=(AtMost(800, "utf-16 units"),),
        images=1,
        alt_text=500,
        image_bytes=20_000_000,
        source="github.com/pinterest/api-description v5 5.23.0, PinCreate; image size by the vendor's help pages",
        read_on=date(2026, 9, 15),
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

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def verify(self) -> Profile:
        """Who the token belongs to, and the board: the one that is set, which must be there, or the only one."""
        me = self._read("/v5/user_account")
        remote_id = str(me.get("id") or me.get("username") or "")
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
            boards = answers.rows(self._read("/v5/boards?page_size=250").get("items"), READ, "a list of boards")
            if len(boards) == 1:
                settings["board_id"] = str(boards[0].get("id"))
            else:
                named = ", ".join(f"{one.get('id')} ({one.get('name')})" for one in boards[:20])
                notes += (f"no board is chosen: --setting board_id=… with one of {named or 'none yet'}",)
        username = str(me.get("username") or remote_id)
        return Profile(remote_id, username, me.get("business_name") or None, notes, settings)

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
        if not isinstance(made.get("id"), str) or not made["id"]:
            raise answers.broken(PUBLISH, "the pin's id")
        at = answers.when(made.get("created_at"))
        return Post(made["id"], _url(made["id"]), teaser.text, at, (teaser.link,))

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        if outgoing.parent_remote_id:
            return Sighting(Found.INCONCLUSIVE, "comments are not listed among the pins")
        return sighting(outgoing, self.posts, since)

    # Lister

    def posts(self, since: datetime) -> Listing:
        """The account's pins on every board. Their order is not documented: it is seen to be newest first, and the
        list is left early, or trusted where it is cut, only as long as it is."""
        found: list[Post] = []
        bookmark = ""
        for _ in range(PAGES):
            page = self._read(f"/v5/pins?page_size=250{bookmark}")
            found += [_as_post(raw) for raw in answers.rows(page.get("items"), READ, "a list of pins")]
            oldest = _oldest(found)
            mark = page.get("bookmark")
            if not mark or (oldest is not None and oldest < since):
                recent = [post for post in found if post.published_at is None or post.published_at >= since]
                recent.sort(key=lambda post: post.published_at or since, reverse=True)
                return Listing(tuple(recent), since, self._on.remote_id)
            bookmark = f"&bookmark={_encoded(str(mark))}"
        return Listing(tuple(found), _oldest(found), self._on.remote_id, (f"stopped after {PAGES} pages",))

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Lifetime numbers where Pinterest gives them, else the sum of the days, for pins younger than 90 days.

        A number that holds a day Pinterest has not finished is DELAYED. Days are UTC.
        """
        began = max(post.published_at or at - KEPT, at - KEPT).astimezone(UTC).date()
        path = f"/v5/pins/{post.remote_id}/analytics?start_date={began}&end_date={at.astimezone(UTC).date()}"
        never = answers.unsupported(_NEVER, at)
        try:
            page = self._read(f"{path}&metric_types={','.join(_COUNTS.values())}")
        except Unauthorized as failure:
            if failure.code != str(_FORBIDDEN):
                raise
            status, why = ReadingStatus.NOT_PERMITTED, failure.reason
            return [Reading(metric, name, None, status, at, why) for metric, name in _COUNTS.items()] + never
        except Unreachable as failure:
            if failure.code not in (str(_NO_PIN), "404"):
                raise
            gone, status = "the pin is no longer there", ReadingStatus.UNAVAILABLE
            return [Reading(metric, name, None, status, at, gone) for metric, name in _COUNTS.items()] + never
        whole = post.published_at is not None and post.published_at > at - KEPT
        return [
            _reading(metric, name, answers.obj(page.get("all")), whole, at) for metric, name in _COUNTS.items()
        ] + never

    def read_account(self, at: datetime) -> list[Reading]:
        me = self._read("/v5/user_account")
        missing = "Pinterest answered without it"
        never = {
            "impressions": "monthly_views is a rolling number, not a total",
            "reach": "Pinterest counts views, not viewers",
        }
        names = {"followers": "follower_count", "posts": "pin_count"}
        found = [answers.reading(metric, name, me.get(name), at, missing) for metric, name in names.items()]
        return found + answers.unsupported(never, at)

    # The way to Pinterest and back

    def _read(self, path: str) -> dict[str, Any]:
        return self._send(READ, "GET", path)

    def _send(self, step: Step, method: str, path: str, **request: Any) -> dict[str, Any]:
        token = answers.secret(self._on.secrets, "access_token").reveal()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        with answers.translating(step, self._on.secrets.values()):
            answer = self._on.outbound.send(
                method, self._on.server + path,
                configured=True, headers=headers, timeout_s=self._on.timeout_s, **request,
            )  # fmt: skip
        payload = answers.parsed(answer)
        if not 200 <= answer.status < 300:
            raise self._failure(step, answer, answers.obj(payload))
        if not isinstance(payload, dict):
            raise answers.broken(step, "a JSON object")
        return payload

    def _failure(self, step: Step, answer: Answer, said: dict[str, Any]) -> NetworkFailure:
        code = said.get("code") if 400 <= answer.status < 500 else None
        reason = answers.words(said.get("message") or "", self._on.secrets.values())
        mark = str(code) if isinstance(code, int) else None
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


def _reading(metric: str, name: str, told: dict[str, Any], whole: bool, at: datetime) -> Reading:
    """`whole`: the days that were asked for are the pin's whole life."""
    days = answers.objects(told.get("daily_metrics"))
    states = {str(day.get("data_status")) for day in days if day.get("data_status") != "READY"}
    lifetime = answers.obj(told.get("lifetime_metrics")).get(name)
    value = lifetime if lifetime is not None else answers.obj(told.get("summary_metrics")).get(name) if whole else None
    missing = f"Pinterest answered without {name}" if whole else f"days only reach back {KEPT.days} days"
    if value is None and whole and states:
        missing = f"Pinterest says {', '.join(sorted(states))}"
    found = answers.reading(metric, name, value, at, missing)
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
    pin_id, text, link = str(raw.get("id", "")), raw.get("description"), raw.get("link")
    links = ([str(link)] if link else []) + (links_in(text) if isinstance(text, str) else [])
    return Post(pin_id, _url(pin_id), text, answers.when(raw.get("created_at")), tuple(links))
