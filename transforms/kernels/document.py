"""A loan document as a frozen loan: the one reader that command line, API and lake share.

Belongs here: the document as a whole. Does not: its parts (document_terms.py, document_events.py), its text (the caller
reads JSON, with document_fields.members so that nothing named twice is lost).
"""

from __future__ import annotations

from transforms.kernels.document_events import events_from
from transforms.kernels.document_fields import Reader, as_given, at, choice, read_object, refuse, text
from transforms.kernels.document_terms import terms_from
from transforms.kernels.loan import Loan
from transforms.kernels.money import SMALLEST

FIELDS: dict[str, Reader] = {
    "loan_id": text,
    "currency": choice(*SMALLEST),
    "terms": as_given,
    "events": as_given,
}
WHEN_ABSENT = {"currency": "INR", "events": ()}


def loan_from(document: object, where: str = "") -> Loan:
    """The loan that a parsed JSON value describes; all that is absent has its default (INTERFACES.md, section 2).

    where: the path of the document itself, such as [1] in a list. LoanRefused names the field at fault by its path.
    """
    if not isinstance(document, dict):
        refuse(where, "a loan document must be an object")
    found = read_object(document, where, "a loan document", FIELDS, WHEN_ABSENT)
    currency = found["currency"]
    terms = terms_from(found["terms"], at(where, "terms"), currency)
    events = events_from(found["events"], at(where, "events"), currency, terms) if "events" in document else ()
    return Loan(found["loan_id"], currency, terms, events)


def loans_from(documents: object) -> tuple[Loan, ...]:
    """The loans of one document or of a list of them. The first document at fault refuses all."""
    if not isinstance(documents, list):
        return (loan_from(documents),)
    if not documents:
        refuse("", "the list holds no loan document")
    return tuple(loan_from(one, f"[{place}]") for place, one in enumerate(documents))
