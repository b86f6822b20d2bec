"""Booking a payment: what is taken, what is refused, and that it is done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from tests.serving_api.conftest import Api
from warehouse.oltp.tables import AUDIT, LOAN_EVENTS, OUTBOX

PATH = "/v1/loans/L1/payments"


def test_payment_is_booked_with_its_audit_and_outbox_rows(api: Api, payment: dict[str, Any]) -> None:
    answer = api.post(PATH, payment)
    assert answer.status_code == 201, answer.text
    booked = answer.json()
    assert booked["amount"] == "5000.00"
    assert booked["value_on"] == "2026-11-22"
    assert booked["booked_at"] == "2026-11-22T06:30:00.000000Z"
    with api.engine.connect() as connection:
        event = connection.execute(select(LOAN_EVENTS)).one()
        outbox = connection.execute(select(OUTBOX)).one()
        audit = connection.execute(select(AUDIT)).one()
    assert str(event.amount) == "5000.00"
    assert (outbox.table_name, outbox.payload["event_id"]) == ("events", booked["event_id"])
    assert outbox.payload["amount"] == "5000.00"
    assert outbox.position == event.outbox_position
    assert (audit.action, audit.row_key, audit.actor) == ("payment.booked", booked["event_id"], "api")
    assert audit.request_id == answer.headers["X-Request-Id"]
    assert audit.before_hash is None
    assert len(audit.after_hash) == 64


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"amount": "0.00"}, "amount", "must be at least 0.01"),
        ({"amount": "0"}, "amount", "must be at least 0.01"),
        ({"amount": "-5.00"}, "amount", "must be at least 0.01"),
        ({"amount": "5.001"}, "amount", "at most two decimals"),
        ({"amount": 5000}, "amount", "must be a decimal string"),
        ({"amount": "1e3"}, "amount", "must be an amount"),
        ({"amount": "NaN"}, "amount", "must be an amount"),
        ({"amount": ""}, "amount", "must be an amount"),
        ({"amount": "5.00\n"}, "amount", "must be an amount"),
        ({"amount": "٥"}, "amount", "must be an amount"),
        ({"amount": "12345678901234567.00"}, "amount", "must be at most 999999999999.99"),
        ({"amount": None}, "amount", "must be a decimal string"),
        ({"currency": "USD"}, "currency", "the loan is in INR"),
        ({"currency": "EUR"}, "currency", "must be one of"),
        ({"value_on": "2026-11-23"}, "value_on", "must not be in the future"),
        ({"value_on": "2025-01-14"}, "value_on", "before the disbursal on 2025-01-15"),
        ({"value_on": "2026-02-30"}, "value_on", "day of the calendar"),
        ({"value_on": "22-11-2026"}, "value_on", "must be a date"),
        ({"value_on": "2026-11-22T10:00:00"}, "value_on", "must be a date"),
        ({"value_on": 20261122}, "value_on", "must be a date"),
        ({"payment_channel_code": "PIGEON"}, "payment_channel_code", "must be one of NACH"),
        ({"payment_reference": "a\u0000b"}, "payment_reference", "printable"),
        ({"payment_reference": "\ud800"}, "payment_reference", "printable"),
        ({"payment_reference": "x" * 141}, "payment_reference", "printable"),
        ({"notes": "hello"}, "notes", "is not a field of this request"),
    ],
)
def test_bad_field_is_refused_by_name(
    refusing_api: Api, payment: dict[str, Any], change: dict[str, Any], field: str, message: str
) -> None:
    answer = refusing_api.post(PATH, payment | change)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]
    assert (
        refusing_api.count("loan_events"),
        refusing_api.count("outbox"),
        refusing_api.count("idempotency_keys"),
    ) == (0, 0, 0)


def test_every_bad_field_is_named_at_once(refusing_api: Api, payment: dict[str, Any]) -> None:
    answer = refusing_api.post(PATH, payment | {"amount": "0", "value_on": "soon", "extra": 1})
    assert {error["field"] for error in answer.json()["errors"]} == {"amount", "value_on", "extra"}


def test_missing_field_is_named(refusing_api: Api, payment: dict[str, Any]) -> None:
    del payment["amount"]
    assert refusing_api.post(PATH, payment).json()["errors"] == [{"field": "amount", "message": "is required"}]


def test_payment_on_unknown_loan_is_404(refusing_api: Api, payment: dict[str, Any]) -> None:
    answer = refusing_api.post("/v1/loans/NOPE/payments", payment)
    assert answer.status_code == 404
    assert answer.json()["errors"] == [{"field": "loan_id", "message": "is not known"}]


@pytest.mark.parametrize(("loan_id", "word"), [("L2", "closed"), ("L3", "written off")])
def test_payment_on_ended_loan_is_409(refusing_api: Api, payment: dict[str, Any], loan_id: str, word: str) -> None:
    answer = refusing_api.post(f"/v1/loans/{loan_id}/payments", payment)
    assert answer.status_code == 409
    assert word in answer.json()["detail"]


def test_yen_have_no_decimals(api: Api, payment: dict[str, Any]) -> None:
    path = "/v1/loans/YEN/payments"
    refused = api.post(path, payment | {"currency": "JPY", "amount": "5000.50"})
    assert refused.json()["errors"] == [{"field": "amount", "message": "JPY has 0 decimals, got 5000.50"}]
    assert api.post(path, payment | {"currency": "JPY", "amount": "5000"}).status_code == 201


def test_loan_number_with_slashes_takes_a_payment(api: Api, payment: dict[str, Any]) -> None:
    assert api.post("/v1/loans/HL/MUM/7/payments", payment).json()["loan_id"] == "HL/MUM/7"
    assert api.post("/v1/loans/HL%2FMUM%2F7/payments", payment).json()["loan_id"] == "HL/MUM/7"


def test_credit_line_without_disbursal_takes_a_payment(api: Api, payment: dict[str, Any]) -> None:
    assert api.post("/v1/loans/CARD-1/payments", payment | {"currency": "TWD"}).status_code == 201


def test_same_key_and_body_is_answered_again_and_done_once(api: Api, payment: dict[str, Any]) -> None:
    first, second = (api.post(PATH, payment, key="k1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert (api.count("loan_events"), api.count("audit"), api.count("outbox")) == (1, 1, 1)


def test_same_amount_written_otherwise_is_the_same_body(api: Api, payment: dict[str, Any]) -> None:
    api.post(PATH, payment, key="k1")
    assert api.post(PATH, payment | {"amount": "5000"}, key="k1").headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("path", [PATH, "/v1/loans/CARD-1/payments"])
def test_same_key_for_another_request_is_422(api: Api, payment: dict[str, Any], path: str) -> None:
    api.post(PATH, payment, key="k1")
    answer = api.post(path, payment | {"amount": "5001.00"}, key="k1")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert api.count("loan_events") == 1


def test_refused_write_does_not_use_up_its_key(api: Api, payment: dict[str, Any]) -> None:
    assert api.post(PATH, payment | {"currency": "USD"}, key="k1").status_code == 422
    assert api.post(PATH, payment, key="k1").status_code == 201


def test_write_without_key_is_refused(refusing_api: Api, payment: dict[str, Any]) -> None:
    answer = refusing_api.client.post(PATH, json=payment, headers=refusing_api.bearer)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "Idempotency-Key", "message": "is required"}]


def test_concurrent_duplicates_are_booked_once(api: Api, payment: dict[str, Any]) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: api.post(PATH, payment, key="same"), range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (api.count("loan_events"), api.count("audit"), api.count("outbox")) == (1, 1, 1)


def test_many_writers_at_once_all_succeed(api: Api, payment: dict[str, Any]) -> None:
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: api.post(PATH, payment), range(64)))
    assert {answer.status_code for answer in answers} == {201}
    assert (api.count("loan_events"), api.count("audit"), api.count("outbox")) == (64, 64, 64)


def test_payment_waits_for_no_lake(make_api: Callable[..., Api], payment: dict[str, Any]) -> None:
    answer = make_api(published=False).post(PATH, payment)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "lake" in answer.json()["detail"]
