"""Facebook's, Instagram's and Threads' requests as sent, against Meta's own names, which may not be shipped.

Graph v26.0 is described by its edges, parameters, fields and metrics. The description has no entry for a container's
node, nor for what every edge takes (paging, fields, a period); those are allowed here by name. Threads has no
description at all: there each name must stand in the notes on its documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from crosspost.networks._meta import VERSION
from crosspost.networks.threads import VERSION as THREADS_VERSION
from crosspost.sandbox.running import Sandbox
from tests.networks.canned import Request
from tests.networks.wire import everything, unasked

SHARED = Path(__file__).parents[2].parent / "shared"
# Of Graph's paging and field expansion, which hold for every edge; `since` begins a list of posts.
EVERYWHERE = {"fields", "limit", "after", "since"}
FILE = {"source"}  # the part of a form that holds an uploaded photo; Meta lists parameters, not files
CONTAINER_FIELDS = {"status_code", "status"}
ID = re.compile(r"\d+(_\d+)?")

pytestmark = pytest.mark.shared


@cache
def described() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((SHARED / "specs" / "meta" / "graph-v26-extract.json").read_text("utf-8"))
    assert told["graph_api_version"] == VERSION
    objects: dict[str, Any] = told["objects"]
    return objects


@cache
def notes(section: str) -> str:
    """A section of the notes on X and Meta, by its number."""
    text = (SHARED / "networks" / "x-and-meta.md").read_text("utf-8")
    return re.split(rf"^#+ {re.escape(section)}[. ]", text, flags=re.M)[1].partition("\n## ")[0].partition("\n### ")[0]


def edge(node: str, method: str, path: str) -> set[str] | None:
    """The parameters of a node's edge, None if it has no such edge."""
    found = [one for one in described()[node]["edges"] if (one["method"], one["edge"]) == (method, path)]
    return set(found[0]["params"]) if found else None


def names(fields: str) -> Iterator[tuple[str, str]]:
    """Each field with the field around it: `a,b{c}` gives a, b and c in b."""
    around = ""
    for word, mark in re.findall(r"([a-z_]+)([{},]?)", fields):
        yield around, word
        around = word if mark == "{" else "" if mark == "}" else around


@dataclass
class Judge:
    """What stands behind the ids of one account's requests: `account` is a node, its posts are another."""

    name: str
    account: str
    account_id: str
    post: str
    post_ids: set[str]

    def complaints(self, request: Request) -> list[str]:
        _, version, name, *rest = request.path.split("/")
        path = "/" + "/".join(rest)
        known = "Page" if name == "me" else self.account if name == self.account_id else ""
        node = known or (self.post if name in self.post_ids else "")
        wrong = [] if version == VERSION else [f"version {version}"]
        sent = set(request.query) | set(_body(request))
        fields = request.query.get("fields") or _body(request).get("fields") or ""
        if not node:  # a container
            return wrong + sorted({word for _, word in names(fields)} - CONTAINER_FIELDS)
        params = edge(node, request.method, path)
        if params is None:
            return [*wrong, f"{node} has no {request.method} {path}"]
        wrong += sorted(sent - params - EVERYWHERE - (FILE if path == "/photos" else set()))
        of = {"/": node, "/media": "IGMedia", "/content_publishing_limit": "ContentPublishingLimitResponse"}
        of |= dict.fromkeys(("/published_posts", "/feed", "/comments"), "PagePost")
        for around, word in names(fields):
            owner = {"instagram_business_account": "IGUser", "attachments": ""}.get(around, of.get(path, ""))
            if owner and word not in described()[owner]["fields"] and word not in _edges(owner):
                wrong.append(word)
        return wrong + self._metrics(request)

    def _metrics(self, request: Request) -> list[str]:
        asked = set(request.query.get("metric", "").split(",")) - {""}
        if self.name == "instagram":
            return sorted(asked - set(described()["InstagramInsightsResult"]["enums"]["Metric"]))
        # Page metrics have no list of Meta's: those that were seen to work, in the notes.
        works = next(line for line in notes("3.2").splitlines() if line.startswith("| post:")).split("|")[1]
        return sorted(one for one in asked if f"`{one}`" not in works and f"`{one}(" not in works)


