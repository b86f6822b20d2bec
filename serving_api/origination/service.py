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


def check_application(write: Write, books: Published, application: ApplicationIn) -> None:
    """Raises FieldsRefused, naming every field at fault."""
    errors = []
    if application.applied_on > write.today:
        errors.append(("applied_on", f"must not be in the future: today is {write.today}"))
    if reason := decimals_refused(application.amount_requested, application.currency):
        errors.append(("amount_requested", reason))
    if application.customer_id and not repository.is_known_customer(books.snapshot(), application.customer_id):
        errors.append(("customer_id", "no such customer in the published lake"))
    if errors:
        raise FieldsRefused(*errors)


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
