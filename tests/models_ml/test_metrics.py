"""Discrimination and calibration, against other people's implementations and by hand."""

import numpy as np
import polars as pl
import pytest

from models_ml import metrics


@pytest.fixture(scope="module")
def scored() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    score = np.round(rng.random(4000), 2)  # rounded: many ties
    return rng.random(4000) < score * 0.4, score


def test_auc_equals_scikit_learn(scored: tuple[np.ndarray, np.ndarray]) -> None:
    from sklearn.metrics import roc_auc_score

    event, score = scored
    assert metrics.auc(event, score) == pytest.approx(roc_auc_score(event, score), abs=1e-12)


def test_ks_equals_scipy(scored: tuple[np.ndarray, np.ndarray]) -> None:
    from scipy.stats import ks_2samp

    event, score = scored
    assert metrics.ks(event, score) == pytest.approx(ks_2samp(score[event], score[~event]).statistic, abs=1e-12)


def test_figures_agree_with_each_other(scored: tuple[np.ndarray, np.ndarray]) -> None:
    from sklearn.metrics import brier_score_loss

    event, score = scored
    measured = metrics.performance(event, score)
    assert measured.gini == pytest.approx(2 * measured.auc - 1)
    assert measured.brier == pytest.approx(brier_score_loss(event, score))
    assert (measured.loans, measured.events) == (4000, event.sum())


def test_calibration_counts_every_loan_once(scored: tuple[np.ndarray, np.ndarray]) -> None:
    event, score = scored
    bins = metrics.calibration(event, score)
    assert bins["decile"].to_list() == list(range(1, 11))
    assert (bins["loans"].sum(), bins["events"].sum()) == (4000, event.sum())
    assert bins["predicted_rate"].is_sorted()


def test_perfect_calibration_has_no_error() -> None:
    event = np.tile([True, False, False, False, False], 200)
    assert metrics.performance(event, np.full(1000, 0.2)).calibration_error == pytest.approx(0, abs=1e-12)


def test_one_class_has_no_auc() -> None:
    assert np.isnan(metrics.auc(np.zeros(5, dtype=bool), np.arange(5.0)))


def test_empty_population_is_refused() -> None:
    with pytest.raises(ValueError, match="length > 0"):
        metrics.performance(np.array([], dtype=bool), np.array([]))


def test_small_segments_are_left_out(scored: tuple[np.ndarray, np.ndarray]) -> None:
    event, score = scored
    names = np.where(np.arange(4000) < 10, "tiny", "large")
    told = metrics.by_segment(pl.DataFrame({"size": names}), event, score)
    assert told["value"].to_list() == ["large"]
    assert told["auc"][0] == pytest.approx(metrics.auc(event[10:], score[10:]))
