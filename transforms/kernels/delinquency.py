"""How late a loan is: the oldest unpaid due, the memory of NPA, small residues at the end.

Belongs here: the clocks of a walk (rule 11, AC-02 to AC-06) and rule 13. Does not: the name of a class
(classification.py).
"""

from __future__ import annotations

from transforms.kernels.allocation import fee_unpaid, grow_penal, interest_unpaid, penal_unpaid, principal_unpaid
from transforms.kernels.compiled import entry, hot, inner
from transforms.kernels.due_dates import NO_DAY


@entry
def oldest_pi_due(loan, work):  # type: ignore[no-untyped-def]
    """The earliest due date of any principal or interest still unpaid; NO_DAY when none is."""
    if loan.principal_overdue + loan.interest_overdue == 0:
        return NO_DAY
    for index in range(loan.row_open, loan.rows):
        row = work.rows[index]
        if principal_unpaid(row) + interest_unpaid(row) > 0:
            return row.due_on
    return NO_DAY


@entry
def oldest_due(loan, work):  # type: ignore[no-untyped-def]
    """The earliest due date of any principal, interest or fee still unpaid; penal moves no clock (AC-05)."""
    if loan.principal_overdue + loan.interest_overdue + loan.fee_due == 0:
        return NO_DAY
    for index in range(loan.row_open, loan.rows + 1):
        row = work.rows[index]
        day = fee_due_on(loan, row, index, work) if fee_unpaid(row) > 0 else NO_DAY
        if principal_unpaid(row) + interest_unpaid(row) > 0 and (day == NO_DAY or row.due_on < day):
            day = row.due_on
        if day != NO_DAY:
            return day
    return NO_DAY


@inner
def fee_due_on(loan, row, index, work):  # type: ignore[no-untyped-def]
    """Due date of the oldest unpaid fee of a row: charges on their own days, settled first, then the row's own fee."""
    settled = row.fee_paid + row.fee_waived
    for place in range(loan.charges):
        if work.charges[place].row == index:
            settled -= work.charges[place].amount
            if settled < 0:
                return work.charges[place].on
    return row.due_on


@hot
def close_days(loan, terms, work, norms, before):  # type: ignore[no-untyped-def]
    """Judge the day-ends from loan.day to the one before `before`, between which nothing happens.

    NPA begins on the first day-end past the norm's days, and ends on the one that leaves no principal or interest due.
    """
    if loan.principal_overdue + loan.interest_overdue == 0:
        loan.npa_since = NO_DAY
    elif loan.npa_since == NO_DAY:
        first = max(oldest_pi_due(loan, work) + norms.npa_after_days, loan.day)
        if first < before:
            loan.npa_since = first
    if loan.is_matured and terms.tolerance > 0:
        waive_residue(loan, terms, work)


@inner
def waive_residue(loan, terms, work):  # type: ignore[no-untyped-def]
    """After the last due date, waive what is unpaid when it is within the tolerance (rule 13)."""
    grow_penal(loan, terms, work, loan.day)
    residue = 0
    for index in range(loan.row_open, loan.rows + 1):
        row = work.rows[index]
        residue += principal_unpaid(row) + interest_unpaid(row) + fee_unpaid(row) + penal_unpaid(row)
    if not 0 < residue <= terms.tolerance:
        return
    for index in range(loan.row_open, loan.rows + 1):
        row = work.rows[index]
        was_cleared = row.paid_on != NO_DAY or index == loan.rows
        row.interest_waived += interest_unpaid(row)
        row.principal_waived += principal_unpaid(row)
        row.fee_waived += fee_unpaid(row)
        row.penal_waived += penal_unpaid(row)
        if not was_cleared:
            row.paid_on = loan.day
    loan.principal_overdue, loan.interest_overdue, loan.fee_due = 0, 0, 0
    loan.written_off = 0
    loan.row_open = loan.rows
    loan.npa_since = NO_DAY
