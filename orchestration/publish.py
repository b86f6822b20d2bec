"""The close: what was built from, what was checked, and making the snapshot public.

Belongs here: hashes of inputs and code, gold.check_results, the call of Lake.publish. Does not: any figure of a mart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import dagster as dg
import duckdb

from warehouse.bronze import ensure_tables
from warehouse.commits import in_one_commit, with_patience
from warehouse.contracts.regulatory import CHECK_RESULTS
from warehouse.home import REPOSITORY
from warehouse.lake import ALIAS, Closing, Lake, LakeMissing, closings

BUILT_BY = ("warehouse", "transforms", "models_ml")
"""Folders whose code decides what a row of silver or gold says, given bronze."""


class BronzeMoved(RuntimeError):
    """Somebody received new rows while the tables were being built, so that they may disagree with each other."""


@dataclass(frozen=True)
class CheckResult:
    """The last verdict on one claim. asset: "layer/table"."""

    check_name: str
    asset: str
    severity_code: str
    is_passed: bool
    rows_failed: int | None
    checked_at: datetime


def inputs_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """Hash of what bronze holds: every batch and table, how many rows it brought and how many were refused.

    Equal inputs, equal hash; a file that was refused whole counts, or its quarantine would not be published.
    """
    rows = connection.execute(
        "select batch_id, coalesce(table_name, ''), coalesce(sum(rows_accepted), 0), "
        "coalesce(sum(rows_quarantined), 0) "
        f"from {ALIAS}.bronze.batches "
        "group by all having sum(rows_accepted) > 0 or sum(rows_quarantined) > 0 order by all"
    ).fetchall()
    return _hash([(b, t, int(n), int(q)) for b, t, n, q in rows])


def _hash(batches: list[tuple[str, str, int, int]]) -> str:
    return hashlib.sha256(repr(batches).encode()).hexdigest()


def inputs_hash_now(lake: Lake) -> str:
    """The hash of the newest commit's inputs."""
    connection = lake.open_reader(head=True)
    try:
        return inputs_hash(connection)
    finally:
        connection.close()


def unpublished_inputs(lake: Lake) -> str | None:
    """The hash of what bronze holds when the last closing was built from something else; None when nothing waits."""
    try:
        connection = lake.open_reader(head=True)
    except LakeMissing:
        return None
    try:
        tables = "select count(*) from duckdb_tables() where database_name = ? and schema_name = 'bronze'"
        if not connection.execute(f"{tables} and table_name = 'batches'", [ALIAS]).fetchall()[0][0]:
            return None
        now, published = inputs_hash(connection), closings(connection)
    finally:
        connection.close()
    return None if now == (published[-1].inputs_hash if published else _hash([])) else now


@cache
def code_version() -> str:
    """The package's version and a hash of the code that computes; a changed rule is a changed closing."""
    files = sorted(
        path
        for folder in BUILT_BY
        for path in (REPOSITORY / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".yml", ".csv"} and not {"target", "__pycache__", "logs"} & set(path.parts)
    )
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version('lendhouse')}+{digest.hexdigest()[:12]}"


def check_results(instance: dg.DagsterInstance, keys: Iterable[dg.AssetCheckKey]) -> list[CheckResult]:
    """The last verdict on each claim, by name; a claim never examined is left out."""
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys))
    results = []
    for key, record in records.items():
        event = record.event.dagster_event if record.event else None
        if event is None or event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            continue  # planned by a run that never came to it
        evaluation = event.asset_check_evaluation_data
        results.append(
            CheckResult(
                check_name=key.name,
                asset=key.asset_key.to_user_string(),
                severity_code=evaluation.severity.value,
                is_passed=evaluation.passed,
                rows_failed=_rows_failed(evaluation.metadata),
                checked_at=datetime.fromtimestamp(record.create_timestamp, UTC),
            )
        )
    return sorted(results, key=lambda result: (result.asset, result.check_name))


def publish(lake: Lake, as_of: date, built_from: str | None, results: list[CheckResult]) -> Closing:
    """Record the verdicts, then make the newest snapshot public. Raises BronzeMoved.

    built_from: the inputs' hash when building began, None when unknown. Publishing the same inputs and code again for
    the same day changes nothing.
    """
    with lake.open_writer(f"publish {as_of}") as connection:
        inputs = inputs_hash(connection)
        if built_from is not None and built_from != inputs:
            raise BronzeMoved("bronze has received rows since this build began; run the build again to publish them")
        ensure_tables(connection, [CHECK_RESULTS])
        _replace(connection, inputs, results)
        return lake.publish(connection, as_of, inputs, f"{code_version()}{_models(connection)}")


def _models(connection: duckdb.DuckDBPyConnection) -> str:
    """The model versions whose scores are in gold, so that a new champion is published on the same inputs too."""
    has_scores = connection.execute(
        "select count(*) from duckdb_tables() "
        "where database_name = ? and schema_name = 'gold' and table_name = 'risk__score_monthly'",
        [ALIAS],
    ).fetchall()[0][0]
    if not has_scores:
        return ""
    rows = connection.execute(
        f"select distinct model_name, model_version from {ALIAS}.gold.risk__score_monthly order by all"
    ).fetchall()
    return "".join(f"+{name}.{version}" for name, version in rows)


def _replace(connection: duckdb.DuckDBPyConnection, inputs: str, results: list[CheckResult]) -> None:
    """One commit: the verdicts of these inputs as they are now, unless the same are already there."""
    rows = [_row(inputs, result) for result in results]
    known = with_patience(
        lambda: connection.execute(
            f"select inputs_hash, check_name, asset, layer, table_name, severity_code, is_passed, rows_failed "
            f"from {ALIAS}.{CHECK_RESULTS.qualified} where inputs_hash = ? order by asset, check_name",
            [inputs],
        ).fetchall()
    )
    if known == [row[:-1] for row in rows]:
        return

    def step() -> None:
        connection.execute(f"delete from {ALIAS}.{CHECK_RESULTS.qualified} where inputs_hash = ?", [inputs])
        if rows:
            places = ", ".join("?" for _ in rows[0])
            connection.executemany(f"insert into {ALIAS}.{CHECK_RESULTS.qualified} values ({places})", rows)

    in_one_commit(connection, step)


def _row(inputs: str, result: CheckResult) -> tuple[Any, ...]:
    layer, _, table = result.asset.partition("/")
    return (
        *(inputs, result.check_name, result.asset, layer, table, result.severity_code),
        *(result.is_passed, result.rows_failed, result.checked_at),
    )


def _rows_failed(metadata: Any) -> int | None:
    for name in ("rows_failed", "dagster_dbt/failed_row_count"):
        if name in metadata:
            return int(metadata[name].value)
    return None
