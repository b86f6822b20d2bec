"""Reading loan documents: what absent fields mean, and the field that each bad document is refused for."""

from __future__ import annotations

import copy
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.kernels.documents import TERMS, Json, document, event, some_documents, written
from transforms.kernels.document import loan_from, loans_from
from transforms.kernels.document_fields import members
from transforms.kernels.loan import Event, Loan, LoanRefused, LoanRounding, Terms

PRINCIPAL, DISBURSED_ON, RATE = Decimal("100000.00"), date(2025, 1, 15), Decimal("0.12")
CUSTOM = [
    {"due_on": "2025-02-15", "principal": "40000.00"},
    {"due_on": "2025-03-15", "principal": "60000.00"},
]
NEW_TERMS = {"annual_rate": "0.10", "installments": 24}
NAN, INFINITY = float("nan"), float("inf")


def refused(documents: object) -> str:
    """The path of the field that the document is refused for."""
    with pytest.raises(LoanRefused) as caught:
        loans_from(documents)
    return caught.value.field


def test_absent_fields_have_the_interfaces_defaults() -> None:
    short = {"loan_id": "L1", "terms": TERMS}
    assert loan_from(short) == Loan("L1", "INR", Terms(PRINCIPAL, DISBURSED_ON, RATE, 12))


def test_null_means_absent_where_nothing_is_the_default() -> None:
    empty = ("installment_amount", "penal", "foreclosure", "waterfall_npa", "waterfall_written_off", "first_due_on")
    assert loan_from(document(**dict.fromkeys(empty))) == loan_from(document())


def test_events_have_their_defaults() -> None:
    events = [
        event("disbursement", id="a", amount="1.00"),
        event("rate_change", id="b", annual_rate="0"),
        event("charge", id="c", amount="5"),
        event("restructure", id="d", terms=NEW_TERMS),
    ]
    read = loan_from(document(events)).events
    assert [one.adjust for one in read] == ["installment", "installment", None, None]
    assert (read[2].component, read[3].overdue) == ("fee", "carry")


def test_an_event_is_booked_at_the_end_of_its_day_in_india_unless_it_says_when() -> None:
    events = [
        event("payment", amount="1.00"),
        event("payment", id="e2", amount="1.00", booked_at="2025-03-02T08:00:00.5Z"),
    ]
    booked = [one.booked_at.isoformat() for one in loan_from(document(events)).events]
    assert booked == ["2025-03-01T23:59:59.999999+05:30", "2025-03-02T08:00:00.500000+00:00"]


def test_the_installments_mode_is_that_of_interest_unless_given() -> None:
    rounding = loan_from(document(rounding={"mode": "down", "installment": "1"})).terms.rounding
    assert (rounding.mode, rounding.installment_mode) == (rounding.mode.DOWN, rounding.mode.DOWN)


def test_yen_are_rounded_to_yen() -> None:
    terms = loan_from(document(currency="JPY", principal="100000")).terms
    assert terms.rounding == LoanRounding(Decimal(1), Decimal(1))


def test_ten_thousand_crore_is_an_amount() -> None:
    assert loan_from(document(principal="100000000000.00")).terms.principal == Decimal(10**11)


def test_new_terms_begin_on_the_day_of_their_event_without_a_principal() -> None:
    terms = loan_from(document([event("restructure", terms=NEW_TERMS)])).events[0].terms
    assert terms == Terms(Decimal(0), date(2025, 3, 1), Decimal("0.10"), 24)


def test_a_takeover_has_nothing_due_unless_it_says_so() -> None:
    taken = loan_from(document([event("takeover", principal="90000.00")])).events[0]
    assert (taken.principal, taken.interest_overdue, taken.oldest_due_on) == (Decimal(90000), Decimal(0), None)


@pytest.mark.parametrize(
    "terms",
    [
        {"amortisation": "custom", "custom_schedule": CUSTOM, "installments": 2, "first_due_on": "2025-02-15"},
        {"amortisation": "step", "steps": [{"from": 2, "change": "-0.5"}, {"from": 12, "installment_amount": "9"}]},
        {"amortisation": "step", "steps": [{"from": 2, "change": "0.1"}], "balloon": "1"},
        {"amortisation": "equal_principal", "balloon": "99999.99"},
        {"grace": {"principal_installments": 11, "interest_installments": 11, "capitalise": "at_end"}},
        {"annual_rate": "0"},
        {"annual_rate": "5"},
        {"annual_rate": "0.123456"},
        {"penal": {}},
        {"waterfall_npa": {"order": ["principal", "interest", "fee", "penal"]}},
        {"fees": [{"name": "प्रक्रिया शुल्क", "rate": "0.01"}]},
    ],
)
def test_unusual_terms_are_read(terms: Json) -> None:
    read = loan_from(document(**terms))
    assert loan_from(written(read)) == read


