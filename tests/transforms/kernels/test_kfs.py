"""The figures of a Key Facts Statement: RBI's example and loans worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from transforms.kernels.kfs import KeyFacts, key_facts, sensitivity
from transforms.kernels.loan import Fee, Grace, Loan, LoanRefused, LoanRounding, RepayEvery, Step, Terms

RUPEE = LoanRounding(interest=Decimal(1), installment=Decimal(1))
OWN, THIRD = Fee("Processing", amount=Decimal(240)), Fee("Insurance", amount=Decimal(160), to="third_party")
RBI = Terms(Decimal("20000.00"), date(2024, 10, 1), Decimal("0.15"), 24, rounding=RUPEE, fees=(OWN, THIRD))


def facts(terms: Terms, **switches: bool) -> KeyFacts:
    return key_facts(Loan("L1", "INR", terms), **switches)


def test_kf_05_golden_of_rbi() -> None:
    of_rbi = facts(RBI)
    assert (of_rbi.loan_amount, of_rbi.total_fees, of_rbi.net_disbursed) == (20000, 400, 19600)
    assert (of_rbi.installment_amount, of_rbi.installments) == (970, 24)
    assert (of_rbi.total_interest, of_rbi.total_payable) == (3274, 23274)
    assert str(of_rbi.apr) == "0.1707"


def test_kf_06_golden_schedule_of_rbi_shown_in_whole_rupees() -> None:
    rows = facts(replace(RBI, rounding=LoanRounding())).schedule
    of_annex_c = {1: (720, 250), 2: (729, 241), 3: (738, 232), 4: (747, 223), 12: (825, 145), 23: (946, 24)}
    shown = {row.number: (round(row.principal), round(row.interest)) for row in rows}
    assert {number: shown[number] for number in of_annex_c} == of_annex_c
    assert shown[24] == (958, 12)
    assert {round(row.total) for row in rows} == {970}
    openings = [20000, *(round(row.balance) for row in rows)]
    assert [openings[number - 1] for number in (2, 12, 23, 24)] == [19280, 11569, 1904, 958]


def test_kf_05_installment_to_the_paisa_leaves_the_apr_as_it_is() -> None:
    to_the_paisa = facts(replace(RBI, rounding=LoanRounding()))
    assert to_the_paisa.installment_amount == Decimal("969.73")
    assert to_the_paisa.total_interest == sum(row.interest for row in to_the_paisa.schedule)
    assert to_the_paisa.apr == Decimal("0.1707")


def test_kf_05_golden_of_18_months() -> None:
    terms = Terms(
        Decimal(50000), date(2025, 1, 10), Decimal("0.22"), 18, fees=(Fee("Processing", rate=Decimal("0.02")),)
    )
    assert (facts(terms).installment_amount, facts(terms).apr) == (Decimal("3286.43"), Decimal("0.2475"))


def test_kf_05_fees_are_net_of_gst_unless_switched() -> None:
    terms = replace(RBI, fees=(replace(OWN, gst_rate=Decimal("0.18")), THIRD))
    assert (facts(terms).total_fees, facts(terms).apr) == (400, Decimal("0.1707"))
    with_gst = facts(terms, kfs_gst_included=True)
    assert (with_gst.total_fees, with_gst.net_disbursed) == (Decimal("443.20"), Decimal("19556.80"))
    assert with_gst.apr > Decimal("0.1707")


def test_kf_05_recurring_fees_are_flows_of_their_periods() -> None:
    """12,000 in 12 x 1,000 at 0 % with 10 a month: the same rate as 12 x 1,010 without fees."""
    terms = Terms(Decimal(12000), date(2025, 1, 1), Decimal(0), 12)
    recurring = replace(
        terms, fees=(Fee("Card", amount=Decimal(10), when="each_installment", gst_rate=Decimal("0.18")),)
    )
    assert (facts(recurring).total_fees, facts(recurring).net_disbursed) == (120, 12000)
    assert stands(facts(recurring).apr, 12000, [(Fraction(k), 1010) for k in range(1, 13)], 12)


def test_kf_05_one_installment_with_a_recurring_fee() -> None:
    terms = Terms(
        Decimal(1000), date(2025, 1, 1), Decimal(0), 1, fees=(Fee("Card", amount=Decimal(10), when="each_installment"),)
    )
    assert (facts(terms).total_fees, facts(terms).net_disbursed, facts(terms).apr) == (10, 1000, Decimal("0.1200"))


def test_kf_06_interest_free_loan_without_fees() -> None:
    free = facts(Terms(Decimal(10000), date(2025, 1, 1), Decimal(0), 7))
    assert (str(free.apr), free.total_interest, free.total_payable) == ("0.0000", 0, 10000)


def test_kf_05_flat_loan_states_its_apr() -> None:
    """12,000 flat 12 % for 12 months: 12 x 1,120; nearly twice the flat rate."""
    flat = facts(Terms(Decimal(12000), date(2025, 1, 1), Decimal("0.12"), 12, interest_method="flat"))
    assert (flat.installment_amount, flat.total_interest) == (1120, 1440)
    assert stands(flat.apr, 12000, [(Fraction(k), 1120) for k in range(1, 13)], 12)


def test_kf_05_weekly_loans_have_365_sevenths_of_periods() -> None:
    weekly = facts(Terms(Decimal(10000), date(2025, 1, 1), Decimal("0.26"), 50, repay_every=RepayEvery(1, "week")))
    assert weekly.apr == Decimal("0.2600")


def test_kf_06_bullet_by_hand() -> None:
    """1,00,000 at 12 % for 6 months, all at the end, 1,000 in fees: 1,06,000 for 99,000 after six periods."""
    terms = Terms(
        Decimal(100000), date(2025, 1, 1), Decimal("0.12"), 6, amortisation="bullet", fees=(Fee("P", Decimal(1000)),)
    )
    assert facts(terms).total_interest == 6000
    assert stands(facts(terms).apr, 99000, [(Fraction(6), 106000)], 12)


def test_kf_06_irregular_first_period_counts_days() -> None:
    """0 %, 2 x 500, 100 in fees; due 45 and 75 days after disbursal, in periods of 365/12 days."""
    fee = (Fee("P", Decimal(100)),)
    terms = Terms(Decimal(1000), date(2025, 1, 1), Decimal(0), 2, first_due_on=date(2025, 2, 15), fees=fee)
    days = [(date(2025, 2, 15) - terms.disbursed_on).days, (date(2025, 3, 15) - terms.disbursed_on).days]
    stated = facts(terms)
    assert not stated.is_regular
    assert [flow.at for flow in stated.sheet.flows] == [Fraction(45 * 12, 365), Fraction(73 * 12, 365)]
    assert stands(stated.apr, 900, [(Fraction(day * 12, 365), 500) for day in days], 12)


def test_cv_07_discount_taken_at_disbursal_is_interest() -> None:
    """7,84,219.18 paid out against 8,00,000 due in 60 days (CV-07): the discount as a fee-only loan."""
    discount = Fee("Discount", Decimal("15780.82"))
    terms = Terms(Decimal(800000), date(2025, 1, 1), Decimal(0), 1, repay_every=RepayEvery(60, "day"), fees=(discount,))
    assert (facts(terms).net_disbursed, facts(terms).apr) == (Decimal("784219.18"), Decimal("0.1224"))


def test_kf_05_fees_that_eat_the_loan_are_refused() -> None:
    with pytest.raises(LoanRefused) as refusal:
        facts(replace(RBI, fees=(Fee("P", rate=Decimal(1)),)))
    assert refusal.value.field == "terms.fees"


def test_kf_05_grace_without_payment() -> None:
    grace = Grace(principal_installments=3, interest_installments=3)
    terms = Terms(Decimal(30000), date(2025, 1, 1), Decimal("0.12"), 12, grace=grace)
    rows = facts(terms).schedule
    assert stands(facts(terms).apr, 30000, [(Fraction(row.number), row.total) for row in rows], 12)


@pytest.mark.parametrize("day_count", ["30/360", "30E/360", "ACT/365", "ACT/360", "ACT/ACT"])
@pytest.mark.parametrize("basis", ["periodic_rate", "period_factors"])
@pytest.mark.parametrize("every", [RepayEvery(1, "month"), RepayEvery(2, "week"), RepayEvery(1, "year")])
def test_kf_05_unrounded_installment_is_the_one_the_schedule_rounds(
    day_count: str, basis: str, every: RepayEvery
) -> None:
    start = date(2023, 12, 31)
    terms = Terms(
        Decimal(100000), start, Decimal("0.17"), 13, None, every, day_count=day_count, installment_basis=basis
    )
    of_terms = facts(terms)
    assert of_terms.installment_unrounded is not None
    assert round(of_terms.installment_unrounded, 2) == of_terms.installment_amount


def test_cv_06_interest_taken_upfront_is_interest_and_is_not_disbursed() -> None:
    """36,500 at 10 % disbursed on the 1st, first due on the 15th of the next month: 14 odd nights of 10.00 a day."""
    upfront = Terms(
        *(Decimal(36500), date(2025, 1, 1), Decimal("0.10"), 12),
        first_due_on=date(2025, 2, 15),
        broken_period="upfront",
    )
    stated = facts(upfront)
    assert (stated.upfront_interest, stated.net_disbursed) == (140, 36360)
    assert stated.total_interest == 140 + sum(row.interest for row in stated.schedule)
    days = [Fraction((row.due_on - upfront.disbursed_on).days * 12, 365) for row in stated.schedule]
    assert stands(stated.apr, 36360, [(at, row.total) for at, row in zip(days, stated.schedule, strict=True)], 12)


@pytest.mark.parametrize(
    "shape",
    [
        {"amortisation": "equal_principal"},
        {"amortisation": "interest_only"},
        {"balloon": Decimal(5000)},
        {"installment_amount": Decimal("2000")},
        {"interest_method": "rule_of_78"},
        {"steps": (Step(7, change=Decimal("0.1")),), "amortisation": "step"},
    ],
)
def test_kf_05_other_shapes_enter_with_their_rows(shape: dict[str, Any]) -> None:
    terms = Terms(Decimal(20000), date(2025, 1, 1), Decimal("0.18"), 12, fees=(Fee("P", Decimal(300)),), **shape)
    rows = [(Fraction(row.number), row.principal + row.interest) for row in facts(terms).schedule]
    assert stands(facts(terms).apr, 19700, rows, 12)


def test_kf_02_a_quarter_of_a_point_on_installment_and_number() -> None:
    """9 % to 9.25 % on 10,00,000 over 120 months: 12,667.58 becomes 12,803.27, or 120 rows become 123."""
    effect = sensitivity(Loan("L1", "INR", Terms(Decimal(1000000), date(2025, 1, 1), Decimal("0.09"), 120)))
    assert effect is not None
    assert (effect.installment_amount, effect.installments) == (Decimal("135.69"), 3)


def stands(apr: Decimal, net: float, flows: list[tuple[Fraction, Decimal | int]], per_year: int) -> bool:
    """Whether worths at half a unit of the APR's last digit either way enclose what was disbursed."""

    def worth(rate: float) -> float:
        return sum(float(amount) / (1 + rate / per_year) ** float(at) for at, amount in flows)

    return worth(float(apr) - 0.00005) > net > worth(float(apr) + 0.00005)
