"""Publishing in two phases, the same on Instagram and Threads: what each state of a container leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crosspost.domain.delivery import Found
from crosspost.domain.errors import (
    NetworkFailure,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.post import Post, ReadingStatus
from tests.networks.canned import Canned, Fault, Reply, Request
from tests.networks.container_kits import CONTAINER, ContainerKit, InstagramKit, ThreadsKit
from tests.networks.kits import LINK, NOW, TEXT, graph_error

SINCE = NOW - timedelta(minutes=20)


@pytest.fixture(params=[InstagramKit, ThreadsKit], ids=lambda kit: str(kit.name))
def kit(request: pytest.FixtureRequest) -> ContainerKit:
    made: ContainerKit = request.param()
    return made


@pytest.fixture
def server(kit: ContainerKit) -> Iterator[Canned]:
    with Canned(kit) as running:
        yield running


def publish(kit: ContainerKit, server: Canned, handle: str | None = None) -> Any:
    return kit.adapter(server.origin).publish(replace(kit.outgoing(), handle=handle), kit.saved.handles.append)


def steps(kit: ContainerKit, server: Canned) -> list[str]:
    """What was asked for, in order."""
    names = []
    for request in server.requests:
        if kit.is_content(request):
            names.append("create")
        elif kit.is_publish(request):
            names.append(f"publish {request.form()['creation_id']}")
        else:
            names.append("state" if request.path.endswith(CONTAINER) else "read")
    return names


def test_the_container_is_kept_before_it_is_published(kit: ContainerKit, server: Canned) -> None:
    kept: list[int] = []
    adapter = kit.adapter(server.origin)
    post = adapter.publish(kit.outgoing(), lambda handle: kept.append(len(server.requests)))
    assert steps(kit, server) == ["create", "state", f"publish {CONTAINER}", "read"]
    assert kept == [1], "right after it was made, with nothing public yet"
    assert post.url == kit.permalink


def test_a_post_whose_address_cannot_be_read_is_out_all_the_same(kit: ContainerKit, server: Canned) -> None:
    for trouble in (Reply(b"", 503), kit.expired, Fault.RESET):
        kit.read_with = trouble
        post = publish(kit, server)
        assert (post.remote_id, post.url) == (kit.post_id, None)


def test_a_container_in_work_is_taken_up_again(kit: ContainerKit, server: Canned) -> None:
    kit.states = ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]
    handle = None
    for _ in range(2):
        with pytest.raises(NotSent, match="still works"):
            publish(kit, server, handle)
        handle = CONTAINER
    publish(kit, server, handle)
    assert kit.saved.handles == [CONTAINER], "made once"
    assert steps(kit, server) == ["create", "state", "state", "state", f"publish {CONTAINER}", "read"]


def test_an_expired_container_is_replaced(kit: ContainerKit, server: Canned) -> None:
    kit.states = ["EXPIRED", "FINISHED"]
    publish(kit, server, "17900000000000001")
    assert steps(kit, server)[:3] == ["state", "create", "state"]


def test_a_container_published_before_is_left_to_a_look(kit: ContainerKit, server: Canned) -> None:
    kit.states = ["PUBLISHED"]
    with pytest.raises(OutcomeUnknown, match="published before"):
        publish(kit, server, CONTAINER)
    assert steps(kit, server) == ["state"]


@pytest.mark.parametrize("handle", [None, CONTAINER])
def test_an_error_that_would_come_again_is_a_refusal(kit: ContainerKit, server: Canned, handle: str | None) -> None:
    kit.states, kit.error = ["ERROR"], "Error: Media upload has failed with error code 2207009 INVALID_ASPECT_RATIO"
    with pytest.raises(Rejected, match="2207009"):
        publish(kit, server, handle)
    assert not any(map(kit.is_publish, server.requests))


def test_an_error_that_passes_is_tried_again(kit: ContainerKit, server: Canned) -> None:
    kit.states, kit.error = ["ERROR"], "Error: Media upload has failed with error code 2207003"
    with pytest.raises(NotSent):
        publish(kit, server)
    with pytest.raises(NotSent):
        publish(kit, server, CONTAINER)
    assert steps(kit, server) == ["create", "state", "state", "create", "state"]
    kit.states = ["ERROR", "FINISHED"]
    publish(kit, server, CONTAINER)


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(b"", 503),
        Reply({}),
        Reply(b"{"),
        graph_error(100, "does not exist", error_subcode=33),
        graph_error(1, "?"),
    ],
)
def test_a_container_that_cannot_be_read_is_not_published(kit: ContainerKit, server: Canned, trouble: Reply) -> None:
    kit.state_with = trouble
    for handle in (None, CONTAINER):
        with pytest.raises(NotSent):
            publish(kit, server, handle)
    assert steps(kit, server) == ["create", "state", "state"], "and no second one is made"


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (9007, 2207027, NotSent),
        (100, 2207020, NotSent),
        (-1, 2207001, OutcomeUnknown),
        (-2, 2207003, OutcomeUnknown),
        (9, 2207042, RateLimited),
        (4, 2207051, Unauthorized),
        (25, 2207050, Unauthorized),
        (24, 2207006, OutcomeUnknown),  # what the sandbox says of a container that was published before
        (100, 33, OutcomeUnknown),
        (36003, 2207009, Rejected),
    ],
)
def test_errors_of_the_publication(
    kit: ContainerKit, server: Canned, code: int, subcode: int, expected: type[NetworkFailure]
) -> None:
    kit.publish_with = lambda request: graph_error(code, "words", error_subcode=subcode)
    with pytest.raises(NetworkFailure) as caught:
        publish(kit, server)
    assert type(caught.value) is expected
    assert caught.value.code == f"{code}/{subcode}"


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (-2, 2207003, NotSent),
        (1, 0, NotSent),
        (9004, 2207052, Rejected),
        (100, 2207010, Rejected),
        (4, 0, RateLimited),
        (190, 463, Unauthorized),
    ],
)
def test_errors_of_making_it(
    kit: ContainerKit, server: Canned, code: int, subcode: int, expected: type[NetworkFailure]
) -> None:
    kit.upload_with = graph_error(code, "words", **({"error_subcode": subcode} if subcode else {}))
    with pytest.raises(NetworkFailure) as caught:
        publish(kit, server)
    assert type(caught.value) is expected
    assert kit.saved.handles == []


# Looking


def probe(kit: ContainerKit, server: Canned) -> Any:
    return kit.adapter(server.origin).probe(replace(kit.outgoing(), handle=CONTAINER), SINCE)


@pytest.mark.parametrize("state", ["FINISHED", "IN_PROGRESS"])
def test_an_unpublished_container_is_proof_of_absence(kit: ContainerKit, server: Canned, state: str) -> None:
    kit.states, kit.posts = [state], [kit.posted(NOW)]
    seen = probe(kit, server)
    assert (seen.found, steps(kit, server)) == (Found.ABSENT, ["state"])
    assert state in seen.evidence


def test_a_published_container_is_found_among_the_posts(kit: ContainerKit, server: Canned) -> None:
    kit.states = ["PUBLISHED"]
    kit.posts = [kit.posted(NOW, link="https://go.example/other"), {**kit.posted(NOW), "id": "180"}]
    seen = probe(kit, server)
    assert (seen.found, seen.remote_id, seen.url) == (Found.PRESENT, "180", kit.permalink)


def test_without_its_link_it_is_found_by_its_exact_text(kit: ContainerKit, server: Canned) -> None:
    kit.states, kit.posts = ["PUBLISHED"], [kit.posted(NOW, link=None, text="Sans lien.")]
    sent = replace(kit.outgoing(text="Sans lien.", link_placement="none"), handle=CONTAINER)
    assert kit.adapter(server.origin).probe(sent, SINCE).found is Found.PRESENT


def test_two_posts_that_may_be_it_are_for_a_person(kit: ContainerKit, server: Canned) -> None:
    kit.states, kit.posts = ["PUBLISHED"], [kit.posted(NOW), {**kit.posted(NOW), "id": "180"}]
    assert probe(kit, server).found is Found.INCONCLUSIVE


def test_published_and_not_listed_yet_is_never_absent(kit: ContainerKit, server: Canned) -> None:
    kit.states = ["PUBLISHED"]
    seen = probe(kit, server)
    assert seen.found is Found.INCONCLUSIVE
    assert "it is out" in seen.evidence


@pytest.mark.parametrize("state", ["EXPIRED", "ERROR"])
def test_a_dead_container_is_absent_only_by_a_list_that_reaches_back(
    kit: ContainerKit, server: Canned, state: str
) -> None:
    kit.states = [state]
    assert probe(kit, server).found is Found.ABSENT
    kit.posts, kit.more = [kit.posted(NOW, link="https://go.example/other")], True
    assert probe(kit, server).found is Found.INCONCLUSIVE
    kit.posts, kit.more = [kit.posted(NOW)], False
    assert probe(kit, server).found is Found.PRESENT


def test_a_container_nobody_can_see_proves_nothing(kit: ContainerKit, server: Canned) -> None:
    kit.state_with = graph_error(100, "does not exist", error_subcode=33)
    assert probe(kit, server).found is Found.INCONCLUSIVE
    kit.posts = [kit.posted(NOW)]
    assert probe(kit, server).found is Found.PRESENT
    kit.state_with = Reply(b"", 503)
    with pytest.raises(Unreachable):
        probe(kit, server)


# The rest


def test_the_quota_is_what_the_network_says(kit: ContainerKit) -> None:
    told: list[Any] = [{"quota_usage": 3, "config": {"quota_total": 50, "quota_duration": 3600}}]

    def answer(request: Request) -> Any:
        assert request.path.endswith("publishing_limit")
        return Reply({"data": told})

    with Canned(answer) as server:
        adapter: Any = kit.adapter(server.origin)
        quota = adapter.quota()
        assert (quota.used, quota.total, quota.seconds) == (3, 50, 3600)
        told.clear()
        with pytest.raises(Unreachable):
            adapter.quota()


def test_a_metric_without_permission_blinds_no_other(kit: ContainerKit) -> None:
    names: list[str] = []

    def answer(request: Request) -> Any:
        if request.path.endswith("/insights"):
            names.append(request.query["metric"])
            if "likes" in request.query["metric"]:
                return graph_error(10, "(#10) Application does not have permission", 403)
        return kit(request)

    with Canned(answer) as server:
        readings = {one.metric: one for one in kit.adapter(server.origin).read_post(Post(kit.post_id, None, TEXT), NOW)}
    assert readings["likes"].status is ReadingStatus.NOT_PERMITTED
    assert readings["impressions"].value
    assert names[0].count(",") >= 4, "all at once first"
    assert len(names) == 1 + len(kit.counts)


def test_a_metric_that_comes_as_an_empty_list_is_missing(kit: ContainerKit) -> None:
    def answer(request: Request) -> Any:
        return Reply({"data": []}) if "insights" in request.path else kit(request)

    with Canned(answer) as server:
        readings = kit.adapter(server.origin).read_post(Post(kit.post_id, None, LINK, NOW), NOW)
    assert all(one.value is None and one.reason for one in readings)
