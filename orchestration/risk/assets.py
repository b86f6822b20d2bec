"""Risk assets that dbt does not build: the model and its scores.

Belongs here: wrappers of one call. Does not: features, training, scoring (models_ml/pd).
"""

import dagster as dg

from orchestration.instance import LAKE_WRITER
from orchestration.resources import DAILY, owner
from orchestration.risk import claims
from warehouse.lake import Lake

CHAMPION = dg.AssetKey(["models", "pd_champion"])
SCORES = dg.AssetKey(["gold", "risk__score_monthly"])


@dg.asset(
    key=CHAMPION,
    deps=[dg.AssetKey(["silver", "int_risk__features_snapshotted"])],
    group_name="risk",
    owners=owner("risk"),
    kinds={"python", "mlflow", "xgboost"},
    tags={"layer": "models"},
    check_specs=[
        dg.AssetCheckSpec(
            claims.AUC_PLAUSIBLE,
            asset=CHAMPION,
            description="Out of time, the newest version is better than guessing and worse than knowing the outcome.",
        )
    ],
    freshness_policy=DAILY,
)
def pd_champion(lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """Probability that a loan is charged off within 36 months of disbursement: trained, judged, registered."""
    from models_ml.pd.train import refresh

    refreshed = refresh(lake)
    verdict = claims.auc_verdict(refreshed.evaluated.metrics["auc"])
    return dg.MaterializeResult(metadata=refreshed.counts(), check_results=[verdict.as_check_result(CHAMPION)])


@dg.asset(
    key=SCORES,
    deps=[pd_champion, dg.AssetKey(["silver", "int_risk__features_snapshotted"])],
    group_name="risk",
    owners=owner("risk"),
    kinds={"python", "mlflow", "ducklake"},
    tags={"layer": "gold"},
    pool=LAKE_WRITER,
    freshness_policy=DAILY,
    check_specs=[
        dg.AssetCheckSpec(
            claims.SCORES_SOUND,
            asset=SCORES,
            description="Each loan has one score a model and month, and it is a probability.",
            blocking=True,
        )
    ],
)
def score_monthly(lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """One row per loan, model and month: the champion's probability of default and its band."""
    from models_ml.pd.score import score

    counts = score(lake).counts()
    verdict = claims.scores_verdict(lake)
    return dg.MaterializeResult(metadata=counts, check_results=[verdict.as_check_result(SCORES)])
