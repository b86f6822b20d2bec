"""A book gives of each loan what the document form gives of it; a bad loan is set aside and concerns no other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.transforms.kernels.books import (
    Row,
    event,
    event_row,
    events_of,
    events_table,
    random_loan,
    step_row,
    table,
    tables_of,
    terms_row,
    terms_table,
)
from transforms.kernels.book import (
    ALLOCATION_SCHEMA,
    SCHEDULE_SCHEMA,
    loan_figures,
    replays,
    schedule_batches,
    schedule_buffers,
    schedules,
)
from transforms.kernels.book_columns import COLUMNS, EVENT_REQUIRED, REQUIRED
from transforms.kernels.book_tables import Book, book_from
from transforms.kernels.columns import day_number_of
from transforms.kernels.figures import LoanState, Schedule
from transforms.kernels.loan import CustomRow, Event, Loan, LoanRefused, Step, Terms
from transforms.kernels.replay import REFUSALS, replay, schedule_of
from transforms.kernels.state import END, Norms, allocations

LOANS = 300
AS_OF = (date(2021, 6, 30), date(2023, 2, 28), date(2024, 12, 31), date(2030, 1, 1))
GOOD = Terms(Decimal("100000.00"), date(2025, 1, 15), Decimal("0.12"), 12)
ROOM = 100_000


@pytest.fixture(scope="module")
def loans() -> list[Loan]:
    """Loans of mixed terms and stories; one that has no schedule at all has no events either."""
    chance = np.random.default_rng(20)

    def rows(loan: Loan) -> Sequence[Any]:
        found = scheduled(loan)
        return found.installments if isinstance(found, Schedule) else ()

    return [random_loan(chance, place, rows) for place in range(LOANS)]


def scheduled(loan: Loan) -> Schedule | LoanRefused:
    try:
        return schedule_of(loan)
    except LoanRefused as refused:
        return refused


def reason(refused: LoanRefused) -> str:
    """The name of the stop that a refusal tells."""
    return next(stop.name for stop, (_, problem) in REFUSALS.items() if problem == refused.problem)


def whole(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """All batches; each is copied before the next one is asked for, which may reuse its bytes."""
    return pa.Table.from_batches([batch.take(np.arange(len(batch))) for batch in batches], schema)


def replayed(book: Book, as_of: date, room: int = ROOM) -> tuple[pa.Table, pa.Table]:
    """(allocations, figures of the loans)."""
    ends = np.zeros(len(book), END)
    made = whole(replays(book, day_number_of(as_of), Norms(), ends, allocations(room)), ALLOCATION_SCHEMA)
    return made, pa.table(loan_figures(ends))


def by_loan(rows: pa.Table, loans: int) -> list[list[Row]]:
    out: list[list[Row]] = [[] for _ in range(loans)]
    for row in rows.to_pylist():
        out[row.pop("loan_at")].append(row)
    return out


def schedule_rows(found: Schedule | LoanRefused) -> list[Row]:
    if isinstance(found, LoanRefused):
        return []
    names = {"number": "installment_number", "due_on": "due_on", "balance": "principal_outstanding"}
    names |= {name: name for name in ("principal", "interest", "fee")}
    return [{names[name]: getattr(row, name) for name in names} for row in found.installments]


def test_schedules_are_those_of_the_documents(loans: list[Loan]) -> None:
    ends = np.zeros(len(loans), END)
    made = by_loan(
        whole(schedule_batches(book_from(terms_table(loans)), ends, schedule_buffers(ROOM)), SCHEDULE_SCHEMA),
        len(loans),
    )
    figures = loan_figures(ends).to_pylist()
    for loan, rows, end in zip(loans, made, figures, strict=True):
        found = scheduled(loan)
        assert rows == schedule_rows(found), loan
        if isinstance(found, LoanRefused):
            assert end["set_aside_code"] == reason(found)
        elif loan.terms.amortisation == "emi":
            assert (end["set_aside_code"], end["installment"]) == (None, found.installment_amount), loan


@pytest.mark.parametrize("as_of", AS_OF)
def test_states_and_allocations_are_those_of_the_documents(loans: list[Loan], as_of: date) -> None:
    allocated, figures = replayed(book_from(terms_table(loans), events_table(loans)), as_of)
    events, refused = events_of(loans), set()
    for place, (rows, end) in enumerate(zip(by_loan(allocated, len(loans)), figures.to_pylist(), strict=True)):
        loan = loans[place]
        if loan.terms.disbursed_on > as_of:
            continue
        state = replayed_alone(loan, as_of)
        if isinstance(state, LoanRefused):
            assert (end["set_aside_code"], rows) == (reason(state), []), loan
            assert all(value is None for name, value in end.items() if name != "set_aside_code")
            refused.add(end["set_aside_code"])
            continue
        assert [(events[row["event_at"]][1].id, row["value_on"], row["installment_number"]) for row in rows] == [
            (one.event_id, one.on, one.installment or -1) for one in state.allocations
        ], loan
        for name in ("penal", "fee", "interest", "principal", "excess"):
            assert [row[name] for row in rows] == [getattr(one, name) for one in state.allocations], loan
        assert end == {**end, **figures_of(state, as_of)}, loan
    assert len(refused) > 1 or as_of == AS_OF[0]


def replayed_alone(loan: Loan, as_of: date) -> LoanState | LoanRefused:
    try:
        return replay(loan, as_of)
    except LoanRefused as refused:
        return refused


def figures_of(state: LoanState, as_of: date) -> Row:
    """A loan's state as its END figures; dpd is told by the day it counts from."""
    since = None if state.dpd_pi == 0 else as_of - timedelta(days=state.dpd_pi - 1)
    names = ("principal_outstanding", "interest_accrued", "principal_overdue", "interest_overdue", "fee_due")
    return {
        "set_aside_code": None,
        **{name: getattr(state, name) for name in (*names, "penal_due", "excess", "oldest_due_on", "npa_since")},
        "oldest_pi_due_on": since,
        "installments_due": sum(row.due_on <= as_of for row in state.installments),
        "is_written_off": state.status == "WRITTEN_OFF",
    }


