"""Every answer that every adapter gets, damaged in every field: what it promises all the same.

A damaged success of a publish is never a refusal, and never a post without its id. A damaged list never proves a
post absent that is there. A number that was not told is never another number. Nothing but a NetworkFailure comes
out, and no secret with it. Answers are the sandbox's, said again under the SDKs (tests/networks/replay.py).
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from crosspost.domain.delivery import Found, Sighting
from crosspost.domain.errors import (
    NetworkFailure,
    NoCredit,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.post import Listing, Post, Reading
from crosspost.networks import NETWORKS, network
from crosspost.networks.network import Profile, Publisher
from crosspost.outside.http import Answer
from crosspost.sandbox.errors import ERRORS
from crosspost.sandbox.running import Sandbox
from tests.networks.acts import PRESENCES, Act, scene
from tests.networks.replay import Path, Recording, Replay, Said, damaged, echoing, with_body
from tests.networks.test_sandbox import Presence

# Where a list tells that it goes on. Without it a list ends there, and nothing can tell the difference.
MARKS = {"next", "next_token", "bookmark", "cursor", "paging"}
# What a read may raise; only a publish is refused, or a repeat.
ALLOWED = (Unauthorized, NoCredit, RateLimited, Unreachable)
Recorded = tuple[Presence, list[tuple[Act, list[Said], Any]]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture(scope="module", params=PRESENCES)
def recorded(request: pytest.FixtureRequest, sandbox: Sandbox) -> Recorded:
    """All acts of one account with what was answered, and what came of it."""
    there, acts, _ = scene(sandbox, request.param)
    found = []
    for act in acts:
        way = Recording(there.server)
        result = act.do(there.adapter(outbound=way, timeout_s=5.0))
        found.append((act, way.said, result))
    return there, found


def outcome(there: Presence, act: Act, way: Replay) -> Any:
    try:
        return act.do(there.adapter(outbound=way))
    except NetworkFailure as failure:
        return failure


def test_every_publisher_is_played() -> None:
    played = {name.partition("/")[0] for name in PRESENCES}
    assert {name for name in NETWORKS if issubclass(network(name), Publisher)} <= played


def test_a_damaged_answer_breaks_no_promise(recorded: Recorded) -> None:
    there, acts = recorded
    wrong, played = [], 0
    for act, said, good in acts:
        for number, one in enumerate(said):
            for path, how, answer in damaged(one.answer):
                if act.kind == "look" and how.startswith("'"):
                    continue  # another text is another post
                played += 1
                way = Replay(said, number, answer)
                try:
                    complaint = broken_promise(act, good, outcome(there, act, way), path, way, said)
                except Exception as error:
                    last = traceback.extract_tb(error.__traceback__)[-1]
                    complaint = f"{error!r} in {last.name}, line {last.lineno} of {last.filename.rpartition('/')[2]}"
                if complaint:
                    wrong.append(f"{act.name}, answer {number}, {'.'.join(map(str, path))} {how}: {complaint}")
    assert wrong == [], f"{len(wrong)} of {played}: " + "\n".join(wrong[:40])
    assert played > 500


def test_an_answer_cut_at_any_byte_breaks_no_promise(recorded: Recorded) -> None:
    there, acts = recorded
    wrong = []
    for act, said, good in acts:
        for number, one in enumerate(said):
            whole, step = one.answer.body, 1 if act.kind == "publish" else 7
            for end in range(0, len(whole), step):
                way = Replay(said, number, with_body(one.answer, whole[:end]))
                got = outcome(there, act, way)
                if complaint := broken_promise(act, good, got, ("cut",), way, said):
                    wrong.append(f"{act.name}, answer {number}, cut after {end} bytes: {complaint}")
    assert wrong == [], "\n".join(wrong[:40])


def test_another_body_in_its_place_breaks_no_promise(recorded: Recorded) -> None:
    there, acts = recorded
    bodies = (
        b"", b"null", b"[]", b"{}", b"7", b'"ok"', b"<html><h1>Welcome</h1></html>", b"\xff\xfe\x00", b"[" * 100_000,
        b'{"data":' * 50_000, b'{"a": ' + b"9" * 5000 + b"}", b"NaN", b'{"error": "none", "errors": []}',
    )  # fmt: skip
    wrong = []
    for act, said, good in acts:
        for number, one in enumerate(said):
            for body in bodies if one.answer.body else ():
                if body == b"[]" and one.answer.body.startswith(b"["):
                    continue  # an empty page is no damage
                way = Replay(said, number, with_body(one.answer, body))
                if complaint := broken_promise(act, good, outcome(there, act, way), ("body",), way, said):
                    wrong.append(f"{act.name}, answer {number}, {body[:20]!r}: {complaint}")
    assert wrong == [], "\n".join(wrong[:40])


def broken_promise(act: Act, good: Any, got: Any, path: Path, way: Replay, said: list[Said]) -> str | None:
    """What is wrong with that outcome of a damaged success, None if nothing is."""
    if isinstance(got, NetworkFailure):
        if not got.reason or not isinstance(got.code, str | None):
            return f"{got!r} has the reason {got.reason!r} and the code {got.code!r}"
        if act.kind == "publish":
            public = way.asked[-1] == said[_public(said)].place
            expected: tuple[type[NetworkFailure], ...] = (OutcomeUnknown,) if public else (NotSent,)
        elif act.kind == "delete":
            expected = (OutcomeUnknown, NotSent)
        else:
            expected = (NetworkFailure,) if act.kind in ("verify", "examine", "other") else (Unreachable,)
        return None if isinstance(got, expected) else f"{type(got).__name__}: {got.reason}"
    match act.kind:
        case "publish":
            return _of_post(got, {good.remote_id}) if isinstance(got, Post) else None if got is good else f"{got!r}"
        case "look" | "look for nothing":
            return _of_sighting(act, got, good)
        case "list":
            return _of_list(got, good, path)
        case "count":
            return _of_counts(got, good)
        case "verify":
            return _of_profile(got)
        case "examine":
            told = [one.text for one in got]
            return f"{told}" if any("None" in one or "{}" in one for one in told) else None
    return None


def _public(said: list[Said]) -> int:
    """The number of the request that makes it public: the last one but reads of what it made."""
    return max(number for number, one in enumerate(said) if one.place[0] in ("POST", "PUT"))


def _of_post(post: Post, ids: set[str]) -> str | None:
    """`ids` are true ones; "7" is the only other that an answer gave."""
    texts = all(isinstance(one, str) for one in (post.remote_id, *post.links))
    web = post.url is None or (isinstance(post.url, str) and post.url.startswith(("http://", "https://")))
    whole = isinstance(post.text, str | None) and isinstance(post.published_at, datetime | None)
    storable = "\0" not in repr(post) and not any("\ud800" <= char <= "\udfff" for char in f"{post.text}{post.links}")
    return None if post.remote_id in ids | {"7"} and texts and web and whole and storable else f"{post!r}"


def _of_sighting(act: Act, got: Sighting, good: Sighting) -> str | None:
    if not got.evidence:
        return "without evidence"
    if act.kind == "look for nothing":
        return "seen, and it is not there" if got.found is Found.PRESENT else None
    if got.found is Found.ABSENT:
        return f"absent, and it is there: {got.evidence}"
    seen = got.found is Found.PRESENT and got.remote_id not in (good.remote_id, "7")
    return f"seen as {got.remote_id}" if seen else None


def _of_list(got: Listing, good: Listing, path: Path) -> str | None:
    for post in got.posts:
        if complaint := _of_post(post, {one.remote_id for one in good.posts}):
            return complaint
    lost = len(good.posts) - len(got.posts)
    whole = lost and got.reaches_back_to == good.reaches_back_to and not MARKS & set(path)
    return f"{lost} posts lost without a word" if whole else None


def _of_counts(got: list[Any], good: list[Reading]) -> str | None:
    if {one.metric for one in got} != {one.metric for one in good}:
        return "other metrics"
    values = {one.metric: one.value for one in good}
    for one in got:
        if one.value is not None and one.value != values[one.metric]:
            return f"{one.metric} is {one.value}, and was {values[one.metric]}"
        if not isinstance(one.provider_name, str) or not isinstance(one.reason, str | None):
            return f"{one!r}"
    return None


def _of_profile(got: Profile) -> str | None:
    texts = [got.remote_id, got.handle, *got.notes, *got.settings.values()]
    whole = all(isinstance(one, str) and one for one in texts) and isinstance(got.name, str | None)
    return None if whole and "None" not in (got.remote_id, got.handle, *got.settings.values()) else f"{got!r}"


@pytest.mark.parametrize("step", ["publish text", "read_account", "verify", "posts"])
def test_a_damaged_refusal_is_a_failure_of_ours_and_tells_no_secret(recorded: Recorded, step: str) -> None:
    there, acts = recorded
    ((act, said, _),) = [one for one in acts if one[0].name == step]
    secrets = list(there.secrets.values())
    wrong = []
    for name, fixture in ERRORS.items():
        if not name.startswith(f"{there.name}/") or not said:
            continue
        refusal = Answer(fixture.status, fixture.headers, json.dumps(fixture.body).encode(), "")
        broken = [*(answer for _, _, answer in damaged(refusal))]
        broken += [answer for _, answer in echoing(refusal, " ".join(secrets))]
        for answer in broken:
            for number in range(len(said)):
                try:
                    got = outcome(there, act, Replay(said, number, answer))
                except Exception as error:
                    got = error
                if not isinstance(got, Exception):  # told as a reading or a note
                    got = Unreachable(repr(got))
                told = "".join(traceback.format_exception(got)) + repr(got) + str(getattr(got, "code", ""))
                shown = [one for one in secrets if one in told]
                if shown or not isinstance(got, ALLOWED if act.kind != "publish" else NetworkFailure):
                    wrong.append(f"{name} {answer.body[:200]!r}: {got!r} {shown}")
    assert wrong == [], "\n".join(wrong[:40])
