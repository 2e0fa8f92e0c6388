"""LinkedIn's statistics as readings. A post that the answer leaves out has no numbers: it was not seen zero times.

Only an app with a reviewed product may read them; for all others the status is NOT_PERMITTED, and exports are the
way. Source: learn.microsoft.com/en-us/linkedin/marketing, share statistics and member post analytics, read 2026-08-31.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from crosspost.domain.errors import NetworkFailure, Unauthorized, Unreachable
from crosspost.domain.post import Reading, ReadingStatus
from crosspost.networks import _answers as answers
from crosspost.networks._answers import READ

Read = Callable[[str], dict[str, Any]]

_OF_PAGE = {
    "impressions": "impressionCount",
    "reach": "uniqueImpressionsCount",
    "clicks": "clickCount",
    "likes": "likeCount",
    "replies": "commentCount",
    "reposts": "shareCount",
}
_NEVER_OF_PAGE = {
    "link_clicks": "LinkedIn counts clicks of every kind together",
    "quotes": "LinkedIn counts a quote as a share",
    "bookmarks": "LinkedIn tells a page nothing of saves",
    "profile_clicks": "LinkedIn does not count them per post",
}
_OF_MEMBER = {  # one request each: a query type reads one metric
    "impressions": "IMPRESSION",
    "reach": "MEMBERS_REACHED",
    "link_clicks": "LINK_CLICKS",
    "likes": "REACTION",
    "replies": "COMMENT",
    "reposts": "RESHARE",
    "bookmarks": "POST_SAVE",
    "profile_clicks": "PROFILE_VIEW_FROM_CONTENT",
}
_NEVER_OF_MEMBER = {
    "clicks": "LinkedIn counts a member's clicks on links only",
    "quotes": "LinkedIn counts a quote as a reshare",
}
_NEVER_OF_ACCOUNT = {
    "posts": "LinkedIn tells no number of posts",
    "impressions": "LinkedIn offers views for a rolling twelve months, not as a total",
    "reach": "LinkedIn offers reach for a rolling twelve months, not as a total",
}


def of_page_post(read: Read, page: str, urn: str, at: datetime, version: str) -> list[Reading]:
    kind = "ugcPosts" if ":ugcPost:" in urn else "shares"
    path = "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
    path += f"&organizationalEntity={_encoded(page)}&{kind}=List({_encoded(urn)})"
    never = answers.unsupported(_NEVER_OF_PAGE, at, version)
    try:
        elements = answers.rows(read(path).get("elements"), READ, "statistics")
    except Unauthorized as failure:
        return _not_permitted(_OF_PAGE, failure, at, version) + never
    ours = [one for one in elements if urn in (one.get("share"), one.get("ugcPost"))]
    values = answers.obj(ours[0].get("totalShareStatistics")) if ours else {}
    missing = "LinkedIn answered without it" if ours else "LinkedIn has no statistics of this post"
    return [
        answers.reading(metric, name, values.get(name), at, missing, version) for metric, name in _OF_PAGE.items()
    ] + never


def of_member_post(read: Read, urn: str, at: datetime, version: str) -> list[Reading]:
    """Raises Unreachable if no metric at all could be asked for; RateLimited at once, for a day has few calls."""
    entity = f"({'ugc' if ':ugcPost:' in urn else 'share'}:{_encoded(urn)})"
    path = f"/rest/memberCreatorPostAnalytics?q=entity&entity={entity}&aggregation=TOTAL&queryType="
    found: list[Reading] = []
    failures: list[Unreachable] = []
    for metric, name in _OF_MEMBER.items():
        try:
            page = read(path + name)
            value = _count(answers.rows(page.get("elements"), READ, "statistics"), name)
            missing = "LinkedIn has no such number for this post"
        except Unreachable as failure:
            failures.append(failure)
            value, missing = None, failure.reason
        except Unauthorized as failure:
            # The permission is for all of them: the other calls of a scarce day are saved.
            found = _not_permitted(_OF_MEMBER, failure, at, version)
            break
        found.append(answers.reading(metric, name, value, at, missing, version))
    if len(failures) == len(_OF_MEMBER):
        raise failures[0]
    return found + answers.unsupported(_NEVER_OF_MEMBER, at, version)


def of_account(read: Read, author: str, at: datetime, version: str) -> list[Reading]:
    """Followers of a page or a member."""
    name = "firstDegreeSize" if ":organization:" in author else "memberFollowersCount"
    try:
        if name == "firstDegreeSize":
            found = read(f"/rest/networkSizes/{_encoded(author)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER")
        else:
            elements = answers.rows(read("/rest/memberFollowersCount?q=me").get("elements"), READ, "followers")
            found = elements[0] if elements else {}
        followers = [answers.reading("followers", name, found.get(name), at, "LinkedIn answered without it", version)]
    except Unauthorized as failure:
        followers = _not_permitted({"followers": name}, failure, at, version)
    return followers + answers.unsupported(_NEVER_OF_ACCOUNT, at, version)


def _count(elements: list[dict[str, Any]], name: str) -> Any:
    """The count of that metric. Until version 202605 its type was an object around the name."""
    for one in elements:
        kind = one.get("metricType")
        if name in (kind, *(kind.values() if isinstance(kind, dict) else ())):
            return one.get("count")
    return None


def _not_permitted(names: Mapping[str, str], failure: NetworkFailure, at: datetime, version: str) -> list[Reading]:
    """Raises the failure again unless it speaks of a permission: a dead token is not a missing number."""
    if failure.code != "403":
        raise failure
    reason = f"{failure.reason}; LinkedIn gives statistics to reviewed apps only: import its export instead"
    status = ReadingStatus.NOT_PERMITTED
    return [Reading(metric, name, None, status, at, reason, version) for metric, name in names.items()]


def _encoded(urn: str) -> str:
    return quote(urn, safe="")
