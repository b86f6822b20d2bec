"""The terms and events of many loans as columns of whole numbers, as the compiled kernels take them.

Belongs here: codes, record layouts, one loan's values as numbers. Does not: how a figure follows (dues.py, events.py).

Money is hundredths, a rate millionths (a year, or of an amount), a day the number of days since 1970-01-01. ABSENT
stands for an amount that is not given, NO_DAY for a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.kernels.due_dates import NO_DAY, UNITS
from transforms.kernels.loan import Event, Fee, Loan, LoanRefused, Terms, Waterfall
from transforms.kernels.money import HUNDREDTHS, SMALLEST, Mode, rounded_fraction

EPOCH = date(1970, 1, 1).toordinal()
MILLIONTHS = 1_000_000
ABSENT = -(2**62)  # no amount that anybody could mean
INSTALLMENTS_MAX = 1200  # rows of one loan, whatever stretches its tenor
Records = NDArray[Any]


def record(*names: str) -> np.dtype[Any]:
    """The layout of a record of whole numbers; its fields are attributes, with or without the compiler."""
    return np.dtype((np.record, [(name, np.int64) for name in names]))


class Method(IntEnum):
    REDUCING = 0
    FLAT = 1
    RULE_OF_78 = 2


class Amortisation(IntEnum):
    EMI = 0
    EQUAL_PRINCIPAL = 1
    INTEREST_ONLY = 2
    BULLET = 3
    STEP = 4
    CUSTOM = 5


class DayCount(IntEnum):
    THIRTY_360 = 0
    THIRTY_E_360 = 1
    ACT_365 = 2
    ACT_360 = 3
    ACT_ACT = 4


class Component(IntEnum):
    """What a due is made of; a waterfall is four of these, two bits each, the first one lowest."""

    INTEREST = 0
    PRINCIPAL = 1
    FEE = 2
    PENAL = 3


class Kind(IntEnum):
    """Types of events, in the order in which one day takes them (rule 2); REVERSAL never reaches a kernel."""

    DISBURSEMENT = 10
    RATE_CHANGE = 20
    MORATORIUM = 21
    RESTRUCTURE = 22
    TAKEOVER = 23
    CHARGE = 30
    WAIVER = 40
    PAYMENT = 50
    RECOVERY = 51
    PREPAYMENT = 60
    FORECLOSURE = 70
    WRITE_OFF = 80
    REFUND = 90
    REVERSAL = 99


class Adjust(IntEnum):
    """What gives way when a loan is priced anew."""

    INSTALLMENT = 0
    TENOR = 1


class Holiday(IntEnum):
    """What becomes of the interest of a moratorium."""

    PAY = 0
    DEFER = 1
    CAPITALISE = 2


class Capitalise(IntEnum):
    """What becomes of the interest of a grace."""

    NEVER = 0
    AT_END = 1
    EACH_DUE = 2


class Overdue(IntEnum):
    """What becomes of overdue interest in a restructure."""

    CARRY = 0
    CAPITALISE = 1
    WAIVE = 2


class Excess(IntEnum):
    HOLD = 0
    REDUCE_INSTALLMENT = 1
    REDUCE_TENOR = 2


class Broken(IntEnum):
    """How a broken first period is charged."""

    SPREAD = 0
    FIRST_INSTALLMENT = 1
    UPFRONT = 2


PERIOD_FACTORS, PERIODIC_RATE = 0, 1
SCHEDULED, DAILY = 0, 1
OLDEST_INSTALLMENT_FIRST, COMPONENT_FIRST = 0, 1

CODES: dict[str, dict[str, int]] = {
    "interest_method": {"reducing": 0, "flat": 1, "rule_of_78": 2},
    "amortisation": {"emi": 0, "equal_principal": 1, "interest_only": 2, "bullet": 3, "step": 4, "custom": 5},
    "day_count": {"30/360": 0, "30E/360": 1, "ACT/365": 2, "ACT/360": 3, "ACT/ACT": 4},
    "installment_basis": {"period_factors": PERIOD_FACTORS, "periodic_rate": PERIODIC_RATE},
    "interest_basis": {"scheduled": SCHEDULED, "daily": DAILY},
    "broken_period": {"spread": 0, "first_installment": 1, "upfront": 2},
    "capitalise": {"never": 0, "at_end": 1, "each_due": 2},
    "excess": {"hold": 0, "reduce_installment": 1, "reduce_tenor": 2},
    "across": {"oldest_installment_first": OLDEST_INSTALLMENT_FIRST, "component_first": COMPONENT_FIRST},
    "component": {component.name.lower(): int(component) for component in Component},
}
# What an event's one option column holds, by type; an option left out is 0.
OPTIONS: dict[str, tuple[str, dict[str, int]]] = {
    "disbursement": ("adjust", {"installment": Adjust.INSTALLMENT, "tenor": Adjust.TENOR}),
    "rate_change": ("adjust", {"installment": Adjust.INSTALLMENT, "tenor": Adjust.TENOR}),
    "prepayment": ("adjust", {"reduce_installment": Adjust.INSTALLMENT, "reduce_tenor": Adjust.TENOR}),
    "charge": ("component", {"fee": Component.FEE, "penal": Component.PENAL}),
    "waiver": ("component", CODES["component"]),
    "moratorium": ("interest", {"pay": Holiday.PAY, "defer": Holiday.DEFER, "capitalise": Holiday.CAPITALISE}),
    "restructure": ("overdue", {"carry": Overdue.CARRY, "capitalise": Overdue.CAPITALISE, "waive": Overdue.WAIVE}),
}
TERMS = record(
    *("principal", "disbursed_on", "rate", "installments", "first_due_on", "every", "unit"),
    *("method", "amortisation", "day_count", "installment_basis", "interest_basis", "broken_period"),
    *("grace_principal", "grace_interest", "capitalise", "installment_amount", "balloon"),
    *("step_first", "step_count", "custom_first", "custom_count"),
    *("smallest", "interest_unit", "installment_unit", "mode", "installment_mode"),
    *("fee_each", "fee_disbursal", "fee_first", "fee_count", "penal_rate", "penal_grace_days", "penal_flat"),
    *("foreclosure_rate", "foreclosure_gst", "foreclosure_free_after"),
    *("order", "across", "order_npa", "across_npa", "order_written_off", "across_written_off"),
    *("excess", "tolerance"),
)
STEP = record("from_number", "installment_amount", "change")
CUSTOM = record("due_on", "principal")
# A fee of restructured terms that is a part of their principal, which only the walk knows.
FEE = record("rate", "gst_rate", "is_each")
TAKEOVER = record("interest_overdue", "fee_due", "penal_due", "oldest_due_on", "npa_since")


# amount: hundredths (takeover: principal; write_off: ABSENT means all). rate: millionths (of a rate_change a year; of a
# charge its GST). option: see OPTIONS. number, count: a moratorium's rows. extra: position in the book's terms
# (restructure) or takeovers (takeover).
EVENT = record("kind", "on", "amount", "rate", "option", "number", "count", "extra")


class BookColumns(NamedTuple):
    """Many loans. terms: one record a loan, then those of restructures. first_event[i] to first_event[i + 1]: the
    effective events of loan i, in the order of rule 2. steps, custom, fees: rows that a terms record points to."""

    terms: Records
    steps: Records
    custom: Records
    fees: Records
    takeovers: Records
    first_event: NDArray[np.int64]
    events: Records


def day_number_of(day: date | None) -> int:
    return NO_DAY if day is None else day.toordinal() - EPOCH


def day_of(number: int) -> date | None:
    return None if number == NO_DAY else date.fromordinal(int(number) + EPOCH)


def hundredths_of(amount: Decimal) -> int:
    return int(amount * HUNDREDTHS)


def millionths_of(rate: Decimal) -> int:
    return int(rate * MILLIONTHS)


def book_of(loans: Sequence[tuple[Loan, Sequence[Event]]]) -> BookColumns:
    """Loans with their effective events, in order, as columns."""
    builder = _Builder()
    return builder.book(loans)


class _Builder:
    """Collects terms, steps, custom rows and takeovers, which refer to each other by position."""

    def __init__(self) -> None:
        self.terms: list[tuple[int, ...]] = []
        self.steps: list[tuple[int, int, int]] = []
        self.custom: list[tuple[int, int]] = []
        self.fees: list[tuple[int, int, int]] = []
        self.takeovers: list[tuple[int, ...]] = []

    def book(self, loans: Sequence[tuple[Loan, Sequence[Event]]]) -> BookColumns:
        for loan, _ in loans:
            self.terms.append(self._terms(loan.terms, loan.currency, loan.terms.fees))
        rows = [[self._event(event, loan) for event in events] for loan, events in loans]
        return BookColumns(
            records(self.terms, TERMS),
            records(self.steps, STEP),
            records(self.custom, CUSTOM),
            records(self.fees, FEE),
            records(self.takeovers, TAKEOVER),
            np.cumsum([0, *(len(of_loan) for of_loan in rows)]).astype(np.int64),
            records((row for of_loan in rows for row in of_loan), EVENT),
        )

    def _terms(self, terms: Terms, currency: str, fees: Sequence[Fee]) -> tuple[int, ...]:
        """One TERMS record; fees: those whose amount is known beforehand."""
        step_first, custom_first = len(self.steps), len(self.custom)
        for step in terms.steps:
            self.steps.append(
                (step.from_number, _or_absent(step.installment_amount), millionths_of(step.change or Decimal(0)))
            )
        self.custom += [(day_number_of(row.due_on), hundredths_of(row.principal)) for row in terms.custom_schedule]
        return terms_numbers(terms, currency, fees, step_first, custom_first)

    def _event(self, event: Event, loan: Loan) -> tuple[int, ...]:
        name, codes = OPTIONS.get(event.type, ("", {}))
        chosen = getattr(event, name) if name else None
        amount = event.principal if event.type == "takeover" else event.amount
        rate = event.annual_rate if event.type == "rate_change" else event.gst_rate
        return (
            Kind[event.type.upper()],
            day_number_of(event.on),
            ABSENT if amount is None else hundredths_of(amount),
            millionths_of(rate or Decimal(0)),
            codes[chosen] if chosen is not None else next(iter(codes.values()), 0),
            event.from_number or 0,
            event.installments or 0,
            self._extra(event, loan),
        )

    def _extra(self, event: Event, loan: Loan) -> int:
        if event.terms is not None:
            self._restructured(event.terms, loan.currency)
            return len(self.terms) - 1
        if event.type == "takeover":
            money = (event.interest_overdue, event.fee_due, event.penal_due)
            days = (event.oldest_due_on, event.npa_since)
            self.takeovers.append((*map(hundredths_of, money), *map(day_number_of, days)))
            return len(self.takeovers) - 1
        return ABSENT

    def _restructured(self, terms: Terms, currency: str) -> None:
        fees = [fee for fee in terms.fees if fee.when == "each_installment" or not fee.deducted]
        by_rate = [fee for fee in fees if fee.amount is None]
        numbers = self._terms(terms, currency, [fee for fee in fees if fee.amount is not None])
        place = dict(zip(TERMS.names or (), numbers, strict=True))
        self.terms.append(tuple({**place, "fee_first": len(self.fees), "fee_count": len(by_rate)}.values()))
        self.fees += [
            (millionths_of(fee.rate or Decimal(0)), millionths_of(fee.gst_rate), fee.when == "each_installment")
            for fee in by_rate
        ]


def records(rows: Iterable[tuple[int, ...]], layout: np.dtype[Any]) -> Records:
    """Rows of whole numbers as an array of records; an empty list still has its layout."""
    return np.array(list(rows), dtype=layout)


def terms_numbers(
    terms: Terms, currency: str, fees: Sequence[Fee], step_first: int, custom_first: int
) -> tuple[int, ...]:
    """The numbers of one TERMS record."""
    smallest = SMALLEST[currency]
    rounding, penal, foreclosure = terms.rounding, terms.penal, terms.foreclosure
    waterfalls = (terms.waterfall, terms.waterfall_npa, terms.waterfall_written_off)
    disbursal_fees = (fee for fee in fees if fee.when == "disbursement" and not fee.deducted)
    each_fees = (fee for fee in fees if fee.when == "each_installment")
    return (
        hundredths_of(terms.principal),
        day_number_of(terms.disbursed_on),
        millionths_of(terms.annual_rate),
        terms.installments,
        day_number_of(terms.first_due_on),
        terms.repay_every.n,
        UNITS[terms.repay_every.unit],
        *(CODES[name][getattr(terms, name)] for name in ("interest_method", "amortisation", "day_count")),
        *(CODES[name][getattr(terms, name)] for name in ("installment_basis", "interest_basis", "broken_period")),
        terms.grace.principal_installments,
        terms.grace.interest_installments,
        CODES["capitalise"][terms.grace.capitalise],
        _or_absent(terms.installment_amount),
        hundredths_of(terms.balloon),
        step_first,
        len(terms.steps),
        custom_first,
        len(terms.custom_schedule),
        smallest,
        hundredths_of(rounding.interest),
        hundredths_of(rounding.installment),
        int(rounding.mode),
        int(rounding.installment_mode),
        sum(fee_with_gst(fee, terms.principal, smallest) for fee in each_fees),
        sum(fee_with_gst(fee, terms.principal, smallest) for fee in disbursal_fees),
        0,
        0,
        millionths_of(penal.annual_rate) if penal else 0,
        penal.grace_days if penal else 0,
        hundredths_of(penal.flat) if penal else 0,
        millionths_of(foreclosure.rate) if foreclosure else 0,
        millionths_of(foreclosure.gst_rate) if foreclosure else 0,
        foreclosure.free_after_installments if foreclosure else 0,
        *(number for waterfall in waterfalls for number in _waterfall_numbers(waterfall or terms.waterfall)),
        CODES["excess"][terms.excess],
        hundredths_of(terms.tolerance),
    )


def fee_with_gst(fee: Fee, principal: Decimal, smallest: int) -> int:
    """A fee of the terms and the GST on it, in hundredths; each rounded half up to the currency's smallest amount."""
    net = Fraction(fee.amount) if fee.amount is not None else Fraction(fee.rate or 0) * Fraction(principal)
    amount = rounded_fraction(net * HUNDREDTHS, smallest, Mode.HALF_UP)
    return amount + rounded_fraction(amount * Fraction(fee.gst_rate), smallest, Mode.HALF_UP)


