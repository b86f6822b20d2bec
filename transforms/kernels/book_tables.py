"""A book of loans from Arrow tables of terms and of sorted events.

Belongs here: how rows of terms, their lists and the events that point to them make one book. Does not: reading single
columns (book_columns.py), what they may say (book_checks.py), walking (book.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.kernels.book_checks import (
    Lists,
    event_faults,
    examined,
    first_reasons,
    takeover_faults,
)
from transforms.kernels.book_columns import (
    COLUMNS,
    CUSTOM_SCHEDULE,
    EVENT_COLUMNS,
    EVENT_REQUIRED,
    FEES,
    KINDS,
    NOT_SAID,
    REQUIRED,
    STEPS,
    TAKEOVER_COLUMNS,
    WORDS,
    listed,
    records_from,
)
from transforms.kernels.columns import (
    ABSENT,
    CUSTOM,
    EVENT,
    FEE,
    OPTIONS,
    STEP,
    TAKEOVER,
    TERMS,
    BookColumns,
    Kind,
    Records,
    records,
)
from transforms.kernels.state import Stop

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Book:
    """Loans as columns, and why some of them cannot be walked: set_aside has a Stop a loan (0: none)."""

    columns: BookColumns
    set_aside: Integers

    def __len__(self) -> int:
        return len(self.set_aside)


def book_from(terms: pa.Table, events: pa.Table | None = None) -> Book:
    """A book from Arrow tables.

    terms: one row a loan, columns of COLUMNS, and the lists `steps`, `custom_schedule` and `fees`;
    after the loans, the terms of restructures, which have a `version` above 1. events: columns of EVENT_COLUMNS, those
    of takeovers (TAKEOVER_COLUMNS) and loan_at, the row of the loan; sorted by loan_at and, within a loan, in the order
    of rule 2, reversed ones left out. A restructure's terms_at is the row of its terms, of its own alone; their
    principal, disbursed_on and currency may be null. ValueError names a column that is missing, or an order that does
    not hold.
    """
    loans = _loans_of(terms)
    rows = records_from(terms, COLUMNS, TERMS, REQUIRED)
    lists = _lists(terms, rows)
    first, happened = np.zeros(loans + 1, np.int64), records((), EVENT)
    loan_at = np.zeros(0, np.int64)
    if events is not None and len(events):
        happened, loan_at = _event_records(events), _loan_at(events, loans)
        _refuse_unsorted(loan_at, happened["on"])
        first = np.searchsorted(loan_at, np.arange(loans + 1)).astype(np.int64)
    restructures = np.flatnonzero(happened["kind"] == Kind.RESTRUCTURE)
    is_told = _complete_new_terms(rows, lists, loans, happened[restructures], loan_at[restructures])
    _complete(rows)
    reasons = examined(rows, lists, np.arange(len(rows)) >= loans)
    set_aside = reasons[:loans].copy()
    faults = first_reasons(event_faults(happened, rows["disbursed_on"][loan_at]), len(happened))
    told = np.where(is_told, reasons[np.where(is_told, happened["extra"][restructures], 0)], Stop.EVENT_OUT_OF_RANGE)
    faults[restructures] = np.where(faults[restructures] == 0, told, faults[restructures])
    takeovers = _taken_over(events, happened, faults)
    bad = np.flatnonzero(faults)
    of, earliest = np.unique(loan_at[bad], return_index=True)
    set_aside[of] = np.where(set_aside[of] == 0, faults[bad][earliest], set_aside[of])
    lists.steps["change"] = np.where(lists.steps["change"] == ABSENT, 0, lists.steps["change"])
    return Book(BookColumns(rows, lists.steps, lists.custom, lists.fees, takeovers, first, happened), set_aside)


def _loans_of(terms: pa.Table) -> int:
    """How many rows are loans; the rest are terms of restructures."""
    if "version" not in terms.column_names:
        return len(terms)
    version = terms["version"].cast(pa.int64()).combine_chunks().fill_null(1).to_numpy(zero_copy_only=False)
    loans = int((version <= 1).sum())
    if (version[:loans] > 1).any():
        raise ValueError("version: terms of restructures (2, 3, …) must come after those of all loans")
    return loans


def _lists(terms: pa.Table, rows: Records) -> Lists:
    """Steps, custom rows and fees; the rows of terms are told where theirs are."""
    steps, step_counts = listed(terms, "steps", STEPS, STEP)
    custom, custom_counts = listed(terms, "custom_schedule", CUSTOM_SCHEDULE, CUSTOM)
    fees, fee_counts = listed(terms, "fees", FEES, FEE)
    for name, counts in (("step", step_counts), ("custom", custom_counts), ("fee", fee_counts)):
        rows[f"{name}_first"], rows[f"{name}_count"] = np.cumsum(counts) - counts, counts
    places = np.arange(len(rows))
    of_steps, of_custom, of_fees = (np.repeat(places, counts) for counts in (step_counts, custom_counts, fee_counts))
    return Lists(steps, of_steps, custom, of_custom, fees, of_fees)


def _complete_new_terms(
    rows: Records, lists: Lists, loans: int, restructures: Records, loan_at: Integers
) -> NDArray[np.bool_]:
    """Terms of a restructure begin on its day, in the loan's currency; their principal is the sum of a custom schedule,
    which is scaled to what is outstanding then. Which of the restructures have terms of their own."""
    at = restructures["extra"]
    is_told: NDArray[np.bool_] = (at >= loans) & (at < len(rows))
    uses = np.bincount(at[is_told], minlength=len(rows)) if len(at) else np.zeros(len(rows), np.int64)
    is_told &= uses[np.where(is_told, at, 0)] == 1
    own, of = at[is_told], loan_at[is_told]
    rows["disbursed_on"][own], rows["smallest"][own] = restructures["on"][is_told], rows["smallest"][of]
    is_of_new = lists.custom_of >= loans
    if is_of_new.any():
        np.add.at(rows["principal"], lists.custom_of[is_of_new], np.maximum(lists.custom["principal"][is_of_new], 0))
    return is_told


def _complete(rows: Records) -> None:
    """Fields whose absence means what another field says."""
    for name in ("interest_unit", "installment_unit"):
        rows[name] = np.where(rows[name] == ABSENT, rows["smallest"], rows[name])
    is_same = rows["installment_mode"] == NOT_SAID
    rows["installment_mode"] = np.where(is_same, rows["mode"], rows["installment_mode"])
    for which in ("npa", "written_off"):
        order, across = f"order_{which}", f"across_{which}"
        is_same = (rows[order] == NOT_SAID) & (rows[across] == NOT_SAID)
        for name, usual in ((order, "order"), (across, "across")):
            default = COLUMNS["waterfall_code" if usual == "order" else "waterfall_across_code"][2]
            rows[name] = np.where(is_same, rows[usual], np.where(rows[name] == NOT_SAID, default, rows[name]))


def _event_records(events: pa.Table) -> Records:
    """EVENT records; an option's word means what it means to its type of event."""
    rows = records_from(events, EVENT_COLUMNS, EVENT, EVENT_REQUIRED)
    words = list(WORDS)
    for name, (_, codes) in OPTIONS.items():
        meant = np.array([codes.get(word, ABSENT) for word in words] + [next(iter(codes.values())), ABSENT], np.int64)
        is_so = rows["kind"] == KINDS[name]
        said = rows["option"][is_so]
        place = np.where(said == NOT_SAID, len(words), np.where(said < 0, len(words) + 1, said))
        rows["option"][is_so] = meant[place]
    return rows


