"""How good a model's probabilities are: discrimination, calibration, and both by segment.

Belongs here: pure functions on arrays and frames. Does not: models, files, MLflow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Performance:
    """Discrimination (auc, gini, ks) and calibration (brier, mean predicted against observed rate) on n loans.

    calibration_error: mean over deciles of |predicted - observed|, weighted by loans.
    """

    loans: int
    events: int
    auc: float
    gini: float
    ks: float
    brier: float
    predicted_rate: float
    observed_rate: float
    calibration_error: float

    def figures(self) -> dict[str, float]:
        """The figures by name, as an experiment tracker wants them."""
        return {name: float(value) for name, value in vars(self).items()}


def auc(event: Flags, score: Floats) -> float:
    """Area under the ROC curve: the chance that an event scores above a non-event, ties counting half.

    nan when one of the classes is absent.
    """
    positives = int(event.sum())
    negatives = len(event) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    middle_rank = np.cumsum(counts) - (counts - 1) / 2.0
    rank_sum = float(middle_rank[inverse][event].sum())
    return (rank_sum - positives * (positives + 1) / 2.0) / (positives * negatives)


def ks(event: Flags, score: Floats) -> float:
    """Kolmogorov-Smirnov distance between the scores of events and of non-events; nan when a class is absent."""
    false_rate, true_rate = roc(event, score)
    return float(np.max(np.abs(true_rate - false_rate)))


def roc(event: Flags, score: Floats) -> tuple[Floats, Floats]:
    """False and true positive rates at every distinct score, from (0, 0) to (1, 1)."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    hits = np.cumsum(event[order])[ends]
    misses = ends + 1 - hits
    with np.errstate(invalid="ignore"):
        return np.append(0.0, misses / misses[-1]), np.append(0.0, hits / hits[-1])


def performance(event: Flags, probability: Floats) -> Performance:
    """All figures of one population. event and probability are of one length, which must not be zero."""
    if len(event) != len(probability) or len(event) == 0:
        raise ValueError(f"event and probability must be of one length > 0, got {len(event)} and {len(probability)}")
    area = auc(event, probability)
    bins = calibration(event, probability)
    gap = (bins["predicted_rate"] - bins["observed_rate"]).abs() * bins["loans"]
    return Performance(
        loans=len(event),
        events=int(event.sum()),
        auc=area,
        gini=2 * area - 1,
        ks=ks(event, probability),
        brier=float(np.mean((probability - event) ** 2)),
        predicted_rate=float(probability.mean()),
        observed_rate=float(event.mean()),
        calibration_error=float(gap.sum()) / len(event),
    )


def calibration(event: Flags, probability: Floats, bins: int = 10) -> pl.DataFrame:
    """One row per decile of the probability: decile, loans, events, predicted_rate, observed_rate.

    Decile 1 holds the lowest probabilities; equal probabilities keep the order of the rows.
    """
    place = np.empty(len(event), dtype=np.int64)
    place[np.argsort(probability, kind="stable")] = np.arange(len(event))
    frame = pl.DataFrame({"decile": place * bins // len(event) + 1, "event": event, "probability": probability})
    return (
        frame.group_by("decile")
        .agg(
            pl.len().alias("loans"),
            pl.col("event").sum().alias("events"),
            pl.col("probability").mean().alias("predicted_rate"),
            pl.col("event").mean().alias("observed_rate"),
        )
        .sort("decile")
    )


def by_segment(segments: pl.DataFrame, event: Flags, probability: Floats, fewest_events: int = 30) -> pl.DataFrame:
    """The figures of each value of each column of segments, values with fewer events or non-events left out.

    Returns segment, value, loans, events, auc, ks, brier, predicted_rate, observed_rate.
    """
    rows = []
    for column in segments.columns:
        values = segments[column].cast(pl.String).fill_null("unknown").to_numpy()
        for value in sorted(set(values)):
            chosen = values == value
            events = int(event[chosen].sum())
            if min(events, int(chosen.sum()) - events) < fewest_events:
                continue
            measured = performance(event[chosen], probability[chosen])
            kept = ("loans", "events", "auc", "ks", "brier", "predicted_rate", "observed_rate")
            rows.append({"segment": column, "value": str(value)} | {name: vars(measured)[name] for name in kept})
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema={"segment": pl.String, "value": pl.String})
