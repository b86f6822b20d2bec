"""One bucket of a portfolio: some thousand loans and what became of them.

Belongs here: the order of the steps, and how the borrowers of a bucket differ. Does not: which column holds what
(columns.py). A bucket depends on the seed and its number alone, so buckets can be made in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingestion.simulator import originations, recovery
from ingestion.simulator.behaviour import NEVER, Lives, Paths, live
from ingestion.simulator.calendar import Window, financial_year
from ingestion.simulator.calibration import SEVERITY
from ingestion.simulator.cashflows import Borrowers, Cashflows
from ingestion.simulator.ledger import Actions, Ledger
from ingestion.simulator.originations import LOAN, Applications
from ingestion.simulator.products import PRODUCTS, SCHEMES
from ingestion.simulator.schedules import Dues
from ingestion.simulator.text import Characters, digits, joined

Ints = NDArray[np.int64]
_DAYS: Ints = np.array([s.days for s in SCHEMES], np.int64)
_IS_SECURED = np.array([p.collateral is not None for p in PRODUCTS])
_RISK = np.array([p.risk for p in PRODUCTS])


@dataclass(frozen=True)
class Made:
    """A bucket's loans: their row among the applications, in the order of the loans file, and what became of them."""

    applications: Applications
    rows: Ints
    ids: Characters
    paths: Paths
    events: dict[str, Ints]
    actions: dict[str, Ints]


def make(rng: np.random.Generator, bucket: int, loans: int, window: Window) -> Made:
    """Everything about one bucket."""
    applications = originations.apply(rng, bucket, loans, window)
    rows = np.flatnonzero(applications.status == LOAN)
    rows = rows[np.argsort(applications.disbursed_on[rows], kind="stable")]
    dues = applications.dues.of(rows)
    paths = live(rng, _lives(applications, rows, window), window)
    borrowers = _borrowers(rng, applications, rows, dues, paths, window)
    events, actions = _booked(Cashflows(rng, dues, paths, borrowers, window, Ledger()))
    return Made(applications, rows, _loan_ids(applications, rows), paths, events, actions)


def _booked(flows: Cashflows) -> tuple[dict[str, Ints], dict[str, Ints]]:
    """Events and recovery actions."""
    actions = Actions()
    flows.pay_current()
    missed = flows.miss()
    recovery.remind(flows, missed, actions)
    recovery.pursue(flows, flows.catch_up(missed), actions)
    recovery.give_up(flows, missed, actions)
    return flows.ledger.events(flows.rng), actions.rows()


def _lives(applications: Applications, rows: Ints, window: Window) -> Lives:
    scheme, disbursed_on = applications.scheme[rows], applications.disbursed_on[rows]
    periods = originations.installments(scheme, applications.tenure[rows])
    month, days = window.month(disbursed_on), _DAYS[scheme]
    last_due = disbursed_on + days * periods
    last_group = np.where(days > 0, window.month(last_due - 2), month + periods)
    last_month = np.where(days > 0, window.month(last_due), month + periods)
    # a hundred points of score are worth a factor of five in risk; no history counts as 700
    score = np.where(applications.score[rows] < 0, 700, applications.score[rows])
    risk = _RISK[applications.product[rows]] * np.exp((735 - score) / 62)
    return Lives(disbursed_on, month, last_group, last_month, np.minimum(risk, 8.0))


def _borrowers(
    rng: np.random.Generator, applications: Applications, rows: Ints, dues: Dues, paths: Paths, window: Window
) -> Borrowers:
    """How each loan is paid; the severity is scaled so that its mean over the bucket's charge-offs is the target."""
    loans = len(rows)
    product = applications.product[rows]
    month = window.month(applications.disbursed_on[rows])
    principal = applications.amount[rows] * 100
    off = np.flatnonzero(paths.written_off_on >= 0)
    severity = np.ones(loans)
    severity[off] = _severities(rng, _left(dues, principal, paths, window)[off])
    never_late = (paths.late <= 0).all(axis=1) & (paths.foreclosed == NEVER)
    periods = originations.installments(applications.scheme[rows], applications.tenure[rows])
    is_long = (np.diff(dues.start) < periods * 0.6) & (applications.scheme[rows] < len(SCHEMES) - 2)
    prepays = never_late & is_long & (rng.random(loans) < 0.12)
    prepaid = month + 2 + (rng.random(loans) * np.maximum(window.months - month - 2, 1)).astype(np.int64)
    return Borrowers(
        principal=principal,
        month=month,
        by_mandate=np.array([p.code != "MFI" for p in PRODUCTS])[product] & (rng.random(loans) < 0.9),
        is_punctual=rng.random(loans) < 0.55,
        is_secured=_IS_SECURED[product],
        prepaid=np.where(prepays, prepaid, -1),
        severity=severity,
    )


def _left(dues: Dues, principal: Ints, paths: Paths, window: Window) -> NDArray[np.float64]:
    """Principal that a loan charged off owes after the dues before its arrears, as part of what was lent."""
    loan = dues.loan
    off = np.where(paths.written_off_on >= 0, window.month(paths.written_off_on), 0)
    months_late = paths.late[np.arange(len(principal)), off].astype(np.int64)
    is_paid = dues.group < (off - months_late + 1)[loan]
    repaid = np.bincount(loan[is_paid], weights=dues.principal[is_paid].astype(np.float64), minlength=len(principal))
    return 1.0 - repaid / principal


def _severities(rng: np.random.Generator, left: NDArray[np.float64]) -> NDArray[np.float64]:
    """Parts to charge off, spread like the real ones (standard deviation 0.27), none above what is left."""
    drawn = rng.beta(1.45, 0.89, len(left))
    low, high = 0.0, 4.0
    for _ in range(40):
        middle = (low + high) / 2
        if len(left) and np.minimum(drawn * middle, left).mean() < SEVERITY.target:
            low = middle
        else:
            high = middle
    return np.minimum(drawn * high, left)


def _loan_ids(applications: Applications, rows: Ints) -> Characters:
    """BRANCH-SCHEME-SEQUENCE-YEAR, the sequence counting a branch's loans of a scheme in a financial year (LN-01)."""
    branch, scheme = applications.branch[rows], applications.scheme[rows]
    year = financial_year(applications.disbursed_on[rows])
    group = (branch * len(SCHEMES) + scheme) * 10_000 + year
    order = np.argsort(group, kind="stable")
    first = np.concatenate([[True], np.diff(group[order]) != 0])
    place = np.arange(len(rows)) - np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
    sequence = np.empty(len(rows), np.int64)
    sequence[order] = place + 1
    letters = np.frombuffer("".join(s.code for s in SCHEMES).encode(), np.uint8).reshape(-1, 5)
    years = digits(year % 100 * 100 + (year + 1) % 100, 4)
    return joined(
        applications.branches.ids[branch], "-", letters[scheme], "-", digits(sequence, 6), "-", years, rows=len(rows)
    )
