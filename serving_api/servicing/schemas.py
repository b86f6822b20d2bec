"""Shapes of servicing. Belongs here: which fields there are. Does not: what a field is (values.py)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from serving_api.values import Answer, Body, Shown, Value, answer_of, shown
from warehouse.contracts import fields as f
from warehouse.contracts.servicing import LOAN_LATEST


class PaymentIn(Body):
    """Money the borrower paid."""

    amount: Annotated[Decimal, Value(f.AMOUNT)]
    currency: Annotated[str, Value(f.CURRENCY)]
    value_on: Annotated[date, Value(f.VALUE_ON)]
    payment_channel_code: Annotated[str, Value(f.PAYMENT_CHANNEL_CODE)] = "UNKNOWN"
    payment_reference: Annotated[str, Value(f.PAYMENT_REFERENCE)] | None = None


class PaymentOut(Answer):
    """A payment as booked: one more event of the loan."""

    event_id: Annotated[str, Shown(f.EVENT_ID)]
    loan_id: Annotated[str, Shown(f.LOAN_ID)]
    event_type_code: Annotated[str, Shown(f.EVENT_TYPE_CODE)]
    value_on: Annotated[date, Shown(f.VALUE_ON)]
    booked_at: Annotated[datetime, Shown(f.BOOKED_AT)]
    amount: Annotated[Decimal, Shown(f.AMOUNT)]
    currency: Annotated[str, Shown(f.CURRENCY)]
    payment_channel_code: Annotated[str, Shown(f.PAYMENT_CHANNEL_CODE)]
    payment_reference: Annotated[str, Shown(f.PAYMENT_REFERENCE)] | None


class PaymentSince(PaymentOut):
    """A payment that the figures do not count yet."""

    is_in_lake: bool = Field(description="the lake has it, with a value date after as_of; else it was not ingested yet")


LoanOut = answer_of(
    "LoanOut",
    "A loan: terms and figures at as_of, read from one published snapshot, and what was paid since.",
    **shown(LOAN_LATEST.fields, LOAN_LATEST.optional),
    snapshot_id=(int, Field(description="the published snapshot of the lake that the figures were read from")),
    published_at=(
        Annotated[Any, Shown(f.BOOKED_AT.named("published_at", "when that snapshot was published"))],
        ...,
    ),
    payments_since=(
        list[PaymentSince],
        Field(description="payments booked here that the figures above do not count yet, oldest first"),
    ),
)
