"""Published cases as loan documents: every figure a case states, by the compiled engine and by the reference.

Belongs here: reading the cases and comparing. Does not: figures of our own (a golden comes from outside).
A case holds the document that expresses it, how its settings were turned into ours, and what it expects:
`schedule` (rows), `states` (a day, fields, rows by number, what named events settled together), `payoff`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.transforms.kernels import reference_loan
from transforms.kernels import replay as compiled
from transforms.kernels.document import loan_from
from transforms.kernels.loan import Loan

HERE = Path(__file__).parent
FILES = ("fineract_cases.json", "frappe_cases.json", "domain_cases.json")
CASES = [case for name in FILES for case in json.loads((HERE / name).read_text(encoding="utf-8"))["cases"]]
Json = dict[str, Any]
Figure = tuple[str, Any, Any]


def _said(case: Json, engine: ModuleType) -> Iterator[Figure]:
    """(where, stated, found) of everything a case states."""
    loan, expected = loan_from(case["document"]), case["expected"]
    found = engine.schedule_of(loan)
    yield from _rows("schedule", expected.get("schedule", []), found.installments)
    for name in ("installment_amount", "upfront_interest"):
        if name in expected:
            yield name, expected[name], getattr(found, name)
    if "row_count" in expected:
        yield "rows", expected["row_count"], len(found.installments)
    for name, total in expected.get("totals", {}).items():
        yield f"total {name}", total, sum(getattr(row, name) for row in found.installments)
    for state in expected.get("states", []):
        yield from _state(loan, state, engine)
    if payoff := expected.get("payoff"):
        closing = engine.payoff(loan, date.fromisoformat(payoff["on"]))
        yield from ((f"payoff {name}", said, getattr(closing, name)) for name, said in payoff.items() if name != "on")


def _state(loan: Loan, said: Json, engine: ModuleType) -> Iterator[Figure]:
    known_at = said.get("known_at")
    state = engine.replay(loan, date.fromisoformat(said["as_of"]), known_at and datetime.fromisoformat(known_at))
    yield from _rows(said["as_of"], said.get("installments", []), state.installments)
    for name in said.keys() - {"as_of", "known_at", "installments", "settled"}:
        yield f"{said['as_of']} {name}", said[name], getattr(state, name)
    for settled in said.get("settled", []):
        parts = [one for one in state.allocations if one.event_id in settled["events"]]
        for name in ("principal", "interest", "fee", "penal"):
            yield f"{settled['events']} {name}", settled.get(name, "0.00"), sum(getattr(one, name) for one in parts)


def _rows(where: str, said: list[Json], found: tuple[Any, ...]) -> Iterator[Figure]:
    by_number = {row.number: row for row in found}
    for row in said:
        number = row["number"]
        yield from ((f"{where} row {number} {name}", row[name], getattr(by_number[number], name)) for name in row)


def _agree(stated: Any, found: Any, tolerance: Decimal) -> bool:
    if isinstance(found, Decimal | int) and isinstance(stated, str):
        return abs(Decimal(stated) - found) <= tolerance
    if isinstance(found, date):
        return found.isoformat() == stated
    return bool((list(found) if isinstance(found, tuple) else found) == stated)


@pytest.mark.parametrize("engine", [compiled, reference_loan], ids=["compiled", "reference"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: Json, engine: ModuleType) -> None:
    tolerance = Decimal(case["tolerance"])
    differences = [figure for figure in _said(case, engine) if not _agree(figure[1], figure[2], tolerance)]
    assert differences == []


def test_every_case_states_figures_and_its_source() -> None:
    for case in CASES:
        assert case["expected"], case["id"]
        assert case["source"], case["id"]
        assert case["settings"], case["id"]