def waterfall_order(components: Sequence[str]) -> int:
    """An order of components, as a kernel reads it: two bits each, the first one lowest."""
    return sum(CODES["component"][name] << 2 * place for place, name in enumerate(components))


def _waterfall_numbers(waterfall: Waterfall) -> tuple[int, int]:
    return waterfall_order(waterfall.order), CODES["across"][waterfall.across]


def _or_absent(amount: Decimal | None) -> int:
    return ABSENT if amount is None else hundredths_of(amount)


def effective_events(loan: Loan, as_of: date, known_at: Any = None) -> tuple[list[Event], tuple[str, ...]]:
    """(events that count at the day-end of as_of as known at known_at, in the order of rule 2; ids of reversed ones, in
    the order in which their reversals take effect).

    A reversed event never happened once its reversal's own day has come (rule 14); what comes before a takeover is
    replaced by it.
    """
    known = [e for e in loan.events if e.on <= as_of and (known_at is None or e.booked_at <= known_at)]
    known.sort(key=lambda e: (e.on, Kind[e.type.upper()] // 10, e.booked_at, e.id))
    reversed_ids = {e.reverses: None for e in known if e.type == "reversal" and e.reverses is not None}
    counting = [e for e in known if e.type != "reversal" and e.id not in reversed_ids]
    takeovers = [place for place, e in enumerate(counting) if e.type == "takeover"]
    if takeovers:
        counting = counting[takeovers[-1] :]
    return counting, tuple(reversed_ids)


def refused_event(loan: Loan, event: Event, field: str, problem: str) -> LoanRefused:
    """A refusal that names an event by its place in the document."""
    place = next(index for index, other in enumerate(loan.events) if other.id == event.id)
    return LoanRefused(f"events[{place}].{field}" if field else f"events[{place}]", problem)