@given(some_documents)
def test_a_loan_is_read_again_from_the_document_it_writes(given: Json) -> None:
    loan = loan_from(given)
    assert loan_from(written(loan)) == loan


def bad_terms() -> list[tuple[Json, str]]:
    """(changed terms, the field refused, without `terms.`)"""
    long_enough = {"amortisation": "custom", "installments": 2}
    step, custom = {"amortisation": "step"}, {**long_enough, "custom_schedule": CUSTOM}
    singles: dict[str, list[Any]] = {
        "principal": [
            *("0", "0.00", "-5.00", "1e30", "1E5", "+5", " 5", "5 ", "5.", ".5", "", "05", "1,000", "NaN", "Infinity"),
            *("१००", "100.001", "100.000", "10000000000000", "0x10", "1_000", "٣", "-0"),
            *(NAN, INFINITY, 1e30, 0.1, 100000, True, None, [], {}),
        ],
        "disbursed_on": [
            *("2025-02-30", "20250115", "2025-W03-3", "15-01-2025", "2025-1-5", "1899-12-31", "10000-01-01", ""),
            *("2025-01-15T00:00:00", 20250115, None, True),
        ],
        "annual_rate": ["-0.01", "5.000001", "0.1234567", "12%", 0.12, 0, None, "1e-2", NAN],
        "installments": [0, -1, 1201, 12.0, "12", True, None, 10**30],
        "first_due_on": ["2025-01-15", "2024-12-31", "soon"],
        "repay_every": [None, "month", []],
        "interest_method": ["compound", None, ["flat"], 1, ""],
        "amortisation": ["revolving", "EMI", "annuity", None, {}],
        "day_count": ["30/365", "act/365"],
        "installment_basis": ["days", None],
        "interest_basis": ["weekly"],
        "broken_period": ["none"],
        "installment_amount": ["0", "0.00", "-1", 8884.88],
        "balloon": ["-1", "100000.00", "100000.01", 0, None],
        "steps": [None, {}, [{"from": 2, "change": "0.1"}]],
        "custom_schedule": [None, CUSTOM],
        "rounding": [None, "0.01"],
        "fees": [None, {}],
        "penal": [[], "0.24"],
        "waterfall": [None, []],
        "excess": ["keep", None],
        "tolerance": ["-0.01", "0.001", None],
    }
    nested: list[tuple[Json, str]] = [
        ({"repay_every": {"n": 0}}, "repay_every.n"),
        ({"repay_every": {"n": 367, "unit": "day"}}, "repay_every.n"),
        ({"repay_every": {"n": True}}, "repay_every.n"),
        ({"repay_every": {"unit": "quarter"}}, "repay_every.unit"),
        ({"repay_every": {"every": 1}}, "repay_every.every"),
        ({"grace": {"principal_installments": 12}}, "grace.principal_installments"),
        ({"grace": {"principal_installments": -1}}, "grace.principal_installments"),
        ({"grace": {"principal_installments": 1, "interest_installments": 2}}, "grace.interest_installments"),
        ({"grace": {"interest_installments": -1}}, "grace.interest_installments"),
        ({"grace": {"capitalise": "always"}}, "grace.capitalise"),
        ({"grace": {"months": 1}}, "grace.months"),
        ({"rounding": {"interest": "0"}}, "rounding.interest"),
        ({"rounding": {"installment": "0.005"}}, "rounding.installment"),
        ({"rounding": {"installment": "-1"}}, "rounding.installment"),
        ({"rounding": {"mode": "ceil"}}, "rounding.mode"),
        ({"rounding": {"installment_mode": "HALF_UP"}}, "rounding.installment_mode"),
        ({"rounding": {"unit": "1"}}, "rounding.unit"),
        ({**step}, "steps"),
        ({**step, "steps": []}, "steps"),
        ({**step, "steps": [{"change": "0.1"}]}, "steps[0].from"),
        ({**step, "steps": [{"from": 1, "change": "0.1"}]}, "steps[0].from"),
        ({**step, "steps": [{"from": 13, "change": "0.1"}]}, "steps[0].from"),
        ({**step, "steps": [{"from": 2}]}, "steps[0]"),
        ({**step, "steps": [{"from": 2, "change": "0.1", "installment_amount": "5"}]}, "steps[0]"),
        ({**step, "steps": [{"from": 2, "change": "-1"}]}, "steps[0].change"),
        ({**step, "steps": [{"from": 2, "change": "5.1"}]}, "steps[0].change"),
        ({**step, "steps": [{"from": 2, "installment_amount": "0"}]}, "steps[0].installment_amount"),
        ({**step, "steps": [{"from": 3, "change": "0"}, {"from": 3, "change": "0"}]}, "steps[1].from"),
        ({**step, "steps": [{"from": 3, "change": "0"}, {"from": 2, "change": "0"}]}, "steps[1].from"),
        ({**step, "steps": [{"from": 2, "change": "0"}], "grace": {"principal_installments": 1}}, "steps[0].from"),
        ({**step, "steps": [5]}, "steps[0]"),
        ({**long_enough}, "custom_schedule"),
        ({**custom, "installments": 3}, "custom_schedule"),
        ({**custom, "principal": "100000.01"}, "custom_schedule"),
        ({**custom, "custom_schedule": CUSTOM[::-1]}, "custom_schedule[1].due_on"),
        ({**custom, "custom_schedule": [CUSTOM[0], CUSTOM[0]]}, "custom_schedule[1].due_on"),
        ({**custom, "disbursed_on": "2025-02-15"}, "custom_schedule[0].due_on"),
        ({**custom, "first_due_on": "2025-02-16"}, "first_due_on"),
        ({**custom, "grace": {"principal_installments": 1}}, "grace"),
        ({**custom, "custom_schedule": [{"due_on": "2025-02-15"}]}, "custom_schedule[0].principal"),
        ({**custom, "custom_schedule": [{**CUSTOM[0], "interest": "1"}]}, "custom_schedule[0].interest"),
        ({**custom, "balloon": "1"}, "balloon"),
        ({"amortisation": "bullet", "balloon": "1"}, "balloon"),
        ({"amortisation": "interest_only", "balloon": "1"}, "balloon"),
        ({"amortisation": "bullet", "installment_amount": "1"}, "installment_amount"),
        ({"interest_method": "flat", "interest_basis": "daily"}, "interest_basis"),
        ({"fees": [{"amount": "1"}]}, "fees[0].name"),
        ({"fees": [{"name": "", "amount": "1"}]}, "fees[0].name"),
        ({"fees": [{"name": "x"}]}, "fees[0]"),
        ({"fees": [{"name": "x", "amount": "1", "rate": "0.01"}]}, "fees[0]"),
        ({"fees": [{"name": "x", "amount": "0"}]}, "fees[0].amount"),
        ({"fees": [{"name": "x", "rate": "1.01"}]}, "fees[0].rate"),
        ({"fees": [{"name": "x", "amount": "1", "to": "agent"}]}, "fees[0].to"),
        ({"fees": [{"name": "x", "amount": "1", "when": "yearly"}]}, "fees[0].when"),
        ({"fees": [{"name": "x", "amount": "1", "gst_rate": "18"}]}, "fees[0].gst_rate"),
        ({"fees": [{"name": "x", "amount": "1", "deducted": "yes"}]}, "fees[0].deducted"),
        ({"fees": [{"name": "x", "amount": "1", "currency": "INR"}]}, "fees[0].currency"),
        ({"penal": {"annual_rate": "6"}}, "penal.annual_rate"),
        ({"penal": {"grace_days": -1}}, "penal.grace_days"),
        ({"penal": {"flat": "-1"}}, "penal.flat"),
        ({"penal": {"gst_rate": "0.18"}}, "penal.gst_rate"),
        ({"foreclosure": {"rate": "1.5"}}, "foreclosure.rate"),
        ({"foreclosure": {"gst_rate": "-0.1"}}, "foreclosure.gst_rate"),
        ({"foreclosure": {"of": "principal"}}, "foreclosure.of"),
        ({"foreclosure": {"free_after_installments": -1}}, "foreclosure.free_after_installments"),
        ({"waterfall": {"order": ["interest", "principal", "fee"]}}, "waterfall.order"),
        ({"waterfall": {"order": ["interest", "principal", "fee", "fee"]}}, "waterfall.order"),
        ({"waterfall": {"order": ["interest", "principal", "fee", "gst"]}}, "waterfall.order[3]"),
        ({"waterfall": {"order": []}}, "waterfall.order"),
        ({"waterfall": {"across": "newest_first"}}, "waterfall.across"),
        ({"waterfall_npa": {"order": "principal"}}, "waterfall_npa.order"),
        ({"waterfall_written_off": {"rank": 1}}, "waterfall_written_off.rank"),
        ({"installments": 1200, "repay_every": {"n": 10, "unit": "year"}}, "installments"),
        ({"disbursed_on": "9999-12-31"}, "installments"),
    ]
    return [({name: value}, name) for name, values in singles.items() for value in values] + nested


