"""Documents for borrowers: what they say, that their letters join, and their JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from transforms.documents import words_kfs, words_statement
from transforms.documents.amounts import amount_text, money_text, rate_text
from transforms.documents.as_json import key_facts_json, statement_json
from transforms.documents.details import CollaborationDetails, FloatingDetails, LenderDetails
from transforms.documents.kfs_pdf import key_facts_pdf
from transforms.documents.page import Cell, Page
from transforms.documents.statement_pdf import statement_pdf
from transforms.kernels.kfs import key_facts
from transforms.kernels.ledger import KINDS
from transforms.kernels.loan import Event, Fee, ForeclosureTerms, Loan, LoanRounding, Penal, Terms
from transforms.kernels.statement import statement

OWN, THIRD = Fee("Processing fee", Decimal(240)), Fee("Insurance", Decimal(160), to="third_party")
TERMS = Terms(
    *(Decimal(20000), date(2024, 10, 1), Decimal("0.15"), 24),
    rounding=LoanRounding(interest=Decimal(1), installment=Decimal(1)),
    fees=(OWN, THIRD),
    penal=Penal(Decimal("0.24"), 3, Decimal(250)),
    foreclosure=ForeclosureTerms(Decimal("0.04"), gst_rate=Decimal("0.18")),
)
PAID = Event("p1", "payment", date(2024, 11, 1), datetime.fromisoformat("2024-11-01T12:00:00+05:30"), Decimal(1200))
LOAN = Loan("L1", "INR", TERMS, (PAID,))
DETAILS = LenderDetails(
    lender="Sahyadri Finance",
    issued_on=date(2024, 9, 27),
    rate_type="floating",
    floating=FloatingDetails("RBI repo rate", Decimal("0.065"), Decimal("0.085"), 3, 36),
    collaboration=CollaborationDetails("Sahyadri", Decimal("0.2"), "Bank", Decimal("0.8"), Decimal("0.15")),
    is_digital=True,
)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The texts of every row, as documents write them."""
    rows: list[tuple[str, ...]] = []
    row = Page.row

    def noted(self: Page, cells: list[Cell], header: tuple[Cell, ...] = ()) -> None:
        rows.append(tuple(cell.text for cell in cells))
        row(self, cells, header)

    monkeypatch.setattr(Page, "row", noted)
    return rows


def test_kf_02_part_1_has_the_ten_fields_in_order(written: list[tuple[str, ...]]) -> None:
    key_facts_pdf(LOAN, key_facts(LOAN), DETAILS)
    numbered = [row for row in written if row[0].isdigit()][:16]
    assert [row[0] for row in numbered] == [*"123456789", "10", *"123456"]
    assert [row[1].split(" (")[0] for row in numbered[:10]] == [
        *(
            "Loan proposal / account no.",
            "Sanctioned loan amount",
            "Disbursal schedule",
            "Loan term",
            "Instalment details",
        ),
        *("Interest rate", "Additional information in case of floating rate", "Fees / charges"),
        *("Annual Percentage Rate", "Contingent charges"),
    ]


def test_kf_05_golden_figures_stand_in_the_document(written: list[tuple[str, ...]]) -> None:
    key_facts_pdf(LOAN, key_facts(LOAN), DETAILS)
    said = {row[1]: row[2] for row in written if len(row) == 3}
    assert said["Annual Percentage Rate (APR)"] == "17.07%"
    assert said["EPI"] == "₹\u00a0970.00"
    assert said["Total interest over the whole term, at the rate on the day of sanction"] == "₹\u00a03,274.00"
    assert said["Total amount payable by the borrower (1 + 5)"] == "₹\u00a023,274.00"
    assert ("1", "01-11-2024", "20,000.00", "720.00", "250.00", "970.00") in written


