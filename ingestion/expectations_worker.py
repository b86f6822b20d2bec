"""Great Expectations in a process of its own: it is pure Python and takes seconds to import, and a core is free.

Belongs here: everything that imports Great Expectations but its pages (data_docs.py). Does not: which rows a suite
looks at, and who waits for it (expectations_run.py). The process ends when it is idle, or its caller's end of the pipe
is gone.
"""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from ingestion import data_docs
from warehouse.home import Home

CONTENT = "lendhouse_content"  # where a stored suite has the hash of what it was made from
IDLE_SECONDS = 60  # it holds some 300 MB


@dataclass(frozen=True)
class Task:
    """One batch to look at. rows: an Arrow file, no identifier in clear; suite: to be stored, with CONTENT in meta."""

    home: Home
    suite: dict[str, Any]
    rows: bytes
    parameters: dict[str, Any]
    run_name: str
    run_time: datetime


@dataclass(frozen=True)
class Publish:
    """Wish for the Data Docs of all batches looked at since the last one."""

    home: Home


@dataclass(frozen=True)
class Expected:
    """One expectation and what became of it. rows_unexpected: among the rows looked at."""

    check: str
    columns: tuple[str, ...]
    meaning: str
    success: bool
    rows_unexpected: int


class Expectations:
    """The Great Expectations context of one home; made when the first batch needs it."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._context: Any = None
        self._definitions: dict[str, Any] = {}
        self._keys: list[Any] = []

    def look(self, task: Task) -> list[Expected]:
        """Run the suite on the rows and store the result for the pages."""
        import pandas as pd
        import pyarrow as pa
        from great_expectations.core.run_identifier import RunIdentifier

        rows = pa.ipc.open_file(io.BytesIO(task.rows)).read_all()
        result = self._definition(task.suite).run(
            batch_parameters={"dataframe": rows.to_pandas(types_mapper=pd.ArrowDtype)},
            expectation_parameters=task.parameters,
            # How often each unexpected value came, as SUMMARY tells, costs a third more and is in quarantine.
            result_format={"result_format": "BASIC", "partial_unexpected_count": 10},
            run_id=RunIdentifier(run_name=task.run_name, run_time=task.run_time),
        )
        self._keys += data_docs.keys_of(result)
        return [_expected(one) for one in result.results]

    def publish(self) -> str | None:
        """Write the Data Docs of the batches looked at; their index page, None when there was none."""
        if not self._keys:
            return None
        self._context.build_data_docs(resource_identifiers=list(dict.fromkeys(self._keys)), build_index=True)
        self._keys = []
        return str(data_docs.make_offline(self._home.data_docs))

    def _definition(self, suite: dict[str, Any]) -> Any:
        """The suite, set against whatever rows come."""
        import great_expectations as gx

        name = suite["name"]
        if name not in self._definitions:
            self._context = self._context or data_docs.context(self._home)
            # One data source a suite: an update of a shared one would forget the assets of the others.
            source = self._context.data_sources.add_or_update_pandas(f"received {name}")
            data = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("received rows")
            definition = gx.ValidationDefinition(name=name, data=data, suite=self._suite(suite))
            self._definitions[name] = self._context.validation_definitions.add(definition)
        return self._definitions[name]

    def _suite(self, suite: dict[str, Any]) -> Any:
        """The suite as an earlier run stored it, unless it has changed since."""
        import great_expectations as gx
        from great_expectations.exceptions import DataContextError

        with contextlib.suppress(DataContextError):
            stored = self._context.suites.get(suite["name"])
            if stored.meta.get(CONTENT) == suite["meta"][CONTENT]:
                return stored
            self._context.suites.delete(suite["name"])
        return self._context.suites.add(gx.ExpectationSuite(**suite))


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


def serve(connection: Connection) -> None:
    """Answer tasks in order until the other end is gone or silent; an answer is a result, or the words of a fault."""
    import great_expectations  # noqa: F401  before the first task comes: it takes seconds

    homes: dict[Home, Expectations] = {}
    with contextlib.suppress(EOFError, OSError):
        while connection.poll(IDLE_SECONDS):
            asked = connection.recv()
            expectations = homes.setdefault(asked.home, Expectations(asked.home))
            try:
                done = expectations.publish() if isinstance(asked, Publish) else expectations.look(asked)
            except Exception as error:
                connection.send((None, f"{type(error).__name__}: {error}"))
            else:
                connection.send((done, None))


def main() -> None:
    """Serve the end of a pipe whose file descriptor is the program's argument."""
    serve(Connection(int(sys.argv[1])))
