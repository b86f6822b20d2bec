"""What is computed of one loan: schedule, state, allocations, payoff; frozen values with money as Decimals.

Belongs here: the shapes of results (INTERFACES.md, section 2, Outputs). Does not: how they are computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Installment:
    """One row. balance: scheduled principal left after it. paid_on: day that cleared principal, interest and fee."""

    number: int
    due_on: date
    principal: Decimal
    interest: Decimal
    fee: Decimal
    total: Decimal
    balance: Decimal
    penal: Decimal
    principal_paid: Decimal
    interest_paid: Decimal
    fee_paid: Decimal
    penal_paid: Decimal
    interest_waived: Decimal
    fee_waived: Decimal
    penal_waived: Decimal
    paid_on: date | None


@dataclass(frozen=True)
class Schedule:
    """The contractual schedule. upfront_interest: broken-period interest taken at disbursal (zero otherwise)."""

    loan_id: str
    installment_amount: Decimal
    installments: tuple[Installment, ...]
    upfront_interest: Decimal


@dataclass(frozen=True)
class Allocation:
    """What one event settled of one installment; excess: what it left held (negative when held money was used).

    installment: None when nothing but excess moved.
    """

    event_id: str
    on: date
    installment: int | None
    penal: Decimal
    fee: Decimal
    interest: Decimal
    principal: Decimal
    excess: Decimal


@dataclass(frozen=True)
class LoanState:
    """The loan at the day-end of as_of, as known at known_at (None: everything)."""

    loan_id: str
    as_of: date
    status: str
    principal_outstanding: Decimal
    interest_accrued: Decimal
    principal_overdue: Decimal
    interest_overdue: Decimal
    fee_due: Decimal
    penal_due: Decimal
    total_overdue: Decimal
    excess: Decimal
    oldest_due_on: date | None
    dpd: int
    dpd_pi: int
    asset_class: str
    npa_since: date | None
    reversed: tuple[str, ...]
    installments: tuple[Installment, ...]
    allocations: tuple[Allocation, ...]


@dataclass(frozen=True)
class Payoff:
    """What closes the loan on that day; total = the parts less excess."""

    loan_id: str
    on: date
    principal: Decimal
    interest: Decimal
    fee: Decimal
    penal: Decimal
    foreclosure_charge: Decimal
    gst: Decimal
    excess: Decimal
    total: Decimal
