"""Every scenario of the rule book, by the compiled engine and by the reference.

Belongs here: reading Markdown tables and comparing cells. Does not: rules (README.md says what the headings mean).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.transforms.kernels import reference_loan
from transforms.kernels import replay as compiled
from transforms.kernels.document import loan_from
from transforms.kernels.loan import Loan, LoanRefused

HERE = Path(__file__).parent
WHOLE = {"installments", "n", "from", "number"} | {f"{name}_installments" for name in ("principal", "interest")}
WHOLE |= {"free_after_installments", "grace_days"}
IRREGULAR = {"moratoria": "moratorium", "recoveries": "recovery"}
ASKED = {"as_of", "known_at"}  # what a row asks, not what it expects
Row = dict[str, str]
Section = tuple[str, list[Row]]


def sections(text: str) -> Iterator[Section]:
    """(heading, rows of its table) of each second-level heading."""
    for part in text.split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        lines = [line for line in body.splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        yield heading.strip(), [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def built(row: Row) -> dict[str, Any]:
    """Cells as a document has them; a.b is b inside a."""
    out: dict[str, Any] = {}
    for path, cell in row.items():
        *outer, name = path.split(".")
        inside = out
        for one in outer:
            inside = inside.setdefault(one, {})
        if cell:
            inside[name] = int(cell) if name in WHOLE else cell.split(", ") if name == "order" else cell
    return out


def read(path: Path) -> tuple[Loan, list[Section]]:
    """The loan of a scenario, and what it expects."""
    terms: dict[str, Any] = {}
    events: list[dict[str, Any]] = []
    expected: list[Section] = []
    for heading, rows in sections(path.read_text(encoding="utf-8")):
        kind, _, what = heading.partition(" ")
        if kind == "Given" and what == "terms":
            terms |= built({row["field"]: row["value"] for row in rows})
        elif kind == "Given":
            terms[what] = [built(row) for row in rows]
        elif kind == "When":
            name = IRREGULAR.get(what, what.removesuffix("s")).replace(" ", "_")
            events += [{"id": f"{name} {n}", "type": name} | built(row) for n, row in enumerate(rows, 1)]
        else:
            expected.append((what, rows))
    return loan_from({"loan_id": path.stem, "terms": terms, "events": events}), expected


def found(loan: Loan, what: str, rows: list[Row], engine: ModuleType) -> list[Any]:
    """What the engine says for each row of an expectation."""
    by_number: Callable[[Any], list[Any]] = lambda all: [  # noqa: E731
        next(one for one in all if one.number == int(row["number"])) for row in rows
    ]
    day = re.search(r"\d{4}-\d\d-\d\d", what)
    if day:
        state = engine.replay(loan, date.fromisoformat(day[0]))
        return list(state.allocations) if what.startswith("settled") else by_number(state.installments)
    if what == "in the schedule":
        return by_number(engine.schedule_of(loan).installments)
    if what == "to pay off":
        return [engine.payoff(loan, date.fromisoformat(row["on"])) for row in rows]
    known = [datetime.fromisoformat(row["known_at"]) if "known_at" in row else None for row in rows]
    days = [date.fromisoformat(row["as_of"]) for row in rows]
    return [answer(lambda on=on, at=at: engine.replay(loan, on, at)) for on, at in zip(days, known, strict=True)]


def answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except LoanRefused as refused:
        return refused


def shown(value: Any, cell: str) -> str:
    """A found value as its cell would say it."""
    if isinstance(value, Decimal):
        return cell if Decimal(cell) == value else str(value)
    return "-" if value is None else ", ".join(value) or "-" if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("engine", [compiled, reference_loan], ids=["compiled", "reference"])
@pytest.mark.parametrize("path", sorted(HERE.glob("*/*.md")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_scenario(path: Path, engine: ModuleType) -> None:
    loan, expected = read(path)
    assert expected
    for what, rows in expected:
        values = found(loan, what, rows, engine)
        seen = [
            {name: cell if name in ASKED else shown(getattr(value, name), cell) for name, cell in row.items()}
            for value, row in zip(values, rows, strict=True)
        ]
        assert seen == rows, what


def test_every_scenario_says_its_rule_and_source() -> None:
    for path in HERE.glob("*/*.md"):
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
        assert title.startswith("# "), path
        assert "\nSource: " in text, path
