"""Events and recovery actions as they are made, in columns, and in the order of the file at the end.

Belongs here: collecting and sorting. Does not: deciding what happens (cashflows.py, recovery.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from warehouse.contracts import codes

Ints = NDArray[np.int64]

NACH, UPI, CASH, CHEQUE, NEFT = (codes.PAYMENT_CHANNEL.index(c) for c in ("NACH", "UPI", "CASH", "CHEQUE", "NEFT"))
NO_CHANNEL = -1
SMS, CALL, FIELD_VISIT, LEGAL_NOTICE, REPOSSESSION, SETTLEMENT = range(len(codes.RECOVERY_ACTION))
NO_CONTACT, PROMISE, PART_PAID, CURED, SETTLED, REFUSED = range(len(codes.RECOVERY_OUTCOME))
_OPENS, _OPEN_MINUTES = 540, 660  # events are booked from 9 to 20 o'clock


def days_between(rng: np.random.Generator, first: Ints, last: Ints) -> Ints:
    """A day from first to last, both included; first when last is before it."""
    return first + (rng.random(len(first)) * np.maximum(last - first + 1, 1)).astype(np.int64)


class Ledger:
    """Rows of one table, added in parts; every part has one value of `kind` and a row for each loan."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, ...]] = []
        self._rows = 0

    def add(
        self, kind: str, loan: Ints, on: Ints, amount: Ints, channel: Ints | int, reverses: Ints | None = None
    ) -> Ints:
        """Events of one kind; returns numbers by which a reversal can name them."""
        count = len(loan)
        code = np.full(count, codes.EVENT_TYPE.index(kind))
        undone = np.full(count, -1) if reverses is None else reverses
        self._parts.append((loan, on, code, amount, np.broadcast_to(channel, count), undone))
        self._rows += count
        return np.arange(self._rows - count, self._rows)

    def events(self, rng: np.random.Generator) -> dict[str, Ints]:
        """All events by loan and day: loan, value_on, type, amount, channel, reverses (a row, or -1), minute."""
        names = ("loan", "value_on", "type", "amount", "channel", "reverses")
        rows = {name: np.concatenate([part[i] for part in self._parts]) for i, name in enumerate(names)}
        order = np.lexsort((rows["value_on"], rows["loan"]))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        rows = {name: column[order] for name, column in rows.items()}
        undone = rows["reverses"] >= 0
        rows["reverses"][undone] = place[rows["reverses"][undone]]
        rows["minute"] = _OPENS + (rng.random(len(order)) * _OPEN_MINUTES).astype(np.int64)
        return rows


class Actions:
    """Recovery actions of a bucket, added in parts."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, ...]] = []

    def add(self, loan: Ints, on: Ints, kind: Ints | int, outcome: Ints | int, amount: Ints | int) -> None:
        """amount: paise received because of the action."""
        count = len(loan)
        rest = (np.broadcast_to(np.asarray(values, np.int64), count) for values in (kind, outcome, amount))
        self._parts.append((loan, on, *rest))

    def rows(self) -> dict[str, Ints]:
        """All actions by loan and day: loan, action_on, type, outcome, amount."""
        names = ("loan", "action_on", "type", "outcome", "amount")
        rows = {name: np.concatenate([part[i] for part in self._parts]) for i, name in enumerate(names)}
        order = np.lexsort((rows["action_on"], rows["loan"]))
        return {name: column[order] for name, column in rows.items()}
