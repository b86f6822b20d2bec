"""Great Expectations on each batch: the suites rendered from the contracts, run on the rows that were received.

Belongs here: what rows a suite looks at, who looks at them and who waits. Does not: the suites
(warehouse/expectations.py), Great Expectations itself (expectations_worker.py, a process of its own), refusing rows
(gate.py does; a test holds that both agree).
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ingestion import expectations_worker, gate, masking
from ingestion.expectations_worker import CONTENT, Expected, Publish, Task
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


class WorkerFailed(RuntimeError):
    """Great Expectations could not look at a batch; nothing of the batch is committed."""


class Worker:
    """The process that runs Great Expectations, begun when it is needed; it ends when idle, and with this program."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        # A run that failed leaves a thread waiting for its answer; the next run must not take that for its own.
        self._turn = threading.Lock()

    def begin(self) -> Connection:
        """Have it running; its imports begin at once. The way to it."""
        if self._connection is None or self.process is None or self.process.poll() is not None:
            self._connection, theirs = Pipe()
            # Not `-m`: what comes through the pipe would then be of a module __main__, which is another one here.
            program = f"from {expectations_worker.__name__} import main; main()"
            with theirs:
                self.process = subprocess.Popen(
                    [sys.executable, "-c", program, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for the caller, whose end it notices by the pipe
                )
        return self._connection

    def ask(self, asked: Task | Publish) -> Any:
        """Send, and wait for the answer. Raises WorkerFailed with the process's own words, or when it broke down."""
        with self._turn:
            try:
                done, fault = self._asked(asked)
            except (EOFError, OSError):
                # An idle one ended of itself just now, and code 0 is no one else's; anything worse happens again.
                if self.process is None or self.process.wait() != 0:
                    code = self.process and self.process.returncode
                    raise WorkerFailed(f"the process of Great Expectations ended with code {code}") from None
                done, fault = self._asked(asked)
        if fault is not None:
            raise WorkerFailed(fault)
        return done

    def _asked(self, asked: Task | Publish) -> tuple[Any, str | None]:
        connection = self.begin()
        connection.send(asked)
        answer: tuple[Any, str | None] = connection.recv()
        return answer


WORKER = Worker()
"""The one of this program; whoever knows that files wait lets it begin ahead (sources.expect_files)."""


class Validator:
    """What looks at the batches of one run of ingestion, while DuckDB writes them."""

    def __init__(self, home: Home) -> None:
        self._home = home
        WORKER.begin()
        # The worker takes one task at a time; this thread waits for it in the caller's stead.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="great-expectations")

    def begin(self, table: Table, examined: Examined, batch: Batch, rules: Sequence[Rule] = ()) -> Future[Validation]:
        """Begin to validate; whoever commits the rows waits for the result first."""
        return self._thread.submit(self.validate, table, examined, batch, rules)

    def validate(self, table: Table, examined: Examined, batch: Batch, rules: Sequence[Rule] = ()) -> Validation:
        """Run the table's suite on the examined rows. Nothing it sees or keeps holds an identifier in clear."""
        rows = sampled(examined)
        task = Task(
            home=self._home,
            suite=_suite(table, batch.source, rules),
            rows=_as_arrow_file(checked(rows, examined, table, batch.token_key, rules)),
            parameters=_parameters(batch),
            run_name=f"{batch.source}-{batch.batch_id[:8]}",
            run_time=batch.received_at,
        )
        expectations = tuple(WORKER.ask(task))
        success = all(expected.success for expected in expectations)
        return Validation(table.name, success, examined.received, rows.height, expectations)

    def publish(self) -> Path | None:
        """Write the Data Docs of the batches of this run; their index page, None when no batch was validated."""
        index = self._thread.submit(WORKER.ask, Publish(self._home)).result()
        return None if index is None else Path(index)


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


def _suite(table: Table, source: str, rules: Sequence[Rule]) -> dict[str, Any]:
    """The table's suite; with a source's own rules it is another one, of another name."""
    suite: dict[str, Any] = json.loads((FOLDER / f"{table.name}.json").read_text(encoding="utf-8"))
    if rules:
        suite["name"] += f"_of_{source}"
        suite["expectations"] += [of_rule(rule) for rule in rules]
    content = hashlib.sha256(json.dumps(suite, sort_keys=True).encode()).hexdigest()
    return suite | {"meta": {**suite.get("meta", {}), CONTENT: content}}


def _as_arrow_file(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_ipc(file, compat_level=pl.CompatLevel.oldest())
    return file.getvalue()


def _parameters(batch: Batch) -> dict[str, Any]:
    day = gate.business_day(batch.received_at)
    end = datetime.combine(day + timedelta(days=1), clock_time.min, gate.BUSINESS_ZONE)
    return {"received_on": day, "received_day_end": end}