def test_kf_02_fees_stand_under_who_is_paid(written: list[tuple[str, ...]]) -> None:
    key_facts_pdf(LOAN, key_facts(LOAN), DETAILS)
    fees = {row[1]: row[2:] for row in written if len(row) == 4 and row[1].startswith("(")}
    assert fees["(i) Processing fees"] == ("Processing fee: One-time, ₹\u00a0240.00", "–")
    assert fees["(ii) Insurance charges"] == ("–", "Insurance: One-time, ₹\u00a0160.00")


def test_kf_02_floating_loans_show_what_a_quarter_of_a_point_does(written: list[tuple[str, ...]]) -> None:
    key_facts_pdf(LOAN, key_facts(LOAN), DETAILS)
    said = {row[1]: row[2] for row in written if len(row) == 3}
    assert said["Final rate R = B + S"] == "15.00%"
    assert said["Effect of a rise of R by 0.25%"].startswith("EPI rises by ₹\u00a0")


def test_kf_03_unknown_details_are_visible_blanks(written: list[tuple[str, ...]]) -> None:
    key_facts_pdf(LOAN, key_facts(LOAN))
    said = {row[1]: row[2] for row in written if len(row) == 3}
    assert set(said["Phone number and e-mail of the nodal grievance redressal officer"]) == {"_"}


def test_kf_03_borrower_reads_it_in_hindi(written: list[tuple[str, ...]]) -> None:
    key_facts_pdf(LOAN, key_facts(LOAN), DETAILS, "hi")
    said = {row[1]: row[2] for row in written if len(row) == 3}
    assert said["वार्षिक प्रतिशत दर (APR)"] == "17.07%"
    assert not [row[1] for row in written if len(row) == 3 and row[1].isascii() and row[1] != ""]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_documents_of_equal_loans_are_equal_bytes(language: str) -> None:
    def twice() -> Iterator[bytes]:
        for _ in range(2):
            found = statement(LOAN, date(2024, 10, 1), date(2025, 3, 31))
            yield key_facts_pdf(LOAN, key_facts(LOAN), DETAILS, language) + statement_pdf(found, DETAILS, language)

    first, second = twice()
    assert first == second
    assert first.startswith(b"%PDF-")


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="language must be one of en, hi, got 'xx'"):
        key_facts_pdf(LOAN, key_facts(LOAN), DETAILS, "xx")


@pytest.mark.parametrize("is_bold", [False, True], ids=["regular", "bold"])
def test_fonts_have_every_letter_of_the_words(is_bold: bool) -> None:
    page = Page("x", "", date(2025, 1, 1), "en")
    page._ink(9, is_bold)
    letters = page.current_font.cmap  # type: ignore[union-attr]
    words = [*words_kfs.WORDS.values(), *words_kfs.PERIODS.values(), *words_kfs.SPANS.values()]
    words += [*words_statement.WORDS.values(), tuple(words_statement.NARRATIONS_HINDI.values())]
    assert not {letter for pair in words for text in pair for letter in text if ord(letter) not in letters}
    assert ord("₹") in letters


@pytest.mark.parametrize("text", ["कि", "APR कि"])
def test_devanagari_letters_join_after_latin_ones_too(text: str) -> None:
    """The vowel sign i is written after its consonant and stands before it."""
    page = Page("x", "", date(2025, 1, 1), "hi")

    def glyphs(letters: str) -> list[int]:
        page._ink(9, text=text)
        infos, _ = page.current_font.perform_harfbuzz_shaping(letters, 9, page.text_shaping)  # type: ignore[union-attr]
        return [info.codepoint for info in infos]

    consonant = glyphs("क")[0]
    assert glyphs(text)[-1] == consonant != glyphs(text)[-2]


def test_every_kind_of_line_has_its_hindi_words() -> None:
    assert set(words_statement.NARRATIONS_HINDI) == set(KINDS)


@pytest.mark.parametrize("words", [words_kfs.WORDS, words_kfs.PERIODS, words_kfs.SPANS, words_statement.WORDS])
def test_both_languages_have_room_for_the_same_values(words: dict[str, tuple[str, str]]) -> None:
    assert not [key for key, (english, hindi) in words.items() if english.count("{}") != hindi.count("{}")]


