"""Great Expectations sees what the row gate sees, keeps what the contracts say, and shows it without a network."""

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from ingestion import expectations_run, sources
from ingestion.data_docs import offline
from ingestion.examination import Examined, examine
from ingestion.expectations_run import WORKER, Validation, Validator, Worker, WorkerFailed
from ingestion.expectations_worker import Publish
from ingestion.landing import Batch
from tests.ingestion import books
from warehouse import expectations
from warehouse.contracts import registry
from warehouse.contracts.table import Rule
from warehouse.home import Home
from warehouse.lake import Lake


def test_suites_on_disk_are_what_the_contracts_say() -> None:
    differing = [path.name for path, text in expectations.rendered().items() if path.read_text() != text]
    assert differing == [], "run `make contracts`"
    assert {path.stem for path in expectations.FOLDER.glob("*.json")} == {table.name for table in registry.BRONZE}


BAD_LOANS = [
    books.loan(),
    books.loan(loan_id="L2", principal="-5", product_code="BOAT", branch_id="no spaces please"),
    books.loan(loan_id="L3", principal="abc", disbursed_on="31/12/2025"),
    books.loan(loan_id="L4", disbursed_on="2031-01-01", annual_rate="7", installments="0"),
    books.loan(loan_id="L5", annual_rate="0.12", first_due_on="2024-01-01"),
    books.loan(loan_id="L6", application_id="A404", entity_id=""),
    books.loan(loan_id="L7", scheme_code=books.PAN, currency="XYZ"),
    books.loan(loan_id="L1", principal="7.00"),
    books.loan(loan_id="", principal=""),
]
BAD_CUSTOMERS = [
    books.customer(),
    books.customer(customer_id="C2", pan="ABCDE1234F", aadhaar="498723165401", mobile="5", account_number="1"),
    books.customer(customer_id="C3", branch_id="B404", birth_on="1899-12-31"),
    books.customer(customer_id="C4", pan="", aadhaar="", mobile="", account_number=""),
]
BAD_EVENTS = [
    books.payment(booked_at="2025-02-15T10:00:00+05:30"),
    books.payment(event_id="P2", booked_at="2026-03-31T23:59:59.999999+05:30"),
    books.payment(event_id="P3", booked_at="2026-04-01T00:00:00+05:30"),
    books.payment(event_id="P4", booked_at="yesterday", loan_id="L404"),
    books.payment(event_id="P5", event_type_code="reversal"),
    books.payment(event_id="P6", value_on="2025-01-14"),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Examined, Validation]]:
    """Bad rows of three tables, through the gate and through Great Expectations."""
    lake = Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("expectations"))}))
    books.take_in(lake, books.write(lake.home.root, "branches.csv", books.branch()))
    books.take_in(lake, books.write(lake.home.root, "loans.csv", books.loan()))
    validator, found = Validator(lake.home), {}
    with lake.open_writer("test") as writer:
        for name, rows in {"loans": BAD_LOANS, "customers": BAD_CUSTOMERS, "events": BAD_EVENTS}.items():
            table = registry.bronze(name)
            batch = Batch.of(lake.home, "portfolio", f"{name}-batch", f"{name}.csv", books.RECEIVED_AT)
            names = list(dict.fromkeys(column for row in rows for column in row))
            text = {column: [str(row.get(column, "")) for row in rows] for column in names}
            sources.bronze.prepare(writer, table)
            state = sources.bronze.batch_state(writer, table, batch)
            examined = examine(pl.DataFrame(text).with_row_index("row_number", 1), table, batch, writer, state)
            found[name] = (examined, validator.validate(table, examined, batch))
    validator.publish()
    found["home"] = lake.home  # type: ignore[assignment]
    return found


@pytest.mark.parametrize("name", ["loans", "customers", "events"])
def test_gate_and_great_expectations_agree(results: dict[str, tuple[Examined, Validation]], name: str) -> None:
    """For every claim of the contract both find the same number of rows against it, and the same claims exist."""
    examined, validation = results[name]
    by_gate = {
        (check, columns): count
        for check, columns, count in examined.refusals.group_by("check", "column_name").len().iter_rows()
    }
    by_expectations = {(e.check, ", ".join(e.columns)): e.rows_unexpected for e in validation.expectations}
    assert {key: count for key, count in by_expectations.items() if count} == by_gate
    assert len(by_gate) >= 4
    assert not validation.success


def test_every_kind_of_check_was_seen_to_fail(results: dict[str, tuple[Examined, Validation]]) -> None:
    failed = {e.check for name in ("loans", "customers", "events") for e in results[name][1].failed()}
    kinds = {"readable", "required", "in_codes", "shaped", "minimum", "maximum", "not_future", "valid", "known"}
    assert failed >= kinds | {"not_personal", "consistent", "first_due_after_disbursal", "reversal_names_event"}


def test_pages_fetch_nothing_from_elsewhere(results: dict[str, object]) -> None:
    home = results["home"]
    assert isinstance(home, Home)
    pages = list(home.data_docs.rglob("*.html"))
    assert len(pages) == 1 + 3 + 3
    for page in pages:
        fetched = Fetched(page.read_text(encoding="utf-8"))
        assert [address for address in fetched.addresses if "//" in address] == []
        missing = [address for address in fetched.addresses if not (page.parent / address.split("?")[0]).exists()]
        assert missing == []


