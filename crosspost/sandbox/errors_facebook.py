"""The codes of Meta's Graph family that one Page after another meets; Instagram and Threads say the same."""

from __future__ import annotations

from crosspost.sandbox.fixture import ErrorFixture, graph_error

_TABLE = "Meta Graph API, Handling Errors and rate limiting (2026); the words by several clients"
_SEEN = "answers quoted in gitroomhq/postiz-app #2068 (September 2026) and the code tables of other clients"


def _token(subcode: int, message: str) -> ErrorFixture:
    return ErrorFixture(
        400, graph_error(190, f"Error validating access token: {message}", subcode=subcode), _TABLE, "C"
    )


def _limit(code: int, message: str, subcode: int | None = None) -> ErrorFixture:
    return ErrorFixture(400, graph_error(code, f"(#{code}) {message}", subcode=subcode, transient=True), _TABLE, "C")


def _blocked(subcode: int, message: str) -> ErrorFixture:
    return ErrorFixture(400, graph_error(368, message, subcode=subcode), _SEEN, "L")


FACEBOOK_CODES: dict[str, ErrorFixture] = {
    "facebook/app_removed": _token(458, "The user has not authorized application {value}."),
    "facebook/checkpoint": _token(459, "You cannot access the app till you log in to www.facebook.com."),
    "facebook/invalid_token": _token(467, "This may be because the user logged out or may be due to a system error."),
    "facebook/role_lost": _token(492, "The session no longer has a role on this Page."),
    "facebook/app_limit": _limit(4, "Application request limit reached"),
    "facebook/user_limit": _limit(17, "User request limit reached"),
    "facebook/custom_limit": _limit(613, "Calls to this api have exceeded the rate limit."),
    "facebook/page_limit": _limit(80001, "There have been too many calls to this Page account.", 2494055),
    "facebook/downtime": ErrorFixture(
        400, graph_error(341, "Feed action request limit reached", transient=True), _TABLE, "L"
    ),
    "facebook/publish_permission": ErrorFixture(
        403, graph_error(200, "(#200) If posting to a page, requires pages_manage_posts"), _TABLE, "L"
    ),
    "facebook/too_fast": _blocked(1390008, "We limit how often you can post. Try again later."),
    "facebook/posted_before": _blocked(1404082, "It looks like you posted this before."),
    "facebook/page_authorization": _blocked(1404078, "Publishing for this Page needs an authorization."),
    "facebook/limited": _blocked(1404112, "Your account is temporarily limited."),
    "facebook/identity": _blocked(4854002, "Confirm your identity to go on."),
    "facebook/link_scrape": ErrorFixture(
        400, graph_error(100, "(#100) The link could not be read", subcode=1609005), _TABLE, "L"
    ),
    "facebook/photo_posted": ErrorFixture(
        400, graph_error(324, "This photo was posted before", subcode=1366051), _TABLE, "L"
    ),
}
