"""What is booked on each loan: the days and amounts that turn months late into payments, in integer paise.

Belongs here: payments, bounces, prepayments and foreclosures. Does not: how late a loan is (behaviour.py), what it owes
(schedules.py), what the lender does about it (recovery.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingestion.simulator.behaviour import NEVER, Paths
from ingestion.simulator.calendar import Window
from ingestion.simulator.ledger import CASH, CHEQUE, NACH, NEFT, NO_CHANNEL, UPI, Ledger, days_between
from ingestion.simulator.schedules import Dues

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

BOUNCE_CHARGE = 29_500  # 250 rupees and 18 % GST (TX-01)
CASH_BELOW = 2_000_000  # paise; no cash from 20,000 rupees on (TX-03)
_EARLY, _BOUNCED, _SPLIT, _LATE = 0.04, 0.02, 0.015, 0.06


@dataclass(frozen=True)
class Borrowers:
    """How each loan is paid: by mandate (NACH) or not, always on the day or not, secured or not.

    principal: paise. month: of disbursement. prepaid: month of a part prepayment, or -1. severity: part of the
    disbursed amount that a charge-off is to leave.
    """

    principal: Ints
    month: Ints
    by_mandate: Flags
    is_punctual: Flags
    is_secured: Flags
    prepaid: Ints
    severity: NDArray[np.float64]


@dataclass(frozen=True)
class Arrears:
    """Loan-months that begin with something unpaid, and what is paid in them; sorted by loan and month.

    row, until: the dues unpaid at the beginning, and up to which they are paid. paid_on and paid: 0 paise when nothing.
    """

    loan: Ints
    month: Ints
    months_late: Ints
    is_cured: Flags
    row: Ints
    until: Ints
    paid_on: Ints
    paid: Ints


class Cashflows:
    """The payments of a bucket, written to a ledger part by part."""

    def __init__(
        self, rng: np.random.Generator, dues: Dues, paths: Paths, borrowers: Borrowers, window: Window, ledger: Ledger
    ) -> None:
        self.rng, self.dues, self.paths, self.borrowers, self.window = rng, dues, paths, borrowers, window
        self.ledger = ledger
        self.late = paths.late.astype(np.int64)
        self.total = dues.interest + dues.principal
        # running totals over all loans: what rows a to b come to is a subtraction
        self.sum_total = np.concatenate([[0], np.cumsum(self.total)])
        self.sum_principal = np.concatenate([[0], np.cumsum(dues.principal)])
        self.due_month = window.month(dues.due_on)
        self.months = window.months + 1
        self.group_key = dues.loan * self.months + dues.group

    def first_row(self, loan: Ints, group: Ints) -> Ints:
        """The first row of each loan whose group is this one or later."""
        return np.searchsorted(self.group_key, loan * self.months + group)

    def first_row_after(self, loan: Ints, day: Ints) -> Ints:
        """The first row of each loan that falls due after a day."""
        span = 1 << 20
        return np.searchsorted(self.dues.loan * span + self.dues.due_on, loan * span + day, side="right")

    def unpaid_row(self, loan: Ints, month: Ints) -> Ints:
        """The first row unpaid at the end of the month before, of loans that were late then."""
        return self.first_row(loan, month - self.late[loan, month - 1])

    def pay_current(self) -> None:
        """All dues of months without arrears, prepayments and foreclosures."""
        dues, loan, month = self.dues, self.dues.loan, self.due_month
        now = self.late[loan, month]
        before = np.where(month > self.borrowers.month[loan], self.late[loan, np.maximum(month - 1, 0)], 0)
        is_paid = (before == 0) & (now >= 0) & ((now == 0) | (dues.group <= month - now))
        closing = self._foreclose(is_paid)
        last_row = np.full(len(self.borrowers.principal), len(loan))
        last_row[loan[closing]] = closing
        rows = np.flatnonzero(is_paid & (np.arange(len(loan)) <= last_row[loan]))
        self._prepay(rows)
        on_time = self.borrowers.is_punctual[loan[rows]] | (last_row[loan[rows]] == rows)
        self._pay(rows, on_time)

    def _foreclose(self, is_paid: Flags) -> Ints:
        """Loans paid off at once, on the day of a due, when no interest has accrued; the rows of those dues."""
        dues, month = self.dues, self.due_month
        in_month = np.flatnonzero(is_paid & (self.paths.foreclosed[dues.loan] == month) & (dues.balance > 0))
        _, first = np.unique(dues.loan[in_month], return_index=True)
        rows = in_month[first]
        self.ledger.add("foreclosure", dues.loan[rows], dues.due_on[rows], dues.balance[rows], NEFT)
        return rows

    def _prepay(self, rows: Ints) -> None:
        """A twentieth to a fifth of the principal, in whole thousands, after a month's dues."""
        loan = self.dues.loan[rows]
        chosen = rows[self.borrowers.prepaid[loan] == self.due_month[rows]]
        # the last due of the month: look for each loan's first from behind
        _, place = np.unique(self.dues.loan[chosen][::-1], return_index=True)
        chosen = chosen[::-1][place]
        share = 0.05 + 0.15 * self.rng.random(len(chosen))
        amount = (self.dues.balance[chosen] * share).astype(np.int64) // 100_000 * 100_000
        on = days_between(self.rng, self.dues.due_on[chosen], self.window.ends[self.due_month[chosen]])
        some = amount > 0
        self.ledger.add("prepayment", self.dues.loan[chosen][some], on[some], amount[some], NEFT)

    def _pay(self, rows: Ints, on_time: Flags) -> None:
        """Each due in full by the month's end: on its day, early, after a bounce, in two parts, or late."""
        loan, on, amount = self.dues.loan[rows], self.dues.due_on[rows], self.total[rows]
        last = self.window.ends[self.due_month[rows]]
        room = last - on
        mandate = self.borrowers.by_mandate[loan]
        draw = np.where(on_time, 1.0, self.rng.random(len(rows)))
        edges = np.cumsum([_EARLY, _BOUNCED, _SPLIT, _LATE])
        kind = np.searchsorted(edges, draw, side="right")
        kind = np.where((kind == 0) & (on - 2 <= self.window.starts[self.due_month[rows]]), 4, kind)
        kind = np.where((kind == 1) & (~mandate | (room < 3)), 4, kind)
        kind = np.where((kind == 2) & ((room < 1) | (amount <= 20_000)), 4, kind)
        kind = np.where((kind == 3) & (room < 1), 4, kind)
        early, bounced, split, late, plain = (np.flatnonzero(kind == k) for k in range(5))

        cash = np.where(amount < CASH_BELOW, CASH, UPI)
        self.ledger.add("payment", loan[plain], on[plain], amount[plain], np.where(mandate, NACH, cash)[plain])
        before = 1 + (self.rng.random(len(early)) * 2).astype(np.int64)
        self.ledger.add("payment", loan[early], on[early] - before, amount[early], UPI)
        returned = self._bounce(loan[bounced], on[bounced], amount[bounced], on[bounced] + 2)
        self._by_hand(loan[bounced], days_between(self.rng, returned, last[bounced]), amount[bounced] + BOUNCE_CHARGE)
        part = (amount[split] * (0.3 + 0.4 * self.rng.random(len(split)))).astype(np.int64) // 100 * 100
        self.ledger.add("payment", loan[split], on[split], part, UPI)
        self._by_hand(loan[split], days_between(self.rng, on[split] + 1, last[split]), amount[split] - part)
        until = np.minimum(last[late], on[late] + 12)
        self._by_hand(loan[late], days_between(self.rng, on[late] + 1, until), amount[late])

    def _by_hand(self, loan: Ints, on: Ints, amount: Ints) -> None:
        """Payments without a mandate."""
        draw = self.rng.random(len(loan))
        over_counter = np.where(amount < CASH_BELOW, CASH, CHEQUE)
        channel = np.where(draw < 0.55, UPI, np.where(draw < 0.75, NEFT, over_counter))
        self.ledger.add("payment", loan, on, amount, channel)

    def _bounce(self, loan: Ints, on: Ints, amount: Ints, last: Ints) -> Ints:
        """Mandates returned by the bank: payment, its reversal, the bounce charge; the days they came back on."""
        returned = days_between(self.rng, on + 1, last)
        presented = self.ledger.add("payment", loan, on, amount, NACH)
        self.ledger.add("reversal", loan, returned, amount, NACH, presented)
        self.ledger.add("charge", loan, returned, np.full(len(loan), BOUNCE_CHARGE), NO_CHANNEL)
        return returned

    def miss(self) -> tuple[Ints, Ints, Ints, Ints]:
        """The first due of each spell in arrears: returned by the bank, paid in part, or not paid at all.

        Returns loan, month, paise paid in part, bounce charge unpaid.
        """
        before, now = self.late[:, :-1], self.late[:, 1:]
        loan, month = (a.astype(np.int64) for a in np.nonzero((before == 0) & (now > 0)))
        month += 1
        row = self.first_row(loan, month)
        last = self.window.ends[month]
        owes = row < self.dues.start[loan + 1]
        owes &= self.dues.due_on[np.minimum(row, max(len(self.total) - 1, 0))] <= last if len(self.total) else owes
        loan, month, row, last = loan[owes], month[owes], row[owes], last[owes]
        on, amount, draw = self.dues.due_on[row], self.total[row], self.rng.random(len(loan))
        bounced = self.borrowers.by_mandate[loan] & (draw < 0.7) & (on < last)
        part = (amount * (0.2 + 0.3 * self.rng.random(len(loan)))).astype(np.int64) // 100 * 100
        part = np.where(~bounced & (draw >= 0.7) & (draw < 0.85), part, 0)
        self._bounce(loan[bounced], on[bounced], amount[bounced], np.minimum(on + 3, last)[bounced])
        paid = part > 0
        self.ledger.add("payment", loan[paid], on[paid], part[paid], UPI)
        return loan, month, part, np.where(bounced, BOUNCE_CHARGE, 0)

    def catch_up(self, missed: tuple[Ints, Ints, Ints, Ints]) -> Arrears:
        """Months that begin in arrears and do not end in a charge-off: some or all of the dues are paid, or none."""
        off = self.paths.written_off_on
        off_month = np.where(off >= 0, self.window.month(off), NEVER)
        before, now = self.late[:, :-1], self.late[:, 1:]
        can_pay = self.window.starts[1:-1] + 2 <= self.window.ends[1:]
        loan, month = (a.astype(np.int64) for a in np.nonzero((before > 0) & (now >= 0) & can_pay))
        month += 1
        keep = off_month[loan] != month
        loan, month = loan[keep], month[keep]
        state, last = self.late[loan, month], self.window.ends[month]
        row = self.unpaid_row(loan, month)
        until = np.where(state > 0, self.first_row(loan, month - state + 1), self.first_row_after(loan, last))
        until = np.maximum(until, row)
        first = self.window.starts[month] + 2
        pays = until > row
        last_due = self.dues.due_on[np.maximum(until - 1, 0)] if len(self.total) else first
        paid_on = days_between(self.rng, np.where(pays, np.maximum(first, last_due), first), last)
        amount = self.sum_total[until] - self.sum_total[row]
        part, charge = self._carried(missed, loan, month, pays, until, state == 0)
        amount = np.where(pays, amount - part + charge, 0)
        self._by_hand(loan[pays], paid_on[pays], amount[pays])
        return Arrears(loan, month, self.late[loan, month - 1], state == 0, row, until, paid_on, amount)

    def _carried(
        self, missed: tuple[Ints, Ints, Ints, Ints], loan: Ints, month: Ints, pays: Flags, until: Ints, is_cured: Flags
    ) -> tuple[Ints, Ints]:
        """What was paid in part, and charged, at a spell's beginning, in the month that first settles it.

        A charge belongs to the installment after the bounced one (CV-08), so it is settled with that one.
        """
        began = np.full(self.late.shape, -1)
        began[missed[0], missed[1]] = np.arange(len(missed[0]))
        spell = np.maximum.accumulate(began, axis=1)[loan, month]
        carried = np.zeros((2, len(loan)), np.int64)
        if not len(missed[0]):
            return carried[0], carried[1]
        bounced_row = self.first_row(missed[0], missed[1])[spell]
        with_charge = pays & (is_cured | (until > bounced_row + 1))
        for here, amounts, is_settled in ((carried[0], missed[2], pays), (carried[1], missed[3], with_charge)):
            candidates = np.flatnonzero(is_settled & (spell >= 0))
            spells, first = np.unique(spell[candidates], return_index=True)
            here[candidates[first]] = amounts[spells]
        return carried[0], carried[1]
