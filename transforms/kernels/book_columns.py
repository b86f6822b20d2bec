"""The Arrow columns of terms and events that the batch form takes, read as whole numbers.

Belongs here: which columns there are, what each is when it is absent, Arrow to int64. Does not: what they may say
(book_checks.py), how they make a book (book_tables.py).

A column is (field of the record, how it is read, value when the column or the cell is absent).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.kernels.columns import ABSENT, CODES, OPTIONS, Component, Kind, Records, waterfall_order
from transforms.kernels.due_dates import NO_DAY, UNITS
from transforms.kernels.money import SMALLEST, Mode

MONEY, RATE, DAY, COUNT = "money", "rate", "day", "count"
MODES = {mode.name.lower(): int(mode) for mode in Mode}
NOT_SAID = -2  # a code left out, where what it then means depends on another column
# "interest,principal,fee,penal" and its like
ORDERS = {
    ",".join(names): waterfall_order(names) for names in permutations(component.name.lower() for component in Component)
}
Columns = Mapping[str, tuple[str, Any, int]]
REQUIRED = ("principal", "disbursed_on", "annual_rate", "installments")
EVENT_REQUIRED = ("event_type_code", "value_on")
# an empty cell of a column that must be there takes a value that is out of range
COLUMNS: Columns = {
    "principal": ("principal", MONEY, 0),
    "disbursed_on": ("disbursed_on", DAY, NO_DAY),
    "annual_rate": ("rate", RATE, ABSENT),
    "installments": ("installments", COUNT, 0),
    "first_due_on": ("first_due_on", DAY, NO_DAY),
    "repay_every": ("every", COUNT, 1),
    "repay_unit_code": ("unit", UNITS, UNITS["month"]),
    "interest_method_code": ("method", CODES["interest_method"], 0),
    "amortisation_code": ("amortisation", CODES["amortisation"], 0),
    "day_count_code": ("day_count", CODES["day_count"], 0),
    "installment_basis_code": ("installment_basis", CODES["installment_basis"], 0),
    "interest_basis_code": ("interest_basis", CODES["interest_basis"], 0),
    "broken_period_code": ("broken_period", CODES["broken_period"], 0),
    "grace_principal_installments": ("grace_principal", COUNT, 0),
    "grace_interest_installments": ("grace_interest", COUNT, 0),
    "grace_capitalise_code": ("capitalise", CODES["capitalise"], 0),
    "installment_amount": ("installment_amount", MONEY, ABSENT),
    "balloon": ("balloon", MONEY, 0),
    "currency": ("smallest", SMALLEST, 1),
    "rounding_interest": ("interest_unit", MONEY, ABSENT),
    "rounding_installment": ("installment_unit", MONEY, ABSENT),
    "rounding_mode_code": ("mode", MODES, 0),
    "rounding_installment_mode_code": ("installment_mode", MODES, NOT_SAID),
    "fee_each_installment": ("fee_each", MONEY, 0),
    "fee_at_disbursal": ("fee_disbursal", MONEY, 0),
    "penal_annual_rate": ("penal_rate", RATE, 0),
    "penal_grace_days": ("penal_grace_days", COUNT, 0),
    "penal_flat": ("penal_flat", MONEY, 0),
    "foreclosure_rate": ("foreclosure_rate", RATE, 0),
    "foreclosure_gst_rate": ("foreclosure_gst", RATE, 0),
    "foreclosure_free_after_installments": ("foreclosure_free_after", COUNT, 0),
    "waterfall_code": ("order", ORDERS, ORDERS["interest,principal,fee,penal"]),
    "waterfall_across_code": ("across", CODES["across"], 0),
    "waterfall_npa_code": ("order_npa", ORDERS, NOT_SAID),
    "waterfall_npa_across_code": ("across_npa", CODES["across"], NOT_SAID),
    "waterfall_written_off_code": ("order_written_off", ORDERS, NOT_SAID),
    "waterfall_written_off_across_code": ("across_written_off", CODES["across"], NOT_SAID),
    "excess_code": ("excess", CODES["excess"], 0),
    "tolerance": ("tolerance", MONEY, 0),
}
# Lists of structs in a row of terms.
STEPS: Columns = {
    "from_installment": ("from_number", COUNT, 0),
    "installment_amount": ("installment_amount", MONEY, ABSENT),
    "change": ("change", RATE, ABSENT),
}
CUSTOM_SCHEDULE: Columns = {"due_on": ("due_on", DAY, NO_DAY), "principal": ("principal", MONEY, ABSENT)}
# Fees that are a part of the principal that the terms begin with; amounts are in the columns above.
FEES: Columns = {
    "rate": ("rate", RATE, ABSENT),
    "gst_rate": ("gst_rate", RATE, 0),
    "when_code": ("is_each", {"disbursement": 0, "each_installment": 1}, 0),
}
KINDS = {kind.name.lower(): int(kind) for kind in Kind if kind != Kind.REVERSAL}
WORDS = {word: place for place, word in enumerate(sorted({word for _, codes in OPTIONS.values() for word in codes}))}
# amount: of a takeover the principal. terms_at: of a restructure, the row of its terms.
EVENT_COLUMNS: Columns = {
    "event_type_code": ("kind", KINDS, ABSENT),
    "value_on": ("on", DAY, NO_DAY),
    "amount": ("amount", MONEY, ABSENT),
    "rate": ("rate", RATE, 0),
    "option_code": ("option", WORDS, NOT_SAID),
    "from_installment": ("number", COUNT, 0),
    "installments": ("count", COUNT, 0),
    "terms_at": ("extra", COUNT, ABSENT),
}
TAKEOVER_COLUMNS: Columns = {
    "interest_overdue": ("interest_overdue", MONEY, 0),
    "fee_due": ("fee_due", MONEY, 0),
    "penal_due": ("penal_due", MONEY, 0),
    "oldest_due_on": ("oldest_due_on", DAY, NO_DAY),
    "npa_since": ("npa_since", DAY, NO_DAY),
}


def records_from(table: pa.Table, columns: Columns, layout: Any, required: Sequence[str] = ()) -> Records:
    """A table as records, one a row. ValueError names a required column that is missing."""
    if missing := sorted(name for name in required if name not in table.column_names):
        raise ValueError(f"column {missing[0]} is missing")
    usual = np.zeros(1, layout)
    for field, _, default in columns.values():
        usual[field] = default
    rows = np.repeat(usual, len(table))
    for name, (field, how, default) in columns.items():
        if name in table.column_names:
            rows[field] = numbers(table[name], how, default)
    return rows


def listed(table: pa.Table, name: str, columns: Columns, layout: Any) -> tuple[Records, NDArray[np.int64]]:
    """(records of all lists of a column of structs, how many of them each row of the table has)."""
    none = np.zeros(0, layout)
    if name not in table.column_names or not len(table):
        return none, np.zeros(len(table), np.int64)
    column = table[name].combine_chunks()
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        raise ValueError(f"column {name} must hold lists, got {column.type}")
    counts = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    parts = column.flatten()
    if not len(parts):
        return none, counts
    fields = {field.name: pc.struct_field(parts, field.name) for field in parts.type}
    return records_from(pa.table(fields), columns, layout), counts


def numbers(column: pa.ChunkedArray, how: Any, default: int) -> NDArray[np.int64]:
    """A column as whole numbers; nulls and codes that are not known take the default (unknown codes: ABSENT)."""
    if isinstance(how, dict):
        encoded = column.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        codes = np.array([how.get(word, ABSENT) for word in encoded.dictionary.to_pylist()] + [default], np.int64)
        return codes[encoded.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)]
    if how in (MONEY, RATE):
        scale = 2 if how == MONEY else 6
        column = column.cast(pa.decimal64(18, scale)).combine_chunks()
        whole = pa.Array.from_buffers(pa.int64(), len(column), column.buffers(), offset=column.offset)
    else:
        whole = column.cast(pa.int32() if how == DAY else pa.int64()).combine_chunks()
    return whole.fill_null(default).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
