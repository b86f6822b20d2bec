"""The claims made of bronze after each receipt, as plain functions of the lake.

Belongs here: what is claimed and how it is examined. Does not: Dagster's specs (bronze.py), what a row must satisfy
(warehouse/contracts), the examination of received rows by Great Expectations (ingestion).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import duckdb

from warehouse.contracts import registry
from warehouse.contracts.table import Table
from warehouse.lake import ALIAS, Lake


@dataclass(frozen=True)
class Verdict:
    """What an examination found. rows_failed: rows (or batches) against the claim."""

    name: str
    rows_failed: int
    is_blocking: bool
    details: dict[str, Any] = field(default_factory=dict)

    def as_check_result(self, asset: dg.AssetKey) -> dg.AssetCheckResult:
        severity = dg.AssetCheckSeverity.ERROR if self.is_blocking else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(
            asset_key=asset,
            check_name=self.name,
            passed=self.rows_failed == 0,
            severity=severity,
            metadata={"rows_failed": self.rows_failed, **self.details},
        )


@dataclass(frozen=True)
class Claim:
    """One claim about one table. failed_sql: answers with the number of rows against it.

    looks: Great Expectations examines the same claim on the received rows, and its findings are shown with the verdict.
    """

    name: str
    meaning: str
    is_blocking: bool
    failed_sql: str
    looks: bool = False


def claims_of(table: Table) -> list[Claim]:
    """What is claimed of a bronze table; nothing yet of the two tables of receipt."""
    if table in registry.RECEIPTS:
        return []
    key = ", ".join(table.grain)
    return [
        Claim(
            f"{table.name}_match_their_control_totals",
            "Every batch's received rows and sum are accepted, quarantined or already known; none is lost or doubled.",
            True,
            unaccounted_sql(table),
        ),
        Claim(
            f"{table.name}_have_one_row_per_key",
            f"No two rows have the same {key}" + (" in one batch." if table.is_versioned else "."),
            True,
            doubled_sql(table),
        ),
        Claim(
            f"{table.name}_meet_their_contract",
            "No received row waits in quarantine. Refused rows never reach the table: this tells, it does not block.",
            False,
            quarantined_sql(table),
            looks=True,
        ),
    ]


def examined(
    lake: Lake, landed: Iterable[Any], tables: Sequence[Table] = (*registry.BRONZE, *registry.RECEIPTS)
) -> Iterator[tuple[Table, dict[str, Any], list[Verdict]]]:
    """Each table with its figures and the verdicts on its claims. landed: this receipt's ingestion.Landed."""
    by_table: dict[str, list[Any]] = {}
    for one in landed:
        by_table.setdefault(one.table, []).append(one)
    connection = lake.open_reader(head=True)
    try:
        for table in tables:
            received, claims = by_table.get(table.name, []), claims_of(table)
            rows, *failed = counted(connection, table, claims)
            verdicts = [
                Verdict(claim.name, number, claim.is_blocking, seen_by_expectations(received) if claim.looks else {})
                for claim, number in zip(claims, failed, strict=True)
            ]
            yield table, figures(rows, received), verdicts
    finally:
        connection.close()


def counted(connection: duckdb.DuckDBPyConnection, table: Table, claims: Sequence[Claim]) -> list[int]:
    """Rows of the table, then rows against each claim, in one query: in DuckLake each query has its price."""
    questions = [f"select count(*) from {ALIAS}.{table.qualified}", *(claim.failed_sql for claim in claims)]
    row = connection.execute("select " + ", ".join(f"({question})" for question in questions)).fetchone()
    assert row is not None
    return [int(number) for number in row]


def figures(rows: int, received: list[Any]) -> dict[str, Any]:
    """Rows in the table now, and what this receipt brought."""
    brought = {
        f"rows_{what}": sum(getattr(one, f"rows_{what}") for one in received)
        for what in ("received", "accepted", "quarantined", "already_known")
    }
    return {"dagster/row_count": rows, **(brought if received else {}), "batches": len(received)}


def seen_by_expectations(received: list[Any]) -> dict[str, Any]:
    """What Great Expectations found in the batches of this receipt; {} when it looked at none.

    received: ingestion.Landed with their `validation`. A test of ingestion holds that it and the gate agree.
    """
    validations = [one.validation for one in received if one.validation is not None]
    if not validations:
        return {}
    failed = [expected for validation in validations for expected in validation.failed()]
    told = "\n".join(f"| {', '.join(e.columns)} | {e.meaning} | {e.rows_unexpected} |" for e in failed)
    found = dg.MetadataValue.md(f"| columns | expectation | rows against it |\n|---|---|--:|\n{told}")
    return {
        "expectations": sum(len(validation.expectations) for validation in validations),
        "expectations_failed": found if failed else "none",
        "rows_examined": sum(validation.rows_evaluated for validation in validations),
        "rows_received": sum(validation.rows_received for validation in validations),
    }


def unaccounted_sql(table: Table) -> str:
    """Batches whose counts or control totals do not add up, or differ from the rows and sums the table has of them."""
    total = f"sum({table.control})" if table.control else "0"
    return f"""
        with batches as (
            select batch_id, sum(rows_accepted) as accepted, sum(control_total_accepted) as total,
                count_if(rows_received <> rows_accepted + rows_quarantined + rows_already_known
                    or control_total_received <> coalesce(control_total_accepted, 0)
                        + coalesce(control_total_quarantined, 0) + coalesce(control_total_already_known, 0)) as wrong
            from {ALIAS}.bronze.batches where table_name = '{table.name}' and status_code <> 'REJECTED'
            group by batch_id
        ), stored as (
            select batch_id, count(*) as rows, {total} as total from {ALIAS}.{table.qualified} group by batch_id
        )
        select count(*) from batches full join stored on stored.batch_id = batches.batch_id
        where batches.wrong > 0 or coalesce(batches.accepted, 0) <> coalesce(stored.rows, 0)
            or coalesce(batches.total, 0) <> coalesce(stored.total, 0)"""


def doubled_sql(table: Table) -> str:
    """Rows beyond the first of each key; a versioned table may hold a key once in each batch."""
    key = ", ".join((*table.grain, "batch_id") if table.is_versioned else table.grain)
    return f"""
        select coalesce(sum(rows - 1), 0) from
            (select count(*) as rows from {ALIAS}.{table.qualified} group by {key}) where rows > 1"""


def quarantined_sql(table: Table) -> str:
    """Refused rows, each counted once however many reasons it has."""
    return f"""
        select count(distinct (batch_id, row_number)) from {ALIAS}.bronze.quarantine
        where table_name = '{table.name}' and released_at is null"""
