"""What the lender does about late loans, and how loans that are given up end.

Belongs here: recovery actions, what is realised before a charge-off, the write-off, recoveries after it. Does not:
ordinary payments (cashflows.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingestion.simulator.cashflows import Arrears, Cashflows
from ingestion.simulator.ledger import (
    CALL,
    CURED,
    FIELD_VISIT,
    LEGAL_NOTICE,
    NEFT,
    NO_CHANNEL,
    NO_CONTACT,
    PART_PAID,
    PROMISE,
    REFUSED,
    REPOSSESSION,
    SETTLED,
    SETTLEMENT,
    SMS,
    Actions,
    days_between,
)

Ints = NDArray[np.int64]
COSTS = np.array([25, 1_500, 35_000, 120_000, 1_800_000, 250_000])
"""Cost of an action in paise, in the order of codes.RECOVERY_ACTION."""

_RECOVERED_ROUNDS = 2
_RECOVERED_CHANCE = 0.45


def remind(flows: Cashflows, missed: tuple[Ints, Ints, Ints, Ints], actions: Actions) -> None:
    """A message three days after the first due of a spell is missed."""
    loan, month = missed[0], missed[1]
    on = flows.dues.due_on[flows.first_row(loan, month)] + 3 if len(loan) else loan
    sent = on <= flows.window.ends[month]
    actions.add(loan[sent], on[sent], SMS, NO_CONTACT, 0)


def pursue(flows: Cashflows, arrears: Arrears, actions: Actions) -> None:
    """One action in each month that begins in arrears, harder the later the loan is, and what came of it."""
    rng, late = flows.rng, arrears.months_late
    draw = rng.random(len(late))
    kind = np.full(len(late), CALL)
    kind[(late == 2) | ((late > 4) & (draw < 0.4))] = FIELD_VISIT
    kind[late == 3] = np.where(draw < 0.6, LEGAL_NOTICE, FIELD_VISIT)[late == 3]
    kind[late == 4] = LEGAL_NOTICE
    kind[(late == 6) & flows.borrowers.is_secured[arrears.loan]] = REPOSSESSION
    answer = rng.random(len(late))
    nothing = np.where(answer < 0.45, NO_CONTACT, np.where(answer < 0.85, PROMISE, REFUSED))
    outcome = np.where(arrears.paid > 0, np.where(arrears.is_cured, CURED, PART_PAID), nothing)
    first = flows.window.starts[arrears.month] + 1
    actions.add(arrears.loan, days_between(rng, first, arrears.paid_on), kind, outcome, arrears.paid)


@dataclass(frozen=True)
class _GivenUp:
    """Loans at their charge-off: first unpaid row, paise paid towards it, charge unpaid, principal not repaid."""

    loan: Ints
    on: Ints
    row: Ints
    part: Ints
    charge: Ints
    outstanding: Ints


def give_up(flows: Cashflows, missed: tuple[Ints, Ints, Ints, Ints], actions: Actions) -> None:
    """Charge-offs: what could be realised, the write-off of the rest, recoveries afterwards."""
    lost = _given_up(flows, missed)
    kept = (flows.borrowers.principal[lost.loan] * flows.borrowers.severity[lost.loan]).astype(np.int64)
    amount, settled, is_prepayment = _realised(flows, lost, lost.outstanding - kept)
    for name, which in (("prepayment", is_prepayment), ("payment", ~is_prepayment)):
        some = which & (amount > 0)
        flows.ledger.add(name, lost.loan[some], lost.on[some], amount[some], NEFT)
    some = amount > 0
    kind = np.where(flows.borrowers.is_secured[lost.loan], REPOSSESSION, SETTLEMENT)
    actions.add(lost.loan[some], lost.on[some], kind[some], SETTLED, amount[some])
    written_off = lost.outstanding - settled
    flows.ledger.add("write_off", lost.loan, lost.on, written_off, NO_CHANNEL)
    _recover(flows, lost, written_off, actions)


def _given_up(flows: Cashflows, missed: tuple[Ints, Ints, Ints, Ints]) -> _GivenUp:
    loan = np.flatnonzero(flows.paths.written_off_on >= 0)
    on = flows.paths.written_off_on[loan]
    row = flows.unpaid_row(loan, flows.window.month(on))
    part, charge = np.zeros((2, len(flows.borrowers.principal)), np.int64)
    # a loan that is given up has one spell in arrears, its last
    part[missed[0]], charge[missed[0]] = missed[2], missed[3]
    repaid = flows.sum_principal[row] - flows.sum_principal[flows.dues.start[loan]]
    towards_principal = np.maximum(part[loan] - flows.dues.interest[row], 0) if len(loan) else loan
    outstanding = flows.borrowers.principal[loan] - repaid - towards_principal
    return _GivenUp(loan, on, row, part[loan], charge[loan], outstanding)


def _realised(flows: Cashflows, lost: _GivenUp, wanted: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """What is collected so that about `wanted` of principal is settled: amount, principal settled, is a prepayment.

    Either all arrears and then principal (a prepayment), or whole overdue installments in their order, so that what is
    left is the same however a waterfall is read.
    """
    after = flows.first_row_after(lost.loan, lost.on)
    paid = np.maximum(lost.part - flows.dues.interest[lost.row], 0) if len(lost.loan) else lost.loan
    arrears = flows.sum_total[after] - flows.sum_total[lost.row] - lost.part + lost.charge
    arrears_principal = flows.sum_principal[after] - flows.sum_principal[lost.row] - paid
    more = (wanted - arrears_principal) // 100 * 100
    beyond = more > 0
    reach = np.searchsorted(flows.sum_principal, flows.sum_principal[lost.row] + paid + wanted, side="right") - 1
    until = np.clip(reach, lost.row, after)
    whole = flows.sum_total[until] - flows.sum_total[lost.row] - lost.part
    whole += np.where(until > lost.row + 1, lost.charge, 0)
    settled = flows.sum_principal[until] - flows.sum_principal[lost.row] - paid
    some = (until > lost.row) & (wanted > 0)
    amount = np.where(beyond, arrears + more, np.where(some, whole, 0))
    return amount, np.where(beyond, arrears_principal + more, np.where(some, settled, 0)), beyond


def _recover(flows: Cashflows, lost: _GivenUp, written_off: Ints, actions: Actions) -> None:
    """Small sums in the months after a charge-off, each owed to a visit; fewer with each round."""
    rng = flows.rng
    loan, on, amount_lost = lost.loan, lost.on, written_off
    for _ in range(_RECOVERED_ROUNDS):
        on = on + 25 + (rng.random(len(loan)) * 50).astype(np.int64)
        found = (rng.random(len(loan)) < _RECOVERED_CHANCE) & (on <= flows.window.as_of)
        loan, on, amount_lost = loan[found], on[found], amount_lost[found]
        share = 0.01 + 0.05 * rng.random(len(loan))
        amount = np.maximum((amount_lost * share).astype(np.int64) // 100 * 100, 10_000)
        flows.ledger.add("recovery", loan, on, amount, NEFT)
        actions.add(loan, on, FIELD_VISIT, PART_PAID, amount)