@pytest.mark.parametrize(("terms", "field"), bad_terms(), ids=str)
def test_bad_terms_are_refused_by_the_name_of_the_field(terms: Json, field: str) -> None:
    assert refused(document(**terms)) == f"terms.{field}"


@pytest.mark.parametrize("name", TERMS)
def test_a_missing_field_is_named(name: str) -> None:
    terms = {other: value for other, value in TERMS.items() if other != name}
    assert refused({"loan_id": "L1", "terms": terms}) == f"terms.{name}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"loan_id": ""}, "loan_id"),
        ({"loan_id": "  "}, "loan_id"),
        ({"loan_id": 7}, "loan_id"),
        ({"loan_id": None}, "loan_id"),
        ({"loan_id": "L\n1"}, "loan_id"),
        ({"loan_id": "L\ud800"}, "loan_id"),
        ({"currency": "EUR"}, "currency"),
        ({"currency": "inr"}, "currency"),
        ({"currency": None}, "currency"),
        ({"terms": None}, "terms"),
        ({"terms": []}, "terms"),
        ({"events": None}, "events"),
        ({"events": {}}, "events"),
        ({"events": ["payment"]}, "events[0]"),
        ({"borrower": "B1"}, "borrower"),
        ({"": 1}, ""),
        ({"terms": {**TERMS, "currency": "INR"}}, "terms.currency"),
        ({"terms": {**TERMS, "Principal": "5"}}, "terms.Principal"),
        ({"currency": "JPY"}, "terms.principal"),
        (
            {"currency": "JPY", "terms": {**TERMS, "principal": "9", "rounding": {"interest": "0.01"}}},
            "terms.rounding.interest",
        ),
    ],
    ids=str,
)
def test_a_bad_document_is_refused_by_the_name_of_the_field(changes: Json, field: str) -> None:
    assert refused({**document(), **changes}) == field


