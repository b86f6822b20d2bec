"""Many loans at once: a book in, schedules, allocations, segments, month-ends and loan figures out, as Arrow.

Belongs here: the batch form of replay.py, the same compiled walk over columns. Does not: how a book is made of Arrow
tables (book_tables.py), reading or writing tables (transforms/books).

A bad loan is set aside with its reason, and the rest go on. Money is decimal(18,2) outside and the same bytes as int64
inside; nothing is copied on the way out, so a batch is to be used before the next one is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.kernels import history
from transforms.kernels.book_tables import Book
from transforms.kernels.columns import BookColumns, Kind, Records
from transforms.kernels.day_end import AssetClass
from transforms.kernels.due_dates import NO_DAY
from transforms.kernels.plain import is_plain, schedule_plain
from transforms.kernels.replay import exact_installment
from transforms.kernels.state import END, EVENT_AT, HERE, Norms, Stop, allocations, give, workspace
from transforms.kernels.walk import schedule_book, walk_book

MONEY = pa.decimal64(18, 2)
SCHEDULE_SCHEMA = pa.schema(
    [
        ("loan_at", pa.int32()),
        ("installment_number", pa.int32()),
        ("due_on", pa.date32()),
        *((name, MONEY) for name in ("principal", "interest", "fee", "principal_outstanding")),
    ]
)
ALLOCATION_SCHEMA = pa.schema(
    [
        ("loan_at", pa.int32()),
        ("event_at", pa.int32()),
        ("value_on", pa.date32()),
        ("installment_number", pa.int32()),
        *((name, MONEY) for name in ("penal", "fee", "interest", "principal", "excess")),
    ]
)
END_MONEY = (
    *("installment", "principal_outstanding", "interest_accrued", "principal_overdue", "interest_overdue"),
    *("fee_due", "penal_due", "excess"),
)
END_DAYS = ("oldest_due_on", "oldest_pi_due_on", "npa_since")
CLASSES = tuple(grade.name.replace("_", "-") for grade in AssetClass)
SEGMENT_SCHEMA = pa.schema(
    [
        ("loan_at", pa.int32()),
        ("from_on", pa.date32()),
        ("to_on", pa.date32()),
        ("annual_rate", pa.decimal64(18, 6)),
        *((name, MONEY) for name in ("principal_outstanding", "principal_bearing", "interest_accrued")),
        *((name, MONEY) for name in ("principal_overdue", "interest_overdue", "fee_due", "excess")),
        *((name, pa.date32()) for name in ("oldest_due_on", "oldest_pi_due_on", "npa_since")),
        ("dpd", pa.int32()),
        ("asset_class_code", pa.dictionary(pa.int8(), pa.string())),
        ("is_written_off", pa.bool_()),
    ]
)


class History(NamedTuple):
    """What happened to the loans of a batch, and what they were.

    allocations: ALLOCATION_SCHEMA. segments: SEGMENT_SCHEMA; interest_accrued and dpd as at the day-end of from_on.
    month_ends: loan_at, as_of and the figures of loan_figures.
    """

    allocations: pa.RecordBatch
    segments: pa.RecordBatch
    month_ends: pa.RecordBatch


class HistoryRoom(NamedTuple):
    """Room for a batch of history; one serves a thread for all its books."""

    allocations: NDArray[np.int64]
    segments: NDArray[np.int64]
    month_end_days: NDArray[np.int64]
    month_ends: Records


def history_room(rows_at_most: int) -> HistoryRoom:
    """Room for so many allocations, segments and month-ends each."""
    days = np.empty((2, rows_at_most), np.int64)
    return HistoryRoom(allocations(rows_at_most), history.segments(rows_at_most), days, np.zeros(rows_at_most, END))


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

    columns, kept = until(book.columns, as_of)

    def walked(room: Records, first: int, before: int) -> tuple[int, int]:
        return walk_book(columns, room, norms, first, before, as_of, out, ends)

    for used in _walked(book, ends, walked):
        yield _allocations(out, used, kept)
    _name_events(ends, kept)


def histories(book: Book, as_of: int, norms: Norms, ends: Records, room: HistoryRoom) -> Iterator[History]:
    """As replays, with what the loans were on every day until as_of (a day number), as known at its end."""
    columns, kept = until(book.columns, as_of)
    used = np.zeros(6, np.int64)

    def walked(work: Records, first: int, before: int) -> tuple[int, int]:
        at = history.history_book(columns, work, norms, first, before, as_of, *room, ends, used)
        return at, int(used[:3].sum())

    for _ in _walked(book, ends, walked):
        made, stretches, month_ends = (int(count) for count in used[:3])
        yield History(
            _allocations(room.allocations, made, kept),
            _segments(room.segments[:, :stretches]),
            _month_ends(room.month_end_days[:, :month_ends], room.month_ends[:month_ends]),
        )
    _name_events(ends, kept)


def until(columns: BookColumns, as_of: int) -> tuple[BookColumns, NDArray[np.int64] | None]:
    """(the book without events that a takeover by as_of replaces, nor a takeover to come; the places of the rest, None:
    all are left)."""
    if not len(columns.takeovers):
        return columns, None
    loans = len(columns.first_event) - 1
    loan_at = np.repeat(np.arange(loans), np.diff(columns.first_event))
    places = np.flatnonzero((columns.events["kind"] == Kind.TAKEOVER) & (columns.events["on"] <= as_of))
    begins = columns.first_event[:-1].copy()
    begins[loan_at[places]] = places  # the last one of a loan is assigned last
    kept = np.flatnonzero((np.arange(len(loan_at)) >= begins[loan_at]) & (columns.events["on"] <= as_of))
    first = np.r_[0, np.cumsum(np.bincount(loan_at[kept], minlength=loans))].astype(np.int64)
    return columns._replace(first_event=first, events=columns.events[kept]), kept


def _name_events(ends: Records, kept: NDArray[np.int64] | None) -> None:
    """Events that stopped a loan, as places in the book."""
    if kept is not None:
        is_at_event = ends["stop_event"] >= 0
        ends["stop_event"][is_at_event] = kept[ends["stop_event"][is_at_event]]


def _allocations(out: NDArray[np.int64], used: int, kept: NDArray[np.int64] | None) -> pa.RecordBatch:
    numbers = out[:4, :used].astype(np.int32)
    if kept is not None:
        numbers[EVENT_AT] = kept[numbers[EVENT_AT]]
    return _batch(numbers, out[4:], used, ALLOCATION_SCHEMA)


def _segments(made: NDArray[np.int64]) -> pa.RecordBatch:
    """Segments as Arrow (SEGMENT_SCHEMA); money without a copy."""
    columns = [_column(part, field.type) for part, field in zip(made, SEGMENT_SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=SEGMENT_SCHEMA)


def _column(numbers: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """Whole numbers as an Arrow column of that type."""
    if pa.types.is_decimal(kind):
        return pa.array(numbers).view(kind)
    if pa.types.is_date(kind):
        return pa.array(numbers.astype(np.int32), mask=numbers == NO_DAY).view(kind)
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int8)), pa.array(CLASSES))
    return pa.array(numbers.astype(bool) if pa.types.is_boolean(kind) else numbers.astype(np.int32))


def _month_ends(days: NDArray[np.int64], figures: Records) -> pa.RecordBatch:
    """Month-ends as Arrow: loan_at, as_of, and what loan_figures tells."""
    names = {"loan_at": _column(days[0], pa.int32()), "as_of": _column(days[1], pa.date32())}
    told = loan_figures(figures).drop_columns("set_aside_code")
    return pa.RecordBatch.from_pydict(names | dict(zip(told.schema.names, told.columns, strict=True)))


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
