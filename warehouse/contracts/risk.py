"""Tables of risk: what the bureau says, what secures a loan, how it ended, and what recovery cost."""

import polars as pl

from warehouse.contracts import fields as f
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
