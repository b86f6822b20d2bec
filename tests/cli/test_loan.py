"""`lendhouse loan`: the shapes it prints, and what it refuses."""

from __future__ import annotations

import io
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.cli.documents import load_documents
from orchestration.cli.loan_output import money
from tests.cli.conftest import Lendhouse

TERMS = {"principal": "100000.00", "disbursed_on": "2025-01-15", "annual_rate": "0.12", "installments": 12}
PAYMENT = {"id": "p1", "type": "payment", "on": "2025-02-15", "amount": "8884.88"}
LOAN: dict[str, Any] = {"loan_id": "L1", "terms": TERMS, "events": [PAYMENT]}
YEN: dict[str, Any] = {"loan_id": "J1", "currency": "JPY", "terms": {**TERMS, "principal": "100000"}}
COMMANDS = {
    "schedule": (),
    "replay": ("--as-of", "2025-03-20"),
    "payoff": ("--on", "2025-03-20"),
    "kfs": (),
    "statement": ("--from", "2025-01-01", "--to", "2025-03-20"),
}
SCHEDULE_ROW = ["number", "due_on", "principal", "interest", "fee", "total", "balance"]
STATE = [
    *("loan_id", "as_of", "status", "principal_outstanding", "interest_accrued", "principal_overdue"),
    *("interest_overdue", "fee_due", "penal_due", "total_overdue", "excess", "oldest_due_on", "dpd", "dpd_pi"),
    *("asset_class", "npa_since", "reversed", "installments", "allocations"),
]
PAYOFF = ["loan_id", "on", "principal", "interest", "fee", "penal", "foreclosure_charge", "gst", "excess", "total"]
KFS = [
    *("loan_amount", "net_disbursed", "installment_amount", "installments", "total_interest", "total_fees"),
    *("total_payable", "apr", "schedule"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "loan.json"


def printed(lendhouse: Lendhouse, file: Path, name: str, documents: Any) -> Any:
    """What a command prints for these documents with --json."""
    file.write_text(json.dumps(documents))
    shown = lendhouse("loan", name, file, *COMMANDS[name], "--json")
    assert shown.status == 0, shown.err
    return json.loads(shown.out)


def test_schedule_prints_rows_and_totals(lendhouse: Lendhouse, file: Path) -> None:
    figures = printed(lendhouse, file, "schedule", LOAN)
    assert list(figures) == ["loan_id", "installment_amount", "installments", "totals", "upfront_interest"]
    assert [list(row) for row in figures["installments"]] == [SCHEDULE_ROW] * 12
    assert figures["installments"][0]["due_on"] == "2025-02-15"
    assert list(figures["totals"]) == ["principal", "interest", "fee", "total"]
    assert figures["totals"]["principal"] == "100000.00"


def test_replay_prints_state_rows_and_allocations(lendhouse: Lendhouse, file: Path) -> None:
    figures = printed(lendhouse, file, "replay", LOAN)
    assert list(figures) == STATE
    paid = ["principal_paid", "interest_paid", "fee_paid", "penal_paid", "paid_on"]
    more = ["penal", "interest_waived", "fee_waived", "penal_waived"]
    assert list(figures["installments"][0]) == SCHEDULE_ROW + paid + more
    assert [row["paid_on"] for row in figures["installments"][:2]] == ["2025-02-15", None]
    assert list(figures["allocations"][0]) == (
        ["event_id", "on", "installment", "penal", "fee", "interest", "principal", "excess"]
    )
    assert (figures["dpd"], figures["reversed"], figures["npa_since"]) == (6, [], None)


def test_payoff_prints_the_parts_of_its_total(lendhouse: Lendhouse, file: Path) -> None:
    figures = printed(lendhouse, file, "payoff", LOAN)
    assert list(figures) == PAYOFF
    parts = [Decimal(figures[name]) for name in PAYOFF[2:-1]]
    assert sum(parts[:-1]) - parts[-1] == Decimal(figures["total"])


def test_kfs_prints_the_apr_with_four_decimals(lendhouse: Lendhouse, file: Path) -> None:
    figures = printed(lendhouse, file, "kfs", LOAN)
    assert list(figures)[: len(KFS)] == KFS
    assert figures["apr"] == "0.1200"
    assert list(figures["schedule"][0]) == SCHEDULE_ROW


def test_statement_prints_lines_from_opening_to_closing(lendhouse: Lendhouse, file: Path) -> None:
    figures = printed(lendhouse, file, "statement", LOAN)
    moved = Decimal(figures["debits"]) - Decimal(figures["credits"])
    assert Decimal(figures["opening_balance"]) + moved == Decimal(figures["closing_balance"])
    assert figures["annual_rate"] == "0.12"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_list_in_is_a_list_out(lendhouse: Lendhouse, file: Path, name: str) -> None:
    alone = [printed(lendhouse, file, name, one) for one in (LOAN, YEN)]
    assert printed(lendhouse, file, name, [LOAN, YEN]) == alone
    assert printed(lendhouse, file, name, [LOAN]) == alone[:1]


def test_yen_have_no_decimals(lendhouse: Lendhouse, file: Path) -> None:
    figures = printed(lendhouse, file, "schedule", YEN)
    assert figures["totals"]["principal"] == "100000"
    assert all("." not in row["interest"] for row in figures["installments"])


def test_money_is_never_rounded_when_printed() -> None:
    assert money(Decimal("5.00"), "JPY") == 5
    with pytest.raises(ArithmeticError):
        money(Decimal("5.50"), "JPY")


@pytest.mark.parametrize("name", COMMANDS)
def test_people_get_tables(lendhouse: Lendhouse, file: Path, name: str) -> None:
    file.write_text(json.dumps([LOAN, YEN]))
    shown = lendhouse("loan", name, file, *COMMANDS[name])
    assert shown.status == 0, shown.err
    assert "100000" in shown.out
    assert "{" not in shown.out


@pytest.mark.parametrize("name", ["kfs", "statement"])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_document_for_the_borrower_is_written_beside_the_figures(
    lendhouse: Lendhouse, file: Path, name: str, language: str
) -> None:
    told, out = printed(lendhouse, file, name, LOAN), file.with_name("out.pdf")
    shown = lendhouse("loan", name, file, *COMMANDS[name], "--pdf", out, "--language", language, "--json")
    assert (shown.status, json.loads(shown.out)) == (0, told)
    assert out.read_bytes().startswith(b"%PDF-")
    assert sorted(path.name for path in file.parent.iterdir() if path.is_file()) == ["loan.json", "out.pdf"]


@pytest.mark.parametrize(
    ("documents", "out"), [([LOAN, YEN], "out.pdf"), (LOAN, "none/out.pdf"), ({"loan_id": "L1"}, "out.pdf")], ids=str
)
def test_a_document_is_of_one_good_loan_into_a_folder_that_is_there(
    lendhouse: Lendhouse, file: Path, documents: Any, out: str
) -> None:
    file.write_text(json.dumps(documents))
    shown = lendhouse("loan", "kfs", file, "--pdf", file.parent / out)
    assert (shown.status, shown.out) == (2, "")
    assert not (file.parent / out).exists()


def test_a_dash_reads_standard_input(lendhouse: Lendhouse, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = printed(lendhouse, file, "schedule", LOAN)
    text = "\ufeff" + json.dumps(LOAN)  # a byte order mark, as Windows writes it
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="ascii"))
    assert json.loads(lendhouse("loan", "schedule", "-", "--json").out) == told


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "no loan document"),
        ("null", "must be an object"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps({**LOAN, "terms": {**TERMS, "principal": "0"}}), "terms.principal: "),
        (json.dumps([LOAN, {**LOAN, "terms": {**TERMS, "principal": "1.001"}}]), "[1].terms.principal: "),
        (json.dumps({**LOAN, "events": [{**PAYMENT, "amount": 5.0}]}), "events[0].amount: "),
        (json.dumps({**LOAN, "events": [PAYMENT, {**PAYMENT, "id": "p2", "fee": "1"}]}), "events[1].fee: "),
        ('{"loan_id": "L1", "terms": {"principal": NaN}}', "terms.principal: "),
        ('{"loan_id": "L1", "terms": {"principal": -Infinity}}', "terms.principal: "),
        ('{"loan_id": "L1", "terms": {"principal": 1e30}}', "terms.principal: "),
        ('{"loan_id": "L1", "terms": {"principal": ' + "9" * 5000 + "}}", "terms.principal: "),
        ('{"loan_id": "L1", "loan_id": "L1", "terms": {}}', "loan_id: is given twice"),
        ('{"loan_id": "L1", "terms": {"balloon": "1", "balloon": "1"}}', "terms.principal: is missing"),
    ],
)
def test_bad_input_is_refused_with_nothing_printed(
    lendhouse: Lendhouse, file: Path, name: str, text: str, said: str
) -> None:
    file.write_text(text)
    shown = lendhouse("loan", name, file, *COMMANDS[name], "--json")
    assert (shown.status, shown.out) == (2, "")
    assert said in shown.err


