"""What the borrower owes and what was paid: rows fallen due, charges, penal, the waterfall, money held.

Belongs here: settling (rules 4 and 5), penal charges (rule 9), waivers. Does not: how rows come about (course.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeGuard

from tests.transforms.kernels.reference_loan.amounts import ZERO, half_up
from tests.transforms.kernels.reference_loan.dates import A_365TH, DAY
from tests.transforms.kernels.reference_loan.nights import Nights
from transforms.kernels.loan import Penal, Waterfall

COMPONENTS = ("principal", "interest", "fee", "penal")


def nothing() -> dict[str, Fraction]:
    return dict.fromkeys(COMPONENTS, ZERO)


@dataclass
class Row:
    """One installment that fell due, or the charges booked on the next one (has_fallen is False)."""

    number: int
    due_on: date
    principal: Fraction = ZERO
    interest: Fraction = ZERO
    balance: Fraction = ZERO
    has_fallen: bool = True
    fees: list[tuple[date, Fraction]] = field(default_factory=list)
    penal_charges: Fraction = ZERO
    nights: Nights = field(default_factory=Nights)
    is_late: bool = False
    paid: dict[str, Fraction] = field(default_factory=nothing)
    waived: dict[str, Fraction] = field(default_factory=nothing)
    paid_on: date | None = None

    @property
    def fee(self) -> Fraction:
        return sum((amount for _, amount in self.fees), ZERO)

    def penal(self, unit: Fraction) -> Fraction:
        """The running total, rounded once; nights count only once the row is late."""
        return self.penal_charges + (half_up(self.nights.total, unit) if self.is_late else ZERO)

    def oldest_fee_on(self) -> date | None:
        """The date of the oldest fee still unpaid; money settles the oldest first."""
        settled = self.paid["fee"] + self.waived["fee"]
        for on, amount in self.fees:
            settled -= amount
            if settled < 0:
                return on
        return None


@dataclass(frozen=True)
class Settled:
    """What one event did to one row."""

    event_id: str
    on: date
    number: int | None
    amounts: dict[str, Fraction]
    excess: Fraction


@dataclass
class Held:
    """Excess of one receipt, still held."""

    event_id: str
    amount: Fraction


def is_charged(penal: Penal | None) -> TypeGuard[Penal]:
    """Whether the terms charge anything for being late: a rate and an amount of zero are none."""
    return penal is not None and (penal.annual_rate > 0 or penal.flat > 0)


class Ledger:
    """Rows in order, what settled them, and the excess held."""

    def __init__(self, unit: Fraction) -> None:
        self.unit = unit
        self.rows: list[Row] = []
        self.pending: Row | None = None
        self.settled: list[Settled] = []
        self.held: list[Held] = []
        self.is_penal_frozen = False
        self._overdue_rows: list[tuple[Row, Fraction]] | None = None

    # Unpaid.

    def all_rows(self) -> list[Row]:
        return [*self.rows, *([self.pending] if self.pending else [])]

    def unpaid(self, row: Row, component: str) -> Fraction:
        total = row.penal(self.unit) if component == "penal" else getattr(row, component)
        return total - row.paid[component] - row.waived[component]

    def overdue(self, component: str) -> Fraction:
        return sum((self.unpaid(row, component) for row in self.all_rows()), ZERO)

    def total_overdue(self) -> Fraction:
        return sum((self.overdue(component) for component in COMPONENTS), ZERO)

    def overdue_rows(self) -> list[tuple[Row, Fraction]]:
        """Rows with unpaid principal or interest, and how much; looked up once until something changes."""
        if self._overdue_rows is None:
            sums = [(row, self.unpaid(row, "principal") + self.unpaid(row, "interest")) for row in self.rows]
            self._overdue_rows = [(row, unpaid) for row, unpaid in sums if unpaid > 0]
        return self._overdue_rows

    def something_changed(self) -> None:
        self._overdue_rows = None

    def excess(self) -> Fraction:
        return sum((held.amount for held in self.held), ZERO)

    def oldest_due_on(self, components: tuple[str, ...]) -> date | None:
        """The earliest due date of anything unpaid of the components."""
        days = list[date]()
        for row in self.all_rows():
            days += [row.due_on for name in components if name != "fee" and self.unpaid(row, name) > 0]
            fee_on = row.oldest_fee_on() if "fee" in components else None
            days += [fee_on] if fee_on else []
        return min(days, default=None)

    # Penal.

    def penal_night(self, night: date, penal: Penal | None) -> None:
        """The night from this day to the next on what is unpaid of each row at this day's end."""
        if not is_charged(penal) or self.is_penal_frozen:
            return
        for row, unpaid in self.overdue_rows():
            row.nights.add(unpaid, Fraction(penal.annual_rate), A_365TH)

    def mark_late(self, today: date, penal: Penal | None) -> None:
        """A row still unpaid at the end of its days of grace is late from its due date on; `flat` comes once."""
        if not is_charged(penal) or self.is_penal_frozen:
            return
        for row, _ in self.overdue_rows():
            if not row.is_late and today > row.due_on + penal.grace_days * DAY:
                row.is_late = True
                row.penal_charges += Fraction(penal.flat)

    # Settling.

    def settle(
        self, event_id: str, on: date, money: Fraction, waterfall: Waterfall, from_held: bool = False
    ) -> Fraction:
        """Money settles what is due in the waterfall's order; returns what is left of it."""
        amounts: dict[int, dict[str, Fraction]] = {}
        for row, component in self._order(waterfall):
            part = min(money, self.unpaid(row, component))
            if part > 0:
                row.paid[component] += part
                money -= part
                amounts.setdefault(row.number, nothing())[component] += part
        for number, parts in sorted(amounts.items()):
            used = -sum(parts.values(), ZERO) if from_held else ZERO
            self.settled.append(Settled(event_id, on, number, parts, used))
        return money

    def _order(self, waterfall: Waterfall) -> list[tuple[Row, str]]:
        rows = self.all_rows()
        if waterfall.across == "component_first":
            return [(row, component) for component in waterfall.order for row in rows]
        return [(row, component) for row in rows for component in waterfall.order]

    def set_off(self, on: date, waterfall: Waterfall) -> None:
        """Held money, oldest receipt first, settles what just fell due."""
        for held in self.held:
            held.amount = self.settle(held.event_id, on, held.amount, waterfall, from_held=True)
        self.held = [held for held in self.held if held.amount > 0]

    def hold(self, event_id: str, on: date, money: Fraction) -> None:
        if money > 0:
            self.held.append(Held(event_id, money))
            self.settled.append(Settled(event_id, on, None, nothing(), money))

    def refund(self, event_id: str, on: date, money: Fraction) -> None:
        """Held money goes back, oldest receipt first."""
        self.settled.append(Settled(event_id, on, None, nothing(), -money))
        for held in self.held:
            part = min(held.amount, money)
            held.amount -= part
            money -= part
        self.held = [held for held in self.held if held.amount > 0]

    def waive(self, component: str, amount: Fraction) -> None:
        """Oldest first."""
        for row in self.all_rows():
            part = min(amount, self.unpaid(row, component))
            row.waived[component] += part
            amount -= part

    def mark_paid(self, today: date) -> None:
        for row in self.rows:
            if row.paid_on is None and not any(self.unpaid(row, name) for name in ("principal", "interest", "fee")):
                row.paid_on = today
