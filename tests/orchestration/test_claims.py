"""What is claimed of bronze after each receipt, and what a broken claim looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from orchestration.claims import Verdict, claims_of, examined
from orchestration.risk.claims import auc_verdict, scores_verdict
from warehouse.bronze import ensure_tables
from warehouse.contracts import registry
from warehouse.contracts.features import SCORES
from warehouse.lake import Lake

BRANCHES = registry.bronze("branches")
LOANS = registry.bronze("loans")


@pytest.fixture
def lake(bronze: Lake) -> Lake:
    return bronze


@pytest.fixture
def insert(lake: Lake) -> Iterator[Callable[..., None]]:
    """Put rows into a bronze table by name, the columns not named being null."""
    with lake.open_writer("test") as writer:

        def put(table: str, **values: object) -> None:
            places = ", ".join("?" for _ in values)
            writer.execute(
                f"insert into lake.bronze.{table} ({', '.join(values)}) values ({places})", list(values.values())
            )

        yield put


def verdicts(lake: Lake, table: str) -> dict[str, int]:
    """Claim -> rows against it."""
    return {
        verdict.name: verdict.rows_failed
        for _, _, found in examined(lake, [], [registry.bronze(table)])
        for verdict in found
    }


def batch(insert: Callable[..., None], received: int, accepted: int, quarantined: int = 0, known: int = 0) -> None:
    insert(
        "batches",
        batch_id="b1",
        table_name="loans",
        source="portfolio",
        file_name="loans.csv",
        status_code="ACCEPTED",
        rows_received=received,
        rows_accepted=accepted,
        rows_quarantined=quarantined,
        rows_already_known=known,
    )


def test_nothing_received_breaks_no_claim(lake: Lake, insert: Callable[..., None]) -> None:
    assert set(verdicts(lake, "loans").values()) == {0}


def test_every_received_row_is_accounted_for(lake: Lake, insert: Callable[..., None]) -> None:
    insert("loans", loan_id="L1", batch_id="b1")
    batch(insert, received=3, accepted=1, quarantined=1, known=1)
    assert verdicts(lake, "loans")["loans_match_their_control_totals"] == 0


def test_a_lost_row_is_found(lake: Lake, insert: Callable[..., None]) -> None:
    insert("loans", loan_id="L1", batch_id="b1")
    batch(insert, received=3, accepted=1, quarantined=1)
    assert verdicts(lake, "loans")["loans_match_their_control_totals"] == 1


def test_rows_said_to_be_accepted_and_absent_are_found(lake: Lake, insert: Callable[..., None]) -> None:
    batch(insert, received=1, accepted=1)
    assert verdicts(lake, "loans")["loans_match_their_control_totals"] == 1


def test_rows_without_a_batch_are_found(lake: Lake, insert: Callable[..., None]) -> None:
    insert("loans", loan_id="L1", batch_id="unknown")
    assert verdicts(lake, "loans")["loans_match_their_control_totals"] == 1


def test_a_control_total_that_does_not_add_up_is_found(lake: Lake, insert: Callable[..., None]) -> None:
    insert("loans", loan_id="L1", batch_id="b1")
    insert(
        "batches",
        **{"batch_id": "b1", "table_name": "loans", "status_code": "ACCEPTED", "rows_received": 1, "rows_accepted": 1},
        **{"rows_quarantined": 0, "rows_already_known": 0, "control_column": "principal"},
        **{"control_total_received": "100.00", "control_total_accepted": "99.99", "control_total_quarantined": "0"},
    )
    assert verdicts(lake, "loans")["loans_match_their_control_totals"] == 1


def test_a_doubled_key_is_found(lake: Lake, insert: Callable[..., None]) -> None:
    for _ in range(3):
        insert("loans", loan_id="L1", batch_id="b1")
    assert verdicts(lake, "loans")["loans_have_one_row_per_key"] == 2


def test_a_master_may_change_from_batch_to_batch(lake: Lake, insert: Callable[..., None]) -> None:
    assert BRANCHES.is_versioned
    insert("branches", branch_id="B1", batch_id="b1")
    insert("branches", branch_id="B1", batch_id="b2")
    assert verdicts(lake, "branches")["branches_have_one_row_per_key"] == 0


def test_a_refused_row_counts_once_however_many_reasons(lake: Lake, insert: Callable[..., None]) -> None:
    for reason in ("negative", "unknown branch"):
        insert("quarantine", batch_id="b1", table_name="loans", row_number=7, reason=reason)
    assert verdicts(lake, "loans")["loans_meet_their_contract"] == 1


def test_a_released_row_counts_no_more(lake: Lake, insert: Callable[..., None]) -> None:
    insert(
        "quarantine", batch_id="b1", table_name="loans", row_number=7, reason="x", released_at="2026-01-01 00:00:00+00"
    )
    assert verdicts(lake, "loans")["loans_meet_their_contract"] == 0


def test_only_what_would_spread_blocks() -> None:
    blocking = {claim.name: claim.is_blocking for claim in claims_of(LOANS)}
    assert blocking == {
        "loans_match_their_control_totals": True,
        "loans_have_one_row_per_key": True,
        "loans_meet_their_contract": False,
    }


def test_a_verdict_without_failures_is_a_passed_check() -> None:
    result = Verdict("claim", 0, True).as_check_result(asset=None)  # type: ignore[arg-type]
    assert result.passed


@pytest.mark.parametrize(("auc", "is_plausible"), [(0.5, False), (0.68, True), (0.93, False)])
def test_a_model_that_guesses_or_knows_the_outcome_is_noticed(auc: float, is_plausible: bool) -> None:
    assert (auc_verdict(auc).rows_failed == 0) is is_plausible


def test_scores_that_are_no_probability_or_doubled_are_found(bronze: Lake) -> None:
    with bronze.open_writer("test") as writer:
        ensure_tables(writer, [SCORES])
        for loan_id, probability in (("L1", 0.1), ("L1", 0.1), ("L2", 1.5), ("L3", None), ("L4", 0.0)):
            writer.execute(
                "insert into lake.gold.risk__score_monthly (loan_id, model_name, as_of, probability_of_default) "
                "values (?, 'pd', date '2026-10-31', ?)",
                [loan_id, probability],
            )
    assert scores_verdict(bronze).rows_failed == 3
