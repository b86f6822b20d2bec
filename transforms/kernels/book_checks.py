"""What no loan document may say, found on the columns of a whole book.

Belongs here: why a row of terms, or an event, sets its loan aside. Does not: how columns are read (book_columns.py),
refusals that depend on state (events.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.kernels.book_columns import COLUMNS, KINDS
from transforms.kernels.columns import (
    ABSENT,
    CODES,
    DAILY,
    INSTALLMENTS_MAX,
    MILLIONTHS,
    OPTIONS,
    Amortisation,
    Component,
    Kind,
    Records,
)
from transforms.kernels.due_dates import NO_DAY
from transforms.kernels.state import Stop

UNIT_MAX = 10**7  # hundredths: roundings to Rs 1 lakh
AMOUNT_MAX = 10**15  # hundredths: Rs 10 lakh crore
RATE_MAX = 5 * MILLIONTHS
CODED = [field for field, how, _ in COLUMNS.values() if isinstance(how, dict)]
PRICED = (Amortisation.EMI, Amortisation.STEP)
Flags = NDArray[np.bool_]
Faults = list[tuple[Stop, Flags]]


class Lists(NamedTuple):
    """Steps, custom rows and fees of all terms, and the row of terms that each belongs to."""

    steps: Records
    steps_of: NDArray[np.int64]
    custom: Records
    custom_of: NDArray[np.int64]
    fees: Records
    fees_of: NDArray[np.int64]


def first_reasons(faults: Sequence[tuple[Stop, Flags]], count: int) -> NDArray[np.int64]:
    """The first reason of each row; 0: none."""
    found = np.zeros(count, np.int64)
    for stop, is_so in faults:
        found[(found == 0) & is_so] = stop
    return found


def examined(terms: Records, lists: Lists, is_new: Flags) -> NDArray[np.int64]:
    """Why a row of terms cannot be walked. is_new: terms of a restructure, whose principal is carried over."""
    smallest = np.maximum(terms["smallest"], 1)
    principal, first_due_on = terms["principal"], terms["first_due_on"]
    faults = [
        (Stop.PRINCIPAL_OUT_OF_RANGE, ((principal <= 0) & ~is_new) | (principal < 0) | (principal > AMOUNT_MAX)),
        (Stop.PRINCIPAL_OUT_OF_RANGE, is_new & (principal > 0) & (terms["amortisation"] != Amortisation.CUSTOM)),
        (Stop.PRINCIPAL_OUT_OF_RANGE, principal % smallest != 0),
        (Stop.TERMS_OUT_OF_RANGE, terms["disbursed_on"] == NO_DAY),
        (Stop.RATE_OUT_OF_RANGE, (terms["rate"] < 0) | (terms["rate"] > RATE_MAX)),
        (Stop.INSTALLMENTS_OUT_OF_RANGE, (terms["installments"] < 1) | (terms["installments"] > INSTALLMENTS_MAX)),
        (Stop.PERIOD_OUT_OF_RANGE, (terms["every"] < 1) | (terms["every"] > 366)),
        (
            Stop.FIRST_DUE_NOT_AFTER_DISBURSAL,
            (first_due_on != NO_DAY) & (first_due_on <= terms["disbursed_on"]),
        ),
        (Stop.GRACE_OUT_OF_RANGE, terms["grace_principal"] >= terms["installments"]),
        (Stop.GRACE_OUT_OF_RANGE, (terms["grace_principal"] < 0) | (terms["grace_interest"] < 0)),
        (Stop.GRACE_OUT_OF_RANGE, terms["grace_interest"] > terms["grace_principal"]),
        (Stop.CODE_UNKNOWN, np.any([terms[field] < 0 for field in CODED], axis=0)),
        (Stop.STEPS_OUT_OF_RANGE, _bad_steps(terms, lists, smallest)),
        (Stop.CUSTOM_OUT_OF_RANGE, _bad_custom(terms, lists, smallest)),
        (Stop.TERMS_OUT_OF_RANGE, _out_of_range(terms, smallest, is_new) | _bad_fees(terms, lists)),
    ]
    return first_reasons(faults, len(terms))


def _bad_steps(terms: Records, lists: Lists, smallest: NDArray[np.int64]) -> Flags:
    """Steps that are not there though the amortisation asks for them, or the reverse; a step that cannot be."""
    bad: Flags = (terms["step_count"] > 0) != (terms["amortisation"] == Amortisation.STEP)
    if not len(lists.steps):
        return bad
    steps, of = lists.steps, lists.steps_of
    number, amount, change = steps["from_number"], steps["installment_amount"], steps["change"]
    has_amount, has_change = amount != ABSENT, change != ABSENT
    wrong = has_amount == has_change
    wrong |= (number < 2) | (number <= terms["grace_principal"][of] + 1) | (number > terms["installments"][of])
    wrong |= has_amount & ((amount <= 0) | (amount > AMOUNT_MAX) | (amount % smallest[of] != 0))
    wrong |= has_change & ((change <= -MILLIONTHS) | (change > RATE_MAX))
    wrong[1:] |= (np.diff(number) <= 0) & (np.diff(of) == 0)
    bad[of[wrong]] = True
    return bad


def _bad_custom(terms: Records, lists: Lists, smallest: NDArray[np.int64]) -> Flags:
    """As _bad_steps, of the rows of custom schedules."""
    is_custom = terms["amortisation"] == Amortisation.CUSTOM
    bad: Flags = (terms["custom_count"] > 0) != is_custom
    if not len(lists.custom):
        return bad
    rows, of = lists.custom, lists.custom_of
    due_on, principal = rows["due_on"], rows["principal"]
    starts = np.r_[True, np.diff(of) != 0]
    before = np.where(starts, terms["disbursed_on"][of], np.r_[NO_DAY, due_on[:-1]])
    wrong = (due_on == NO_DAY) | (due_on <= before)
    wrong |= (principal < 0) | (principal > AMOUNT_MAX) | (principal % smallest[of] != 0)
    given = terms["first_due_on"][of]
    wrong |= starts & (given != NO_DAY) & (given != due_on)
    bad[of[wrong]] = True
    planned = np.zeros(len(terms), np.float64)
    np.add.at(planned, of, principal)
    bad |= is_custom & ((terms["custom_count"] != terms["installments"]) | (terms["grace_principal"] > 0))
    # a sum of hundredths below 2^53 is exact in float64, and a larger one is no principal
    return bad | (is_custom & ((planned != terms["principal"]) | (planned == 0)))


def _bad_fees(terms: Records, lists: Lists) -> Flags:
    """Fees that are no part of a principal, or are due nobody knows when."""
    bad, fees = np.zeros(len(terms), np.bool_), lists.fees
    shares = [(fees[name] < 0) | (fees[name] > MILLIONTHS) for name in ("rate", "gst_rate")]
    bad[lists.fees_of[np.any([*shares, fees["is_each"] < 0], axis=0)]] = True
    return bad


def _out_of_range(terms: Records, smallest: NDArray[np.int64], is_new: Flags) -> Flags:
    """Terms whose lesser fields no document may have."""
    wrong = np.zeros(len(terms), np.bool_)
    for unit in ("interest_unit", "installment_unit"):
        wrong |= (terms[unit] <= 0) | (terms[unit] % smallest != 0) | (terms[unit] > UNIT_MAX)
    wrong |= (terms["balloon"] < 0) | ((terms["balloon"] >= terms["principal"]) & ~is_new)
    has_amount, kind = terms["installment_amount"] != ABSENT, terms["amortisation"]
    wrong |= has_amount & ((terms["installment_amount"] <= 0) | ~np.isin(kind, PRICED))
    wrong |= (terms["balloon"] > 0) & ~np.isin(kind, (*PRICED, Amortisation.EQUAL_PRINCIPAL))
    wrong |= (terms["method"] != CODES["interest_method"]["reducing"]) & (terms["interest_basis"] == DAILY)
    for name in ("penal_rate", "penal_grace_days", "penal_flat", "fee_each", "fee_disbursal", "tolerance"):
        wrong |= (terms[name] < 0) | (terms[name] > AMOUNT_MAX)
    for name in ("foreclosure_rate", "foreclosure_gst"):
        wrong |= (terms[name] < 0) | (terms[name] > MILLIONTHS)
    return wrong | (terms["penal_rate"] > RATE_MAX) | (terms["foreclosure_free_after"] < 0)


def event_faults(events: Records, disbursed_on: NDArray[np.int64]) -> Faults:
    """Events that no document may have. disbursed_on: of each event's loan."""
    kind, amount, rate, option = events["kind"], events["amount"], events["rate"], events["option"]
    no_money = (Kind.RATE_CHANGE, Kind.MORATORIUM, Kind.RESTRUCTURE, Kind.TAKEOVER)
    has_money = ~np.isin(kind, no_money) & ((kind != Kind.WRITE_OFF) | (amount != ABSENT))
    wrong = has_money & ((amount <= 0) | (amount > AMOUNT_MAX))
    wrong |= (kind == Kind.RATE_CHANGE) & ((rate < 0) | (rate > RATE_MAX))
    wrong |= (kind == Kind.CHARGE) & ((rate < 0) | (rate > MILLIONTHS))
    is_pause = kind == Kind.MORATORIUM
    wrong |= is_pause & ((events["number"] < 1) | (events["count"] < 1) | (events["count"] > INSTALLMENTS_MAX))
    wrong |= (kind == Kind.WAIVER) & (option == Component.PRINCIPAL)
    wrong |= np.isin(kind, [KINDS[name] for name in OPTIONS]) & (option < 0)
    return [
        (Stop.EVENT_UNKNOWN, kind < 0),
        (Stop.EVENT_BEFORE_DISBURSAL, events["on"] < disbursed_on),
        (Stop.EVENT_OUT_OF_RANGE, wrong),
    ]


def takeover_faults(takeovers: Records, principal: NDArray[np.int64], on: NDArray[np.int64]) -> Flags:
    """Takeovers that no document may have."""
    counted = takeovers["interest_overdue"] + takeovers["fee_due"]
    wrong: Flags = (principal < 0) | (principal > AMOUNT_MAX)
    for name in ("interest_overdue", "fee_due", "penal_due"):
        wrong |= (takeovers[name] < 0) | (takeovers[name] > AMOUNT_MAX)
    wrong |= (principal == 0) & (counted + takeovers["penal_due"] == 0)
    wrong |= (counted > 0) != (takeovers["oldest_due_on"] != NO_DAY)
    return wrong | (takeovers["oldest_due_on"] > on) | (takeovers["npa_since"] > on)
