"""LinkedIn's error answers."""

from __future__ import annotations

from typing import Any

from crosspost.sandbox.fixture import PROXY, PROXY_PAGE, ErrorFixture

_DOCS = "learn.microsoft.com/en-us/linkedin, error handling and versioning pages (June to August 2026)"
_TOKENS = "learn.microsoft.com/en-us/linkedin/shared/authentication, token introspection and errors (2026)"
_SEEN = "answers quoted in the issues of several projects (October 2025 to October 2026)"
_ASSUMED = "chosen here: no answer of this kind was found"


def _said(status: int, code: str, message: str, number: int | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"status": status, "code": code, "message": message}
    return body if number is None else {**body, "serviceErrorCode": number}


def _input(message: str, description: str, code: str) -> dict[str, Any]:
    return {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": message,
        "errorDetails": {"inputErrors": [{"description": description, "input": {}, "code": code}]},
        "status": 422,
    }


LINKEDIN: dict[str, ErrorFixture] = {
    "linkedin/unauthorized": ErrorFixture(
        401, _said(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600), _TOKENS, "L"
    ),
    "linkedin/revoked": ErrorFixture(
        401, _said(401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user", 65601),
        _TOKENS, "C",
    ),
    "linkedin/expired": ErrorFixture(
        401, _said(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602), _TOKENS, "C"
    ),
    "linkedin/permission": ErrorFixture(
        403, _said(403, "ACCESS_DENIED", "Not enough permissions to access: {what}", 100), _DOCS, "C"
    ),
    "linkedin/version": ErrorFixture(
        426, _said(426, "NONEXISTENT_VERSION", "Requested version {version} is not active"), _DOCS, "C"
    ),
    "linkedin/version_400": ErrorFixture(
        400, _said(400, "ILLEGAL_ARGUMENT", "Requested version {version} is not active"), _SEEN, "L"
    ),
    "linkedin/no_version": ErrorFixture(
        400, _said(400, "VERSION_MISSING", "A version must be present. Please specify a version by adding the "
        "LinkedIn-Version header."), _DOCS, "L",
    ),
    "linkedin/parameter": ErrorFixture(400, _said(400, "ILLEGAL_ARGUMENT", "{message}"), _DOCS, "L"),
    "linkedin/member_list": ErrorFixture(
        400, _said(400, "ILLEGAL_ARGUMENT", "Member permissions must be used when using member as author"), _SEEN, "C"
    ),
    "linkedin/not_found": ErrorFixture(404, _said(404, "NOT_FOUND", "Could not find entity {urn}"), _DOCS, "L"),
    "linkedin/invalid": ErrorFixture(
        422, _input("ERROR :: /{field} :: {message}", "{message}", "INVALID_VALUE_FOR_FIELD"), _DOCS, "L"
    ),
    "linkedin/duplicate": ErrorFixture(
        422,
        _input(
            "com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of {urn}",
            "Duplicate post is detected", "DUPLICATE_POST",
        ),
        _SEEN, "C",
    ),
    "linkedin/rate_limited": ErrorFixture(
        429, _said(429, "TOO_MANY_REQUESTS", "Resource level throttle limit for calls to this resource is reached.",
        101), _SEEN, "L",
    ),
    "linkedin/500": ErrorFixture(500, _said(500, "INTERNAL_SERVER_ERROR", "Internal Server Error"), _DOCS, "L"),
    "linkedin/502": ErrorFixture(502, PROXY_PAGE, PROXY, "L"),
    "linkedin/503": ErrorFixture(503, _said(503, "SERVICE_UNAVAILABLE", "Service Unavailable"), _ASSUMED, "U"),
    "linkedin/504": ErrorFixture(504, _said(504, "GATEWAY_TIMEOUT", "A required server timed out"), _DOCS, "L"),
}  # fmt: skip
