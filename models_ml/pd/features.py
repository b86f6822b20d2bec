"""What the default model is told of a loan: a query over the snapshot of features, and the columns derived from it.

Belongs here: the query, the derived features, their direction. Does not: the counts of experience themselves, which
silver.int_risk__features_snapshotted takes as of the month of application.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from warehouse.contracts.features import CANDIDATES, FEATURES, KnownFrom
from warehouse.lake import ALIAS

# Of loans disbursed earlier, the source kept almost only those that were charged off (all of those made in the 1970s).
POPULATION_FROM = date(1990, 1, 1)
LABEL_MONTHS = 36
# Experience of few loans is drawn towards this rate, which is about the book's over its whole life.
PRIOR_LOANS, PRIOR_CHARGE_OFFS = 150, 5


@dataclass(frozen=True)
class Feature:
    """One input of the model. sources: the candidates it is made of; it is used only if none of them is refused.

    direction: +1 the probability may only rise with it, -1 only fall, 0 free.
    """

    name: str
    sources: tuple[str, ...]
    value: pl.Expr
    direction: int = 0


def _rate(subject: str) -> pl.Expr:
    """Charge-offs per loan of the subject in the 36 months before application, drawn towards the prior."""
    return (pl.col(f"{subject}_charge_offs_36_months") + PRIOR_CHARGE_OFFS) / (
        pl.col(f"{subject}_loans_36_months") + PRIOR_LOANS
    )


def _experience(subject: str) -> tuple[str, ...]:
    return (f"{subject}_loans_36_months", f"{subject}_charge_offs_36_months")


# Rates are taken relative to the state's, so that they say who was better than others and not which year it was.
# is_low_doc, is_revolving, urban_rural_code and the job counts are left out: how often they are filled in tells the era
# (the low documentation programme ended in 2005), and a model that learns eras fails in the next one.
# Directions are those that hold on average inside the training vintages (small, quick, remote loans of volume lenders
# fail more often); fixing them keeps the trees from bending around the habits of a few years.
ALL = (
    Feature("amount_sanctioned", ("amount_sanctioned",), pl.col("amount_sanctioned"), -1),
    Feature("guaranteed_share", ("guaranteed_share",), pl.col("guaranteed_share")),
    Feature("employees", ("employees",), pl.col("employees").clip(0, 500), -1),
    Feature("is_new_business", ("is_new_business",), pl.col("is_new_business"), 1),
    Feature("is_franchise", ("is_franchise",), pl.col("is_franchise")),
    Feature("is_lender_out_of_state", ("is_lender_out_of_state",), pl.col("is_lender_out_of_state"), 1),
    Feature("disbursed_after_days", ("disbursed_after_days",), pl.col("disbursed_after_days").clip(0, 720), -1),
    Feature("sector_number", ("sector_code",), pl.col("sector_code").cast(pl.Int64, strict=False)),
    Feature("lender_loans_36_months", ("lender_loans_36_months",), pl.col("lender_loans_36_months"), 1),
    Feature(
        "lender_charge_offs_relative",
        (*_experience("lender"), *_experience("state")),
        _rate("lender") / _rate("state"),
        1,
    ),
    Feature(
        "sector_charge_offs_relative",
        (*_experience("sector"), *_experience("state")),
        _rate("sector") / _rate("state"),
        1,
    ),
)


def snapshot(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The population, one row per loan in the order of loan_id; columns as in the contract.

    Raises ValueError when there is no such loan.
    """
    columns = ", ".join(field.name for field in FEATURES.fields)
    frame = connection.execute(
        f"select {columns} from {ALIAS}.{FEATURES.qualified} where disbursed_on >= ? order by loan_id",
        [POPULATION_FROM],
    ).pl()
    if frame.is_empty():
        raise ValueError(f"{FEATURES.qualified} holds no loan disbursed since {POPULATION_FROM}; build silver first")
    return frame


def matrix(frame: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """The features of those names, as Float32 with nulls, one row per row of frame, columns in the order of names.

    Raises KeyError for a name that is not (or no longer) a feature.
    """
    known = {feature.name: feature for feature in ALL}
    return frame.select(known[name].value.cast(pl.Float32).alias(name) for name in names)


def usable(refused: Collection[str]) -> list[Feature]:
    """The features none of whose sources is refused."""
    return [feature for feature in ALL if not set(feature.sources) & set(refused)]


def candidates() -> list[str]:
    """Every column offered to the leakage check, in the order in which they are recorded."""
    return [field.name for field, _ in CANDIDATES]


def refused_by_contract() -> dict[str, str]:
    """Candidates that cannot be known when a loan is made, with the moment from which they are."""
    return {field.name: known.value for field, known in CANDIDATES if known is KnownFrom.OUTCOME}


def content_hash(frame: pl.DataFrame) -> str:
    """SHA-256 of a frame's values; equal rows in equal order have equal hashes."""
    digest = hashlib.sha256(repr(frame.schema).encode())
    for column in frame.columns:
        digest.update(frame[column].cast(pl.String).fill_null("\x00").str.join("\x1f").item().encode())
    return digest.hexdigest()
