"""Tables of servicing: loans as contracted, and what happened to them."""

import polars as pl

from warehouse.contracts import fields as f
from warehouse.contracts.staged import staged
from warehouse.contracts.table import Agreement, Layer, Rule, Table

LOANS = Table(
    "loans",
    "servicing",
    Layer.BRONZE,
    "One row per loan: its terms as disbursed.",
    grain=("loan_id",),
    fields=(
        f.LOAN_ID,
        f.APPLICATION_ID,
        f.CUSTOMER_ID,
        *f.OWNERSHIP,
        f.SCHEME_CODE,
        f.PRINCIPAL,
        f.DISBURSED_ON,
        f.ANNUAL_RATE,
        f.INSTALLMENTS,
        f.FIRST_DUE_ON,
        f.REPAY_UNIT_CODE,
        f.REPAY_EVERY,
        f.INTEREST_METHOD_CODE,
        f.TERM_MONTHS_REPORTED,
    ),
    optional=frozenset(
        {"application_id", "customer_id", "scheme_code", "annual_rate", "installments", "first_due_on"}
        | {"principal", "disbursed_on"}
        | {"repay_unit_code", "repay_every", "interest_method_code", "term_months_reported"}
    ),
    references={"application_id": "applications.application_id"},
    rules=(
        Rule(
            "first_due_after_disbursal",
            ("disbursed_on", "first_due_on"),
            pl.col("first_due_on") > pl.col("disbursed_on"),
            "first_due_on must be after disbursed_on",
        ),
        Rule(
            "rate_and_installments_together",
            ("annual_rate", "installments"),
            pl.col("annual_rate").is_null() == pl.col("installments").is_null(),
            "annual_rate and installments must both be given or both be absent",
        ),
        Rule(
            "loan_is_disbursed",
            ("product_code", "principal", "disbursed_on"),
            (pl.col("product_code") == "CREDIT_CARD")
            | (pl.col("principal").is_not_null() & pl.col("disbursed_on").is_not_null()),
            "principal and disbursed_on are required unless the product is a credit line",
        ),
    ),
    control="principal",
)

EVENTS = Table(
    "events",
    "servicing",
    Layer.BRONZE,
    "One row per loan event, as booked.",
    grain=("event_id",),
    fields=(
        f.EVENT_ID,
        f.LOAN_ID,
        f.EVENT_TYPE_CODE,
        f.VALUE_ON,
        f.BOOKED_AT,
        f.AMOUNT,
        f.CURRENCY,
        f.PAYMENT_CHANNEL_CODE,
        f.PAYMENT_REFERENCE,
        f.REVERSES_EVENT_ID,
    ),
    optional=frozenset({"booked_at", "amount", "payment_channel_code", "payment_reference", "reverses_event_id"}),
    references={"loan_id": "loans.loan_id"},
    rules=(
        Rule(
            "reversal_names_event",
            ("event_type_code", "reverses_event_id"),
            (pl.col("event_type_code") == "reversal") == pl.col("reverses_event_id").is_not_null(),
            "a reversal, and only a reversal, needs reverses_event_id",
        ),
        Rule(
            "event_has_amount",
            ("event_type_code", "amount"),
            pl.col("event_type_code").is_in(["reversal", "write_off"]) | pl.col("amount").is_not_null(),
            "amount is required for this event_type_code",
        ),
    ),
    agreements=(
        Agreement(
            "currency_of_loan",
            "loan_id",
            "loans.loan_id",
            ("currency",),
            "an event must have the currency of its loan",
        ),
        Agreement(
            "not_before_disbursal",
            "loan_id",
            "loans.loan_id",
            (),
            "value_on must not be before disbursed_on of its loan",
            not_before=("value_on", "disbursed_on"),
        ),
        Agreement(
            "reverses_known_event",
            "reverses_event_id",
            "events.event_id",
            ("loan_id",),
            "reverses_event_id must name an event of the same loan that was taken in before or stands in this file",
        ),
    ),
    control="amount",
)

STATEMENTS = Table(
    "statements",
    "servicing",
    Layer.BRONZE,
    "One row per credit line and statement.",
    grain=("loan_id", "statement_on"),
    fields=(
        f.LOAN_ID,
        f.STATEMENT_ON,
        f.CREDIT_LIMIT,
        f.AMOUNT_BILLED,
        f.AMOUNT_PAID,
        f.REPAYMENT_STATUS,
        f.CURRENCY,
    ),
    references={"loan_id": "loans.loan_id"},
    control="amount_billed",
)

BRONZE = (LOANS, EVENTS, STATEMENTS)

