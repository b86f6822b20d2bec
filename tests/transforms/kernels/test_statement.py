"""The statement of account: its balance is the loan's, whatever happened in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from transforms.kernels.loan import (
    Event,
    Fee,
    ForeclosureTerms,
    Grace,
    Loan,
    LoanRefused,
    Penal,
    RepayEvery,
    Terms,
    Waterfall,
)
from transforms.kernels.replay import payoff, replay
from transforms.kernels.statement import Statement, StatementLine, statement

START = date(2025, 1, 1)
FEES = (
    Fee("Processing", Decimal(500), gst_rate=Decimal("0.18")),
    Fee("Stamp duty", Decimal(100), to="third_party", deducted=False),
    Fee("Card", Decimal(10), when="each_installment", gst_rate=Decimal("0.18")),
)
TERMS = Terms(Decimal(12000), START, Decimal("0.12"), 3, penal=Penal(Decimal("0.24")))


def event(event_id: str, kind: str, on: str | date, amount: str | None = None, **fields: object) -> Event:
    day = date.fromisoformat(on) if isinstance(on, str) else on
    booked_at = datetime.fromisoformat(f"{day}T23:59:59.999999+05:30")
    return Event(event_id, kind, day, booked_at, amount=Decimal(amount) if amount else None, **fields)  # type: ignore[arg-type]


def loan(terms: Terms, *events: Event) -> Loan:
    return Loan("L1", "INR", terms, events)


def day(text: str) -> date:
    return date.fromisoformat(text)


def told(lines: Sequence[StatementLine]) -> list[tuple[str, str, str]]:
    return [(str(line.on), line.kind, f"{line.head} {line.debit - line.credit}") for line in lines]


def reconciles(one: Loan, found: Statement) -> None:
    """opening + debits - credits = closing = the loan's own figures."""
    state = replay(one, found.to_on)
    due = state.principal_outstanding + state.interest_overdue + state.fee_due + state.penal_due
    assert found.opening_balance + found.debits - found.credits == found.closing_balance == due - state.excess
    balance = found.opening_balance
    for line in found.lines:
        balance += line.debit - line.credit
        assert line.balance == balance
        assert min(line.debit, line.credit) == 0 < max(line.debit, line.credit)
        assert found.from_on <= line.on <= found.to_on
    assert all(before.on <= after.on for before, after in pairwise(found.lines))


def test_rx_12_lines_of_a_loan_paid_late() -> None:
    one = loan(TERMS, event("p1", "payment", "2025-02-01", "4080.27"), event("p2", "payment", "2025-03-11", "4000.00"))
    found = statement(one, START, day("2025-03-11"))
    assert told(found.lines) == [
        ("2025-01-01", "disbursement", "principal 12000.00"),
        ("2025-02-01", "interest_due", "interest 120.00"),
        ("2025-02-01", "payment", "principal -3960.27"),
        ("2025-02-01", "payment", "interest -120.00"),
        ("2025-03-01", "interest_due", "interest 80.40"),
        ("2025-03-11", "penal", "penal 26.83"),
        ("2025-03-11", "payment", "principal -3919.60"),
        ("2025-03-11", "payment", "interest -80.40"),
    ]
    reconciles(one, found)


def test_rx_12_closing_of_one_period_opens_the_next() -> None:
    one = loan(replace(TERMS, fees=FEES), event("p1", "payment", "2025-01-20", "5000"))
    days = [day(text) for text in ("2025-01-01", "2025-01-20", "2025-01-31", "2025-02-01", "2025-03-15", "2025-06-30")]
    parts = [statement(one, start + timedelta(days=1), end) for start, end in pairwise(days)]
    assert all(before.closing_balance == after.opening_balance for before, after in pairwise(parts))
    whole = statement(one, days[0] + timedelta(days=1), days[-1])
    kept = [line for part in parts for line in part.lines if line.kind != "penal"]
    assert [line for line in whole.lines if line.kind != "penal"] == [
        replace(line, balance=whole_line.balance)
        for line, whole_line in zip(kept, (x for x in whole.lines if x.kind != "penal"), strict=True)
    ]