@pytest.mark.parametrize("room", [1_250, 2_000])
def test_a_small_buffer_gives_the_same_rows(loans: list[Loan], room: int) -> None:
    terms = terms_table(loans)
    assert whole(schedules(book_from(terms), room), SCHEDULE_SCHEMA) == whole(
        schedules(book_from(terms), ROOM), SCHEDULE_SCHEMA
    )
    book = book_from(terms, events_table(loans))
    once, figures = replayed(book, AS_OF[-1])
    again, same = replayed(book, AS_OF[-1], room // 5)
    assert again == once
    assert same == figures


def test_batches_hold_whole_loans(loans: list[Loan]) -> None:
    seen: set[int] = set()
    for batch in schedules(book_from(terms_table(loans)), 1_250):
        here = set(batch["loan_at"].to_pylist())
        assert not here & seen
        seen |= here


def test_a_buffer_smaller_than_one_loan_is_refused() -> None:
    with pytest.raises(ValueError, match="more rows than the buffer holds"):
        list(schedules(book_from(terms_table([Loan("L1", "INR", GOOD)])), 11))


def test_a_buffer_smaller_than_one_loan_of_an_exact_installment_is_refused() -> None:
    large = Terms(Decimal("9999999999999.99"), date(2025, 1, 15), Decimal("0.36"), 60)
    with pytest.raises(ValueError, match="more rows than the buffer holds"):
        list(schedules(book_from(terms_table([Loan("L1", "INR", large)])), 40))


def test_an_empty_book_has_no_rows() -> None:
    terms = terms_table([Loan("L1", "INR", GOOD)]).slice(0, 0)
    events = table([event_row(0, payment("2025-02-15"))]).slice(0, 0)
    assert list(schedules(book_from(terms))) == []
    allocated, figures = replayed(book_from(terms, events), AS_OF[-1])
    assert (len(allocated), len(figures)) == (0, 0)


def payment(on: str, amount: str = "8884.88") -> Event:
    return event("payment", date.fromisoformat(on), amount=Decimal(amount))


# Bad loans.

ROWS_OF_CUSTOM = [
    {"due_on": date(2025, 3, 1), "principal": Decimal("100.00")},
    {"due_on": date(2025, 9, 1), "principal": Decimal("200.00")},
]
BAD: dict[str, Row] = {
    "PRINCIPAL_OUT_OF_RANGE": {"principal": Decimal("-100000.00")},
    "PRINCIPAL_OUT_OF_RANGE zero": {"principal": Decimal("0.00")},
    "PRINCIPAL_OUT_OF_RANGE null": {"principal": None},
    "PRINCIPAL_OUT_OF_RANGE large": {"principal": Decimal("10000000000000.01")},
    "PRINCIPAL_OUT_OF_RANGE of a yen": {"principal": Decimal("100.50"), "currency": "JPY"},
    "RATE_OUT_OF_RANGE": {"annual_rate": Decimal("5.000001")},
    "RATE_OUT_OF_RANGE negative": {"annual_rate": Decimal("-0.000001")},
    "INSTALLMENTS_OUT_OF_RANGE": {"installments": 0},
    "INSTALLMENTS_OUT_OF_RANGE many": {"installments": 1201},
    "PERIOD_OUT_OF_RANGE": {"repay_every": 0},
    "PERIOD_OUT_OF_RANGE long": {"repay_every": 367},
    "PERIOD_OUT_OF_RANGE calendar": {"repay_unit_code": "year", "repay_every": 366, "installments": 40},
    "FIRST_DUE_NOT_AFTER_DISBURSAL": {"first_due_on": GOOD.disbursed_on},
    "GRACE_OUT_OF_RANGE": {"grace_principal_installments": 12},
    "GRACE_OUT_OF_RANGE interest": {"grace_principal_installments": 1, "grace_interest_installments": 2},
    "CODE_UNKNOWN": {"day_count_code": "ACT/364"},
    "CODE_UNKNOWN currency": {"currency": "XXX"},
    "CODE_UNKNOWN method": {"interest_method_code": "compound"},
    "CODE_UNKNOWN waterfall": {"waterfall_code": "interest,principal,fee"},
    "STEPS_OUT_OF_RANGE none": {"amortisation_code": "step"},
    "STEPS_OUT_OF_RANGE of an emi": {"steps": [step_row(Step(3, change=Decimal("0.1")))]},
    "STEPS_OUT_OF_RANGE first": {"amortisation_code": "step", "steps": [step_row(Step(1, change=Decimal("0.1")))]},
    "STEPS_OUT_OF_RANGE last": {"amortisation_code": "step", "steps": [step_row(Step(13, change=Decimal("0.1")))]},
    "STEPS_OUT_OF_RANGE nothing": {"amortisation_code": "step", "steps": [step_row(Step(3))]},
    "STEPS_OUT_OF_RANGE both": {
        "amortisation_code": "step",
        "steps": [step_row(Step(3, Decimal("9000.00"), Decimal("0.1")))],
    },
    "STEPS_OUT_OF_RANGE order": {
        "amortisation_code": "step",
        "steps": [step_row(Step(number, change=Decimal("0.1"))) for number in (5, 4)],
    },
    "STEPS_OUT_OF_RANGE in the grace": {
        "amortisation_code": "step",
        "grace_principal_installments": 3,
        "steps": [step_row(Step(4, change=Decimal("0.1")))],
    },
    "CUSTOM_OUT_OF_RANGE none": {"amortisation_code": "custom"},
    "CUSTOM_OUT_OF_RANGE sum": {"amortisation_code": "custom", "installments": 2, "custom_schedule": ROWS_OF_CUSTOM},
    "CUSTOM_OUT_OF_RANGE count": {
        "amortisation_code": "custom",
        "principal": Decimal("300.00"),
        "custom_schedule": ROWS_OF_CUSTOM,
    },
    "CUSTOM_OUT_OF_RANGE order": {
        "amortisation_code": "custom",
        "principal": Decimal("300.00"),
        "installments": 2,
        "custom_schedule": ROWS_OF_CUSTOM[::-1],
    },
    "CUSTOM_OUT_OF_RANGE of an emi": {"custom_schedule": ROWS_OF_CUSTOM},
}


def between_good(bad: Row) -> pa.Table:
    """A bad loan among good ones."""
    good = terms_row(GOOD)
    return table([good, {**good, **bad}, good])


@pytest.mark.parametrize("case", BAD)
def test_a_bad_loan_is_set_aside_and_the_others_go_on(case: str) -> None:
    ends = np.zeros(3, END)
    made = by_loan(
        whole(schedule_batches(book_from(between_good(BAD[case])), ends, schedule_buffers(ROOM)), SCHEDULE_SCHEMA), 3
    )
    assert loan_figures(ends)["set_aside_code"].to_pylist() == [None, case.split()[0], None]
    expected = schedule_rows(schedule_of(Loan("L1", "INR", GOOD)))
    assert made == [expected, [], expected]


# What a document would be refused for and the batch form still takes; each is to be set aside, whatever it is called.
TAKEN: dict[str, Row] = {
    "no disbursal": {"disbursed_on": None},
    "no rate": {"annual_rate": None},
    "unit of nothing": {"rounding_interest": Decimal("0.00")},
    "balloon of everything": {"balloon": GOOD.principal},
    "fee of no rate": {"fees": [{"rate": None, "gst_rate": Decimal("0.18"), "when_code": "disbursement"}]},
    "fee above the principal": {"fees": [{"rate": Decimal("1.1"), "gst_rate": None, "when_code": "disbursement"}]},
    "fee of no day": {"fees": [{"rate": Decimal("0.1"), "gst_rate": None, "when_code": "whenever"}]},
    "balloon below zero": {"balloon": Decimal("-5.00")},
    "installment of nothing": {"installment_amount": Decimal("0.00")},
    "installment below zero": {"installment_amount": Decimal("-5.00")},
    "grace below zero": {"grace_principal_installments": -1, "grace_interest_installments": -1},
    "flat and daily": {"interest_method_code": "flat", "interest_basis_code": "daily"},
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_no_document_may_say_is_set_aside(case: str) -> None:
    found = loan_figures(_ends_of(between_good(TAKEN[case])))["set_aside_code"].to_pylist()
    assert found[1] is not None
    assert found[0] is found[2] is None


def test_an_installment_unit_of_nothing_is_set_aside() -> None:
    found = loan_figures(_ends_of(between_good({"rounding_installment": Decimal("0.00")})))["set_aside_code"]
    assert found.to_pylist()[1] is not None


def test_a_first_due_date_beyond_the_calendar_is_set_aside() -> None:
    found = loan_figures(_ends_of(between_good({"disbursed_on": date(9999, 12, 20), "installments": 1})))
    assert found["set_aside_code"].to_pylist() == [None, "PERIOD_OUT_OF_RANGE", None]


def test_a_unit_left_out_is_the_smallest_amount_of_the_currency() -> None:
    (batch,) = schedules(book_from(table([{**terms_row(GOOD, "JPY"), **JPY_UNITS}])), ROOM)
    assert {amount % 1 for amount in batch["interest"].to_pylist()} == {0}


def test_an_installment_mode_left_out_is_the_mode_of_interest() -> None:
    modes = {"rounding_mode_code": "down", "rounding_installment_mode_code": None}
    assert _ends_of(table([{**terms_row(GOOD), **modes}]))["installment"].tolist() == [888_488 - 1]


JPY_UNITS = {"rounding_interest": None, "rounding_installment": None}
TAKEN_EVENTS: dict[str, Row] = {
    "unknown type": {"event_type_code": "paymnt"},
    "no type": {"event_type_code": None},
    "payment of nothing": {"amount": None},
    "payment below zero": {"amount": Decimal("-50.00")},
    "rate below zero": {"event_type_code": "rate_change", "rate": Decimal("-0.5")},
    "rate out of range": {"event_type_code": "rate_change", "rate": Decimal("900000")},
    "waiver of principal": {"event_type_code": "waiver", "option_code": "principal"},
    "moratorium of less than nothing": {"event_type_code": "moratorium", "from_installment": 2, "installments": -3},
    "restructure without terms": {"event_type_code": "restructure"},
    "restructure with a loan's terms": {"event_type_code": "restructure", "terms_at": 1},
    "restructure with terms of nowhere": {"event_type_code": "restructure", "terms_at": 2},
    "takeover without a principal": {"event_type_code": "takeover", "amount": None},
    "takeover of nothing": {"event_type_code": "takeover", "amount": Decimal("0.00")},
    "takeover below zero": {"event_type_code": "takeover", "penal_due": Decimal("-1.00")},
    "takeover with arrears of no day": {"event_type_code": "takeover", "interest_overdue": Decimal("10.00")},
    "takeover with a day of no arrears": {"event_type_code": "takeover", "oldest_due_on": date(2025, 2, 15)},
    "takeover with arrears to come": {
        "event_type_code": "takeover",
        "fee_due": Decimal("10.00"),
        "oldest_due_on": date(2025, 2, 21),
    },
}


@pytest.mark.parametrize("case", TAKEN_EVENTS)
def test_an_event_that_no_document_may_have_sets_its_loan_aside(case: str) -> None:
    terms, bad = terms_table([Loan("L1", "INR", GOOD)] * 2), event_row(0, payment("2025-02-20", "100.00"))
    _, figures = replayed(book_from(terms, table([{**bad, **TAKEN_EVENTS[case]}])), date(2025, 4, 1))
    first, second = figures["set_aside_code"].to_pylist()
    assert first is not None
    assert second is None


RESTRUCTURED = Loan(
    "L1",
    "INR",
    GOOD,
    (
        event("restructure", date(2025, 3, 1), terms=replace(GOOD, disbursed_on=date(2025, 3, 1)), overdue="carry"),
        event("payment", date(2025, 3, 10), amount=Decimal("500.00")),
    ),
)


@pytest.mark.parametrize(
    ("change", "stop"),
    [
        ({}, None),
        ({"principal": Decimal("5.00")}, "PRINCIPAL_OUT_OF_RANGE"),
        ({"annual_rate": None}, "RATE_OUT_OF_RANGE"),
        ({"first_due_on": date(2025, 3, 1)}, "FIRST_DUE_NOT_AFTER_DISBURSAL"),
        ({"amortisation_code": "custom"}, "CUSTOM_OUT_OF_RANGE"),
    ],
)
def test_terms_of_a_restructure_that_no_document_may_have_set_their_loan_aside(change: Row, stop: str | None) -> None:
    terms, events = tables_of([RESTRUCTURED, replace(RESTRUCTURED, events=RESTRUCTURED.events[1:])])
    rows = terms.to_pylist()
    _, figures = replayed(book_from(table([*rows[:2], {**rows[2], **change}]), events), date(2025, 4, 1))
    assert figures["set_aside_code"].to_pylist() == [stop, None]


def test_terms_that_two_restructures_share_set_both_aside() -> None:
    terms, events = tables_of([RESTRUCTURED, RESTRUCTURED])
    shared = events.set_column(events.column_names.index("terms_at"), "terms_at", pa.array([2, None, 2, None]))
    _, figures = replayed(book_from(terms, shared), date(2025, 4, 1))
    assert figures["set_aside_code"].to_pylist() == ["EVENT_OUT_OF_RANGE"] * 2


def test_terms_of_restructures_before_a_loan_are_refused_by_column() -> None:
    terms, _ = tables_of([RESTRUCTURED])
    with pytest.raises(ValueError, match="version: terms of restructures"):
        book_from(pa.concat_tables([terms.slice(1), terms.slice(0, 1)]))


def test_a_custom_schedule_of_a_restructure_is_scaled_to_what_is_outstanding() -> None:
    rows = (CustomRow(date(2025, 6, 1), Decimal("1.00")), CustomRow(date(2025, 9, 1), Decimal("3.00")))
    changes = {"principal": Decimal("4.00"), "installments": 2, "amortisation": "custom", "custom_schedule": rows}
    terms = replace(GOOD, disbursed_on=date(2025, 3, 1), **changes)
    loan = replace(RESTRUCTURED, events=(replace(RESTRUCTURED.events[0], terms=terms),))
    _, figures = replayed(book_from(*tables_of([loan])), date(2025, 7, 1))
    state = replay(loan, date(2025, 7, 1))
    assert figures.to_pylist()[0] == {**figures.to_pylist()[0], **figures_of(state, date(2025, 7, 1))}
    assert state.principal_overdue == 25_000


@pytest.mark.parametrize(
    "loan_at",
    [
        5,
        -1,
        None,
    ],
)
def test_an_event_of_no_loan_is_refused_by_column(loan_at: int | None) -> None:
    bad = {**event_row(0, payment("2025-02-15")), "loan_at": loan_at}
    with pytest.raises(ValueError, match="loan_at"):
        book_from(terms_table([Loan("L1", "INR", GOOD)]), table([bad]))


def test_a_moratorium_may_capitalise() -> None:
    pause = event("moratorium", date(2025, 3, 1), from_number=2, installments=2, interest="capitalise")
    loan = Loan("L1", "INR", GOOD, (pause,))
    _, figures = replayed(book_from(terms_table([loan]), events_table([loan])), date(2025, 6, 1))
    assert figures["principal_outstanding"].to_pylist() == [replay(loan, date(2025, 6, 1)).principal_outstanding]


def test_a_replay_tells_the_installment() -> None:
    _, figures = replayed(book_from(terms_table([Loan("L1", "INR", GOOD)])), date(2025, 6, 1))
    assert figures["installment"].to_pylist() == [Decimal("8884.88")]


AT_EVENTS: dict[str, Event] = {
    "EVENT_BEFORE_DISBURSAL": payment("2025-01-14"),
    "WAIVER_ABOVE_DUE": event("waiver", date(2025, 2, 15), amount=Decimal("1000.01"), component="interest"),
    "REFUND_ABOVE_EXCESS": event("refund", date(2025, 2, 15), amount=Decimal("0.01")),
    "FORECLOSURE_SHORT": event("foreclosure", date(2025, 2, 15), amount=Decimal("100999.99")),
    "NEGATIVE_AMORTISATION": event("rate_change", date(2025, 2, 1), annual_rate=Decimal(5), adjust="tenor"),
    "MORATORIUM_ON_FALLEN_ROWS": event("moratorium", date(2025, 2, 20), from_number=1, installments=1, interest="pay"),
    "RECOVERY_BEFORE_WRITE_OFF": event("recovery", date(2025, 2, 20), amount=Decimal(1)),
    "WRITE_OFF_ABOVE_OUTSTANDING": event("write_off", date(2025, 2, 20), amount=Decimal("100000.01")),
    "NO_INSTALLMENT_LEFT": event("disbursement", date(2026, 2, 20), amount=Decimal(1), adjust="installment"),
}


@pytest.mark.parametrize("stop", AT_EVENTS)
def test_a_refusal_at_an_event_concerns_that_loan_alone(stop: str) -> None:
    good = Loan("L1", "INR", GOOD, (payment("2025-02-15"), payment("2025-03-20")))
    loans = [good, Loan("L2", "INR", GOOD, (AT_EVENTS[stop], payment("2026-03-15"))), good]
    events = table([event_row(place, one) for place, loan in enumerate(loans) for one in loan.events])
    allocated, figures = replayed(book_from(terms_table(loans), events), AS_OF[-1])
    alone, same = replayed(book_from(terms_table([good]), events.slice(0, 2)), AS_OF[-1])
    assert figures["set_aside_code"].to_pylist() == [None, stop, None]
    assert figures.slice(0, 1) == figures.slice(2, 1) == same
    here = by_loan(allocated, 3)
    assert here[0] == by_loan(alone, 1)[0]
    assert [{**row, "event_at": row["event_at"] - 4} for row in here[2]] == here[0]
    assert here[1] == []


def test_the_event_that_stopped_a_loan_is_named() -> None:
    loans = [
        Loan("L1", "INR", GOOD, (payment("2025-02-15"),)),
        Loan("L2", "INR", GOOD, (AT_EVENTS["WAIVER_ABOVE_DUE"],)),
    ]
    ends = np.zeros(2, END)
    list(
        replays(
            book_from(terms_table(loans), events_table(loans)),
            day_number_of(AS_OF[-1]),
            Norms(),
            ends,
            allocations(ROOM),
        )
    )
    assert ends["stop_event"].tolist() == [-1, 1]


def test_a_loan_set_aside_says_the_first_reason() -> None:
    bad = between_good({"principal": Decimal(0), "annual_rate": Decimal(9)})
    assert loan_figures(_ends_of(bad))["set_aside_code"].to_pylist() == [None, "PRINCIPAL_OUT_OF_RANGE", None]


def _ends_of(terms: pa.Table) -> np.ndarray[Any, Any]:
    ends = np.zeros(len(terms), END)
    list(schedule_batches(book_from(terms), ends, schedule_buffers(ROOM)))
    return ends


# Columns.


def test_events_out_of_order_are_refused_by_column() -> None:
    terms = terms_table([Loan("L1", "INR", GOOD)] * 2)
    early, late = event_row(0, payment("2025-02-15")), event_row(0, payment("2025-03-15"))
    with pytest.raises(ValueError, match="value_on: events of a loan must be sorted by day"):
        book_from(terms, table([late, early]))
    with pytest.raises(ValueError, match="loan_at: events must be sorted by loan"):
        book_from(terms, table([{**early, "loan_at": 1}, late]))
    book_from(terms, table([late, {**early, "loan_at": 1}]))  # a new loan may begin earlier


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_column_of_terms_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"column {name} is missing"):
        book_from(terms_table([Loan("L1", "INR", GOOD)]).drop_columns(name))


@pytest.mark.parametrize("name", sorted(EVENT_REQUIRED))
def test_a_missing_column_of_events_is_named(name: str) -> None:
    terms = terms_table([Loan("L1", "INR", GOOD)])
    with pytest.raises(ValueError, match=f"column {name} is missing"):
        book_from(terms, table([event_row(0, payment("2025-02-15"))]).drop_columns(name))


def test_a_null_is_the_value_of_a_field_left_out() -> None:
    needed = set(REQUIRED)
    full = terms_row(GOOD)
    bare = table([{name: value for name, value in full.items() if name in needed}])
    nulls = table([full, {name: value if name in needed else None for name, value in full.items()}]).slice(1)
    expected = schedule_rows(schedule_of(Loan("L1", "INR", GOOD)))
    for terms in (bare, nulls):
        assert by_loan(whole(schedules(book_from(terms)), SCHEDULE_SCHEMA), 1) == [expected]


def test_columns_in_pieces_and_of_other_types_are_read_alike(loans: list[Loan]) -> None:
    terms = terms_table(loans)
    pieces = pa.concat_tables([terms.slice(0, 7), terms.slice(7, 0), terms.slice(7)])
    words = {name for name, (_, how, _) in COLUMNS.items() if isinstance(how, dict)} & set(terms.column_names)
    for name in words:
        place = pieces.column_names.index(name)
        pieces = pieces.set_column(place, name, pc.dictionary_encode(pieces[name]))
    assert whole(schedules(book_from(pieces)), SCHEDULE_SCHEMA) == whole(schedules(book_from(terms)), SCHEDULE_SCHEMA)


# Amounts that float64 cannot hold.

LARGE = [
    (Decimal("99999999999.99"), Decimal("0.12"), 480),
    (Decimal("100000000000.00"), Decimal("5"), 480),
    (Decimal("98765432109.87"), Decimal("0.098765"), 240),
    (Decimal("87654321098.76"), Decimal("4.999999"), 36),
    (Decimal("100000000000.01"), Decimal("0.000001"), 120),
    (Decimal("9999999999999.99"), Decimal("0.36"), 60),
]


def exact_rows(principal: Decimal, annual_rate: Decimal, n: int) -> list[tuple[Decimal, Decimal]]:
    """(principal, interest) of each row of a monthly loan, in fractions."""
    balance, period = int(principal * 100), Fraction(annual_rate) / 12
    growth = (1 + period) ** n
    installment = half_up(balance * period * growth / (growth - 1))
    rows = []
    for number in range(1, n + 1):
        interest = half_up(balance * period)
        paid = balance if number == n else min(max(installment - interest, 0), balance)
        balance -= paid
        rows.append((Decimal(paid).scaleb(-2), Decimal(interest).scaleb(-2)))
        if balance == 0:
            break
    return rows


def half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def test_amounts_beyond_float64_are_exact_to_the_paisa() -> None:
    loans = [Loan("L", "INR", Terms(p, date(2025, 1, 15), rate, n)) for p, rate, n in LARGE for _ in range(2)]
    made = by_loan(whole(schedules(book_from(terms_table(loans)), 1_300), SCHEDULE_SCHEMA), len(loans))
    for loan, rows in zip(loans, made, strict=True):
        terms = loan.terms
        expected = exact_rows(terms.principal, terms.annual_rate, terms.installments)
        assert [(row["principal"], row["interest"]) for row in rows] == expected