@pytest.mark.parametrize("name", ["loan_id", "terms"])
def test_a_document_without_its_parts_is_refused(name: str) -> None:
    assert refused({other: value for other, value in document().items() if other != name}) == name


def bad_events() -> list[tuple[list[Json], str]]:
    """(events, the field refused)"""
    pay = event("payment", amount="10.00")
    takeover = event("takeover", principal="10.00")
    off, undo = event("write_off"), event("reversal", id="r", reverses="e1")
    holiday = {"from": 2, "installments": 3, "interest": "defer"}
    one_event: list[tuple[Json, str]] = [
        *(
            (event("payment", amount=amount), "amount")
            for amount in ("0", "0.00", "-1", "1e30", "1.001", 10, NAN, None)
        ),
        (event("payment"), "amount"),
        ({**pay, "id": ""}, "id"),
        ({**pay, "id": 1}, "id"),
        ({"id": "e1", "on": "2025-03-01"}, "type"),
        ({**pay, "type": "PAYMENT"}, "type"),
        ({**pay, "type": None}, "type"),
        ({**pay, "type": ["payment"]}, "type"),
        ({"type": "payment", "amount": "1", "on": "2025-03-01"}, "id"),
        ({"type": "payment", "amount": "1", "id": "e1"}, "on"),
        ({**pay, "on": "2025-01-14"}, "on"),
        ({**pay, "on": "2025-13-01"}, "on"),
        *(({**pay, "booked_at": at}, "booked_at") for at in ("2025-03-01T10:00:00", "2025-03-01", "now", 5, "")),
        ({**pay, "booked_at": "2025-03-01T25:00:00Z"}, "booked_at"),
        ({**pay, "booked_at": "1800-03-01T05:00:00Z"}, "booked_at"),
        ({**pay, "channel": ""}, "channel"),
        ({**pay, "reference": 5}, "reference"),
        ({**pay, "currency": "INR"}, "currency"),
        ({**pay, "adjust": "reduce_tenor"}, "adjust"),
        ({**pay, "note": "x"}, "note"),
        (event("prepayment", amount="1"), "adjust"),
        (event("prepayment", amount="1", adjust="tenor"), "adjust"),
        (event("disbursement", amount="1", adjust="reduce_tenor"), "adjust"),
        (event("disbursement", amount="0"), "amount"),
        (event("rate_change"), "annual_rate"),
        (event("rate_change", annual_rate="5.01"), "annual_rate"),
        (event("rate_change", annual_rate="-0.01"), "annual_rate"),
        (event("rate_change", annual_rate="0.1", amount="1"), "amount"),
        (event("charge", amount="1", component="interest"), "component"),
        (event("charge", amount="1", gst_rate="1.1"), "gst_rate"),
        (event("charge", amount="1", component="penal", gst_rate="0.18"), "gst_rate"),
        (event("waiver", amount="1"), "component"),
        (event("waiver", amount="1", component="principal"), "component"),
        (event("moratorium", **{**holiday, "from": 0}), "from"),
        (event("moratorium", **{**holiday, "installments": 0}), "installments"),
        (event("moratorium", **{**holiday, "interest": "waive"}), "interest"),
        (event("moratorium", installments=1, interest="pay"), "from"),
        (event("moratorium", installments=1, interest="pay", from_number=1), "from_number"),
        (event("restructure"), "terms"),
        (event("restructure", terms=NEW_TERMS, overdue="keep"), "overdue"),
        (event("restructure", terms=[]), "terms"),
        (event("restructure", terms={**NEW_TERMS, "principal": "5"}), "terms.principal"),
        (event("restructure", terms={**NEW_TERMS, "disbursed_on": "2025-03-02"}), "terms.disbursed_on"),
        (event("restructure", terms={"annual_rate": "0.1"}), "terms.installments"),
        (event("restructure", terms={**NEW_TERMS, "installments": 0}), "terms.installments"),
        (event("restructure", terms={**NEW_TERMS, "first_due_on": "2025-03-01"}), "terms.first_due_on"),
        (event("restructure", terms={**NEW_TERMS, "amortisation": "step"}), "terms.steps"),
        (event("restructure", terms={**NEW_TERMS, "grace": {"capitalise": "no"}}), "terms.grace.capitalise"),
        (event("reversal"), "reverses"),
        (event("reversal", reverses="e9"), "reverses"),
        (event("reversal", reverses="e1"), "reverses"),
        (event("foreclosure"), "amount"),
        (event("write_off", amount="0"), "amount"),
        (event("recovery", amount="0"), "amount"),
        (event("recovery", amount="1"), "type"),
        (event("refund", amount="-1"), "amount"),
        (event("takeover"), "principal"),
        (event("takeover", principal="-1"), "principal"),
        (event("takeover", principal="0"), "principal"),
        ({**takeover, "amount": "1"}, "amount"),
        ({**takeover, "interest_overdue": "5"}, "oldest_due_on"),
        ({**takeover, "fee_due": "5"}, "oldest_due_on"),
        ({**takeover, "oldest_due_on": "2025-02-15"}, "oldest_due_on"),
        ({**takeover, "penal_due": "5", "oldest_due_on": "2025-02-15"}, "oldest_due_on"),
        ({**takeover, "fee_due": "5", "oldest_due_on": "2025-03-02"}, "oldest_due_on"),
        ({**takeover, "npa_since": "2025-03-02"}, "npa_since"),
        ({**takeover, "interest_overdue": None}, "interest_overdue"),
    ]
    several: list[tuple[list[Json], str]] = [
        ([pay, pay], "events[1].id"),
        ([pay, undo, {**undo, "id": "r2"}], "events[2].reverses"),
        ([pay, undo, event("reversal", id="r2", reverses="r")], "events[2].reverses"),
        ([{**undo, "on": "2025-02-28"}, pay], "events[0].on"),
        ([off, {**off, "id": "w2", "on": "2025-04-01"}], "events[1].type"),
        ([{**off, "on": "2025-04-01"}, {**off, "id": "w2"}], "events[0].type"),
        ([off, event("recovery", id="e2", amount="1", on="2025-03-01")], "events[1].type"),
    ]
    return [([one], f"events[0].{field}") for one, field in one_event] + several


