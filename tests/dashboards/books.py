"""A small, plausible lake: three books in three currencies, every mart filled, published.

Belongs here: invented figures with the shape of real ones, in the columns of the contracts. Does not: how a figure is
computed from events (transforms), which this lake skips on purpose.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import polars as pl

from tests.dashboards import receipts
from warehouse.bronze import ensure_bronze, ensure_tables
from warehouse.contracts import registry
from warehouse.contracts.features import SCORES
from warehouse.contracts.origination import FUNNEL_DAILY
from warehouse.contracts.receipt import BATCHES, QUARANTINE
from warehouse.contracts.regulatory import CHECK_RESULTS
from warehouse.contracts.risk import VINTAGE_MONTHLY
from warehouse.contracts.servicing import LOAN_LATEST, LOAN_MONTHLY
from warehouse.contracts.table import Table
from warehouse.lake import ALIAS, Closing, Lake

AS_OF = date(2026, 10, 31)
PRODUCTS = {"PERSONAL": 180_000, "HOME": 2_850_000, "CAR": 640_000, "BUSINESS": 920_000, "MFI": 42_000}
BRANCHES = ("BR-MUM-01", "BR-PUN-01", "BR-JAI-02")
BUCKETS = np.array(["0", "1-30", "31-60", "61-90", "91-180", "GT180"])
DPD_OF_BUCKET = np.array([0, 18, 44, 76, 130, 260])
# One month's moves between the buckets, those of a well-run book.
MOVES = np.array(
    [
        [0.962, 0.038, 0, 0, 0, 0],
        [0.52, 0.13, 0.35, 0, 0, 0],
        [0.21, 0.07, 0.12, 0.60, 0, 0],
        [0.09, 0.02, 0.05, 0.09, 0.75, 0],
        [0.03, 0.01, 0.01, 0.02, 0.63, 0.30],
        [0.01, 0, 0, 0, 0.02, 0.97],
    ]
)


def build(lake: Lake) -> Closing:
    """Fill every mart the pages read, and publish."""
    monthly = pl.concat([installment_book(), card_book()])
    frames = (
        (LOAN_MONTHLY, monthly),
        (LOAN_LATEST, latest(monthly)),
        (FUNNEL_DAILY, funnel()),
        (VINTAGE_MONTHLY, vintages()),
        (SCORES, scores()),
        (BATCHES, receipts.batches()),
        (QUARANTINE, receipts.quarantine()),
        (CHECK_RESULTS, receipts.checks()),
    )
    with lake.open_writer("lay out a small lake") as connection:
        ensure_bronze(connection)
        ensure_tables(connection, [*registry.GOLD, CHECK_RESULTS])
        for table, frame in frames:
            put(connection, table, frame)
        for statement in (DELINQUENCY, ROLLS, COLLECTION):
            connection.execute(statement)
        return lake.publish(connection, AS_OF, "inputs-1", "0.1.0+test")


def put(connection: duckdb.DuckDBPyConnection, table: Table, frame: pl.DataFrame) -> None:
    """Insert the frame's columns by name; those of the contract it lacks stay null."""
    connection.register("given", frame.to_arrow())
    connection.execute(f"insert into {ALIAS}.{table.qualified} by name select * from given")
    connection.unregister("given")


def installment_book(loans: int = 420, months: int = 24) -> pl.DataFrame:
    """Indian loans in rupees, one row a loan and month-end: buckets move by MOVES, the balance runs down."""
    rng = np.random.default_rng(20261031)
    frames = []
    for number in range(loans):
        product = tuple(PRODUCTS)[number % len(PRODUCTS)]
        on_book = int(rng.integers(6, months + 1))
        principal = float(np.round(PRODUCTS[product] * rng.lognormal(0, 0.35), -3))
        frames.append(one_loan(rng, f"LN-{number:05d}", product, BRANCHES[number % 3], principal, on_book))
    return pl.concat(frames)


def one_loan(
    rng: np.random.Generator, loan_id: str, product: str, branch: str, principal: float, on_book: int
) -> pl.DataFrame:
    state = np.zeros(on_book, dtype=int)
    for month in range(1, on_book):
        state[month] = rng.choice(6, p=MOVES[state[month - 1]])
    age = np.arange(1, on_book + 1)
    installment = principal / 36 * 1.15
    due = installment * age
    overdue = installment * np.minimum(DPD_OF_BUCKET[state] / 30, age)
    return pl.DataFrame(
        {
            "loan_id": loan_id,
            "as_of": month_ends(AS_OF, on_book),
            "branch_id": branch,
            "entity_id": "LENDHOUSE",
            "product_code": product,
            "currency": "INR",
            "months_on_book": age,
            "due_to_date": money(due),
            "paid_to_date": money(due - overdue),
            "total_overdue": money(overdue),
            "principal_outstanding": money(principal * (1 - age / 48) + overdue * 0.8),
            "oldest_due_on": None,
            "dpd": DPD_OF_BUCKET[state],
            "months_past_due": np.ceil(DPD_OF_BUCKET[state] / 30).astype(int),
            "dpd_bucket_code": BUCKETS[state],
        },
        schema_overrides={"oldest_due_on": pl.Date},
    )


