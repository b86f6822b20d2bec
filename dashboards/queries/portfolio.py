"""Questions about the book: what is outstanding, late, collected, applied for."""

from __future__ import annotations

import polars as pl

from dashboards.queries.selection import Selection
from dashboards.readers import readers
from warehouse.contracts import codes

FUNNEL_MONTHS = 12


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
