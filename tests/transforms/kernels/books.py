"""Books for tests: random loans with their events, and any loans as the Arrow tables of the batch form.

Belongs here: plain stories, seeded, so that a book is the same in every run; frozen values as columns. Does not:
documents (documents.py), loans over all features (loan_strategies.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.kernels.columns import Kind, effective_events, fee_with_gst
from transforms.kernels.figures import Installment
from transforms.kernels.loan import (
    Event,
    ForeclosureTerms,
    Grace,
    Loan,
    LoanRounding,
    Penal,
    RepayEvery,
    Step,
    Terms,
    Waterfall,
)
from transforms.kernels.money import SMALLEST, Mode, major

KOLKATA = timezone(timedelta(hours=5, minutes=30))
NEVER = date(9999, 12, 31)
CENT = Decimal("0.01")
Row = dict[str, Any]
Chance = np.random.Generator
Scheduled = Callable[[Loan], Sequence[Installment]]


def one_of(chance: Chance, *values: Any) -> Any:
    return values[int(chance.integers(len(values)))]


def paise(chance: Chance, low: int, high: int) -> Decimal:
    return Decimal(int(chance.integers(low, high))).scaleb(-2)


def rate(chance: Chance, low: int, high: int) -> Decimal:
    return Decimal(int(chance.integers(low, high))).scaleb(-6)


def random_terms(chance: Chance) -> Terms:
    """Terms over everything that the batch columns hold."""
    n = int(chance.integers(1, 49))
    method = one_of(chance, *["reducing"] * 8, "flat", "rule_of_78")
    every = one_of(chance, *[RepayEvery()] * 4, RepayEvery(3), RepayEvery(2, "week"), RepayEvery(1, "year"))
    every = one_of(chance, every, every, every, RepayEvery(int(chance.integers(1, 40)), "day"))
    amortisation = one_of(chance, *["emi"] * 6, "equal_principal", "interest_only", "bullet")
    principal = paise(chance, 100_000, 10**9)
    opened = date(2021, 1, 1) + timedelta(days=int(chance.integers(1_000)))
    grace = int(chance.integers(0, min(n, 6))) if chance.random() < 0.2 else 0
    first = one_of(chance, *[None] * 3, opened + timedelta(days=int(chance.integers(1, 80))))
    is_reducing = method == "reducing"
    terms = Terms(
        principal=principal,
        disbursed_on=opened,
        annual_rate=rate(chance, 0, 400_000),
        installments=n,
        first_due_on=first,
        repay_every=every,
        interest_method=method,
        amortisation=amortisation,
        day_count=one_of(chance, "30/360", "30/360", "30E/360", "ACT/365", "ACT/360", "ACT/ACT"),
        installment_basis=one_of(chance, "period_factors", "periodic_rate"),
        interest_basis=one_of(chance, "scheduled", "scheduled", "daily") if is_reducing else "scheduled",
        broken_period=one_of(chance, "spread", "first_installment", "upfront") if is_reducing else "spread",
        grace=Grace(grace, int(chance.integers(0, grace + 1)), one_of(chance, "never", "at_end", "each_due")),
        rounding=random_rounding(chance),
        penal=one_of(
            chance, None, Penal(rate(chance, 0, 300_000), int(chance.integers(0, 6)), paise(chance, 0, 9_000))
        ),
        foreclosure=one_of(chance, None, ForeclosureTerms(Decimal("0.04"), gst_rate=Decimal("0.18"))),
        excess=one_of(chance, "hold", "hold", "reduce_installment", "reduce_tenor"),
        tolerance=one_of(chance, Decimal("0.00"), Decimal("0.00"), Decimal("5.00")),
    )
    if amortisation in ("emi", "equal_principal") and chance.random() < 0.1:
        terms = replace(terms, balloon=(principal / 4).quantize(CENT))
    if amortisation == "emi" and chance.random() < 0.1:
        terms = replace(terms, installment_amount=(principal / n * 2).quantize(CENT) + CENT)
    return terms


def random_rounding(chance: Chance) -> LoanRounding:
    unit = one_of(chance, *[CENT] * 3, Decimal("1.00"))
    return LoanRounding(one_of(chance, CENT, CENT, unit), unit, one_of(chance, *Mode), one_of(chance, *Mode))


def random_loan(chance: Chance, place: int, scheduled: Scheduled) -> Loan:
    """A loan and its story: most installments paid, some late, in part or too much; rarer events now and then."""
    loan = Loan(f"L{place}", "INR", random_terms(chance))
    rows = scheduled(loan)
    events = [payment(chance, row) for row in rows[: int(chance.integers(0, len(rows) + 1))] if row.total]
    for _ in range(int(chance.integers(0, 4))):
        events.append(other_event(chance, loan.terms, rows))
    return replace(loan, events=tuple(booked(event, k) for k, event in enumerate(events)))


def payment(chance: Chance, row: Installment) -> Event:
    late = timedelta(days=int(one_of(chance, 0, 0, 0, 1, 4, 20, 110)))
    part = one_of(chance, 1, 1, 1, 1, Decimal("0.5"), Decimal("1.5"), 3)
    return event("payment", row.due_on + late, amount=max((row.total * part).quantize(CENT), CENT))


def event(kind: str, on: date, **more: Any) -> Event:
    return Event("", kind, on, datetime.combine(on, time.max, KOLKATA), **more)


def booked(one: Event, place: int) -> Event:
    return replace(one, id=f"e{place:03}")


def other_event(chance: Chance, terms: Terms, rows: Sequence[Installment]) -> Event:
    days = (rows[-1].due_on - terms.disbursed_on).days if rows else 0
    on = terms.disbursed_on + timedelta(days=int(chance.integers(0, days + 40)))
    some = (terms.principal * int(chance.integers(1, 400)) / 1000).quantize(CENT) + CENT
    kind = one_of(chance, *OTHERS)
    more: Row = {
        "prepayment": {"amount": some, "adjust": one_of(chance, "reduce_installment", "reduce_tenor")},
        "rate_change": {"annual_rate": rate(chance, 0, 400_000), "adjust": one_of(chance, "installment", "tenor")},
        "disbursement": {"amount": some, "adjust": one_of(chance, "installment", "tenor")},
        "charge": {"amount": some / 50, "component": one_of(chance, "fee", "penal"), "gst_rate": Decimal("0.18")},
        "waiver": {"amount": some / 200, "component": one_of(chance, "interest", "fee", "penal")},
        "moratorium": {
            "from_number": int(chance.integers(1, len(rows) + 1)) if rows else 1,
            "installments": int(chance.integers(1, 4)),
            "interest": one_of(chance, *MORATORIA),
        },
        "foreclosure": {"amount": terms.principal * 2},
        "write_off": {"amount": one_of(chance, None, some / 10)},
        "recovery": {"amount": some},
        "refund": {"amount": some / 100},
    }[kind]
    more = {name: value.quantize(CENT) + CENT if name == "amount" and value else value for name, value in more.items()}
    if kind == "moratorium" and terms.interest_method == "rule_of_78":
        return event("payment", on, amount=some)
    return event(kind, on, **more)


MORATORIA = ("pay", "defer")  # capitalise: test_book has a test of its own
OTHERS = (
    *("prepayment", "prepayment", "rate_change", "disbursement", "charge", "charge", "waiver", "moratorium"),
    *("foreclosure", "write_off", "recovery", "refund"),
)


def terms_row(terms: Terms, currency: str = "INR") -> Row:
    """A loan's terms as the columns of the batch form; what is None is null."""
    rounding, penal, foreclosure = terms.rounding, terms.penal or Penal(), terms.foreclosure or ForeclosureTerms()
    return {
        "principal": terms.principal,
        "disbursed_on": terms.disbursed_on,
        "annual_rate": terms.annual_rate,
        "installments": terms.installments,
        "first_due_on": terms.first_due_on,
        "repay_every": terms.repay_every.n,
        "repay_unit_code": terms.repay_every.unit,
        "interest_method_code": terms.interest_method,
        "amortisation_code": terms.amortisation,
        "day_count_code": terms.day_count,
        "installment_basis_code": terms.installment_basis,
        "interest_basis_code": terms.interest_basis,
        "broken_period_code": terms.broken_period,
        "grace_principal_installments": terms.grace.principal_installments,
        "grace_interest_installments": terms.grace.interest_installments,
        "grace_capitalise_code": terms.grace.capitalise,
        "installment_amount": terms.installment_amount,
        "balloon": terms.balloon,
        "currency": currency,
        "rounding_interest": rounding.interest,
        "rounding_installment": rounding.installment,
        "rounding_mode_code": rounding.mode.name.lower(),
        "rounding_installment_mode_code": rounding.installment_mode.name.lower(),
        **fee_columns(terms, currency),
        "penal_annual_rate": penal.annual_rate,
        "penal_grace_days": penal.grace_days,
        "penal_flat": penal.flat,
        "foreclosure_rate": foreclosure.rate,
        "foreclosure_gst_rate": foreclosure.gst_rate,
        "foreclosure_free_after_installments": foreclosure.free_after_installments,
        **waterfall_columns("waterfall", terms.waterfall),
        **waterfall_columns("waterfall_npa", terms.waterfall_npa),
        **waterfall_columns("waterfall_written_off", terms.waterfall_written_off),
        "excess_code": terms.excess,
        "tolerance": terms.tolerance,
        "steps": [step_row(step) for step in terms.steps] or None,
        "custom_schedule": [asdict(row) for row in terms.custom_schedule] or None,
        "version": 1,
    }


