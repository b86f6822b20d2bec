"""Shapes of origination. Belongs here: which fields there are. Does not: what a field is (values.py)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from serving_api.values import Body, Shown, Value, answer_of, shown
from warehouse.contracts import fields as f
from warehouse.contracts.origination import APPLICATIONS


class ApplicationIn(Body):
    """A new application. What the house decides (identifier, decision, sanction) is not asked."""

    customer_id: Annotated[str, Value(f.CUSTOMER_ID)] | None = None
    branch_id: Annotated[str, Value(f.BRANCH_ID)]
    entity_id: Annotated[str, Value(f.ENTITY_ID)]
    product_code: Annotated[str, Value(f.PRODUCT_CODE)]
    currency: Annotated[str, Value(f.CURRENCY)]
    scheme_code: Annotated[str, Value(f.SCHEME_CODE)] | None = None
    channel_code: Annotated[str, Value(f.CHANNEL_CODE)]
    applied_on: Annotated[date, Value(f.APPLIED_ON)]
    amount_requested: Annotated[Decimal, Value(f.AMOUNT_REQUESTED)]
    tenure_months: Annotated[int, Value(f.TENURE_MONTHS)] | None = None
    state_code: Annotated[str, Value(f.STATE_CODE)] | None = None
    postal_code: Annotated[str, Value(f.POSTAL_CODE)] | None = None
    naics_code: Annotated[str, Value(f.NAICS_CODE)] | None = None
    employees: Annotated[int, Value(f.EMPLOYEES)] | None = None
    jobs_created: Annotated[int, Value(f.JOBS_CREATED)] | None = None
    jobs_retained: Annotated[int, Value(f.JOBS_RETAINED)] | None = None
    is_new_business: Annotated[bool, Value(f.IS_NEW_BUSINESS)] | None = None
    is_franchise: Annotated[bool, Value(f.IS_FRANCHISE)] | None = None
    urban_rural_code: Annotated[str, Value(f.URBAN_RURAL_CODE)] | None = None


ApplicationOut = answer_of(
    "ApplicationOut",
    "An application as it stands.",
    **shown(APPLICATIONS.fields, APPLICATIONS.optional),
    created_at=(Annotated[Any, Shown(f.BOOKED_AT.named("created_at", "when the application was received"))], ...),
)
