"""The leakage check finds what betrays the outcome, whatever it is called, and keeps what does not."""

import numpy as np
import polars as pl
import pytest

from models_ml import leakage, metrics

ROWS = 12_000


@pytest.fixture(scope="module")
def planted() -> pl.DataFrame:
    """Honest columns and leaks under names that say nothing; _columns are the truth about each loan."""
    rng = np.random.default_rng(11)
    year = rng.integers(2000, 2010, ROWS)
    # bad years are ten times worse than good ones, as they are in real books
    risk = rng.normal(0, 1, ROWS)
    chance = 1 / (1 + np.exp(-(-3.5 + 0.35 * (year - 2000) + 0.6 * risk)))
    bad = rng.random(ROWS) < chance
    within = bad & (rng.random(ROWS) < 0.7)
    ended = bad | (rng.random(ROWS) < 0.9)
    agreed = 12 * rng.integers(1, 25, ROWS)
    amount = np.round(np.exp(rng.normal(11, 1, ROWS)), -3) + 1000
    return pl.DataFrame(
        {
            "a": amount,  # honest: round money without meaning
            "b": risk + rng.normal(0, 1, ROWS),  # honest: what the lender measured, with noise
            "c": year + rng.normal(0, 0.1, ROWS),  # honest within its year: only tells the time
            "d": rng.choice(["CA", "NY", "TX"], ROWS),  # honest
            "e": rng.random(ROWS) < 0.3,  # honest flag
            "f": np.where(bad, agreed - rng.integers(1, 12, ROWS), agreed),  # leak: agreed months, cut short by failure
            "g": pl.Series(amount).set(pl.Series(~bad), None),  # leak: filled for bad loans only
            "h": np.where(bad & (rng.random(ROWS) < 0.8), amount * 0.93, amount),  # leak: no longer what was agreed
            "i": pl.Series(rng.integers(1, 9, ROWS)).set(pl.Series(~ended), None),  # leak: filled when a loan ends
            "j": np.where(rng.random(ROWS) < 0.2, rng.normal(0, 1, ROWS), bad * 3.0),  # leak: a number near the outcome
            "k": np.where(bad, rng.choice(["X1", "X2"], ROWS), rng.choice(["X2", "X3"], ROWS)),  # leak: a code
            "_year": year,
            "_within": within,
            "_bad": bad,
            "_ended": ended,
        }
    )


@pytest.fixture(scope="module")
def report(planted: pl.DataFrame) -> pl.DataFrame:
    return examine(planted)


def examine(planted: pl.DataFrame, **options: object) -> pl.DataFrame:
    return leakage.check(
        planted.select(pl.exclude("^_.*$")),
        planted["_within"],
        planted["_bad"],
        planted["_ended"],
        planted["_year"],
        **options,
    )


def test_planted_leaks_are_refused_and_honest_columns_kept(report: pl.DataFrame) -> None:
    assert leakage.kept(report) == ["a", "b", "c", "d", "e"]
    assert sorted(leakage.refused(report)) == ["f", "g", "h", "i", "j", "k"]


def test_overwritten_term_is_found_by_its_divisibility(report: pl.DataFrame) -> None:
    assert "is not a multiple of 12" in leakage.refused(report)["f"]


def test_column_filled_for_bad_loans_is_found_by_what_is_missing(report: pl.DataFrame) -> None:
    assert "is missing" in leakage.refused(report)["g"]


def test_changed_amount_is_laid_at_the_later_columns_door(report: pl.DataFrame) -> None:
    assert "differs from a" in leakage.refused(report)["h"]
    assert "a" not in leakage.refused(report)


def test_column_filled_at_the_end_is_found_by_open_loans(report: pl.DataFrame) -> None:
    assert "tells open loans from ended ones" in leakage.refused(report)["i"]


def test_names_play_no_part(planted: pl.DataFrame, report: pl.DataFrame) -> None:
    renamed = examine(planted.rename({"f": "amount_requested", "a": "term_months_reported"}))
    assert "amount_requested" in leakage.refused(renamed)
    assert "term_months_reported" not in leakage.refused(renamed)


def test_column_that_tells_the_year_looks_good_only_across_years(planted: pl.DataFrame, report: pl.DataFrame) -> None:
    across = metrics.auc(planted["_within"].to_numpy(), planted["c"].to_numpy())
    inside = report.filter((pl.col("column") == "c") & (pl.col("view") == "value"))["auc_event"][0]
    assert across > 0.7
    assert inside < 0.55


def test_contract_refuses_without_touching_the_figures(planted: pl.DataFrame, report: pl.DataFrame) -> None:
    by_contract = examine(planted, refused_by_contract={"b": "after the outcome"})
    assert leakage.refused(by_contract)["b"] == "known after the outcome by contract"
    assert by_contract.drop("is_refused", "reason").equals(report.drop("is_refused", "reason"))


def test_auc_inside_years_is_the_weighted_mean_of_the_years(planted: pl.DataFrame, report: pl.DataFrame) -> None:
    weighted, pairs = 0.0, 0
    for _, year in planted.group_by("_year"):
        events = int(year["_within"].sum())
        weight = events * (len(year) - events)
        weighted += weight * metrics.auc(year["_within"].to_numpy(), year["b"].to_numpy())
        pairs += weight
    measured = report.filter((pl.col("column") == "b") & (pl.col("view") == "value"))["auc_event"][0]
    assert measured == pytest.approx(weighted / pairs, abs=1e-12)


def test_too_few_events_say_nothing(planted: pl.DataFrame) -> None:
    few = planted.filter(~pl.col("_bad") | (pl.int_range(pl.len()) < 200))
    assert int(few["_bad"].sum()) < 100
    assert leakage.refused(examine(few)).keys() <= {"i"}
