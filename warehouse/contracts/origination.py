"""Tables of origination: who applied, where, for what, and what was decided."""

import polars as pl

from warehouse.contracts import fields as f
from warehouse.contracts.staged import staged
from warehouse.contracts.table import Layer, Rule, Table

BRANCHES = Table(
    "branches",
    "origination",
    Layer.BRONZE,
    "One row per branch.",
    grain=("branch_id",),
    fields=(f.BRANCH_ID, f.ENTITY_ID, f.BRANCH_NAME, f.STATE_CODE, f.POSTAL_CODE, f.OPENED_ON),
    optional=frozenset({"postal_code", "opened_on"}),
    is_versioned=True,
)

SCHEMES = Table(
    "schemes",
    "origination",
    Layer.BRONZE,
    "One row per scheme.",
    grain=("scheme_code",),
    fields=(
        f.SCHEME_CODE,
        f.PRODUCT_CODE,
        f.SCHEME_NAME,
        f.ANNUAL_RATE,
        f.AMOUNT_MIN,
        f.AMOUNT_MAX,
        f.PROCESSING_FEE_RATE,
        f.PENAL_RATE,
        f.REPAY_UNIT_CODE,
        f.REPAY_EVERY,
        f.CURRENCY,
        f.VALID_FROM,
    ),
    rules=(
        Rule(
            "amounts_in_order",
            ("amount_min", "amount_max"),
            pl.col("amount_min") <= pl.col("amount_max"),
            "amount_min must not exceed amount_max",
        ),
    ),
    is_versioned=True,
)

CUSTOMERS = Table(
    "customers",
    "origination",
    Layer.BRONZE,
    "One row per customer.",
    grain=("customer_id",),
    fields=(
        f.CUSTOMER_ID,
        f.BRANCH_ID,
        f.ENTITY_ID,
        f.BIRTH_ON,
        f.GENDER_CODE,
        f.OCCUPATION_CODE,
        f.MONTHLY_INCOME,
        f.CURRENCY,
        f.STATE_CODE,
        f.POSTAL_CODE,
        f.PAN,
        f.AADHAAR,
        f.MOBILE,
        f.ACCOUNT_NUMBER,
    ),
    optional=frozenset(
        {"birth_on", "gender_code", "occupation_code", "monthly_income", "state_code", "postal_code"}
        | {"pan", "aadhaar", "mobile", "account_number"}
    ),
    references={"branch_id": "branches.branch_id"},
    is_versioned=True,
)

APPLICATIONS = Table(
    "applications",
    "origination",
    Layer.BRONZE,
    "One row per application.",
    grain=("application_id",),
    fields=(
        f.APPLICATION_ID,
        f.CUSTOMER_ID,
        *f.OWNERSHIP,
        f.SCHEME_CODE,
        f.CHANNEL_CODE,
        f.APPLIED_ON,
        f.DECIDED_ON,
        f.DECISION_CODE,
        f.REJECTION_REASON,
        f.AMOUNT_REQUESTED,
        f.AMOUNT_SANCTIONED,
        f.AMOUNT_GUARANTEED,
        f.TENURE_MONTHS,
        f.STATE_CODE,
        f.POSTAL_CODE,
        f.LENDER_NAME,
        f.NAICS_CODE,
        f.EMPLOYEES,
        f.JOBS_CREATED,
        f.JOBS_RETAINED,
        f.IS_NEW_BUSINESS,
        f.IS_FRANCHISE,
        f.URBAN_RURAL_CODE,
        f.IS_REVOLVING,
        f.IS_LOW_DOC,
    ),
    optional=frozenset(
        {"customer_id", "scheme_code", "decided_on", "rejection_reason", "amount_sanctioned", "amount_guaranteed"}
        | {"tenure_months", "state_code", "postal_code", "lender_name", "naics_code", "employees", "jobs_created"}
        | {"jobs_retained", "is_new_business", "is_franchise", "urban_rural_code", "is_revolving", "is_low_doc"}
    ),
    references={"customer_id": "customers.customer_id"},
    rules=(
        Rule(
            "decided_after_applied",
            ("applied_on", "decided_on"),
            pl.col("decided_on") >= pl.col("applied_on"),
            "decided_on must not be before applied_on",
        ),
        Rule(
            "rejection_has_reason",
            ("decision_code", "rejection_reason"),
            (pl.col("decision_code") != "REJECTED") | pl.col("rejection_reason").is_not_null(),
            "a rejected application needs rejection_reason",
        ),
    ),
    control="amount_requested",
)

BRONZE = (BRANCHES, SCHEMES, CUSTOMERS, APPLICATIONS)

APPLICATIONS_DISBURSED = Table(
    "int_origination__applications_disbursed",
    "origination",
    Layer.SILVER,
    "One row per application with a loan: what was disbursed on it.",
    grain=("application_id",),
    fields=(f.APPLICATION_ID, f.LOANS_DISBURSED, f.AMOUNT_DISBURSED),
)

FUNNEL_DAILY = Table(
    "origination__funnel_daily",
    "origination",
    Layer.GOLD,
    "One row per day of application, product, channel, branch, entity and currency: from application to disbursement.",
    grain=("applied_on", "product_code", "channel_code", "branch_id", "entity_id", "currency"),
    fields=(
        f.APPLIED_ON,
        f.PRODUCT_CODE,
        f.CHANNEL_CODE,
        f.BRANCH_ID,
        f.ENTITY_ID,
        f.CURRENCY,
        f.APPLICATIONS_RECEIVED,
        f.APPLICATIONS_APPROVED,
        f.APPLICATIONS_REJECTED,
        f.APPLICATIONS_REFERRED,
        f.APPLICATIONS_PENDING,
        f.LOANS_DISBURSED,
        f.AMOUNT_REQUESTED,
        f.AMOUNT_SANCTIONED,
        f.AMOUNT_DISBURSED,
        f.APPROVAL_RATE,
    ),
    optional=frozenset({"approval_rate"}),
)

SILVER = (*staged(BRONZE), APPLICATIONS_DISBURSED)
GOLD = (FUNNEL_DAILY,)
