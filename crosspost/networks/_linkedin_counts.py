"""LinkedIn's statistics as readings. A post that the answer leaves out has no numbers: it was not seen zero times.

Only an app with a reviewed product may read them; for all others the status is NOT_PERMITTED, and exports are the
way. Source: learn.microsoft.com/en-us/linkedin/marketing, share statistics and member post analytics, read 2026-08-31.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from crosspost.domain.errors import NetworkFailure, Unauthorized, Unreachable
from crosspost.domain.metric import Metric, about, never, offered
from crosspost.domain.post import Reading, ReadingStatus
from crosspost.networks import _answers as answers
from crosspost.networks._answers import READ

Read = Callable[[str], dict[str, Any]]

_ORGANIC = "organic, of the last twelve months"

METRICS = (
    Metric("impressions", "impressionCount", "post", note=_ORGANIC, of="page"),
    Metric("reach", "uniqueImpressionsCount", "post", note=_ORGANIC, of="page"),
    Metric("clicks", "clickCount", "post", note=_ORGANIC, of="page"),
    Metric("likes", "likeCount", "post", note=_ORGANIC, of="page"),
    Metric("replies", "commentCount", "post", note=_ORGANIC, of="page"),
    Metric("reposts", "shareCount", "post", note=_ORGANIC, of="page"),
    *never("post", "LinkedIn counts clicks of every kind together", "link_clicks", of="page"),
    *never("post", "LinkedIn counts a quote as a share", "quotes", of="page"),
    *never("post", "LinkedIn tells a page nothing of saves", "bookmarks", of="page"),
    *never("post", "LinkedIn does not count them per post", "profile_clicks", of="page"),
    # One request each: a query type reads one metric.
    Metric("impressions", "IMPRESSION", "post", of="member"),
    Metric("reach", "MEMBERS_REACHED", "post", of="member"),
    Metric("link_clicks", "LINK_CLICKS", "post", note="since API version 202604", of="member"),
    Metric("likes", "REACTION", "post", of="member"),
    Metric("replies", "COMMENT", "post", of="member"),
    Metric("reposts", "RESHARE", "post", of="member"),
    Metric("bookmarks", "POST_SAVE", "post", note="since API version 202604", of="member"),
    Metric("profile_clicks", "PROFILE_VIEW_FROM_CONTENT", "post", of="member"),
    *never("post", "LinkedIn counts a member's clicks on links only", "clicks", of="member"),
    *never("post", "LinkedIn counts a quote as a reshare", "quotes", of="member"),
    Metric("followers", "firstDegreeSize", "account", of="page"),
    Metric("followers", "memberFollowersCount", "account", of="member"),
    *never("account", "LinkedIn tells no number of posts", "posts"),
    *never("account", "LinkedIn offers views for a rolling twelve months, not as a total", "impressions"),
    *never("account", "LinkedIn offers reach for a rolling twelve months, not as a total", "reach"),
)


def of_page_post(read: Read, page: str, urn: str, at: datetime, version: str) -> list[Reading]:
    kind = "ugcPosts" if ":ugcPost:" in urn else "shares"
    path = "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
    path += f"&organizationalEntity={_encoded(page)}&{kind}=List({_encoded(urn)})"
    mine = about(METRICS, "post", of="page")
    none = answers.unsupported(mine, at, version)
    try:
        elements = answers.rows(read(path).get("elements"), READ, "statistics")
    except Unauthorized as failure:
        return _not_permitted(offered(mine), failure, at, version) + none
    ours = [one for one in elements if urn in (one.get("share"), one.get("ugcPost"))]
    values = answers.obj(ours[0].get("totalShareStatistics")) if ours else {}
    missing = "LinkedIn answered without it" if ours else "LinkedIn has no statistics of this post"
    return [answers.reading(one, values.get(one.provider_name), at, missing, version) for one in offered(mine)] + none


def of_member_post(read: Read, urn: str, at: datetime, version: str) -> list[Reading]:
    """Raises Unreachable if no metric at all could be asked for; RateLimited at once, for a day has few calls."""
    entity = f"({'ugc' if ':ugcPost:' in urn else 'share'}:{_encoded(urn)})"
    path = f"/rest/memberCreatorPostAnalytics?q=entity&entity={entity}&aggregation=TOTAL&queryType="
    found: list[Reading] = []
    failures: list[Unreachable] = []
    mine = about(METRICS, "post", of="member")
    for metric in offered(mine):
        try:
            page = read(path + metric.provider_name)
            value = _count(answers.rows(page.get("elements"), READ, "statistics"), metric.provider_name)
            missing = "LinkedIn has no such number for this post"
        except Unreachable as failure:
            failures.append(failure)
            value, missing = None, failure.reason
        except Unauthorized as failure:
            # The permission is for all of them: the other calls of a scarce day are saved.
            found = _not_permitted(offered(mine), failure, at, version)
            break
        found.append(answers.reading(metric, value, at, missing, version))
    if len(failures) == len(offered(mine)):
        raise failures[0]
    return found + answers.unsupported(mine, at, version)


def of_account(read: Read, author: str, at: datetime, version: str) -> list[Reading]:
    """Followers of a page or a member."""
    page = ":organization:" in author
    mine = about(METRICS, "account", of="page" if page else "member")
    followers = offered(mine)
    try:
        if page:
            found = read(f"/rest/networkSizes/{_encoded(author)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER")
        else:
            elements = answers.rows(read("/rest/memberFollowersCount?q=me").get("elements"), READ, "followers")
            found = elements[0] if elements else {}
    except Unauthorized as failure:
        return _not_permitted(followers, failure, at, version) + answers.unsupported(mine, at, version)
    missing = "LinkedIn answered without it"
    return [
        answers.reading(one, found.get(one.provider_name), at, missing, version) for one in followers
    ] + answers.unsupported(mine, at, version)


def _count(elements: list[dict[str, Any]], name: str) -> Any:
    """The count of that metric. Until version 202605 its type was an object around the name."""
    for one in elements:
        kind = one.get("metricType")
        if name in (kind, *(kind.values() if isinstance(kind, dict) else ())):
            return one.get("count")
    return None


def _not_permitted(metrics: Iterable[Metric], failure: NetworkFailure, at: datetime, version: str) -> list[Reading]:
    """Raises the failure again unless it speaks of a permission: a dead token is not a missing number."""
    if failure.code != "403":
        raise failure
    reason = f"{failure.reason}; LinkedIn gives statistics to reviewed apps only: import its export instead"
    return [answers.without(one, at, reason, ReadingStatus.NOT_PERMITTED, version) for one in metrics]


def _encoded(urn: str) -> str:
    return quote(urn, safe="")
