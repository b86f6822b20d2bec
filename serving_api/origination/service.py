"""Decisions of origination: whether an application can be taken in."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from serving_api.errors import FieldsRefused, NotKnown
from serving_api.origination import repository
from serving_api.origination.schemas import ApplicationIn, ApplicationOut
from serving_api.published import Published
from serving_api.values import Answer, decimals_refused
from serving_api.writes import Done, Write
from warehouse.contracts.origination import APPLICATIONS
from warehouse.lake import LakeMissing


def check_application(write: Write, books: Published, application: ApplicationIn) -> None:
    """Raises FieldsRefused, naming every field at fault."""
    errors = []
    if application.applied_on > write.today:
        errors.append(("applied_on", f"must not be in the future: today is {write.today}"))
    if reason := decimals_refused(application.amount_requested, application.currency):
        errors.append(("amount_requested", reason))
    errors += _unknown(books, application)
    if errors:
        raise FieldsRefused(*errors)


def _unknown(books: Published, application: ApplicationIn) -> list[tuple[str, str]]:
    """What the application names and the published lake does not know; a lake that keeps no branches judges none."""
    try:
        snapshot = books.snapshot()
    except LakeMissing:
        if application.customer_id:
            raise
        return []
    errors = []
    if application.customer_id and not repository.is_known_customer(snapshot, application.customer_id):
        errors.append(("customer_id", "no such customer in the published lake"))
    branch = repository.branch(snapshot, application.branch_id)
    if branch.is_kept and not branch.is_known:
        errors.append(("branch_id", "no such branch in the published lake"))
    elif branch.is_known and branch.belongs_to != application.entity_id:
        errors.append(("entity_id", f"the branch belongs to {branch.belongs_to}"))
    if application.scheme_code is not None:
        scheme = repository.scheme(snapshot, application.scheme_code)
        if scheme.is_kept and not scheme.is_known:
            errors.append(("scheme_code", "no such scheme in the published lake"))
        elif scheme.is_known and scheme.belongs_to != application.product_code:
            errors.append(("scheme_code", f"the scheme is of the product {scheme.belongs_to}"))
    return errors


def create_application(write: Write, application: ApplicationIn) -> Done:
    """Take the application in, undecided."""
    row: dict[str, Any] = {field.name: getattr(application, field.name, None) for field in APPLICATIONS.fields}
    row |= {"application_id": f"APP-{uuid.uuid4().hex}", "decision_code": "PENDING"}
    repository.append_application(write, row)
    body = ApplicationOut.model_validate({**row, "created_at": write.at})
    return Done(body, location=f"/v1/applications/{row['application_id']}")


def application(session: Session, application_id: str) -> Answer:
    """Raises NotKnown."""
    row = repository.application(session, application_id)
    if row is None:
        raise NotKnown("no application has this application_id", [("application_id", "is not known")])
    return ApplicationOut.model_validate({name: row[name] for name in ApplicationOut.model_fields})
