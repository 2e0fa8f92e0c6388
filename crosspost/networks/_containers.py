"""Publishing in two phases, as Instagram and Threads do: a container first, which nobody sees, then its publication.

The container's id is kept before it is published, and its status tells afterwards whether it was: PUBLISHED is proof,
FINISHED proof of the contrary, and publishing the same container again is refused. A container dies unpublished after
24 hours (EXPIRED); only then, or after an ERROR, is another one made. Nothing waits here: a container that the network
still works on is NotSent, and the next attempt takes it up.

Source: developers.facebook.com, Instagram content publishing and Threads posts, read 2026-06.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crosspost.domain.delivery import Found, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, NotSent, OutcomeUnknown, Rejected, Unreachable
from crosspost.domain.post import Listing
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks._answers import PREPARE, PUBLISH, READ, Step
from crosspost.networks._matching import SKEW, matching, sighting
from crosspost.networks._meta import MISSING, TEMPORARY, GraphHost

# Reading a container's status: whatever comes of it, nothing is public and the content is not at fault.
_STATUS = Step(unclear=NotSent, not_sent=NotSent, refused=NotSent)
_PASSING = re.compile(r"UNKNOWN|FAILED_DOWNLOADING|" + "|".join(map(str, sorted(TEMPORARY))))
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}

Posts = Callable[[datetime], Listing]


@dataclass(frozen=True, slots=True)
class Flow:
    """What differs between the two: their edges, and the fields of a container that hold its state and its error."""

    create: str
    publish: str
    state: str
    error: str
    quota: str


@dataclass(frozen=True, slots=True)
class Quota:
    """Posts of the last `seconds`, and how many the network allows, as it says itself."""

    used: int
    total: int
    seconds: int


class Containers:
    def __init__(self, host: GraphHost, flow: Flow, account_id: str) -> None:
        self._host, self._flow, self._account = host, flow, account_id

    def publish(self, outgoing: Outgoing, fields: Mapping[str, str], keep: Callable[[str], None]) -> str:
        """The published post's id. `fields` make the container; `keep` stores its id before it is published."""
        container = self._finished(outgoing.handle, fields, keep)
        try:
            made = self._host.call(PUBLISH, "POST", f"{self._account}/{self._flow.publish}", {"creation_id": container})
        except Rejected as refusal:
            if refusal.code in MISSING:  # published before, or a false alarm: the container itself must tell
                raise OutcomeUnknown(refusal.reason, code=refusal.code) from None
            raise
        media_id = answers.identity(made.get("id"))
        if not media_id:
            raise answers.broken(PUBLISH, "the post's id")
        return media_id

    def _finished(self, container: str | None, fields: Mapping[str, str], keep: Callable[[str], None]) -> str:
        """The id of a container that can be published now: the one of an earlier attempt, or a new one."""
        state, error = self._state(_STATUS, container) if container else ("", "")
        _unless_refused(state, error)
        if container is None or state in ("EXPIRED", "ERROR"):
            made = self._host.call(PREPARE, "POST", f"{self._account}/{self._flow.create}", fields)
            container = answers.identity(made.get("id"))
            if not container:
                raise answers.broken(PREPARE, "the container's id")
            keep(container)
            state, error = self._state(_STATUS, container)
        if state == "PUBLISHED":
            raise OutcomeUnknown(f"the container {container} was published before", code=state)
        _unless_refused(state, error)
        if state != "FINISHED":
            doing = "still works on" if state == "IN_PROGRESS" else f"says {state or 'nothing'} of"
            raise NotSent(f"the network {doing} the container {container}; nothing was posted", code=state or None)
        return container

    def _state(self, step: Step, container: str) -> tuple[str, str]:
        """IN_PROGRESS, FINISHED, PUBLISHED, EXPIRED, ERROR, and what the network says of it."""
        told = self._host.call(step, "GET", container, {"fields": f"{self._flow.state},{self._flow.error}"})
        state = answers.text(told.get(self._flow.state))
        if state is None:
            raise answers.broken(step, "the container's state")
        return self._host.words(state), self._host.words(told.get(self._flow.error) or "")

    def probe(self, outgoing: Outgoing, posts: Posts, since: datetime) -> Sighting:
        """The container's own word first; the list of posts tells the id, and what a dead container cannot."""
        if outgoing.handle is None:
            return sighting(outgoing, posts, since)
        try:
            state, _ = self._state(READ, outgoing.handle)
        except Unreachable as failure:
            if failure.code not in MISSING:
                raise
            state = "not readable"
        container = f"container {outgoing.handle} is {state}"
        if state in ("FINISHED", "IN_PROGRESS"):
            return Sighting(Found.ABSENT, container)
        found = matching(outgoing, listing := posts(since - SKEW), since - SKEW)
        if len(found) > 1:
            return Sighting(Found.INCONCLUSIVE, f"{container}; {len(found)} posts match, and it names none of them")
        if found:
            post, how = found[0]
            return Sighting(Found.PRESENT, f"{container}; post {post.remote_id} {how}", post.remote_id, post.url)
        if state == "PUBLISHED":
            return Sighting(Found.INCONCLUSIVE, f"{container}, so it is out; the list does not show it yet")
        reaches = listing.reaches_back_to is not None and listing.reaches_back_to <= since - SKEW
        if state in ("EXPIRED", "ERROR") and reaches:
            return Sighting(Found.ABSENT, f"{container}; {len(listing.posts)} posts listed, none is it")
        return Sighting(Found.INCONCLUSIVE, f"{container}; no post listed is it")

    def permalink(self, media_id: str) -> str | None:
        """The post's address; None if it cannot be read now: the post is out either way."""
        try:
            link = self._host.read(media_id, fields="permalink").get("permalink")
        except NetworkFailure:
            return None
        return answers.address(link)

    def quota(self) -> Quota:
        """How much of the day's posts is used. Raises Unauthorized, RateLimited, Unreachable."""
        told = self._host.read(f"{self._account}/{self._flow.quota}", fields="quota_usage,config")
        row = next(iter(answers.objects(told.get("data"))), {})
        config = answers.obj(row.get("config"))
        counts = [answers.number(one) for one in (row.get("quota_usage"), config.get("quota_total"))]
        if counts[0] is None or counts[1] is None:
            raise answers.broken(READ, "the quota")
        return Quota(int(counts[0]), int(counts[1]), int(answers.number(config.get("quota_duration")) or 86_400))


def _unless_refused(state: str, error: str) -> None:
    """Raises Rejected for an error that another container would meet again."""
    if state == "ERROR" and not _PASSING.search(error):
        raise Rejected(f"the network could not use the post: {error or 'it does not say why'}", code=state)


def public_url(image: Attachment, settings: Mapping[str, str], kinds: tuple[str, ...], title: str) -> str:
    """Where the network fetches the image: `<media_base>/<sha256>.<jpg or png>`. Raises Rejected."""
    base = settings.get("media_base", "").rstrip("/")
    if not base.startswith("https://"):
        raise Rejected(
            f"{title} fetches images itself from a public https address: set media_base to where they are served",
            code="media_base",
        )
    if image.media_type not in kinds:
        takes = " or ".join(_EXTENSIONS[kind].upper() for kind in kinds)
        raise Rejected(f"{title} takes images as {takes}, not {image.media_type}", code="image type")
    return f"{base}/{image.sha256}.{_EXTENSIONS[image.media_type]}"
