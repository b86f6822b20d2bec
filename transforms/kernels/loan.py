"""A loan as frozen values: its terms as contracted, and the events that happened to it.

Belongs here: shapes and their defaults (INTERFACES.md, section 2). Does not: how a document is read (document.py), the
columns that compiled kernels take (columns.py), what follows from the values (replay.py).

Money is a Decimal in major units, a rate a Decimal fraction a year, a day a date, an instant a datetime with offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from transforms.kernels.money import Mode

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class RepayEvery:
    """The distance of due dates: n units of day, week, month or year."""

    n: int = 1
    unit: str = "month"


@dataclass(frozen=True)
class Grace:
    """Leading installments without principal, and without any interest paid; capitalise: never, at_end, each_due."""

    principal_installments: int = 0
    interest_installments: int = 0
    capitalise: str = "never"


@dataclass(frozen=True)
class Step:
    """From installment `from_number` on, the installment is installment_amount, or (1 + change) x the one before."""

    from_number: int
    installment_amount: Decimal | None = None
    change: Decimal | None = None


@dataclass(frozen=True)
class CustomRow:
    """One row of an agreed schedule."""

    due_on: date
    principal: Decimal


@dataclass(frozen=True)
class LoanRounding:
    """Units in major money; modes of interest and of the installment."""

    interest: Decimal = Decimal("0.01")
    installment: Decimal = Decimal("0.01")
    mode: Mode = Mode.HALF_UP
    installment_mode: Mode = Mode.HALF_UP


@dataclass(frozen=True)
class Fee:
    """A fee: `amount`, or `rate` of the principal; to: lender, third_party; when: disbursement, each_installment."""

    name: str
    amount: Decimal | None = None
    rate: Decimal | None = None
    to: str = "lender"
    when: str = "disbursement"
    gst_rate: Decimal = Decimal(0)
    deducted: bool = True


@dataclass(frozen=True)
class Penal:
    """Penal charge on overdue principal and interest (PC-01): a rate a year, days of grace, an amount once a row."""

    annual_rate: Decimal = Decimal(0)
    grace_days: int = 0
    flat: Decimal = ZERO


@dataclass(frozen=True)
class AppliesTo:
    """What decides whether a prepayment may be charged (PP-01, PP-02; values in prepayment_rules.py).

    sanctioned: None means the principal; sanctioned_on, of the sanction or its renewal: the day of disbursal.
    """

    rate_type: str
    borrower: str
    purpose: str
    lender_layer: str
    sanctioned: Decimal | None = None
    sanctioned_on: date | None = None


@dataclass(frozen=True)
class ForeclosureTerms:
    """Charge for closing early, on the principal prepaid; free once so many installments fell due (0: never free).

    applies_to: what the rules on such charges ask of the loan; None: they were looked at when the terms were made.
    """

    rate: Decimal = Decimal(0)
    of: str = "principal_prepaid"
    gst_rate: Decimal = Decimal(0)
    free_after_installments: int = 0
    applies_to: AppliesTo | None = None


@dataclass(frozen=True)
class Waterfall:
    """What money settles first; across: oldest_installment_first or component_first."""

    order: tuple[str, ...] = ("interest", "principal", "fee", "penal")
    across: str = "oldest_installment_first"


@dataclass(frozen=True)
class Terms:
    """A loan's terms. Fields and values are those of INTERFACES.md, section 2; waterfall_*: None means waterfall."""

    principal: Decimal
    disbursed_on: date
    annual_rate: Decimal
    installments: int
    first_due_on: date | None = None
    repay_every: RepayEvery = field(default_factory=RepayEvery)
    interest_method: str = "reducing"
    amortisation: str = "emi"
    day_count: str = "30/360"
    installment_basis: str = "period_factors"
    interest_basis: str = "scheduled"
    broken_period: str = "spread"
    grace: Grace = field(default_factory=Grace)
    installment_amount: Decimal | None = None
    balloon: Decimal = ZERO
    steps: tuple[Step, ...] = ()
    custom_schedule: tuple[CustomRow, ...] = ()
    rounding: LoanRounding = field(default_factory=LoanRounding)
    fees: tuple[Fee, ...] = ()
    penal: Penal | None = None
    foreclosure: ForeclosureTerms | None = None
    waterfall: Waterfall = field(default_factory=Waterfall)
    waterfall_npa: Waterfall | None = None
    waterfall_written_off: Waterfall | None = None
    excess: str = "hold"
    tolerance: Decimal = ZERO


@dataclass(frozen=True)
class Event:
    """One event; fields that its type does not have are None. booked_at is always set (the end of its day in IST)."""

    id: str
    type: str
    on: date
    booked_at: datetime
    amount: Decimal | None = None
    component: str | None = None
    adjust: str | None = None
    annual_rate: Decimal | None = None
    gst_rate: Decimal = Decimal(0)
    from_number: int | None = None
    installments: int | None = None
    interest: str | None = None
    terms: Terms | None = None
    overdue: str | None = None
    reverses: str | None = None
    principal: Decimal | None = None
    interest_overdue: Decimal = ZERO
    fee_due: Decimal = ZERO
    penal_due: Decimal = ZERO
    oldest_due_on: date | None = None
    npa_since: date | None = None
    name: str | None = None
    channel: str | None = None
    reference: str | None = None


@dataclass(frozen=True)
class Loan:
    """A loan document: identity, terms, events in the order of the document (which means nothing)."""

    loan_id: str
    currency: str
    terms: Terms
    events: tuple[Event, ...] = ()


class LoanRefused(ValueError):
    """A document that cannot be computed; `field` is the path of what is wrong, such as events[3].amount."""

    def __init__(self, field_path: str, problem: str) -> None:
        super().__init__(f"{field_path}: {problem}" if field_path else problem)
        self.field = field_path
        self.problem = problem
