"""The asset class of a loan from its days past due.

Belongs here: SMA and NPA classes (AC-03, AC-05). Does not: the memory of NPA (delinquency.py), classes of a borrower.
"""

from __future__ import annotations

from transforms.kernels.state import Norms


def asset_class(dpd: int, is_npa: bool, norms: Norms) -> str:
    """STANDARD, SMA-0, SMA-1, SMA-2 or NPA.

    dpd counts principal, interest and fees; charges alone stop at SMA-2 (AC-05), so NPA comes from its own memory.
    Source: RBI clarification of 12 Nov 2021 (SMA-1 after 30 days, SMA-2 after 60, NPA after 90).
    """
    if is_npa:
        return "NPA"
    if dpd == 0:
        return "STANDARD"
    if dpd <= norms.sma1_after_days:
        return "SMA-0"
    return "SMA-1" if dpd <= norms.sma2_after_days else "SMA-2"