CONTRACTUAL_SCHEDULES = Table(
    "contractual_schedules",
    "servicing",
    Layer.SILVER,
    "One row per loan and installment: what falls due when, as contracted at disbursement.",
    grain=("loan_id", "installment_number"),
    fields=(
        f.LOAN_ID,
        *f.OWNERSHIP,
        f.INSTALLMENT_NUMBER,
        f.DUE_ON,
        f.PRINCIPAL_DUE,
        f.INTEREST_DUE,
        f.TOTAL_DUE,
        f.TOTAL_DUE_TO_DATE,
        f.PRINCIPAL_OUTSTANDING,
    ),
    references={"loan_id": "stg_servicing__loans.loan_id"},
)

LOANS_SET_ASIDE = Table(
    "loans_set_aside",
    "servicing",
    Layer.SILVER,
    "One row per loan of which no contractual schedule could be made.",
    grain=("loan_id",),
    fields=(f.LOAN_ID, *f.OWNERSHIP, f.SET_ASIDE_CODE, f.SET_ASIDE_REASON),
    references={"loan_id": "stg_servicing__loans.loan_id"},
)

# Views made of staging rows carry no references of their own: those are tested where they enter, in staging.
SOURCES_OBSERVED = Table(
    "int_servicing__sources_observed",
    "servicing",
    Layer.SILVER,
    "One row per source of loans: until which day its loans are known.",
    grain=("source",),
    fields=(f.SOURCE, f.OBSERVED_UNTIL),
)

PAYMENTS_EFFECTED = Table(
    "int_servicing__payments_effected",
    "servicing",
    Layer.SILVER,
    "One row per receipt, and one per reversal of a receipt, with its sign.",
    grain=("event_id",),
    fields=(f.EVENT_ID, f.LOAN_ID, f.VALUE_ON, f.AMOUNT_SIGNED, f.IS_PREPAYMENT, f.CURRENCY),
)

LOANS_ENDED = Table(
    "int_servicing__loans_ended",
    "servicing",
    Layer.SILVER,
    "One row per loan that ended: by a foreclosure or write-off that stands, or by the outcome its source tells.",
    grain=("loan_id",),
    fields=(f.LOAN_ID, f.ENDED_ON, f.ENDED_BY_CODE, f.AMOUNT_WRITTEN_OFF),
    optional=frozenset({"amount_written_off"}),
)

DUES_OWED = Table(
    "int_servicing__dues_owed",
    "servicing",
    Layer.SILVER,
    "One row per scheduled loan, due date and kind: an installment, or the charges of that day.",
    grain=("loan_id", "due_on", "is_charge"),
    fields=(
        f.LOAN_ID,
        f.DUE_ON,
        f.IS_CHARGE,
        f.PRINCIPAL_DUE,
        f.INTEREST_DUE,
        f.TOTAL_DUE,
        f.TOTAL_DUE_TO_DATE,
        f.PRINCIPAL_OUTSTANDING,
        f.IS_BILLED,
    ),
)

LOANS_AGED = Table(
    "int_servicing__loans_aged",
    "servicing",
    Layer.SILVER,
    "One row per loan with a schedule and month-end, or the last day known, until the loan leaves the book.",
    grain=("loan_id", "as_of"),
    fields=(
        f.LOAN_ID,
        f.AS_OF,
        *f.OWNERSHIP,
        f.MONTHS_ON_BOOK,
        f.AMOUNT_DUE,
        f.AMOUNT_COLLECTED,
        f.DUE_TO_DATE,
        f.PAID_TO_DATE,
        f.TOTAL_OVERDUE,
        f.PRINCIPAL_OUTSTANDING,
        f.OLDEST_DUE_ON,
        f.DPD,
        f.IS_IN_BOOK,
    ),
    optional=frozenset({"oldest_due_on"}),
    references={"loan_id": "stg_servicing__loans.loan_id"},
)

STATEMENTS_AGED = Table(
    "int_servicing__statements_aged",
    "servicing",
    Layer.SILVER,
    "One row per credit line and statement, with its delinquency as the source states it; payments after the last "
    "statement are in the next one.",
    grain=("loan_id", "as_of"),
    fields=(f.LOAN_ID, f.AS_OF, *f.OWNERSHIP, f.PAID_TO_DATE, f.PRINCIPAL_OUTSTANDING, f.MONTHS_PAST_DUE),
)

