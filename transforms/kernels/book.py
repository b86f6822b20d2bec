"""Many loans at once: Arrow columns of terms and sorted events in, schedules, allocations and loan figures out.

Belongs here: the batch form of replay.py, the same compiled walk over columns. Does not: reading or writing tables
(transforms/books).

A bad loan is set aside with its reason, and the rest go on. Money is decimal(18,2) outside and the same bytes as int64
inside; nothing is copied on the way out, so a batch is to be used before the next one is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.kernels.columns import (
    ABSENT,
    CODES,
    CUSTOM,
    DAILY,
    EVENT,
    FEE,
    INSTALLMENTS_MAX,
    MILLIONTHS,
    OPTIONS,
    STEP,
    TAKEOVER,
    TERMS,
    BookColumns,
    Component,
    Kind,
    Records,
    records,
)
from transforms.kernels.due_dates import NO_DAY, UNITS
from transforms.kernels.money import SMALLEST, Mode
from transforms.kernels.plain import is_plain, schedule_plain
from transforms.kernels.replay import exact_installment
from transforms.kernels.state import END, HERE, Norms, Stop, give, workspace
from transforms.kernels.walk import schedule_book, walk_book

MONEY, RATE, DAY, COUNT = "money", "rate", "day", "count"
UNIT_MAX = 10**7  # hundredths: roundings to Rs 1 lakh
AMOUNT_MAX = 10**15  # hundredths: Rs 10 lakh crore
RATE_MAX = 5 * MILLIONTHS
MODES = {mode.name.lower(): int(mode) for mode in Mode}
NOT_SAID = -2  # a code left out, where what it then means depends on another column
WATERFALL_DEFAULT = 0b11_10_01_00  # interest, principal, fee, penal
REQUIRED = ("principal", "disbursed_on", "annual_rate", "installments")
EVENT_REQUIRED = ("event_type_code", "value_on")
# column -> (field of TERMS, how it is read, value when the column or the cell is absent); a REQUIRED column must be
# there, and its empty cells take a value that is out of range
COLUMNS: dict[str, tuple[str, Any, int]] = {
    "principal": ("principal", MONEY, 0),
    "disbursed_on": ("disbursed_on", DAY, NO_DAY),
    "annual_rate": ("rate", RATE, ABSENT),
    "installments": ("installments", COUNT, 0),
    "first_due_on": ("first_due_on", DAY, NO_DAY),
    "repay_every": ("every", COUNT, 1),
    "repay_unit_code": ("unit", UNITS, UNITS["month"]),
    "interest_method_code": ("method", CODES["interest_method"], 0),
    "amortisation_code": ("amortisation", CODES["amortisation"], 0),
    "day_count_code": ("day_count", CODES["day_count"], 0),
    "installment_basis_code": ("installment_basis", CODES["installment_basis"], 0),
    "interest_basis_code": ("interest_basis", CODES["interest_basis"], 0),
    "broken_period_code": ("broken_period", CODES["broken_period"], 0),
    "grace_principal_installments": ("grace_principal", COUNT, 0),
    "grace_interest_installments": ("grace_interest", COUNT, 0),
    "grace_capitalise_code": ("capitalise", CODES["capitalise"], 0),
    "installment_amount": ("installment_amount", MONEY, ABSENT),
    "balloon": ("balloon", MONEY, 0),
    "currency": ("smallest", SMALLEST, 1),
    "rounding_interest": ("interest_unit", MONEY, ABSENT),
    "rounding_installment": ("installment_unit", MONEY, ABSENT),
    "rounding_mode_code": ("mode", MODES, 0),
    "rounding_installment_mode_code": ("installment_mode", MODES, NOT_SAID),
    "fee_each_installment": ("fee_each", MONEY, 0),
    "fee_at_disbursal": ("fee_disbursal", MONEY, 0),
    "penal_annual_rate": ("penal_rate", RATE, 0),
    "penal_grace_days": ("penal_grace_days", COUNT, 0),
    "penal_flat": ("penal_flat", MONEY, 0),
    "foreclosure_rate": ("foreclosure_rate", RATE, 0),
    "foreclosure_gst_rate": ("foreclosure_gst", RATE, 0),
    "foreclosure_free_after_installments": ("foreclosure_free_after", COUNT, 0),
    "excess_code": ("excess", CODES["excess"], 0),
    "tolerance": ("tolerance", MONEY, 0),
}
# A restructure's terms and a takeover's state are no columns: such loans are set aside, and walked as documents.
KINDS = {kind.name.lower(): int(kind) for kind in Kind if kind != Kind.REVERSAL}
NEEDS_DOCUMENT = (Kind.RESTRUCTURE, Kind.TAKEOVER)
WORDS = {word: place for place, word in enumerate(sorted({word for _, codes in OPTIONS.values() for word in codes}))}
EVENT_COLUMNS: dict[str, tuple[str, Any, int]] = {
    "event_type_code": ("kind", KINDS, ABSENT),
    "value_on": ("on", DAY, NO_DAY),
    "amount": ("amount", MONEY, ABSENT),
    "rate": ("rate", RATE, 0),
    "option_code": ("option", WORDS, NOT_SAID),
    "from_installment": ("number", COUNT, 0),
    "installments": ("count", COUNT, 0),
}
SCHEDULE_SCHEMA = pa.schema(
    [
        ("loan_at", pa.int32()),
        ("installment_number", pa.int32()),
        ("due_on", pa.date32()),
        *((name, pa.decimal64(18, 2)) for name in ("principal", "interest", "fee", "principal_outstanding")),
    ]
)
ALLOCATION_SCHEMA = pa.schema(
    [
        ("loan_at", pa.int32()),
        ("event_at", pa.int32()),
        ("value_on", pa.date32()),
        ("installment_number", pa.int32()),
        *((name, pa.decimal64(18, 2)) for name in ("penal", "fee", "interest", "principal", "excess")),
    ]
)
END_MONEY = (
    *("installment", "principal_outstanding", "interest_accrued", "principal_overdue", "interest_overdue"),
    *("fee_due", "penal_due", "excess"),
)
END_DAYS = ("oldest_due_on", "oldest_pi_due_on", "npa_since")


@dataclass(frozen=True)
class Book:
    """Loans as columns, and why some of them cannot be walked: set_aside has a Stop a loan (0: none)."""

    columns: BookColumns
    set_aside: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.set_aside)


def book_from(terms: pa.Table, events: pa.Table | None = None) -> Book:
    """A book from Arrow tables.

    terms: one row a loan, columns of COLUMNS. events: columns of EVENT_COLUMNS and loan_at, the row of the loan; sorted
    by loan_at and, within a loan, in the order of rule 2, reversed ones left out. ValueError names a column that is
    missing, or an order that does not hold.
    """
    loans = _records(terms, COLUMNS, TERMS, REQUIRED)
    for name in ("order", "order_npa", "order_written_off"):
        loans[name] = WATERFALL_DEFAULT
    for name in ("interest_unit", "installment_unit"):
        loans[name] = np.where(loans[name] == ABSENT, loans["smallest"], loans[name])
    is_same = loans["installment_mode"] == NOT_SAID
    loans["installment_mode"] = np.where(is_same, loans["mode"], loans["installment_mode"])
    set_aside = _examined(loans)
    first, rows = np.zeros(len(loans) + 1, np.int64), records((), EVENT)
    if events is not None and len(events):
        rows = _event_records(events)
        loan_at = _loan_at(events, len(loans))
        _refuse_unsorted(loan_at, rows["on"])
        first = np.searchsorted(loan_at, np.arange(len(loans) + 1)).astype(np.int64)
        for stop, is_so in _event_faults(rows, loans["disbursed_on"][loan_at]):
            places = np.unique(loan_at[is_so])
            set_aside[places] = np.where(set_aside[places] == 0, stop, set_aside[places])
    steps, custom, fees, takeovers = (records((), layout) for layout in (STEP, CUSTOM, FEE, TAKEOVER))
    return Book(BookColumns(loans, steps, custom, fees, takeovers, first, rows), set_aside)


def _records(
    table: pa.Table, columns: dict[str, tuple[str, Any, int]], layout: Any, required: Sequence[str]
) -> Records:
    if missing := sorted(name for name in required if name not in table.column_names):
        raise ValueError(f"column {missing[0]} is missing")
    usual = np.zeros(1, layout)
    for field, _, default in columns.values():
        usual[field] = default
    rows = np.repeat(usual, len(table))
    for name, (field, how, default) in columns.items():
        if name in table.column_names:
            rows[field] = _numbers(table[name], how, default)
    return rows


def _event_records(events: pa.Table) -> Records:
    """EVENT records; an option's word means what it means to its type of event."""
    rows = _records(events, EVENT_COLUMNS, EVENT, EVENT_REQUIRED)
    rows["extra"] = ABSENT
    words = list(WORDS)
    for name, (_, codes) in OPTIONS.items():
        meant = np.array([codes.get(word, ABSENT) for word in words] + [next(iter(codes.values())), ABSENT], np.int64)
        is_so = rows["kind"] == KINDS[name]
        said = rows["option"][is_so]
        place = np.where(said == NOT_SAID, len(words), np.where(said < 0, len(words) + 1, said))
        rows["option"][is_so] = meant[place]
    return rows