@pytest.mark.parametrize(("events", "field"), bad_events(), ids=str)
def test_bad_events_are_refused_by_the_name_of_the_field(events: list[Json], field: str) -> None:
    assert refused(document(events)) == field


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ({"interest_method": "flat"}, event("rate_change", annual_rate="0.1")),
        ({"interest_method": "rule_of_78"}, event("rate_change", annual_rate="0.1")),
        ({"interest_method": "flat"}, event("disbursement", amount="1")),
        ({"interest_method": "rule_of_78"}, event("moratorium", **{"from": 2, "installments": 1, "interest": "pay"})),
        (
            {"amortisation": "custom", "custom_schedule": CUSTOM, "installments": 2},
            event("moratorium", **{"from": 2, "installments": 1, "interest": "pay"}),
        ),
    ],
    ids=str,
)
def test_events_that_the_interest_method_cannot_take_are_refused(terms: Json, kind: Json) -> None:
    assert refused(document([kind], **terms)) == "events[0].type"
    restructured = event("restructure", id="x", on="2025-02-01", terms=NEW_TERMS)
    assert loan_from(document([kind, restructured], **terms)).events[0].type == kind["type"]


def test_what_is_reversed_may_stand_beside_anything() -> None:
    wrong = [event("write_off"), event("reversal", "2025-03-05", "r1", reverses="e1")]
    again = [event("write_off", "2025-03-06", "e2"), event("recovery", "2025-03-07", "e3", amount="1.00")]
    assert len(loan_from(document(wrong + again)).events) == 4


