"""What the API books reaches bronze exactly once, on both stores, whatever happens in between."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from ingestion import outbox
from ingestion.outbox import ingest_outbox, newest_position, outbox_lag
from tests.serving_api.conftest import (  # noqa: F401  fixtures
    NOW,
    Api,
    api,
    application,
    built_house,
    make_api,
    oltp_url,
    payment,
)
from warehouse.home import Home
from warehouse.lake import Lake
from warehouse.oltp.tables import OUTBOX

PATH = "/v1/loans/L1/payments"
LATER = NOW + timedelta(minutes=5)


def bronze_rows(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    reader = lake.open_reader(head=True)
    try:
        return reader.execute(sql).fetchall()
    finally:
        reader.close()


def event_ids(lake: Lake) -> list[str]:
    return [row[0] for row in bronze_rows(lake, "select event_id from lake.bronze.events order by row_number")]


def test_booked_payment_is_in_bronze_exactly_once(api: Api, payment: dict[str, Any]) -> None:  # noqa: F811
    lake = Lake(api.home)
    booked = api.post(PATH, payment | {"payment_reference": "UTR 42"}).json()
    [landed] = ingest_outbox(lake, LATER)
    assert (landed.table, landed.status, landed.rows_accepted) == ("events", "ACCEPTED", 1)
    assert str(landed.control_total_accepted) == "5000.00"
    assert ingest_outbox(lake, LATER) == []
    columns = "event_id, loan_id, event_type_code, value_on, booked_at, amount, currency, payment_channel_code"
    [row] = bronze_rows(lake, f"select {columns}, payment_reference, source from lake.bronze.events")
    assert [str(value) for value in row[:4]] == [booked["event_id"], "L1", "payment", "2026-11-22"]
    assert row[4] == NOW
    assert [str(value) for value in row[5:]] == ["5000.00", "INR", "UPI", "UTR 42", "oltp"]


def test_application_is_in_bronze(api: Api, application: dict[str, Any]) -> None:  # noqa: F811
    given = application | {"customer_id": "C1", "is_new_business": True, "employees": 7}
    created = api.post("/v1/applications", given).json()
    [landed] = ingest_outbox(Lake(api.home), LATER)
    assert (landed.table, landed.rows_accepted, landed.rows_quarantined) == ("applications", 1, 0)
    columns = "application_id, decision_code, amount_requested, is_new_business, employees, customer_id"
    [row] = bronze_rows(Lake(api.home), f"select {columns} from lake.bronze.applications")
    assert (row[0], row[1], str(row[2]), *row[3:]) == (
        created["application_id"],
        "PENDING",
        "250000.00",
        True,
        7,
        "C1",
    )


def test_each_ingestion_takes_only_what_is_new(api: Api, payment: dict[str, Any]) -> None:  # noqa: F811
    lake, booked = Lake(api.home), []
    for _ in range(3):
        booked += [api.post(PATH, payment).json()["event_id"] for _ in range(2)]
        [landed] = ingest_outbox(lake, LATER)
        assert landed.rows_received == 2
    assert event_ids(lake) == booked


def test_long_outbox_is_taken_in_steps(api: Api, payment: dict[str, Any]) -> None:  # noqa: F811
    booked = [api.post(PATH, payment).json()["event_id"] for _ in range(5)]
    landed = ingest_outbox(Lake(api.home), LATER, rows_a_step=2)
    assert [step.rows_accepted for step in landed] == [2, 2, 1]
    assert event_ids(Lake(api.home)) == booked


def test_row_written_after_the_clock_was_read_is_not_in_the_future(api: Api, payment: dict[str, Any]) -> None:  # noqa: F811
    api.post(PATH, payment)
    [landed] = ingest_outbox(Lake(api.home), NOW - timedelta(days=2))
    assert (landed.rows_accepted, landed.rows_quarantined) == (1, 0)


@pytest.mark.parametrize("oltp_url", ["postgresql"], indirect=True)
def test_slow_writer_loses_no_row(api: Api, payment: dict[str, Any]) -> None:  # noqa: F811
    """The writer that began first commits last: its position is lower than that of a row already taken."""
    lake = Lake(api.home)
    with api.engine.connect() as slow:
        values = {"event_id": "SLOW", "loan_id": "L1", "event_type_code": "payment", "value_on": "2026-11-21"}
        payload = values | {"amount": "7.00", "currency": "INR", "booked_at": NOW.isoformat()}
        slow.execute(insert(OUTBOX).values(table_name="events", payload=payload, created_at=NOW))
        fast = api.post(PATH, payment).json()["event_id"]
        assert ingest_outbox(lake, LATER) == []  # the fast row waits, for the slow one comes before it
        assert newest_position(api.home) is None
        assert outbox_lag(lake, LATER) == (1, timedelta(minutes=5))
        slow.commit()
    ingest_outbox(lake, LATER)
    assert event_ids(lake) == ["SLOW", fast]
    assert outbox_lag(lake, LATER) == (0, timedelta(0))


def test_nothing_is_lost_while_many_write(
    make_api: Callable[..., Api],  # noqa: F811
    payment: dict[str, Any],  # noqa: F811
) -> None:
    api, booked, stop = make_api(refresh_seconds=2.0), [], threading.Event()  # noqa: F811
    lake = Lake(api.home)

    def write() -> None:
        for _ in range(10):
            answer = api.post(PATH, payment)
            assert answer.status_code == 201, answer.text
            booked.append(answer.json()["event_id"])

    def ingest() -> None:
        while not stop.wait(0.2):
            ingest_outbox(lake, LATER)

    writers = [threading.Thread(target=write) for _ in range(4)]
    reader = threading.Thread(target=ingest)
    for thread in (*writers, reader):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    ingest_outbox(lake, LATER)
    assert len(booked) == 40
    assert sorted(event_ids(lake)) == sorted(booked)


CRASH = """
import os, signal, sys
from datetime import datetime
from ingestion import outbox
from warehouse.home import Home
from warehouse.lake import Lake
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
take, move = outbox._take, outbox._move_watermark
if sys.argv[1] == "before":
    outbox._move_watermark = lambda *a: (move(*a), die())
