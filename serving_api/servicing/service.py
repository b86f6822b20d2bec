"""Decisions of servicing: which loans take a payment, and what a loan's answer says."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from serving_api.errors import FieldsRefused, LoanClosed, NotKnown
from serving_api.published import Published, Snapshot
from serving_api.servicing import repository
from serving_api.servicing.schemas import LoanOut, PaymentIn, PaymentOut, PaymentSince
from serving_api.values import Answer, decimals_refused
from serving_api.writes import Done, Write

TAKES_NO_PAYMENT = {
    "CLOSED": "the loan is closed; money that still arrives is refunded, not booked on it",
    "WRITTEN_OFF": "the loan is written off; money that still arrives is a recovery, not a payment",
}


def loan(session: Session, books: Published, loan_id: str) -> Answer:
    """The loan at the latest published snapshot, and the payments it does not count yet. Raises NotKnown."""
    snapshot = books.snapshot()
    found = _known_loan(snapshot, loan_id)
    since = repository.payments_since(session, snapshot, loan_id, found["as_of"])
    return LoanOut.model_validate(
        {
            **found,
            "snapshot_id": snapshot.closing.snapshot_id,
            "published_at": snapshot.closing.published_at,
            "payments_since": [{name: row[name] for name in PaymentSince.model_fields} for row in since],
        }
    )


def check_payment(write: Write, books: Published, loan_id: str, payment: PaymentIn) -> None:
    """Raises NotKnown, LoanClosed, or FieldsRefused naming every field at fault."""
    found = _known_loan(books.snapshot(), loan_id)
    if reason := TAKES_NO_PAYMENT.get(found["status_code"]):
        raise LoanClosed(reason)
    errors = []
    if payment.currency != found["currency"]:
        errors.append(("currency", f"the loan is in {found['currency']}"))
    if reason := decimals_refused(payment.amount, payment.currency):
        errors.append(("amount", reason))
    if payment.value_on > write.today:
        errors.append(("value_on", f"must not be in the future: today is {write.today}"))
    if found["disbursed_on"] is not None and payment.value_on < found["disbursed_on"]:
        errors.append(("value_on", f"must not be before the disbursal on {found['disbursed_on']}"))
    if errors:
        raise FieldsRefused(*errors)


def book_payment(write: Write, loan_id: str, payment: PaymentIn) -> Done:
    """Book the payment as one more event of the loan."""
    row: dict[str, Any] = {
        "event_id": f"PAY-{uuid.uuid4().hex}",
        "loan_id": loan_id,
        "event_type_code": "payment",
        "value_on": payment.value_on,
        "booked_at": write.at,
        "amount": payment.amount,
        "currency": payment.currency,
        "payment_channel_code": payment.payment_channel_code,
        "payment_reference": payment.payment_reference,
    }
    repository.append_payment(write, row)
    return Done(PaymentOut(**row), location=f"/v1/loans/{loan_id}")


def _known_loan(snapshot: Snapshot, loan_id: str) -> dict[str, Any]:
    found = repository.loan(snapshot, loan_id)
    if found is None:
        raise NotKnown("no loan of the published lake has this loan_id", [("loan_id", "is not known")])
    return found
