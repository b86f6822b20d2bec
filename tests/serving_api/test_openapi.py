"""The published schema: complete, in the contracts' words, and kept by the API under generated requests."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving_api.app import create_app
from serving_api.settings import Settings
from tests.serving_api.conftest import NOW
from warehouse.contracts import fields as f
from warehouse.home import Home

CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    missing_required_header,
    ignored_auth,
]


@pytest.fixture(scope="module")
def running(built_house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("openapi") / "house"
    shutil.copytree(built_house, folder)
    home = Home.from_environment({"LENDHOUSE_HOME": str(folder)})
    told = Settings(home=home, token=home.secret("api_token"), oltp_url=home.oltp_url, now=lambda: NOW)
    with TestClient(create_app(settings=told), raise_server_exceptions=False) as client:
        yield client


OPERATIONS = [
    ("GET", "/health"),
    ("GET", "/ready"),
    ("POST", "/v1/applications"),
    ("GET", "/v1/applications/{application_id}"),
    ("POST", "/v1/loans/{loan_id}/payments"),
    ("GET", "/v1/loans/{loan_id}"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_generated_requests_get_the_promised_answers(running: TestClient, method: str, path: str) -> None:
    app = running.app
    operation = schemathesis.openapi.from_asgi("/openapi.json", app)[path][method]
    statuses: set[int] = set()
    bearer = {"Authorization": f"Bearer {app.state.settings.token}"}  # type: ignore[attr-defined]

    @given(case=operation.as_strategy(), goes_far=st.booleans())
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def keeps_its_promise(case: Any, goes_far: bool) -> None:
        if goes_far and case.meta.generation.mode is GenerationMode.POSITIVE:
            make_acceptable(case)
        statuses.add(case.call_and_validate(checks=CHECKS, headers=bearer).status_code)

    keeps_its_promise()
    assert statuses & {200, 201} or "application_id" in path


def make_acceptable(case: Any) -> None:
    """Set what the schema cannot say of a well-formed request: a known loan, a day that is not in the future."""
    case.path_parameters.update({name: "L1" for name in case.path_parameters if name == "loan_id"})
    if isinstance(case.body, dict):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
        case.body |= {name: NOW.date().isoformat() for name in ("value_on", "applied_on") if name in case.body}
        case.body |= {"currency": "INR"} | ({"customer_id": "C1"} if "customer_id" in case.body else {})


def test_every_operation_is_tried(running: TestClient) -> None:
    found = running.get("/openapi.json").json()["paths"]
    assert {(method.upper(), path) for path in found for method in found[path]} == set(OPERATIONS)


def test_every_operation_says_its_problems_and_its_token(running: TestClient) -> None:
    found = running.get("/openapi.json").json()
    for path, operations in found["paths"].items():
        for operation in operations.values():
            if path.startswith("/v1"):
                assert operation["security"] == [{"OAuth2 bearer": []}], path
                assert {"401", "422", "500", "503"} <= set(operation["responses"]), path
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_fields_have_the_words_of_the_contracts(running: TestClient) -> None:
    parts = running.get("/openapi.json").json()["components"]["schemas"]
    amount = parts["PaymentIn"]["properties"]["amount"]
    assert (amount["description"], amount["type"]) == (f.AMOUNT.meaning, "string")
    assert parts["PaymentIn"]["additionalProperties"] is False
    outstanding = parts["LoanOut"]["properties"]["principal_outstanding"]["anyOf"][0]
    assert outstanding["description"] == f.PRINCIPAL_OUTSTANDING.meaning


def test_every_write_takes_an_idempotency_key(running: TestClient) -> None:
    found = running.get("/openapi.json").json()["paths"]
    writes = [operations[method] for operations in found.values() for method in operations if method != "get"]
    assert len(writes) == 2
    for write in writes:
        keys = [p for p in write["parameters"] if p["name"] == "Idempotency-Key"]
        assert [key["required"] for key in keys] == [True]
