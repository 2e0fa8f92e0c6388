"""Error answers of the networks, as fixtures: what each looks like on the wire and where that is known from."""

from __future__ import annotations

from typing import Any

from crosspost.sandbox.errors_containers import CONTAINERS
from crosspost.sandbox.errors_facebook import FACEBOOK_CODES
from crosspost.sandbox.errors_linkedin import LINKEDIN
from crosspost.sandbox.errors_login import LOGIN
from crosspost.sandbox.errors_pinterest import PINTEREST
from crosspost.sandbox.fixture import PROXY as _PROXY
from crosspost.sandbox.fixture import PROXY_PAGE as _HTML
from crosspost.sandbox.fixture import ErrorFixture
from crosspost.sandbox.fixture import graph_error as _graph

_X_DOCS = "X API v2 description 2.167 (22 Aug 2026) and error reference"
_X_LIVE = "live answer reported in akrherz/iembot #163 (Feb 2026)"
_GRAPH = "Meta Graph API, Handling Errors (2026) and facebook-sdk 3.1.0 source"
_MASTODON = "Mastodon documentation (July 2026) and server source 4.7"
_ATPROTO = "bluesky-social/atproto lexicons and reference server (Aug 2026)"


def _x(status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> dict[str, Any]:
    return {"title": title, "detail": detail, "type": kind, "status": status, **more}


_X_PROBLEM = "https://api.x.com/2/problems/"
_CODE_1 = "An unknown error has occurred."
_CODE_2 = "An unexpected error has occurred. Please retry your request later."

ERRORS: dict[str, ErrorFixture] = {
    # X
    "x/unauthorized": ErrorFixture(401, _x(401, "Unauthorized", "Unauthorized"), _X_DOCS, "L"),
    "x/app_only": ErrorFixture(
        403,
        _x(
            403,
            "Unsupported Authentication",
            "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
            _X_PROBLEM + "unsupported-authentication",
        ),
        _X_DOCS,
        "C",
    ),
    "x/invalid": ErrorFixture(
        400,
        {
            "errors": [{"message": "{message}", "parameters": {"{name}": ["{value}"]}}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": _X_PROBLEM + "invalid-request",
        },
        _X_DOCS,
        "C",
    ),
    "x/duplicate": ErrorFixture(
        403, _x(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."), _X_LIVE, "C"
    ),
    "x/duplicate_187": ErrorFixture(
        403, {"errors": [{"code": 187, "message": "Status is a duplicate."}]}, "X error code list (187)", "L"
    ),
    "x/credits": ErrorFixture(
        402,
        _x(
            402,
            "CreditsDepleted",
            "Your enrolled account does not have any credits to fulfill this request.",
            _X_PROBLEM + "credits",
        ),
        "tryethernal/ethernal #1314 (May 2026)",
        "L",
    ),
    "x/oauth1_permissions": ErrorFixture(
        403,
        _x(
            403,
            "Forbidden",
            "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
            "https://api.twitter.com/2/problems/oauth1-permissions",
        ),
        "answers quoted in the issues of several projects (2021 to 2026)",
        "L",
    ),
    "x/not_permitted": ErrorFixture(
        403, _x(403, "Forbidden", "You are not permitted to perform this action."), _X_DOCS, "C"
    ),
    "x/not_enrolled": ErrorFixture(
        403,
        _x(
            403,
            "Client Forbidden",
            "This client may not read this list.",
            _X_PROBLEM + "client-forbidden",
            reason="client-not-enrolled",
        ),
        _X_DOCS,
        "C",
    ),
    "x/not_found": ErrorFixture(
        404,
        _x(
            404,
            "Not Found Error",
            "Could not find {resource} with {parameter}: [{value}].",
            _X_PROBLEM + "resource-not-found",
            parameter="{parameter}",
            resource_id="{value}",
            resource_type="{resource}",
            value="{value}",
        ),
        _X_DOCS,
        "C",
    ),
    "x/field_unauthorized": ErrorFixture(
        200,
        _x(
            403,
            "Field Authorization Error",
            "Sorry, you are not authorized to access '{field}' on the Tweet: [{value}].",
            _X_PROBLEM + "field-unauthorized",
            field="{field}",
            resource_type="tweet",
            section="data",
        ),
        _X_DOCS,
        "L",
    ),
    "x/rate_limited": ErrorFixture(429, _x(429, "Too Many Requests", "Too Many Requests"), _X_DOCS, "L"),
    "x/rate_limited_88": ErrorFixture(
        429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, "X error code list (88)", "L"
    ),
    "x/usage_capped": ErrorFixture(
        429,
        _x(
            429,
            "UsageCapExceeded",
            "Usage cap exceeded: Monthly product cap",
            _X_PROBLEM + "usage-capped",
            period="Monthly",
            scope="Product",
        ),
        _X_DOCS,
        "C",
    ),
    "x/500": ErrorFixture(
        500, {"errors": [{"message": "Internal error", "code": 131}]}, "X error code list (131)", "L"
    ),
    "x/502": ErrorFixture(502, _HTML, _PROXY, "L"),
    "x/503": ErrorFixture(503, _x(503, "Service Unavailable", "Service Unavailable"), _X_DOCS, "L"),
    "x/504": ErrorFixture(504, "", "X answers are often empty when over capacity", "L"),
    # Facebook
    "facebook/no_token": ErrorFixture(
        400, _graph(104, "An access token is required to request this resource."), _GRAPH, "C"
    ),
    "facebook/malformed": ErrorFixture(
        400, _graph(190, "Invalid OAuth access token - Cannot parse access token"), _GRAPH, "C"
    ),
    "facebook/expired": ErrorFixture(
        400, _graph(190, "Error validating access token: Session has expired.", subcode=463), _GRAPH, "C"
    ),
    "facebook/revoked": ErrorFixture(
        400,
        _graph(
            190,
            "Error validating access token: The session has been invalidated because the user changed "
            "their password or Facebook has changed the session for security reasons.",
            subcode=460,
        ),
        _GRAPH,
        "C",
    ),
    "facebook/parameter": ErrorFixture(400, _graph(100, "(#100) {message}"), _GRAPH, "C"),
    "facebook/missing": ErrorFixture(
        400,
        _graph(
            100,
            "Unsupported {method} request. Object with ID '{value}' does not exist, cannot be loaded due "
            "to missing permissions, or does not support this operation",
            "GraphMethodException",
            33,
        ),
        _GRAPH,
        "C",
    ),
    "facebook/metric": ErrorFixture(
        400, _graph(100, "(#100) The value must be a valid insights metric"), "live check on v25.0 (Sep 2026)", "L"
    ),
    "facebook/no_metric": ErrorFixture(
        400, _graph(3001, "(#3001) No metric was specified to be fetched.", subcode=1504028), _GRAPH, "C"
    ),
    "facebook/permission": ErrorFixture(
        403, _graph(10, "(#10) This endpoint requires the 'pages_read_engagement' permission"), _GRAPH, "C"
    ),
    **FACEBOOK_CODES,
    "facebook/duplicate": ErrorFixture(
        400,
        _graph(
            506,
            "Duplicate status message",
            error_user_title="Duplicate Status Update",
            error_user_msg="This status update is identical to the last one you posted.",
        ),
        _GRAPH,
        "C",
    ),
    "facebook/photo": ErrorFixture(400, _graph(324, "Missing or invalid image file", subcode=1366046), _GRAPH, "C"),
    "facebook/link": ErrorFixture(
        400, _graph(100, "(#100) The url you supplied is invalid", subcode=2061006), _GRAPH, "C"
    ),
    "facebook/rate_limited": ErrorFixture(
        400, _graph(32, "(#32) Page request limit reached", transient=True), _GRAPH, "C"
    ),
    "facebook/500": ErrorFixture(500, _graph(1, _CODE_1, transient=True), "arsduo/koala #699 (Aug 2025)", "L"),
    "facebook/502": ErrorFixture(502, _HTML, _PROXY, "L"),
    "facebook/503": ErrorFixture(503, _graph(2, _CODE_2, transient=True), _GRAPH, "C"),
    "facebook/504": ErrorFixture(504, _HTML, _PROXY, "L"),
    # Mastodon
    "mastodon/unauthorized": ErrorFixture(401, {"error": "The access token is invalid"}, _MASTODON, "C"),
    "mastodon/expired": ErrorFixture(401, {"error": "The access token expired"}, _MASTODON, "C"),
    "mastodon/revoked": ErrorFixture(401, {"error": "The access token was revoked"}, _MASTODON, "C"),
    "mastodon/disabled": ErrorFixture(403, {"error": "Your login is currently disabled"}, _MASTODON, "C"),
    "mastodon/closed": ErrorFixture(
        410, {"error": "Gone"}, "server source 4.7: what an instance answers that its owner shuts down for good", "L"
    ),
    "mastodon/scope": ErrorFixture(403, {"error": "This action is outside the authorized scopes"}, _MASTODON, "C"),
    "mastodon/invalid": ErrorFixture(422, {"error": "Validation failed: {message}"}, _MASTODON, "C"),
    "mastodon/media_not_ready": ErrorFixture(
        422, {"error": "Cannot attach files that have not finished processing. Try again in a moment!"}, _MASTODON, "C"
    ),
    "mastodon/media_failed": ErrorFixture(
        422, {"error": "There was an error processing this media file"}, _MASTODON, "L"
    ),
    "mastodon/file_type": ErrorFixture(
        422, {"error": "Validation failed: File content type is invalid, File is invalid"}, _MASTODON, "C"
    ),
    "mastodon/parameter": ErrorFixture(400, {"error": "{message}"}, "the sandbox's own: servers ignore these", "U"),
    "mastodon/not_found": ErrorFixture(404, {"error": "Record not found"}, _MASTODON, "C"),
    "mastodon/rate_limited": ErrorFixture(429, {"error": "Too many requests"}, _MASTODON, "C"),
    "mastodon/500": ErrorFixture(500, _HTML, "server source: the 500 page is static HTML", "C"),
    "mastodon/502": ErrorFixture(502, _HTML, _PROXY, "L"),
    "mastodon/503": ErrorFixture(503, {"error": "Remote data could not be fetched"}, _MASTODON, "C"),
    "mastodon/504": ErrorFixture(504, _HTML, _PROXY, "L"),
    # Bluesky
    "bluesky/auth_missing": ErrorFixture(
        401, {"error": "AuthMissing", "message": "Authentication Required"}, _ATPROTO, "C"
    ),
    "bluesky/credentials": ErrorFixture(
        401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, _ATPROTO, "C"
    ),
    "bluesky/takedown": ErrorFixture(
        401, {"error": "AccountTakedown", "message": "Account has been taken down"}, _ATPROTO, "L"
    ),
    "bluesky/factor": ErrorFixture(
        401,
        {"error": "AuthFactorTokenRequired", "message": "A sign in code has been sent to your email address"},
        _ATPROTO,
        "C",
    ),
    "bluesky/expired": ErrorFixture(400, {"error": "ExpiredToken", "message": "Token has expired"}, _ATPROTO, "C"),
    "bluesky/token": ErrorFixture(
        400, {"error": "InvalidToken", "message": "Token could not be verified"}, _ATPROTO, "C"
    ),
    "bluesky/invalid": ErrorFixture(400, {"error": "InvalidRequest", "message": "{message}"}, _ATPROTO, "C"),
    "bluesky/record": ErrorFixture(
        400, {"error": "InvalidRequest", "message": "Invalid app.bsky.feed.post record: {message}"}, _ATPROTO, "C"
    ),
    "bluesky/not_found": ErrorFixture(
        400, {"error": "RecordNotFound", "message": "Could not locate record: {value}"}, _ATPROTO, "C"
    ),
    "bluesky/swap": ErrorFixture(400, {"error": "InvalidSwap", "message": "Record was at {value}"}, _ATPROTO, "C"),
    "bluesky/blob": ErrorFixture(
        400, {"error": "BlobNotFound", "message": "Could not find blob: {value}"}, _ATPROTO, "C"
    ),
    "bluesky/blob_size": ErrorFixture(
        400, {"error": "InvalidSize", "message": "This file is too large. {message}"}, _ATPROTO, "C"
    ),
    "bluesky/mime": ErrorFixture(400, {"error": "InvalidMimeType", "message": "{message}"}, _ATPROTO, "C"),
    "bluesky/too_large": ErrorFixture(
        413, {"error": "PayloadTooLarge", "message": "request entity too large"}, _ATPROTO, "C"
    ),
    "bluesky/no_method": ErrorFixture(
        501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"}, _ATPROTO, "C"
    ),
    "bluesky/rate_limited": ErrorFixture(
        429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, _ATPROTO, "C"
    ),
    "bluesky/500": ErrorFixture(
        500, {"error": "InternalServerError", "message": "Internal Server Error"}, _ATPROTO, "C"
    ),
    "bluesky/502": ErrorFixture(502, {"error": "UpstreamFailure", "message": "Upstream Failure"}, _ATPROTO, "C"),
    "bluesky/503": ErrorFixture(503, {"error": "NotEnoughResources", "message": "Not Enough Resources"}, _ATPROTO, "C"),
    "bluesky/504": ErrorFixture(504, _HTML, _PROXY, "L"),
    **CONTAINERS,
    **LOGIN,
    **LINKEDIN,
    **PINTEREST,
}