else:
    outbox._take = lambda *a: (take(*a), die())
outbox.ingest_outbox(Lake(Home.from_environment()), datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.parametrize(("moment", "taken"), [("before", 0), ("after", 2)])
def test_kill_beside_the_commit_repeats_and_loses_nothing(
    api: Api,  # noqa: F811
    payment: dict[str, Any],  # noqa: F811
    moment: str,
    taken: int,
) -> None:
    booked = [api.post(PATH, payment).json()["event_id"] for _ in range(2)]
    environment = os.environ | {"LENDHOUSE_HOME": str(api.home.root), "LENDHOUSE_OLTP_URL": api.home.oltp_url}
    killed = subprocess.run([sys.executable, "-c", CRASH, moment, LATER.isoformat()], env=environment, timeout=120)
    assert killed.returncode == -9
    lake = Lake(api.home)
    assert len(event_ids(lake)) == taken
    again = ingest_outbox(lake, LATER)
    assert sum(landed.rows_accepted for landed in again) == 2 - taken
    assert event_ids(lake) == booked


def test_refused_row_is_quarantined_and_the_rest_goes_on(api: Api, payment: dict[str, Any]) -> None:  # noqa: F811
    with api.engine.begin() as writer:
        payload = {"event_id": "E1", "loan_id": "GONE", "event_type_code": "payment", "value_on": "2026-11-22"}
        payload |= {"amount": "1.00", "currency": "INR"}
        writer.execute(insert(OUTBOX).values(table_name="events", payload=payload, created_at=NOW))
    api.post(PATH, payment)
    [landed] = ingest_outbox(Lake(api.home), LATER)
    assert (landed.status, landed.rows_accepted, landed.rows_quarantined) == ("PARTLY", 1, 1)
    [row] = bronze_rows(Lake(api.home), "select column_name, value from lake.bronze.quarantine where source = 'oltp'")
    assert row == ("loan_id", "GONE")


def test_unknown_table_stops_with_a_message(api: Api) -> None:  # noqa: F811
    with api.engine.begin() as writer:
        writer.execute(insert(OUTBOX).values(table_name="wishes", payload={"a": 1}, created_at=NOW))
    with pytest.raises(outbox.OutboxUnknown, match=r"'wishes'.*update Lendhouse"):
        ingest_outbox(Lake(api.home), LATER)


def test_new_store_starts_from_its_first_row(
    make_api: Callable[..., Api],  # noqa: F811
    payment: dict[str, Any],  # noqa: F811
    tmp_path: Any,
) -> None:
    """A store that replaces another counts from 1 again; its rows must not look as if they had been taken."""
    first = make_api()
    booked = [first.post(PATH, payment).json()["event_id"] for _ in range(3)]
    ingest_outbox(Lake(first.home), LATER)
    with first.engine.begin() as connection:
        connection.execute(text("update store_identity set store_id = 'another'"))
    ingested_again = ingest_outbox(Lake(first.home), LATER)
    assert [(landed.status, landed.rows_already_known) for landed in ingested_again] == [("KNOWN", 3)]
    assert event_ids(Lake(first.home)) == booked


def test_no_store_is_no_work_and_makes_none(home: Home) -> None:
    assert ingest_outbox(Lake(home), LATER) == []
    assert newest_position(home) is None
    assert not home.root.exists()


def test_newest_position_changes_with_each_row(api: Api, payment: dict[str, Any]) -> None:  # noqa: F811
    seen = [newest_position(api.home)]
    for _ in range(2):
        api.post(PATH, payment)
        seen.append(newest_position(api.home))
    assert seen[0] is None
    assert len(set(seen)) == 3
