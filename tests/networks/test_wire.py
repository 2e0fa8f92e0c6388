"""Each request of X, Mastodon and Pinterest as it was sent, and each answer to it, against the machine-readable
descriptions, which are not shipped. What they do not know fails, but for the exceptions that are written here.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from crosspost.networks import NETWORKS
from crosspost.sandbox.running import Sandbox
from tests.networks.canned import Reply, Request
from tests.networks.wire import everything, unasked
from tests.sandbox.test_descriptions import Asked, complaints, described, judge

pytestmark = pytest.mark.shared

DESCRIBED = {
    "x": ("x-openapi.json", "https://api.x.com"),
    "mastodon": ("mastodon-openapi.json", "https://mastodon.example"),
    "pinterest": ("pinterest-openapi.yaml", "https://api.pinterest.com"),
}
# Known to the network and not to its description, each with the reason.
ALLOWED = {
    ("x", "tweet.fields"): "tweepy asks in the older vocabulary; X takes both (2026-08)",
}
Exchange = tuple[Request, Reply]


@pytest.fixture(scope="module", params=DESCRIBED)
def spoken(request: pytest.FixtureRequest) -> Iterator[tuple[str, list[Exchange]]]:
    with Sandbox(seed=7) as sandbox:
        yield request.param, everything(sandbox, request.param)[1]


# The description tells JSON alone; the documentation shows forms, and servers before 4.3 take no list. Held against
# it as the JSON it stands for; the named fields are lists there.
AS_FORMS = {"/api/v1/apps": ("redirect_uris",)}


def sent(name: str, request: Request) -> httpx.Request:
    _, host = DESCRIBED[name]
    dropped = ("host", "connection", "content-length", "content-type")
    kept = {key: value for key, value in request.headers.items() if key not in dropped[:2]}
    if request.path in AS_FORMS:
        kept = {key: value for key, value in kept.items() if key not in dropped}
        fields: dict[str, Any] = dict(parse_qsl(request.body.decode()))
        fields |= {name: fields[name].split() for name in AS_FORMS[request.path]}
        return httpx.Request(request.method, host + request.target, headers=kept, json=fields)
    return httpx.Request(request.method, host + request.target, headers=kept, content=request.body)


def judged(name: str, request: Request, reply: Reply) -> list[str]:
    """Everything that is wrong with one exchange."""
    description, host = DESCRIBED[name]
    asked = sent(name, request)
    headers = {"content-type": "application/json", **reply.headers}
    answered = httpx.Response(reply.status, headers=headers, content=reply.encoded(), request=asked)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Scheme|.*scheme")  # OAuth 1.0a
        wrong = [str(error.__cause__ or error) for error in judge(description).iter_request_errors(Asked(host, asked))]
        wrong += complaints(description, host, answered)
    return wrong + [f"unknown: {one}" for one in unknown(name, request)]


def operation(name: str, request: Request) -> dict[str, Any]:
    """The description of that method at that place."""
    paths = described(DESCRIBED[name][0])["paths"]
    start = "/v5" if name == "pinterest" else ""
    for place in sorted(paths, key=lambda one: one.count("{")):
        if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", start + place), request.path):
            found: dict[str, Any] = paths[place][request.method.lower()]
            return {**found, "parameters": [*paths[place].get("parameters", []), *found.get("parameters", [])]}
    raise KeyError(request.path)


def whole(name: str, part: Any) -> Any:
    """What a reference points to."""
    while isinstance(part, dict) and "$ref" in part:
        found = described(DESCRIBED[name][0])
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def unknown(name: str, request: Request) -> list[str]:
    """Parameters and parts of the body that the description does not have."""
    told = operation(name, request)
    named = {whole(name, one)["name"].removesuffix("[]") for one in told["parameters"]}
    strange = [one for one in request.query if one not in named and (name, one) not in ALLOWED]
    if not request.body:
        return strange
    kind = request.headers["content-type"].partition(";")[0]
    media = whole(name, told["requestBody"])["content"]
    schema = media.get(kind, media.get("application/json"))["schema"]
    if kind == "multipart/form-data":
        body: Any = dict.fromkeys(re.findall(r'form-data; name="(\w+)"', request.body.decode("latin-1")))
    elif kind == "application/x-www-form-urlencoded":
        body = dict(parse_qsl(request.body.decode()))
    else:
        body = request.json()
    return strange + [one for one in strangers(name, schema, body) if (name, one) not in ALLOWED]


def strangers(name: str, schema: Any, value: Any, at: str = "") -> list[str]:
    """The fields of a body, at any depth, that its schema does not have."""
    if isinstance(value, list):
        return [one for item in value for one in strangers(name, whole(name, schema).get("items", {}), item, at)]
    if not isinstance(value, dict):
        return []
    known = properties(name, schema)
    found: list[str] = []
    for key, one in value.items():
        place = f"{at}.{key}" if at else key
        found += strangers(name, known[key], one, place) if key in known else [place]
    return found


def properties(name: str, schema: Any) -> dict[str, Any]:
    schema = whole(name, schema)
    found = dict(schema.get("properties", {}))
    for word in ("allOf", "oneOf", "anyOf"):
        for one in schema.get(word, []):
            found |= properties(name, one)
    return found


def test_every_request_and_its_answer_are_as_described(spoken: tuple[str, list[Exchange]]) -> None:
    name, exchanges = spoken
    wrong = {f"{one.method} {one.target}: {why}" for one, answer in exchanges for why in judged(name, one, answer)}
    assert wrong == set()
    assert len(exchanges) >= 20


def test_no_request_of_the_connector_was_left_out(spoken: tuple[str, list[Exchange]]) -> None:
    name, exchanges = spoken
    assert unasked(name, [one for one, _ in exchanges]) == []
    assert len(unasked(name, [])) >= 4, "the search finds the places of the connector"


@pytest.mark.parametrize(
    ("target", "body", "expected"),
    [
        ("/2/users/1/tweets?mood=good", None, "unknown: mood"),
        ("/2/users/1/tweets?max_results=5000", None, "5000"),
        ("/2/tweets", {"text": "a", "mood": 1}, "unknown: mood"),
        ("/2/tweets", {"text": "a", "reply": {"in_reply_to_post": "1"}}, "unknown: reply.in_reply_to_post"),
        ("/2/tweets", {"text": 7}, "string"),
    ],
)
def test_the_judge_would_notice(target: str, body: Any, expected: str) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", "authorization": "Bearer a"}
    path, _, query = target.partition("?")
    asked = Request("POST" if body else "GET", path, dict(parse_qsl(query)), headers, content, target)
    assert expected in " ".join(judged("x", asked, Reply({"data": {"id": "1", "text": "a"}}, 201 if body else 200)))


def test_every_described_network_is_judged() -> None:
    assert set(DESCRIBED) <= set(NETWORKS)
