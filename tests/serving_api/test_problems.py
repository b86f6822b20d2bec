"""Every error is a problem document, says nothing it should not, and asks for the token first."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import event, insert

from serving_api.servicing import repository, service
from tests.serving_api.conftest import Api
from warehouse.lake import Lake, LakeUnreachable
from warehouse.oltp.tables import LOAN_EVENTS

PATH = "/v1/loans/L1/payments"


@pytest.fixture
def oltp_url(tmp_path: Any) -> str:
    """One store is enough where the store is not the subject."""
    return f"sqlite:///{tmp_path / 'oltp.sqlite'}"


@pytest.fixture(scope="module")
def refusing_store() -> str:
    return "sqlite"


def problem(answer: Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["request_id"] == answer.headers["X-Request-Id"]
    return found


@pytest.mark.parametrize("path", ["/nowhere", "/v1/nowhere", "/v1/loans", "/v1/applications/", "/redoc"])
def test_unknown_path_is_404(refusing_api: Api, path: str) -> None:
    assert "/docs" in problem(refusing_api.get(path), 404)["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [("DELETE", "/v1/loans/L1", "GET"), ("PUT", "/v1/applications", "POST")]
)
def test_wrong_method_is_405_and_says_which_are_taken(refusing_api: Api, method: str, path: str, allowed: str) -> None:
    answer = refusing_api.client.request(method, path, headers=refusing_api.bearer)
    problem(answer, 405)
    assert allowed in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (None, None),
        ("", None),
        ("Basic YTpi", None),
        ("Bearer", None),
        ("Bearer wrong", "invalid_token"),
        ("Bearer ÿ", "invalid_token"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/loans/L1"), ("POST", PATH), ("POST", "/v1/applications")])
def test_without_the_token_nothing_is_read(
    refusing_api: Api, method: str, path: str, given: str | None, error: str | None
) -> None:
    headers = {} if given is None else {"Authorization": given.encode("latin-1")}
    answer = refusing_api.client.request(method, path, headers=headers, content=b"{not json")
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert (error is not None) == ("invalid_token" in answer.headers["WWW-Authenticate"])


def test_scheme_of_the_token_may_be_written_in_any_case(refusing_api: Api) -> None:
    assert (
        refusing_api.client.get(
            "/v1/loans/L1", headers={"Authorization": f"bearer {refusing_api.settings.token}"}
        ).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b"{not json", "body", "not valid JSON"),
        (b"", "body", "is required"),
        (b"[]", "body", "must be a JSON object"),
        (b"null", "body", "must be a JSON object"),
        (b'"text"', "body", "must be a JSON object"),
    ],
)
def test_body_that_is_no_object_is_422(refusing_api: Api, body: bytes, field: str, message: str) -> None:
    headers = {**refusing_api.bearer, "Idempotency-Key": "k", "Content-Type": "application/json"}
    [error] = problem(refusing_api.client.post(PATH, content=body, headers=headers), 422)["errors"]
    assert error["field"] == field
    assert message in error["message"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b'{"amount": "1.00", "amount": "5000.00", "currency": "INR"}', ["amount"]),
        (b'{"amount": "1.00", "amount": "1.00"}', ["amount"]),
        (b'{"a": [{"b": 1, "b": 2}], "c": {"d": 1, "d": 1}, "a": 1}', ["a[0].b", "c.d", "a"]),
        (b'{"amount": "1.00", "\\u0061mount": "2.00"}', ["amount"]),
    ],
)
def test_field_that_is_sent_twice_is_400_and_named(refusing_api: Api, body: bytes, fields: list[str]) -> None:
    headers = {**refusing_api.bearer, "Idempotency-Key": "k", "Content-Type": "application/json"}
    found = problem(refusing_api.client.post(PATH, content=body, headers=headers), 400)
    assert [error["field"] for error in found["errors"]] == fields
    assert found["type"] == "urn:lendhouse:problem:field-repeated"
    assert refusing_api.count("idempotency_keys") == 0


def test_body_that_is_not_utf8_is_422(refusing_api: Api) -> None:
    headers = {**refusing_api.bearer, "Idempotency-Key": "k", "Content-Type": "application/json"}
    assert 400 <= refusing_api.client.post(PATH, content=b'{"amount": "\xff"}', headers=headers).status_code < 500


@pytest.mark.parametrize("is_announced", [True, False])
def test_large_body_is_413(refusing_api: Api, is_announced: bool) -> None:
    body = b" " * (refusing_api.settings.body_bytes_max + 1)
    content = body if is_announced else iter([body[:1000], body[1000:]])
    headers = {**refusing_api.bearer, "Idempotency-Key": "k", "Content-Type": "application/json"}
    assert (
        str(refusing_api.settings.body_bytes_max)
        in problem(refusing_api.client.post(PATH, content=content, headers=headers), 413)["detail"]
    )


def test_key_that_is_no_word_is_422(refusing_api: Api, payment: dict[str, Any]) -> None:
    [error] = problem(refusing_api.post(PATH, payment, key="two words"), 422)["errors"]
    assert error["field"] == "Idempotency-Key"


def test_unforeseen_error_is_500_without_its_reason(
    api: Api, payment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(service, "book_payment", fail)
    answer = api.post(PATH, payment)
    problem(answer, 500)
    assert "secret" not in answer.text
    assert (api.count("loan_events"), api.count("idempotency_keys")) == (0, 0)


def test_busy_store_is_503_and_nothing_is_written(api: Api, payment: dict[str, Any]) -> None:
    other = sqlite3.connect(api.engine.url.database, isolation_level=None)
    other.execute("begin immediate")
    shorten = lambda connection, *_: connection.execute("pragma busy_timeout = 50")  # noqa: E731
    event.listen(api.engine, "checkout", shorten)
    try:
        answer = api.post(PATH, payment, key="k1")
        assert problem(answer, 503)["title"] == "Busy"
        assert answer.headers["Retry-After"]
        assert api.get("/v1/loans/L1").status_code == 200  # readers do not wait for a writer
    finally:
        event.remove(api.engine, "checkout", shorten)
        other.execute("rollback")
        other.close()
    assert api.post(PATH, payment, key="k1").status_code == 201


def test_client_sees_201_only_after_the_commit(api: Api, payment: dict[str, Any]) -> None:
    """A commit that fails turns the answer into an error, and leaves nothing behind."""

    def fail(_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    event.listen(api.engine, "commit", fail)
    try:
        assert api.post(PATH, payment).status_code >= 500
    finally:
        event.remove(api.engine, "commit", fail)
    assert (api.count("loan_events"), api.count("outbox"), api.count("audit")) == (0, 0, 0)


def test_no_value_of_a_request_reaches_the_log(
    api: Api, payment: dict[str, Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    api.post(PATH, payment | {"payment_reference": "ASHA 9876543210"})
    api.post(PATH, payment | {"payment_reference": "ASHA 9876543210", "amount": "x"})
    monkeypatch.setattr(repository, "append_payment", _fail_in_store)
    api.post(PATH, payment | {"payment_reference": "ASHA 9876543210"})
    assert "POST /v1/loans/{loan_id:path}/payments 201" in caplog.text
    for secret in ("9876543210", "ASHA", api.settings.token):
        assert secret not in caplog.text


def _fail_in_store(write: Any, row: dict[str, Any]) -> None:
    """A statement that fails in the store, with the row among its values."""
    write.session.execute(insert(LOAN_EVENTS).values(**{**row, "outbox_position": 10**6}))


def test_request_id_of_the_caller_is_kept_when_it_is_a_plain_word(refusing_api: Api) -> None:
    given = refusing_api.client.get("/health", headers={"X-Request-Id": "abc-123"})
    assert given.headers["X-Request-Id"] == "abc-123"
    assert (
        refusing_api.client.get("/health", headers={"X-Request-Id": "two words"}).headers["X-Request-Id"] != "two words"
    )


def test_health_and_ready_need_no_token(refusing_api: Api) -> None:
    assert refusing_api.client.get("/health").json()["status"] == "ok"
    ready = refusing_api.client.get("/ready").json()
    assert (ready["store"], ready["lake"]["as_of"]) == ("sqlite", "2026-10-31")


def test_ready_without_a_lake_says_so(make_api: Callable[..., Api]) -> None:
    assert make_api(published=False).client.get("/ready").json()["lake"] is None


def test_docs_load_nothing_from_elsewhere(refusing_api: Api) -> None:
    page = refusing_api.client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        assert f"/static/swagger-ui/{name}" in page
        assert refusing_api.client.get(f"/static/swagger-ui/{name}").status_code == 200


def test_a_wrong_token_of_equal_length_is_refused(refusing_api: Api) -> None:
    token = refusing_api.settings.token
    other = ("A" if token[0] != "A" else "B") + token[1:]
    assert refusing_api.client.get("/v1/loans/L1", headers={"Authorization": f"Bearer {other}"}).status_code == 401


def test_a_catalog_that_does_not_answer_is_503(make_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(lake: Lake) -> None:
        raise LakeUnreachable("the lake's catalog at db.internal does not answer")

    monkeypatch.setattr(Lake, "published", refused)
    answer = make_api(published=False).get("/v1/loans/L1")
    assert "db.internal" not in problem(answer, 503)["detail"]
    assert answer.headers["Retry-After"]