class Fetched(HTMLParser):
    """What a browser would fetch to show a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = re.findall(r"url\(['\"]?(http[^)'\"]+)", html)
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"script": "src", "link": "href", "img": "src", "iframe": "src"}.get(tag)
        self.addresses += [value for name, value in attrs if name == wanted and value]


def test_tag_of_an_unknown_host_is_removed_rather_than_fetched() -> None:
    page = '<head><script src="https://somewhere.example/x.js"></script><link href="https://a.example/jquery-9.9.9.min.js">'
    assert offline(page, "static/") == '<head><script src="static/vendor/jquery.min.js"></script>'


def test_large_batches_are_sampled_with_every_refused_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectations_run, "FULL_ROWS", 10)
    monkeypatch.setattr(expectations_run, "SAMPLE_ROWS", 5)
    rows = pl.DataFrame({"row_number": range(1, 101)})
    refusals = pl.DataFrame({"row_number": [99, 100, 100]})
    examined = Examined(100, rows, 0, 2, pl.DataFrame(), typed=rows, refusals=refusals)
    drawn = expectations_run.sampled(examined)["row_number"].to_list()
    assert len(drawn) == 7
    assert drawn[-2:] == [99, 100]
    assert drawn == expectations_run.sampled(examined)["row_number"].to_list()


def test_ingest_validates_unless_told_otherwise(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def note(self: Validator, table: object, *_: object) -> None:
        seen.append(table.name)  # type: ignore[attr-defined]

    monkeypatch.setattr(Validator, "validate", note)
    path = books.write(tmp_path, "loans.csv", books.loan())
    sources.ingest("portfolio", path, lake, books.RECEIVED_AT)
    sources.ingest("portfolio", path, lake, books.RECEIVED_AT)
    other = books.write(tmp_path, "loans-2.csv", books.loan(loan_id="L2"))
    sources.ingest("portfolio", other, lake, books.RECEIVED_AT, validate=False)
    assert seen == ["loans"]


def test_batch_that_could_not_be_looked_at_is_not_committed(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = books.write(tmp_path, "loans.csv", books.loan())
    with monkeypatch.context() as broken:
        broken.setattr(expectations_run, "_as_arrow_file", lambda frame: b"no Arrow file")
        with pytest.raises(WorkerFailed, match="ArrowInvalid"):
            sources.ingest("portfolio", path, lake, books.RECEIVED_AT)
    [landed] = sources.ingest("portfolio", path, lake, books.RECEIVED_AT)
    assert (landed.status, landed.rows_accepted) == ("ACCEPTED", 1)


def test_source_with_rules_of_its_own_has_a_suite_of_its_own(lake: Lake, tmp_path: Path) -> None:
    """One worker looks at both by turns; one that ended of itself is begun anew, and takes the stored suites up."""
    rule = Rule("even_principal", ("principal",), pl.col("principal") % 2 == 0, "the principal is even")
    table, found = registry.bronze("loans"), []
    with lake.open_writer("test") as writer:
        for turn, rules in enumerate(([], [rule], [], [rule])):
            validator = Validator(lake.home)
            batch = Batch.of(lake.home, "odd_source", f"batch-{turn}", "loans.csv", books.RECEIVED_AT)
            rows = pl.DataFrame({"row_number": [1]}).hstack(pl.DataFrame([books.loan(loan_id=f"L{turn}")]))
            landed = sources.land(rows, table, batch, writer, rules, validator)
            assert landed.validation is not None
            found.append("even_principal" in {expected.check for expected in landed.validation.expectations})
            if turn == 1:
                first = WORKER.process
                WORKER.begin().close()  # as after a minute of silence
                assert first is not None
                assert first.wait(timeout=30) == 0
    assert found == [False, True, False, True]
    kept = {path.stem for path in (lake.home.root / "great_expectations" / "expectations").glob("*.json")}
    assert kept == {"loans", "loans_of_odd_source"}


def test_who_asks_while_another_waits_comes_after_the_answer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a run failed while its batch was looked at, and the next one begins in the same program."""
    worker, said = Worker(), []

    def answered(asked: object) -> tuple[object, None]:
        said.append("asked")
        time.sleep(0.05)
        said.append("answered")
        return asked, None

    monkeypatch.setattr(worker, "_asked", answered)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(worker.ask, [Publish(home), Publish(home)]))
    assert said == ["asked", "answered"] * 2


def test_worker_that_was_killed_at_work_is_told(home: Home) -> None:
    worker = Worker()
    worker.begin()
    assert worker.process is not None
    threading.Timer(0.2, worker.process.kill).start()  # it imports for longer
    with pytest.raises(WorkerFailed, match="ended with code -9"):
        worker.ask(Publish(home))


def test_suite_is_plain_json_that_names_its_checks() -> None:
    suite = json.loads((expectations.FOLDER / "loans.json").read_text())
    checks = {e["meta"]["check"] for e in suite["expectations"]}
    assert {"required", "minimum", "loan_is_disbursed", "consistent", "known"} <= checks
