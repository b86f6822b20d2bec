"""A small invented book of business loans whose truth is known: what drives charge-offs, and what only betrays them.

Belongs here: the loans as staging would show them, and building the snapshot of features from them. Does not: tests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import jinja2
import numpy as np
import polars as pl

from warehouse.contracts.features import FEATURES
from warehouse.home import REPOSITORY
from warehouse.lake import Lake

SNAPSHOT_SQL = REPOSITORY / "transforms/models/intermediate/risk/int_risk__features_snapshotted.sql"
LAST_DAY = date(2012, 6, 30)


@dataclass(frozen=True)
class Book:
    """Three frames with the columns of staging that the snapshot reads."""

    applications: pl.DataFrame
    loans: pl.DataFrame
    outcomes: pl.DataFrame

    def until(self, day: date) -> Book:
        """The book as it was known on a day: later loans, applications and outcomes had not been received."""
        loans = self.loans.filter(pl.col("disbursed_on") <= day)
        known = pl.col("outcome_on").is_not_null() & (pl.col("outcome_on") <= day)
        return replace(
            self,
            loans=loans,
            applications=self.applications.join(loans.select("application_id"), on="application_id", how="semi"),
            outcomes=self.outcomes.join(loans.select("loan_id"), on="loan_id", how="semi").filter(known),
        )


def invented(loans: int = 6000, seed: int = 7) -> Book:
    """Small loans of new businesses fail more often; the reported term is overwritten by the months to charge-off."""
    rng = np.random.default_rng(seed)
    ids = [f"SBA-{n:06d}" for n in range(loans)]
    applied = np.datetime64("1997-06-01") + rng.integers(0, 4600, loans)
    after = rng.integers(5, 120, loans)
    disbursed = applied + after
    amount = np.round(np.exp(rng.normal(11, 1, loans)), -2) + 1000
    is_new = rng.random(loans) < 0.3
    logit = -1.9 + 0.9 * is_new - 0.7 * (np.log(amount) - 11) + rng.normal(0, 0.6, loans)
    fails = rng.random(loans) < 1 / (1 + np.exp(-logit))
    months = rng.integers(3, 60, loans)
    off_on = disbursed + (months * 30.44).astype(int)
    fails &= off_on <= np.datetime64(LAST_DAY)
    agreed = 12 * rng.integers(2, 20, loans)
    is_open = ~fails & (rng.random(loans) < 0.05)
    applications = pl.DataFrame(
        {
            "application_id": ids,
            "applied_on": pl.Series(applied),
            "amount_requested": amount,
            "amount_sanctioned": amount,
            "amount_guaranteed": np.round(amount * rng.choice([0.5, 0.75, 0.85], loans), 2),
            "state_code": rng.choice(["CA", "NY", "TX", "OH"], loans),
            "lender_name": rng.choice([f"LENDER {n}" for n in range(20)], loans),
            "naics_code": pl.Series(rng.choice(["722110", "541110", "238210", ""], loans)).replace("", None),
            "employees": rng.integers(0, 60, loans),
            "jobs_created": rng.integers(0, 9, loans),
            "jobs_retained": rng.integers(0, 9, loans),
            "is_new_business": is_new,
            "is_franchise": rng.random(loans) < 0.05,
            "urban_rural_code": rng.choice(["URBAN", "RURAL", "UNDEFINED"], loans),
            "is_revolving": rng.random(loans) < 0.4,
            "is_low_doc": rng.random(loans) < 0.1,
        }
    )
    booked = pl.DataFrame(
        {
            "loan_id": ids,
            "application_id": ids,
            "branch_id": [f"SBA-{s}" for s in rng.choice(["CA", "NY", "NC"], loans)],
            "entity_id": "SBA",
            "product_code": "SBA_7A",
            "currency": "USD",
            "principal": amount,
            "disbursed_on": pl.Series(disbursed),
            "term_months_reported": np.where(fails, months, agreed),
        }
    )
    ended = pl.DataFrame(
        {
            "loan_id": ids,
            "outcome_code": np.where(fails, "CHARGED_OFF", "PAID_IN_FULL"),
            "outcome_on": pl.Series(off_on),
            "principal_charged_off": np.where(fails, np.round(amount * 0.6), np.nan),
        }
    ).with_columns(
        pl.when(pl.col("outcome_code") == "CHARGED_OFF").then("outcome_on").alias("outcome_on"),
        pl.col("principal_charged_off").fill_nan(None),
    )
    return Book(applications, booked, ended.filter(~pl.Series(is_open)))


def lay(lake: Lake, book: Book) -> None:
    """Put the book where staging would, and build the snapshot of features from it with the model's own SQL."""
    money = ("amount_requested", "amount_sanctioned", "amount_guaranteed", "principal", "principal_charged_off")
    tables = {
        "stg_origination__applications": book.applications,
        "stg_servicing__loans": book.loans,
        "stg_risk__outcomes": book.outcomes,
    }
    with lake.open_writer("laying a book") as connection:
        for name, frame in tables.items():
            connection.register("given", frame.to_arrow())
            columns = ", ".join(
                f"cast({c} as decimal(18,2)) as {c}"
                if c in money
                else f"cast({c} as date) as {c}"
                if c.endswith("_on")
                else c
                for c in frame.columns
            )
            connection.execute(f"create or replace table lake.silver.{name} as select {columns} from given")
        connection.execute(f"create or replace table lake.{FEATURES.qualified} as {snapshot_sql()}")


def snapshot_sql() -> str:
    """The dbt model with its refs resolved."""
    return jinja2.Template(SNAPSHOT_SQL.read_text()).render(ref=lambda name: f"lake.silver.{name}")


def features_of(lake: Lake) -> pl.DataFrame:
    """The snapshot, as it lies in the lake."""
    connection = lake.open_reader(head=True)
    try:
        return connection.execute(f"from lake.{FEATURES.qualified} order by loan_id").pl()
    finally:
        connection.close()