def card_book(accounts: int = 120) -> pl.DataFrame:
    """Card accounts in another currency, six statements each, whose source states months late and no due dates."""
    rng = np.random.default_rng(20050930)
    state = np.zeros((accounts, 6), dtype=int)
    for month in range(1, 6):
        state[:, month] = [rng.choice(6, p=MOVES[before]) for before in state[:, month - 1]]
    billed = np.repeat(rng.lognormal(10.4, 0.8, accounts), 6)
    return pl.DataFrame(
        {
            "loan_id": [f"UCI-{n:05d}" for n in range(1, accounts + 1) for _ in range(6)],
            "as_of": month_ends(date(2005, 9, 30), 6) * accounts,
            "branch_id": "UCI-1",
            "entity_id": "UCI",
            "product_code": "CREDIT_CARD",
            "currency": "TWD",
            "months_on_book": None,
            "due_to_date": None,
            "paid_to_date": money(billed * 0.1),
            "total_overdue": None,
            "principal_outstanding": money(billed),
            "oldest_due_on": None,
            "dpd": None,
            "months_past_due": state.ravel(),
            "dpd_bucket_code": BUCKETS[state.ravel()],
        },
        schema_overrides={
            "months_on_book": pl.Int64,
            "due_to_date": pl.Decimal(18, 2),
            "total_overdue": pl.Decimal(18, 2),
            "oldest_due_on": pl.Date,
            "dpd": pl.Int64,
        },
    )


def latest(monthly: pl.DataFrame) -> pl.DataFrame:
    """The last month of each loan, and loans of which only the outcome is known."""
    last = monthly.sort("as_of").group_by("loan_id", maintain_order=True).last()
    same = ("branch_id", "entity_id", "product_code", "currency", "as_of", "principal_outstanding", "total_overdue")
    running = last.select(
        "loan_id",
        *same,
        *("dpd", "dpd_bucket_code", "months_past_due"),
        status_code=pl.lit("ACTIVE"),
        principal=pl.col("principal_outstanding"),
        payments_received=pl.col("paid_to_date"),
        source=pl.when(pl.col("currency") == "INR").then(pl.lit("portfolio")).otherwise(pl.lit("uci_credit_card")),
    )
    return pl.concat([running, ended_loans()], how="diagonal_relaxed").sort("loan_id")


def ended_loans(loans: int = 300) -> pl.DataFrame:
    rng = np.random.default_rng(899_164)
    failed = rng.random(loans) < 0.18
    principal = np.round(rng.lognormal(11.6, 1.0, loans), -2)
    return pl.DataFrame(
        {
            "loan_id": [f"SBA-{1_000_000_000 + n}" for n in range(loans)],
            "branch_id": "SBA-CA",
            "entity_id": "SBA",
            "product_code": "SBA_7A",
            "currency": "USD",
            "principal": money(principal),
            "disbursed_on": [date(1990 + n % 20, 3, 1) for n in range(loans)],
            "as_of": date(2014, 6, 30),
            "status_code": np.where(failed, "WRITTEN_OFF", np.where(np.arange(loans) % 9 == 0, "UNKNOWN", "CLOSED")),
            "outcome_code": np.where(failed, "CHARGED_OFF", "PAID_IN_FULL"),
            "principal_charged_off": money(np.where(failed, principal * 0.62, 0)),
            "source": "sba_national",
        }
    )


