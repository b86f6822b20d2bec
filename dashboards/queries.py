"""Every question the pages ask of the lake, a function each, returning a frame.

Belongs here: all SQL of the dashboards. Does not: connections (readers.py), drawing (charts.py). Amounts of different
currencies are never added: a question about money is asked of one Selection, which has one currency, or is answered
by currency. Above the grain of a mart, counts and amounts are summed and a rate is the ratio of the sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards.readers import readers
from warehouse.contracts import codes
from warehouse.lake import Closing

LOAN_LATEST = "gold.servicing__loan_latest"
DELINQUENCY = "gold.servicing__delinquency_monthly"
COLLECTION = "gold.servicing__collection_monthly"
VINTAGE = "gold.risk__vintage_monthly"
ROLL_RATE = "gold.risk__roll_rate_monthly"
SCORE = "gold.risk__score_monthly"
FUNNEL = "gold.origination__funnel_daily"
BATCHES = "bronze.batches"
QUARANTINE = "bronze.quarantine"
CHECKS = "gold.check_results"
CLOSINGS = "gold.closings"

SCORE_BINS_AT_MOST = 50
FUNNEL_MONTHS = 12
SELECTED = "currency = $currency and list_contains($entities, entity_id) and list_contains($products, product_code)"


@dataclass(frozen=True)
class Selection:
    """What a page shows: one published snapshot, one currency, and which entities and products in it."""

    snapshot_id: int
    currency: str
    entities: tuple[str, ...]
    products: tuple[str, ...]

    def ask(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """The rows of one question about this selection; `{selected}` in the SQL is its condition."""
        mine = {"currency": self.currency, "entities": list(self.entities), "products": list(self.products)}
        return readers().answer(self.snapshot_id, sql.replace("{selected}", SELECTED), {**mine, **parameters})


def published() -> list[Closing]:
    """Every published snapshot, oldest first. Raises LakeMissing when there is none."""
    return readers().published()


# -- portfolio --


def books(snapshot_id: int) -> pl.DataFrame:
    """One row a currency, entity and product: loans by state and money; the newest book first."""
    return readers().answer(
        snapshot_id,
        """
        select currency, entity_id, product_code,
               count(*) as loans,
               count(*) filter (where status_code = 'ACTIVE') as loans_active,
               count(*) filter (where status_code = 'WRITTEN_OFF') as loans_written_off,
               sum(principal) as principal,
               sum(principal_outstanding) as principal_outstanding,
               sum(total_overdue) as total_overdue,
               sum(principal_charged_off) as principal_charged_off,
               max(as_of) as as_of,
               max(max(as_of)) over (partition by currency) as as_of_in_currency,
               (sum(loans_active) over (partition by currency))::bigint as loans_active_in_currency
        from lake.gold.servicing__loan_latest
        group by currency, entity_id, product_code
        order by as_of_in_currency desc, loans_active_in_currency desc, currency,
                 principal_outstanding desc nulls last, loans desc
        """,
        {},
    )


def position(selection: Selection) -> pl.DataFrame:
    """One row: the loans of the selection by state, and their money; no row when the selection is empty."""
    return selection.ask(
        """
        select count(*) as loans,
               count(*) filter (where status_code = 'ACTIVE') as loans_active,
               count(*) filter (where principal_charged_off > 0) as loans_charged_off,
               count(*) filter (where total_overdue > 0) as loans_overdue,
               sum(principal_outstanding) as principal_outstanding, sum(total_overdue) as total_overdue,
               sum(principal) as principal,
               sum(principal_charged_off) as principal_charged_off,
               min(as_of) as as_of_first, max(as_of) as as_of_last
        from lake.gold.servicing__loan_latest
        where {selected}
        having count(*) > 0
        """
    )


def outstanding_monthly(selection: Selection) -> pl.DataFrame:
    """One row a month-end, oldest first: loans, principal outstanding and overdue, and the share over 30 days late.

    past_due_30_share: principal outstanding of loans more than 30 days past due, over all principal outstanding.
    """
    return selection.ask(
        """
        select as_of, sum(loans)::bigint as loans, sum(principal_outstanding) as principal_outstanding,
               sum(total_overdue) as total_overdue,
               cast(coalesce(sum(principal_outstanding) filter (where dpd_bucket_code not in ('0', '1-30')), 0)
                    as double) / nullif(cast(sum(principal_outstanding) as double), 0) as past_due_30_share
        from lake.gold.servicing__delinquency_monthly
        where {selected}
        group by as_of order by as_of
        """
    )


def delinquency_monthly(selection: Selection) -> pl.DataFrame:
    """One row a month-end and bucket: loans, money, and the bucket's share of principal outstanding.

    A bucket in which no loan was at that month-end is a row of zeros, so that it is not taken for unknown.
    """
    return selection.ask(
        """
        with summed as (
            select as_of, dpd_bucket_code, sum(loans)::bigint as loans,
                   sum(principal_outstanding) as principal_outstanding, sum(total_overdue) as total_overdue
            from lake.gold.servicing__delinquency_monthly
            where {selected}
            group by as_of, dpd_bucket_code),
        filled as (
            select as_of, dpd_bucket_code, coalesce(loans, 0) as loans,
                   coalesce(principal_outstanding, 0) as principal_outstanding, total_overdue
            from (select distinct as_of from summed)
            cross join (select unnest($buckets) as dpd_bucket_code)
            left join summed using (as_of, dpd_bucket_code))
        select *, cast(principal_outstanding as double)
                  / nullif(cast(sum(principal_outstanding) over (partition by as_of) as double), 0) as share
        from filled order by as_of, list_position($buckets, dpd_bucket_code)
        """,
        buckets=list(codes.DPD_BUCKET),
    )


def collection_monthly(selection: Selection) -> pl.DataFrame:
    """One row a month-end: what fell due, what came in, and their ratio."""
    return selection.ask(
        """
        select as_of, sum(loans_due)::bigint as loans_due, sum(amount_due) as amount_due,
               sum(amount_collected) as amount_collected,
               cast(sum(amount_collected) as double) / nullif(cast(sum(amount_due) as double), 0)
                   as collection_efficiency
        from lake.gold.servicing__collection_monthly
        where {selected}
        group by as_of
        having sum(amount_due) > 0
        order by as_of
        """
    )


def roll_months(selection: Selection) -> pl.DataFrame:
    """The month-ends for which moves between buckets are known, newest first."""
    return selection.ask(
        "select distinct as_of from lake.gold.risk__roll_rate_monthly where {selected} order by as_of desc"
    )


def roll_rates(selection: Selection, as_of: Any, months: int) -> pl.DataFrame:
    """One row a pair of buckets: loans that moved so in the `months` months up to as_of, and their share."""
    return selection.ask(
        """
        with moves as (
            select bucket_from_code, bucket_to_code, sum(loans)::bigint as loans
            from lake.gold.risk__roll_rate_monthly
            where {selected} and as_of <= $as_of and as_of > last_day(cast($as_of as date) - to_months($months))
            group by bucket_from_code, bucket_to_code)
        select *, cast(loans as double) / sum(loans) over (partition by bucket_from_code) as roll_rate
        from moves order by bucket_from_code, bucket_to_code
        """,
        as_of=as_of,
        months=months,
    )


def vintage_years(selection: Selection, loans_at_least: int) -> pl.DataFrame:
    """One row a year of disbursement that has enough loans to draw: the year, its loans, the last complete month.

    as_of: the last day on which these loans were observed, the same in each row.
    """
    return selection.ask(
        _VINTAGES + "select year, max(loans_disbursed) as loans_disbursed, max(months_on_book) as months_on_book, "
        "(select max(as_of) from lake.gold.servicing__loan_latest where {selected}) as as_of "
        "from vintages where loans_disbursed >= $loans_at_least group by year order by year",
        loans_at_least=loans_at_least,
    )


def vintage_curves(selection: Selection, first_year: int, last_year: int, loans_at_least: int) -> pl.DataFrame:
    """One row a year of disbursement and month on book: charge-offs to date; months not fully observed left out."""
    return selection.ask(
        _VINTAGES + "select * from vintages where year between $first_year and $last_year "
        "and loans_disbursed >= $loans_at_least order by year, months_on_book",
        first_year=first_year,
        last_year=last_year,
        loans_at_least=loans_at_least,
    )


# A month counts for a year only where each book of that year has been observed for so long.
_VINTAGES = """
with summed as (
    select year(vintage_on) as year, months_on_book, sum(loans_disbursed)::bigint as loans_disbursed,
           sum(amount_disbursed) as amount_disbursed,
           sum(loans_charged_off_to_date)::bigint as loans_charged_off_to_date,
           sum(amount_charged_off_to_date) as amount_charged_off_to_date, bool_and(is_complete) as is_complete
    from lake.gold.risk__vintage_monthly
    where {selected}
    group by year(vintage_on), months_on_book),
