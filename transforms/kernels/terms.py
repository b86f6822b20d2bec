"""A loan's terms as contracted, and why some terms cannot be computed.

Belongs here: the shape of one loan's terms, and of many loans' terms as columns. Does not: what follows from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from transforms.kernels.due_dates import NO_DAY, UNITS
from transforms.kernels.money import PAISE, SMALLEST, Mode, Rounding, hundredths

EPOCH = date(1970, 1, 1).toordinal()
MILLIONTHS = 1_000_000
INSTALLMENTS_MAX = 1200
EVERY_MAX = 366
RATE_MAX = 5 * MILLIONTHS
AMOUNT_MAX = 10**17  # hundredths; a digit below what decimal(18,2) holds, so that sums of a loan fit too

Integers = NDArray[np.int64]


class SetAside(IntEnum):
    """Why a loan gets no schedule; 0 is no reason."""

    NONE = 0
    FIRST_DUE_NOT_AFTER_DISBURSAL = 1
    PRINCIPAL_OUT_OF_RANGE = 2
    RATE_OUT_OF_RANGE = 3
    PERIOD_OUT_OF_RANGE = 4
    INSTALLMENTS_OUT_OF_RANGE = 5
    AMOUNT_TOO_LARGE = 6


@dataclass(frozen=True)
class Terms:
    """One reducing-balance loan with equal installments.

    principal in major units; annual_rate a fraction a year with at most six decimals; first_due_on None: one period
    after disbursed_on; installment_rounding: of the equal installment (CV-02).
    """

    principal: Decimal
    disbursed_on: date
    annual_rate: Decimal
    installments: int
    first_due_on: date | None = None
    repay_every: int = 1
    repay_unit: str = "month"
    installment_rounding: Rounding = PAISE
    currency: str = "INR"


@dataclass(frozen=True)
class TermsColumns:
    """The terms of many loans, one array a term, all int64 and of one length.

    principal: hundredths. rate: millionths a year. disbursed_on, first_due_on: days since 1970-01-01 (NO_DAY when
    absent). unit: a number of due_dates.UNITS. smallest: hundredths to which interest is rounded. installment_unit
    (hundredths), installment_mode (a money.Mode): rounding of the equal installment.
    """

    principal: Integers
    rate: Integers
    installments: Integers
    disbursed_on: Integers
    first_due_on: Integers
    every: Integers
    unit: Integers
    smallest: Integers
    installment_unit: Integers
    installment_mode: Integers

    def __len__(self) -> int:
        return len(self.principal)

    def sliced(self, start: int, stop: int) -> TermsColumns:
        """The loans from start to before stop; no copy."""
        return TermsColumns(*(getattr(self, name)[start:stop] for name in self.__dataclass_fields__))

    def arrays(self) -> tuple[Integers, ...]:
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)


def columns(loans: Sequence[Terms]) -> TermsColumns:
    """Terms of single loans as columns. ValueError names a field that has no such form."""
    rows = [_numbers(terms) for terms in loans]
    return TermsColumns(*np.array(rows, dtype=np.int64).reshape(-1, 10).T.copy())


def _numbers(terms: Terms) -> tuple[int, ...]:
    if terms.repay_unit not in UNITS:
        raise ValueError(f"repay_unit must be one of {', '.join(UNITS)}, got {terms.repay_unit!r}")
    if terms.currency not in SMALLEST:
        raise ValueError(f"currency must be one of {', '.join(SMALLEST)}, got {terms.currency!r}")
    rate = terms.annual_rate * MILLIONTHS
    if rate % 1 != 0:
        raise ValueError(f"annual_rate must have at most six decimals, got {terms.annual_rate}")
    rounding = terms.installment_rounding
    return (
        hundredths(terms.principal),
        int(rate),
        terms.installments,
        terms.disbursed_on.toordinal() - EPOCH,
        NO_DAY if terms.first_due_on is None else terms.first_due_on.toordinal() - EPOCH,
        terms.repay_every,
        UNITS[terms.repay_unit],
        SMALLEST[terms.currency],
        rounding.hundredths,
        int(Mode(rounding.mode)),
    )
