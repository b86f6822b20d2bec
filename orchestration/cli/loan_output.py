"""The figures of a loan as commands print them: the interface's JSON, and tables for people.

Belongs here: names and order of the members printed (INTERFACES.md, section 2, Outputs), tables of any figures. Does
not: the figures; members of key facts and statements (transforms/documents/as_json.py).
Money has the currency's decimals; members that the interface does not have come after those it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, Inexact
from typing import Any

from orchestration.cli.output import print_table
from transforms.kernels.document_fields import DECIMAL, places_of
from transforms.kernels.figures import LoanState, Payoff, Schedule

ROW = ("number", "due_on", "principal", "interest", "fee", "total", "balance")
PAID = ("principal_paid", "interest_paid", "fee_paid", "penal_paid", "paid_on")
MORE = ("penal", "interest_waived", "fee_waived", "penal_waived")
TOTALS = ("principal", "interest", "fee", "total")
STATE = (
    *("loan_id", "as_of", "status", "principal_outstanding", "interest_accrued", "principal_overdue"),
    *("interest_overdue", "fee_due", "penal_due", "total_overdue", "excess", "oldest_due_on", "dpd", "dpd_pi"),
    *("asset_class", "npa_since", "reversed"),
)
ALLOCATION = ("event_id", "on", "installment", "penal", "fee", "interest", "principal", "excess")
PAYOFF = (*("loan_id", "on", "principal", "interest", "fee", "penal", "foreclosure_charge", "gst", "excess", "total"),)
EXACT = Context(prec=40, traps=[Inexact])


def money(amount: Decimal, currency: str) -> Decimal:
    """The amount with the currency's decimals; never rounded."""
    return amount.quantize(Decimal(1).scaleb(-places_of(currency)), context=EXACT)


def picked(figures: object, names: Iterable[str], currency: str) -> dict[str, Any]:
    """Some fields of a frozen value, in this order, money with its decimals."""
    found = ((name, getattr(figures, name)) for name in names)
    return {name: money(value, currency) if isinstance(value, Decimal) else value for name, value in found}


def schedule_figures(schedule: Schedule, currency: str) -> dict[str, Any]:
    """What `loan schedule` prints."""
    rows = schedule.installments
    return {
        **picked(schedule, ("loan_id", "installment_amount"), currency),
        "installments": [picked(row, ROW, currency) for row in rows],
        "totals": {name: money(sum((getattr(row, name) for row in rows), Decimal(0)), currency) for name in TOTALS},
        **picked(schedule, ("upfront_interest",), currency),
    }


def state_figures(state: LoanState, currency: str) -> dict[str, Any]:
    """What `loan replay` prints."""
    return {
        **picked(state, STATE, currency),
        "installments": [picked(row, (*ROW, *PAID, *MORE), currency) for row in state.installments],
        "allocations": [picked(one, ALLOCATION, currency) for one in state.allocations],
    }


def payoff_figures(payoff: Payoff, currency: str) -> dict[str, Any]:
    """What `loan payoff` prints."""
    return picked(payoff, PAYOFF, currency)


def print_figures(loans: Sequence[dict[str, Any]]) -> None:
    """Figures of loans as tables: single figures one below the other, then each list of records under its name."""
    for place, figures in enumerate(loans):
        if place:
            print()
        print_table(("figure", "value"), _single(figures))
        for name, records in figures.items():
            if isinstance(records, list) and records:
                _print_records(name, records, figures.get("totals", {}) if name == "installments" else {})


def _single(figures: dict[str, Any]) -> list[tuple[str, Any]]:
    """Figures that stand alone; those of a group carry its name. Totals go below their table."""
    found: list[tuple[str, Any]] = []
    for name, value in figures.items():
        if isinstance(value, dict) and name != "totals":
            found += [(f"{name}.{inner}", one) for inner, one in value.items()]
        elif not isinstance(value, dict | list):
            found.append((name, ", ".join(value) if isinstance(value, tuple) else value))
    return found


def _print_records(name: str, records: Sequence[dict[str, Any]], totals: dict[str, Any]) -> None:
    """A table with a title, and a last line of totals where there are some."""
    columns = list(records[0])
    rows = [[_cell(record[column]) for column in columns] for record in records]
    if totals:
        rows.append([None, "total", *(totals.get(column) for column in columns[2:])])
    print()
    print_table(columns, rows, title=name)


def _cell(value: Any) -> Any:
    """Decimals in texts are numbers to people, and stand to the right."""
    return Decimal(value) if isinstance(value, str) and DECIMAL.fullmatch(value) else value
