"""Received values as the types of a contract, whatever the file format made of them.

Belongs here: one reader a contract type, from text, numbers or dates. Does not: whether a readable value is allowed
(gate.py). A value that cannot be read is never guessed: it becomes null and is marked in a column `<name>:unreadable`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from warehouse.contracts.table import Field, Table, Type

MARK = ":unreadable"
ROW_NUMBER = "row_number"

# A float is taken for money only when it is this close to whole paise; further away it was computed, not typed.
MONEY_TOLERANCE = 1e-6
RATE_TOLERANCE = 1e-9
# Above this, neighbouring floats are more than half a paisa apart.
FLOAT_LIMIT = 2.0**53 / 100 / 2

_TRUE = ("true", "1", "y", "yes")
_FALSE = ("false", "0", "n", "no")
_DATE_SHAPE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00:00(?:\.0+)?)?\z"
_INSTANT_SHAPE = (
    r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)\z"
)

EXPECTED = {
    Type.ID: "an identifier (text)",
    Type.CODE: "a code (text)",
    Type.TEXT: "text",
    Type.TOKEN: "text",
    Type.MONEY: "an amount with a point and at most 2 decimals, such as 4707.35",
    Type.TOTAL: "a sum with a point and at most 2 decimals, such as 4707.35",
    Type.RATE: "a fraction a year with at most 6 decimals, such as 0.12",
    Type.SHARE: "a fraction with at most 6 decimals, such as 0.25",
    Type.SCORE: "a number",
    Type.COUNT: "a whole number",
    Type.FLAG: "true or false",
    Type.DATE: "a date written YYYY-MM-DD",
    Type.INSTANT: "an instant with its offset, such as 2026-11-22T10:00:00+05:30",
}


@dataclass(frozen=True)
class Reading:
    """How one column is read: its typed value, and where a value was given that is not of the type (None: nowhere)."""

    value: pl.Expr
    unreadable: pl.Expr | None


def parsed(received: pl.DataFrame, table: Table) -> pl.DataFrame:
    """row_number and every column of the contract in its type, plus `<name>:unreadable` where any value was not.

    received: row_number and the columns of the file under contract names, of any type; absent ones become null.
    Columns outside the contract are dropped.
    """
    typed: list[pl.Expr] = [pl.col(ROW_NUMBER).cast(pl.Int64)]
    marks: list[pl.Expr] = []
    for column in table.fields:
        reading = _reading(column, received.schema.get(column.name))
        typed.append(reading.value.alias(column.name))
        if reading.unreadable is not None:
            marks.append(reading.unreadable.fill_null(False).alias(column.name + MARK))
    frame = received.lazy().select(*typed, *marks).collect()
    names = [mark.meta.output_name() for mark in marks]
    if not names:
        return frame
    found = frame.select(pl.col(names).any()).row(0, named=True)
    return frame.drop([name for name, is_found in found.items() if not is_found])


def as_text(column: str, dtype: pl.DataType) -> pl.Expr:
    """The received value as text, for people to read in quarantine."""
    value = pl.col(column)
    if dtype == pl.Binary or dtype.is_nested() or dtype == pl.Object:
        return pl.lit(f"({dtype})").alias(column)
    if dtype.is_float():
        whole = (value == value.round(0)) & (value.abs() < FLOAT_LIMIT)
        return pl.when(whole).then(value.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(value.cast(pl.String))
    return value.cast(pl.String)


def _reading(column: Field, dtype: pl.DataType | None) -> Reading:
    target = column.type.polars
    if dtype is None or dtype == pl.Null:
        return Reading(pl.lit(None, dtype=target), None)
    value = pl.col(column.name)
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        return Reading(pl.lit(None, dtype=target), value.is_not_null())
    if dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum):
        return _FROM_TEXT[column.type](_clean(value.cast(pl.String)), target)
    return _FROM_TYPED[column.type](value, dtype, target)


def _clean(value: pl.Expr) -> pl.Expr:
    text = value.str.strip_chars()
    return pl.when(text != "").then(text)


def _marked(text: pl.Expr, value: pl.Expr) -> Reading:
    return Reading(value, text.is_not_null() & value.is_null())


def _shaped(text: pl.Expr, shape: str) -> pl.Expr:
    return pl.when(text.str.contains(shape)).then(text)


def _text(text: pl.Expr, target: pl.DataType) -> Reading:
    return Reading(text, None)


def _decimal(whole: int, decimals: int) -> Callable[[pl.Expr, pl.DataType], Reading]:
    shape = rf"\A-?[0-9]{{1,{whole}}}(?:\.[0-9]{{1,{decimals}}}0*)?\z"

    def read(text: pl.Expr, target: pl.DataType) -> Reading:
        return _marked(text, _shaped(text, shape).cast(target, strict=False))

    return read


def _count(text: pl.Expr, target: pl.DataType) -> Reading:
    return _marked(text, _shaped(text, r"\A-?[0-9]{1,18}\z").cast(target, strict=False))


def _score(text: pl.Expr, target: pl.DataType) -> Reading:
    return _marked(text, text.cast(target, strict=False))


def _flag(text: pl.Expr, target: pl.DataType) -> Reading:
    word = text.str.to_lowercase()
    value = pl.when(word.is_in(_TRUE)).then(True).when(word.is_in(_FALSE)).then(False)
    return _marked(text, value)


def _date(text: pl.Expr, target: pl.DataType) -> Reading:
    day = _shaped(text, _DATE_SHAPE).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return _marked(text, day)


def _instant(text: pl.Expr, target: pl.DataType) -> Reading:
    shaped = _shaped(text, _INSTANT_SHAPE).str.replace("T", " ").str.replace(r"Z\z", "+0000")
    with_minutes = shaped.str.replace(r"([+-][0-9]{2})\z", "${1}00").str.replace(
        r"([+-][0-9]{2}):([0-9]{2})\z", "${1}${2}"
    )
    instant = with_minutes.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="us", strict=False)
    return _marked(text, instant.cast(target))


def _typed_text(value: pl.Expr, dtype: pl.DataType, target: pl.DataType) -> Reading:
    return Reading(as_text(value.meta.output_name(), dtype), None)


def _typed_decimal(decimals: int, tolerance: float) -> Callable[[pl.Expr, pl.DataType, pl.DataType], Reading]:
    def read(value: pl.Expr, dtype: pl.DataType, target: pl.DataType) -> Reading:
        if dtype == target:
            return Reading(value, None)
        if dtype.is_float():
            near = ((value - value.round(decimals)).abs() <= tolerance) & (value.abs() < FLOAT_LIMIT)
            return _marked(value, pl.when(near).then(value.round(decimals)).cast(target, strict=False))
        if dtype.is_integer():
            return _marked(value, value.cast(target, strict=False))
        if dtype.is_decimal():
            exact = value.cast(target, strict=False)
            return _marked(value, pl.when(exact == value).then(exact))
        return Reading(pl.lit(None, dtype=target), value.is_not_null())

    return read


def _typed_count(value: pl.Expr, dtype: pl.DataType, target: pl.DataType) -> Reading:
    if dtype == target:
        return Reading(value, None)
    if dtype.is_integer():
        return _marked(value, value.cast(target, strict=False))
    if dtype.is_float() or dtype.is_decimal():
        whole = value.cast(pl.Int64, strict=False)
        return _marked(value, pl.when(whole.cast(pl.Float64) == value.cast(pl.Float64)).then(whole))
    return Reading(pl.lit(None, dtype=target), value.is_not_null())


def _typed_score(value: pl.Expr, dtype: pl.DataType, target: pl.DataType) -> Reading:
    if dtype.is_numeric():
        return Reading(value.cast(target), None)
    return Reading(pl.lit(None, dtype=target), value.is_not_null())


def _typed_flag(value: pl.Expr, dtype: pl.DataType, target: pl.DataType) -> Reading:
    if dtype == pl.Boolean:
        return Reading(value, None)
    if dtype.is_numeric():
        return _marked(value, pl.when(value == 1).then(True).when(value == 0).then(False))
    return Reading(pl.lit(None, dtype=target), value.is_not_null())


def _typed_date(value: pl.Expr, dtype: pl.DataType, target: pl.DataType) -> Reading:
    if dtype == pl.Date:
        return Reading(value, None)
    if isinstance(dtype, pl.Datetime):
        # An instant that is not midnight is not a date: whose day it is depends on the time zone.
        day = value.dt.date()
        return _marked(value, pl.when(value.dt.time() == pl.time(0, 0, 0)).then(day))
    return Reading(pl.lit(None, dtype=target), value.is_not_null())


def _typed_instant(value: pl.Expr, dtype: pl.DataType, target: pl.DataType) -> Reading:
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return Reading(value.dt.convert_time_zone("UTC").dt.cast_time_unit("us"), None)
    return Reading(pl.lit(None, dtype=target), value.is_not_null())


_FROM_TEXT: dict[Type, Callable[[pl.Expr, pl.DataType], Reading]] = {
    **dict.fromkeys((Type.ID, Type.CODE, Type.TEXT, Type.TOKEN), _text),
    Type.MONEY: _decimal(16, 2),
    Type.TOTAL: _decimal(36, 2),
    Type.RATE: _decimal(3, 6),
    Type.SHARE: _decimal(12, 6),
    Type.SCORE: _score,
    Type.COUNT: _count,
    Type.FLAG: _flag,
    Type.DATE: _date,
    Type.INSTANT: _instant,
}
_FROM_TYPED: dict[Type, Callable[[pl.Expr, pl.DataType, pl.DataType], Reading]] = {
    **dict.fromkeys((Type.ID, Type.CODE, Type.TEXT, Type.TOKEN), _typed_text),
    Type.MONEY: _typed_decimal(2, MONEY_TOLERANCE),
    Type.TOTAL: _typed_decimal(2, MONEY_TOLERANCE),
    Type.RATE: _typed_decimal(6, RATE_TOLERANCE),
    Type.SHARE: _typed_decimal(6, RATE_TOLERANCE),
    Type.SCORE: _typed_score,
    Type.COUNT: _typed_count,
    Type.FLAG: _typed_flag,
    Type.DATE: _typed_date,
    Type.INSTANT: _typed_instant,
}
