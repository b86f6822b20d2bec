"""What is claimed of the default model and its scores, as plain functions.

Belongs here: how each claim is examined. Does not: training, promotion, scoring (models_ml/pd).
"""

from __future__ import annotations

from orchestration.claims import Verdict
from warehouse.contracts.features import SCORES
from warehouse.lake import ALIAS, Lake

AUC_PLAUSIBLE = "pd_champion_auc_is_plausible"
SCORES_SOUND = "scores_are_one_probability_per_loan_and_month"


def auc_verdict(auc: float) -> Verdict:
    """auc: of the newest version, out of time. Too low knows nothing; too high knows the outcome."""
    from models_ml.pd.train import PromotionTerms

    terms = PromotionTerms()
    is_plausible = terms.auc_floor <= auc <= terms.auc_ceiling
    details = {"auc": auc, "floor": terms.auc_floor, "ceiling": terms.auc_ceiling}
    return Verdict(AUC_PLAUSIBLE, int(not is_plausible), False, details)


def scores_verdict(lake: Lake) -> Verdict:
    """Scores outside 0 to 1, absent, or beyond the first of their grain, on the newest commit."""
    grain, table = ", ".join(SCORES.grain), f"{ALIAS}.{SCORES.qualified}"
    connection = lake.open_reader(head=True)
    try:
        row = connection.execute(
            f"select (select count(*) from {table} where coalesce(probability_of_default not between 0 and 1, true))"
            f" + (select coalesce(sum(n - 1), 0) from (select count(*) as n from {table} group by {grain}))"
        ).fetchone()
    finally:
        connection.close()
    assert row is not None
    return Verdict(SCORES_SOUND, int(row[0]), True)
