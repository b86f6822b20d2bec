"""Tables of the models: what is known of a loan when it is scored, and the scores.

Belongs here: the feature and score tables, and from when on each candidate column is known. Does not: which columns a
model uses, which is decided by its own leakage check and features.py.
"""

from __future__ import annotations

from enum import Enum

from warehouse.contracts import fields as f
from warehouse.contracts.table import Field, Layer, Table


class KnownFrom(Enum):
    """The moment from which on a column can be known; a model of origination may use the first two."""

    APPLICATION = "application"
    DISBURSEMENT = "disbursement"
    OUTCOME = "after the outcome"


# Candidates of the default model, in the order in which they are recorded. What a source goes on overwriting while the
# loan runs is known after the outcome only.
CANDIDATES: tuple[tuple[Field, KnownFrom], ...] = (
    (f.AMOUNT_REQUESTED, KnownFrom.APPLICATION),
    (f.AMOUNT_SANCTIONED, KnownFrom.APPLICATION),
    (f.AMOUNT_GUARANTEED, KnownFrom.APPLICATION),
    (f.GUARANTEED_SHARE, KnownFrom.APPLICATION),
    (f.SECTOR_CODE, KnownFrom.APPLICATION),
    (f.STATE_CODE, KnownFrom.APPLICATION),
    (f.EMPLOYEES, KnownFrom.APPLICATION),
    (f.JOBS_CREATED, KnownFrom.APPLICATION),
    (f.JOBS_RETAINED, KnownFrom.APPLICATION),
    (f.IS_NEW_BUSINESS, KnownFrom.APPLICATION),
    (f.IS_FRANCHISE, KnownFrom.APPLICATION),
    (f.URBAN_RURAL_CODE, KnownFrom.APPLICATION),
    (f.IS_REVOLVING, KnownFrom.APPLICATION),
    (f.IS_LOW_DOC, KnownFrom.APPLICATION),
    (f.IS_LENDER_OUT_OF_STATE, KnownFrom.APPLICATION),
    (f.DISBURSED_AFTER_DAYS, KnownFrom.DISBURSEMENT),
    (f.LENDER_LOANS_36_MONTHS, KnownFrom.APPLICATION),
    (f.LENDER_CHARGE_OFFS_36_MONTHS, KnownFrom.APPLICATION),
    (f.STATE_LOANS_36_MONTHS, KnownFrom.APPLICATION),
    (f.STATE_CHARGE_OFFS_36_MONTHS, KnownFrom.APPLICATION),
    (f.SECTOR_LOANS_36_MONTHS, KnownFrom.APPLICATION),
    (f.SECTOR_CHARGE_OFFS_36_MONTHS, KnownFrom.APPLICATION),
    (f.PRINCIPAL, KnownFrom.OUTCOME),
    (f.TERM_MONTHS_REPORTED, KnownFrom.OUTCOME),
    (f.PRINCIPAL_CHARGED_OFF, KnownFrom.OUTCOME),
)
LABELS = (f.OBSERVED_UNTIL, f.HAS_OUTCOME, f.IS_CHARGED_OFF, f.IS_LABEL_MATURE, f.IS_CHARGED_OFF_36_MONTHS)

FEATURES = Table(
    "int_risk__features_snapshotted",
    "risk",
    Layer.SILVER,
    "One row per SBA loan: what was known when it was made, candidates that must be refused, and the label.",
    grain=("loan_id",),
    fields=(
        f.LOAN_ID,
        f.APPLICATION_ID,
        *f.OWNERSHIP,
        f.LENDER_NAME,
        f.APPLIED_ON,
        f.DISBURSED_ON,
        *(field for field, _ in CANDIDATES),
        *LABELS,
    ),
    optional=frozenset(
        {"lender_name", "amount_sanctioned", "amount_guaranteed", "guaranteed_share", "sector_code", "state_code"}
        | {"employees", "jobs_created", "jobs_retained", "is_new_business", "is_franchise", "urban_rural_code"}
        | {"is_revolving", "is_low_doc", "is_lender_out_of_state", "term_months_reported", "principal_charged_off"}
        | {"observed_until", "is_charged_off_36_months"}
    ),
)

SCORES = Table(
    "risk__score_monthly",
    "risk",
    Layer.GOLD,
    "One row per loan, model and month of scoring.",
    grain=("loan_id", "model_name", "as_of"),
    fields=(
        f.LOAN_ID,
        f.MODEL_NAME,
        f.AS_OF,
        *f.OWNERSHIP,
        f.MODEL_VERSION,
        f.PROBABILITY_OF_DEFAULT,
        f.SCORE_BAND_CODE,
    ),
)

SILVER = (FEATURES,)
GOLD = (SCORES,)
