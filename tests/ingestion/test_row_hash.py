"""The row hash against its definition, written out slowly; stored hashes must never change."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import row_hash

MASK = 2**64 - 1
SCHEMA = {
    "loan_id": pl.String(),
    "principal": pl.Decimal(18, 2),
    "installments": pl.Int64(),
    "is_new": pl.Boolean(),
    "on": pl.Date(),
    "at": pl.Datetime("us", "UTC"),
}


def mix(word: int) -> int:
    word = (word + 0x9E3779B97F4A7C15) & MASK
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def word_of(value: Any) -> int:
    if isinstance(value, str):
        text = value.encode()
        folded = mix(len(text))
        for start in range(0, len(text), 8):
            folded = mix(folded ^ int.from_bytes(text[start : start + 8], "little"))
        return folded
    if isinstance(value, Decimal):
        return int(value.scaleb(2)) & MASK
    if isinstance(value, datetime):
        return int((value - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000) & MASK
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days & MASK
    return int(value) & MASK


def slow_hash(row: dict[str, Any]) -> str:
    seeds = {name: int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") for name in row}
    return f"{sum(mix(word_of(v) ^ seeds[n]) for n, v in row.items() if v is not None) & MASK:016x}"


rows = st.fixed_dictionaries(
    {
        "loan_id": st.none() | st.text(max_size=20),
        "principal": st.none() | st.decimals(-(10**15), 10**15, places=2),
        "installments": st.none() | st.integers(-(2**63), 2**63 - 1),
        "is_new": st.none() | st.booleans(),
        "on": st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        "at": st.none() | st.integers(0, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC)),
    }
)


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=12))
def test_hash_is_what_its_definition_says(drawn: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(drawn, schema=SCHEMA)
    assert row_hash.row_hashes(frame, frame.columns).to_list() == [slow_hash(row) for row in drawn]


def test_neither_column_order_nor_a_new_empty_column_nor_block_size_changes_it(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    frame = pl.DataFrame({"a": [f"L{i}" for i in range(50)], "b": list(range(50))})
    before = row_hash.row_hashes(frame, ["a", "b"])
    monkeypatch.setattr(row_hash, "BLOCK", 7)
    grown = frame.with_columns(pl.lit(None, pl.String).alias("c"))
    assert row_hash.row_hashes(grown, ["c", "b", "a"]).to_list() == before.to_list()
    assert before.n_unique() == 50


def test_a_slice_hashes_like_the_whole() -> None:
    frame = pl.DataFrame({"a": ["x", None, "a longer text, beyond eight bytes", ""], "b": [Decimal("1.10")] * 4})
    whole = row_hash.row_hashes(frame, frame.columns).to_list()
    assert row_hash.row_hashes(frame.slice(2, 2), frame.columns).to_list() == whole[2:]


def test_no_rows_no_hashes() -> None:
    assert row_hash.row_hashes(pl.DataFrame({"a": []}, schema={"a": pl.String}), ["a"]).len() == 0
