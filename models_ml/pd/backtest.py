"""How the default model would have done had it been built earlier: the same training and test, at several past days.

Belongs here: the walk through time that CARD.md quotes; `python -m models_ml.pd.backtest` prints it. Does not: MLflow,
and nothing here chooses or changes the model.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date

import polars as pl

from models_ml import leakage, metrics, splits
from models_ml.pd import booster, features
from models_ml.pd.train import examine, snapshot, split_terms
from warehouse.home import Home
from warehouse.lake import Lake


def backtest(frame: pl.DataFrame, observed_until: Sequence[date]) -> pl.DataFrame:
    """One row per day on which the model might have been built: loans, rates and AUC in the years it is judged on.

    frame: of features.snapshot. The whole procedure is repeated on what was mature then, the leakage check included.
    """
    rows = []
    for day in observed_until:
        split = splits.out_of_time(frame["disbursed_on"], day, split_terms())
        learnt_from, judged_on = frame.filter(split.train), frame.filter(split.test)
        fitted = booster.fit(learnt_from, features.usable(leakage.refused(examine(learnt_from))))
        event = judged_on["is_charged_off_36_months"].to_numpy()
        model = metrics.performance(event, booster.probability(fitted.booster, judged_on))
        baseline = metrics.performance(event, booster.probability(fitted.baseline, judged_on))
        rows.append(
            {
                "test_from": split.test_from,
                "test_until": split.test_until,
                "loans": model.loans,
                "auc": model.auc,
                "baseline_auc": baseline.auc,
                "ks": model.ks,
                "predicted_rate": model.predicted_rate,
                "observed_rate": model.observed_rate,
            }
        )
    return pl.DataFrame(rows)


def main() -> None:
    """Print the walk through time of this home's lake."""
    frame = snapshot(Lake(Home.from_environment()))
    last = frame["observed_until"][0]
    table = backtest(frame, [splits.months_before(last, 12 * years) for years in (0, 2, 4, 6, 8)])
    with pl.Config(tbl_cols=-1, tbl_width_chars=160, float_precision=3):
        sys.stdout.write(f"{table}\n")


if __name__ == "__main__":
    main()
