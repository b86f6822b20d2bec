"""The slow engine against figures that anybody can work out by hand; what others published is in tests/golden."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.transforms.kernels.documents import document, event
from tests.transforms.kernels.reference_loan import Norms, payoff, replay, schedule_of
from transforms.kernels.document import loan_from
from transforms.kernels.figures import LoanState
from transforms.kernels.loan import LoanRefused

FLAT_1000 = {"principal": "1000.00", "annual_rate": "0", "installments": 1, "first_due_on": "2025-02-15"}


def rupees(amount: str) -> Decimal:
    return Decimal(amount)


def state(on: str, *events: dict[str, Any], **terms: Any) -> LoanState:
    return replay(loan_from(document(list(events), **terms)), date.fromisoformat(on))


def paid(amount: str, on: str, id: str = "p1") -> dict[str, Any]:
    return event("payment", on, id, amount=amount)


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [
        ("30/360", "1000.00"),
        ("ACT/365", "1019.18"),
        ("ACT/360", "1033.33"),
        ("ACT/ACT", "1019.18"),
        ("30E/360", "1000.00"),
    ],
)
def test_a_month_of_31_nights(day_count: str, interest: str) -> None:
    """1,00,000 at 12 %: 1/12; 31/365; 31/360; 31 of a common year's nights; 30/360."""
    assert schedule_of(loan_from(document(day_count=day_count))).installments[0].interest == rupees(interest)


def test_nights_of_a_leap_year_bear_a_366th() -> None:
    """15 Dec 2023 to 15 Jan 2024: 17 nights of 2023 and 14 of 2024; 12,000 x (17/365 + 14/366) = 1,017.92."""
    terms = {"disbursed_on": "2023-12-15", "day_count": "ACT/ACT"}
    assert schedule_of(loan_from(document(**terms))).installments[0].interest == rupees("1017.92")


def test_part_of_a_month_is_its_nights_over_the_nights_of_that_month() -> None:
    """Ten nights of the 31 from 15 January to 15 February: 1,000.00 x 10 / 31."""
    assert state("2025-01-25").interest_accrued == rupees("322.58")