def _loan_at(events: pa.Table, loans: int) -> NDArray[np.int64]:
    """The loan of each event, as its row in the terms."""
    if "loan_at" not in events.column_names:
        raise ValueError("column loan_at is missing")
    loan_at = events["loan_at"].cast(pa.int64()).combine_chunks().fill_null(-1).to_numpy(zero_copy_only=False)
    if len(loan_at) and (loan_at.min() < 0 or loan_at.max() >= loans):
        raise ValueError(f"loan_at: each event must name a row of the terms, 0 to {loans - 1}")
    return loan_at


def _event_faults(rows: Records, disbursed_on: NDArray[np.int64]) -> list[tuple[Stop, NDArray[np.bool_]]]:
    """Events that no document may have, by reason."""
    kind, amount, rate = rows["kind"], rows["amount"], rows["rate"]
    has_money = ~np.isin(kind, (Kind.RATE_CHANGE, Kind.MORATORIUM)) & ((kind != Kind.WRITE_OFF) | (amount != ABSENT))
    is_rate, is_pause = kind == Kind.RATE_CHANGE, kind == Kind.MORATORIUM
    wrong = has_money & ((amount <= 0) | (amount > AMOUNT_MAX))
    wrong |= is_rate & ((rate < 0) | (rate > RATE_MAX))
    wrong |= (kind == Kind.CHARGE) & ((rate < 0) | (rate > MILLIONTHS))
    wrong |= is_pause & ((rows["number"] < 1) | (rows["count"] < 1) | (rows["count"] > INSTALLMENTS_MAX))
    wrong |= (kind == Kind.WAIVER) & (rows["option"] == Component.PRINCIPAL)
    wrong |= np.isin(kind, [KINDS[name] for name in OPTIONS]) & (rows["option"] < 0)
    return [
        (Stop.EVENT_UNKNOWN, (kind < 0) | np.isin(kind, NEEDS_DOCUMENT)),
        (Stop.EVENT_BEFORE_DISBURSAL, rows["on"] < disbursed_on),
        (Stop.EVENT_OUT_OF_RANGE, wrong),
    ]


