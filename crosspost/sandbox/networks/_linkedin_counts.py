"""LinkedIn's statistics. A post that nobody has seen yet is left out of them; a self-serve app may read none."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from crosspost.sandbox.exchange import Call, Json, refuse
from crosspost.sandbox.state import SandboxPost

STRING_TYPES = "202605"  # from this version on a metric's type is a word; before, an object around it
_TYPE = "com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1"
_QUERY_TYPES = {
    "IMPRESSION": "impressions", "MEMBERS_REACHED": "reach", "RESHARE": "reposts", "REACTION": "likes",
    "COMMENT": "replies", "POST_SAVE": "bookmarks", "LINK_CLICKS": "link_clicks",
    "PROFILE_VIEW_FROM_CONTENT": "profile_clicks",
}  # fmt: skip
_UNCOUNTED = ("POST_SEND", "PREMIUM_CTA_CLICKS", "FOLLOWER_GAINED_FROM_CONTENT")  # known, and never asked for here


def denied(call: Call, what: str) -> Response | None:
    """The refusal of what only a reviewed app may read."""
    if call.state.behaviour(call.account, "reviewed"):
        return None
    return refuse("linkedin/permission", what=what)


def page_statistics(call: Call) -> Response:
    page = call.query("organizationalEntity")
    if refusal := denied(call, "organizationalEntityShareStatistics.FINDER-organizationalEntity"):
        return refusal
    if call.query("q") != "organizationalEntity" or page != call.account.id:
        return refuse("linkedin/permission", what="organizationalEntityShareStatistics.FINDER-organizationalEntity")
    wanted = [*_listed(call.query("shares")), *_listed(call.query("ugcPosts"))]
    elements = []
    for urn in wanted:
        post = call.state.post("linkedin", urn)
        if post is not None and post.account_id == page and post.impressions:
            kind = "ugcPost" if ":ugcPost:" in urn else "share"
            elements.append({"totalShareStatistics": _totals([post]), kind: urn, "organizationalEntity": page})
    if not wanted:
        standing = [post for post in call.state.timelines.get(page, []) if not post.deleted]
        elements = [{"totalShareStatistics": _totals(standing), "organizationalEntity": page}]
    return Json({"paging": {"start": 0, "count": 10, "links": []}, "elements": elements})


def _listed(value: str | None) -> list[str]:
    if not value or not value.startswith("List(") or not value.endswith(")"):
        return []
    return [one for one in value[5:-1].split(",") if one]


def _totals(posts: list[SandboxPost]) -> dict[str, Any]:
    counts = {
        "impressionCount": sum(post.impressions for post in posts),
        "uniqueImpressionsCount": sum(post.reach or post.impressions * 3 // 4 for post in posts),
        "clickCount": sum(post.link_clicks + post.profile_clicks for post in posts),
        "likeCount": sum(post.likes for post in posts),
        "commentCount": sum(post.replies for post in posts),
        "shareCount": sum(post.reposts for post in posts),
    }
    engaged = counts["clickCount"] + counts["likeCount"] + counts["commentCount"] + counts["shareCount"]
    seen = counts["impressionCount"]
    return {**counts, "engagement": engaged / seen if seen else 0.0}


def member_post(call: Call) -> Response:
    if refusal := denied(call, "memberCreatorPostAnalytics.FINDER-entity"):
        return refusal
    kind, entity = call.query("queryType") or "", (call.query("entity") or "").strip("()")
    if kind not in (*_QUERY_TYPES, *_UNCOUNTED) or kind in call.state.behaviour(call.account, "dead_metrics"):
        return refuse("linkedin/parameter", message=f"queryType {kind!r} is not one metric")
    if call.query("q") != "entity" or call.query("aggregation") != "TOTAL":
        return refuse("linkedin/parameter", message="the sandbox reads q=entity and aggregation=TOTAL")
    post = call.state.post("linkedin", entity.partition(":")[2])
    if post is None or post.account_id != call.account.id:
        return refuse("linkedin/permission", what="memberCreatorPostAnalytics.FINDER-entity")
    version = call.request.headers["linkedin-version"]
    elements: list[dict[str, Any]] = []
    if post.impressions and kind in _QUERY_TYPES:
        shown = kind if version >= STRING_TYPES else {_TYPE: kind}
        count = getattr(post, _QUERY_TYPES[kind])
        elements = [{"count": count, "metricType": shown, "targetEntity": {"share": post.id}}]
    return Json({"paging": {"start": 0, "count": 10, "links": []}, "elements": elements})


def followers_of_page(call: Call) -> Response:
    urn = call.path("urn")
    if call.query("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER" or not urn.startswith("urn:li:organization:"):
        return refuse("linkedin/parameter", message="edgeType is COMPANY_FOLLOWED_BY_MEMBER, of an organization")
    account = call.state.accounts.get(urn)
    if account is None:
        return refuse("linkedin/not_found", urn=urn)
    return Json({"firstDegreeSize": account.followers})


def followers_of_member(call: Call) -> Response:
    if refusal := denied(call, "memberFollowersCount.FINDER-me"):
        return refusal
    if call.query("q") != "me" or ":person:" not in call.account.id:
        return refuse("linkedin/parameter", message="the sandbox reads q=me, for a member")
    return Json({"paging": {"start": 0, "count": 10, "links": []}, "elements": [
        {"memberFollowersCount": call.account.followers},
    ]})  # fmt: skip
