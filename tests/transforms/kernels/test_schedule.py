"""Schedules against published figures, an exact reference, recursive SQL, and at the edges of what fits."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal, getcontext, localcontext
from fractions import Fraction
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.kernels import reference
from transforms.kernels.due_dates import NO_DAY, UNITS
from transforms.kernels.money import CEIL_RUPEE, PAISE, SMALLEST, Mode, Rounding, hundredths
from transforms.kernels.schedule import schedule, schedule_book
from transforms.kernels.terms import SetAside, Terms, TermsColumns, columns

GOLDEN = Path(__file__).parents[2] / "golden"
LAKH = Terms(Decimal(100_000), date(2025, 1, 15), Decimal("0.12"), 12, installment_rounding=CEIL_RUPEE)


def test_golden_schedule_of_the_convention() -> None:
    """CV-03: 1,00,000 at 12 % over 12 months, installment rounded up to the rupee."""
    found = schedule(LAKH)
    first, last = found.installments[0], found.installments[-1]
    assert found.installment_amount == Decimal("8885.00")
    assert (first.principal, first.interest) == (Decimal("7885.00"), Decimal("1000.00"))
    assert (last.total, last.balance, last.due_on) == (Decimal("8883.46"), Decimal("0.00"), date(2026, 1, 15))
    assert sum(row.interest for row in found.installments) == Decimal("6618.46")


def test_schedule_of_the_key_facts_statement() -> None:
    found = schedule(Terms(Decimal(20_000), date(2025, 1, 1), Decimal("0.15"), 24, installment_rounding=PAISE))
    assert found.installment_amount == Decimal("969.73")
    with (GOLDEN / "kfs_annex_c.csv").open() as file:
        published = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for line in published:
        row = found.installments[int(line["number"]) - 1]
        shown = {"opening": row.balance + row.principal, "principal": row.principal, "interest": row.interest}
        assert {name: f"{amount:.0f}" for name, amount in shown.items()} == {name: line[name] for name in shown}


def test_colending_golden_row() -> None:
    """CL-04: 3,00,000 at the blended 10.20 % over 12 months."""
    found = schedule(replace(LAKH, principal=Decimal(300_000), annual_rate=Decimal("0.102")))
    row = found.installments[0]
    assert (found.installment_amount, row.principal, row.interest) == (
        Decimal("26403.00"),
        Decimal("23853.00"),
        Decimal("2550.00"),
    )


def test_no_interest_is_principal_in_equal_parts() -> None:
    found = schedule(replace(LAKH, principal=Decimal("100.00"), annual_rate=Decimal(0), installments=3))
    assert [row.total for row in found.installments] == [Decimal("34.00"), Decimal("34.00"), Decimal("32.00")]


def test_yen_move_in_whole_yen() -> None:
    found = schedule(replace(LAKH, currency="JPY", annual_rate=Decimal("0.0345")))
    assert all(part % 1 == 0 for row in found.installments for part in (row.principal, row.interest))


def test_a_rupee_ceiling_on_a_tiny_loan_repays_early_and_keeps_its_rows() -> None:
    found = schedule(replace(LAKH, principal=Decimal("5.00")))
    assert [row.total for row in found.installments[6:]] == [Decimal("0.00")] * 6
    assert sum(row.principal for row in found.installments) == Decimal("5.00")


terms = st.builds(
    Terms,
    principal=st.integers(1, 10**13).map(lambda paise: Decimal(paise).scaleb(-2)),
    disbursed_on=st.dates(date(1990, 1, 1), date(2040, 12, 31)),
    annual_rate=st.integers(0, 5_000_000).map(lambda rate: Decimal(rate).scaleb(-6)),
    installments=st.integers(1, 60),
    repay_every=st.integers(1, 12),
    repay_unit=st.sampled_from(list(UNITS)),
    installment_rounding=st.builds(
        Rounding, st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(100)]), st.sampled_from(list(Mode))
    ),
)


@given(terms)
@settings(max_examples=150)
def test_one_loan_and_the_book_equal_the_reference(loan: Terms) -> None:
    found, book = schedule(loan), schedule_book(columns([loan]))
    rate = Fraction(loan.annual_rate) * reference.NOMINAL_YEAR[loan.repay_unit] * loan.repay_every
    expected = reference.rows(hundredths(loan.principal), rate, loan.installments, hundredths(found.installment_amount))
    money = [
        (hundredths(row.principal), hundredths(row.interest), hundredths(row.balance)) for row in found.installments
    ]
    assert money == expected
    assert list(zip(book.principal, book.interest, book.balance, strict=True)) == expected
    epoch = np.datetime64("1970-01-01")
    assert [row.due_on for row in found.installments] == [(epoch + int(day)).item() for day in book.due_on]
    assert hundredths(found.installment_amount) == book.installment_amount[0]


@given(terms.filter(lambda loan: loan.installment_rounding.mode in (Mode.HALF_UP, Mode.UP)))
@settings(max_examples=100)
def test_the_installment_is_the_discounted_sum_rounded_once(loan: Terms) -> None:
    rate = Fraction(loan.annual_rate) * reference.NOMINAL_YEAR[loan.repay_unit] * loan.repay_every
    exact = hundredths(loan.principal) / reference.present_value_of_one(rate, loan.installments)
    round_ = reference.ceiling if loan.installment_rounding.mode is Mode.UP else reference.half_up
    expected = round_(exact, loan.installment_rounding.hundredths)
    assert schedule_book(columns([loan])).installment_amount[0] == expected


@given(terms)
@settings(max_examples=100)
def test_no_paisa_is_lost(loan: Terms) -> None:
    rows = schedule(loan).installments
    assert sum(row.principal for row in rows) == loan.principal
    assert rows[-1].balance == 0
    assert all(row.principal >= 0 and row.interest >= 0 for row in rows)


EXTREMES = [
    Terms(Decimal(10**11), date(2025, 1, 31), Decimal("5"), 480),  # Rs 10,000 crore, 500 %
    Terms(Decimal(10**11), date(2025, 1, 31), Decimal("5"), 480, installment_rounding=CEIL_RUPEE),
    Terms(Decimal(10**11), date(2025, 1, 31), Decimal("0.12"), 480),
    Terms(Decimal("0.01"), date(2025, 1, 31), Decimal("0.000001"), 480),
    Terms(Decimal(10**11), date(2025, 1, 31), Decimal("0.000001"), 480, repay_unit="day"),
    Terms(Decimal("99999999999.99"), date(2025, 1, 31), Decimal("4.999999"), 479, repay_unit="week"),
]


@pytest.mark.parametrize("loan", EXTREMES)
def test_extremes_do_not_wrap(loan: Terms) -> None:
    book = schedule_book(columns([loan]))
    rate = Fraction(loan.annual_rate) * reference.NOMINAL_YEAR[loan.repay_unit]
    exact = hundredths(loan.principal) / reference.present_value_of_one(rate, loan.installments)
    rounding = loan.installment_rounding
    amount = (reference.ceiling if rounding.mode is Mode.UP else reference.half_up)(exact, rounding.hundredths)
    expected = reference.rows(hundredths(loan.principal), rate, loan.installments, amount)
    assert book.installment_amount[0] == amount
    assert list(zip(book.principal, book.interest, book.balance, strict=True)) == expected
    assert book.total_to_date[-1] == sum(part + interest for part, interest, _ in expected)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"principal": Decimal(0)}, SetAside.PRINCIPAL_OUT_OF_RANGE),
        ({"principal": Decimal(-1)}, SetAside.PRINCIPAL_OUT_OF_RANGE),
        ({"principal": Decimal("10.50"), "currency": "JPY"}, SetAside.PRINCIPAL_OUT_OF_RANGE),
        ({"annual_rate": Decimal("5.000001")}, SetAside.RATE_OUT_OF_RANGE),
        ({"annual_rate": Decimal("-0.01")}, SetAside.RATE_OUT_OF_RANGE),
        ({"installments": 0}, SetAside.INSTALLMENTS_OUT_OF_RANGE),
        ({"installments": 1201}, SetAside.INSTALLMENTS_OUT_OF_RANGE),
        ({"repay_every": 0}, SetAside.PERIOD_OUT_OF_RANGE),
        ({"repay_unit": "year", "repay_every": 366, "installments": 30}, SetAside.PERIOD_OUT_OF_RANGE),
        ({"first_due_on": date(2025, 1, 15)}, SetAside.FIRST_DUE_NOT_AFTER_DISBURSAL),
        ({"principal": Decimal(10**15), "annual_rate": Decimal(5), "installments": 480}, SetAside.AMOUNT_TOO_LARGE),
    ],
)
def test_what_cannot_be_computed_is_set_aside_with_its_reason(changes: dict[str, object], reason: SetAside) -> None:
    loan = replace(LAKH, **changes)  # type: ignore[arg-type]
    book = schedule_book(columns([LAKH, loan, LAKH]))
    assert list(book.set_aside) == [0, reason, 0]
    assert list(np.unique(book.loan)) == [0, 2]
    with pytest.raises(ValueError, match=reason.name.lower().replace("_", " ")):
        schedule(loan)


def test_recursive_sql_finds_the_same_rows() -> None:
    """An oracle in another language: DuckDB walks 3,000 loans row by row in 128-bit whole numbers."""
    random, loans = np.random.default_rng(11), 3_000
    same = np.ones(loans, np.int64)
    principal, rate = random.integers(10**5, 10**10, loans), random.integers(10_000, 600_000, loans)
    installments = random.integers(1, 61, loans)
    book = schedule_book(
        TermsColumns(
            principal, rate, installments, 20_000 * same, NO_DAY * same, same, 2 * same, same, 100 * same, 2 * same
        )
    )
    amount = [_installment(*one) for one in zip(principal, rate, installments, strict=True)]
    assert list(book.installment_amount) == amount
    walked = duckdb.sql(
        """
        with recursive loans as (
            select unnest($principal) as principal, unnest($rate) as rate, unnest($n) as n, unnest($amount) as amount,
                   unnest(range(len($n))) as loan
        ),
        first as (select *, (2 * principal::hugeint * rate + 12000000) // 24000000 as interest from loans),
        rows as (
            select loan, n, rate, amount, 1 as number, interest,
                   case when n = 1 then principal else least(greatest(amount - interest, 0), principal) end as part,
                   principal::hugeint as opening
            from first
            union all
            select loan, n, rate, amount, number + 1, (2 * (opening - part) * rate + 12000000) // 24000000,
                   case when number + 1 = n then opening - part
                        else least(greatest(amount - (2 * (opening - part) * rate + 12000000) // 24000000, 0),
                                   opening - part) end,
                   opening - part
            from rows where number < n
        )
        select part, interest from rows order by loan, number
        """,
        params={
            "principal": principal.tolist(),
            "rate": rate.tolist(),
            "n": installments.tolist(),
            "amount": amount,
        },
    ).fetchnumpy()
    assert np.array_equal(walked["part"].astype(np.int64), book.principal)
    assert np.array_equal(walked["interest"].astype(np.int64), book.interest)


def _installment(principal: int, rate: int, n: int) -> int:
    """The closed form in sixty digits, up to the rupee."""
    with localcontext(getcontext()) as context:
        context.prec = 60
        period = Decimal(int(rate)) / 12_000_000
        exact = Decimal(int(principal)) * period / (1 - (1 + period) ** -int(n))
        return int((exact / 100).to_integral_value("ROUND_CEILING")) * 100


def test_every_currency_of_the_house_has_its_smallest_amount() -> None:
    from warehouse.contracts.codes import CURRENCY

    assert set(SMALLEST) == set(CURRENCY)