def test_rx_12_money_held_is_set_off_without_moving_the_balance() -> None:
    one = loan(TERMS, event("p1", "payment", "2025-01-20", "5000"))
    found = statement(one, day("2025-02-01"), day("2025-02-01"))
    assert told(found.lines) == [
        ("2025-02-01", "interest_due", "interest 120.00"),
        ("2025-02-01", "set_off", "principal -3960.27"),
        ("2025-02-01", "set_off", "interest -120.00"),
        ("2025-02-01", "set_off", "excess 4080.27"),
    ]
    assert (found.opening_balance, found.closing_balance) == (7000, 7120)


def test_tx_01_charges_show_their_gst_apart() -> None:
    terms = replace(TERMS, fees=FEES)
    bounce = event("c1", "charge", "2025-02-05", "200", component="fee", name="Bounce", gst_rate=Decimal("0.18"))
    found = statement(loan(terms, bounce), START, day("2025-02-05"))
    assert [
        (charge.name, str(charge.amount), str(charge.gst)) for charge in found.charges if charge.kind != "penal"
    ] == [
        ("Processing, kept back at disbursal", "500.00", "90.00"),
        ("Stamp duty", "100.00", "0.00"),
        ("Card", "10.00", "1.80"),
        ("Bounce", "200.00", "36.00"),
    ]
    reconciles(loan(terms, bounce), found)


def test_tx_02_penal_charges_bear_no_gst() -> None:
    found = statement(loan(TERMS), START, day("2025-02-11"))
    penal = [charge for charge in found.charges if charge.kind == "penal"]
    assert [(str(charge.amount), str(charge.gst)) for charge in penal] == [("26.83", "0.00")]


def test_rx_12_summary_per_head_and_next_due() -> None:
    one = loan(replace(TERMS, fees=FEES), event("p1", "payment", "2025-02-01", "4000"))
    found = statement(one, START, day("2025-02-01"))
    summary = {line.head: (line.due, line.paid, line.overdue) for line in found.summary}
    assert summary["interest"] == (Decimal("120.00"), Decimal("120.00"), 0)
    assert summary["principal"] == (Decimal("3960.27"), Decimal("3880.00"), Decimal("80.27"))
    assert summary["fee"] == (Decimal("701.80"), Decimal("590.00"), Decimal("111.80"))
    assert found.next_due is not None
    assert (found.next_due.number, found.next_due.on, found.installments_left) == (2, day("2025-03-01"), 2)


def test_fr_01_statement_tells_the_apr_and_what_is_left() -> None:
    one = loan(
        replace(TERMS, fees=(Fee("P", Decimal(600)),)),
        event("r1", "rate_change", "2025-02-10", annual_rate=Decimal("0.15")),
    )
    found = statement(one, START, day("2025-03-05"))
    assert found.apr is not None
    assert found.apr > Decimal("0.12")
    assert (found.annual_rate, found.installments_left) == (Decimal("0.15"), 1)
    assert statement(loan(replace(TERMS, fees=(Fee("P", rate=Decimal(1)),))), START, START).apr is None


def test_reversal_is_a_line_of_its_own_day() -> None:
    one = loan(
        TERMS, event("p1", "payment", "2025-02-01", "4080.27"), event("r1", "reversal", "2025-02-06", reverses="p1")
    )
    found = statement(one, START, day("2025-02-06"))
    assert [line for line in told(found.lines) if line[0] == "2025-02-06"] == [
        ("2025-02-06", "reversal", "principal 3960.27"),
        ("2025-02-06", "reversal", "interest 120.00"),
        ("2025-02-06", "reversal", "penal 13.41"),
    ]
    reconciles(one, found)


def test_statement_tells_what_was_known_at_an_instant() -> None:
    late = replace(
        event("r1", "reversal", "2025-02-06", reverses="p1"),
        booked_at=datetime.fromisoformat("2025-03-01T10:00:00+05:30"),
    )
    one = loan(TERMS, event("p1", "payment", "2025-02-01", "4080.27"), late)
    days = START, day("2025-02-10")
    before = statement(one, *days, known_at=datetime.fromisoformat("2025-02-28T00:00:00+05:30"))
    assert "reversal" not in {line.kind for line in before.lines}
    assert before.closing_balance == Decimal("8039.73")
    assert "reversal" in {line.kind for line in statement(one, *days).lines}


