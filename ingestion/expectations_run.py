"""Great Expectations on each batch: the suites rendered from the contracts, run on the rows that were received.

Belongs here: what rows a suite looks at, running it, its results and its Data Docs. Does not: the suites
(warehouse/expectations.py), refusing rows (gate.py does; a test holds that both agree). Great Expectations takes
seconds to import, so it is imported where it is used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ingestion import data_docs, gate, masking
from ingestion.parsing import MARK, ROW_NUMBER
from warehouse.contracts.table import Agreement, Rule, Table
from warehouse.expectations import FOLDER, TEXTS, of_rule
from warehouse.home import Home

if TYPE_CHECKING:
    from ingestion.examination import Examined
    from ingestion.landing import Batch

# Up to here a suite looks at every row; above, at every refused row and a seeded sample of the others.
FULL_ROWS = 50_000
SAMPLE_ROWS = 20_000
SAMPLE_SEED = 20260101
CONTENT = "lendhouse_content"  # where a stored suite has the hash of what it was made from


@dataclass(frozen=True)
class Expected:
    """One expectation and what became of it. rows_unexpected: among the rows looked at."""

    check: str
    columns: tuple[str, ...]
    meaning: str
    success: bool
    rows_unexpected: int


@dataclass(frozen=True)
class Validation:
    """What Great Expectations found in one batch.

    rows_evaluated < rows_received: it looked at every refused row and a seeded sample of the others.
    """

    table: str
    success: bool
    rows_received: int
    rows_evaluated: int
    expectations: tuple[Expected, ...]

    @property
    def is_sampled(self) -> bool:
        return self.rows_evaluated < self.rows_received

    def failed(self) -> tuple[Expected, ...]:
        return tuple(expected for expected in self.expectations if not expected.success)


class Validator:
    """One Great Expectations context for one run of ingestion; made when the first batch needs it.

    All of it runs in one thread of its own, so that batches are looked at while DuckDB writes them.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._context: Any = None
        self._definitions: dict[tuple[str, ...], Any] = {}
        self._keys: list[Any] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="great-expectations")

    def begin(self, table: Table, examined: Examined, batch: Batch, rules: Sequence[Rule] = ()) -> Future[Validation]:
        """Begin to validate; whoever commits the rows waits for the result first."""
        return self._thread.submit(self.validate, table, examined, batch, rules)

    def validate(self, table: Table, examined: Examined, batch: Batch, rules: Sequence[Rule] = ()) -> Validation:
        """Run the table's suite on the examined rows. Nothing it sees or keeps holds an identifier in clear."""
        rows = sampled(examined)
        frame = checked(rows, examined, table, batch.token_key, rules)
        result = self._run(table, frame, batch, rules)
        expectations = tuple(_expected(one) for one in result.results)
        success = all(expected.success for expected in expectations)
        return Validation(table.name, success, examined.received, rows.height, expectations)

    def publish(self) -> Path | None:
        """Write the Data Docs of the batches of this run; their index page, None when no batch was validated."""
        return self._thread.submit(self._publish).result()

    def _publish(self) -> Path | None:
        if not self._keys:
            return None
        self._context.build_data_docs(resource_identifiers=list(dict.fromkeys(self._keys)), build_index=True)
        self._keys = []
        return data_docs.make_offline(self._home.data_docs)

    def _run(self, table: Table, frame: pl.DataFrame, batch: Batch, rules: Sequence[Rule]) -> Any:
        import pandas as pd
        from great_expectations.core.run_identifier import RunIdentifier

        result = self._definition(table, rules).run(
            batch_parameters={"dataframe": frame.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)},
            expectation_parameters=_parameters(batch),
            # How often each unexpected value came, as SUMMARY tells, costs a third more and is in quarantine.
            result_format={"result_format": "BASIC", "partial_unexpected_count": 10},
            run_id=RunIdentifier(run_name=f"{batch.source}-{batch.batch_id[:8]}", run_time=batch.received_at),
        )
        self._keys += data_docs.keys_of(result)
        return result

    def _definition(self, table: Table, rules: Sequence[Rule]) -> Any:
        """The table's suite and data asset, stored when they changed: storing costs as much as running."""
        key = (table.name, *(rule.name for rule in rules))
        if key not in self._definitions:
            self._context = self._context or data_docs.context(self._home)
            suite = _suite(table, rules)
            self._definitions[key] = self._stored(table, suite) or self._store(table, suite)
        return self._definitions[key]

    def _stored(self, table: Table, suite: dict[str, Any]) -> Any:
        """The definition that an earlier run stored, if its suite is the same."""
        from great_expectations.exceptions import GreatExpectationsError

        try:
            stored = self._context.validation_definitions.get(table.name)
        except GreatExpectationsError:
            return None
        return stored if stored.suite.meta.get(CONTENT) == suite["meta"][CONTENT] else None

    def _store(self, table: Table, suite: dict[str, Any]) -> Any:
        import great_expectations as gx

        asset = _asset(self._context, table)
        definition = gx.ValidationDefinition(name=table.name, data=asset, suite=gx.ExpectationSuite(**suite))
        return self._context.validation_definitions.add_or_update(definition)


