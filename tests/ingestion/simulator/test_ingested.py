"""A simulated portfolio passes the border of the lake whole, and its schedules are those of the house."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ingestion.simulator import schedules, simulate
from ingestion.sources import ingest
from transforms.books.schedules import INSTALLMENT_ROUNDING
from warehouse.lake import Lake

RECEIVED_AT = datetime(2026, 10, 31, 23, 59, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@pytest.mark.parametrize("file_format", ["parquet", pytest.param("csv", marks=pytest.mark.slow)])
def test_every_row_is_accepted_on_the_evening_of_as_of_and_known_afterwards(
    file_format: str, lake: Lake, tmp_path: Path
) -> None:
    simulated = simulate(200, 24, 5, tmp_path / "once", file_format=file_format)
    landed = ingest("portfolio", simulated.out, lake, RECEIVED_AT, validate=False)
    assert {part.status for part in landed} == {"ACCEPTED"}
    assert {part.table: part.rows_accepted for part in landed} == simulated.rows
    again = simulate(200, 24, 5, tmp_path / "again", file_format=file_format)
    landed = ingest("portfolio", again.out, lake, RECEIVED_AT, validate=False)
    assert {part.status for part in landed} == {"KNOWN"}


def test_installments_are_rounded_as_the_house_rounds_its_book() -> None:
    assert schedules.ROUNDING == INSTALLMENT_ROUNDING
