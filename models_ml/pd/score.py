"""Scores of the champion, one row per loan and month of scoring, written to gold.

Belongs here: applying a version, bands, the atomic replacement. Does not: features, training.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from models_ml.pd import booster, record
from models_ml.pd.train import NAME, snapshot
from models_ml.registry import NoSuchModel, Registry
from warehouse.contracts.features import SCORES
from warehouse.home import Home
from warehouse.lake import ALIAS, Lake, in_one_commit, with_patience

BANDS = Path(__file__).resolve().parent / "score_bands.csv"
DECIMALS = 6


@dataclass(frozen=True)
class Scored:
    """rows: loans scored. rows_written: 0 when the lake held the same scores already. run_id: of the writing run."""

    run_id: str
    model_version: int
    as_of: date
    rows: int
    rows_written: int
    mean_probability: float

    def counts(self) -> dict[str, int | float | str]:
        return {**vars(self), "as_of": self.as_of.isoformat()}


def score(lake: Lake, home: Home | None = None, name: str = NAME) -> Scored:
    """Score the population with the champion as of the month in which the book was last observed.

    The scores of the model and month are replaced in one transaction; equal scores write nothing.
    Raises NoSuchModel when there is no champion.
    """
    registry = Registry(home or lake.home, name)
    champion = registry.champion()
    if champion is None:
        raise NoSuchModel(f"model {name!r} has no champion; run `lendhouse model promote {name}`")
    frame = snapshot(lake)
    as_of = month_end(last_day(frame))
    probability = booster.probability(record.loaded(registry, champion), frame)
    scores = frame.select(
        "loan_id",
        pl.lit(name).alias("model_name"),
        pl.lit(as_of).alias("as_of"),
        "branch_id",
        "entity_id",
        "product_code",
        "currency",
        pl.lit(champion.number, pl.Int64).alias("model_version"),
        pl.Series("probability_of_default", probability).round(DECIMALS),
    ).with_columns(band(pl.col("probability_of_default"), as_of).alias("score_band_code"))
    with lake.open_writer(f"writing scores of model {name}") as connection:
        if with_patience(lambda: is_known(connection, scores, name, as_of)):
            earlier = registry.last_run("score", champion.number)
            run_id = earlier.info.run_id if earlier else ""
            return Scored(run_id, champion.number, as_of, len(scores), 0, float(probability.mean()))
        tags = {"model_version": str(champion.number), "as_of": as_of.isoformat()}
        with registry.run("score", f"Version {champion.number} as of {as_of}.", tags) as run_id:
            replace(connection, scores, name, as_of)
            mlflow = registry.mlflow()
            mlflow.log_metrics({"rows": float(len(scores)), "mean_probability": float(probability.mean())})
            counted = scores.group_by("score_band_code").len().sort("score_band_code")
            mlflow.log_metrics({f"band_{code}": float(rows) for code, rows in counted.iter_rows()})
    return Scored(run_id, champion.number, as_of, len(scores), len(scores), float(probability.mean()))


def band(probability: pl.Expr, on: date) -> pl.Expr:
    """The band of a probability by the cut-offs valid on a day: the last one whose probability_from is not above it."""
    rows = (
        pl.read_csv(BANDS, try_parse_dates=True)
        .filter(pl.col("valid_from") <= on)
        .sort("valid_from")
        .unique("score_band_code", keep="last", maintain_order=True)
        .sort("probability_from")
    )
    result = pl.lit(None, pl.String)
    for code, start in rows.select("score_band_code", "probability_from").iter_rows():
        result = pl.when(probability >= start).then(pl.lit(code)).otherwise(result)
    return result


def is_known(connection: duckdb.DuckDBPyConnection, scores: pl.DataFrame, name: str, as_of: date) -> bool:
    """Whether the lake holds exactly these scores of the model and month."""
    ensure(connection)
    connection.register("scored", scores.to_arrow())
    columns = ", ".join(scores.columns)
    held = f"select {columns} from {_table()} where model_name = ? and as_of = ?"
    counted, new = connection.execute(
        f"select (select count(*) from ({held})), "
        f"(select count(*) from (select {columns} from scored except all {held}))",
        [name, as_of, name, as_of],
    ).fetchone() or (0, 1)
    return bool(counted == len(scores) and new == 0)


def replace(connection: duckdb.DuckDBPyConnection, scores: pl.DataFrame, name: str, as_of: date) -> None:
    """Put these scores in the place of those of the model and month, in one transaction."""
    columns = ", ".join(scores.columns)
    connection.register("scored", scores.to_arrow())

    def step() -> None:
        connection.execute(f"delete from {_table()} where model_name = ? and as_of = ?", [name, as_of])
        connection.execute(f"insert into {_table()} ({columns}) select {columns} from scored order by loan_id")

    in_one_commit(connection, step)


def ensure(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table of the contract if the lake has none yet."""
    columns = ", ".join(f"{field.name} {field.type.sql}" for field in SCORES.fields)
    connection.execute(f"create table if not exists {_table()} ({columns})")


def last_day(frame: pl.DataFrame) -> date:
    """The last day of which a snapshot knows: of a charge-off or, in a book without one, of a disbursement."""
    day = frame.select(pl.coalesce("observed_until", "disbursed_on").max()).item()
    assert isinstance(day, date)
    return day


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _table() -> str:
    return f"{ALIAS}.{SCORES.qualified}"
