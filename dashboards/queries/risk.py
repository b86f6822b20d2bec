"""Questions about risk: rolls between buckets, vintages, scores."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards.queries.selection import Selection

SCORE_BINS_AT_MOST = 50


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
