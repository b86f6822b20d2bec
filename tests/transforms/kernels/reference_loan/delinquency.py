"""Days past due and the asset class of one loan at a day-end.

Belongs here: rule 11. Does not: what is unpaid (ledger.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Norms:
    """Classes begin the day after so many days past due. Source: AC-03."""

    sma_0_after_days: int = 0
    sma_1_after_days: int = 30
    sma_2_after_days: int = 60
    npa_after_days: int = 90


RBI = Norms()


def days_past_due(oldest_due_on: date | None, as_of: date) -> int:
    """The due date itself is day 1 when the due stays unpaid (AC-02)."""
    return (as_of - oldest_due_on).days + 1 if oldest_due_on else 0


def npa_since(before: date | None, oldest_pi_due_on: date | None, as_of: date, norms: Norms) -> date | None:
    """First day-end of the present NPA spell; it lasts until all principal and interest arrears are paid (AC-06)."""
    if oldest_pi_due_on is None:
        return None
    if before is None and days_past_due(oldest_pi_due_on, as_of) > norms.npa_after_days:
        return as_of
    return before


def asset_class(dpd: int, is_npa: bool, norms: Norms) -> str:
    """Charges alone stop at SMA-2 (AC-05)."""
    if is_npa:
        return "NPA"
    if dpd > norms.sma_2_after_days:
        return "SMA-2"
    if dpd > norms.sma_1_after_days:
        return "SMA-1"
    return "SMA-0" if dpd > norms.sma_0_after_days else "STANDARD"