def step_row(step: Step) -> Row:
    return {
        "from_installment": step.from_number,
        "installment_amount": step.installment_amount,
        "change": step.change,
    }


def fee_columns(terms: Terms, currency: str) -> Row:
    """Fees of an amount with their GST, summed by when they are due; those by rate as a list."""
    charged = [fee for fee in terms.fees if fee.when == "each_installment" or not fee.deducted]
    sums = {"each_installment": 0, "disbursement": 0}
    for fee in charged:
        if fee.amount is not None:
            sums[fee.when] += fee_with_gst(fee, terms.principal, SMALLEST[currency])
    by_rate = [
        {"rate": fee.rate, "gst_rate": fee.gst_rate, "when_code": fee.when} for fee in charged if fee.amount is None
    ]
    return {
        "fee_each_installment": major(sums["each_installment"]),
        "fee_at_disbursal": major(sums["disbursement"]),
        "fees": by_rate or None,
    }


def waterfall_columns(name: str, waterfall: Waterfall | None) -> Row:
    order, across = (",".join(waterfall.order), waterfall.across) if waterfall else (None, None)
    return {f"{name}_code": order, f"{name}_across_code": across}


def event_row(loan_at: int, one: Event) -> Row:
    is_takeover = one.type == "takeover"
    return {
        "loan_at": loan_at,
        "event_type_code": one.type,
        "value_on": one.on,
        "amount": one.principal if is_takeover else one.amount,
        "rate": one.annual_rate if one.type == "rate_change" else one.gst_rate,
        "option_code": one.adjust or one.component or one.interest or one.overdue,
        "from_installment": one.from_number,
        "installments": one.installments,
        "terms_at": None,
        **{name: getattr(one, name) if is_takeover else None for name in TAKEN_OVER},
    }