LOAN_LATEST = Table(
    "servicing__loan_latest",
    "servicing",
    Layer.GOLD,
    "One row per loan: its terms, and its state on the last day its source is known. A credit line's is that of its "
    "last statement; payments after it are in payments_received and last_paid_on alone.",
    grain=("loan_id",),
    fields=(
        f.LOAN_ID,
        f.APPLICATION_ID,
        f.CUSTOMER_ID,
        *f.OWNERSHIP,
        f.SCHEME_CODE,
        f.PRINCIPAL,
        f.DISBURSED_ON,
        f.ANNUAL_RATE,
        f.INSTALLMENTS,
        f.INSTALLMENT_AMOUNT,
        f.AS_OF,
        f.STATUS_CODE,
        f.PRINCIPAL_OUTSTANDING,
        f.TOTAL_OVERDUE,
        f.DPD,
        f.DPD_BUCKET_CODE,
        f.MONTHS_PAST_DUE,
        f.PAYMENTS_RECEIVED,
        f.LAST_PAID_ON,
        f.OUTCOME_CODE,
        f.OUTCOME_ON,
        f.PRINCIPAL_CHARGED_OFF,
        f.SOURCE,
    ),
    optional=frozenset(
        {"application_id", "customer_id", "scheme_code", "principal", "disbursed_on", "annual_rate", "installments"}
        | {"installment_amount", "principal_outstanding", "total_overdue", "dpd", "dpd_bucket_code", "months_past_due"}
        | {"payments_received", "last_paid_on", "outcome_code", "outcome_on", "principal_charged_off"}
    ),
    references={"loan_id": "stg_servicing__loans.loan_id"},
)

LOAN_MONTHLY = Table(
    "servicing__loan_monthly",
    "servicing",
    Layer.GOLD,
    "One row per loan in the book and month-end; in the running month, the last day known. Credit lines have a row for "
    "each statement, and payments after the last one are in none yet.",
    grain=("loan_id", "as_of"),
    fields=(
        f.LOAN_ID,
        f.AS_OF,
        *f.OWNERSHIP,
        f.MONTHS_ON_BOOK,
        f.DUE_TO_DATE,
        f.PAID_TO_DATE,
        f.TOTAL_OVERDUE,
        f.PRINCIPAL_OUTSTANDING,
        f.OLDEST_DUE_ON,
        f.DPD,
        f.MONTHS_PAST_DUE,
        f.DPD_BUCKET_CODE,
    ),
    optional=frozenset({"months_on_book", "due_to_date", "total_overdue", "oldest_due_on", "dpd"}),
    references={"loan_id": "servicing__loan_latest.loan_id"},
)

COLLECTION_MONTHLY = Table(
    "servicing__collection_monthly",
    "servicing",
    Layer.GOLD,
    "One row per month-end, product, branch, entity and currency: what fell due in the month and what came in.",
    grain=("as_of", "product_code", "branch_id", "entity_id", "currency"),
    fields=(
        f.AS_OF,
        f.PRODUCT_CODE,
        f.BRANCH_ID,
        f.ENTITY_ID,
        f.CURRENCY,
        f.LOANS_DUE,
        f.AMOUNT_DUE,
        f.AMOUNT_COLLECTED,
        f.COLLECTION_EFFICIENCY,
    ),
    optional=frozenset({"collection_efficiency"}),
)

DELINQUENCY_MONTHLY = Table(
    "servicing__delinquency_monthly",
    "servicing",
    Layer.GOLD,
    "One row per month-end, product, branch, entity, currency and bucket of days past due.",
    grain=("as_of", "product_code", "branch_id", "entity_id", "currency", "dpd_bucket_code"),
    fields=(
        f.AS_OF,
        f.PRODUCT_CODE,
        f.BRANCH_ID,
        f.ENTITY_ID,
        f.CURRENCY,
        f.DPD_BUCKET_CODE,
        f.LOANS,
        f.PRINCIPAL_OUTSTANDING,
        f.TOTAL_OVERDUE,
    ),
    optional=frozenset({"total_overdue"}),
)

# Path-dependent figures come from a compiled kernel over the whole book; dbt reads them as sources.
WRITTEN_BY_KERNELS = (CONTRACTUAL_SCHEDULES, LOANS_SET_ASIDE)

SILVER = (
    *staged(BRONZE),
    *WRITTEN_BY_KERNELS,
    SOURCES_OBSERVED,
    PAYMENTS_EFFECTED,
    LOANS_ENDED,
    DUES_OWED,
    LOANS_AGED,
    STATEMENTS_AGED,
)
GOLD = (LOAN_LATEST, LOAN_MONTHLY, COLLECTION_MONTHLY, DELINQUENCY_MONTHLY)
