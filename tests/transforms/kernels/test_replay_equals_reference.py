"""The compiled engine against the reference of exact fractions, and properties that hold for any loan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.transforms.kernels import reference_loan
from tests.transforms.kernels.loan_strategies import loans, readings
from transforms.kernels.loan import Event, Loan, LoanRefused
from transforms.kernels.replay import payoff, replay, schedule_of

SLOW = HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much
# The same few loans each time, and no shrinking: it takes minutes, and the time limit that then strikes amid a drawing
# looks like a strategy that cannot be relied on.
TOLD_AT_ONCE = Phase.explicit, Phase.reuse, Phase.generate
FEW = settings(max_examples=30, derandomize=True, phases=TOLD_AT_ONCE, suppress_health_check=SLOW)
MANY = settings(max_examples=1_500, suppress_health_check=SLOW)


def outcome(work: Callable[..., Any], *given: Any) -> Any:
    """What it gives, or the field that it refuses."""
    try:
        return work(*given)
    except LoanRefused as refused:
        return "refused", refused.field


def is_told_alike(loan: Loan, days: list[date]) -> None:
    assert outcome(schedule_of, loan) == outcome(reference_loan.schedule_of, loan)
    for day in days:
        assert outcome(replay, loan, day) == outcome(reference_loan.replay, loan, day)
        assert outcome(payoff, loan, day) == outcome(reference_loan.payoff, loan, day)


@FEW
@given(data=st.data())
def test_both_engines_tell_the_same(data: st.DataObject) -> None:
    loan = data.draw(loans())
    is_told_alike(loan, data.draw(readings(loan)))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@MANY
@given(data=st.data())
def test_both_engines_tell_the_same_of_many(data: st.DataObject) -> None:
    loan = data.draw(loans())
    is_told_alike(loan, data.draw(readings(loan)))


def end_of(loan: Loan) -> date:
    """A day after all that happens to it."""
    return max([loan.terms.disbursed_on, *(event.on for event in loan.events)]) + timedelta(days=45)


@FEW
@given(loan=loans(reversals=False))
def test_no_paisa_is_lost(loan: Loan) -> None:
    """Allocations, their excess column included, are receipts less refunds."""
    state = outcome(replay, loan, end_of(loan))
    is_replaced = any(event.type == "takeover" for event in loan.events)
    if isinstance(state, tuple) or is_replaced:
        return
    receipts = ("payment", "prepayment", "foreclosure", "recovery")
    signs = {**dict.fromkeys(receipts, 1), "refund": -1}
    moved = sum((signs.get(event.type, 0) * (event.amount or Decimal(0)) for event in loan.events), Decimal(0))
    settled = (
        (entry.penal + entry.fee + entry.interest + entry.principal + entry.excess) for entry in state.allocations
    )
    assert sum(settled, Decimal(0)) == moved


@FEW
@given(loan=loans())
def test_the_order_of_arrival_means_nothing(loan: Loan) -> None:
    turned = replace(loan, events=tuple(reversed(loan.events)))
    day = end_of(loan)
    found, other = outcome(replay, loan, day), outcome(replay, turned, day)
    if isinstance(found, tuple):
        assert isinstance(other, tuple)
    else:
        assert found == other


@FEW
@given(loan=loans())
def test_the_last_balance_of_a_schedule_is_zero(loan: Loan) -> None:
    found = outcome(schedule_of, loan)
    if not isinstance(found, tuple):
        assert found.installments[-1].balance == 0
        if loan.terms.grace.capitalise == "never":
            assert sum(row.principal for row in found.installments) == loan.terms.principal


@FEW
@given(loan=loans(reversals=False), data=st.data())
def test_a_reversal_restores_the_state_before_it(loan: Loan, data: st.DataObject) -> None:
    if not loan.events:
        return
    gone = data.draw(st.sampled_from(loan.events))
    day = end_of(loan)
    undo = replace(gone, id="undo", type="reversal", on=gone.on, amount=None, reverses=gone.id, terms=None)
    without = replace(loan, events=tuple(event for event in loan.events if event.id != gone.id))
    found = outcome(replay, replace(loan, events=(*loan.events, undo)), day)
    expected = outcome(replay, without, day)
    if isinstance(expected, tuple):
        assert isinstance(found, tuple)
    else:
        assert replace(found, reversed=()) == expected


@FEW
@given(loan=loans(reversals=False), data=st.data())
def test_a_payment_split_in_two_on_one_day_changes_nothing(loan: Loan, data: st.DataObject) -> None:
    payments = [event for event in loan.events if event.type == "payment" and (event.amount or 0) > Decimal("0.01")]
    if not payments or loan.terms.excess != "hold":
        return
    whole = data.draw(st.sampled_from(payments))
    part = (whole.amount or Decimal(0)) / 2 // Decimal("0.01") * Decimal("0.01")
    halves = (replace(whole, amount=part), replace(whole, id=whole.id + "b", amount=(whole.amount or part) - part))
    events = tuple(event for event in loan.events if event.id != whole.id) + halves
    day = end_of(loan)
    found, split = outcome(replay, loan, day), outcome(replay, replace(loan, events=events), day)
    if isinstance(found, tuple):
        assert isinstance(split, tuple)
    else:
        assert replace(found, allocations=()) == replace(split, allocations=())


@FEW
@given(loan=loans(reversals=False), data=st.data())
def test_what_is_booked_later_is_as_if_it_had_been_booked_at_once(loan: Loan, data: st.DataObject) -> None:
    """Known at a time, a loan is what its events booked by then make of it; known wholly, times of booking are gone."""
    if not loan.events:
        return
    known_at = data.draw(st.sampled_from([event.booked_at for event in loan.events]))
    day = end_of(loan)
    by_then = replace(loan, events=tuple(event for event in loan.events if event.booked_at <= known_at))
    found, expected = outcome(replay, loan, day, known_at), outcome(replay, by_then, day)
    if isinstance(expected, tuple):
        assert isinstance(found, tuple)
    else:
        assert found == expected


@FEW
@given(loan=loans(), data=st.data())
def test_a_foreclosure_of_exactly_the_payoff_closes_the_loan(loan: Loan, data: st.DataObject) -> None:
    day = data.draw(readings(loan, at_most=1))[0]
    total = outcome(payoff, loan, day)
    later = any(event.on > day and event.type != "reversal" for event in loan.events)
    if isinstance(total, tuple) or total.total <= 0 or later or any(e.type == "write_off" for e in loan.events):
        return
    booked_at = max([end.booked_at for end in loan.events], default=None)
    closing = Event("closing", "foreclosure", day, booked_at or datetime.max.replace(tzinfo=UTC), amount=total.total)
    state = replay(replace(loan, events=(*loan.events, closing)), day)
    assert (state.status, state.principal_outstanding, state.total_overdue, state.excess) == ("CLOSED", 0, 0, 0)
