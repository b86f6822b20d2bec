"""The terms of a loan document, of a new loan or of a restructure, as frozen values.

Belongs here: the fields of `terms` and which of them exclude each other. Does not: events (document_events.py), values
one by one (document_fields.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise

from transforms.kernels.columns import CODES, INSTALLMENTS_MAX
from transforms.kernels.document_fields import (
    Reader,
    amount,
    at,
    choice,
    day,
    defaults_of,
    each,
    flag,
    mode,
    rate,
    read_object,
    record,
    refuse,
    text,
    whole,
)
from transforms.kernels.due_dates import UNITS, moved
from transforms.kernels.loan import (
    ZERO,
    AppliesTo,
    CustomRow,
    Fee,
    ForeclosureTerms,
    Grace,
    LoanRounding,
    Penal,
    RepayEvery,
    Step,
    Terms,
    Waterfall,
)
from transforms.kernels.money import HUNDREDTHS, SMALLEST
from transforms.kernels.prepayment_rules import BORROWERS, LENDER_LAYERS, PURPOSES, RATE_TYPES

EVERY_MAX = 366
GRACE_DAYS_MAX = 366
CHOICES = ("interest_method", "day_count", "installment_basis", "interest_basis", "broken_period", "excess")
BALLOONS = ("emi", "step", "equal_principal")  # the others say already when the last principal is due
ANNUAL_RATE = rate(0, 5)
SHARE = rate(0, 1)
NUMBER = whole(1, INSTALLMENTS_MAX)
COUNT = whole(0, INSTALLMENTS_MAX)


def terms_from(value: object, path: str, currency: str) -> Terms:
    """The terms of a new loan. LoanRefused when they cannot be meant."""
    terms = Terms(**read_object(value, path, "terms", _readers(currency), _defaults(currency)))
    check(terms, path)
    if terms.balloon >= terms.principal:
        refuse(at(path, "balloon"), f"must be below the principal of {terms.principal}, got {terms.balloon}")
    planned = sum((row.principal for row in terms.custom_schedule), ZERO)
    if terms.custom_schedule and planned != terms.principal:
        refuse(at(path, "custom_schedule"), f"must sum to the principal of {terms.principal}, sums to {planned}")
    return terms


def new_terms_from(value: object, path: str, currency: str, on: date) -> Terms:
    """The terms of a restructure on a day. Their principal is what is outstanding then, known to the replay alone:
    it is zero here, or the sum of a custom schedule, which is scaled to what is outstanding."""
    if isinstance(value, dict) and "principal" in value:
        refuse(at(path, "principal"), "must be left out: the outstanding principal is carried over")
    readers = {name: reader for name, reader in _readers(currency).items() if name != "principal"}
    defaults = {**_defaults(currency), "disbursed_on": on}
    terms = Terms(principal=ZERO, **read_object(value, path, "restructured terms", readers, defaults))
    if terms.disbursed_on != on:
        refuse(at(path, "disbursed_on"), f"must be left out or {on}, the day of the event, got {terms.disbursed_on}")
    check(terms, path)
    planned = sum((row.principal for row in terms.custom_schedule), ZERO)
    if terms.custom_schedule and planned == 0:
        refuse(at(path, "custom_schedule"), "repays no principal")
    return replace(terms, principal=planned)


def _defaults(currency: str) -> dict[str, object]:
    return {**defaults_of(Terms), "rounding": _rounding(currency)({}, "")}


@cache
def _readers(currency: str) -> Mapping[str, Reader]:
    """The fields of terms, by name, in the order of the interface."""
    some, any_amount = amount(currency), amount(currency, is_zero_allowed=True)
    choices = {name: choice(*CODES[name]) for name in CHOICES}
    return {
        "principal": some,
        "disbursed_on": day,
        "annual_rate": ANNUAL_RATE,
        "installments": NUMBER,
        "first_due_on": day,
        "repay_every": record(RepayEvery, "repay_every", {"n": whole(1, EVERY_MAX), "unit": choice(*UNITS)}),
        "interest_method": choices["interest_method"],
        "amortisation": _amortisation,
        "day_count": choices["day_count"],
        "installment_basis": choices["installment_basis"],
        "interest_basis": choices["interest_basis"],
        "broken_period": choices["broken_period"],
        "grace": _grace,
        "installment_amount": some,
        "balloon": any_amount,
        "steps": each(_step(currency)),
        "custom_schedule": each(record(CustomRow, "a row", {"due_on": day, "principal": any_amount})),
        "rounding": _rounding(currency),
        "fees": each(_fee(currency)),
        "penal": record(
            Penal,
            "penal",
            {"annual_rate": ANNUAL_RATE, "grace_days": whole(0, GRACE_DAYS_MAX), "flat": any_amount},
        ),
        "foreclosure": _foreclosure(currency),
        "waterfall": _waterfall,
        "waterfall_npa": _waterfall,
        "waterfall_written_off": _waterfall,
        "excess": choices["excess"],
        "tolerance": any_amount,
    }


def _amortisation(value: object, path: str) -> str:
    if value == "revolving":
        refuse(path, "revolving credit lines are not built yet")
    found: str = choice(*CODES["amortisation"])(value, path)
    return found


def _grace(value: object, path: str) -> Grace:
    counts = {"principal_installments": COUNT, "interest_installments": COUNT}
    readers = {**counts, "capitalise": choice(*CODES["capitalise"])}
    grace: Grace = record(Grace, "grace", readers)(value, path)
    if grace.interest_installments > grace.principal_installments:
        problem = f"must not exceed principal_installments ({grace.principal_installments})"
        refuse(at(path, "interest_installments"), f"{problem}, got {grace.interest_installments}")
    return grace


def _step(currency: str) -> Reader:
    changes = rate(-1, 5, is_low_allowed=False)
    readers = {"from": whole(2, INSTALLMENTS_MAX), "installment_amount": amount(currency), "change": changes}

    def read(value: object, path: str) -> Step:
        step: Step = record(Step, "a step", readers)(value, path)
        if (step.installment_amount is None) == (step.change is None):
            refuse(path, "must have either installment_amount or change")
        return step

    return read


def _rounding(currency: str) -> Reader:
    """Units are whole multiples of the currency's smallest amount because an amount has no more decimals."""
    smallest = (Decimal(SMALLEST[currency]) / HUNDREDTHS).quantize(ZERO)
    readers = {"interest": amount(currency), "installment": amount(currency), "mode": mode, "installment_mode": mode}
    defaults = {**defaults_of(LoanRounding), "interest": smallest, "installment": smallest, "installment_mode": None}

    def read(value: object, path: str) -> LoanRounding:
        found = read_object(value, path, "rounding", readers, defaults)
        if found["installment_mode"] is None:
            found["installment_mode"] = found["mode"]
        return LoanRounding(**found)

    return read


