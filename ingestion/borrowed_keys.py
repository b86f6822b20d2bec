"""Keys that are a known customer's own mobile, Aadhaar, PAN or account number (README.md: identifiers in keys).

Belongs here: comparing a sender's keys with the tokens of customers. Does not: the form of a key (gate.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import polars as pl

from ingestion import bronze, gate, masking
from ingestion.parsing import ROW_NUMBER
from warehouse.contracts.origination import CUSTOMERS
from warehouse.contracts.table import Field, Table, Type

if TYPE_CHECKING:
    from ingestion.landing import Batch

CHECK = "not_borrowed"
REASON = "an identifier of a known customer must not serve as a key; use a number of your own"
# Sources whose adapter makes the keys itself give them a prefix, so they are not looked at.
SOURCES = ("portfolio",)
_COULD_BE = r"\A(?:[0-9]{9,18}|[A-Z]{5}[0-9]{4}[A-Z])\z"


def borrowed_keys(
    frame: pl.DataFrame, table: Table, batch: Batch, writer: duckdb.DuckDBPyConnection
) -> list[pl.DataFrame]:
    """Refusals of rows with a key that is an identifier of a customer of the lake, or of this same file."""
    if batch.source not in SOURCES:
        return []
    found = []
    for field in table.fields:
        if field.type is not Type.ID:
            continue
        keys = frame.select(ROW_NUMBER, field.name).filter(pl.col(field.name).str.contains(_COULD_BE))
        if keys.is_empty():
            continue
        borrowed = _identifying(keys[field.name].unique(), frame, table, batch.token_key, writer)
        numbers = keys.filter(pl.col(field.name).is_in(borrowed.implode()))[ROW_NUMBER]
        found.append(gate.refused(numbers, CHECK, (field.name,), REASON))
    return found


def hidden(shown: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """What quarantine shows, with the keys that were refused here masked."""
    for (name,), part in refused.filter(pl.col("check") == CHECK).group_by("column_name"):
        is_refused = pl.col(ROW_NUMBER).is_in(part[ROW_NUMBER].implode())
        shown = shown.with_columns(
            pl.when(is_refused).then(masking.masked(pl.col(str(name)))).otherwise(pl.col(str(name))).alias(str(name))
        )
    return shown


def _identifying(
    keys: pl.Series, frame: pl.DataFrame, table: Table, token_key: bytes, writer: duckdb.DuckDBPyConnection
) -> pl.Series:
    """Those of the keys that are an identifier of somebody."""
    found = [keys.clear()]
    for field in masking.personal_fields(CUSTOMERS):
        candidates = keys.filter(_valid(field, keys))
        tokens = masking.tokens(token_key, field.personal or "", candidates)
        known = bronze.known_tokens(writer, f"{field.name}_token", tokens)
        found.append(candidates.filter(tokens.is_in(known.implode())))
        if table is CUSTOMERS:
            found.append(candidates.filter(candidates.is_in(frame[field.name].drop_nulls().implode())))
    return pl.concat(found).unique()


def _valid(field: Field, keys: pl.Series) -> pl.Series:
    return masking.VALID[field.personal or ""](keys).fill_null(False)