TAKEN_OVER = ("interest_overdue", "fee_due", "penal_due", "oldest_due_on", "npa_since")
KINDS = {
    **dict.fromkeys(("principal", "installment_amount", "balloon", "amount", "tolerance"), pa.decimal128(18, 2)),
    **dict.fromkeys(("rounding_interest", "rounding_installment", "penal_flat"), pa.decimal128(18, 2)),
    **dict.fromkeys(("annual_rate", "rate", "penal_annual_rate"), pa.decimal128(18, 6)),
    **dict.fromkeys(("foreclosure_rate", "foreclosure_gst_rate"), pa.decimal128(18, 6)),
    **dict.fromkeys(("disbursed_on", "first_due_on", "value_on"), pa.date32()),
    **dict.fromkeys(("loan_at", "terms_at", "installments", "from_installment", "repay_every"), pa.int32()),
    **dict.fromkeys(("interest_overdue", "fee_due", "penal_due"), pa.decimal128(18, 2)),
    **dict.fromkeys(("oldest_due_on", "npa_since"), pa.date32()),
    "steps": pa.list_(
        pa.struct(
            {
                "from_installment": pa.int32(),
                "installment_amount": pa.decimal128(18, 2),
                "change": pa.decimal128(18, 6),
            }
        )
    ),
    "fees": pa.list_(
        pa.struct({"rate": pa.decimal128(18, 6), "gst_rate": pa.decimal128(18, 6), "when_code": pa.string()})
    ),
    "custom_schedule": pa.list_(pa.struct({"due_on": pa.date32(), "principal": pa.decimal128(18, 2)})),
    **{
        f"waterfall{which}{what}_code": pa.string()
        for which in ("", "_npa", "_written_off")
        for what in ("", "_across")
    },
}


def table(rows: Sequence[Row]) -> pa.Table:
    """Rows as Arrow, every column of its own type however many are null."""
    return pa.table({name: pa.array([row[name] for row in rows], KINDS.get(name)) for name in rows[0]})


def terms_table(loans: Sequence[Loan]) -> pa.Table:
    return table([terms_row(loan.terms, loan.currency) for loan in loans])


def tables_of(loans: Sequence[Loan]) -> tuple[pa.Table, pa.Table | None]:
    """Terms, those of restructures after the loans', and standing events of loans of any kind."""
    terms = [terms_row(loan.terms, loan.currency) for loan in loans]
    events = []
    for place, loan in enumerate(loans):
        for one in standing(loan).events:
            row = event_row(place, one)
            if one.terms is not None:
                row["terms_at"] = len(terms)
                carried_over = {"principal": None, "disbursed_on": None, "currency": None, "version": 2}
                terms.append(terms_row(one.terms, loan.currency) | carried_over)
            events.append(row)
    return table(terms), table(events) if events else None


def standing(loan: Loan) -> Loan:
    """The loan with the events that are not reversed, in the order of rule 2."""
    gone = {event.reverses for event in loan.events}
    events = [event for event in loan.events if event.type != "reversal" and event.id not in gone]
    events.sort(key=lambda event: (event.on, Kind[event.type.upper()] // 10, event.booked_at, event.id))
    return replace(loan, events=tuple(events))


def events_of(loans: Sequence[Loan]) -> list[tuple[int, Event]]:
    """The events of a book with the loan's place, as the batch form wants them sorted."""
    return [(place, one) for place, loan in enumerate(loans) for one in effective_events(loan, NEVER)[0]]


def events_table(loans: Sequence[Loan]) -> pa.Table:
    return table([event_row(place, one) for place, one in events_of(loans)])
