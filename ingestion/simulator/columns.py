"""The columns of a bucket's tables: which figure stands where.

Belongs here: names of the contracts' columns, identifiers, and what a file says about a loan. Does not: how a figure is
drawn (originations.py, behaviour.py, cashflows.py) or how a file is written (tables.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingestion.simulator import originations, policy, recovery
from ingestion.simulator.bucket import Made
from ingestion.simulator.calendar import Window, financial_year
from ingestion.simulator.originations import NOT_TAKEN, REFERRED, Applications
from ingestion.simulator.places import ENTITY, places
from ingestion.simulator.products import PENAL_PPM, PRODUCTS, SCHEMES
from ingestion.simulator.tables import Columns, at, constant, money, on, rate
from ingestion.simulator.tables import count as whole
from ingestion.simulator.text import (
    aadhaars,
    account_numbers,
    as_arrow,
    coded,
    digits,
    joined,
    mobiles,
    pans,
    scattered,
)
from warehouse.contracts import codes

Ints = NDArray[np.int64]
_NUMBERS = 1 << 16  # identifiers set aside for each bucket
_RATE = np.array([s.rate_ppm for s in SCHEMES])
_DAYS = np.array([s.days for s in SCHEMES])
_COLLATERAL = np.array([codes.COLLATERAL_TYPE.index(p.collateral) if p.collateral else -1 for p in PRODUCTS])


def tables(made: Made, bucket: int, seed: int) -> Iterator[tuple[str, Columns]]:
    """The bucket's tables by name, in the order in which they refer to each other."""
    yield "branches", made.applications.branches.table()
    yield "customers", _customers(made.applications, bucket, seed)
    yield "applications", _applications(made.applications, bucket)
    yield "bureau_pulls", _bureau_pulls(made.applications, bucket)
    yield "loans", _loans(made, bucket)
    yield "events", _events(made, bucket, seed)
    yield "collateral", _collateral(made, bucket)
    yield "recovery_actions", _recovery_actions(made, bucket)


def _numbered(letter: str, bucket: int, count: int) -> pa.Array:
    """Identifiers of a bucket: a letter, the bucket, a number."""
    return as_arrow(joined(f"{letter}{bucket:04d}", digits(np.arange(1, count + 1), 7), rows=count))


def _owned(applications: Applications, rows: Ints) -> Columns:
    return {
        "branch_id": coded(applications.branch[rows], as_arrow(applications.branches.ids)),
        "entity_id": constant(ENTITY, len(rows)),
        "product_code": coded(applications.product[rows], tuple(p.code for p in PRODUCTS)),
        "currency": constant("INR", len(rows)),
    }


def _lived(applications: Applications, rows: Ints) -> Columns:
    known, place = places(), applications.place[rows]
    return {
        "state_code": coded(known.state[place], known.state_codes),
        "postal_code": coded(place, as_arrow(known.pincodes)),
    }


def _customers(applications: Applications, bucket: int, seed: int) -> Columns:
    # the first application of each customer tells who they are
    _, rows = np.unique(applications.customer, return_index=True)
    numbers = bucket * _NUMBERS + np.arange(len(rows))
    owned = _owned(applications, rows)
    key = 7_919 * (seed + 1)
    return {
        "customer_id": _numbered("C", bucket, len(rows)),
        **{name: owned[name] for name in ("branch_id", "entity_id", "currency")},
        "birth_on": on(applications.birth_on[rows]),
        "gender_code": coded(applications.gender[rows], codes.GENDER),
        "occupation_code": coded(applications.occupation[rows], codes.OCCUPATION),
        "monthly_income": money(applications.income[rows] * 100),
        **_lived(applications, rows),
        "pan": as_arrow(pans(numbers, key)),
        "aadhaar": as_arrow(aadhaars(numbers, key)),
        "mobile": as_arrow(mobiles(numbers, key)),
        "account_number": as_arrow(account_numbers(numbers, key)),
    }


def _customer_ids(applications: Applications, bucket: int, rows: Ints) -> pa.Array:
    return as_arrow(joined(f"C{bucket:04d}", digits(applications.customer[rows] + 1, 7), rows=len(rows)))


