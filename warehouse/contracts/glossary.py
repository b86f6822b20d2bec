"""The trade's words and the house's own, as code, columns and screens use them.

Belongs here: what a word means, in a sentence, and where that is laid down. Does not: columns (fields.py), rules.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One word. source: the norm that defines it, when one does; "" for common usage or our own."""

    word: str
    meaning: str
    source: str = ""


RBI_CLARIFICATION = "RBI, clarifications on income recognition and asset classification, 12 November 2021"
RBI_CO_LENDING = "RBI, Co-Lending Arrangements Directions, 6 August 2025"
RBI_SECURITISATION = "RBI, Securitisation of Standard Assets Directions, 24 September 2021"
RBI_PENAL = "RBI, penal charges in loan accounts, 18 August 2023"
RBI_KFS = "RBI, Key Facts Statement for loans and advances, 15 April 2024"

TERMS: tuple[Term, ...] = (
    # the life of a loan
    Term("application", "a request for a loan; it is approved, rejected, referred to a person, or pending"),
    Term("sanction", "the lender's promise of an amount on terms; the amount sanctioned may exceed what is disbursed"),
    Term("disbursement", "money the lender pays out under a loan; a loan may have several"),
    Term("scheme", "a priced variant of a product: rate, amounts, fees, frequency"),
    Term("principal", "the amount lent, without interest and charges"),
    Term("principal outstanding", "principal disbursed and not yet repaid or written off"),
    Term("installment", "what falls due together on one due date: principal, interest and fees"),
    Term("EMI", "equated monthly installment: one amount every month, interest first, principal the rest"),
    Term("contractual schedule", "the installments as agreed at disbursement, whatever is paid later"),
    Term("moratorium", "an agreed time in which nothing, or interest only, falls due"),
    Term("payment", "money received from the borrower; never what the lender pays"),
    Term("allocation", "the part of a payment that settles one due; allocations of a payment add up to it"),
    Term("waterfall", "the order in which money settles dues, or in which collections of a pool are paid out"),
    Term("prepayment", "a payment of principal before it falls due"),
    Term("foreclosure", "closing a loan before its end by paying all that is owed"),
    Term("reversal", "an event that makes an earlier one count as never made, such as a cheque returned unpaid"),
    Term(
        "penal charge",
        "a charge for paying late: simple, never capitalised, and not interest",
        RBI_PENAL,
    ),
    Term(
        "APR", "nominal yearly rate that equates what the borrower pays with what was paid out, fees included", RBI_KFS
    ),
    # delinquency and loss
    Term("due date", "the day by whose end an installment must have been received"),
    Term(
        "overdue", "not received by the end of its due date; the overdue date is the due date itself", RBI_CLARIFICATION
    ),
    Term(
        "DPD",
        "days past due at the end of a day: that day less the oldest unpaid due date, plus one; the due date is day 1",
        RBI_CLARIFICATION,
    ),
    Term(
        "SMA", "special mention account: SMA-0 at 1-30 days past due, SMA-1 at 31-60, SMA-2 at 61-90", RBI_CLARIFICATION
    ),
    Term("NPA", "non-performing asset: more than 90 days past due, until all arrears are paid", RBI_CLARIFICATION),
    Term("DPD bucket", "range of days past due used in reports: 0, 1-30, 31-60, 61-90, 91-180, GT180"),
    Term("roll rate", "share of the loans of one bucket that stand in another bucket a month later"),
    Term("collection efficiency", "money collected in a month over what fell due in it"),
    Term("vintage", "the loans disbursed in one period, followed together by their age"),
    Term("months on book", "whole months since a loan's first disbursement"),
    Term("charge-off", "taking a loan's unpaid principal out of the book as lost, on a date"),
    Term("write-off", "removing the balance from the book; the claim, the days past due and recovery go on"),
    Term("recovery", "money received after a write-off"),
    Term("outcome", "how a loan is known to have ended, or the label a source observed"),
    # risk
    Term("PD", "probability of default within a stated time"),
    Term("LGD", "loss given default: the share of the exposure that is not recovered"),
    Term("EAD", "exposure at default: what is owed at the time of default"),
    Term("score band", "a range of probabilities with a letter, A the best"),
    Term("champion", "the version of a model whose scores are used"),
    Term("leakage", "a feature that knows the outcome it is meant to predict"),
    Term("out of time", "judged on loans made after those the model learnt from"),
    # co-lending, invoices, pools
    Term("co-lending", "two lenders share every loan from the start, each in its own books", RBI_CO_LENDING),
    Term("blended rate", "the borrower's rate: the lenders' rates weighted by their shares", RBI_CO_LENDING),
    Term("anchor", "the large buyer whose invoices are financed"),
    Term("invoice discounting", "paying a supplier's invoice early, against the buyer's payment on its due date"),
    Term("pool", "loans sold or assigned together, fixed on a cut-off date"),
    Term("tranche", "a class of claims on a pool with its own rank in the waterfall", RBI_SECURITISATION),
    Term("WAC", "weighted average coupon: the loans' rates weighted by principal outstanding"),
    Term("WAM", "weighted average maturity: remaining terms weighted by principal outstanding"),
    Term("SMM", "single monthly mortality: share of a pool's principal prepaid in a month"),
    Term("CPR", "conditional prepayment rate: SMM as a yearly rate"),
    Term("CDR", "conditional default rate: the monthly rate of default as a yearly rate"),
    # the house
    Term("bronze", "rows as received, with source, batch, row hash and time of receipt; only ever added to"),
    Term("silver", "conformed rows, one a business fact"),
    Term("gold", "marts: tables made to be read, one grain each; an interface"),
    Term("mart", "a gold table; its grain is in its description and in its contract"),
    Term("grain", "what one row is, and the columns that identify it"),
    Term("contract", "a table's columns, types, grain and rules, declared once in warehouse/contracts"),
    Term("batch", "the rows of one file, or of one range of the outbox, received together"),
    Term("control total", "count and sum of a batch, compared with what was accepted, set aside and known"),
    Term("quarantine", "rows that were refused, each with its row number, column, value and reason"),
    Term("token", "what stands for an identifier (Aadhaar, PAN, mobile, account): keyed, the same for the same number"),
    Term("as of", "the day whose end a figure describes"),
    Term("snapshot", "the state of the whole lake after one commit; any of them can be read again"),
    Term("closing", "a snapshot made public for a business day; readers see the latest one"),
    Term("outbox", "what the transactional store hands on to the lake, written in the same commit as the fact"),
    Term("entity", "the legal company that owns an account"),
)
