"""Instagram's and Threads' error answers; the rest is said in Facebook's words, whose family they are."""

from __future__ import annotations

from crosspost.sandbox.fixture import PROXY, PROXY_PAGE, ErrorFixture, graph_error

_TABLE = "Instagram error codes (2 Jun 2026)"
_GUIDE = "Instagram content publishing (2026)"
_THREADS = "Threads posts and changelog (Dec 2025 to Apr 2026)"
_SHARED = "Meta Graph API, Handling Errors (2026)"
_ASSUMED = "chosen here: the answer was not found"


def _both(network: str) -> dict[str, ErrorFixture]:
    """What both say in the same words."""
    return {
        f"{network}/too_early": ErrorFixture(
            400, graph_error(9007, "The media is not ready to be published, please wait a moment", subcode=2207027),
            _GUIDE, "C",
        ),
        f"{network}/expired_container": ErrorFixture(
            400, graph_error(100, "The media has expired. Create a new container.", subcode=2207020), _TABLE, "C"
        ),
        f"{network}/published_before": ErrorFixture(
            400, graph_error(24, "The requested resource does not exist", subcode=2207006), _ASSUMED, "U"
        ),
        f"{network}/failed_container": ErrorFixture(
            400, graph_error(100, "The media cannot be published: {message}"), _ASSUMED, "U"
        ),
        f"{network}/quota": ErrorFixture(
            403, graph_error(9, "The user has reached the maximum number of posts of a day", subcode=2207042),
            _TABLE, "C",
        ),
        f"{network}/spam": ErrorFixture(
            403, graph_error(4, "Application request limit reached", subcode=2207051), _TABLE, "C"
        ),
        f"{network}/metric": ErrorFixture(
            400, graph_error(100, "(#100) metric[{place}] must be one of the following values: {known}"), _SHARED, "L"
        ),
        f"{network}/permission": ErrorFixture(
            403, graph_error(10, "(#10) Application does not have permission for this action"), _SHARED, "C"
        ),
        f"{network}/rate_limited": ErrorFixture(
            400, graph_error(4, "(#4) Application request limit reached", transient=True), _SHARED, "C"
        ),
        f"{network}/500": ErrorFixture(
            500, graph_error(1, "An unknown error has occurred.", transient=True), _SHARED, "L"
        ),
        f"{network}/502": ErrorFixture(502, PROXY_PAGE, PROXY, "L"),
        f"{network}/503": ErrorFixture(
            503, graph_error(2, "An unexpected error has occurred. Please retry your request later.", transient=True),
            _SHARED, "C",
        ),
        f"{network}/504": ErrorFixture(504, PROXY_PAGE, PROXY, "L"),
    }  # fmt: skip


CONTAINERS: dict[str, ErrorFixture] = {
    **_both("instagram"),
    "instagram/caption": ErrorFixture(
        400, graph_error(100, "The caption was too long.", subcode=2207010), _TABLE, "L"
    ),
    "instagram/comment": ErrorFixture(
        400, graph_error(100, "Invalid parameter"), "Instagram's rules for comments of July 2014; " + _ASSUMED, "U"
    ),
    "instagram/hashtags": ErrorFixture(
        400, graph_error(100, "The caption has too many hashtags, at most {most} are allowed"),
        "cap of five announced on 18 Dec 2025; " + _ASSUMED, "U",
    ),
    "instagram/unreachable": ErrorFixture(
        400, graph_error(9004, "The media could not be fetched from this URI: {value}", subcode=2207052), _TABLE, "C"
    ),
    "instagram/format": ErrorFixture(
        400, graph_error(36000, "The image format is not supported", subcode=2207005), _TABLE, "L"
    ),
    "instagram/too_large": ErrorFixture(
        400, graph_error(36000, "The image is too large to download", subcode=2207004), _TABLE, "L"
    ),
    "instagram/ratio": ErrorFixture(
        400, graph_error(36003, "The aspect ratio is not supported", subcode=2207009), _TABLE, "C"
    ),
    "instagram/fetch_timeout": ErrorFixture(
        400, graph_error(-2, "The media could not be downloaded in time", subcode=2207003), _TABLE, "C"
    ),
    "instagram/server": ErrorFixture(400, graph_error(-1, "Instagram server error", subcode=2207001), _TABLE, "C"),
    "instagram/creation": ErrorFixture(
        400, graph_error(-1, "The media could not be created, try again", subcode=2207032), _TABLE, "L"
    ),
    "instagram/upload": ErrorFixture(400, graph_error(-1, "Unknown upload error", subcode=2207053), _TABLE, "L"),
    "instagram/restricted": ErrorFixture(
        403, graph_error(25, "The account is restricted", subcode=2207050), _TABLE, "C"
    ),
    **_both("threads"),
    "threads/restricted": ErrorFixture(
        403, graph_error(10, "The user is restricted", subcode=4279013),
        "Threads error subcodes (2026); the code beside it is chosen here", "L",
    ),
    "threads/text": ErrorFixture(
        400, graph_error(100, "Param text must be at most {most} characters long."), _THREADS, "C"
    ),
    "threads/links": ErrorFixture(
        400, graph_error(100, "THREADS_API__LINK_LIMIT_EXCEEDED", error_user_msg="A post holds at most {most} links."),
        _THREADS, "L",
    ),
}  # fmt: skip
