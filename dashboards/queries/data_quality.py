"""Questions about deliveries, refusals, checks and closings."""

from __future__ import annotations

import polars as pl

from dashboards.queries.selection import published
from dashboards.readers import readers
from warehouse.lake import Closing

# Deliveries are read at the newest commit: what was refused since the last close is what people come here to see.


def receipts() -> pl.DataFrame:
    """One row: deliveries, rows received, taken in, refused and known already; rows still refused; last receipt."""
    return readers().answer(
        None,
        """
        select count(*) as batches, count(*) filter (where status_code = 'REJECTED') as batches_rejected,
               sum(rows_received)::bigint as rows_received, sum(rows_accepted)::bigint as rows_accepted,
               sum(rows_already_known)::bigint as rows_already_known,
               (select count(*) from (select distinct batch_id, table_name, row_number from lake.bronze.quarantine
                where released_at is null)) as rows_refused,
               max(received_at) as received_at, date_diff('minute', max(received_at), now()) as age_minutes
        from lake.bronze.batches having count(*) > 0
        """,
        {},
    )


def batches() -> pl.DataFrame:
    """One row a delivered file and table, newest first; is_reconciled: counts and control totals add up."""
    return readers().answer(
        None,
        """
        select received_at, source, table_name, file_name, status_code,
               rows_received, rows_accepted, rows_quarantined, rows_already_known,
               control_column, control_total_received, control_total_accepted, control_total_quarantined,
               control_total_already_known, message,
               rows_received = rows_accepted + rows_quarantined + rows_already_known
                   and (control_total_received is null or control_total_received = coalesce(control_total_accepted, 0)
                        + coalesce(control_total_quarantined, 0) + coalesce(control_total_already_known, 0))
                   as is_reconciled, batch_id
        from lake.bronze.batches
        order by received_at desc, source, table_name
        """,
        {},
    )


def freshness() -> pl.DataFrame:
    """One row a source: when it last delivered, how many minutes ago, files and rows so far."""
    return readers().answer(
        None,
        """
        select source, max(received_at) as received_at, date_diff('minute', max(received_at), now()) as age_minutes,
               count(distinct batch_id) as files, sum(rows_accepted)::bigint as rows_accepted
        from lake.bronze.batches group by source order by received_at desc
        """,
        {},
    )


def quarantine_reasons() -> pl.DataFrame:
    """One row a table, column and reason: rows still refused, most first."""
    return readers().answer(
        None,
        """
        select table_name, column_name, reason, count(*) as rows
        from lake.bronze.quarantine where released_at is null
        group by all order by rows desc, table_name, column_name, reason
        """,
        {},
    )


def quarantine_rows(tables: list[str], containing: str, limit: int = 200) -> pl.DataFrame:
    """Rows still refused, newest first. tables: of these alone; containing: text in file, column, value or reason."""
    return readers().answer(
        None,
        """
        select table_name, file_name, row_number, column_name, value, reason, source, received_at, row
        from lake.bronze.quarantine
        where released_at is null and list_contains($tables, table_name)
          and contains(lower(concat_ws(' ', file_name, column_name, value, reason)), lower($containing))
        order by received_at desc, file_name, row_number, column_name limit $limit
        """,
        {"tables": tables, "containing": containing, "limit": limit},
    )


def quarantine_tables() -> list[str]:
    """The tables of which rows are still refused."""
    frame = readers().answer(
        None, "select distinct table_name from lake.bronze.quarantine where released_at is null order by all", {}
    )
    return [] if frame.is_empty() else frame["table_name"].to_list()


def checks(closing: Closing) -> pl.DataFrame:
    """One row a check of the closing, failed ones first."""
    return readers().answer(
        closing.snapshot_id,
        """
        select is_passed, layer, table_name, check_name, severity_code, rows_failed, checked_at
        from lake.gold.check_results where inputs_hash = $inputs_hash
        order by is_passed, severity_code, layer, table_name, check_name
        """,
        {"inputs_hash": closing.inputs_hash},
    )


def checks_total(closing: Closing) -> pl.DataFrame:
    """One row: checks of the closing, how many passed and failed, and failed with severity ERROR; none, no row."""
    return readers().answer(
        closing.snapshot_id,
        """
        select count(*) as checks, count(*) filter (where is_passed) as passed,
               count(*) filter (where not is_passed) as failed,
               count(*) filter (where not is_passed and severity_code = 'ERROR') as failed_errors,
               max(checked_at) as checked_at
        from lake.gold.check_results where inputs_hash = $inputs_hash having count(*) > 0
        """,
        {"inputs_hash": closing.inputs_hash},
    )


def closings() -> pl.DataFrame:
    """One row a published snapshot, newest first."""
    columns = ("as_of", "snapshot_id", "published_at", "inputs_hash", "code_version")
    return pl.DataFrame([{name: getattr(row, name) for name in columns} for row in reversed(published())])