def test_what_is_not_text_is_refused(lendhouse: Lendhouse, file: Path) -> None:
    file.write_bytes(b"\xff\xfe{")
    shown = lendhouse("loan", "schedule", file)
    assert (shown.status, shown.out) == (2, "")
    assert "not UTF-8" in shown.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("replay", "--as-of", "2025-01-14"), "as_of: "),
        (("payoff", "--on", "2025-01-14"), "on: "),
        (("statement", "--from", "2025-01-16", "--to", "2025-01-15"), "from: "),
        (("replay", "--as-of", "2025-03-20", "--known-at", "2025-03-20T10:00:00"), "known_at: "),
        (("replay", "--as-of", "2025-03-20", "--known-at", "yesterday"), "known_at: "),
        (("replay", "--as-of", "20-03-2025"), "--as-of"),
        (("replay",), "--as-of"),
        (("payoff",), "--on"),
    ],
    ids=" ".join,
)
def test_bad_options_are_refused(lendhouse: Lendhouse, file: Path, words: tuple[str, ...], said: str) -> None:
    file.write_text(json.dumps(LOAN))
    name, *options = words
    shown = lendhouse("loan", name, file, *options)
    assert (shown.status, shown.out) == (2, "")
    assert said in shown.err


def test_a_refusal_of_the_state_names_the_document_in_a_list(lendhouse: Lendhouse, file: Path) -> None:
    refund = {"id": "x", "type": "refund", "on": "2025-03-01", "amount": "5.00"}
    file.write_text(json.dumps([LOAN, {**LOAN, "events": [PAYMENT, refund]}]))
    shown = lendhouse("loan", "replay", file, "--as-of", "2025-03-20")
    assert (shown.status, shown.out) == (2, "")
    assert "[1].events[1].amount: " in shown.err
    schedules = lendhouse("loan", "schedule", file)  # later events are ignored
    assert schedules.status == 0


def test_a_file_that_is_not_there_is_refused(lendhouse: Lendhouse, tmp_path: Path) -> None:
    assert lendhouse("loan", "schedule", tmp_path / "none.json").status == 2
    assert lendhouse("loan", "schedule", tmp_path).status == 2


def test_known_at_shows_the_old_story(lendhouse: Lendhouse, file: Path) -> None:
    late = {**PAYMENT, "booked_at": "2025-03-18T10:00:00+05:30"}
    file.write_text(json.dumps({**LOAN, "events": [late]}))
    asked = ("loan", "replay", file, "--as-of", "2025-03-20", "--json", "--known-at")
    before, after = (json.loads(lendhouse(*asked, f"2025-03-18T{at}Z").out) for at in ("04:29:59", "04:30:00"))
    assert (before["allocations"], len(after["allocations"])) == ([], 1)


def test_loading_marks_what_is_given_twice_and_keeps_every_number() -> None:
    loaded = load_documents('{"a": 1, "b": [1.50, 12345678901234567890], "c": {"d": 1, "d": 2}}')
    assert (loaded["a"], loaded["b"]) == (1, [1.5, float(12345678901234567890)])
    assert loaded["c"]["d"] not in (1, 2)
