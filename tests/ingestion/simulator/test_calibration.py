"""Arrears, write-offs and calibration, against a replay of each loan that is slow and plain."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ingestion.simulator import Simulated, simulate
from ingestion.simulator.calendar import Window
from ingestion.simulator.measure import ABSENT, ENDED, days_past_due
from transforms.kernels.figures import Installment
from transforms.kernels.loan import Loan, LoanRounding, RepayEvery, Terms
from transforms.kernels.money import Mode
from transforms.kernels.replay import schedule_of

AS_OF = date(2026, 10, 31)
Row = dict[str, Any]
NONE = Decimal(0)
CEIL_RUPEE = LoanRounding(installment=Decimal("1.00"), installment_mode=Mode.UP)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, dict[str, list[Row]]]:
    """Loans, and events by loan, of a small portfolio."""
    out = tmp_path_factory.mktemp("small")
    simulate(1500, 24, 11, out, as_of=AS_OF)
    events: dict[str, list[Row]] = defaultdict(list)
    for event in pl.read_parquet(out / "events" / "*.parquet").iter_rows(named=True):
        events[event["loan_id"]].append(event)
    return pl.read_parquet(out / "loans" / "*.parquet"), events


def installments(loan: Row) -> tuple[Installment, ...]:
    """The house's schedule of one loan, as a document tells it."""
    names = ("principal", "disbursed_on", "annual_rate", "installments", "first_due_on")
    every = RepayEvery(loan["repay_every"], loan["repay_unit_code"])
    terms = Terms(*(loan[name] for name in names), every, rounding=CEIL_RUPEE)
    return schedule_of(Loan(loan["loan_id"], "INR", terms)).installments


def received(events: list[Row], on: date) -> Decimal:
    """Money of the borrower until a day; what was reversed by then does not count."""
    undone = {e["reverses_event_id"] for e in events if e["event_type_code"] == "reversal" and e["value_on"] <= on}
    kinds = ("payment", "prepayment")
    counted = [
        e for e in events if e["event_type_code"] in kinds and e["value_on"] <= on and e["event_id"] not in undone
    ]
    return sum((e["amount"] for e in counted), NONE)


def charged(events: list[Row], after: date, until: date) -> Decimal:
    days = (e for e in events if e["event_type_code"] == "charge" and after < e["value_on"] <= until)
    return sum((e["amount"] for e in days), NONE)


def oldest_unpaid(rows: tuple[Installment, ...], events: list[Row], on: date) -> date | None:
    """The first due date with anything unpaid at day-end: oldest first, a charge with the installment after it."""
    money, before = received(events, on), date.min
    for row in rows:
        if row.due_on > on:
            break
        money -= row.total + charged(events, before, row.due_on)
        if money < 0:
            return row.due_on
        before = row.due_on
    return None


def principal_left(rows: tuple[Installment, ...], principal: Decimal, events: list[Row], on: date) -> Decimal:
    """Interest, principal, charge of each due, oldest first; what is left of a prepayment goes on to principal."""
    money, before, left = received(events, on), date.min, principal
    for row in (row for row in rows if row.due_on <= on):
        money -= min(money, row.interest)
        repaid = min(money, row.principal)
        money, left = money - repaid, left - repaid
        money -= min(money, charged(events, before, row.due_on))
        before = row.due_on
    return left - (money - min(money, charged(events, before, on)))


def test_counted_days_past_due_equal_a_replay_of_each_loan(small: tuple[pl.DataFrame, dict[str, list[Row]]]) -> None:
    loans, events = small
    window = Window.until(AS_OF, 24)
    counted = days_past_due(
        loans, pl.DataFrame([e for of in events.values() for e in of], infer_schema_length=None), window
    )
    ends = [date.fromordinal(date(1970, 1, 1).toordinal() + int(day)) for day in window.ends]
    late = np.flatnonzero((counted > 0).any(axis=1))
    assert len(late) > 50
    for place in [*late, *range(0, 1500, 25)]:
        loan = loans.row(int(place), named=True)
        rows = installments(loan)
        for on, found in zip(ends, counted[place], strict=True):
            oldest = oldest_unpaid(rows, events[loan["loan_id"]], on)
            if found not in (ABSENT, ENDED):
                assert found == ((on - oldest).days + 1 if oldest else 0), (loan["loan_id"], on)


def test_who_pays_each_due_on_its_day_pays_it_to_the_paisa(small: tuple[pl.DataFrame, dict[str, list[Row]]]) -> None:
    loans, events = small
    punctual = 0
    for loan in loans.iter_rows(named=True):
        rows, booked = installments(loan), events[loan["loan_id"]]
        dues = [(row.due_on, row.total) for row in rows if row.due_on <= AS_OF]
        paid = [(e["value_on"], e["amount"]) for e in booked]
        if [on for on, _ in paid] != [on for on, _ in dues]:
            continue
        if all(oldest_unpaid(rows, booked, on) is None for on, _ in dues):
            punctual += 1
            assert paid == dues
    assert punctual > 600


def test_a_write_off_is_what_the_payments_left_of_the_principal(
    small: tuple[pl.DataFrame, dict[str, list[Row]]],
) -> None:
    loans, events = small
    lost = 0
    for loan in loans.iter_rows(named=True):
        booked = events[loan["loan_id"]]
        for event in (e for e in booked if e["event_type_code"] == "write_off"):
            lost += 1
            assert event["amount"] == principal_left(installments(loan), loan["principal"], booked, event["value_on"])
    assert lost > 3


def test_a_foreclosure_is_the_principal_left_and_nothing_is_overdue(
    small: tuple[pl.DataFrame, dict[str, list[Row]]],
) -> None:
    loans, events = small
    closed = 0
    for loan in loans.iter_rows(named=True):
        booked = events[loan["loan_id"]]
        for event in (e for e in booked if e["event_type_code"] == "foreclosure"):
            closed += 1
            rows = installments(loan)
            assert event["amount"] == principal_left(rows, loan["principal"], booked, event["value_on"])
            assert oldest_unpaid(rows, booked, event["value_on"]) is None
    assert closed > 10


def test_the_calibration_is_met(simulated: Simulated) -> None:
    """Tolerances: about three standard errors of a book of 20,000 loans."""
    rows = {row.name: row for row in simulated.calibration}
    allowed = {
        "roll rate: current to late": 0.0004,
        "roll rate: one month late to late": 0.05,
        "roll rate: two or more months late to late": 0.02,
        "charge-off timing: 25% within months": 2.0,
        "charge-off timing: 50% within months": 1.6,
        "charge-off timing: 75% within months": 1.6,
        "severity: charged off of disbursed, mean": 0.01,
    }
    for name, tolerance in allowed.items():
        assert rows[name].achieved == pytest.approx(rows[name].target, abs=tolerance), name
    assert [rows[name].target for name in list(allowed)[:3]] == [0.003, 0.47, 0.95]
    assert rows["severity: charged off of disbursed, mean"].target == 0.62


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_loans(tmp_path: Path) -> None:
    def peak_kilobytes(loans: int) -> int:
        code = (
            "import resource; from pathlib import Path; from ingestion.simulator import simulate; "
            f"simulate({loans}, 24, 1, Path({str(tmp_path / str(loans))!r})); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return int(done.stdout)

    few, many = peak_kilobytes(65_536), peak_kilobytes(262_144)
    assert many < few * 1.4
    assert many < 2_000_000
