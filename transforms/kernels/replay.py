"""One loan: its schedule, its state on a day as known at an instant, what closes it.

Belongs here: from frozen values through the compiled walk (walk.py) to frozen figures. Does not: the rules themselves,
and whole books (book.py).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transforms.kernels.allocation import NO_NUMBER
from transforms.kernels.classification import asset_class
from transforms.kernels.columns import (
    INSTALLMENTS_MAX,
    BookColumns,
    book_of,
    day_number_of,
    day_of,
    effective_events,
    refused_event,
)
from transforms.kernels.delinquency import oldest_due, oldest_pi_due
from transforms.kernels.due_dates import NO_DAY
from transforms.kernels.dues import accrued
from transforms.kernels.events import foreclosure_charge
from transforms.kernels.figures import Allocation, Installment, LoanState, Payoff, Schedule
from transforms.kernels.installment import exact
from transforms.kernels.loan import Event, Loan, LoanRefused
from transforms.kernels.money import Mode, major
from transforms.kernels.state import (
    END,
    EVENT_AT,
    HERE,
    HOLIDAYS_MAX,
    NUMBER_AT,
    ON_AT,
    PENAL_AT,
    ROW,
    Norms,
    Stop,
    allocations,
    workspace,
)
from transforms.kernels.walk import run_on_one, walk_book

NORMS = Norms()
INSTALLMENT_MAX = 10**18
ENTRIES = 512  # room for allocations to begin with; doubled when a loan needs more
ROW_MONEY = (
    *("principal", "interest", "fee", "balance", "principal_paid", "interest_paid", "fee_paid", "penal_paid"),
    *("interest_waived", "fee_waived", "penal_waived"),
)
# What a stop says, and the field of the event that it concerns.
REFUSALS = {
    Stop.WAIVER_ABOVE_DUE: ("amount", "more is waived than is due"),
    Stop.REFUND_ABOVE_EXCESS: ("amount", "the refund is above the excess held"),
    Stop.FORECLOSURE_SHORT: ("amount", "the amount does not close the loan: it is short by more than the tolerance"),
    Stop.NEGATIVE_AMORTISATION: ("adjust", "the installment would not pay the interest; the tenor cannot be stretched"),
    Stop.MORATORIUM_ON_FALLEN_ROWS: ("from", "that installment has fallen due already"),
    Stop.TOO_MANY_MORATORIA: ("type", f"more than {HOLIDAYS_MAX} moratoria are running or to come"),
    Stop.RECOVERY_BEFORE_WRITE_OFF: ("type", "a recovery needs a write-off before it"),
    Stop.WRITE_OFF_ABOVE_OUTSTANDING: ("amount", "more is written off than is outstanding"),
    Stop.WRITTEN_OFF_ALREADY: ("type", "the loan is written off already"),
    Stop.NO_INSTALLMENT_LEFT: ("on", "no installment is left to fall due"),
    Stop.FLAT_HAS_NO_TRANCHE: ("type", "a flat loan has no tranches"),
    Stop.FLAT_HAS_NO_RATE_CHANGE: ("type", "a flat loan has no rate change"),
    Stop.MORATORIUM_DOES_NOT_GO: ("type", "a moratorium does not go with rule_of_78 or a custom schedule"),
    Stop.TOO_MANY_ROWS: ("", f"the loan would have more than {INSTALLMENTS_MAX} installments"),
    Stop.AMOUNT_TOO_LARGE: ("", "an amount is too large to be computed exactly"),
    Stop.PERIOD_OUT_OF_RANGE: ("", "the periods reach beyond the calendar or cannot be computed exactly"),
    Stop.INSTALLMENT_NOT_POSITIVE: ("terms", "no installment pays this off with the steps given"),
}


def schedule_of(loan: Loan) -> Schedule:
    """The contractual schedule; events are ignored. LoanRefused when it cannot be computed."""
    walked = _Walked(loan, (), loan.terms.disbursed_on, NORMS)
    walked.run_on()
    state = walked.state
    rows = walked.installments()
    is_equal = loan.terms.amortisation in ("emi", "step")
    paying = next((row.principal + row.interest for row in rows if row.principal + row.interest > 0), Decimal("0.00"))
    amount = major(int(state["installment_first"])) if is_equal else paying
    return Schedule(loan.loan_id, amount, rows, major(int(state["upfront_interest"])))


def replay(loan: Loan, as_of: date, known_at: datetime | None = None, norms: Norms = NORMS) -> LoanState:
    """The loan at the day-end of as_of, as known at known_at (None: all that is known).

    LoanRefused when as_of is before the disbursal, or an event cannot be applied.
    """
    if as_of < loan.terms.disbursed_on:
        raise LoanRefused("as_of", f"{as_of} is before the disbursal on {loan.terms.disbursed_on}")
    events, reversed_ids = effective_events(loan, as_of, known_at)
    walked = _Walked(loan, tuple(events), as_of, norms)
    figures = walked.figures()
    walked.run_on()
    return LoanState(
        loan_id=loan.loan_id,
        as_of=as_of,
        **figures,
        reversed=reversed_ids,
        installments=walked.installments(),
        allocations=walked.allocations(),
    )


def payoff(loan: Loan, on: date, known_at: datetime | None = None, norms: Norms = NORMS) -> Payoff:
    """What closes the loan on that day (rule 12)."""
    if on < loan.terms.disbursed_on:
        raise LoanRefused("on", f"{on} is before the disbursal on {loan.terms.disbursed_on}")
    events, _ = effective_events(loan, on, known_at)
    walked = _Walked(loan, tuple(events), on, norms)
    figures, state = walked.figures(), walked.state
    charge, gst = foreclosure_charge(state, walked.book.terms[state["terms"]])
    parts = {
        "principal": major(int(state["principal_scheduled"] + state["principal_overdue"])),
        "interest": figures["interest_overdue"] + figures["interest_accrued"],
        "fee": figures["fee_due"],
        "penal": figures["penal_due"],
        "foreclosure_charge": major(int(charge)),
        "gst": major(int(gst)),
    }
    excess: Decimal = figures["excess"]
    return Payoff(loan_id=loan.loan_id, on=on, **parts, excess=excess, total=sum(parts.values(), -excess))


class _Walked:
    """One loan walked to a day: the compiled state, read out as figures."""

    def __init__(self, loan: Loan, events: tuple[Event, ...], as_of: date, norms: Norms) -> None:
        self.loan, self.events, self.as_of, self.norms = loan, events, as_of, norms
        self.book = book_of([(loan, events)])
        self.given: tuple[tuple[int, int], ...] = ()
        self._walk(is_run_on=False)

    def _walk(self, is_run_on: bool) -> None:
        day = day_number_of(self.as_of)
        walked = walk_exactly(self.book, day, self.norms, is_run_on, self.given, self._refuse)
        room, self.entries, self.given = walked
        self.room, self.work, self.state = room, room[0], room[0].loans[HERE]

    def _refuse(self, stop: Stop, event: int) -> LoanRefused:
        field, problem = REFUSALS[stop]
        if event >= 0:
            return refused_event(self.loan, self.events[event], field, problem)
        return LoanRefused("terms", problem)

    def run_on(self) -> None:
        """Compute the rows still to come."""
        run_on_one(self.room)
        if self.state.stop != Stop.NONE:  # an installment to be computed exactly, or a refusal: both by a new walk
            self._walk(is_run_on=True)

    def figures(self) -> dict[str, Any]:
        """The state's figures, before run_on."""
        state, work = self.state, self.work
        terms = self.book.terms[state["terms"]]
        penal = sum(_penal_unpaid(row) for row in work.rows[: state["rows"] + 1])
        overdue = {
            "principal_overdue": major(int(state["principal_overdue"])),
            "interest_overdue": major(int(state["interest_overdue"])),
            "fee_due": major(int(state["fee_due"])),
            "penal_due": major(int(penal)),
        }
        outstanding = state["principal_scheduled"] + state["principal_overdue"] - state["written_off"]
        interest_accrued = major(int(accrued(state, terms, work)))
        oldest = day_of(oldest_due(state, work))
        dpd, dpd_pi = _days(self.as_of, oldest), _days(self.as_of, day_of(oldest_pi_due(state, work)))
        is_npa = state["npa_since"] != NO_DAY
        is_open = interest_accrued or sum(overdue.values()) or state["principal_scheduled"]
        status = "WRITTEN_OFF" if state["is_written_off"] else "ACTIVE" if is_open else "CLOSED"
        return {
            "status": status,
            "principal_outstanding": major(int(outstanding)),
            "interest_accrued": interest_accrued,
            **overdue,
            "total_overdue": sum(overdue.values()),
            "excess": major(int(state["excess"])),
            "oldest_due_on": oldest,
            "dpd": dpd,
            "dpd_pi": dpd_pi,
            "asset_class": asset_class(dpd, is_npa, self.norms),
            "npa_since": day_of(int(state["npa_since"])),
        }

    def installments(self) -> tuple[Installment, ...]:
        """All rows, those of the future included once run_on was called."""
        rows = self.work.rows[: self.state["rows"]].tolist()
        return tuple(_installment(dict(zip(ROW.names or (), row, strict=True))) for row in rows)

    def allocations(self) -> tuple[Allocation, ...]:
        """What receipts settled, in the order in which it happened."""
        return tuple(
            Allocation(
                self.events[entry[EVENT_AT]].id,
                _day(entry[ON_AT]),
                None if entry[NUMBER_AT] == NO_NUMBER else int(entry[NUMBER_AT]),
                *(major(int(amount)) for amount in entry[PENAL_AT:]),
            )
            for entry in self.entries
        )


