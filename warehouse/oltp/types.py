"""How a contract's column types are kept in both stores without losing anything.

Belongs here: types whose SQLite form would otherwise be inexact. Does not: any table.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Dialect, Integer, Numeric, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from warehouse.contracts.table import Field, Type


class Exact(TypeDecorator[Decimal]):
    """A decimal: NUMERIC in PostgreSQL; its own text in SQLite, whose NUMERIC is a float behind the name."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(self.precision + 2))
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"money and rates are Decimal, got {type(value).__name__}")
        exact = value.quantize(Decimal(1).scaleb(-self.scale))
        if exact != value:
            raise ValueError(f"{value} has more than {self.scale} decimals")
        return str(exact) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """An instant with its offset: TIMESTAMPTZ in PostgreSQL, UTC text that sorts by time in SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset")
        utc = value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction number; it never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"

    # The driver carries it as text: PostgreSQL has no operator between xid8 and a number.
    def bind_processor(self, dialect: Dialect) -> Callable[[int | None], str | None]:
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], int | None]:
        return lambda value: None if value is None else int(value)


class CurrentTransaction(FunctionElement[int]):
    """The number of the transaction that writes; 0 in SQLite, which has one writer at a time."""

    inherit_cache = True


@compiles(CurrentTransaction)
def _no_transaction_number(element: CurrentTransaction, compiler: SQLCompiler, **_: Any) -> str:
    return "0"


@compiles(CurrentTransaction, "postgresql")
def _transaction_number(element: CurrentTransaction, compiler: SQLCompiler, **_: Any) -> str:
    return "pg_current_xact_id()"


TRANSACTION_NUMBER = BigInteger().with_variant(Xid8(), "postgresql")
# SQLite numbers rows by itself only in a column declared INTEGER PRIMARY KEY.
POSITION = BigInteger().with_variant(Integer(), "sqlite")


def stored(field: Field) -> TypeEngine[Any]:
    """The column type of a contract field in the transactional store."""
    match field.type:
        case Type.ID | Type.CODE | Type.TOKEN:
            return String(64)
        case Type.TEXT:
            return Text()
        case Type.MONEY:
            return Exact(18, 2)
        case Type.RATE:
            return Exact(9, 6)
        case Type.SHARE:
            return Exact(18, 6)
        case Type.COUNT:
            return BigInteger()
        case Type.FLAG:
            return Boolean()
        case Type.DATE:
            return Date()
        case Type.INSTANT:
            return Instant()
        case _:
            raise TypeError(f"{field.name}: the transactional store keeps no {field.type.value}")
