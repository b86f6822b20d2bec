"""Loan documents for tests: a small one to change, generated ones, and the document that a loan could be read from."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from transforms.kernels.document_fields import ATTRIBUTES
from transforms.kernels.loan import Event

Json = dict[str, Any]
NAMES = {attribute: name for name, attribute in ATTRIBUTES.items()}
TERMS = {"principal": "100000.00", "disbursed_on": "2025-01-15", "annual_rate": "0.12", "installments": 12}


def document(events: list[Json] | None = None, currency: str = "INR", **terms: Any) -> Json:
    """A loan document whose terms are TERMS with changes."""
    return {"loan_id": "L1", "currency": currency, "terms": {**TERMS, **terms}, "events": events or []}


def event(type: str, on: str = "2025-03-01", id: str = "e1", **more: Any) -> Json:
    return {"id": id, "type": type, "on": on, **more}


def written(value: Any) -> Any:
    """A frozen value as a document writes it, every field spelled out; fields without a value are left out."""
    if isinstance(value, Event):
        return written_event(value)
    if is_dataclass(value):
        found = {NAMES.get(one.name, one.name): written(getattr(value, one.name)) for one in fields(value)}
        return {name: inner for name, inner in found.items() if inner is not None}
    if isinstance(value, tuple):
        return [written(inner) for inner in value]
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date | datetime) else value


def written_event(event: Event) -> Json:
    """An event has the fields of its type alone, and the terms of a restructure have no principal."""
    default = {one.name: one.default for one in fields(Event)}
    told = {name: getattr(event, name) for name in default if getattr(event, name) != default[name]}
    found = {NAMES.get(name, name): written(value) for name, value in told.items()}
    if event.terms is not None:
        del found["terms"]["principal"]
    return found


def money(low: str = "0.01", high: str = "9999999999999.99") -> st.SearchStrategy[str]:
    return st.decimals(low, high, places=2).map(lambda amount: format(amount, "f"))


def rates(high: str = "1") -> st.SearchStrategy[str]:
    return st.decimals("0", high, places=6).map(lambda rate: format(rate, "f"))


def days(after: int = 0) -> st.SearchStrategy[str]:
    """Days `after` days or more behind the disbursal of TERMS."""
    disbursed_on = date.fromisoformat(TERMS["disbursed_on"])  # type: ignore[arg-type]
    return st.integers(after, 5000).map(lambda nights: (disbursed_on + timedelta(days=nights)).isoformat())


waterfalls = st.fixed_dictionaries(
    {},
    optional={
        "order": st.permutations(["interest", "principal", "fee", "penal"]),
        "across": st.sampled_from(["oldest_installment_first", "component_first"]),
    },
)
names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
fees = st.fixed_dictionaries(
    {"name": names},
    optional={
        "to": st.sampled_from(["lender", "third_party"]),
        "when": st.sampled_from(["disbursement", "each_installment"]),
        "gst_rate": rates(),
        "deducted": st.booleans(),
    },
)
some_terms = st.fixed_dictionaries(
    {"principal": money("1000"), "disbursed_on": st.just(TERMS["disbursed_on"]), "annual_rate": rates("5")}
    | {"installments": st.integers(1, 1200)},
    optional={
        "first_due_on": days(after=1),
        "repay_every": st.fixed_dictionaries(
            {}, optional={"n": st.integers(1, 3), "unit": st.sampled_from(["day", "week", "month", "year"])}
        ),
        "interest_method": st.sampled_from(["reducing", "flat", "rule_of_78"]),
        "amortisation": st.sampled_from(["emi", "equal_principal"]),
        "day_count": st.sampled_from(["30/360", "30E/360", "ACT/365", "ACT/360", "ACT/ACT"]),
        "installment_basis": st.sampled_from(["periodic_rate", "period_factors"]),
        "broken_period": st.sampled_from(["spread", "first_installment", "upfront"]),
        "balloon": money("0.00", "999"),
        "rounding": st.fixed_dictionaries(
            {},
            optional={
                "interest": money("0.01", "100"),
                "installment": money("0.01", "100"),
                "mode": st.sampled_from(["half_up", "half_even", "up", "down"]),
                "installment_mode": st.sampled_from(["half_up", "half_even", "up", "down"]),
            },
        ),
        "fees": st.lists(
            st.one_of(
                st.tuples(fees, money()).map(lambda one: {**one[0], "amount": one[1]}),
                st.tuples(fees, rates()).map(lambda one: {**one[0], "rate": one[1]}),
            ),
            max_size=3,
        ),
        "penal": st.none()
        | st.fixed_dictionaries(
            {}, optional={"annual_rate": rates("5"), "grace_days": st.integers(0, 366), "flat": money("0.00")}
        ),
        "foreclosure": st.none()
        | st.fixed_dictionaries(
            {"rate": rates()},
            optional={
                "of": st.just("principal_prepaid"),
                "gst_rate": rates(),
                "free_after_installments": st.integers(0, 99),
            },
        ),
        "waterfall": waterfalls,
        "waterfall_npa": st.none() | waterfalls,
        "waterfall_written_off": st.none() | waterfalls,
        "excess": st.sampled_from(["hold", "reduce_installment", "reduce_tenor"]),
        "tolerance": money("0.00", "10"),
    },
)
booked = st.one_of(
    st.none(),
    st.datetimes(datetime(2025, 1, 1), datetime(2040, 1, 1)).map(lambda at: f"{at.isoformat()}+05:30"),  # noqa: DTZ001
)
kinds = st.one_of(
    st.fixed_dictionaries({"type": st.just("payment"), "amount": money()}, optional={"channel": names}),
    st.fixed_dictionaries(
        {
            "type": st.just("prepayment"),
            "amount": money(),
            "adjust": st.sampled_from(["reduce_installment", "reduce_tenor"]),
        }
    ),
    st.fixed_dictionaries(
        {"type": st.just("charge"), "amount": money()}, optional={"component": st.just("fee"), "gst_rate": rates()}
    ),
    st.fixed_dictionaries(
        {"type": st.just("waiver"), "amount": money(), "component": st.sampled_from(["interest", "fee", "penal"])}
    ),
    st.fixed_dictionaries({"type": st.sampled_from(["foreclosure", "refund"]), "amount": money()}),
    st.fixed_dictionaries(
        {"type": st.just("takeover"), "principal": money()}, optional={"penal_due": money(), "npa_since": st.none()}
    ),
    st.fixed_dictionaries(
        {"type": st.just("restructure"), "terms": st.just({"annual_rate": "0.1", "installments": 6})},
        optional={"overdue": st.sampled_from(["capitalise", "carry", "waive"])},
    ),
)
some_events = st.lists(
    st.tuples(kinds, days(), booked).map(lambda one: {**one[0], "on": one[1], "booked_at": one[2]}), max_size=5
).map(lambda events: [{"id": f"e{place}", **one} for place, one in enumerate(events)])
# Documents that can be meant; 1,200 yearly rows begin well before the year 9999.
some_documents = st.fixed_dictionaries(
    {"loan_id": names, "terms": some_terms},
    optional={"currency": st.sampled_from(["INR", "USD"]), "events": some_events},
)