def _loan_at(events: pa.Table, loans: int) -> Integers:
    """The loan of each event, as its row in the terms."""
    if "loan_at" not in events.column_names:
        raise ValueError("column loan_at is missing")
    loan_at: Integers = events["loan_at"].cast(pa.int64()).combine_chunks().fill_null(-1).to_numpy(zero_copy_only=False)
    if len(loan_at) and (loan_at.min() < 0 or loan_at.max() >= loans):
        raise ValueError(f"loan_at: each event must name a row of the terms, 0 to {loans - 1}")
    return loan_at


def _taken_over(events: pa.Table | None, happened: Records, faults: Integers) -> Records:
    """The states that takeovers bring; each takeover is told where its own is."""
    places = np.flatnonzero(happened["kind"] == Kind.TAKEOVER)
    if events is None or not len(places):
        return records((), TAKEOVER)
    takeovers = records_from(events.take(places), TAKEOVER_COLUMNS, TAKEOVER)
    happened["extra"][places] = np.arange(len(places))
    is_so = takeover_faults(takeovers, happened["amount"][places], happened["on"][places])
    faults[places] = np.where((faults[places] == 0) & is_so, Stop.EVENT_OUT_OF_RANGE, faults[places])
    return takeovers


def _refuse_unsorted(loan_at: NDArray[Any], on: NDArray[Any]) -> None:
    steps = np.diff(loan_at)
    if (steps < 0).any():
        raise ValueError("loan_at: events must be sorted by loan")
    if ((np.diff(on) < 0) & (steps == 0)).any():
        raise ValueError("value_on: events of a loan must be sorted by day")