def sampled(examined: Examined) -> pl.DataFrame:
    """The typed rows to look at: all up to FULL_ROWS, else every refused row and a seeded sample, in file order."""
    rows = examined.typed
    if rows.height <= FULL_ROWS:
        return rows
    numbers = examined.refusals.select(ROW_NUMBER).unique()
    refused = rows.join(numbers, on=ROW_NUMBER, how="semi")
    others = rows.join(numbers, on=ROW_NUMBER, how="anti", maintain_order="left")
    sample = others.sample(min(SAMPLE_ROWS, others.height), seed=SAMPLE_SEED)
    return pl.concat([refused, sample]).sort(ROW_NUMBER)


def checked(
    rows: pl.DataFrame, examined: Examined, table: Table, key: bytes, rules: Sequence[Rule] = ()
) -> pl.DataFrame:
    """The frame a suite looks at (its columns: warehouse/expectations.py), without a clear identifier anywhere."""
    refusals = examined.refusals
    columns = [_without_identifiers(rows, field.name, table, key) for field in table.fields]
    for field in table.fields:
        if field.type not in TEXTS:
            is_bad = pl.col(field.name + MARK) if field.name + MARK in rows.columns else pl.lit(False)
            # Which text it was, is for quarantine to show.
            columns.append(pl.when(is_bad).then(pl.lit("not readable")).alias(field.name + MARK))
    claims: list[Rule | Agreement] = [*table.rules, *table.agreements, *rules]
    for claim in claims:
        columns.append(_unless_refused(refusals, claim.name, ", ".join(claim.columns), f"rule:{claim.name}"))
    for name in table.references:
        columns.append(_unless_refused(refusals, "known", name, f"known:{name}"))
    columns.append(_unless_refused(refusals, "consistent", ", ".join(table.grain), "key:consistent"))
    return rows.select(pl.col(ROW_NUMBER), *columns)


def _without_identifiers(rows: pl.DataFrame, name: str, table: Table, key: bytes) -> pl.Expr:
    field = next(f for f in table.fields if f.name == name)
    if field.personal is not None:
        token = pl.lit(masking.tokens(key, field.personal, rows[name]))
        is_valid = pl.col(f"{name}:valid").fill_null(False)
        return pl.when(is_valid).then(token).otherwise(masking.masked(pl.col(name))).alias(name)
    return masking.safe_text(field, pl.col(name)).alias(name) if field.type in TEXTS else pl.col(name)


def _unless_refused(refusals: pl.DataFrame, check: str, column_name: str, name: str) -> pl.Expr:
    is_it = (pl.col("check") == check) & (pl.col("column_name") == column_name)
    numbers = refusals.filter(is_it)[ROW_NUMBER]
    return (~pl.col(ROW_NUMBER).is_in(numbers.implode())).alias(name)


def _suite(table: Table, rules: Sequence[Rule]) -> dict[str, Any]:
    suite: dict[str, Any] = json.loads((FOLDER / f"{table.name}.json").read_text(encoding="utf-8"))
    suite["expectations"] += [of_rule(rule) for rule in rules]
    content = hashlib.sha256(json.dumps(suite, sort_keys=True).encode()).hexdigest()
    return suite | {"meta": {**suite.get("meta", {}), CONTENT: content}}


def _asset(context: Any, table: Table) -> Any:
    # One data source a table: an update of a shared one would forget the assets of the others.
    source = context.data_sources.add_or_update_pandas(f"received {table.name}")
    asset = source.add_dataframe_asset(table.name)
    return asset.add_batch_definition_whole_dataframe("received rows")


def _parameters(batch: Batch) -> dict[str, Any]:
    day = gate.business_day(batch.received_at)
    end = datetime.combine(day + timedelta(days=1), clock_time.min, gate.BUSINESS_ZONE)
    return {"received_on": day, "received_day_end": end}


def _expected(result: Any) -> Expected:
    config = result.expectation_config
    if result.exception_info and result.exception_info.get("raised_exception"):
        raise RuntimeError(
            f"expectation on {config.kwargs.get('column')}: {result.exception_info['exception_message']}"
        )
    return Expected(
        config.meta["check"],
        tuple(config.meta["columns"]),
        config.meta["notes"]["content"][0],
        bool(result.success),
        int(result.result.get("unexpected_count") or 0),
    )
