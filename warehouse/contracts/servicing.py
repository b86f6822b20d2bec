"""Tables of servicing: loans as contracted, and what happened to them."""

import polars as pl

from warehouse.contracts import fields as f
from warehouse.contracts.table import Layer, Rule, Table

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
