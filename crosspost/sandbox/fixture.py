"""An error answer as a network gives it, and where that is known from."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ErrorFixture:
    """`body` is JSON, or text when it is a string; `{name}` in its strings is filled in by `filled`.

    `certainty`: C vendor documentation, specification or server source; L several independent users or one dated live
    answer; U nobody knows, chosen here so that clients meet something plausible.
    """

    status: int
    body: Any
    source: str
    certainty: Literal["C", "L", "U"]
    headers: dict[str, str] = field(default_factory=dict)

    def filled(self, **values: object) -> Any:
        return _fill(copy.deepcopy(self.body), {name: str(value) for name, value in values.items()})


# What stands for the parts of a documented error that depend on the request, where there is none it speaks of.
PLAUSIBLE = {
    "message": "refused as the sandbox was told", "name": "text", "value": "7", "field": "text", "parameter": "id",
    "resource": "tweet", "method": "get", "urn": "urn:li:share:7141138937766391808", "version": "202411",
    "what": "posts.CREATE", "place": "0", "known": "views, reach", "most": "5",
}  # fmt: skip


def _fill(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {_fill(name, values): _fill(one, values) for name, one in value.items()}
    if isinstance(value, list):
        return [_fill(one, values) for one in value]
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace("{" + name + "}", text)
    return value


PROXY = "what a reverse proxy answers when the service behind it is gone"
PROXY_PAGE = "<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"


def graph_error(
    code: int,
    message: str,
    kind: str = "OAuthException",
    subcode: int | None = None,
    transient: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """The body of an error of Meta's Graph family."""
    error = {"message": message, "type": kind, "code": code, "is_transient": transient}
    if subcode is not None:
        error["error_subcode"] = subcode
    return {"error": {**error, **more, "fbtrace_id": "ASandboxTraceIdOfMeta00"}}