whole as (
    select *, max(loans_disbursed) over (partition by year) as loans_of_year from summed),
vintages as (
    select year, months_on_book, loans_disbursed, loans_charged_off_to_date,
           cast(loans_charged_off_to_date as double) / nullif(loans_disbursed, 0) as charge_off_rate,
           cast(amount_charged_off_to_date as double) / nullif(cast(amount_disbursed as double), 0) as charge_off_share
    from whole where is_complete and loans_disbursed = loans_of_year)
"""


def score_bins(selection: Selection) -> pl.DataFrame:
    """One row a bin of predicted probability and band, of the newest scoring: bin_from, bin_to, loans.

    A bin is half a percent wide, or one or two percent when the scores spread further.
    """
    return selection.ask(
        _SCORES
        + """, bins as (
            select coalesce(min(width) filter (where width * $bins >= (select max(pd) from scores)), 0.02) as width
            from (values (0.005), (0.01), (0.02)) as widths(width))
        select score_band_code, model_name, model_version, as_of, cast(floor(pd / width) * width as double) as bin_from,
               cast(floor(pd / width) * width + width as double) as bin_to, count(*) as loans
        from scores, bins group by all order by bin_from, score_band_code
        """,
        bins=SCORE_BINS_AT_MOST,
    )


def score_bands(selection: Selection) -> pl.DataFrame:
    """One row a band of the newest scoring: loans, their share, mean probability."""
    return selection.ask(
        _SCORES + "select score_band_code, count(*) as loans, count(*)::double / sum(count(*)) over () as share, "
        "avg(pd) as probability_of_default, max(model_name) as model_name, max(model_version) as model_version, "
        "max(as_of) as as_of from scores group by score_band_code order by score_band_code"
    )


_SCORES = """
with newest as (
    select max(as_of) as as_of from lake.gold.risk__score_monthly where {selected}),
