"""The out-of-time split and its embargo."""

from datetime import date

import polars as pl
import pytest

from models_ml.splits import SplitTerms, months_before, out_of_time

DAYS = pl.date_range(date(1985, 1, 1), date(2014, 1, 1), "1w", eager=True)
OBSERVED = date(2014, 8, 29)
TERMS = SplitTerms(date(1990, 1, 1), label_months=36, test_months=24)


def test_every_training_label_is_mature_before_the_first_test_loan() -> None:
    split = out_of_time(DAYS, OBSERVED, TERMS)
    first_test = DAYS.filter(split.test).min()
    matured = DAYS.filter(split.train).dt.offset_by("36mo").max()
    assert matured <= first_test


def test_every_test_label_is_mature_on_the_last_day() -> None:
    split = out_of_time(DAYS, OBSERVED, TERMS)
    assert DAYS.filter(split.test).dt.offset_by("36mo").max() <= OBSERVED


def test_dates_of_the_split() -> None:
    split = out_of_time(DAYS, OBSERVED, TERMS)
    assert (split.train_until, split.test_from, split.test_until) == (
        date(2006, 8, 29),
        date(2009, 8, 29),
        date(2011, 8, 29),
    )
    assert DAYS.filter(split.train).min() >= date(1990, 1, 1)


def test_embargo_belongs_to_neither_side() -> None:
    split = out_of_time(DAYS, OBSERVED, TERMS)
    embargo = DAYS.is_between(split.train_until, split.test_from)
    assert embargo.any()
    assert not (embargo & (split.train | split.test)).any()


def test_a_young_book_is_refused_with_its_dates() -> None:
    with pytest.raises(ValueError, match=r"no loan to use for training.*observed until 1996-01-01"):
        out_of_time(DAYS, date(1996, 1, 1), TERMS)


def test_months_clamp_to_the_end_of_the_month() -> None:
    assert months_before(date(2012, 8, 31), 6) == date(2012, 2, 29)
