"""The fields of requests and answers, rendered from the contracts: same names, same words, same limits.

Belongs here: how a contract field is read from JSON, written to JSON and shown in the OpenAPI schema. Does not: which
request has which field (<domain>/schemas.py).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic_core import CoreSchema, core_schema

from warehouse.contracts.table import Field, Type

# Money above zero, and money at or above it: digits, at most two decimals, no sign, no exponent, no leading zero.
POSITIVE_MONEY = r"^(0\.(0[1-9]|[1-9][0-9]?)|[1-9][0-9]{0,11}(\.[0-9]{1,2})?)$"
MONEY = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"
SIGNED_MONEY = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"
MINOR_UNITS = {"JPY": 0}
TEXT_LONGEST = 140
# Printable ASCII: what every store, file format and terminal downstream keeps as it is.
TEXT = rf"^[!-~]([ -~]{{0,{TEXT_LONGEST - 2}}}[!-~])?$"
COUNT_LARGEST = 2**31 - 1


class Body(BaseModel):
    """A request body: fields that are not declared are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """A response body."""

    model_config = ConfigDict(frozen=True)


class Value:
    """Marks a model field as one of a contract: `amount: Annotated[Decimal, Value(f.AMOUNT)]`."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: read(self.field, value),
            serialization=core_schema.plain_serializer_function_ser_schema(write),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return json_schema(self.field)


class Shown(Value):
    """The same in an answer: our own stores hold what was accepted, so nothing is refused on the way out."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(write))


def shown(fields: Iterable[Field], may_be_null: Container[str]) -> dict[str, Any]:
    """Model fields, for pydantic's create_model, that show these columns of a contract."""
    return {
        field.name: (
            Annotated[Any, Shown(field)] | None if field.name in may_be_null else Annotated[Any, Shown(field)],
            ...,
        )
        for field in fields
    }


def answer_of(name: str, meaning: str, **fields: Any) -> type[Answer]:
    """An answer whose fields are taken from a contract."""
    return create_model(name, __base__=Answer, __doc__=meaning, **fields)


def read(field: Field, value: Any) -> Any:
    """A JSON value as the contract's Python value. Raises ValueError saying what would be accepted."""
    match field.type:
        case Type.MONEY | Type.RATE | Type.SHARE:
            return value if isinstance(value, Decimal) else _read_decimal(field, value)
        case Type.DATE:
            return _read_date(field, value)
        case Type.INSTANT:
            return _read_instant(value)
        case Type.COUNT:
            return _read_count(field, value)
        case Type.FLAG:
            if not isinstance(value, bool):
                raise ValueError("must be true or false")
            return value
        case _:
            return _read_text(field, value)


def write(value: Any) -> Any:
    """A Python value as JSON: decimals as strings in major units, dates in ISO 8601, instants in UTC."""
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return value


def json_schema(field: Field) -> dict[str, Any]:
    """What the OpenAPI schema says of a contract field."""
    schema: dict[str, Any] = {"title": field.name, "description": field.meaning}
    match field.type:
        case Type.MONEY:
            return {**schema, "type": "string", "pattern": _money_pattern(field), "examples": ["5000.00"]}
        case Type.RATE | Type.SHARE:
            return {**schema, "type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,6})?$", "examples": ["0.12"]}
        case Type.DATE:
            return {**schema, "type": "string", "format": "date"}
        case Type.INSTANT:
            return {**schema, "type": "string", "format": "date-time"}
        case Type.COUNT:
            low, high = _bounds(field)
            return {**schema, "type": "integer", "minimum": low, "maximum": high}
        case Type.FLAG:
            return {**schema, "type": "boolean"}
    if field.codes:
        return {**schema, "type": "string", "enum": list(field.codes)}
    return {**schema, "type": "string", "pattern": _text_pattern(field)}


def decimals_refused(amount: Decimal, currency: str) -> str | None:
    """Why an amount cannot be paid in a currency; null when it can (rupees have two decimals, yen none)."""
    units = MINOR_UNITS.get(currency, 2)
    if amount == amount.quantize(Decimal(1).scaleb(-units)):
        return None
    return f"{currency} has {units} decimals, got {format(amount, 'f')}"


def _read_decimal(field: Field, value: Any) -> Decimal:
    if not isinstance(value, str):
        raise ValueError('must be a decimal string such as "5000.00", not a JSON number')
    if field.type is not Type.MONEY:
        if not re.fullmatch(r"[0-9]+(\.[0-9]{1,6})?", value):
            raise ValueError('must be a decimal fraction such as "0.12"')
        return Decimal(value)
    if re.fullmatch(_money_pattern(field), value) and not value.endswith("\n"):
        return Decimal(value).quantize(Decimal("0.01"))
    raise ValueError(_money_refused(field, value))


def _money_refused(field: Field, value: str) -> str:
    if re.fullmatch(r"-[0-9]+(\.[0-9]+)?", value) or re.fullmatch(r"0+(\.0+)?", value):
        return f"must be at least {field.minimum}"
    if re.fullmatch(r"[0-9]+\.[0-9]{3,}", value):
        return "must have at most two decimals"
    if re.fullmatch(r"[1-9][0-9]{12,}(\.[0-9]{1,2})?", value):
        return f"must be at most {field.maximum}"
    return 'must be an amount in major units such as "5000.00": digits, a point, at most two decimals'


def _read_date(field: Field, value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError('must be a date such as "2026-11-22"')
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a day of the calendar") from None
    if isinstance(field.minimum, date) and day < field.minimum:
        raise ValueError(f"must not be before {field.minimum}")
    return day


def _read_instant(value: Any) -> datetime:
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError("must carry an offset")
    return instant


def _read_count(field: Field, value: Any) -> int:
    low, high = _bounds(field)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"must be a whole number from {low} to {high}")
    return value


def _read_text(field: Field, value: Any) -> str:
    if field.codes:
        if value not in field.codes:
            raise ValueError(f"must be one of {', '.join(field.codes)}")
        return str(value)
    if not isinstance(value, str) or not re.fullmatch(_text_pattern(field).strip("^$"), value):
        wanted = f"text that matches {field.pattern}" if field.pattern else f"1 to {TEXT_LONGEST} printable characters"
        raise ValueError(f"must be {wanted}")
    return value


def _bounds(field: Field) -> tuple[int, int]:
    low = field.minimum if isinstance(field.minimum, int) else 0
    high = field.maximum if isinstance(field.maximum, int) else COUNT_LARGEST
    return low, high


def _money_pattern(field: Field) -> str:
    if not isinstance(field.minimum, Decimal):
        return SIGNED_MONEY
    return POSITIVE_MONEY if field.minimum > 0 else MONEY


def _text_pattern(field: Field) -> str:
    return f"^(?:{field.pattern})$" if field.pattern else TEXT


def path_pattern(field: Field) -> str:
    """The pattern of an identifier in a path."""
    return _text_pattern(field)