def test_a_takeover_begins_anew_after_a_write_off() -> None:
    off, again = event("write_off"), event("write_off", "2025-06-01", "e3")
    events = [off, event("takeover", "2025-05-01", "e2", principal="5.00"), again]
    assert len(loan_from(document(events)).events) == 3


def test_a_refusal_in_a_list_names_the_document() -> None:
    assert refused([document(), document(principal="0")]) == "[1].terms.principal"
    assert refused([document(), 5]) == "[1]"
    assert refused([document([event("payment", amount="x")])]) == "[0].events[0].amount"


@pytest.mark.parametrize("nothing", [[], None, 5, "loan", True, NAN], ids=str)
def test_what_is_no_document_is_refused(nothing: object) -> None:
    assert refused(nothing) == ""


def test_a_list_may_hold_loans_of_several_currencies() -> None:
    loans = loans_from([document(), document(currency="JPY", principal="100000")])
    assert [loan.currency for loan in loans] == ["INR", "JPY"]


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ((), "loan_id"),
        (("terms",), "terms.principal"),
        (("events", 0), "events[0].id"),
        (("events", 0), "events[0].type"),
    ],
)
def test_a_field_given_twice_is_refused(where: tuple[str | int, ...], field: str) -> None:
    whole = document([event("payment", amount="1.00")])
    inner: Any = whole
    for step in where:
        inner = inner[step]
    name = field.split(".")[-1]
    inner.update(members([*inner.items(), (name, inner[name])]))
    assert refused(whole) == field


def test_the_message_says_what_is_allowed() -> None:
    with pytest.raises(
        LoanRefused, match=r"^terms\.excess: must be hold or reduce_installment or reduce_tenor, got the number 5$"
    ):
        loan_from(document(excess=5))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["0.5", "2025-05-05"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(some_documents, anything, st.data())
def test_any_value_anywhere_is_read_or_refused_and_nothing_else(given: Json, value: Any, data: st.DataObject) -> None:
    changed = copy.deepcopy(given)
    place = data.draw(st.sampled_from(places(changed)[1:]))
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with suppress(LoanRefused):
        assert isinstance(loan_from(changed), Loan)


def test_what_an_event_does_not_have_is_none() -> None:
    read = loan_from(document([event("payment", amount="10")])).events[0]
    booked = datetime.fromisoformat("2025-03-01T23:59:59.999999+05:30")
    assert read == Event("e1", "payment", date(2025, 3, 1), booked, amount=Decimal(10))
