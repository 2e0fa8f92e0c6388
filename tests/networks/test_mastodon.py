"""What only Mastodon and its relatives do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crosspost.domain.errors import (
    NotSent,
    Rejected,
    Unauthorized,
)
from tests.networks.canned import Canned, Reply, Request
from tests.networks.kits import (
    NOW,
    PNG,
    TEXT,
    MastodonKit,
    failure_of,
    outgoing,
)

SINCE = NOW - timedelta(minutes=20)

REAL = {"version": "4.5.2", "source_url": "https://github.com/mastodon/mastodon"}


@pytest.mark.parametrize(
    ("instance", "honoured"),
    [
        (REAL, "yes"),
        (REAL | {"version": "4.6.0-rc.1"}, "yes"),
        (REAL | {"version": "4.6.0-nightly.2026-10-02"}, "yes"),
        (REAL | {"version": "4.5.0+glitch"}, "no"),
        (REAL | {"version": "2.7.2 (compatible; Pleroma 2.9.1)"}, "no"),
        (REAL | {"version": "3.5.3"}, "no"),
        ({"version": "0.19.1", "source_url": "https://codeberg.org/superseriousbusiness/gotosocial"}, "no"),
        ({"version": "4.5.2", "source_url": "https://github.com/matthewdeanmartin/mastodon_mock"}, "no"),
        ({"version": "4.5.2"}, "no"),
        ({"version": "takahe/0.11.0"}, "no"),
    ],
)
def test_mastodon_the_key_is_trusted_on_mastodon_itself_only(instance: dict[str, Any], honoured: str) -> None:
    kit = MastodonKit()
    media = {"description_limit": 1500, "image_size_limit": 16_777_216, "image_matrix_limit": 0}
    statuses = {"max_characters": 1234, "characters_reserved_per_url": 23}
    configuration = {"configuration": {"statuses": statuses, "media_attachments": media}}

    def answer(request: Request) -> Any:
        return Reply(instance | configuration) if request.path == "/api/v2/instance" else kit(request)

    with Canned(answer) as server:
        profile = kit.adapter(server.origin).verify()
    assert profile.settings["key_honoured"] == honoured
    assert (profile.settings["text_limit"], profile.settings["link_cost"]) == ("1234", "23")
    assert (profile.settings["alt_limit"], profile.settings["image_bytes"]) == ("1500", "16777216")
    assert "image_pixels" not in profile.settings, "a limit of nothing is none"
    assert bool(profile.notes) == (honoured == "no")


def test_mastodon_without_any_instance_page_is_still_an_account() -> None:
    kit = MastodonKit()
    with Canned(kit) as server:
        profile = kit.adapter(server.origin).verify()
    assert (profile.remote_id, profile.settings["key_honoured"]) == ("109", "no")
    assert "text_limit" not in profile.settings


def test_mastodon_sends_key_and_options() -> None:
    kit = MastodonKit()
    with Canned(kit) as server:
        extra = {"visibility": "unlisted", "spoiler_text": "jardin"}
        kit.adapter(server.origin).publish(outgoing(extra=extra, images=True), print)
    upload, post = server.requests
    assert post.headers["idempotency-key"] == "d1-9f"
    expected = {
        "status": TEXT,
        "language": "fr",
        "media_ids": ["66"],
        "visibility": "unlisted",
        "spoiler_text": "jardin",
    }
    assert post.json() == expected
    assert PNG in upload.body
    assert "Un jardin d’automne".encode() in upload.body


def test_mastodon_an_image_still_in_work_waits_for_the_next_attempt() -> None:
    kit = MastodonKit()
    kit.upload_with = Reply({"id": "66", "url": None}, 202)
    state = [Reply({"id": "66", "url": None}, 206)]

    def answer(request: Request) -> Any:
        return state[0] if request.path == "/api/v1/media/66" else kit(request)

    with Canned(answer) as server:
        adapter = kit.adapter(server.origin)
        with pytest.raises(NotSent):
            adapter.publish(outgoing(images=True), kit.saved.handles.append)
        assert kit.saved.handles == ["66"]
        again = outgoing(images=True, handle="66")
        with pytest.raises(NotSent):
            adapter.publish(again, print)
        assert not any(map(kit.is_publish, server.requests))
        state[0] = Reply({"id": "66", "url": "https://m.example/66.png"})
        adapter.publish(again, print)
        assert server.requests[-1].json()["media_ids"] == ["66"]
        assert sum(request.path == "/api/v2/media" for request in server.requests) == 1, "uploaded once"
        kit.upload_with = Reply({"id": "67"})
        state[0] = Reply({"error": "Record not found"}, 404)
        adapter.publish(again, print)
    assert server.requests[-1].json()["media_ids"] == ["67"], "cleaned away meanwhile: uploaded again"


def test_mastodon_some_servers_say_400_to_a_bad_token() -> None:
    assert type(failure_of(MastodonKit(), Reply({"error": "Invalid token"}, 400))) is Unauthorized
    assert type(failure_of(MastodonKit(), Reply({"error": "This action is outside the authorized scopes"}, 403))) is (
        Unauthorized
    )
    assert type(failure_of(MastodonKit(), Reply({"error": "Invalid visibility"}, 400))) is Rejected