def test_takeover_ends_the_terms_of_a_restructure_before_it() -> None:
    """What is ordered before a takeover is replaced by it: the recurring fee of the loan's own terms is due again."""
    money = {"principal": Decimal(11000), "interest_overdue": Decimal(50), "oldest_due_on": day("2025-02-01")}
    new_terms = Terms(Decimal(0), day("2025-01-10"), Decimal("0.20"), 5)
    one = loan(
        replace(TERMS, fees=FEES),
        event("s1", "restructure", "2025-01-10", terms=new_terms, overdue="carry"),
        event("t1", "takeover", "2025-02-10", **money),
    )
    found = statement(one, START, day("2025-03-01"))
    assert ("2025-03-01", "fee_due", "fee 11.80") in told(found.lines)
    assert "adjustment" not in {line.kind for line in found.lines}
    assert found.annual_rate == Decimal("0.12")
    reconciles(one, found)


def test_reversed_charge_leaves_the_charges_of_the_period() -> None:
    one = loan(
        TERMS,
        event("c1", "charge", "2025-01-10", "200", component="fee", name="Bounce", gst_rate=Decimal("0.18")),
        event("r1", "reversal", "2025-01-12", reverses="c1"),
    )
    found = statement(one, START, day("2025-01-20"))
    assert sum(charge.total for charge in found.charges) == 0
    assert sum(charge.gst for charge in found.charges) == 0
    reconciles(one, found)


def test_foreclosure_charge_stands_apart_with_its_gst() -> None:
    terms = replace(TERMS, foreclosure=ForeclosureTerms(Decimal("0.04"), gst_rate=Decimal("0.18")))
    closing = payoff(loan(terms), day("2025-02-10"))
    one = loan(terms, event("f1", "foreclosure", "2025-02-10", str(closing.total)))
    found = statement(one, START, day("2025-02-10"))
    charge = next(charge for charge in found.charges if charge.kind == "foreclosure_charge")
    assert (charge.amount, charge.gst) == (closing.foreclosure_charge, closing.gst)
    assert (found.closing_balance, found.status, found.next_due) == (0, "CLOSED", None)
    reconciles(one, found)


def test_interest_capitalised_after_grace_is_a_debit_of_principal() -> None:
    terms = replace(TERMS, grace=Grace(1, 1, "at_end"))
    found = statement(loan(terms), START, day("2025-02-01"))
    assert told(found.lines)[-1] == ("2025-02-01", "capitalised", "principal 120.00")
    reconciles(loan(terms), found)


def test_broken_period_interest_kept_back_is_debited_and_credited() -> None:
    terms = replace(TERMS, first_due_on=day("2025-02-15"), broken_period="upfront")
    found = statement(loan(terms), START, START)
    assert [line.kind for line in found.lines] == ["disbursement", "upfront_interest", "deducted"]
    assert found.closing_balance == 12000


def test_write_off_and_recovery() -> None:
    one = loan(TERMS, event("w1", "write_off", "2025-06-01"), event("r1", "recovery", "2025-07-01", "1000"))
    found = statement(one, START, day("2025-07-01"))
    assert ("2025-06-01", "write_off", "principal -12000.00") in told(found.lines)
    reconciles(one, found)


@pytest.mark.parametrize(
    ("start", "end", "field"), [("2025-02-02", "2025-02-01", "from"), ("2024-01-01", "2024-12-31", "as_of")]
)
def test_days_that_make_no_statement_are_refused(start: str, end: str, field: str) -> None:
    with pytest.raises(LoanRefused) as refusal:
        statement(loan(TERMS), day(start), day(end))
    assert refusal.value.field == field


def test_statement_before_the_disbursal_day_opens_at_nothing() -> None:
    found = statement(loan(TERMS), day("2024-12-01"), day("2025-01-31"))
    assert (found.opening_balance, found.closing_balance) == (0, 12000)


amounts = st.integers(1, 900_000).map(lambda paise: str(Decimal(paise) / 100))


