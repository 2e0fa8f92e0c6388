"""Pinterest's error answers."""

from __future__ import annotations

from typing import Any

from crosspost.sandbox.fixture import PROXY, PROXY_PAGE, ErrorFixture

_SPEC = "Pinterest API description 5.23.0 (December 2025): code and message"
_SEEN = "vendor's help pages and reports of other projects (to September 2026)"
_ASSUMED = "chosen here: the words were not found"


def _said(code: int, message: str) -> dict[str, Any]:
    return {"code": code, "message": message}


PINTEREST: dict[str, ErrorFixture] = {
    "pinterest/parameter": ErrorFixture(400, _said(1, "{message}"), _SPEC, "C"),
    "pinterest/unauthorized": ErrorFixture(401, _said(2, "Authentication failed."), _SEEN, "C"),
    "pinterest/rate_limited": ErrorFixture(
        429, _said(8, "You have exceeded your rate limit. Try again later."), _SEEN, "L"
    ),
    "pinterest/spam": ErrorFixture(
        403, _said(9, "Sorry! We blocked this action to combat spam on Pinterest."), _SEEN, "L"
    ),
    "pinterest/permission": ErrorFixture(403, _said(29, "You are not permitted to access that resource."), _SEEN, "L"),
    "pinterest/board": ErrorFixture(404, _said(40, "Board not found."), _SPEC, "L"),
    "pinterest/not_found": ErrorFixture(404, _said(50, "Pin not found."), _SPEC, "L"),
    "pinterest/section": ErrorFixture(404, _said(2031, "Board section not found."), _SEEN, "L"),
    "pinterest/image_small": ErrorFixture(400, _said(233, "The image is too small."), _SEEN, "L"),
    "pinterest/image_broken": ErrorFixture(400, _said(235, "The image is broken."), _SEEN, "L"),
    "pinterest/500": ErrorFixture(500, _said(0, "Something went wrong on our end. Sorry about that."), _ASSUMED, "U"),
    "pinterest/502": ErrorFixture(502, PROXY_PAGE, PROXY, "L"),
    "pinterest/503": ErrorFixture(503, _said(0, "Service unavailable."), _ASSUMED, "U"),
    "pinterest/504": ErrorFixture(504, PROXY_PAGE, PROXY, "L"),
}
