"""The figures of a Key Facts Statement: what a loan costs, before it is taken (KF-01 to KF-06).

Belongs here: which payments and fees count, totals, the APR's cash flows. Does not: the rate itself (apr.py), the
document for the borrower (transforms/documents). Later events are ignored: a statement is of the contract.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction

from transforms.kernels.apr import EXACT, AprSheet, Flow, apr_sheet, periods_per_year
from transforms.kernels.columns import INSTALLMENTS_MAX
from transforms.kernels.epi import has_regular_dates, installment_unrounded
from transforms.kernels.figures import Installment, Schedule
from transforms.kernels.loan import Fee, Loan, Terms
from transforms.kernels.money import HUNDREDTHS, SMALLEST, Mode, Rounding, rounded
from transforms.kernels.replay import schedule_of

NOTHING = Decimal("0.00")
DAYS_A_YEAR = 365  # KF-06: irregular flows are discounted by actual days over 365
QUARTER_OF_A_POINT = Decimal("0.0025")  # KF-02: the effect of 25 basis points is shown


@dataclass(frozen=True)
class FeeFact:
    """One fee as the statement lists it. amount: each time, net of GST unless the statement includes it."""

    name: str
    to: str
    when: str
    amount: Decimal
    gst: Decimal
    times: int

    @property
    def total(self) -> Decimal:
        return self.amount * self.times


@dataclass(frozen=True)
class KeyFacts:
    """apr: a fraction a year with four decimals; total_payable: loan_amount + total_interest, as RBI's form adds it."""

    loan_amount: Decimal
    net_disbursed: Decimal
    installment_amount: Decimal
    installments: int
    total_interest: Decimal
    total_fees: Decimal
    total_payable: Decimal
    apr: Decimal
    schedule: tuple[Installment, ...]
    fees: tuple[FeeFact, ...]
    upfront_interest: Decimal
    installment_unrounded: Decimal | None
    is_regular: bool
    is_gst_included: bool
    sheet: AprSheet


@dataclass(frozen=True)
class Sensitivity:
    """By how much the installment rises, or how many installments come on top, when the rate rises by `change`."""

    change: Decimal
    installment_amount: Decimal
    installments: int


def key_facts(loan: Loan, kfs_gst_included: bool = False) -> KeyFacts:
    """The statement's figures. LoanRefused when fees leave nothing to disburse (terms.fees).

    kfs_gst_included: fees with their GST, also in the APR; some lenders do (DOMAIN.md, open point 5).
    Source: RBI, Key Facts Statement for Loans & Advances, 15 Apr 2024.
    """
    terms, schedule = loan.terms, schedule_of(loan)
    rows = schedule.installments
    fees = tuple(_fee(fee, loan, len(rows), kfs_gst_included) for fee in terms.fees)
    net_disbursed = terms.principal + NOTHING - _sum_of(fees, "disbursement") - schedule.upfront_interest
    is_regular = has_regular_dates(terms, [row.due_on for row in rows])
    installment = installment_unrounded(terms) if is_regular else None
    flows = _flows(terms, rows, is_regular, installment, _sum_of(fees, "each_installment"))
    sheet = apr_sheet(net_disbursed, flows, periods_per_year(terms.repay_every))
    interest = _total_interest(loan, schedule, installment)
    return KeyFacts(
        loan_amount=terms.principal + NOTHING,
        net_disbursed=net_disbursed,
        installment_amount=schedule.installment_amount,
        installments=len(rows),
        total_interest=interest,
        total_fees=sum((fee.total for fee in fees), NOTHING),
        total_payable=terms.principal + interest,
        apr=sheet.apr,
        schedule=rows,
        fees=fees,
        upfront_interest=schedule.upfront_interest,
        installment_unrounded=installment,
        is_regular=is_regular,
        is_gst_included=kfs_gst_included,
        sheet=sheet,
    )


def _smallest(currency: str) -> Decimal:
    return Decimal(SMALLEST[currency]) / HUNDREDTHS


def _fee(fee: Fee, loan: Loan, installments: int, is_gst_included: bool) -> FeeFact:
    unit = Rounding(_smallest(loan.currency), Mode.HALF_UP)
    net = fee.amount if fee.amount is not None else rounded(loan.terms.principal * (fee.rate or 0), unit)
    gst = rounded(net * fee.gst_rate, unit)
    amount = net + gst if is_gst_included else net
    return FeeFact(fee.name, fee.to, fee.when, amount, gst, installments if fee.when == "each_installment" else 1)


def _sum_of(fees: tuple[FeeFact, ...], when: str) -> Decimal:
    return sum((fee.amount for fee in fees if fee.when == when), NOTHING)


def _flows(
    terms: Terms, rows: tuple[Installment, ...], is_regular: bool, installment: Decimal | None, recurring: Decimal
) -> tuple[Flow, ...]:
    """What the borrower pays: the unrounded installment where all are equal, else the rows; recurring fees beside."""
    per_day = periods_per_year(terms.repay_every) / DAYS_A_YEAR
    flows = []
    with localcontext(EXACT):
        for row in rows:
            at = Fraction(row.number) if is_regular else (row.due_on - terms.disbursed_on).days * per_day
            paid = installment if installment is not None else row.principal + row.interest
            flows.append(Flow(at, paid + recurring))
    return tuple(flows)


def _total_interest(loan: Loan, schedule: Schedule, installment: Decimal | None) -> Decimal:
    """Interest over the whole term, what is taken at disbursal included.

    The rows tell it to the paisa. Where the contract rounds to more than the currency's smallest amount, equal
    installments are counted before rounding: what rounding adds or takes is no interest (RBI's own example: 3,274,
    where its 24 rounded installments would say 3,280).
    """
    rounding = loan.terms.rounding
    is_coarse = max(rounding.interest, rounding.installment) > _smallest(loan.currency)
    if installment is not None and is_coarse:
        with localcontext(EXACT):
            interest = installment * loan.terms.installments - loan.terms.principal
        unit = max(rounding.interest, _smallest(loan.currency))
        return rounded(interest, Rounding(unit, Mode.HALF_UP))
    return sum((row.interest for row in schedule.installments), schedule.upfront_interest)


def sensitivity(loan: Loan, change: Decimal = QUARTER_OF_A_POINT) -> Sensitivity | None:
    """What a rise of the rate does to the installment, or to their number (KF-02); None where installments differ.

    The number is counted on the schedule that keeps the installment, which ends with the row that clears the loan.
    """
    terms = loan.terms
    if terms.interest_method != "reducing" or terms.amortisation != "emi" or terms.balloon:
        return None
    before, dearer = schedule_of(loan), replace(terms, annual_rate=terms.annual_rate + change)
    after = schedule_of(replace(loan, terms=dearer, events=()))
    kept = replace(dearer, installment_amount=before.installment_amount, installments=INSTALLMENTS_MAX)
    longer = schedule_of(replace(loan, terms=kept, events=()))
    return Sensitivity(
        change,
        after.installment_amount - before.installment_amount,
        len(longer.installments) - len(before.installments),
    )
