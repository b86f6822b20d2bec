"""Stories that generated loans rarely tell, each told by both engines: figures that anybody can work out by hand.

Belongs here: a rule that the engine or the reference once broke. Does not: whether they agree on any loan
(test_replay_equals_reference.py).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.transforms.kernels import reference_loan
from tests.transforms.kernels.documents import document, event
from transforms.kernels.document import loan_from
from transforms.kernels.figures import LoanState
from transforms.kernels.replay import replay

ENGINES = (replay, reference_loan.replay)
CUSTOM = [{"due_on": f"2025-0{month}-15", "principal": f"{month}000.00"} for month in (2, 3, 5)]


@pytest.fixture(params=ENGINES, ids=("engine", "reference"))
def told(request: pytest.FixtureRequest) -> Any:
    """The state of a document on a day."""

    def state(on: str, *events: dict[str, Any], **terms: Any) -> LoanState:
        found: LoanState = request.param(loan_from(document(list(events), **terms)), date.fromisoformat(on))
        return found

    return state


def rupees(amount: str) -> Decimal:
    return Decimal(amount)


def prepaid(amount: str, on: str, adjust: str = "reduce_tenor", id: str = "pre") -> dict[str, Any]:
    return event("prepayment", on, id, amount=amount, adjust=adjust)


def principals(state: LoanState) -> list[Decimal]:
    return [row.principal for row in state.installments]


def test_a_new_rate_keeps_to_the_tenor_that_a_prepayment_shortened(told: Any) -> None:
    half = prepaid("50000.00", "2025-03-20")
    rate = event("rate_change", "2025-04-20", "rate", annual_rate="0.15")
    before, after = told("2025-04-20", half), told("2025-04-20", half, rate)
    assert len(before.installments) == len(after.installments) < 12


def test_an_exact_installment_is_that_of_the_pricing_which_needed_it(told: Any) -> None:
    """Prepaid below the balloon the installment is negative, which only whole numbers tell; the one before stays."""
    terms = {"balloon": "50000.00", "principal": "100000.00"}
    before = told("2025-03-01", **terms).installments[0]
    after = told("2025-04-01", prepaid("60000.00", "2025-03-01", "reduce_installment"), **terms)
    assert after.installments[0].total == before.total
    assert after.installments[2].principal == 0


def test_a_prepayment_in_a_grace_can_keep_the_installment(told: Any) -> None:
    terms = {"grace": {"principal_installments": 3}}
    usual = told("2025-02-20", **terms)
    shorter = told("2025-02-20", prepaid("30000.00", "2025-02-20"), **terms)
    assert shorter.installments[3].total == usual.installments[3].total
    assert len(shorter.installments) < len(usual.installments)


def test_the_share_of_a_row_is_earned_no_further_than_the_principal_lasts(told: Any) -> None:
    """Rule of 78: the last of five rows bears 5,000.00 / 15, and has earned 13 of its 31 nights from 9 August."""
    terms = {"disbursed_on": "2019-04-09", "annual_rate": "0.12", "installments": 5, "interest_method": "rule_of_78"}
    state = told("2019-08-22", prepaid("200000.00", "2019-08-22"), **terms)
    assert state.installments[4].interest == rupees("139.78")


def test_flat_interest_of_a_running_row_is_carried_into_a_restructure(told: Any) -> None:
    """Ten of the 31 nights of row 1, which bears 1,000.00; at 0 % nothing comes to it."""
    new_terms = {"annual_rate": "0", "installments": 1}
    changed = event("restructure", "2025-01-25", "new", terms=new_terms)
    state = told("2025-02-01", changed, interest_method="flat")
    assert (state.interest_accrued, state.installments[0].interest) == (rupees("322.58"), rupees("322.58"))


def test_days_before_a_restructure_bear_the_old_penal_charge(told: Any) -> None:
    """Interest of 1,000.00 due on 15 February stays due: only the days from 1 March bear 36.5 %, a rupee each."""
    new_terms = {"annual_rate": "0", "installments": 1, "penal": {"annual_rate": "0.365"}}
    changed = event("restructure", "2025-03-01", "new", terms=new_terms)
    assert told("2025-03-11", changed, installments=1).penal_due == rupees("10.00")


def test_fees_of_a_restructure_are_parts_of_what_is_carried_over(told: Any) -> None:
    fee = {"name": "restructuring", "rate": "0.01", "gst_rate": "0.18", "deducted": False}
    changed = event("restructure", "2025-01-25", "new", terms={"annual_rate": "0", "installments": 1, "fees": [fee]})
    assert told("2025-01-25", changed).fee_due == rupees("1180.00")


def test_a_bullet_taken_over_has_earned_since_its_disbursal(told: Any) -> None:
    """50,000.00 from 15 January to 15 March, taken over on that day: two months at 1 %."""
    joins = event("takeover", "2025-03-15", "in", principal="50000.00")
    assert told("2025-03-15", joins, amortisation="bullet").interest_accrued == rupees("1000.00")


def test_a_takeover_of_a_custom_schedule_keeps_its_proportions(told: Any) -> None:
    terms = {"principal": "10000.00", "installments": 3, "amortisation": "custom", "custom_schedule": CUSTOM}
    joins = event("takeover", "2025-02-20", "in", principal="4000.00")
    assert principals(told("2025-02-20", joins, **terms)) == [rupees("1500.00"), rupees("2500.00")]


def test_two_prepayments_of_a_custom_schedule_make_what_one_would(told: Any) -> None:
    terms = {"principal": "10000.00", "installments": 3, "amortisation": "custom", "custom_schedule": CUSTOM}
    whole = told("2025-02-01", prepaid("1000.03", "2025-02-01", "reduce_installment"), **terms)
    parts = (prepaid(part, "2025-02-01", "reduce_installment", part) for part in ("333.34", "666.69"))
    assert principals(told("2025-02-01", *parts, **terms)) == principals(whole)


def test_a_takeover_of_daily_interest_finds_the_balance_as_contracted(told: Any) -> None:
    """Nobody was in arrears with us: at the contractual balance the installment stays."""
    agreed = told("2025-01-15", interest_basis="daily").installments
    joins = event("takeover", "2025-04-20", "in", principal=str(agreed[2].balance))
    assert told("2025-04-20", joins, interest_basis="daily").installments[0].total == agreed[3].total


def test_a_row_of_nothing_but_penal_was_paid_on_the_day_it_joined(told: Any) -> None:
    joins = event("takeover", "2025-03-20", "in", principal="50000.00", penal_due="10.00")
    assert told("2025-03-25", joins).installments[0].paid_on == date(2025, 3, 20)


def test_a_charge_on_a_loan_with_nothing_left_makes_a_row_of_its_day(told: Any) -> None:
    terms = {"fees": [{"name": "collection", "amount": "50.00", "when": "each_installment"}]}
    fee = event("charge", "2025-02-15", "fee", amount="100.00")
    wait = event("charge", "2025-02-16", "late", amount="30.00")
    row = told("2025-03-20", fee, wait, prepaid("200000.00", "2025-02-16"), annual_rate="0", **terms).installments[-1]
    assert (row.due_on, row.fee, row.total) == (date(2025, 2, 16), rupees("30.00"), rupees("30.00"))


def test_a_moratorium_may_cut_into_another(told: Any) -> None:
    first = event("moratorium", "2025-01-20", "outer", **{"from": 2, "installments": 3, "interest": "defer"})
    inner = event("moratorium", "2025-01-21", "inner", **{"from": 3, "installments": 2, "interest": "pay"})
    rows = told("2025-01-21", first, inner).installments
    assert len(rows) == 12 + 5
    assert [row.total > 0 for row in rows[:8]] == [True, False, True, True, False, False, True, True]


@pytest.mark.parametrize("order", [1, -1])
def test_reversed_ids_stand_in_the_order_of_their_reversals(told: Any, order: int) -> None:
    paid = [event("payment", "2025-02-15", id, amount="10.00") for id in ("a", "b")]
    undone = [
        event("reversal", "2025-03-02", "undo-a", reverses="a"),
        event("reversal", "2025-03-01", "undo-b", reverses="b"),
    ]
    assert told("2025-03-05", *(paid + undone)[::order]).reversed == ("b", "a")