def _body(request: Request) -> dict[str, str]:
    if request.method == "GET" or not request.body:
        return {}
    if "multipart" in request.headers.get("content-type", ""):
        found = re.findall(r'form-data; name="(\w+)"', request.body.decode("latin-1"))
        return dict.fromkeys(found, "")
    return request.form()


def _edges(node: str) -> set[str]:
    return {str(one["edge"]).strip("/") for one in described()[node]["edges"]}


def judge_of(name: str, account_id: str, posts: set[str]) -> Judge:
    account, post = {"facebook": ("Page", "PagePost"), "instagram": ("IGUser", "IGMedia")}[name]
    return Judge(name, account, account_id, post, posts)


@pytest.fixture(scope="module", params=["facebook", "instagram", "threads"])
def spoken(request: pytest.FixtureRequest) -> Iterator[tuple[str, str, set[str], list[Request]]]:
    with Sandbox(seed=7) as sandbox:
        there, exchanges = everything(sandbox, request.param)
        yield there.name, there.remote_id, {one["id"] for one in there.posted()}, [one for one, _ in exchanges]


def test_only_names_that_meta_knows_are_used(spoken: tuple[str, str, set[str], list[Request]]) -> None:
    name, account, posts, requests = spoken
    complain = threads if name == "threads" else judge_of(name, account, posts).complaints
    wrong = {(f"{one.method} {one.path}", why) for one in requests for why in complain(one)}
    assert wrong == set()
    assert len(requests) > 20


def test_no_request_of_the_connector_was_left_out(spoken: tuple[str, str, set[str], list[Request]]) -> None:
    name, _, _, requests = spoken
    assert unasked(name, requests) == []
    assert unasked(name, [])


def threads(request: Request) -> list[str]:
    """The words of a request that the notes on Threads do not have."""
    _, version, _, *rest = request.path.split("/")
    values = {**request.query, **_body(request)}
    words = {*rest, *values} - {"limit", "after", "since", "replies"}
    for key in ("fields", "metric", "media_type"):
        words |= set(values.get(key, "").split(",")) - {""}
    # Of the API's reference (2026-04), debug_token among it.
    text = notes("5") + " id username name config media_type reply_to_id IMAGE input_token "
    wrong = sorted(word for word in words if not re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", text))
    return wrong + ([] if version == THREADS_VERSION else [f"version {version}"])


@pytest.mark.parametrize(
    ("name", "method", "target", "body", "expected"),
    [
        ("instagram", "GET", f"/{VERSION}/1/media?fields=id,captoin", "", ["captoin"]),
        ("instagram", "GET", "/v20.0/1?fields=followers_count&mood=1", "", ["version v20.0", "mood"]),
        ("instagram", "GET", f"/{VERSION}/2/insights?metric=views,plays", "", ["plays"]),
        ("instagram", "GET", f"/{VERSION}/me?fields=id,instagram_business_account{{id,mood}}", "", ["mood"]),
        ("instagram", "GET", f"/{VERSION}/3?fields=status_code,mood", "", ["mood"]),
        ("instagram", "POST", f"/{VERSION}/1/media", "caption=a&mood=b", ["mood"]),
        ("facebook", "GET", f"/{VERSION}/1/published_posts?fields=id,mood,attachments{{url}}", "", ["mood"]),
        ("facebook", "GET", f"/{VERSION}/2/insights?metric=post_impressions", "", ["post_impressions"]),
        ("facebook", "POST", f"/{VERSION}/1/feed", "message=a&mood=b", ["mood"]),
        ("facebook", "POST", f"/{VERSION}/1/moods", "", ["Page has no POST /moods"]),
        ("facebook", "DELETE", f"/{VERSION}/2", "", []),
    ],
)
def test_the_judge_would_notice(name: str, method: str, target: str, body: str, expected: list[str]) -> None:
    path, _, query = target.partition("?")
    request = Request(method, path, dict(parse_qsl(query)), {}, body.encode(), target)
    assert judge_of(name, "1", {"2"}).complaints(request) == expected


def test_the_judge_of_threads_would_notice() -> None:
    for target, expected in (
        ("/v1.0/1/threads?fields=text,mood", ["mood"]),
        ("/v9.0/1/moods", ["moods", "version v9.0"]),
    ):
        path, _, query = target.partition("?")
        assert threads(Request("GET", path, dict(parse_qsl(query)), {}, b"", target)) == expected
