"""Values of every file format as the types of a contract; what cannot be read is marked, never guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from ingestion.parsing import MARK, parsed
from warehouse.contracts.table import Field, Layer, Table, Type


def read(kind: Type, values: list[Any], dtype: Any = None) -> tuple[list[Any], list[bool]]:
    table = Table("t", "servicing", Layer.BRONZE, "One row.", ("id",), (Field("id", Type.ID, ""), Field("v", kind, "")))
    column = pl.Series("v", values, dtype=dtype)
    frame = parsed(pl.DataFrame([column]).with_row_index("row_number", 1), table)
    marks = frame["v" + MARK].to_list() if "v" + MARK in frame.columns else [False] * len(values)
    return frame["v"].to_list(), marks


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Type.MONEY, "4707.35", Decimal("4707.35")),
        (Type.MONEY, " 4707.3500 ", Decimal("4707.35")),
        (Type.MONEY, "-5", Decimal("-5.00")),
        (Type.MONEY, "9999999999999999.99", Decimal("9999999999999999.99")),
        (Type.RATE, "0.1225", Decimal("0.122500")),
        (Type.COUNT, "0012", 12),
        (Type.FLAG, "Yes", True),
        (Type.FLAG, "0", False),
        (Type.DATE, "2024-02-29", date(2024, 2, 29)),
        (Type.DATE, "2024-02-29 00:00:00", date(2024, 2, 29)),
        (Type.INSTANT, "2026-11-22T10:00:00+05:30", datetime(2026, 11, 22, 4, 30, tzinfo=UTC)),
        (Type.INSTANT, "2026-11-22 10:00:00.25+00", datetime(2026, 11, 22, 10, 0, 0, 250000, tzinfo=UTC)),
        (Type.INSTANT, "2026-11-22T10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        (Type.TEXT, "  Andheri ", "Andheri"),
    ],
)
def test_readable_text(kind: Type, text: str, value: Any) -> None:
    assert read(kind, [text]) == ([value], [False])


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (Type.MONEY, ["abc", "1,234.00", "12.345", "1e3", "NaN", "₹5", "--5", "99999999999999999.00"]),
        (Type.RATE, ["12%", "0.1234567"]),
        (Type.COUNT, ["5.0", "five", "99999999999999999999"]),
        (Type.FLAG, ["maybe", "2"]),
        (Type.DATE, ["31/12/2025", "2025-02-30", "2025-13-01", "20250101", "2025-01-01 10:30:00"]),
        (Type.INSTANT, ["2026-11-22 10:00:00", "2026-11-22", "2026-11-22T25:00:00Z"]),
    ],
)
def test_unreadable_text_is_marked_and_null(kind: Type, texts: list[str]) -> None:
    assert read(kind, texts) == ([None] * len(texts), [True] * len(texts))


@pytest.mark.parametrize("kind", list(Type))
def test_empty_and_absent_are_null_and_not_marked(kind: Type) -> None:
    assert read(kind, ["", "  ", None], pl.String) == ([None] * 3, [False] * 3)
    assert read(kind, [None, None], pl.Null) == ([None] * 2, [False] * 2)


def test_float_money_must_be_whole_paise() -> None:
    values, marks = read(Type.MONEY, [0.1 + 0.2, 1.005, 12.3400000001, float("nan"), 1e16], pl.Float64)
    assert values == [Decimal("0.30"), None, Decimal("12.34"), None, None]
    assert marks == [False, True, False, True, True]


def test_typed_columns() -> None:
    assert read(Type.MONEY, [Decimal("1.230"), Decimal("1.234")], pl.Decimal(10, 3)) == (
        [Decimal("1.23"), None],
        [False, True],
    )
    assert read(Type.COUNT, [12.0, 12.5], pl.Float64) == ([12, None], [False, True])
    assert read(Type.ID, [1001.0], pl.Float64) == (["1001"], [False])
    assert read(Type.ID, [1001], pl.Int64) == (["1001"], [False])
    assert read(Type.FLAG, [1, 0, 2], pl.Int64) == ([True, False, None], [False, False, True])


def test_times_of_day_are_not_dates_and_instants_need_a_zone() -> None:
    midnight, noon = datetime(2025, 1, 1), datetime(2025, 1, 1, 12)  # noqa: DTZ001
    assert read(Type.DATE, [midnight, noon], pl.Datetime("us")) == ([date(2025, 1, 1), None], [False, True])
    assert read(Type.INSTANT, [noon], pl.Datetime("us")) == ([None], [True])
    aware = datetime(2025, 1, 1, 12, tzinfo=UTC)
    assert read(Type.INSTANT, [aware], pl.Datetime("ms", "Asia/Kolkata")) == ([aware], [False])


@pytest.mark.parametrize("kind", [Type.MONEY, Type.TEXT, Type.DATE])
def test_nested_values_are_marked(kind: Type) -> None:
    assert read(kind, [[1, 2]], pl.List(pl.Int64)) == ([None], [True])


def test_dates_are_no_amounts_and_flags_no_dates() -> None:
    assert read(Type.MONEY, [date(2025, 1, 1)], pl.Date) == ([None], [True])
    assert read(Type.DATE, [True], pl.Boolean) == ([None], [True])
