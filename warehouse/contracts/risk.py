"""Tables of risk: what the bureau says, what secures a loan, how it ended, and what recovery cost."""

import polars as pl

from warehouse.contracts import features
from warehouse.contracts import fields as f
from warehouse.contracts.staged import staged
from warehouse.contracts.table import Layer, Rule, Table

OUTCOMES = Table(
    "outcomes",
    "risk",
    Layer.BRONZE,
    "One row per loan with a known outcome.",
    grain=("loan_id",),
    fields=(f.LOAN_ID, f.OUTCOME_CODE, f.OUTCOME_ON, f.PRINCIPAL_CHARGED_OFF, f.CURRENCY),
    optional=frozenset({"outcome_on", "principal_charged_off"}),
    references={"loan_id": "loans.loan_id"},
    rules=(
        Rule(
            "charge_off_is_dated",
            ("outcome_code", "outcome_on"),
            (pl.col("outcome_code") != "CHARGED_OFF") | pl.col("outcome_on").is_not_null(),
            "a CHARGED_OFF outcome needs outcome_on",
        ),
    ),
    control="principal_charged_off",
)

BUREAU_PULLS = Table(
    "bureau_pulls",
    "risk",
    Layer.BRONZE,
    "One row per bureau enquiry.",
    grain=("pull_id",),
    fields=(
        f.PULL_ID,
        f.APPLICATION_ID,
        f.CUSTOMER_ID,
        f.BUREAU_CODE,
        f.PULLED_ON,
        f.CREDIT_SCORE,
        f.ACCOUNTS_ACTIVE,
        f.ENQUIRIES_6_MONTHS,
        f.DPD_MAX_12_MONTHS,
    ),
    optional=frozenset({"accounts_active", "enquiries_6_months", "dpd_max_12_months"}),
    references={"application_id": "applications.application_id", "customer_id": "customers.customer_id"},
)

COLLATERAL = Table(
    "collateral",
    "risk",
    Layer.BRONZE,
    "One row per pledged asset.",
    grain=("collateral_id",),
    fields=(f.COLLATERAL_ID, f.LOAN_ID, f.COLLATERAL_TYPE_CODE, f.VALUED_ON, f.COLLATERAL_VALUE, f.CURRENCY),
    references={"loan_id": "loans.loan_id"},
    control="collateral_value",
)

RECOVERY_ACTIONS = Table(
    "recovery_actions",
    "risk",
    Layer.BRONZE,
    "One row per recovery action.",
    grain=("action_id",),
    fields=(
        f.ACTION_ID,
        f.LOAN_ID,
        f.ACTION_ON,
        f.ACTION_TYPE_CODE,
        f.ACTION_COST,
        f.ACTION_OUTCOME_CODE,
        f.AMOUNT_RECOVERED,
        f.CURRENCY,
    ),
    references={"loan_id": "loans.loan_id"},
    control="action_cost",
)

BRONZE = (OUTCOMES, BUREAU_PULLS, COLLATERAL, RECOVERY_ACTIONS)

LOANS_CHARGED_OFF = Table(
    "int_risk__loans_charged_off",
    "risk",
    Layer.SILVER,
    "One row per loan charged off or written off.",
    grain=("loan_id",),
    fields=(f.LOAN_ID, f.CHARGED_OFF_ON, f.PRINCIPAL_CHARGED_OFF),
    optional=frozenset({"principal_charged_off"}),
)

VINTAGE_MONTHLY = Table(
    "risk__vintage_monthly",
    "risk",
    Layer.GOLD,
    "One row per product, entity, currency, year of disbursement and month on book: charge-offs to date.",
    grain=("product_code", "entity_id", "currency", "vintage_on", "months_on_book"),
    fields=(
        f.PRODUCT_CODE,
        f.ENTITY_ID,
        f.CURRENCY,
        f.VINTAGE_ON,
        f.MONTHS_ON_BOOK,
        f.LOANS_DISBURSED,
        f.AMOUNT_DISBURSED,
        f.LOANS_CHARGED_OFF_TO_DATE,
        f.AMOUNT_CHARGED_OFF_TO_DATE,
        f.CHARGE_OFF_RATE,
        f.IS_COMPLETE,
    ),
)

ROLL_RATE_MONTHLY = Table(
    "risk__roll_rate_monthly",
    "risk",
    Layer.GOLD,
    "One row per month-end, product, entity, currency and move from one bucket of days past due to another.",
    grain=("as_of", "product_code", "entity_id", "currency", "bucket_from_code", "bucket_to_code"),
    fields=(
        f.AS_OF,
        f.PRODUCT_CODE,
        f.ENTITY_ID,
        f.CURRENCY,
        f.BUCKET_FROM_CODE,
        f.BUCKET_TO_CODE,
        f.LOANS,
        f.ROLL_RATE,
    ),
)

SILVER = (*staged(BRONZE), LOANS_CHARGED_OFF, *features.SILVER)
GOLD = (VINTAGE_MONTHLY, ROLL_RATE_MONTHLY, *features.GOLD)