def funnel(days: int = 200) -> pl.DataFrame:
    rng = np.random.default_rng(7)
    rows = []
    for number in range(days):
        product = tuple(PRODUCTS)[number % len(PRODUCTS)]
        received = int(rng.integers(12, 40))
        approved, referred = int(received * 0.61), int(received * 0.06)
        rows.append(
            {
                "applied_on": date.fromordinal(AS_OF.toordinal() - number),
                "product_code": product,
                "channel_code": ("BRANCH", "DSA", "DIGITAL")[number % 3],
                "branch_id": BRANCHES[number % 3],
                "entity_id": "LENDHOUSE",
                "currency": "INR",
                "applications_received": received,
                "applications_approved": approved,
                "applications_rejected": received - approved - referred - 1,
                "applications_referred": referred,
                "applications_pending": 1,
                "loans_disbursed": int(approved * 0.86),
                "amount_requested": Decimal(received * PRODUCTS[product]),
                "amount_sanctioned": Decimal(approved * PRODUCTS[product] * 9 // 10),
                "amount_disbursed": Decimal(int(approved * 0.86) * PRODUCTS[product] * 9 // 10),
            }
        )
    return pl.DataFrame(rows)


def vintages() -> pl.DataFrame:
    """Cumulative charge-offs of yearly vintages, worst for loans made before the crisis of 2008; some incomplete."""
    rows = []
    for year in range(1990, 2013):
        final = 0.07 + 0.28 * np.exp(-(((year - 2006.5) / 2.2) ** 2))
        loans = 900 + 40 * (year - 1990)
        observed = (2014 - year - 1) * 12 + 6
        for month in range(0, 121, 1):
            lost = int(loans * final / (1 + np.exp(-(month - 44) / 12)))
            rows.append(("SBA_7A", "SBA", "USD", date(year, 1, 1), month, loans, lost, month <= observed))
    for year in (2024, 2025):
        for month in range(0, 25):
            rows.append(("PERSONAL", "LENDHOUSE", "INR", date(year, 1, 1), month, 80, month // 9, month <= 22))
    frame = pl.DataFrame(
        rows,
        schema=[*VINTAGE_MONTHLY.grain, "loans_disbursed", "loans_charged_off_to_date", "is_complete"],
        orient="row",
    )
    lost, made = pl.col("loans_charged_off_to_date"), pl.col("loans_disbursed")
    return frame.with_columns(
        amount_disbursed=(made * 150_000).cast(pl.Decimal(18, 2)),
        amount_charged_off_to_date=(lost * 95_000).cast(pl.Decimal(18, 2)),
        charge_off_rate=(lost / made).round(6).cast(pl.Decimal(18, 6)),
    )


def scores(loans: int = 300) -> pl.DataFrame:
    probability = np.clip(np.random.default_rng(3).beta(1.6, 9.0, loans), 0.002, 0.98)
    return pl.DataFrame(
        {
            "loan_id": [f"SBA-{1_000_000_000 + n}" for n in range(loans)],
            "model_name": "pd",
            "as_of": date(2014, 6, 30),
            "branch_id": "SBA-CA",
            "entity_id": "SBA",
            "product_code": "SBA_7A",
            "currency": "USD",
            "model_version": 3,
            "probability_of_default": probability,
            "score_band_code": np.array(list("ABCDEFG"))[
                np.searchsorted([0.03, 0.06, 0.1, 0.16, 0.25, 0.4], probability)
            ],
        }
    )


def month_ends(last: date, count: int) -> list[date]:
    """`count` month-ends, the last of them `last`, oldest first."""
    first_of_next = [(last.year * 12 + last.month - back) for back in range(count)]
    return sorted(date.fromordinal(date(n // 12, n % 12 + 1, 1).toordinal() - 1) for n in first_of_next)


def money(values: Any) -> pl.Series:
    return pl.Series(np.asarray(values, dtype=float)).round(2).cast(pl.Decimal(18, 2))


DELINQUENCY = """
insert into lake.gold.servicing__delinquency_monthly by name
select as_of, product_code, branch_id, entity_id, currency, dpd_bucket_code, count(*) as loans,
       sum(principal_outstanding) as principal_outstanding, sum(total_overdue) as total_overdue
from lake.gold.servicing__loan_monthly group by all
"""
ROLLS = """
insert into lake.gold.risk__roll_rate_monthly by name
with months as (
    select as_of, product_code, entity_id, currency, dpd_bucket_code as bucket_to_code,
           lag(dpd_bucket_code) over (partition by loan_id order by as_of) as bucket_from_code
    from lake.gold.servicing__loan_monthly),
moves as (
    select as_of, product_code, entity_id, currency, bucket_from_code, bucket_to_code, count(*) as loans
    from months where bucket_from_code is not null group by all)
select *, round(loans::double / sum(loans) over (
           partition by as_of, product_code, entity_id, currency, bucket_from_code)::double, 6) as roll_rate
from moves
"""
COLLECTION = """
insert into lake.gold.servicing__collection_monthly by name
with months as (
    select *, due_to_date - coalesce(lag(due_to_date) over loan, 0) as due,
           paid_to_date - coalesce(lag(paid_to_date) over loan, 0) as paid
    from lake.gold.servicing__loan_monthly where currency = 'INR'
    window loan as (partition by loan_id order by as_of))
select as_of, product_code, branch_id, entity_id, currency, count(*) as loans_due,
       sum(due)::decimal(18,2) as amount_due, sum(paid)::decimal(18,2) as amount_collected,
       (sum(paid)::double / sum(due)::double)::decimal(18,6) as collection_efficiency
from months group by all
"""
