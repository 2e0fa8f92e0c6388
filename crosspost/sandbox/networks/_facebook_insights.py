"""Graph's counts: one metric that does not exist fails the whole request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

from starlette.responses import Response

from crosspost.sandbox.exchange import Call, Json, refuse
from crosspost.sandbox.networks._facebook_shapes import (
    missing_node,
)
from crosspost.sandbox.state import SandboxAccount, SandboxPost, State

LIKES_FOR_INSIGHTS = 100  # a Page with fewer has none
POST_METRICS: dict[str, Callable[[SandboxPost], Any]] = {
    "post_media_view": lambda post: post.impressions,
    "post_total_media_view_unique": lambda post: post.reach,
    "post_clicks": lambda post: post.link_clicks + post.profile_clicks,
    "post_clicks_by_type": lambda post: {"link clicks": post.link_clicks, "other clicks": post.profile_clicks},
    "post_reactions_by_type_total": lambda post: {"like": post.likes} if post.likes else {},
    "post_reactions_like_total": lambda post: post.likes,
    "post_activity_by_action_type": lambda post: {
        "like": post.likes, "comment": post.replies, "share": post.reposts,
    },
}  # fmt: skip
PAGE_METRICS: dict[str, Callable[[State, SandboxAccount], Any]] = {
    "page_follows": lambda state, account: account.followers,
    "page_media_view": lambda state, account: sum(p.impressions for p in state.timelines.get(account.id, [])),
    "page_total_media_view_unique": lambda state, account: sum(p.reach for p in state.timelines.get(account.id, [])),
    "page_post_engagements": lambda state, account: sum(
        p.likes + p.replies + p.reposts + p.link_clicks for p in state.timelines.get(account.id, [])
    ),
}


def insights(call: Call) -> Response:
    metrics = [one for one in (call.query("metric") or "").split(",") if one]
    if not metrics:
        return refuse("facebook/no_metric")
    name = call.path("id")
    if name in ("me", call.account.id):
        account = call.account
        if any(metric not in PAGE_METRICS for metric in metrics):
            return refuse("facebook/metric")
        if account.followers < LIKES_FOR_INSIGHTS:
            return Json({"data": [], "paging": {}})
        end = (call.now + timedelta(days=1)).astimezone(UTC).strftime("%Y-%m-%dT08:00:00+0000")
        totals = {metric: PAGE_METRICS[metric](call.state, account) for metric in metrics}
        return Json({"data": [insight_json(account.id, metric, "day", totals[metric], end) for metric in metrics]})
    post = call.state.readable("facebook", name)
    if post is None or post.account_id != call.account.id:
        return missing_node(call, name)
    dead, denied = (call.state.behaviour(call.account, name) for name in ("dead_metrics", "denied_metrics"))
    if any(metric not in POST_METRICS or metric in dead for metric in metrics):
        return refuse("facebook/metric")
    if any(metric in denied for metric in metrics):
        return refuse("facebook/permission")
    if call.now - post.created_at < timedelta(seconds=float(call.state.behaviour(call.account, "insights_lag_s"))):
        return Json({"data": [], "paging": {}})
    if call.account.followers < LIKES_FOR_INSIGHTS:
        return Json({"data": [], "paging": {}})
    return Json({
        "data": [insight_json(post.id, metric, "lifetime", POST_METRICS[metric](post), None) for metric in metrics]
    })  # fmt: skip


def insight_json(node: str, metric: str, period: str, value: Any, end: str | None) -> dict[str, Any]:
    values = {"value": value, **({"end_time": end} if end else {})}
    return {
        "name": metric, "period": period, "values": [values], "title": metric.replace("_", " ").capitalize(),
        "description": "", "id": f"{node}/insights/{metric}/{period}",
    }  # fmt: skip
