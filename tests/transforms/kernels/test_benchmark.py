"""Benchmark plus spread on reset dates as rate_change events."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from transforms.kernels.benchmark import BenchmarkRate, FloatingRate, ResetEvery, rate_changes
from transforms.kernels.loan import LoanRefused

REPO = (
    BenchmarkRate(date(2025, 2, 7), Decimal("0.0625")),
    BenchmarkRate(date(2025, 4, 9), Decimal("0.06")),
    BenchmarkRate(date(2025, 6, 6), Decimal("0.055")),
)
SPREAD = FloatingRate(Decimal("0.0275"))


def told(events: tuple) -> list[tuple[str, str]]:
    return [(event.id, str(event.annual_rate)) for event in events]


def test_a_reset_takes_the_rate_in_force_on_its_day() -> None:
    resets = [date(2025, 4, 8), date(2025, 4, 9), date(2025, 10, 1)]
    events = rate_changes(REPO, SPREAD, resets, date(2025, 12, 31))
    assert told(events) == [
        ("reset-2025-04-08", "0.0900"),
        ("reset-2025-04-09", "0.0875"),
        ("reset-2025-10-01", "0.0825"),
    ]


def test_a_reset_that_changes_nothing_makes_no_event() -> None:
    every = ResetEvery(date(2025, 3, 1), 1)
    events = rate_changes(REPO, SPREAD, every, date(2025, 12, 1), annual_rate=Decimal("0.09"))
    assert told(events) == [("reset-2025-05-01", "0.0875"), ("reset-2025-07-01", "0.0825")]


def test_resets_keep_their_day_of_the_month() -> None:
    rising = [BenchmarkRate(date(2024, month, 1), Decimal(month) / 100) for month in range(1, 13)]
    events = rate_changes(rising, FloatingRate(Decimal(0)), ResetEvery(date(2024, 1, 31), 1), date(2024, 5, 30))
    assert [event.on.isoformat() for event in events] == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]


def test_resets_after_the_last_day_are_left_out() -> None:
    assert not rate_changes(REPO, SPREAD, [date(2025, 10, 1)], date(2025, 9, 30))
    assert len(rate_changes(REPO, SPREAD, [date(2025, 9, 30)], date(2025, 9, 30))) == 1


def test_floor_and_cap_hold_the_rate() -> None:
    floor, cap = (
        FloatingRate(Decimal("0.02"), floor=Decimal("0.08")),
        FloatingRate(Decimal("0.09"), cap=Decimal("0.15")),
    )
    on = [date(2025, 3, 1), date(2025, 7, 1)]
    assert told(rate_changes(REPO, floor, on, date(2026, 1, 1))) == [
        ("reset-2025-03-01", "0.0825"),
        ("reset-2025-07-01", "0.08"),
    ]
    assert told(rate_changes(REPO, cap, on, date(2026, 1, 1))) == [
        ("reset-2025-03-01", "0.15"),
        ("reset-2025-07-01", "0.145"),
    ]


def test_events_have_the_shape_of_the_loan_document() -> None:
    event = rate_changes(REPO, SPREAD, [date(2025, 10, 1)], date(2026, 1, 1), adjust="tenor")[0]
    assert (event.type, event.on, event.adjust) == ("rate_change", date(2025, 10, 1), "tenor")
    assert event.booked_at.isoformat() == "2025-10-01T23:59:59.999999+05:30"


@pytest.mark.parametrize(
    ("benchmark", "floating", "resets", "field"),
    [
        (REPO, SPREAD, [date(2025, 2, 6)], "benchmark"),
        ((*REPO, REPO[0]), SPREAD, [date(2025, 3, 1)], "benchmark"),
        (REPO, FloatingRate(Decimal("-0.07")), [date(2025, 3, 1)], "spread"),
        (REPO, FloatingRate(Decimal(5)), [date(2025, 3, 1)], "spread"),
        (REPO, SPREAD, ResetEvery(date(2025, 3, 1), 0), "resets.months"),
        (REPO, FloatingRate(Decimal(0), Decimal("0.1"), Decimal("0.09")), [date(2025, 3, 1)], "floor"),
    ],
)
def test_what_gives_no_rate_is_refused_by_name(benchmark, floating, resets, field: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LoanRefused) as refusal:
        rate_changes(benchmark, floating, resets, date(2026, 1, 1))
    assert refusal.value.field == field