def test_due_dates_return_to_the_anchor_after_short_months() -> None:
    rows = schedule_of(loan_from(document(disbursed_on="2025-01-31"))).installments
    assert [row.due_on.isoformat() for row in rows[:4]] == ["2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]


@pytest.mark.parametrize(
    ("broken_period", "interest", "upfront"),
    [("spread", "1322.58", "0.00"), ("first_installment", "1328.77", "0.00"), ("upfront", "1000.00", "328.77")],
)
def test_ten_odd_nights_before_a_whole_month(broken_period: str, interest: str, upfront: str) -> None:
    """5 Jan to 15 Feb: a month, and ten of the 31 nights of the month before (10/31 of 1,000), or of a year's 365."""
    terms = {"disbursed_on": "2025-01-05", "first_due_on": "2025-02-15", "broken_period": broken_period}
    found = schedule_of(loan_from(document(**terms)))
    assert (found.installments[0].interest, found.upfront_interest) == (rupees(interest), rupees(upfront))


def test_a_flat_loan_spreads_interest_evenly_and_the_last_row_takes_the_rest() -> None:
    """10,000 at 10 % for 3 months: 250.00 in all, 83.33 + 83.33 + 83.34; (10,000 + 250) / 3 = 3,416.67."""
    found = schedule_of(
        loan_from(document(principal="10000.00", annual_rate="0.10", installments=3, interest_method="flat"))
    )
    assert [row.interest for row in found.installments] == [rupees("83.33"), rupees("83.33"), rupees("83.34")]
    assert found.installment_amount == rupees("3416.67")


def test_rule_of_78() -> None:
    """600.00 of interest over 3 rows: 3/6, 2/6 and 1/6 of it."""
    terms = {"principal": "24000.00", "annual_rate": "0.10", "installments": 3, "interest_method": "rule_of_78"}
    assert [row.interest for row in schedule_of(loan_from(document(**terms))).installments] == [
        rupees("300.00"),
        rupees("200.00"),
        rupees("100.00"),
    ]


def test_a_balloon_falls_due_with_the_last_row_beside_its_installment() -> None:
    """Without interest: (12,000 - 6,000) / 3 = 2,000; the last row repays 2,000 and the balloon."""
    terms = {"principal": "12000.00", "annual_rate": "0", "installments": 3, "balloon": "6000.00"}
    rows = schedule_of(loan_from(document(**terms))).installments
    assert [row.principal for row in rows] == [rupees("2000.00"), rupees("2000.00"), rupees("8000.00")]


def test_grace_interest_is_added_to_principal_at_its_end_once() -> None:
    """Two months of 1,000.00 each, simple: 1,02,000.00 is repaid by the third row, with a month of 1,020.00."""
    grace = {"principal_installments": 2, "interest_installments": 2, "capitalise": "at_end"}
    rows = schedule_of(loan_from(document(installments=3, grace=grace))).installments
    assert [row.balance for row in rows] == [rupees("100000.00"), rupees("102000.00"), rupees("0.00")]
    assert rows[2].interest == rupees("1020.00")


def test_the_first_step_is_solved_from_the_later_ones() -> None:
    """Without interest 1,200 in 4 rows of which the last two pay double: x + x + 2x + 2x, so x = 200."""
    terms = {"principal": "1200.00", "annual_rate": "0", "installments": 4, "amortisation": "step"}
    rows = schedule_of(loan_from(document(**terms, steps=[{"from": 3, "change": "1"}]))).installments
    assert [row.principal for row in rows] == [rupees("200.00"), rupees("200.00"), rupees("400.00"), rupees("400.00")]


@pytest.mark.parametrize(("on", "penal"), [("2025-02-18", "0.00"), ("2025-02-19", "2.63"), ("2025-02-25", "6.58")])
def test_penal_counts_from_the_due_date_once_grace_is_over(on: str, penal: str) -> None:
    """1,000 at 24 %, due on the 15th, three days of grace: on the 19th four days (0.6575 each), on the 25th ten."""
    penal_terms = {"annual_rate": "0.24", "grace_days": 3}
    assert state(on, penal=penal_terms, **FLAT_1000).penal_due == rupees(penal)


def test_penal_steps_down_with_part_payment_and_is_rounded_once() -> None:
    """10 days on 1,000 and 10 on 400 at 36.5 %: 10.00 + 4.00."""
    found = state("2025-03-07", paid("600.00", "2025-02-25"), penal={"annual_rate": "0.365"}, **FLAT_1000)
    assert (found.penal_due, found.principal_overdue) == (rupees("14.00"), rupees("400.00"))


def test_flat_penal_comes_once() -> None:
    found = state("2025-05-20", penal={"annual_rate": "0", "grace_days": 3, "flat": "500.00"}, **FLAT_1000)
    assert found.penal_due == rupees("500.00")


def test_excess_cures_nothing_before_a_due_date_and_is_set_off_on_it() -> None:
    before = state("2025-02-14", paid("400.00", "2025-01-20"), **FLAT_1000)
    after = state("2025-02-15", paid("400.00", "2025-01-20"), **FLAT_1000)
    assert (before.excess, before.installments[0].principal_paid) == (rupees("400.00"), rupees("0.00"))
    assert (after.excess, after.principal_overdue, after.dpd) == (rupees("0.00"), rupees("600.00"), 1)
    assert [(one.on.day, one.principal, one.excess) for one in after.allocations] == [
        (20, rupees("0.00"), rupees("400.00")),
        (15, rupees("400.00"), rupees("-400.00")),
    ]


def test_late_money_bears_interest_only_under_daily() -> None:
    """1,000 overdue for 28 nights of a 28-night month at 12 %: 10.00 more than the schedule says."""
    terms = {"principal": "2000.00", "installments": 2, "amortisation": "equal_principal"}
    scheduled, daily = (state("2025-03-15", **terms, interest_basis=name) for name in ("scheduled", "daily"))
    assert [one.installments[1].interest for one in (scheduled, daily)] == [rupees("10.00"), rupees("20.00")]


def test_a_prepayment_lowers_interest_from_its_own_day() -> None:
    """The 1,000.00 due goes first; 14 of 28 nights on 1,00,000 and 14 on 40,000, at 12 %: 500.00 + 200.00."""
    prepaid = event("prepayment", "2025-03-01", amount="61000.00", adjust="reduce_tenor")
    rows = state("2025-03-15", prepaid, amortisation="interest_only").installments
    assert rows[1].interest == rupees("700.00")


def test_npa_lasts_until_all_arrears_are_paid() -> None:
    """Due 15 Feb, 91st day 16 May; a part payment that leaves one rupee upgrades nothing, the rupee does."""
    part, rest = paid("999.00", "2025-05-20"), paid("1.00", "2025-05-25", "p2")
    assert state("2025-05-15", **FLAT_1000).asset_class == "SMA-2"
    assert state("2025-05-16", **FLAT_1000).npa_since == date(2025, 5, 16)
    assert state("2025-05-24", part, rest, **FLAT_1000).asset_class == "NPA"
    assert state("2025-05-25", part, rest, **FLAT_1000).asset_class == "STANDARD"


def test_other_norms_classify_earlier() -> None:
    norms = Norms(sma_1_after_days=5, sma_2_after_days=10, npa_after_days=15)
    found = replay(loan_from(document(**FLAT_1000)), date(2025, 3, 2), norms=norms)
    assert (found.dpd, found.asset_class) == (16, "NPA")


def test_what_is_outstanding_is_paid_off_with_the_charge_and_its_tax() -> None:
    """Foreclosed at once: 4 % of 1,00,000 and 18 % of that."""
    loan = loan_from(document(foreclosure={"rate": "0.04", "gst_rate": "0.18"}))
    found = payoff(loan, date(2025, 1, 15))
    assert (found.foreclosure_charge, found.gst, found.total) == (
        rupees("4000.00"),
        rupees("720.00"),
        rupees("104720.00"),
    )


def test_a_refund_above_the_excess_is_refused_by_its_field() -> None:
    loan = loan_from(document([event("refund", "2025-01-20", amount="1.00")]))
    assert replay(loan, date(2025, 1, 19)).status == "ACTIVE"
    with pytest.raises(LoanRefused) as refused:
        replay(loan, date(2025, 1, 20))
    assert refused.value.field == "events[0].amount"


def test_the_order_of_the_list_means_nothing() -> None:
    events = [
        paid("8884.88", "2025-02-15"),
        event("charge", "2025-02-10", "c1", amount="100.00"),
        paid("50.00", "2025-02-10", "p0"),
    ]
    loan = loan_from(document(events))
    turned = replace(loan, events=loan.events[::-1])
    assert replay(loan, date(2025, 3, 1)) == replay(turned, date(2025, 3, 1))
