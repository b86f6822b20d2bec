"""At the extremes of what a document may say, a figure is exact or the loan is refused; no number ever wraps."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numba import njit

from transforms.kernels.due_dates import due_dates, moved
from transforms.kernels.interest import QUOTIENT_MAX, multiplied, rounded_parts
from transforms.kernels.loan import Grace, Loan, LoanRefused, Penal, RepayEvery, Step, Terms
from transforms.kernels.money import Mode
from transforms.kernels.replay import replay, schedule_of

LIMIT = 10**15  # hundredths; a document's amounts are below it
TOO_LARGE = ("an amount is too large to be computed exactly", "beyond the calendar or cannot be computed exactly")
OPENED = date(2023, 12, 31)

# A schedule recomputed in fractions: principal and interest of every row.


def nights_by_year(start: date, to: date) -> Fraction:
    """ACT/ACT: each night over the days of the calendar year in which it begins."""
    total = Fraction(0)
    while start < to:
        until = min(to, date(start.year + 1, 1, 1))
        total += Fraction((until - start).days, 366 if calendar.isleap(start.year) else 365)
        start = until
    return total


def years(terms: Terms, start: date, due: date, anchor: int) -> Fraction:
    """The fraction of a year that a row bears."""
    if terms.day_count == "ACT/ACT":
        return nights_by_year(start, due)
    if terms.day_count == "30E/360":
        months = 12 * (due.year - start.year) + due.month - start.month
        return Fraction(30 * months + min(due.day, 30) - min(start.day, 30), 360)
    unit, n = terms.repay_every.unit, terms.repay_every.n
    if terms.day_count != "30/360" or unit in ("day", "week"):
        return Fraction((due - start).days, 360 if terms.day_count == "ACT/360" else 365)
    total, back = Fraction(0), 0
    while due > start:
        later, earlier = (moved(terms.first_due_on or due, -k * n, unit, anchor) for k in (back, back + 1))
        if terms.first_due_on is None or due > terms.first_due_on:
            return Fraction(n, 12 if unit == "month" else 1)
        nominal = Fraction(n, 12 if unit == "month" else 1)
        total += nominal * Fraction((later - max(start, earlier)).days, (later - earlier).days)
        due, back = max(start, earlier), back + 1
    return total


def half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def installment(terms: Terms, balance: int, rates: list[Fraction]) -> int:
    """The equal installment that leaves nothing, in whole numbers over one denominator."""
    over = np.lcm.reduce([rate.denominator for rate in rates], dtype=object)
    above, weight, scale = balance, 0, 1
    for rate in rates:
        growth = over + int(rate * over)
        scale *= over
        above, weight = above * growth, weight * growth + scale
    return half_up(Fraction(above, weight))


def exact(terms: Terms) -> list[tuple[int, int]]:
    """(principal, interest) of each row, in hundredths."""
    every = terms.repay_every
    days = due_dates(terms.disbursed_on, terms.first_due_on, every.n, every.unit, terms.installments)
    natural = moved(terms.disbursed_on, every.n, every.unit, terms.disbursed_on.day)
    anchor = terms.disbursed_on.day if days[0] == natural else days[0].day
    starts = [terms.disbursed_on, *days]
    annual = Fraction(terms.annual_rate)
    rates = [annual * years(terms, start, due, anchor) for start, due in zip(starts, days, strict=False)]
    balance, rows = int(terms.principal * 100), []
    waiting = terms.grace.principal_installments
    for rate in rates[:waiting]:
        rows.append((0, 0))
        balance += half_up(balance * rate)
    regular = rates[waiting:]
    priced = regular if terms.installment_basis == "period_factors" else [annual * nominal_years(every)] * len(regular)
    amount = installment(terms, balance, priced)
    for place, rate in enumerate(regular, start=1):
        interest = half_up(balance * rate)
        paid = balance if place == len(regular) else min(max(amount - interest, 0), balance)
        balance -= paid
        rows.append((paid, interest))
        if balance == 0:
            break
    return rows


def nominal_years(every: RepayEvery) -> Fraction:
    return (
        every.n * {"day": Fraction(1, 365), "week": Fraction(7, 365), "month": Fraction(1, 12), "year": 1}[every.unit]
    )


def rows_or_refused(terms: Terms) -> list[tuple[int, int]] | None:
    """(principal, interest) of each row, in hundredths; None when the loan is refused for its size."""
    found = unless_too_large(lambda: schedule_of(Loan("L1", "INR", terms)).installments)
    return None if found is None else [(int(row.principal * 100), int(row.interest * 100)) for row in found]


def unless_too_large(computed: Callable[[], Any]) -> Any:
    """What is computed; None when the loan is refused for its size."""
    try:
        return computed()
    except LoanRefused as refused:
        if not refused.problem.endswith(TOO_LARGE):
            raise
        return None


def is_exact_or_refused(terms: Terms) -> None:
    found = rows_or_refused(terms)
    assert found is None or found == exact(terms)


amounts = st.one_of(
    st.integers(10**13 - 100, 10**13 + 100),
    st.integers(10**12, LIMIT - 1),
    st.integers(LIMIT - 100, LIMIT - 1),
    st.integers(1, 1_000),
).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
rates = st.one_of(
    st.integers(0, 5_000_000), st.integers(4_999_990, 5_000_000), st.sampled_from([1, 120_000, 5_000_000])
).map(lambda millionths: Decimal(millionths).scaleb(-6))
periods = st.one_of(
    st.builds(RepayEvery, st.sampled_from([1, 3, 3, 6]), st.just("month")),
    st.builds(RepayEvery, st.sampled_from([1, 1, 2, 5]), st.just("year")),
    st.builds(RepayEvery, st.sampled_from([1, 45, 366]), st.sampled_from(["day", "week"])),
)
DAY_COUNTS = ("30/360", "30E/360", "ACT/365", "ACT/360", "ACT/ACT")


@st.composite
def extreme(draw: Any, installments: st.SearchStrategy[int], day_count: str) -> Terms:
    every, opened = draw(periods), draw(st.dates(date(2020, 1, 1), date(2028, 12, 31)))
    broken = st.integers(1, 800).map(lambda nights: opened + timedelta(days=nights))
    return Terms(
        principal=draw(amounts),
        disbursed_on=opened,
        annual_rate=draw(rates),
        installments=draw(installments),
        repay_every=every,
        first_due_on=draw(st.none() | broken),
        day_count=day_count,
        installment_basis=draw(st.sampled_from(["period_factors", "periodic_rate"])),
    )


def test_a_month_of_act_365_bears_its_nights_of_365() -> None:
    terms = Terms(Decimal("100000.00"), date(2025, 1, 15), Decimal("0.12"), 12, day_count="ACT/365")
    assert rows_or_refused(terms) == exact(terms)


@pytest.mark.parametrize("day_count", DAY_COUNTS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_schedule_is_exact_or_refused(day_count: str, data: st.DataObject) -> None:
    is_exact_or_refused(data.draw(extreme(st.integers(1, 60), day_count)))


@pytest.mark.parametrize("day_count", DAY_COUNTS)
@pytest.mark.parametrize("basis", ["period_factors", "periodic_rate"])
@pytest.mark.parametrize("every", [RepayEvery(), RepayEvery(3), RepayEvery(1, "year"), RepayEvery(366, "year")])
@pytest.mark.parametrize("principal", ["100000.00", "100000000000.00", "9999999999999.99"])
def test_the_largest_rate_is_exact_or_refused(day_count: str, basis: str, every: RepayEvery, principal: str) -> None:
    is_exact_or_refused(
        Terms(
            Decimal(principal),
            OPENED,
            Decimal(5),
            3,
            first_due_on=date(2024, 5, 30),
            repay_every=every,
            day_count=day_count,
            installment_basis=basis,
        )
    )


@pytest.mark.parametrize(
    ("principal", "annual_rate", "every", "day_count"),
    [
        ("100000000000.00", "5", RepayEvery(), "ACT/ACT"),
        ("99999999999.99", "0.12", RepayEvery(3), "30/360"),
        ("9999999999999.99", "0.36", RepayEvery(), "ACT/360"),
        ("100000000000.01", "0.000001", RepayEvery(1, "year"), "30E/360"),
    ],
)
def test_480_installments_are_exact(principal: str, annual_rate: str, every: RepayEvery, day_count: str) -> None:
    first = date(2024, 3, 30)
    terms = Terms(Decimal(principal), OPENED, Decimal(annual_rate), 480, first, every, day_count=day_count)
    assert rows_or_refused(terms) == exact(terms)


@pytest.mark.parametrize("day_count", ["30/360", "ACT/360"])
@settings(max_examples=40)
@given(data=st.data(), waiting=st.integers(1, 2), every=st.integers(1, 366))
def test_interest_added_to_principal_is_exact_or_refused(
    day_count: str, data: st.DataObject, waiting: int, every: int
) -> None:
    """Each due date of the grace multiplies the principal, at the worst by 1 + 5 x 366."""
    terms = data.draw(extreme(st.integers(waiting + 1, 12), day_count))
    assume(every * terms.installments < 7_000)
    grace = Grace(waiting, waiting, "each_due")
    is_exact_or_refused(replace(terms, repay_every=RepayEvery(every, "year"), grace=grace, first_due_on=None))


FLAT = [
    (method, principal, annual_rate, installments, every)
    for method in ("flat", "rule_of_78")
    for principal in ("100000000000.00", "9999999999999.99")
    for annual_rate in ("0.12", "1", "5")
    for installments, every in ((480, "month"), (1200, "year"), (1, "year"))
]


@pytest.mark.parametrize(("method", "principal", "annual_rate", "installments", "every"), FLAT)
def test_flat_interest_is_exact_or_refused(
    method: str, principal: str, annual_rate: str, installments: int, every: str
) -> None:
    period = RepayEvery(1, every)
    terms = Terms(
        Decimal(principal), OPENED, Decimal(annual_rate), installments, repay_every=period, interest_method=method
    )
    found = rows_or_refused(terms)
    if found is None:
        return
    total = half_up(
        Fraction(terms.principal) * 100 * Fraction(terms.annual_rate) * nominal_years(period) * installments
    )
    parts = installments * (installments + 1) // 2
    share = {"flat": Fraction(1, installments), "rule_of_78": None}[method]
    interest = [half_up(total * (share or Fraction(installments - place, parts))) for place in range(installments - 1)]
    interest.append(total - sum(interest))
    # where interest exceeds the installment at first, principal is paid off in fewer rows
    assert [row[1] for row in found] == interest[: len(found)]
    assert sum(row[0] for row in found) == terms.principal * 100


@pytest.mark.parametrize("principal", ["100000000000.00", "9999999999999.99"])
@pytest.mark.parametrize("change", ["0.10", "1", "5"])
def test_a_stepped_installment_is_exact_or_refused(principal: str, change: str) -> None:
    first = (Decimal(principal) / 100).quantize(Decimal("0.01"))
    steps = (Step(2, change=Decimal(change)),)
    terms = Terms(
        Decimal(principal), OPENED, Decimal(0), 12, amortisation="step", installment_amount=first, steps=steps
    )
    found = rows_or_refused(terms)
    second = half_up(Fraction(first) * 100 * (1 + Fraction(change)))
    assert found is None or [row[0] for row in found[:3]] == [int(first * 100), second, second]


@pytest.mark.parametrize(
    ("principal", "years_late"),
    [
        *((principal, late) for principal in ("100000000000.00", "9999999999999.99") for late in (1, 10)),
        ("100000000000.00", 100),
        ("9999999999999.99", 100),
    ],
)
def test_penal_charges_of_many_years_are_exact_or_refused(principal: str, years_late: int) -> None:
    penal = Penal(Decimal(5))
    terms = Terms(Decimal(principal), date(2025, 1, 1), Decimal(0), 1, penal=penal)
    as_of = date(2025 + years_late, 2, 1)
    state = unless_too_large(lambda: replay(Loan("L1", "INR", terms), as_of))
    if state is None:
        return
    nights = (as_of - date(2025, 2, 1)).days
    assert state.penal_due * 100 == half_up(Fraction(principal) * 100 * 5 * nights / 365)


@pytest.mark.parametrize(
    ("method", "every"),
    [
        *(("reducing", every) for every in (1, 10, 100)),
        *(("flat", every) for every in (1, 10)),
        ("flat", 100),
    ],
)
def test_interest_accrued_over_long_periods_is_exact_or_refused(method: str, every: int) -> None:
    terms = Terms(
        Decimal("9999999999999.99"),
        date(2025, 1, 1),
        Decimal("0.2"),
        1,
        repay_every=RepayEvery(every, "year"),
        interest_method=method,
    )
    due = date(2025 + every, 1, 1)
    state = unless_too_large(lambda: replay(Loan("L1", "INR", terms), due - timedelta(days=1)))
    if state is None:
        return
    nights = (due - terms.disbursed_on).days
    of_period = Fraction(terms.principal) * 100 * Fraction(1, 5) * every
    if method == "flat":
        of_period = Fraction(half_up(of_period))
    earned = half_up(of_period * Fraction(nights - 1, nights))
    assert state.interest_accrued * 100 == earned


# The two functions that all interest goes through, in one compiled loop each.


@njit
def _products(amount, times, over, quotient, rest):  # type: ignore[no-untyped-def]
    for place in range(len(amount)):
        quotient[place], rest[place] = multiplied(amount[place], times[place], over[place])


@njit
def _roundings(whole, rest, of, unit, mode, out):  # type: ignore[no-untyped-def]
    for place in range(len(whole)):
        out[place] = rounded_parts(whole[place], rest[place], of[place], unit[place], mode[place])


def bits(chance: np.random.Generator, most: int, count: int) -> np.ndarray[Any, Any]:
    """Whole numbers of every length up to so many bits, none of them zero."""
    return np.maximum((2.0 ** chance.uniform(0, most, count)).astype(np.int64), 1)


def test_a_product_beyond_int64_has_its_quotient_and_remainder() -> None:
    chance = np.random.default_rng(60)
    amount, times = bits(chance, 60, 400_000), bits(chance, 60, 400_000)
    over = bits(chance, 57, 400_000)
    fits = amount.astype(float) * times / over < QUOTIENT_MAX
    amount, times, over = amount[fits], times[fits], over[fits]
    quotient, rest = np.empty_like(amount), np.empty_like(amount)
    _products(amount, times, over, quotient, rest)
    exactly = [divmod(a * t, o) for a, t, o in zip(amount.tolist(), times.tolist(), over.tolist(), strict=True)]
    assert fits.sum() > 100_000
    assert list(zip(quotient.tolist(), rest.tolist(), strict=True)) == exactly


def test_parts_are_rounded_as_fractions_are() -> None:
    chance = np.random.default_rng(61)
    count = 200_000
    whole, unit = bits(chance, 60, count) - 1, np.where(chance.random(count) < 0.5, 1, bits(chance, 40, count))
    of = bits(chance, 41, count)
    rest = (of * 1_000_000 * chance.random(count)).astype(np.int64)
    is_half = chance.random(count) < 0.3  # halves are rare by chance
    whole[is_half] = whole[is_half] // unit[is_half] * unit[is_half] + unit[is_half] // 2
    rest[is_half] = np.where(unit[is_half] % 2 == 0, 0, of[is_half] * 500_000)
    mode = chance.integers(0, 4, count)
    out = np.empty_like(whole)
    _roundings(whole, rest, of, unit, mode, out)
    for w, r, o, u, m, found in zip(*(a.tolist() for a in (whole, rest, of, unit, mode, out)), strict=True):
        over = o * 1_000_000
        steps, left = divmod(w * over + r, u * over)
        assert found == (steps + carried(steps, 2 * left, u * over, Mode(m))) * u, (w, r, o, u, m)


def carried(steps: int, twice_left: int, whole: int, mode: Mode) -> bool:
    if mode is Mode.HALF_EVEN and twice_left == whole:
        return steps % 2 == 1
    return {
        Mode.HALF_UP: twice_left >= whole,
        Mode.HALF_EVEN: twice_left > whole,
        Mode.UP: twice_left > 0,
        Mode.DOWN: False,
    }[mode]
