"""Containers, as Instagram and Threads make them: nothing is public before one is published, and that happens once.

Containers live in memory alone: a server that was killed forgets those nobody published, as it may forget uploads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from crosspost.sandbox.exchange import Call, Json, refuse
from crosspost.sandbox.networks._facebook_shapes import bad_parameter, missing_node
from crosspost.sandbox.networks._graph import unseen
from crosspost.sandbox.state import Container, SandboxAccount, SandboxPost, State

LIFE = timedelta(hours=24)  # of a container that is not published, and of the quota's window
_EPOCH_MS = 1_577_836_800_000  # 2020: ids keep their 17 digits for decades


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs: `prefix` begins the ids, `quota` is the number of posts a day."""

    network: str
    prefix: str
    quota: int
    state: str  # the fields of a container
    error: str
    failed: str  # what a container says whose image was of no use


def new_id(state: State, kind: Kind) -> str:
    """17 digits that grow with time."""
    return f"{kind.prefix}{int(state.snowflake(_EPOCH_MS, 10)):015d}"


def own(call: Call, name: str) -> SandboxAccount | Response:
    """The account in the path, which must be the token's."""
    if call.path(name) not in (call.account.id, "me"):
        return missing_node(call, call.path(name))
    return call.account


def create(call: Call, kind: Kind, fields: dict[str, Any]) -> Response:
    polls = int(call.state.behaviour(call.account, "media_polls"))
    broken = call.struck("media_failure") is not None
    made = Container(new_id(call.state, kind), call.account.id, call.now, fields, polls, broken)
    call.state.containers[made.id] = made
    return Json({"id": made.id})


def find(call: Call, container_id: str) -> Container | None:
    """The account's container; one that was published is known by its post, also after a restart."""
    found = call.state.containers.get(container_id)
    if found is None:
        for post in call.state.timelines.get(call.account.id, []):
            if post.data.get("container") == container_id:
                return Container(container_id, call.account.id, post.created_at, {}, published=True)
    return found if found is not None and found.account_id == call.account.id else None


def state_of(call: Call, container: Container) -> str:
    if container.published:
        return "PUBLISHED"
    if container.broken:
        return "ERROR"
    if call.now - container.created_at >= LIFE:
        return "EXPIRED"
    return "IN_PROGRESS" if container.polls_left > 0 else "FINISHED"


def shown(call: Call, container: Container, kind: Kind, names: list[str]) -> Response:
    """The container's node. Each look brings it nearer to its end, as time does elsewhere."""
    known = state_of(call, container)
    container.polls_left = max(0, container.polls_left - 1)
    said = kind.failed if known == "ERROR" else "" if kind.network == "threads" else f"{known.capitalize()}: …"
    values = {"id": container.id, kind.state: known, kind.error: said}
    if unknown := [name for name in names if name not in values]:
        return bad_parameter(f"Tried accessing nonexisting field ({unknown[0]})")
    return Json({name: values[name] for name in dict.fromkeys((*names, "id")) if values[name]})


def publish(call: Call, kind: Kind, make: Callable[[Container, str], SandboxPost]) -> Response:
    """Make the container's post public. A second time it is refused: that is what makes a repeat harmless."""
    if unknown := sorted(set(call.fields) - {"creation_id", "access_token", "appsecret_proof"}):
        return bad_parameter(f"Unknown parameter: {unknown[0]}")
    container = find(call, str(call.fields.get("creation_id") or ""))
    if container is None:
        return missing_node(call, str(call.fields.get("creation_id") or ""))
    match state_of(call, container):
        case "PUBLISHED":
            return refuse(f"{kind.network}/published_before")
        case "ERROR":
            return refuse(f"{kind.network}/failed_container", message=kind.failed)
        case "EXPIRED":
            return refuse(f"{kind.network}/expired_container")
        case "IN_PROGRESS":
            return refuse(f"{kind.network}/too_early")
    if call.state.behaviour(call.account, "rate_limits") and used(call, call.account) >= kind.quota:
        return refuse(f"{kind.network}/quota")
    container.published = True
    made = make(container, new_id(call.state, kind))
    made.data.update(unseen(call))
    post = call.state.commit(made, late=call.late)
    return Json({"id": post.id})


def used(call: Call, account: SandboxAccount) -> int:
    """Posts of the last 24 hours; deleting one gives nothing back."""
    count = 0
    for post in reversed(call.state.timelines.get(account.id, [])):
        if call.now - post.committed_at >= LIFE:
            break
        count += post.parent_id is None  # replies have an allowance of their own
    return count


def quota(call: Call, kind: Kind, name: str) -> Response:
    account = own(call, name)
    if isinstance(account, Response):
        return account
    config = {"quota_total": kind.quota, "quota_duration": int(LIFE.total_seconds())}
    return Json({"data": [{"quota_usage": used(call, account), "config": config}]})


def metrics(call: Call, kind: Kind, known: dict[str, Any]) -> list[str] | Response:
    """The names asked for; one that does not exist fails the whole request."""
    names = [one for one in (call.query("metric") or "").split(",") if one]
    if not names:
        return refuse("facebook/no_metric")
    dead, denied = (call.state.behaviour(call.account, name) for name in ("dead_metrics", "denied_metrics"))
    living = [name for name in known if name not in dead]
    for place, name in enumerate(names):
        if name not in living:
            return refuse(f"{kind.network}/metric", place=place, known=", ".join(living))
    if any(name in denied for name in names):
        return refuse(f"{kind.network}/permission")
    return names


def too_fresh(call: Call, post: SandboxPost) -> bool:
    """Whether the network has no numbers of the post yet."""
    return call.now - post.created_at < timedelta(seconds=float(call.state.behaviour(call.account, "insights_lag_s")))


def insight(node: str, name: str, period: str, **value: Any) -> dict[str, Any]:
    return {
        "name": name, "period": period, **value, "title": name.replace("_", " ").capitalize(), "description": "",
        "id": f"{node}/insights/{name}/{period}",
    }  # fmt: skip
