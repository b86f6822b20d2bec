"""Creating and reading an application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from serving_api.origination.schemas import ApplicationIn
from tests.serving_api.books import publish_loans
from tests.serving_api.conftest import Api
from warehouse.contracts.origination import APPLICATIONS
from warehouse.lake import Lake

PATH = "/v1/applications"


def test_application_is_created_and_read_back(api: Api, application: dict[str, Any]) -> None:
    answer = api.post(PATH, application)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert created.items() >= application.items()
    assert (created["decision_code"], created["amount_sanctioned"]) == ("PENDING", None)
    assert answer.headers["Location"] == f"{PATH}/{created['application_id']}"
    assert api.get(answer.headers["Location"]).json() == created
    assert (api.count("applications"), api.count("audit"), api.count("outbox")) == (1, 1, 1)


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"amount_requested": "0.00"}, "amount_requested", "must be at least 0.01"),
        ({"amount_requested": "1.005"}, "amount_requested", "at most two decimals"),
        ({"currency": "JPY", "amount_requested": "10.50"}, "amount_requested", "JPY has 0 decimals"),
        ({"applied_on": "2026-11-23"}, "applied_on", "must not be in the future"),
        ({"applied_on": "1899-12-31"}, "applied_on", "must not be before 1900-01-01"),
        ({"branch_id": "no spaces"}, "branch_id", "must be text that matches"),
        ({"branch_id": "B1\n"}, "branch_id", "must be text that matches"),
        ({"product_code": "PONZI"}, "product_code", "must be one of PERSONAL"),
        ({"tenure_months": 0}, "tenure_months", "from 1 to 600"),
        ({"tenure_months": 12.0}, "tenure_months", "whole number"),
        ({"tenure_months": True}, "tenure_months", "whole number"),
        ({"is_franchise": "yes"}, "is_franchise", "true or false"),
        ({"customer_id": "NOBODY"}, "customer_id", "no such customer"),
        ({"decision_code": "APPROVED"}, "decision_code", "is not a field of this request"),
        ({"application_id": "A9"}, "application_id", "is not a field of this request"),
        ({"pan": "ABCPE1234F"}, "pan", "is not a field of this request"),
    ],
)
def test_bad_field_is_refused_by_name(
    refusing_api: Api, application: dict[str, Any], change: dict[str, Any], field: str, message: str
) -> None:
    answer = refusing_api.post(PATH, application | change)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]
    assert refusing_api.count("applications") == 0


def publish_masters(api: Api) -> None:
    """Two branches of two entities (one was another entity's before) and one scheme."""
    lake = Lake(api.home)
    with lake.open_writer("test") as writer:
        writer.begin()
        for branch, entity, day in (("B1", "E9", 1), ("B1", "E1", 2), ("B2", "E2", 1)):
            writer.execute(
                "insert into lake.bronze.branches by name select ? as branch_id, ? as entity_id, ?::timestamptz as "
                "received_at, 'b' as batch_id, 1 as row_number",
                [branch, entity, f"2026-01-0{day} 00:00:00+00"],
            )
        writer.execute("insert into lake.bronze.schemes by name select 'S1' as scheme_code, 'CAR' as product_code")
        writer.commit()
    publish_loans(lake, inputs_hash="with masters")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"branch_id": "B404"}, "branch_id", "no such branch in the published lake"),
        ({"branch_id": "B2"}, "entity_id", "the branch belongs to E2"),
        ({"scheme_code": "S404", "product_code": "CAR"}, "scheme_code", "no such scheme in the published lake"),
        ({"scheme_code": "S1", "product_code": "HOME"}, "scheme_code", "the scheme is of the product CAR"),
    ],
)
def test_branch_and_scheme_must_be_those_of_the_published_lake(
    api: Api, application: dict[str, Any], change: dict[str, Any], field: str, message: str
) -> None:
    publish_masters(api)
    answer = api.post(PATH, application | change)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"field": field, "message": message}]
    assert api.post(PATH, application | {"scheme_code": "S1", "product_code": "CAR"}).status_code == 201


def test_a_lake_without_branches_judges_none(api: Api, application: dict[str, Any]) -> None:
    assert api.post(PATH, application | {"branch_id": "B404", "scheme_code": "S404"}).status_code == 201


def test_the_business_day_is_that_of_india(make_api: Callable[..., Api], application: dict[str, Any]) -> None:
    from datetime import UTC, datetime

    late = make_api(now=lambda: datetime(2026, 11, 22, 19, 0, tzinfo=UTC))  # 00:30 on the 23rd in Kolkata
    assert late.post(PATH, application | {"applied_on": "2026-11-23"}).status_code == 201
    assert late.post(PATH, application | {"applied_on": "2026-11-24"}).status_code == 422


def test_application_needs_no_lake(make_api: Callable[..., Api], application: dict[str, Any]) -> None:
    assert make_api(published=False).post(PATH, application).status_code == 201


def test_unknown_application_is_404(refusing_api: Api) -> None:
    assert refusing_api.get(f"{PATH}/APP-nope").status_code == 404


def test_request_has_the_contract_s_fields_and_no_other(api: Api) -> None:
    decided_by_us = {"application_id", "decision_code"}
    asked = ApplicationIn.model_fields
    assert set(asked) <= {field.name for field in APPLICATIONS.fields}
    required = {field.name for field in APPLICATIONS.fields if APPLICATIONS.is_required(field.name)}
    assert {name for name, field in asked.items() if field.is_required()} == required - decided_by_us
