"""The statement of account as a document for the borrower (RX-12), in English or Hindi.

Belongs here: which figure stands where. Does not: figures (kernels/statement.py), words (words_statement.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from transforms.documents.amounts import amount_text, day_text, money_text, rate_text
from transforms.documents.details import BLANK, NO_DETAILS, LenderDetails
from transforms.documents.page import LANGUAGES, Cell, Page
from transforms.documents.words_statement import NARRATIONS_HINDI, WORDS
from transforms.kernels.ledger import NARRATIONS
from transforms.kernels.statement import ChargeLine, Statement, StatementLine


@dataclass(frozen=True)
class _Account:
    """Everything a statement is written of."""

    found: Statement
    details: LenderDetails
    language: int

    def say(self, key: str, *values: object) -> str:
        return WORDS[key][self.language].format(*values)

    def amount(self, amount: Decimal) -> str:
        return amount_text(amount, self.found.currency)

    def money(self, amount: Decimal) -> str:
        return money_text(amount, self.found.currency)

    def narration(self, line: StatementLine | ChargeLine, detail: str) -> str:
        words = NARRATIONS_HINDI if self.language else NARRATIONS
        return words[line.kind].format(detail).strip(" :")


def statement_pdf(found: Statement, details: LenderDetails = NO_DETAILS, language: str = "en") -> bytes:
    """The document as PDF, dated its last day. language: en or hi. Equal arguments give equal bytes."""
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
    account = _Account(found, details, LANGUAGES.index(language))
    period = account.say("period", day_text(found.from_on), day_text(found.to_on))
    footer = f"{account.say('title')} · {account.say('for_loan', found.loan_id)} · {period}"
    page = Page(account.say("title"), footer, found.to_on, language)
    _header(page, account, period)
    _lines(page, account)
    _summary(page, account)
    _charges(page, account)
    return page.finished()


def _header(page: Page, account: _Account, period: str) -> None:
    found, details = account.found, account.details
    fields = [
        ("loan", found.loan_id),
        ("period_label", period),
        ("borrower", details.borrower or BLANK),
        ("lender", _lenders(details)),
        ("product", details.product or details.loan_type or BLANK),
        ("sanctioned", account.money(found.sanctioned)),
        ("disbursed_on", day_text(found.disbursed_on)),
        ("matures_on", day_text(found.matures_on)),
        ("rate", rate_text(found.annual_rate)),
        ("apr", "–" if found.apr is None else rate_text(found.apr)),
        ("status", account.say(found.status)),
        ("class", f"{found.asset_class}, {found.dpd}"),
        ("left", str(found.installments_left)),
        ("closing", account.money(found.closing_balance)),
    ]
    page.ln(1)
    for left, right in zip(fields[::2], fields[1::2], strict=True):
        cells = [(Cell(account.say(key), 0.2, is_shaded=True), Cell(value, 0.3)) for key, value in (left, right)]
        page.row([cell for pair in cells for cell in pair])


def _lenders(details: LenderDetails) -> str:
    both = details.collaboration
    if both is None:
        return details.lender or BLANK
    shares = ((both.originator, both.originator_share), (both.partner, both.partner_share))
    return ", ".join(f"{name} {rate_text(share, 0)}" for name, share in shares)


def _lines(page: Page, account: _Account) -> None:
    found = account.found
    shares = (("value_date", 0.12, "L"), ("narration", 0.33, "L"), ("head", 0.13, "L"))
    amounts = (("debit", 0.14, "R"), ("credit", 0.14, "R"), ("balance", 0.14, "R"))
    header = [Cell(account.say(key), share, align) for key, share, align in (*shares, *amounts)]
    opening = [day_text(found.from_on), account.say("opening"), "", "", "", account.amount(found.opening_balance)]
    rows = [_line(account, line) for line in found.lines]
    debits, credits = account.amount(found.debits), account.amount(found.credits)
    closing = [day_text(found.to_on), account.say("closing"), "", debits, credits]
    page.heading(account.say("lines"))
    page.ruled_table(header, [opening, *rows], [*closing, account.amount(found.closing_balance)])
    page.ln(1.5)
    earned = account.money(found.interest_accrued)
    page.write_line(account.say("balance_note", earned, day_text(found.to_on)), 7.5)


def _line(account: _Account, line: StatementLine) -> list[str]:
    debit, credit = (account.amount(amount) if amount else "" for amount in (line.debit, line.credit))
    narration = account.narration(line, line.detail)
    return [day_text(line.on), narration, account.say(line.head), debit, credit, account.amount(line.balance)]


def _summary(page: Page, account: _Account) -> None:
    found = account.found
    keys = ("due", "paid", "waived", "overdue")
    header = [Cell(account.say("head"), 0.28), *(Cell(account.say(key), 0.18, "R") for key in keys)]
    rows = [[account.say(one.head), *(account.amount(getattr(one, key)) for key in keys)] for one in found.summary]
    total = [account.amount(sum((getattr(one, key) for one in found.summary), Decimal(0))) for key in keys]
    page.heading(account.say("summary"))
    page.ruled_table(header, rows, [account.say("total"), *total])
    page.ln(2)
    page.row([Cell(account.say("next_due"), 0.28, is_shaded=True), Cell(_next_due(account), 0.72)])


def _next_due(account: _Account) -> str:
    row = account.found.next_due
    if row is None:
        return account.say("none_due")
    parts = [account.money(part) for part in (row.total, row.principal, row.interest, row.fee)]
    text = account.say("next_due_text", row.number, day_text(row.on), *parts)
    if not row.from_excess:
        return text
    return f"{text}, {account.say('from_excess', account.money(row.from_excess))}"


def _charges(page: Page, account: _Account) -> None:
    charges = account.found.charges
    page.heading(account.say("charges"))
    if not charges:
        page.write_line(account.say("no_charges"))
        return
    shares = (("value_date", 0.14, "L"), ("charge", 0.38, "L"), ("amount", 0.16, "R"), ("gst", 0.16, "R"))
    header = [Cell(account.say(key), share, align) for key, share, align in (*shares, ("with_gst", 0.16, "R"))]
    keys = ("amount", "gst", "total")
    rows = [
        [day_text(one.on), account.narration(one, one.detail), *(account.amount(getattr(one, key)) for key in keys)]
        for one in charges
    ]
    total = [account.amount(sum((getattr(one, key) for one in charges), Decimal(0))) for key in keys]
    page.ruled_table(header, rows, ["", account.say("total"), *total])
