"""Norms of law and policy, read from transforms/seeds into the values that kernels take.

Belongs here: reading a seed. Does not: what follows from a norm (kernels), nor data of loans.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from transforms.kernels.prepayment_rules import PrepaymentRule

SEEDS = Path(__file__).parent / "seeds"


@cache
def prepayment_rules() -> tuple[PrepaymentRule, ...]:
    """The rules on prepayment charges (PP-01, PP-02), in the order of the seed."""
    with (SEEDS / "prepayment_charges.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_prepayment_rule(row) for row in csv.DictReader(file))


def _prepayment_rule(row: dict[str, str]) -> PrepaymentRule:
    return PrepaymentRule(
        rule_id=row["rule_id"],
        valid_from=date.fromisoformat(row["valid_from"]),
        rate_types=_values(row["rate_type"]),
        borrowers=_values(row["borrower"]),
        purposes=_values(row["purpose"]),
        lender_layers=_values(row["lender_layer"]),
        sanctioned_max=Decimal(row["sanctioned_max"]) if row["sanctioned_max"] else None,
        is_allowed=row["is_allowed"] == "true",
        reason=row["reason"],
        source=row["source"],
    )


def _values(cell: str) -> frozenset[str]:
    """The values of a cell, parted by |; an empty cell has none and matches everything."""
    return frozenset(cell.split("|")) if cell else frozenset()