def walk_exactly(
    book: BookColumns, as_of: int, norms: Norms, is_run_on: bool, given: tuple[tuple[int, int], ...], refuse: Any
) -> tuple[Any, NDArray[np.int64], tuple[tuple[int, int], ...]]:
    """(workspace, allocations as rows, given) of the only loan of a book, walked to as_of, or on to its last row.

    Installments that float64 cannot prove are computed in whole numbers and given to a walk from the start.
    """
    out, end = allocations(ENTRIES), np.zeros(1, END)
    while True:
        room = workspace(given)
        _, used = walk_book(book, room, norms, 0, 1, as_of, out, end)
        if is_run_on and room[0].loans[HERE].stop == Stop.NONE:
            run_on_one(room)
        state = room[0].loans[HERE]
        stop = Stop(int(state.stop))
        if stop == Stop.NONE:
            return room, out[:, :used].T, given
        if stop == Stop.BUFFER_FULL:
            out = allocations(2 * out.shape[1])
        elif stop == Stop.NEEDS_EXACT_INSTALLMENT:
            given = (*given, exact_installment(book, room[0]))
        else:
            raise refuse(stop, int(state.stop_event))


def exact_installment(book: BookColumns, work: Any) -> tuple[int, int]:
    """(which pricing of the walk asked for it, the installment)."""
    terms = book.terms[work.loans[HERE]["terms"]]
    steps = book.steps[terms["step_first"] : terms["step_first"] + terms["step_count"]]
    amount = exact(
        work.ask[0], work.growths, steps, int(terms["installment_unit"]), Mode(int(terms["installment_mode"]))
    )
    return int(work.loans[HERE]["pricings"]) - 1, min(amount, INSTALLMENT_MAX)  # the walk refuses one so large


def _penal_unpaid(row: Any) -> int:
    return int(row["penal"] + row["penal_charged"] - row["penal_paid"] - row["penal_waived"])


def _days(as_of: date, oldest: date | None) -> int:
    return 0 if oldest is None else (as_of - oldest).days + 1


def _day(number: int) -> date:
    day = day_of(number)
    assert day is not None
    return day


def _installment(row: dict[str, int]) -> Installment:
    money = {name: major(row[name]) for name in ROW_MONEY}
    return Installment(
        number=row["number"],
        due_on=_day(row["due_on"]),
        total=money["principal"] + money["interest"] + money["fee"],
        penal=major(row["penal"] + row["penal_charged"]),
        paid_on=day_of(row["paid_on"]),
        **money,
    )
