"""Reading a loan: figures of one published snapshot, and what was paid since."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ingestion.outbox import ingest_outbox
from serving_api.settings import Settings
from tests.serving_api.books import ACTIVE, publish_loans
from tests.serving_api.conftest import NOW, Api
from warehouse.lake import Lake

PATH = "/v1/loans/L1"
BUILD = """
from warehouse.home import Home
from warehouse.lake import Lake, with_patience
with Lake(Home.from_environment()).open_writer("a long build") as writer:
    for number in range(1, 21):
        sql = "create or replace table lake.silver.work as select * from range(10000)"
        with_patience(lambda: writer.execute(sql))
        print(number, flush=True)
"""
LATER = NOW + timedelta(minutes=5)

of_the_lake_alone = pytest.mark.parametrize("oltp_url", ["sqlite"], indirect=True)
"""Claims of snapshots: no payment is booked, so the kind of store makes no difference."""


def test_loan_shows_its_figures_and_the_snapshot_they_are_from(api: Api) -> None:
    answer = api.get(PATH)
    assert answer.status_code == 200, answer.text
    loan = answer.json()
    closing = Lake(api.home).published()
    assert (loan["as_of"], loan["snapshot_id"]) == ("2026-10-31", closing.snapshot_id)
    assert loan["principal_outstanding"] == "61234.56"
    assert loan["annual_rate"] == "0.120000"
    assert loan["outcome_code"] is None
    assert loan["payments_since"] == []


def test_unknown_loan_is_404(api: Api) -> None:
    assert api.get("/v1/loans/NOPE").status_code == 404
    assert api.get("/v1/loans/%27%20or%201=1").status_code == 422


def test_payment_shows_at_once_and_until_the_figures_count_it(api: Api, payment: dict[str, Any]) -> None:
    lake = Lake(api.home)
    booked = api.post(f"{PATH}/payments", payment | {"value_on": "2026-10-20"}).json()
    assert api.get(PATH).json()["payments_since"] == [{**booked, "is_in_lake": False}]
    ingest_outbox(lake, LATER)
    assert api.get(PATH).json()["payments_since"] == [{**booked, "is_in_lake": False}]  # not published yet
    publish_loans(lake, inputs_hash="second")
    assert api.get(PATH).json()["payments_since"] == []


def test_payment_dated_after_as_of_shows_although_the_lake_has_it(api: Api, payment: dict[str, Any]) -> None:
    booked = api.post(f"{PATH}/payments", payment).json()
    ingest_outbox(Lake(api.home), LATER)
    publish_loans(Lake(api.home), inputs_hash="second")
    assert api.get(PATH).json()["payments_since"] == [{**booked, "is_in_lake": True}]


def test_payments_of_another_loan_do_not_show(api: Api, payment: dict[str, Any]) -> None:
    api.post("/v1/loans/HL/MUM/7/payments", payment)
    assert api.get(PATH).json()["payments_since"] == []


def test_new_snapshot_is_read_when_it_is_published_and_not_before(api: Api) -> None:
    lake, before = Lake(api.home), api.get(PATH).json()
    changed = [{**ACTIVE, "principal_outstanding": Decimal("1.00")}]
    with lake.open_writer("a build") as writer:
        writer.execute("update lake.gold.servicing__loan_latest set principal_outstanding = 7")
        during = api.get(PATH).json()
    publish_loans(lake, changed, inputs_hash="second")
    after = api.get(PATH).json()
    assert during == before
    assert after["principal_outstanding"] == "1.00"
    assert after["snapshot_id"] > before["snapshot_id"]


@of_the_lake_alone
def test_first_read_after_idleness_is_of_the_latest_closing(make_api: Callable[..., Api]) -> None:
    """With the settings that are served, not those of the tests."""
    served = Settings.__dataclass_fields__
    api = make_api(**{name: served[name].default for name in ("refresh_seconds", "patience_seconds")})
    before = api.get(PATH).json()
    for number in range(3):
        publish_loans(Lake(api.home), [{**ACTIVE, "principal_outstanding": Decimal(number)}], inputs_hash=str(number))
        after = api.get(PATH).json()
        assert (after["principal_outstanding"], after["snapshot_id"]) == (
            f"{number}.00",
            Lake(api.home).published().snapshot_id,
        )
    assert after["snapshot_id"] > before["snapshot_id"]


@of_the_lake_alone
def test_loans_are_answered_while_a_build_writes(make_api: Callable[..., Api]) -> None:
    """Builds commit again and again; no answer fails, and every one is of the published snapshot."""
    api = make_api(refresh_seconds=0.0, patience_seconds=5.0)
    environment = os.environ | {"LENDHOUSE_HOME": str(api.home.root)}
    builder = subprocess.Popen([sys.executable, "-c", BUILD], env=environment, stdout=subprocess.PIPE, text=True)
    assert builder.stdout is not None
    answers, builds = [], 0
    try:
        for line in builder.stdout:
            answers += [api.get(PATH) for _ in range(3)]
            builds = int(line)
    finally:
        builder.kill()
    assert builder.wait() == 0
    assert builds == 20
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["principal_outstanding"] for answer in answers} == {"61234.56"}
