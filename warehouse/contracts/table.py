"""The words contracts are written in: a field, a rule, a table.

Belongs here: the shape of a contract. Does not: any actual column (fields.py) or table (<domain>.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import polars as pl


class Layer(Enum):
    """Where a table lives in the lake; the value is the schema's name."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


class Type(Enum):
    """What a column holds; `sql` and `polars` say how it is stored."""

    ID = "identifier"
    CODE = "code from a closed list"
    TEXT = "text"
    TOKEN = "keyed token"  # noqa: S105
    MONEY = "money in major units"
    TOTAL = "sum of money in major units"
    RATE = "fraction a year"
    SHARE = "fraction"
    SCORE = "model output"
    COUNT = "whole number"
    FLAG = "true or false"
    DATE = "calendar date"
    INSTANT = "instant, UTC"

    @property
    def sql(self) -> str:
        """The type, spelled so that DuckDB, PostgreSQL and Spark all read it."""
        return _STORED_AS[self][0]

    @property
    def polars(self) -> pl.DataType:
        return _STORED_AS[self][1]


_STORED_AS: dict[Type, tuple[str, pl.DataType]] = {
    Type.ID: ("varchar", pl.String()),
    Type.CODE: ("varchar", pl.String()),
    Type.TEXT: ("varchar", pl.String()),
    Type.TOKEN: ("varchar", pl.String()),
    Type.MONEY: ("decimal(18,2)", pl.Decimal(18, 2)),
    Type.TOTAL: ("decimal(38,2)", pl.Decimal(38, 2)),
    Type.RATE: ("decimal(9,6)", pl.Decimal(9, 6)),
    Type.SHARE: ("decimal(18,6)", pl.Decimal(18, 6)),
    Type.SCORE: ("double", pl.Float64()),
    Type.COUNT: ("bigint", pl.Int64()),
    Type.FLAG: ("boolean", pl.Boolean()),
    Type.DATE: ("date", pl.Date()),
    Type.INSTANT: ("timestamptz", pl.Datetime("us", "UTC")),
}


@dataclass(frozen=True)
class Field:
    """One column: name, type, meaning, and what a value must satisfy on its own.

    minimum, maximum: inclusive bounds. codes: the allowed values. pattern: a regular expression the whole value must
    match. may_be_future: dates and instants after the day of receipt are refused unless this is set.
    personal: the kind of identifier ("pan", "aadhaar", "mobile", "account"); such a field is received in clear and
    stored only as <name>_token and <name>_last4 (ID-05).
    names_person: the key of a person, for which people use mobile numbers and Aadhaar; such a key is refused.
    """

    name: str
    type: Type
    meaning: str
    minimum: Decimal | int | date | None = None
    maximum: Decimal | int | date | None = None
    codes: tuple[str, ...] | None = None
    pattern: str | None = None
    may_be_future: bool = False
    personal: str | None = None
    names_person: bool = False

    def named(self, name: str, meaning: str | None = None) -> Field:
        """The same kind of column under another name."""
        return replace(self, name=name, meaning=meaning or self.meaning)

    def bounded(
        self, minimum: Decimal | int | date | None = None, maximum: Decimal | int | date | None = None
    ) -> Field:
        """The same column with other bounds."""
        return replace(self, minimum=minimum, maximum=maximum)

    def stored(self) -> tuple[Field, ...]:
        """The column or columns the lake keeps of this one."""
        if self.personal is None:
            return (self,)
        token = Field(
            f"{self.name}_token", Type.TOKEN, f"keyed token of {self.meaning}; equal numbers have equal tokens"
        )
        last4 = Field(f"{self.name}_last4", Type.TEXT, f"last four characters of {self.meaning}")
        return (token, last4)


@dataclass(frozen=True)
class Rule:
    """A claim about one row that needs more than one column. `holds` is true or null where the claim is met."""

    name: str
    columns: tuple[str, ...]
    holds: pl.Expr
    reason: str


@dataclass(frozen=True)
class Agreement:
    """A claim about one row and another one that it names: that one is known, and both agree in `same`.

    Where `column` is null the claim is met. target: "table.column" of the same layer. same: names both rows have.
    not_before: a date of the row and one of the named row that it must not precede; where the latter is null, it does
    not. When the target is the row's own table, a row of the same file will do, whichever comes first; the row itself
    will not.
    """

    name: str
    column: str
    target: str
    same: tuple[str, ...]
    reason: str
    not_before: tuple[str, str] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the row that quarantine names: of two dates in the wrong order, the row's own."""
        return (self.not_before[0],) if self.not_before else (self.column, *self.same)

    @property
    def read(self) -> tuple[str, ...]:
        """The columns of the row that the claim looks at."""
        return (self.column, *self.same, *((self.not_before[0],) if self.not_before else ()))


@dataclass(frozen=True)
class Table:
    """One table: where it lives, what one row is, which columns identify it, and what a row must satisfy.

    name: without the layer. domain: one of the seven words. grain: the columns that identify a row.
    optional: names of columns that may be null (and absent from a received file). references: column -> "table.column"
    of the same layer. agreements: what must be equal in a row and the one it names. control: the money or count column
    whose sum is a control total of each batch. is_versioned: a later row with a known key replaces the earlier one in
    silver (masters); when false, a known key with other content is refused (facts).
    """

    name: str
    domain: str
    layer: Layer
    meaning: str
    grain: tuple[str, ...]
    fields: tuple[Field, ...]
    optional: frozenset[str] = frozenset()
    references: dict[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    control: str | None = None
    is_versioned: bool = False

    def __post_init__(self) -> None:
        names = [f.name for f in self.fields]
        if len(names) != len(set(names)):
            raise ValueError(f"{self.name}: a column is declared twice")
        agreed = (("agreements", agreement.read) for agreement in self.agreements)
        for what, used in (
            ("grain", self.grain),
            ("optional", self.optional),
            ("references", self.references),
            *agreed,
        ):
            if unknown := set(used) - set(names):
                raise ValueError(f"{self.name}: {what} names unknown columns {sorted(unknown)}")

    @property
    def qualified(self) -> str:
        return f"{self.layer.value}.{self.name}"

    def stored_fields(self) -> tuple[Field, ...]:
        """The columns as the lake keeps them: identifiers tokenised, and in bronze the columns of receipt added."""
        kept = tuple(s for f in self.fields for s in f.stored())
        return kept + (RECEIPT if self.layer is Layer.BRONZE else ())

    def is_required(self, name: str) -> bool:
        return name not in self.optional

    def polars_schema(self) -> dict[str, Any]:
        return {f.name: f.type.polars for f in self.stored_fields()}


RECEIPT = (
    Field("source", Type.CODE, "which adapter delivered the row, such as sba_national or oltp"),
    Field("batch_id", Type.ID, "SHA-256 of the file, or of the outbox range, that delivered the row"),
    Field("row_number", Type.COUNT, "position of the row in its file, the first data row being 1"),
    Field("row_hash", Type.ID, "hash of the row's business columns; equal rows have equal hashes"),
    Field("received_at", Type.INSTANT, "when the batch was received"),
)