def _applications(applications: Applications, bucket: int) -> Columns:
    count = len(applications)
    status, rows = applications.status, np.arange(count)
    decision = np.array([0, 0, 1, 2, 3])[status]  # in the order of codes.DECISION
    approved = status <= NOT_TAKEN
    return {
        "application_id": _numbered("A", bucket, count),
        "customer_id": _customer_ids(applications, bucket, rows),
        **_owned(applications, rows),
        "scheme_code": coded(applications.scheme, tuple(s.code for s in SCHEMES)),
        "channel_code": coded(applications.channel, codes.CHANNEL),
        "applied_on": on(applications.applied_on),
        "decided_on": on(applications.decided_on, status >= REFERRED),
        "decision_code": coded(decision, codes.DECISION),
        "rejection_reason": policy.words(applications),
        "amount_requested": money(applications.amount * 100),
        "amount_sanctioned": money(applications.amount * 100, ~approved),
        "tenure_months": whole(applications.tenure),
        **_lived(applications, rows),
    }


def _bureau_pulls(applications: Applications, bucket: int) -> Columns:
    count = len(applications)
    rows = np.arange(count)
    score, is_known = applications.score, applications.score >= 0
    # what the bureau knows goes with the score: spread by the row's number, so that no draw is spent on it
    spread = scattered(rows + bucket * _NUMBERS, 1000, 17)
    trouble = np.clip((700 - score) // 25, 0, 8) * is_known
    return {
        "pull_id": _numbered("P", bucket, count),
        "application_id": _numbered("A", bucket, count),
        "customer_id": _customer_ids(applications, bucket, rows),
        "bureau_code": coded(spread % 4, codes.BUREAU),
        "pulled_on": on(applications.applied_on),
        "credit_score": whole(score),
        "accounts_active": whole(np.where(is_known, 1 + spread % 7, 0)),
        "enquiries_6_months": whole(spread % 4 + trouble // 2),
        "dpd_max_12_months": whole(np.where(spread % 10 < trouble, trouble * 9 + spread % 9, 0)),
    }


def _loans(made: Made, bucket: int) -> Columns:
    applications, rows = made.applications, made.rows
    scheme = applications.scheme[rows]
    disbursed_on, days = applications.disbursed_on[rows], _DAYS[scheme]
    month = disbursed_on.astype("datetime64[D]").astype("datetime64[M]")
    day = disbursed_on - month.astype("datetime64[D]").astype(np.int64)
    next_month = (month + 1).astype("datetime64[D]").astype(np.int64) + day
    return {
        "loan_id": as_arrow(made.ids),
        "application_id": as_arrow(joined(f"A{bucket:04d}", digits(rows + 1, 7), rows=len(rows))),
        "customer_id": _customer_ids(applications, bucket, rows),
        **_owned(applications, rows),
        "scheme_code": coded(scheme, tuple(s.code for s in SCHEMES)),
        "principal": money(applications.amount[rows] * 100),
        "disbursed_on": on(disbursed_on),
        "annual_rate": rate(_RATE[scheme]),
        "installments": whole(originations.installments(scheme, applications.tenure[rows])),
        "first_due_on": on(np.where(days > 0, disbursed_on + days, next_month)),
        "repay_unit_code": coded((days > 0).astype(np.int64), ("month", "week")),
        "repay_every": whole(np.array([s.every for s in SCHEMES])[scheme]),
        "interest_method_code": constant("reducing", len(rows)),
    }


def _events(made: Made, bucket: int, seed: int) -> Columns:
    events = made.events
    count = len(events["loan"])
    rows = np.arange(count)
    ids = joined(f"E{bucket:04d}", digits(rows + 1, 8), rows=count)
    # minutes of the Indian day, five and a half hours ahead of UTC
    instant = (events["value_on"] * 1440 + events["minute"] - 330) * 60_000_000
    is_bank = events["channel"] >= 0
    reverses = events["reverses"]
    references = digits(scattered(rows, 10**12, 104_729 * (seed + 1) + bucket), 12)
    # a whole column of text costs more than the few rows that have one
    found = np.flatnonzero(reverses >= 0)
    named = np.zeros(count, np.int64)
    named[found] = np.arange(len(found))
    return {
        "event_id": as_arrow(ids),
        "loan_id": coded(events["loan"], as_arrow(made.ids)),
        "event_type_code": coded(events["type"], codes.EVENT_TYPE),
        "value_on": on(events["value_on"]),
        "booked_at": at(instant),
        "amount": money(events["amount"]),
        "currency": constant("INR", count),
        "payment_channel_code": coded(np.maximum(events["channel"], 0), codes.PAYMENT_CHANNEL, ~is_bank),
        "payment_reference": as_arrow(references),
        "reverses_event_id": coded(named, as_arrow(ids[reverses[found]]), reverses < 0),
    }


def _collateral(made: Made, bucket: int) -> Columns:
    applications = made.applications
    kind = _COLLATERAL[applications.product[made.rows]]
    # a business loan is secured when it is large
    is_pledged = (kind >= 0) & ((applications.value[made.rows] > 0) | (applications.amount[made.rows] >= 500_000))
    chosen = np.flatnonzero(is_pledged)
    rows = made.rows[chosen]
    value = np.where(applications.value[rows] > 0, applications.value[rows], applications.amount[rows] * 5 // 4)
    return {
        "collateral_id": _numbered("K", bucket, len(rows)),
        "loan_id": as_arrow(made.ids[chosen]),
        "collateral_type_code": coded(kind[chosen], codes.COLLATERAL_TYPE),
        "valued_on": on(applications.decided_on[rows]),
        "collateral_value": money(value * 100),
        "currency": constant("INR", len(rows)),
    }


def _recovery_actions(made: Made, bucket: int) -> Columns:
    actions = made.actions
    count = len(actions["loan"])
    return {
        "action_id": _numbered("R", bucket, count),
        "loan_id": coded(actions["loan"], as_arrow(made.ids)),
        "action_on": on(actions["action_on"]),
        "action_type_code": coded(actions["type"], codes.RECOVERY_ACTION),
        "action_cost": money(recovery.COSTS[actions["type"]]),
        "action_outcome_code": coded(actions["outcome"], codes.RECOVERY_OUTCOME),
        "amount_recovered": money(actions["amount"]),
        "currency": constant("INR", count),
    }


def schemes(window: Window) -> Columns:
    """The schemes, one file for the whole portfolio."""
    count = len(SCHEMES)
    by = {
        name: np.array([getattr(s, name) for s in SCHEMES]) for name in ("amount_min", "amount_max", "fee_ppm", "every")
    }
    return {
        "scheme_code": pa.array([s.code for s in SCHEMES], pa.string()),
        "product_code": pa.array([s.product for s in SCHEMES], pa.string()),
        "scheme_name": pa.array([s.name for s in SCHEMES], pa.string()),
        "annual_rate": rate(_RATE),
        "amount_min": money(by["amount_min"] * 100),
        "amount_max": money(by["amount_max"] * 100),
        "processing_fee_rate": rate(by["fee_ppm"]),
        "penal_rate": rate(np.full(count, PENAL_PPM)),
        "repay_unit_code": pa.array([s.unit for s in SCHEMES], pa.string()),
        "repay_every": whole(by["every"]),
        "currency": constant("INR", count),
        "valid_from": on(np.full(count, int(window.starts[0]) - 365)),
    }


def invoices(rng: np.random.Generator, made: Made, bucket: int, window: Window) -> Columns:
    """Supplier invoices offered for financing: one for every twenty loans, due within 45 days (SC-03)."""
    count = max(1, len(made.rows) // 20)
    low = int(window.starts[0])
    invoiced_on = low + (rng.random(count) * (window.as_of - low)).astype(np.int64)
    branch = rng.integers(0, len(made.applications.branches), count)
    supplier = rng.integers(0, max(2, count // 8), count)
    year = financial_year(invoiced_on) % 100
    return {
        "invoice_id": _numbered("I", bucket, count),
        "supplier_id": as_arrow(joined(f"S{bucket:04d}", digits(supplier, 5), rows=count)),
        "buyer_id": as_arrow(joined("B", digits(rng.integers(1, 41, count), 4), rows=count)),
        "branch_id": coded(branch, as_arrow(made.applications.branches.ids)),
        "entity_id": constant(ENTITY, count),
        "product_code": constant("SCF", count),
        "currency": constant("INR", count),
        "invoice_number": as_arrow(
            joined("INV/", digits(year, 2), "/", digits(np.arange(1, count + 1), 6), rows=count)
        ),
        "invoiced_on": on(invoiced_on),
        "due_on": on(invoiced_on + rng.integers(15, 46, count)),
        "amount_face": money(np.exp(rng.normal(12.0, 1.0, count)).astype(np.int64).clip(5_000) * 100),
    }
