"""The OpenAPI description, tried against the server that serves it: whatever it lets through, nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from crosspost.web.api.openapi import description
from crosspost.web.api.operations import BASE, OPERATIONS, Operation
from crosspost.web.routes import Access
from tests.web.furnished import Furnished, furnished
from tests.web.sweep import _table

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, negative_data_rejection, unsupported_method, ignored_auth,
]  # fmt: skip
FEW, MANY = 12, 400  # examples of each operation


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    with furnished(tmp_path_factory.mktemp("described")) as made:
        yield made


@pytest.fixture(scope="module")
def described(site: Furnished) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{site.client.base_url}/api/openapi.json")


def tried(site: Furnished, case: schemathesis.Case[Any]) -> None:
    """With the brand's own key, at its own address; the ids in the path are real ones as often as not."""
    case.path_parameters = {**(case.path_parameters or {}), "brand": "atelier"}
    if len(str(case.path_parameters.get("id", ""))) % 2 == 0 and "id" in case.path_parameters:
        case.path_parameters["id"] = site.mine.delivery if "deliveries" in case.path else site.mine.lead
    case.call_and_validate(headers={"Authorization": f"Bearer {site.mine.key.reveal()}"}, checks=CHECKS)


@pytest.mark.parametrize(
    "examples", [FEW, pytest.param(MANY, marks=pytest.mark.long)], ids=lambda number: f"{number} examples"
)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_operation_answers_as_described(
    site: Furnished, described: schemathesis.BaseSchema, operation: Operation, examples: int
) -> None:
    strategy = described[BASE + operation.path][operation.method].as_strategy()

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def check(case: schemathesis.Case[Any]) -> None:
        tried(site, case)

    check()


def test_the_description_is_of_what_is_served_and_of_nothing_else(site: Furnished) -> None:
    told = {(path, method.upper()) for path, methods in description()["paths"].items() for method in methods}
    served = {(path, one) for methods, path, access in _table() if access is Access.KEY for one in methods}
    assert told == served == {(BASE + one.path, one.method) for one in OPERATIONS}
    assert len({one.name for one in OPERATIONS}) == len(OPERATIONS), "each has a name of its own"


def test_the_description_needs_no_key_and_holds_nothing_of_a_brand(site: Furnished) -> None:
    answer = httpx.get(f"{site.client.base_url}/api/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert "zz" not in answer.text