DUE_DAYS = (0, 31, 59, 90)  # many things on one day, and that a due date, are where an explanation could fail
KINDS = (
    *(["payment"] * 6),
    *("prepayment", "rate_change", "charge", "waiver", "moratorium", "disbursement", "write_off", "refund"),
    *("restructure", "reversal", "foreclosure", "takeover"),
)


def happening(draw: st.DrawFn, event_id: str, kind: str, on: date, last: Event | None) -> Event:
    """One event of the kind, as it may stand in a loan document."""
    choose = lambda *values: draw(st.sampled_from(values))  # noqa: E731
    small = str(Decimal(draw(st.integers(1, 500))) / 100)
    if kind in ("payment", "disbursement", "recovery"):
        return event(event_id, kind, on, draw(amounts), adjust="installment" if kind == "disbursement" else None)
    if kind == "prepayment":
        return event(event_id, kind, on, draw(amounts), adjust=choose("reduce_installment", "reduce_tenor"))
    if kind == "rate_change":
        rate = Decimal(draw(st.integers(0, 40))) / 100
        return event(event_id, kind, on, annual_rate=rate, adjust=choose("installment", "tenor"))
    if kind == "charge":
        return event(event_id, kind, on, draw(amounts), component=choose("fee", "penal"), gst_rate=Decimal("0.18"))
    if kind == "waiver":
        return event(event_id, kind, on, small, component=choose("interest", "fee", "penal"))
    if kind == "moratorium":
        rows = {"from_number": draw(st.integers(1, 12)), "installments": draw(st.integers(1, 2))}
        return event(event_id, kind, on, interest=choose("pay", "defer", "capitalise"), **rows)
    if kind == "restructure":
        return event(
            event_id,
            kind,
            on,
            terms=Terms(Decimal(0), on, Decimal("0.1"), 5),
            overdue=choose("capitalise", "carry", "waive"),
        )
    if kind == "reversal" and last is not None:
        return event(event_id, kind, max(on, last.on), reverses=last.id)
    if kind == "takeover":
        money = {"principal": Decimal(15000), "interest_overdue": Decimal(120), "fee_due": Decimal(10)}
        return event(event_id, kind, on, oldest_due_on=on - timedelta(days=20), **money)
    return event(event_id, kind, on, "90000" if kind == "foreclosure" else small if kind == "refund" else None)


@st.composite
def happenings(draw: st.DrawFn) -> tuple[Event, ...]:
    found: list[Event] = []
    for number in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(KINDS))
        if kind == "write_off" and any(one.type == kind for one in found):
            kind = "recovery"
        if kind == "reversal" and (not found or found[-1].type == kind):
            continue
        on = START + timedelta(days=draw(st.sampled_from(DUE_DAYS) | st.integers(0, 400)))
        found.append(happening(draw, f"e{number}", kind, on, found[-1] if found else None))
    return tuple(found)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    events=happenings(),
    fees=st.sampled_from([(), FEES]),
    every=st.sampled_from([RepayEvery(1, "month"), RepayEvery(2, "week")]),
    grace=st.sampled_from([Grace(), Grace(2, 1, "never"), Grace(2, 2, "each_due")]),
    basis=st.sampled_from(["scheduled", "daily"]),
    excess=st.sampled_from(["hold", "reduce_tenor", "reduce_installment"]),
    across=st.sampled_from(["oldest_installment_first", "component_first"]),
    start=st.integers(-10, 300),
    length=st.integers(0, 300),
)
def test_rx_12_balance_of_any_loan_reconciles(events, fees, every, grace, basis, excess, across, start, length) -> None:  # type: ignore[no-untyped-def]
    terms = Terms(
        *(Decimal(20000), START, Decimal("0.18"), 9),
        repay_every=every,
        grace=grace,
        interest_basis=basis,
        excess=excess,
        fees=fees,
        penal=Penal(Decimal("0.24"), 3, Decimal(50)),
        waterfall=Waterfall(across=across),
        tolerance=Decimal("1.00"),
    )
    one = loan(terms, *events)
    from_on = START + timedelta(days=start)
    to_on = max(from_on + timedelta(days=length), START)
    try:
        found = statement(one, from_on, to_on)
    except LoanRefused:
        assume(False)
        raise
    reconciles(one, found)
    assert not [line for line in found.lines if line.kind == "adjustment"]