def test_rx_12_statement_reads_from_opening_to_closing(written: list[tuple[str, ...]]) -> None:
    statement_pdf(statement(LOAN, date(2024, 11, 1), date(2024, 11, 30)), DETAILS)
    lines = [row for row in written if len(row) == 6]
    assert lines[1] == ("01-11-2024", "Opening balance", "", "", "", "20,000.00")
    assert lines[2:6] == [
        ("01-11-2024", "Interest of installment 1", "Interest", "250.00", "", "20,250.00"),
        ("01-11-2024", "Payment received p1", "Principal", "", "720.00", "19,530.00"),
        ("01-11-2024", "Payment received p1", "Interest", "", "250.00", "19,280.00"),
        ("01-11-2024", "Payment received p1", "Advance", "", "230.00", "19,050.00"),
    ]
    assert lines[6] == ("30-11-2024", "Closing balance", "", "250.00", "1,200.00", "19,050.00")


def test_long_names_and_large_amounts_wrap() -> None:
    fee = Fee("Documentation and " * 20, Decimal("99999999999.99"))
    large = Loan("L" * 120, "INR", replace(TERMS, principal=Decimal("999999999999999.00"), fees=(fee,)))
    assert key_facts_pdf(large, key_facts(large), DETAILS).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0", "INR", "0.00"),
        ("999.5", "INR", "999.50"),
        ("123456.78", "INR", "1,23,456.78"),
        ("1234567890", "INR", "1,23,45,67,890.00"),
        ("-20000", "INR", "−20,000.00"),
        ("1234567.5", "USD", "1,234,567.50"),
        ("1234567", "JPY", "1,234,567"),
    ],
)
def test_amounts_are_grouped_as_their_readers_group_them(amount: str, currency: str, text: str) -> None:
    assert amount_text(Decimal(amount), currency) == text


def test_amounts_carry_their_currency_and_rates_their_decimals() -> None:
    assert money_text(Decimal(5), "USD") == "USD\u00a05.00"
    rates = (Decimal("0.1707"), Decimal("0.1"), Decimal("0.10125"), Decimal(0), Decimal(5))
    assert [rate_text(rate) for rate in rates] == ["17.07%", "10.00%", "10.125%", "0.00%", "500.00%"]


def test_kf_05_json_has_the_fields_of_the_interface() -> None:
    told = key_facts_json(key_facts(LOAN), "INR")
    schedule = told.pop("schedule")
    assert list(told)[:8] == [
        *("loan_amount", "net_disbursed", "installment_amount", "installments", "total_interest", "total_fees"),
        *("total_payable", "apr"),
    ]
    assert list(told.values())[:8] == ["20000.00", "19600.00", "970.00", 24, "3274.00", "400.00", "23274.00", "0.1707"]
    assert schedule[0] == {
        **{"number": 1, "due_on": "2024-11-01", "principal": "720.00", "interest": "250.00"},
        **{"fee": "0.00", "total": "970.00", "balance": "19280.00"},
    }


def test_rx_12_json_is_plain_and_reconciles() -> None:
    told = json.loads(json.dumps(statement_json(statement(LOAN, date(2024, 10, 1), date(2025, 1, 31)))))
    opening, debits, credits, closing = (
        Decimal(told[name]) for name in ("opening_balance", "debits", "credits", "closing_balance")
    )
    assert opening + debits - credits == closing == Decimal(told["lines"][-1]["balance"])
    assert told["next_due"]["on"] == "2025-02-01"


def test_money_without_decimals_is_written_without() -> None:
    whole = LoanRounding(Decimal(1), Decimal(1))
    loan = Loan("Y1", "JPY", Terms(Decimal(120000), date(2025, 1, 1), Decimal("0.06"), 12, rounding=whole))
    assert key_facts_json(key_facts(loan), "JPY")["loan_amount"] == "120000"