def _fee(currency: str) -> Reader:
    readers = {
        "name": text,
        "amount": amount(currency),
        "rate": SHARE,
        "to": choice("lender", "third_party"),
        "when": choice("disbursement", "each_installment"),
        "gst_rate": SHARE,
        "deducted": flag,
    }

    def read(value: object, path: str) -> Fee:
        fee: Fee = record(Fee, "a fee", readers)(value, path)
        if (fee.amount is None) == (fee.rate is None):
            refuse(path, "must have either amount or rate")
        return fee

    return read


def _foreclosure(currency: str) -> Reader:
    asked = {
        "rate_type": choice(*RATE_TYPES),
        "borrower": choice(*BORROWERS),
        "purpose": choice(*PURPOSES),
        "lender_layer": choice(*LENDER_LAYERS),
        "sanctioned": amount(currency),
        "sanctioned_on": day,
    }
    readers = {
        "rate": SHARE,
        "of": choice("principal_prepaid"),
        "gst_rate": SHARE,
        "free_after_installments": COUNT,
        "applies_to": record(AppliesTo, "applies_to", asked),
    }
    return record(ForeclosureTerms, "foreclosure", readers)


def _waterfall(value: object, path: str) -> Waterfall:
    components = tuple(CODES["component"])
    readers = {"order": each(choice(*components)), "across": choice(*CODES["across"])}
    waterfall: Waterfall = record(Waterfall, "a waterfall", readers)(value, path)
    if sorted(waterfall.order) != sorted(components):
        refuse(at(path, "order"), f"must name {', '.join(components)}, each once")
    return waterfall