scores as (
    select score_band_code, probability_of_default as pd, model_name, model_version, as_of
    from lake.gold.risk__score_monthly
    where {selected} and as_of = (select as_of from newest))
"""


def funnel(selection: Selection) -> pl.DataFrame:
    """One row a stage, over the last months in which applications came: applications, share of those received, money.

    Columns stage, position, loans, share, amount, applied_first, applied_last.
    """
    return selection.ask(
        """
        with days as (select * from lake.gold.origination__funnel_daily where {selected}),
        recent as (
            select * from days
            where applied_on > last_day((select max(applied_on) from days) - to_months($months))),
        totals as (
            select sum(applications_received)::bigint as received, sum(applications_approved)::bigint as approved,
                   sum(loans_disbursed)::bigint as disbursed, sum(amount_requested) as amount_requested,
                   sum(amount_sanctioned) as amount_sanctioned, sum(amount_disbursed) as amount_disbursed,
                   min(applied_on) as applied_first, max(applied_on) as applied_last
            from recent having count(*) > 0)
        select stage, position, loans, cast(loans as double) / nullif(received, 0) as share, amount,
               applied_first, applied_last
        from (
            select 'Received' as stage, 1 as position, received as loans, amount_requested as amount, * from totals
            union all select 'Approved', 2, approved, amount_sanctioned, * from totals
            union all select 'Disbursed', 3, disbursed, amount_disbursed, * from totals)
        order by position
        """,
        months=FUNNEL_MONTHS,
    )


# -- data quality --
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
