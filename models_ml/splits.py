"""Which loans a model learns from and which it is judged on: by time, never at random.

Belongs here: the out-of-time split and its embargo. Does not: features, metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True)
class SplitTerms:
    """How a book is cut. All counts are months.

    first_on: earliest disbursement learnt from. label_months: how long a label takes to mature. test_months: length of
    the out-of-time period, the last one whose labels are mature; four years hold good and bad ones, and enough events.
    """

    first_on: date
    label_months: int = 36
    test_months: int = 48


@dataclass(frozen=True)
class Split:
    """Two boolean masks over one frame, and the days that separate them.

    Training loans are disbursed on or after train_from and before train_until; test loans from test_from to test_until
    inclusive. Between them lies the embargo: on test_from every training label had been observed in full.
    """

    train: pl.Series
    test: pl.Series
    train_from: date
    train_until: date
    test_from: date
    test_until: date


def months_before(day: date, months: int) -> date:
    """The same day that many months earlier, clamped to the month's end."""
    moved = pl.Series([day]).dt.offset_by(f"-{months}mo").item()
    assert isinstance(moved, date)
    return moved


def out_of_time(disbursed_on: pl.Series, observed_until: date, terms: SplitTerms) -> Split:
    """Split by disbursement date so that nothing learnt could have been unknown when the test period began.

    disbursed_on: date per loan, no nulls. observed_until: the day the book was last observed.
    Raises ValueError when one side is empty, naming the dates.
    """
    test_until = months_before(observed_until, terms.label_months)
    test_from = months_before(test_until, terms.test_months)
    # a label matures label_months after disbursement, and must have done so before the first test loan was made
    train_until = months_before(test_from, terms.label_months)
    train = (disbursed_on >= terms.first_on) & (disbursed_on < train_until)
    test = (disbursed_on > test_from) & (disbursed_on <= test_until)
    for name, mask in (("training", train), ("test", test)):
        if not mask.any():
            raise ValueError(
                f"no loan to use for {name}: training wants disbursements from {terms.first_on} to {train_until}, "
                f"test from {test_from} to {test_until}; the book is observed until {observed_until}"
            )
    return Split(train, test, terms.first_on, train_until, test_from, test_until)
