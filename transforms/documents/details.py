"""What a document says beside the loan's figures: the lender, the borrower, clauses and people (KF-02, KF-03).

Belongs here: shapes. Does not: words or layout. Whatever is None shows as a blank to be filled in by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BLANK = "______________"


@dataclass(frozen=True)
class FloatingDetails:
    """How a floating rate is made up; rates are fractions a year, resets in months."""

    benchmark: str
    benchmark_rate: Decimal
    spread: Decimal
    benchmark_reset_months: int | None = None
    spread_reset_months: int | None = None


@dataclass(frozen=True)
class CollaborationDetails:
    """A loan of two lenders; shares are fractions of it, blended_rate a fraction a year (CL-02)."""

    originator: str
    originator_share: Decimal
    partner: str
    partner_share: Decimal
    blended_rate: Decimal


@dataclass(frozen=True)
class LenderDetails:
    """The rest of a Key Facts Statement and of a statement's header.

    rate_type: fixed, floating or hybrid. is_transferable: KF-03's question on transfer and securitisation.
    """

    lender: str | None = None
    borrower: str | None = None
    proposal: str | None = None
    loan_type: str | None = None
    product: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    disbursal_clause: str | None = None
    rate_type: str = "fixed"
    floating: FloatingDetails | None = None
    penal_other: str | None = None
    switching_charge: str | None = None
    other_charges: str | None = None
    recovery_clause: str | None = None
    grievance_clause: str | None = None
    officer_phone: str | None = None
    officer_email: str | None = None
    is_transferable: bool | None = None
    collaboration: CollaborationDetails | None = None
    is_digital: bool = False
    cooling_off: str | None = None
    recovery_agent: str | None = None


NO_DETAILS = LenderDetails()