def _numbers(column: pa.ChunkedArray, how: Any, default: int) -> NDArray[np.int64]:
    """A column as whole numbers; nulls and codes that are not known take the default (unknown codes: ABSENT)."""
    if isinstance(how, dict):
        encoded = column.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        codes = np.array([how.get(word, ABSENT) for word in encoded.dictionary.to_pylist()] + [default], np.int64)
        return codes[encoded.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)]
    if how in (MONEY, RATE):
        scale = 2 if how == MONEY else 6
        column = column.cast(pa.decimal64(18, scale)).combine_chunks()
        whole = pa.Array.from_buffers(pa.int64(), len(column), column.buffers(), offset=column.offset)
    else:
        whole = column.cast(pa.int32() if how == DAY else pa.int64()).combine_chunks()
    return whole.fill_null(default).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)


def _refuse_unsorted(loan_at: NDArray[Any], on: NDArray[Any]) -> None:
    steps = np.diff(loan_at)
    if (steps < 0).any():
        raise ValueError("loan_at: events must be sorted by loan")
    if ((np.diff(on) < 0) & (steps == 0)).any():
        raise ValueError("value_on: events of a loan must be sorted by day")


def _examined(loans: Records) -> NDArray[np.int64]:
    """Why a loan's terms cannot be walked; the first reason counts."""
    smallest = np.maximum(loans["smallest"], 1)
    reasons: Sequence[tuple[Stop, NDArray[np.bool_]]] = (
        (Stop.PRINCIPAL_OUT_OF_RANGE, (loans["principal"] <= 0) | (loans["principal"] > AMOUNT_MAX)),
        (Stop.PRINCIPAL_OUT_OF_RANGE, loans["principal"] % smallest != 0),
        (Stop.TERMS_OUT_OF_RANGE, loans["disbursed_on"] == NO_DAY),
        (Stop.RATE_OUT_OF_RANGE, (loans["rate"] < 0) | (loans["rate"] > RATE_MAX)),
        (Stop.INSTALLMENTS_OUT_OF_RANGE, (loans["installments"] < 1) | (loans["installments"] > INSTALLMENTS_MAX)),
        (Stop.PERIOD_OUT_OF_RANGE, (loans["every"] < 1) | (loans["every"] > 366)),
        (
            Stop.FIRST_DUE_NOT_AFTER_DISBURSAL,
            (loans["first_due_on"] != NO_DAY) & (loans["first_due_on"] <= loans["disbursed_on"]),
        ),
        (Stop.GRACE_OUT_OF_RANGE, loans["grace_principal"] >= loans["installments"]),
        (Stop.GRACE_OUT_OF_RANGE, (loans["grace_principal"] < 0) | (loans["grace_interest"] < 0)),
        (Stop.GRACE_OUT_OF_RANGE, loans["grace_interest"] > loans["grace_principal"]),
        (Stop.CODE_UNKNOWN, np.any([loans[field] < 0 for field in _CODED], axis=0)),
        (Stop.CODE_UNKNOWN, loans["amortisation"] >= CODES["amortisation"]["step"]),
        (Stop.TERMS_OUT_OF_RANGE, _out_of_range(loans, smallest)),
    )
    set_aside = np.zeros(len(loans), np.int64)
    for stop, is_so in reasons:
        set_aside[(set_aside == 0) & is_so] = stop
    return set_aside


