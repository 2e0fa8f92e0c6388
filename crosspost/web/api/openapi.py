"""The OpenAPI 3.1 description, made from the table of operations: it cannot say anything else than what is served."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from crosspost import __version__
from crosspost.domain.access import KeyScope
from crosspost.web.api.models import Failed
from crosspost.web.api.operations import BASE, OPERATIONS, Operation

PATTERNS = {"brand": r"^[a-z0-9][a-z0-9-]*$", "id": r"^[0-9a-z]{26}$", "code": r"^[A-Za-z0-9_-]{1,64}$"}

_FAILURES = {
    400: "The request was not understood.",
    401: "No key, or none of this brand.",
    403: "The key may only read.",
    404: "Nothing of this brand is here.",
    409: "It contradicts what is recorded, which is kept.",
    413: "The message is too large.",
    415: "The message is not application/json.",
    421: "The host name is none of this server's.",
    422: "The message or the query is not right; `message` says where.",
    503: "Try again later.",
}
_SUCCESSES = {200: "As it stands.", 201: "Recorded."}

_Mode = Literal["validation", "serialization"]


@cache
def description() -> dict[str, Any]:
    """The whole document."""
    models: list[tuple[type[BaseModel], _Mode]] = [(Failed, "serialization")]
    for one in OPERATIONS:
        models.append((one.answer, "serialization"))
        if one.takes is not None:
            models.append((one.takes, "validation"))
    refs, definitions = models_json_schema(list(dict.fromkeys(models)), ref_template="#/components/schemas/{model}")
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(BASE + one.path, {})[one.method.lower()] = _operation(one, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "crosspost", "version": __version__,
            "description": "Links, clicks, leads, deals, clients, efforts, deliveries and the audit of one brand.",
        },
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key of the brand."}},
        },
        "security": [{"key": []}],
    }  # fmt: skip


def _operation(one: Operation, refs: Any) -> dict[str, Any]:
    failures = set(_FAILURES)
    if one.takes is None:
        failures -= {415}
    if one.scope is KeyScope.READ:
        failures -= {403, 409, 413}
    content = {"application/json": {"schema": refs[one.answer, "serialization"]}}
    wrong = {"application/json": {"schema": refs[Failed, "serialization"]}}
    answers = {str(status): {"description": _SUCCESSES[status], "content": content} for status in one.statuses}
    answers |= {str(status): {"description": _FAILURES[status], "content": wrong} for status in sorted(failures)}
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Needs a key that may {one.scope.value}.",
        "parameters": [*_path_parameters(one.path), *_query_parameters(one.query)],
        "responses": answers,
    }
    if one.takes is not None:
        schema = refs[one.takes, "validation"]
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return found


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": PATTERNS[name]}}
        for name in re.findall(r"\{(\w+)\}", BASE + path)
    ]


def _query_parameters(query: type[BaseModel] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    schema = query.model_json_schema()
    found = []
    for name, field in schema["properties"].items():
        kinds = [one for one in field.get("anyOf", []) if one != {"type": "null"}]
        own = {**field, **(kinds[0] if kinds else {})}
        own.pop("anyOf", None)
        if "$ref" in own:
            own = {**own, **schema["$defs"][own.pop("$ref").rpartition("/")[2]]}
        if own.get("default", 0) is None:
            own.pop("default")
        words = own.pop("description", None)
        found.append({"name": name, "in": "query", "schema": own} | ({"description": words} if words else {}))
    return found
