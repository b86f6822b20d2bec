"""The APR against RBI's example, against its own defining equation in exact fractions, and at its edges."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.kernels.apr import EXACT, Flow, apr, periods_per_year
from transforms.kernels.loan import LoanRefused, RepayEvery

HALF = Fraction(1, 20000)  # half of the fourth decimal


def equal_flows(amount: Fraction, installments: int, first: Fraction = Fraction(1)) -> list[Flow]:
    decimal = EXACT.divide(Decimal(amount.numerator), Decimal(amount.denominator))
    return [Flow(first + k, decimal) for k in range(installments)]


def annuity(principal: int, rate: Fraction, installments: int) -> Fraction:
    """P·i / (1 − (1 + i)^−n) in fractions, written out."""
    return principal / sum((1 / (1 + rate) ** k for k in range(1, installments + 1)), Fraction(0))


def worth(flows: list[Flow], rate_a_year: Fraction, per_year: Fraction) -> Fraction:
    """Present value in exact fractions; whole periods only."""
    factor = 1 / (1 + rate_a_year / per_year)
    return sum((Fraction(flow.amount) * factor ** int(flow.at) for flow in flows), Fraction(0))


def test_kf_05_golden_counts_fees_of_both_columns() -> None:
    epi = annuity(20000, Fraction(15, 1200), 24)
    assert apr(Decimal(19600), equal_flows(epi, 24), Fraction(12)) == Decimal("0.1707")


@pytest.mark.parametrize(
    ("net", "epi", "trap"),
    [(19600, Fraction(970), "0.1710"), (19760, annuity(20000, Fraction(15, 1200), 24), "0.1624")],
    ids=["rounded installment", "third-party fee left out"],
)
def test_kf_05_traps_are_other_figures(net: int, epi: Fraction, trap: str) -> None:
    assert apr(Decimal(net), equal_flows(epi, 24), Fraction(12)) == Decimal(trap) != Decimal("0.1707")


def test_kf_05_golden_of_18_months() -> None:
    epi = annuity(50000, Fraction(22, 1200), 18)
    assert round(float(epi), 2) == 3286.43
    assert apr(Decimal(49000), equal_flows(epi, 18), Fraction(12)) == Decimal("0.2475")


def test_kf_05_without_fees_the_apr_is_the_rate() -> None:
    epi = annuity(100000, Fraction(12, 1200), 12)
    assert apr(Decimal(100000), equal_flows(epi, 12), Fraction(12)) == Decimal("0.1200")


def test_kf_06_fee_only_loan_has_an_apr() -> None:
    flows = equal_flows(Fraction(1000), 12)
    stated = apr(Decimal(11000), flows, Fraction(12))
    assert (
        worth(flows, Fraction(stated) - HALF, Fraction(12))
        >= 11000
        > worth(flows, Fraction(stated) + HALF, Fraction(12))
    )


def test_kf_06_loan_without_interest_or_fee_has_an_apr_of_nothing() -> None:
    for installments in (1, 3, 7, 480):
        stated = apr(Decimal(1000), equal_flows(Fraction(1000, installments), installments), Fraction(12))
        assert str(stated) == "0.0000"


def test_kf_06_one_flow_by_hand() -> None:
    """7,84,219.18 paid out, 8,00,000 repaid after 60 days (CV-07): one period of 60 days is 365/60 a year."""
    flows = [Flow(Fraction(1), Decimal("800000"))]
    per_year = periods_per_year(RepayEvery(60, "day"))
    by_hand = (Fraction(800000) / Fraction("784219.18") - 1) * 365 / 60
    assert apr(Decimal("784219.18"), flows, per_year) == round_half_up(by_hand) == Decimal("0.1224")


def test_kf_06_irregular_time_is_days_over_365() -> None:
    """73 days at 12 periods a year are 2.4 periods: 1.1 ^ 2.4 is exactly what one repayment of that worth yields."""
    amount = EXACT.power(Decimal("1.1"), Decimal("2.4")) * 1000
    assert apr(Decimal(1000), [Flow(Fraction(73 * 12, 365), amount)], Fraction(12)) == Decimal("1.2000")


def test_half_of_the_last_digit_rounds_up() -> None:
    assert apr(Decimal(100), [Flow(Fraction(1), Decimal("112.345"))], Fraction(1)) == Decimal("0.1235")
    assert apr(Decimal(100), [Flow(Fraction(1), Decimal("112.3449999999"))], Fraction(1)) == Decimal("0.1234")
    half_by_two = [Flow(Fraction(k), Decimal("112.345") if k == 2 else Decimal("12.345")) for k in (1, 2)]
    assert apr(Decimal(100), half_by_two, Fraction(1)) == Decimal("0.1235")


@pytest.mark.parametrize("net", ["0", "-400"])
def test_nothing_left_to_disburse_is_refused_by_name(net: str) -> None:
    with pytest.raises(LoanRefused, match=r"terms\.fees") as refusal:
        apr(Decimal(net), equal_flows(Fraction(100), 3), Fraction(12))
    assert refusal.value.field == "terms.fees"


def test_apr_that_cannot_be_stated_is_refused() -> None:
    with pytest.raises(LoanRefused, match="no APR can be stated"):
        apr(Decimal("0.01"), [Flow(Fraction(12, 365), Decimal(1000000))], Fraction(12))


def test_less_repaid_than_disbursed_is_refused() -> None:
    with pytest.raises(LoanRefused, match="less is repaid"):
        apr(Decimal(100), [Flow(Fraction(1), Decimal(99))], Fraction(12))


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        (RepayEvery(1, "month"), Fraction(12)),
        (RepayEvery(3, "month"), Fraction(4)),
        (RepayEvery(1, "week"), Fraction(365, 7)),
        (RepayEvery(2, "week"), Fraction(365, 14)),
        (RepayEvery(1, "day"), Fraction(365)),
        (RepayEvery(1, "year"), Fraction(1)),
    ],
)
def test_kf_05_periods_per_year(every: RepayEvery, expected: Fraction) -> None:
    assert periods_per_year(every) == expected


@settings(max_examples=60, deadline=None)
@given(
    rate=st.integers(0, 50_000),
    installments=st.sampled_from([1, 2, 5, 12, 24, 60, 120]),
    grace=st.integers(0, 3),
    fee=st.integers(0, 9_999),
    per_year=st.sampled_from([Fraction(1), Fraction(4), Fraction(12), Fraction(365, 7), Fraction(365)]),
)
def test_kf_05_worth_at_the_apr_encloses_what_was_disbursed(
    rate: int, installments: int, grace: int, fee: int, per_year: Fraction
) -> None:
    """In exact fractions: half a unit of the last digit below the APR the flows are worth at least what was disbursed,
    half a unit above it less."""
    epi = annuity(10000, Fraction(rate, 10_000) / per_year, installments)
    flows = [Flow(Fraction(k), Decimal(0)) for k in range(1, grace + 1)] + equal_flows(
        epi, installments, Fraction(grace + 1)
    )
    stated = apr(Decimal(10000 - fee), flows, per_year)
    # the flows are decimals of 45 digits: what that cuts off must not decide a tie
    slack = Fraction(1, 10**30)
    assert worth(flows, Fraction(stated) - HALF, per_year) >= (10000 - fee) * (1 - slack)
    assert worth(flows, Fraction(stated) + HALF, per_year) < (10000 - fee) * (1 + slack)


def test_largest_loans_are_exact() -> None:
    """480 installments at 500 %: the APR without fees is the rate, whatever the frequency."""
    for per_year in (Fraction(12), Fraction(365, 7)):
        epi = annuity(10**12, 5 / per_year, 480)
        assert apr(Decimal(10**12), equal_flows(epi, 480), per_year) == Decimal("5.0000")


def round_half_up(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