def _out_of_range(loans: Records, smallest: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Terms whose lesser fields no document may have."""
    wrong = np.zeros(len(loans), np.bool_)
    for unit in ("interest_unit", "installment_unit"):
        wrong |= (loans[unit] <= 0) | (loans[unit] % smallest != 0) | (loans[unit] > UNIT_MAX)
    wrong |= (loans["balloon"] < 0) | (loans["balloon"] >= loans["principal"])
    wrong |= (loans["installment_amount"] != ABSENT) & (loans["installment_amount"] <= 0)
    wrong |= (loans["method"] != CODES["interest_method"]["reducing"]) & (loans["interest_basis"] == DAILY)
    for name in ("penal_rate", "penal_grace_days", "penal_flat", "fee_each", "fee_disbursal", "tolerance"):
        wrong |= (loans[name] < 0) | (loans[name] > AMOUNT_MAX)
    for name in ("foreclosure_rate", "foreclosure_gst"):
        wrong |= (loans[name] < 0) | (loans[name] > MILLIONTHS)
    return wrong | (loans["penal_rate"] > RATE_MAX) | (loans["foreclosure_free_after"] < 0)


_CODED = [field for field, how, _ in COLUMNS.values() if isinstance(how, dict)]


def schedules(book: Book, rows_at_most: int = 1_000_000) -> Iterator[pa.RecordBatch]:
    """The contractual schedules of a book without events, in batches of whole loans (SCHEDULE_SCHEMA)."""
    yield from schedule_batches(book, np.zeros(len(book), END), schedule_buffers(rows_at_most))


def schedule_buffers(rows_at_most: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Room for a batch of schedule rows; one pair serves a thread for all its books."""
    return np.empty((3, rows_at_most), np.int32), np.empty((4, rows_at_most), np.int64)


def schedule_batches(
    book: Book, ends: Records, buffers: tuple[NDArray[np.int32], NDArray[np.int64]]
) -> Iterator[pa.RecordBatch]:
    """As schedules; ends gets of each loan the installment, and why it has no rows."""
    numbers, money = buffers
    good = book.columns.terms[: len(book)][book.set_aside == 0]
    if is_plain(good).all():

        def walked(room: Records, first: int, before: int) -> tuple[int, int]:
            return schedule_plain(book.columns, room, first, before, numbers, money, ends)

    else:

        def walked(room: Records, first: int, before: int) -> tuple[int, int]:
            return schedule_book(book.columns, room, Norms(), first, before, numbers, money, ends)

    for used in _walked(book, ends, walked):
        yield _batch(numbers, money, used, SCHEDULE_SCHEMA)


def replays(book: Book, as_of: int, norms: Norms, ends: Records, out: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """Walk a book to the day-end of as_of (a day number): allocations in batches of whole loans (ALLOCATION_SCHEMA).

    ends gets one END record a loan: its figures, or why it was set aside (see loan_figures). out: a buffer made by
    state.allocations; one serves a thread for all its books.
    """

    def walked(room: Records, first: int, before: int) -> tuple[int, int]:
        return walk_book(book.columns, room, norms, first, before, as_of, out, ends)

    for used in _walked(book, ends, walked):
        yield _batch(out[:4, :used].astype(np.int32), out[4:], used, ALLOCATION_SCHEMA)


def _walked(book: Book, ends: Records, walked: Callable[[Records, int, int], tuple[int, int]]) -> Iterator[int]:
    """Walk the loans that are not set aside; yields how many rows are in the buffer, each time it must be emptied."""
    room, ends["stop"] = workspace(), book.set_aside
    good = np.flatnonzero(book.set_aside == 0)
    for first, before in _runs(good):
        while first < before:
            first, used = walked(room, first, before)
            if used:
                yield used
            if first < before and room[0].loans[HERE].stop == Stop.NEEDS_EXACT_INSTALLMENT:
                first, used = _walked_exactly(book, room, first, walked)
                if used:
                    yield used
            elif first < before and not used:
                raise ValueError("a loan has more rows than the buffer holds")


def _walked_exactly(
    book: Book, room: Records, number: int, walked: Callable[[Records, int, int], tuple[int, int]]
) -> tuple[int, int]:
    """Walk one loan whose installments float64 cannot prove; they are computed in whole numbers and given."""
    given: tuple[tuple[int, int], ...] = ()
    after, used = number, 0
    while after == number and room[0].loans[HERE].stop == Stop.NEEDS_EXACT_INSTALLMENT:
        given = (*given, exact_installment(book.columns, room[0]))
        give(room, given)
        after, used = walked(room, number, number + 1)
    give(room, ())
    if after == number:
        raise ValueError("a loan has more rows than the buffer holds")
    return after, used


def _runs(places: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Runs of consecutive places, as (first, after the last)."""
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) != 1)
    firsts, lasts = places[np.r_[0, breaks + 1]], places[np.r_[breaks, len(places) - 1]]
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]


def _batch(numbers: NDArray[np.int32], money: NDArray[np.int64], used: int, schema: pa.Schema) -> pa.RecordBatch:
    """The first columns of the buffers as Arrow, the same bytes: to be used before the next batch is asked for."""
    parts = [*numbers, *money]
    columns = [pa.array(part[:used]).view(field.type) for part, field in zip(parts, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def loan_figures(ends: Records) -> pa.RecordBatch:
    """END records as Arrow, one row a loan; a loan set aside has its reason and no figures."""
    is_aside = ends["stop"] != 0
    names = {stop: stop.name for stop in Stop}
    reasons = (
        [names[Stop(int(stop))] if stop else None for stop in ends["stop"]] if is_aside.any() else [None] * len(ends)
    )
    columns: dict[str, pa.Array] = {"set_aside_code": pa.array(reasons, pa.string())}
    mask = pa.array(is_aside)
    null = pa.scalar(None)
    for name in END_MONEY:
        columns[name] = pc.if_else(mask, null, pa.array(ends[name].copy()).view(pa.decimal64(18, 2)))
    for name in END_DAYS:
        days = ends[name].astype(np.int32)
        columns[name] = pa.array(days, mask=is_aside | (ends[name] == NO_DAY)).view(pa.date32())
    columns["installments_due"] = pa.array(ends["installments_due"].astype(np.int32), mask=is_aside)
    columns["is_written_off"] = pa.array(ends["is_written_off"].astype(bool), mask=is_aside)
    return pa.RecordBatch.from_pydict(columns)
