"""A book of loans of every feature, on every day: what the document form says of each loan on that day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.kernels.books import Row, event, standing, tables_of
from tests.transforms.kernels.loan_strategies import loans, readings
from transforms.kernels.book import (
    SEGMENT_SCHEMA,
    HistoryRoom,
    histories,
    history_room,
    loan_figures,
    replays,
    schedule_batches,
    schedule_buffers,
)
from transforms.kernels.book_tables import Book, book_from
from transforms.kernels.columns import day_number_of, effective_events
from transforms.kernels.figures import LoanState
from transforms.kernels.loan import Loan, LoanRefused, Terms
from transforms.kernels.replay import payoff, replay, schedule_of
from transforms.kernels.state import END, Norms, allocations

SLOW = HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much
FEW = settings(max_examples=15, suppress_health_check=SLOW)
MANY = settings(max_examples=300, suppress_health_check=SLOW)
ROOM = 20_000
DAY = timedelta(days=1)
PARTS = ("penal", "fee", "interest", "principal", "excess")
MONEY = ("principal_outstanding", "principal_overdue", "interest_overdue", "fee_due", "excess")


def copied(batches: Iterable[pa.RecordBatch]) -> list[Row]:
    """The rows of all batches, each read before the next one is asked for."""
    return [row for batch in batches for row in batch.to_pylist()]


def told(book: Book, as_of: date, room: HistoryRoom | None = None) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """(allocations, segments, month-ends, figures of the loans)."""
    ends, parts = np.zeros(len(book), END), ([], [], [])  # type: ignore[var-annotated]
    for made in histories(book, day_number_of(as_of), Norms(), ends, room or history_room(ROOM)):
        for part, rows in zip(parts, made, strict=True):
            part += rows.to_pylist()
    return *parts, loan_figures(ends).to_pylist()


def outcome(work: Any, *arguments: Any) -> Any:
    """What it gives, or None when the loan is refused."""
    try:
        return work(*arguments)
    except LoanRefused:
        return None


def of(rows: Sequence[Row], place: int) -> list[Row]:
    return [row for row in rows if row["loan_at"] == place]


def is_told_alike(drawn: list[Loan], as_of: date) -> None:
    """Whether a book says of each loan what its document says: schedule, state, allocations, history."""
    drawn = [standing(loan) for loan in drawn]
    terms, events = tables_of(drawn)
    book = book_from(terms, events)
    ends = np.zeros(len(drawn), END)
    rows = copied(schedule_batches(book_from(terms), ends, schedule_buffers(ROOM)))
    for place, loan in enumerate(drawn):
        schedule = outcome(schedule_of, loan)
        found = [(row["due_on"], row["principal"], row["interest"], row["fee"]) for row in of(rows, place)]
        expected = schedule.installments if schedule else ()
        assert found == [(row.due_on, row.principal, row.interest, row.fee) for row in expected], loan
    replayed = copied(replays(book, day_number_of(as_of), Norms(), ends, allocations(ROOM)))
    allocated, segments, month_ends, figures = told(book, as_of)
    assert (replayed, loan_figures(ends).to_pylist()) == (allocated, figures)
    for place, loan in enumerate(drawn):
        if loan.terms.disbursed_on > as_of:
            assert of(segments, place) == of(month_ends, place) == []
        else:
            is_as_documents(
                loan, as_of, of(allocated, place), of(segments, place), of(month_ends, place), figures[place]
            )


def is_as_documents(
    loan: Loan, as_of: date, allocated: list[Row], segments: list[Row], month_ends: list[Row], end: Row
) -> None:
    if outcome(payoff, loan, as_of) is None:  # refused before any row to come
        assert end["set_aside_code"] is not None, loan
        assert allocated == segments == month_ends == []
        return
    assert end["set_aside_code"] is None, (end, loan)
    state = outcome(replay, loan, as_of)
    if state is None:
        return
    is_state(state, end)
    found = [(row["value_on"], max(row["installment_number"], 0), *(row[name] for name in PARTS)) for row in allocated]
    assert found == [
        (one.on, one.installment or 0, *(getattr(one, name) for name in PARTS)) for one in state.allocations
    ], loan
    covers_every_day(loan, as_of, segments, month_ends)
    for row in some(month_ends):
        if month := outcome(replay, loan, row["as_of"]):
            is_state(month, row)
    for row in some(segments):
        for day in {row["from_on"], row["to_on"]}:
            if state := outcome(replay, loan, day):
                is_segment_of(state, row, day)


def some(rows: list[Row]) -> list[Row]:
    """About eight of the rows, the last one too."""
    return rows[:: -max(1, len(rows) // 8)]


def is_state(state: LoanState, row: Row) -> None:
    names = (*MONEY, "interest_accrued", "penal_due", "oldest_due_on", "npa_since")
    assert {name: row[name] for name in names} == {name: getattr(state, name) for name in names}
    since = None if state.dpd_pi == 0 else state.as_of - (state.dpd_pi - 1) * DAY
    assert row["oldest_pi_due_on"] == since
    assert row["is_written_off"] == (state.status == "WRITTEN_OFF")


def is_segment_of(state: LoanState, row: Row, day: date) -> None:
    assert {name: row[name] for name in MONEY} == {name: getattr(state, name) for name in MONEY}, day
    assert row["dpd"] + ((day - row["from_on"]).days if row["oldest_due_on"] else 0) == state.dpd
    assert (row["asset_class_code"], row["npa_since"]) == (state.asset_class, state.npa_since), day
    if day == row["from_on"]:
        assert row["interest_accrued"] == state.interest_accrued


def covers_every_day(loan: Loan, as_of: date, segments: list[Row], month_ends: list[Row]) -> None:
    """Segments follow each other without a gap or an overlap but for days on which nothing is left."""
    counting, _ = effective_events(loan, as_of)
    is_taken_over = counting and counting[0].type == "takeover"
    day = counting[0].on if is_taken_over else loan.terms.disbursed_on
    expected = []
    while day <= as_of:
        if (day + DAY).day == 1:
            expected.append(day)
        day += DAY
    seen = [row["as_of"] for row in month_ends]
    assert set(seen) <= set(expected)
    for missing in set(expected) - set(seen):
        assert nothing_left(loan, missing), missing
    last = (counting[0].on if is_taken_over else loan.terms.disbursed_on) - DAY
    for row in [*segments, {"from_on": as_of + DAY, "to_on": as_of}]:
        if row["from_on"] != last + DAY:
            assert row["from_on"] > last
            assert nothing_left(loan, last + DAY), last
            assert nothing_left(loan, row["from_on"] - DAY)
        last = row["to_on"]


def nothing_left(loan: Loan, day: date) -> bool:
    state = outcome(replay, loan, day)
    return state is None or not (
        state.principal_overdue or state.interest_accrued or state.total_overdue or state.excess
    )


books = st.lists(loans(installments_max=24), min_size=1, max_size=3)


@FEW
@given(data=st.data())
def test_a_book_is_its_loans_one_by_one(data: st.DataObject) -> None:
    drawn = data.draw(books)
    is_told_alike(drawn, data.draw(readings(data.draw(st.sampled_from(drawn)), at_most=1))[0])


@pytest.mark.slow
@MANY
@given(data=st.data())
def test_many_books_are_their_loans_one_by_one(data: st.DataObject) -> None:
    drawn = data.draw(books)
    is_told_alike(drawn, data.draw(readings(data.draw(st.sampled_from(drawn)), at_most=1))[0])


# One loan followed by hand: Rs 1,00,000 at 12 %, nothing paid until June.

GOOD = Terms(Decimal("100000.00"), date(2025, 1, 15), Decimal("0.12"), 12)
PAID = (
    event("payment", date(2025, 6, 10), amount=Decimal("5000.00")),
    event("payment", date(2025, 6, 20), amount=Decimal("3884.88")),
)
STRETCHES = [
    ("2025-01-15", "2025-02-14", 0, "STANDARD"),
    ("2025-02-15", "2025-03-14", 1, "SMA-0"),
    ("2025-03-15", "2025-03-16", 29, "SMA-0"),
    ("2025-03-17", "2025-04-14", 31, "SMA-1"),
    ("2025-04-15", "2025-04-15", 60, "SMA-1"),
    ("2025-04-16", "2025-05-14", 61, "SMA-2"),
    ("2025-05-15", "2025-05-15", 90, "SMA-2"),
    ("2025-05-16", "2025-06-09", 91, "NPA"),
    ("2025-06-10", "2025-06-14", 116, "NPA"),
    ("2025-06-15", "2025-06-19", 121, "NPA"),
    ("2025-06-20", "2025-06-30", 98, "NPA"),
]


def test_a_stretch_ends_when_a_due_a_receipt_or_another_class_comes() -> None:
    _, segments, month_ends, _ = told(book_from(*tables_of([Loan("L1", "INR", GOOD, PAID)])), date(2025, 6, 30))
    found = [(row["from_on"], row["to_on"], row["dpd"], row["asset_class_code"]) for row in segments]
    assert found == [
        (date.fromisoformat(start), date.fromisoformat(to), dpd, name) for start, to, dpd, name in STRETCHES
    ]
    assert [(row["as_of"].month, row["npa_since"]) for row in month_ends] == [
        *((month, None) for month in range(1, 5)),
        (5, date(2025, 5, 16)),
        (6, date(2025, 5, 16)),
    ]


def test_segments_have_the_columns_that_they_say() -> None:
    book = book_from(*tables_of([Loan("L1", "INR", GOOD)]))
    (made,) = histories(book, day_number_of(date(2025, 6, 1)), Norms(), np.zeros(1, END), history_room(ROOM))
    assert made.segments.schema == SEGMENT_SCHEMA
    assert made.month_ends.schema.names[:2] == ["loan_at", "as_of"]


def test_a_loan_closed_has_no_further_days() -> None:
    closing = event("foreclosure", date(2025, 2, 15), amount=Decimal("101000.00"))
    _, segments, month_ends, _ = told(book_from(*tables_of([Loan("L1", "INR", GOOD, (closing,))])), date(2025, 6, 30))
    assert [row["to_on"] for row in segments] == [date(2025, 2, 14)]
    assert [row["as_of"] for row in month_ends] == [date(2025, 1, 31)]


def test_little_room_gives_the_same_history() -> None:
    drawn = [Loan(f"L{place}", "INR", GOOD, PAID[: place % 3]) for place in range(20)]
    book = book_from(*tables_of(drawn))
    assert told(book, date(2025, 6, 30), history_room(30)) == told(book, date(2025, 6, 30))


def test_room_for_less_than_one_loan_is_refused() -> None:
    with pytest.raises(ValueError, match="more rows than the buffer holds"):
        told(book_from(*tables_of([Loan("L1", "INR", GOOD, PAID)])), date(2025, 6, 30), history_room(5))
