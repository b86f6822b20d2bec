"""Key facts and statements as JSON values: money and rates as strings, days ISO 8601.

Belongs here: names and order of members (INTERFACES.md, section 2). Does not: figures. Members that the interface does
not name come after those it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from transforms.kernels.kfs import KeyFacts
from transforms.kernels.money import HUNDREDTHS, SMALLEST
from transforms.kernels.statement import Statement

Json = dict[str, Any]
ROW = ("number", "due_on", "principal", "interest", "fee", "total", "balance")
RATES = frozenset({"apr", "annual_rate"})


def key_facts_json(facts: KeyFacts, currency: str) -> Json:
    """What `loan kfs` prints."""
    money = ("loan_amount", "net_disbursed", "installment_amount")
    totals = ("installments", "total_interest", "total_fees", "total_payable", "apr")
    return {
        **_picked(facts, (*money, *totals), currency),
        "schedule": [_picked(row, ROW, currency) for row in facts.schedule],
        "fees": [_picked(fee, ("name", "to", "when", "amount", "gst", "times"), currency) for fee in facts.fees],
    }


def statement_json(found: Statement) -> Json:
    """What `loan statement` prints."""
    currency = found.currency
    header = (
        "loan_id",
        "currency",
        "from_on",
        "to_on",
        "sanctioned",
        "disbursed_on",
        "matures_on",
        "annual_rate",
        "apr",
    )
    now = ("status", "dpd", "asset_class", "opening_balance", "debits", "credits", "closing_balance")
    line = ("on", "narration", "head", "debit", "credit", "balance", "kind", "detail")
    due = ("on", "number", "principal", "interest", "fee", "total", "from_excess")
    heads = ("principal", "interest", "fee", "penal", "excess")
    return {
        **_picked(found, (*header, *now), currency),
        "closing": _picked(found.closing, heads, currency),
        **_picked(found, ("interest_accrued", "installments_left"), currency),
        "next_due": None if found.next_due is None else _picked(found.next_due, due, currency),
        "lines": [_picked(one, line, currency) for one in found.lines],
        "summary": [_picked(one, ("head", "due", "paid", "waived", "overdue"), currency) for one in found.summary],
        "charges": [_picked(one, ("on", "name", "kind", "amount", "gst", "total"), currency) for one in found.charges],
    }


def _picked(found: object, names: Iterable[str], currency: str) -> Json:
    """Some fields of a frozen value, in this order."""
    return {name: _value(name, getattr(found, name), currency) for name in names}


def _value(name: str, value: Any, currency: str) -> Any:
    if isinstance(value, Decimal):
        if name in RATES:
            return format(value, "f")
        # money is a whole multiple of the smallest amount already: this only sets how many decimals are written
        places = 0 if SMALLEST[currency] == HUNDREDTHS else 2
        return f"{value:.{places}f}"
    return value.isoformat() if isinstance(value, date) else value
