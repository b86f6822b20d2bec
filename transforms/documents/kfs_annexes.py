"""The annexes of a Key Facts Statement: how the APR was computed, and the repayment schedule (KF-03, KF-06).

Belongs here: RBI's Annexes B and C, lettered A and B in our document. Does not: the computation (kernels/apr.py).
"""

from __future__ import annotations

from decimal import Decimal

from transforms.documents.amounts import amount_text, day_text, rate_text
from transforms.documents.kfs_fields import LABEL, NUMBER, VALUE, Kfs, field
from transforms.documents.page import Cell, Page
from transforms.kernels.figures import Installment

NOTHING = Decimal("0.00")
# Columns of the schedule and how wide they are to each other.
SHARES = {"number": 6, "due_on": 13, "t": 10, "opening": 18, "principal": 16, "interest": 14, "fee": 13, "total": 16}


def annex_a(page: Page, kfs: Kfs) -> None:
    """The figures that the APR follows from, numbered as in RBI's illustration."""
    facts, terms = kfs.facts, kfs.loan.terms
    by_payee = {to: sum((fee.total for fee in facts.fees if fee.to == to), NOTHING) for to in ("lender", "third_party")}
    amount = kfs.money(facts.installment_amount) if kfs.has_equal_installments else kfs.say("unequal")
    page.heading(kfs.say("annex_a"))
    field(page, "1", kfs.say("sanctioned"), kfs.money(facts.loan_amount))
    field(page, "2", kfs.say("term"), kfs.span())
    field(page, "", kfs.say("installments"), f"{kfs.period()}, {facts.installments} × {amount}")
    field(page, "", kfs.say("first_due"), day_text(facts.schedule[0].due_on))
    field(page, "3", kfs.say("rate_type"), kfs.say(kfs.details.rate_type))
    field(page, "4", kfs.say("rate_only"), rate_text(terms.annual_rate))
    field(page, "5", kfs.say("total_interest"), kfs.money(facts.total_interest))
    if facts.upfront_interest:
        field(page, "", kfs.say("upfront_interest"), kfs.money(facts.upfront_interest))
    field(page, "6", kfs.say("total_fees"), kfs.money(facts.total_fees))
    field(page, "", kfs.say("fees_a"), kfs.money(by_payee["lender"]))
    field(page, "", kfs.say("fees_b"), kfs.money(by_payee["third_party"]))
    net = kfs.money(facts.net_disbursed)
    page.row([Cell("7", NUMBER), Cell(f"{kfs.say('net_disbursed')}\n({kfs.say('net_note')})", LABEL), Cell(net, VALUE)])
    field(page, "8", kfs.say("total_payable"), kfs.money(facts.total_payable))
    field(page, "9", kfs.say("apr"), rate_text(facts.apr), is_bold=True)
    page.ln(2)
    page.write_line(_how(kfs), 8)


def _how(kfs: Kfs) -> str:
    """The equation that was solved, with its numbers."""
    facts, sheet = kfs.facts, kfs.facts.sheet
    per_year = sheet.periods_per_year
    periods = str(per_year) if per_year.denominator == 1 else f"{float(per_year):.4f}"
    parts = [
        kfs.say("how", periods, kfs.money(facts.net_disbursed), f"{sheet.periodic_rate * 100:.6f}%"),
        kfs.say("how_regular" if facts.is_regular else "how_irregular"),
    ]
    if facts.installment_unrounded is not None:
        parts.append(kfs.say("how_unrounded", f"{facts.installment_unrounded:.6f}"))
    return " ".join(parts)


def annex_b(page: Page, kfs: Kfs) -> None:
    """Every installment, at its rounded amount."""
    facts, rounding = kfs.facts, kfs.loan.terms.rounding
    has_fees = any(row.fee for row in facts.schedule)
    left_out = {key for key, is_shown in (("t", not facts.is_regular), ("fee", has_fees)) if not is_shown}
    columns = {key: share for key, share in SHARES.items() if key not in left_out}
    whole = sum(columns.values())
    header = [
        Cell(kfs.say(key), share / whole, "L" if key in ("number", "due_on") else "R") for key, share in columns.items()
    ]
    page.heading(kfs.say("annex_b"))
    openings = [facts.loan_amount, *(row.balance for row in facts.schedule)]
    lines = [
        [_cell(kfs, key, row, place, opening) for key in columns]
        for place, (row, opening) in enumerate(zip(facts.schedule, openings, strict=False))
    ]
    page.ruled_table(header, lines, [_total(kfs, key) for key in columns])
    page.ln(2)
    page.write_line(kfs.say("rounding_note", kfs.money(rounding.installment)), 7.5)


def _cell(kfs: Kfs, key: str, row: Installment, place: int, opening: Decimal) -> str:
    if key == "number":
        return str(row.number)
    if key == "due_on":
        return day_text(row.due_on)
    if key == "t":
        return f"{float(kfs.facts.sheet.flows[place].at):.4f}"
    return amount_text(opening if key == "opening" else getattr(row, key), kfs.loan.currency)


def _total(kfs: Kfs, key: str) -> str:
    if key in ("number", "t", "opening"):
        return ""
    if key == "due_on":
        return kfs.say("sum")
    return amount_text(sum((getattr(row, key) for row in kfs.facts.schedule), NOTHING), kfs.loan.currency)
