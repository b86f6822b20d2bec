"""Schedules of equal installments against published figures and an exact reference, one by one and as a book."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.kernels import reference
from tests.transforms.kernels.books import terms_table
from transforms.kernels import book as batch
from transforms.kernels.book_tables import book_from
from transforms.kernels.figures import Schedule
from transforms.kernels.loan import Loan, LoanRounding, RepayEvery, Terms
from transforms.kernels.money import SMALLEST, Mode, hundredths
from transforms.kernels.plain import is_plain, natural_first_due
from transforms.kernels.replay import schedule_of
from transforms.kernels.state import END

GOLDEN = Path(__file__).parents[2] / "golden"
CENT = Decimal("0.01")
CEIL_RUPEE = LoanRounding(installment=Decimal("1.00"), installment_mode=Mode.UP)
LAKH = Terms(Decimal("100000.00"), date(2025, 1, 15), Decimal("0.12"), 12, rounding=CEIL_RUPEE)


def schedule(terms: Terms, currency: str = "INR") -> Schedule:
    return schedule_of(Loan("L1", currency, terms))


def test_golden_schedule_of_the_convention() -> None:
    """CV-03: 1,00,000 at 12 % over 12 months, installment rounded up to the rupee."""
    found = schedule(LAKH)
    first, last = found.installments[0], found.installments[-1]
    assert found.installment_amount == Decimal("8885.00")
    assert (first.principal, first.interest) == (Decimal("7885.00"), Decimal("1000.00"))
    assert (last.total, last.balance, last.due_on) == (Decimal("8883.46"), Decimal("0.00"), date(2026, 1, 15))
    assert sum(row.interest for row in found.installments) == Decimal("6618.46")


def test_schedule_of_the_key_facts_statement() -> None:
    found = schedule(Terms(Decimal(20_000), date(2025, 1, 1), Decimal("0.15"), 24))
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
    terms = replace(LAKH, annual_rate=Decimal("0.0345"), rounding=LoanRounding(Decimal("1.00"), Decimal("1.00")))
    found = schedule(terms, "JPY")
    assert all(part % 1 == 0 for row in found.installments for part in (row.principal, row.interest))


def test_a_rupee_ceiling_on_a_tiny_loan_repays_it_early() -> None:
    found = schedule(replace(LAKH, principal=Decimal("5.00")))
    assert len(found.installments) == 6
    assert sum(row.principal for row in found.installments) == Decimal("5.00")


plain_terms = st.builds(
    Terms,
    principal=st.integers(1, 10**13).map(lambda paise: Decimal(paise).scaleb(-2)),
    disbursed_on=st.dates(date(1990, 1, 1), date(2040, 12, 31)),
    annual_rate=st.integers(0, 5_000_000).map(lambda rate: Decimal(rate).scaleb(-6)),
    installments=st.integers(1, 60),
    repay_every=st.builds(RepayEvery, st.integers(1, 12), st.sampled_from(["day", "week", "month", "year"])),
    installment_basis=st.sampled_from(["period_factors", "periodic_rate"]),
    rounding=st.builds(
        LoanRounding,
        installment=st.sampled_from([CENT, Decimal("1.00"), Decimal("100.00")]),
        installment_mode=st.sampled_from(list(Mode)),
    ),
)


def of_book(terms: Terms) -> tuple[int, list[tuple[int, int, int]], list[date]]:
    """(installment, rows, due dates) of a loan as a book of plain loans, its first due date given."""
    table = terms_table([Loan("L1", "INR", terms)])
    book = book_from(table)
    first = pa.array(natural_first_due(book.columns.terms).astype(np.int32)).view(pa.date32())
    book = book_from(table.set_column(table.column_names.index("first_due_on"), "first_due_on", first))
    assert is_plain(book.columns.terms).all()
    ends = np.zeros(1, END)
    (made,) = batch.schedule_batches(book, ends, batch.schedule_buffers(terms.installments))
    money = (made[name].view(pa.int64()).to_pylist() for name in ("principal", "interest", "principal_outstanding"))
    return int(ends["installment"][0]), list(zip(*money, strict=True)), made["due_on"].to_pylist()


def expected(terms: Terms, installment: int) -> list[tuple[int, int, int]]:
    every = terms.repay_every
    period = terms.annual_rate.as_integer_ratio()
    rate = reference.NOMINAL_YEAR[every.unit] * every.n * period[0] / period[1]
    return reference.rows(hundredths(terms.principal), rate, terms.installments, installment)


def discounted(terms: Terms) -> int:
    """The installment of CV-01: the principal over what installments of one are worth, rounded once."""
    every = terms.repay_every
    rate = reference.NOMINAL_YEAR[every.unit] * every.n * terms.annual_rate.as_integer_ratio()[0]
    rate /= terms.annual_rate.as_integer_ratio()[1]
    worth = hundredths(terms.principal) / reference.present_value_of_one(rate, terms.installments)
    is_up = terms.rounding.installment_mode is Mode.UP
    return (reference.ceiling if is_up else reference.half_up)(worth, hundredths(terms.rounding.installment))


@given(plain_terms)
@settings(max_examples=150)
def test_one_loan_and_the_book_equal_the_reference(terms: Terms) -> None:
    found, (installment, rows, days) = schedule(terms), of_book(terms)
    assert rows == expected(terms, installment)
    assert hundredths(found.installment_amount) == installment
    money = [(row.principal, row.interest, row.balance) for row in found.installments]
    assert [tuple(map(hundredths, row)) for row in money] == rows
    assert [row.due_on for row in found.installments] == days


@given(plain_terms.filter(lambda terms: terms.rounding.installment_mode in (Mode.HALF_UP, Mode.UP)))
@settings(max_examples=100)
def test_the_installment_is_the_discounted_sum_rounded_once(terms: Terms) -> None:
    assert of_book(terms)[0] == discounted(terms)


@given(plain_terms)
@settings(max_examples=100)
def test_no_paisa_is_lost(terms: Terms) -> None:
    _, rows, _ = of_book(terms)
    assert sum(principal for principal, _, _ in rows) == hundredths(terms.principal)
    assert rows[-1][2] == 0
    assert all(principal >= 0 and interest >= 0 for principal, interest, _ in rows)


EXTREMES = [
    Terms(Decimal(10**11), date(2025, 1, 31), Decimal("5"), 480),  # Rs 10,000 crore, 500 %
    Terms(Decimal(10**11), date(2025, 1, 31), Decimal("5"), 480, rounding=CEIL_RUPEE),
    Terms(Decimal(10**11), date(2025, 1, 31), Decimal("0.12"), 480),
    Terms(CENT, date(2025, 1, 31), Decimal("0.000001"), 480),
    Terms(Decimal(10**11), date(2025, 1, 31), Decimal("0.000001"), 480, repay_every=RepayEvery(1, "day")),
    Terms(Decimal("99999999999.99"), date(2025, 1, 31), Decimal("4.999999"), 479, repay_every=RepayEvery(1, "week")),
]


@pytest.mark.parametrize("terms", EXTREMES)
def test_extremes_do_not_wrap(terms: Terms) -> None:
    installment, rows, _ = of_book(terms)
    assert installment == discounted(terms)
    assert rows == expected(terms, installment)


def test_every_currency_of_the_house_has_its_smallest_amount() -> None:
    from warehouse.contracts.codes import CURRENCY

    assert set(SMALLEST) == set(CURRENCY)


# Which loans are plain.

NOT_PLAIN = {
    "broken first period": {"first_due_on": date(2025, 3, 1)},
    "flat": {"interest_method": "flat"},
    "equal principal": {"amortisation": "equal_principal"},
    "by days": {"day_count": "ACT/365"},
    "balloon": {"balloon": Decimal("5.00")},
    "given installment": {"installment_amount": Decimal("9000.00")},
    "interest to the rupee": {"rounding": LoanRounding(interest=Decimal("1.00"))},
    "beyond the short way": {
        "principal": Decimal(10**13),
        "annual_rate": Decimal(5),
        "repay_every": RepayEvery(40, "year"),
    },
}


@pytest.mark.parametrize("case", NOT_PLAIN)
def test_a_loan_that_anything_disturbs_is_not_plain(case: str) -> None:
    odd = replace(LAKH, **NOT_PLAIN[case])  # type: ignore[arg-type]
    book = book_from(terms_table([Loan("L1", "INR", LAKH), Loan("L2", "INR", odd)]))
    assert is_plain(book.columns.terms).tolist() == [True, False]


def test_a_first_due_date_that_is_the_natural_one_is_plain() -> None:
    """31 January: 28 February, the clamped day."""
    natural = replace(LAKH, disbursed_on=date(2025, 1, 31), first_due_on=date(2025, 2, 28))
    later = replace(natural, first_due_on=date(2025, 3, 1))
    book = book_from(terms_table([Loan("L1", "INR", terms) for terms in (natural, later)]))
    assert is_plain(book.columns.terms).tolist() == [True, False]
