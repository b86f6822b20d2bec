"""How figures are written for people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dashboards import formats


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (99_999, "99,999"),
        (1_00_000, "1,00,000"),
        (1_23_45_678, "1,23,45,678"),
        (-1_23_45_678, "-1,23,45,678"),
        (1_00_00_00_000, "1,00,00,00,000"),
    ],
)
def test_rupees_are_grouped_in_lakhs_and_crores(number: int, text: str) -> None:
    assert formats.grouped(number, "INR") == text


def test_other_currencies_are_grouped_in_thousands() -> None:
    assert formats.money(Decimal("12345678.49"), "USD") == "$12,345,678"
    assert formats.money(Decimal("-1500"), "TWD") == "-NT$1,500"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("123456789", "INR", "₹12.35 crore"),
        ("420000", "INR", "₹4.20 lakh"),
        ("99999.99", "INR", "₹1,00,000"),
        ("4200", "INR", "₹4,200"),
        ("45678901234567", "INR", "₹45.68 lakh crore"),
        ("-98765432", "INR", "-₹9.88 crore"),
        ("1240000", "USD", "$1.24M"),
        ("4500000000", "USD", "$4.50B"),
        ("950", "USD", "$950"),
    ],
)
def test_large_amounts_are_written_in_the_units_people_speak_in(amount: str, currency: str, text: str) -> None:
    assert formats.compact_money(Decimal(amount), currency) == text


def test_an_absent_figure_is_not_a_zero() -> None:
    absent = [formats.money(None, "INR"), formats.compact_money(None, "USD"), formats.count(None), formats.day(None)]
    assert [*absent, formats.percent(None), formats.instant(None), formats.age(None)] == [formats.ABSENT] * 7


def test_a_float_from_a_table_is_written_as_the_amount_it_came_from() -> None:
    assert formats.float_money(float(Decimal("285783964.88")), "INR") == "₹28,57,83,965"


def test_an_instant_is_written_in_utc_whatever_zone_it_carries() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert formats.instant(datetime(2026, 11, 1, 5, 0, tzinfo=india)) == "31 Oct 2026, 23:30 UTC"
    assert formats.instant(datetime(2026, 11, 1, 5, 0, tzinfo=UTC)) == "1 Nov 2026, 05:00 UTC"


def test_a_period_of_one_day_is_that_day() -> None:
    assert formats.days(date(2014, 6, 30), date(2014, 6, 30)) == "30 Jun 2014"
    assert formats.days(date(2014, 1, 1), date(2014, 6, 30)) == "1 Jan 2014 to 30 Jun 2014"


@pytest.mark.parametrize(("minutes", "text"), [(12, "12 min"), (300, "5 h"), (4_500, "3 days")])
def test_age_is_written_in_its_own_unit(minutes: int, text: str) -> None:
    assert formats.age(minutes) == text