def check(terms: Terms, path: str) -> None:
    """Refuse fields that exclude each other; what hangs on the principal is checked where it is known."""
    if terms.first_due_on is not None and terms.first_due_on <= terms.disbursed_on:
        refuse(at(path, "first_due_on"), f"must be after disbursed_on ({terms.disbursed_on}), got {terms.first_due_on}")
    if terms.grace.principal_installments >= terms.installments:
        problem = f"must be below installments ({terms.installments}), got {terms.grace.principal_installments}"
        refuse(at(path, "grace.principal_installments"), problem)
    if terms.balloon and terms.amortisation not in BALLOONS:
        refuse(at(path, "balloon"), f"goes with amortisation {', '.join(BALLOONS)}, not {terms.amortisation}")
    if terms.installment_amount is not None and terms.amortisation not in ("emi", "step"):
        refuse(at(path, "installment_amount"), f"goes with amortisation emi or step, not {terms.amortisation}")
    if terms.interest_basis == "daily" and terms.interest_method != "reducing":
        refuse(at(path, "interest_basis"), f"daily goes with interest_method reducing, not {terms.interest_method}")
    _check_steps(terms, at(path, "steps"))
    _check_custom(terms, path)
    if not terms.custom_schedule:
        _check_calendar(terms, path)


def _check_steps(terms: Terms, path: str) -> None:
    if bool(terms.steps) != (terms.amortisation == "step"):
        refuse(path, "go with amortisation step" if terms.steps else "are missing: amortisation step needs them")
    first = terms.grace.principal_installments + 1
    for place, step in enumerate(terms.steps):
        here = f"{path}[{place}].from"
        if step.from_number <= first:
            refuse(here, f"must be after installment {first}, the first that repays principal, got {step.from_number}")
        if step.from_number > terms.installments:
            refuse(here, f"must not be beyond installments ({terms.installments}), got {step.from_number}")
    for place, (one, following) in enumerate(pairwise(terms.steps), start=1):
        if following.from_number <= one.from_number:
            problem = f"must be after the step before ({one.from_number}), got {following.from_number}"
            refuse(f"{path}[{place}].from", problem)


def _check_custom(terms: Terms, path: str) -> None:
    rows, here = terms.custom_schedule, at(path, "custom_schedule")
    if bool(rows) != (terms.amortisation == "custom"):
        refuse(here, "goes with amortisation custom" if rows else "is missing: amortisation custom needs it")
    if not rows:
        return
    if len(rows) != terms.installments:
        refuse(here, f"must have as many rows as installments ({terms.installments}), has {len(rows)}")
    before = terms.disbursed_on
    for place, row in enumerate(rows):
        if row.due_on <= before:
            refuse(f"{here}[{place}].due_on", f"must be after {before}, got {row.due_on}")
        before = row.due_on
    if terms.first_due_on not in (None, rows[0].due_on):
        refuse(at(path, "first_due_on"), f"must be left out or the first due_on of custom_schedule ({rows[0].due_on})")
    if terms.grace.principal_installments:
        refuse(at(path, "grace"), "does not go with a custom_schedule, which says when principal is due")


def _check_calendar(terms: Terms, path: str) -> None:
    """Refuse due dates that no calendar has."""
    n, unit = terms.repay_every.n, terms.repay_every.unit
    try:
        first = terms.first_due_on or moved(terms.disbursed_on, n, unit, terms.disbursed_on.day)
        moved(first, (terms.installments - 1) * n, unit, first.day)
    except (ValueError, OverflowError):
        refuse(at(path, "installments"), "the last installment would fall due after the year 9999")
