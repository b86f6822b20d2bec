"""The close: equal inputs publish once, verdicts are kept, and a moving bronze is not published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from orchestration.publish import BronzeMoved, CheckResult, code_version, inputs_hash_now, publish
from warehouse.lake import Lake, closings

DAY = date(2026, 10, 31)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def lake(bronze: Lake) -> Lake:
    return bronze


def receive(lake: Lake, batch_id: str, accepted: int = 1) -> None:
    with lake.open_writer("test") as writer:
        writer.execute(
            "insert into lake.bronze.batches (batch_id, table_name, rows_accepted) values (?, 'loans', ?)",
            [batch_id, accepted],
        )


def verdict(is_passed: bool = True, checked_at: datetime = NOON) -> CheckResult:
    return CheckResult(
        "loans_have_one_row_per_key", "bronze/loans", "ERROR", is_passed, 0 if is_passed else 2, checked_at
    )


def kept(lake: Lake) -> list[tuple[object, ...]]:
    connection = lake.open_reader()
    try:
        return connection.execute(
            "select check_name, asset, layer, table_name, severity_code, is_passed, rows_failed from gold.check_results"
        ).fetchall()
    finally:
        connection.close()


def count_closings(lake: Lake) -> int:
    connection = lake.open_reader(head=True)
    try:
        return len(closings(connection))
    finally:
        connection.close()


def test_a_close_makes_its_verdicts_readable(lake: Lake) -> None:
    receive(lake, "b1")
    publish(lake, DAY, inputs_hash_now(lake), [verdict()])
    assert kept(lake) == [("loans_have_one_row_per_key", "bronze/loans", "bronze", "loans", "ERROR", True, 0)]


def test_publishing_the_same_again_changes_nothing(lake: Lake) -> None:
    receive(lake, "b1")
    first = publish(lake, DAY, None, [verdict()])
    again = publish(lake, DAY, None, [verdict(checked_at=NOON.replace(hour=13))])
    assert again == first
    assert count_closings(lake) == 1


def test_new_rows_are_a_new_close(lake: Lake) -> None:
    receive(lake, "b1")
    first = publish(lake, DAY, None, [verdict()])
    receive(lake, "b2")
    second = publish(lake, DAY, None, [verdict()])
    assert second.snapshot_id > first.snapshot_id
    assert second.inputs_hash != first.inputs_hash


def test_a_batch_that_brought_nothing_is_no_new_input(lake: Lake) -> None:
    receive(lake, "b1")
    before = inputs_hash_now(lake)
    receive(lake, "b2", accepted=0)
    assert inputs_hash_now(lake) == before


def test_a_changed_verdict_replaces_the_former(lake: Lake) -> None:
    receive(lake, "b1")
    with lake.open_writer("test"):
        publish(lake, DAY, None, [verdict()])
    publish(lake, date(2026, 11, 1), None, [verdict(is_passed=False)])
    assert [row[5] for row in kept(lake)] == [False]


def test_bronze_that_moved_during_the_build_is_not_published(lake: Lake) -> None:
    receive(lake, "b1")
    when_building_began = inputs_hash_now(lake)
    receive(lake, "b2")
    with pytest.raises(BronzeMoved, match="run the build again"):
        publish(lake, DAY, when_building_began, [verdict()])
    assert count_closings(lake) == 0


def test_the_code_version_names_the_release() -> None:
    assert code_version().partition("+")[0].count(".") == 2
