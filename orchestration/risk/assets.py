"""Risk assets that dbt does not build: the model and its scores.

Belongs here: wrappers of one call. Does not: features, training, scoring (models_ml/pd).
"""

import dagster as dg

from orchestration.instance import LAKE_WRITER
from orchestration.resources import DAILY, owner
from warehouse.lake import Lake


@dg.asset(
    key=["models", "pd_champion"],
    deps=[dg.AssetKey(["silver", "int_risk__features_snapshotted"])],
    group_name="risk",
    owners=owner("risk"),
    kinds={"python", "mlflow", "scikitlearn"},
    tags={"layer": "models"},
    freshness_policy=DAILY,
)
def pd_champion(lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """Probability that a loan is charged off within 36 months of disbursement: trained, judged, registered."""
    from models_ml.pd.train import refresh

    return dg.MaterializeResult(metadata=refresh(lake).counts())


@dg.asset(
    key=["gold", "risk__score_monthly"],
    deps=[pd_champion, dg.AssetKey(["silver", "int_risk__features_snapshotted"])],
    group_name="risk",
    owners=owner("risk"),
    kinds={"python", "mlflow", "ducklake"},
    tags={"layer": "gold"},
    pool=LAKE_WRITER,
    freshness_policy=DAILY,
)
def score_monthly(lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """One row per loan, model and month: the champion's probability of default and its band."""
    from models_ml.pd.score import score

    return dg.MaterializeResult(metadata=score(lake).counts())
