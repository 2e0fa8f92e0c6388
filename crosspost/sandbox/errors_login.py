"""Error answers of the authorization servers."""

from __future__ import annotations

from typing import Any

from crosspost.sandbox.fixture import ErrorFixture
from crosspost.sandbox.fixture import graph_error as _graph

_DOORKEEPER = "doorkeeper 5, the words of Mastodon's authorization server (2026)"
_META = "developers.facebook.com, manually build a login flow, and reports of other projects"
_X = "plhery/node-twitter-api-v2 #496 (2023), xdevplatform forum reports (2026)"


def _oauth(error: str, description: str) -> dict[str, Any]:
    return {"error": error, "error_description": description}


_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the "
    "authorization request, or was issued to another client."
)
_CLIENT = (
    "Client authentication failed due to unknown client, no client authentication included, or unsupported "
    "authentication method."
)
_THREADS = "reports of other projects (2026); the words were not found in the documentation"

LOGIN: dict[str, ErrorFixture] = {
    "x/code": ErrorFixture(
        400, _oauth("invalid_request", "Value passed for the authorization code was invalid."), _X, "L"
    ),
    "x/client": ErrorFixture(
        401, _oauth("unauthorized_client", "Missing valid authorization header"), "unasuke/omniauth-twitter2 #4", "L"
    ),
    "x/refresh": ErrorFixture(
        400,
        {"error": "invalid_request", "error_description": "Value passed for the token was invalid."},
        "xdevplatform forum reports (2026)",
        "L",
    ),
    "linkedin/code": ErrorFixture(
        400,
        _oauth(
            "invalid_request",
            "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. "
            "Or authorization code expired. Or external member binding exists",
        ),
        "reports of many projects (to 2026)",
        "L",
    ),
    "linkedin/client": ErrorFixture(
        401,
        _oauth("invalid_client", "Client authentication failed"),
        "UsefulSoftwareCo/executor #2087 (Sep 2026): also whenever a code_verifier comes along",
        "L",
    ),
    "pinterest/code": ErrorFixture(
        400, {"code": 283, "message": "Invalid authorization code."}, "chosen here: the words were not found", "U"
    ),
    "pinterest/client": ErrorFixture(
        401, {"code": 2, "message": "Authentication failed."}, "Pinterest API description 5.23.0", "L"
    ),
    "pinterest/refresh": ErrorFixture(
        401, {"code": 2, "message": "Authentication failed."}, "Pinterest API description 5.23.0", "L"
    ),
    "facebook/code": ErrorFixture(
        400, _graph(100, "This authorization code has been used.", subcode=36009), _META, "L"
    ),
    "facebook/code_ended": ErrorFixture(
        400, _graph(100, "This authorization code has expired.", subcode=36007), _META, "L"
    ),
    "facebook/client": ErrorFixture(400, _graph(1, "Error validating client secret."), _META, "L"),
    "facebook/exchange": ErrorFixture(
        400, _graph(190, "Error validating access token: Session has expired.", subcode=463), _META, "C"
    ),
    "threads/code": ErrorFixture(
        400,
        {"error_type": "OAuthException", "code": 400, "error_message": "This authorization code has been used"},
        _THREADS,
        "L",
    ),
    "threads/client": ErrorFixture(
        400,
        {"error_type": "OAuthException", "code": 400, "error_message": "Error validating client secret."},
        _THREADS,
        "U",
    ),
    "threads/exchange": ErrorFixture(
        400, _graph(190, "Error validating access token: Session has expired.", subcode=463), _THREADS, "L"
    ),
    "threads/too_young": ErrorFixture(400, _graph(100, "The access token is too young."), _THREADS, "U"),
    "mastodon/code": ErrorFixture(400, _oauth("invalid_grant", _GRANT), _DOORKEEPER, "C"),
    "mastodon/client": ErrorFixture(401, _oauth("invalid_client", _CLIENT), _DOORKEEPER, "C"),
    "mastodon/app": ErrorFixture(
        422, {"error": "Validation failed: {message}"}, "docs.joinmastodon.org/methods/apps (2026-07)", "C"
    ),
}
