"""The learners of the default model: gradient boosted trees, and the logistic regression they must beat.

Belongs here: fitting and applying. Does not: where data come from, or what MLflow keeps.

Both learn with each loan's vintage rate as a fixed offset. The charge-off rate of a vintage moves tenfold with the
economy; left to themselves the trees would spend their splits on telling the years apart, by whatever column happens to
do so, and rank poorly in the next one. With the offset they can only learn who was worse than others of the same year.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from models_ml.metrics import Flags, Floats, Performance, performance
from models_ml.pd.features import Feature, matrix

SCALES = "scales"
ROUNDS, BASELINE_ROUNDS = 160, 40
LEVEL_YEARS = 5
# a leaf needs its share of the book, not a number of loans: on a larger book the trees would otherwise learn finer
# habits of the training years, which rank worse in later ones
LEAF_SHARE = 1 / 2250
MOST_BASELINE_ROWS = 200_000
# one thread: sums of floats depend on how they are split, and a busy machine stalls threads that wait for each other
PARAMETERS: dict[str, Any] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_depth": 4,
    "max_bin": 128,
    "eta": 0.07,
    "subsample": 0.8,
    "colsample_bytree": 0.7,
    "lambda": 2.0,
    "seed": 20180126,
    "nthread": 1,
}


@dataclass(frozen=True)
class Fitted:
    """A fitted model with its baseline. level: the rate that both assume of a vintage not yet seen.

    performance: on the training loans, at that level. gains: total gain by feature.
    """

    booster: Any
    baseline: Any
    features: tuple[str, ...]
    level: float
    performance: Performance
    gains: dict[str, float]


def fit(frame: pl.DataFrame, chosen: Sequence[Feature]) -> Fitted:
    """Fit both learners on a frame of features.snapshot; its labels must be mature. Rows keep their order."""
    import xgboost

    names = tuple(feature.name for feature in chosen)
    inputs = matrix(frame, names)
    event = frame["is_charged_off_36_months"].to_numpy()
    years = frame["disbursed_on"].dt.year().to_numpy()
    level = float(event[years > years.max() - LEVEL_YEARS].mean())
    offset = vintage_offset(event, years)
    data = xgboost.DMatrix(inputs.to_numpy(), label=event, base_margin=offset, feature_names=list(names))
    directions = {feature.name: feature.direction for feature in chosen if feature.direction}
    settings = PARAMETERS | {"base_score": level, "monotone_constraints": directions}
    settings |= {"min_child_weight": LEAF_SHARE * len(event)}
    booster = xgboost.train(settings, data, num_boost_round=ROUNDS)
    gains = dict.fromkeys(names, 0.0) | booster.get_score(importance_type="total_gain")
    measured = performance(event, _predicted(booster, inputs))
    return Fitted(booster, _fit_baseline(inputs, event, offset, level), names, level, measured, gains)


def probability(booster: Any, frame: pl.DataFrame) -> Floats:
    """Probability of each row of a frame of features.snapshot, by a booster of either kind.

    Raises KeyError when the booster needs a feature that is not computed any more.
    """
    return _predicted(booster, matrix(frame, booster.feature_names))


def load(path: str) -> Any:
    """A booster from its file."""
    import xgboost

    return xgboost.Booster(model_file=path)


def vintage_offset(event: Flags, years: Any) -> Floats:
    """Log-odds of each row's vintage; a vintage without events counts half of one."""
    values, place = np.unique(years, return_inverse=True)
    loans = np.bincount(place, minlength=len(values))
    events = np.maximum(np.bincount(place, weights=event, minlength=len(values)), 0.5)
    rate = np.minimum(events / loans, 1 - 0.5 / loans)
    return np.asarray(np.log(rate / (1 - rate))[place], dtype=np.float64)


def _predicted(booster: Any, inputs: pl.DataFrame) -> Floats:
    import xgboost

    values = inputs.to_numpy()
    scales = booster.attr(SCALES)
    if scales is not None:
        values = _scaled(values, *np.array(json.loads(scales)))
    data = xgboost.DMatrix(values, feature_names=list(inputs.columns))
    return np.asarray(booster.predict(data), dtype=np.float64)


def _fit_baseline(inputs: pl.DataFrame, event: Flags, offset: Floats, level: float) -> Any:
    """Logistic regression with the same offset, on standardised inputs, missing ones at their mean."""
    import xgboost

    step = -(-len(inputs) // MOST_BASELINE_ROWS)
    values = inputs.to_numpy()[::step]
    middle, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    spread[spread == 0] = 1.0
    names = list(inputs.columns)
    data = xgboost.DMatrix(
        _scaled(values, middle, spread), label=event[::step], base_margin=offset[::step], feature_names=names
    )
    settings: dict[str, Any] = {"objective": "binary:logistic", "booster": "gblinear", "updater": "coord_descent"}
    settings |= {"base_score": level, "lambda": 0.0, "nthread": PARAMETERS["nthread"]}
    baseline = xgboost.train(settings, data, num_boost_round=BASELINE_ROUNDS)
    baseline.set_attr(**{SCALES: json.dumps([middle.tolist(), spread.tolist()])})
    return baseline


def _scaled(values: Any, middle: Any, spread: Any) -> Any:
    return np.nan_to_num((values - middle) / spread).astype(np.float32)
