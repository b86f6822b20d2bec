"""The Key Facts Statement as a document for the borrower (KF-01 to KF-06), in English or Hindi.

Belongs here: which figure stands in which field of RBI's form. Does not: figures (kernels/kfs.py), words
(words_kfs.py), the annexes (kfs_annexes.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.documents.amounts import day_text, rate_text
from transforms.documents.details import BLANK, NO_DETAILS, LenderDetails
from transforms.documents.kfs_annexes import annex_a, annex_b
from transforms.documents.kfs_fields import NUMBER, Kfs, field, group
from transforms.documents.page import LANGUAGES, Cell, Page
from transforms.kernels.kfs import FeeFact, KeyFacts, sensitivity
from transforms.kernels.loan import Loan, LoanRefused

# Fees of RBI's form by a word of their name; the rest stand under the fourth.
FEE_KINDS = {"processing": "process", "insurance": "insur", "valuation": "valu"}


def key_facts_pdf(loan: Loan, facts: KeyFacts, details: LenderDetails = NO_DETAILS, language: str = "en") -> bytes:
    """The document as PDF. language: en or hi. Dated details.issued_on, or the day of disbursal.

    ValueError names an unknown language. Equal arguments give equal bytes.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
    kfs = Kfs(loan, facts, details, LANGUAGES.index(language))
    proposal = details.proposal or loan.loan_id
    footer = f"{kfs.say('title')} · {kfs.say('for_loan', proposal)}"
    page = Page(kfs.say("title"), footer, details.issued_on or loan.terms.disbursed_on, language)
    _header(page, kfs)
    _part_1(page, kfs, proposal)
    _part_2(page, kfs)
    _acknowledgement(page, kfs)
    page.add_page()
    annex_a(page, kfs)
    annex_b(page, kfs)
    return page.finished()


def _header(page: Page, kfs: Kfs) -> None:
    details = kfs.details
    fields = (
        ("lender", details.lender),
        ("borrower", details.borrower),
        ("issued_on", day_text(details.issued_on) if details.issued_on else None),
        ("valid_until", day_text(details.valid_until) if details.valid_until else None),
    )
    page.ln(1)
    for left, right in (fields[:2], fields[2:]):
        texts = [(kfs.say(key), value or BLANK) for key, value in (left, right)]
        page.row([cell for label, value in texts for cell in (Cell(label, 0.2, is_shaded=True), Cell(value, 0.3))])
    page.ln(1)
    page.write_line(kfs.say("valid_note"), 7.5)


def _part_1(page: Page, kfs: Kfs, proposal: str) -> None:
    facts, details, terms = kfs.facts, kfs.details, kfs.loan.terms
    page.heading(kfs.say("part_1"))
    field(page, "1", kfs.say("proposal"), proposal)
    field(page, "", kfs.say("loan_type"), details.loan_type or BLANK)
    field(page, "2", kfs.say("sanctioned"), kfs.money(facts.loan_amount), is_bold=True)
    is_staged = any(event.type == "disbursement" for event in kfs.loan.events)
    group(page, "3", kfs.say("disbursal"))
    field(page, "", kfs.say("disbursal_how"), kfs.say("staged" if is_staged else "upfront"))
    clause = details.disbursal_clause or (BLANK if is_staged else "–")
    field(page, "", kfs.say("disbursal_clause"), clause)
    field(page, "4", kfs.say("term"), kfs.span())
    _installments(page, kfs)
    charged = kfs.say(terms.interest_method) if terms.interest_method != "reducing" else ""
    rate = kfs.say("rate_per_year", rate_text(terms.annual_rate), kfs.say(details.rate_type))
    field(page, "6", kfs.say("rate"), ", ".join(part for part in (rate, charged) if part))
    _floating(page, kfs)
    _fees(page, kfs)
    field(page, "9", kfs.say("apr"), rate_text(facts.apr), is_bold=True)
    _contingent(page, kfs)


def _installments(page: Page, kfs: Kfs) -> None:
    facts, terms = kfs.facts, kfs.loan.terms
    is_equal = kfs.has_equal_installments
    group(page, "5", kfs.say("installments"))
    field(page, "", kfs.say("installment_type"), kfs.period())
    field(page, "", kfs.say("installment_count"), str(facts.installments))
    amount = kfs.money(facts.installment_amount) if is_equal else kfs.say("unequal")
    field(page, "", kfs.say("installment_amount"), amount, is_bold=is_equal)
    first = facts.schedule[0].due_on
    begins = kfs.say("begins", day_text(first), (first - terms.disbursed_on).days)
    field(page, "", kfs.say("commencement"), begins)


def _floating(page: Page, kfs: Kfs) -> None:
    floating = kfs.details.floating
    if floating is None:
        field(page, "7", kfs.say("floating_more"), "–" if kfs.details.rate_type == "fixed" else BLANK)
        return
    group(page, "7", kfs.say("floating_more"))
    field(page, "", kfs.say("benchmark"), floating.benchmark)
    field(page, "", kfs.say("benchmark_rate"), rate_text(floating.benchmark_rate))
    field(page, "", kfs.say("spread"), rate_text(floating.spread))
    field(page, "", kfs.say("final_rate"), rate_text(floating.benchmark_rate + floating.spread))
    field(page, "", kfs.say("reset_benchmark"), str(floating.benchmark_reset_months or BLANK))
    field(page, "", kfs.say("reset_spread"), str(floating.spread_reset_months or BLANK))
    try:
        effect = sensitivity(kfs.loan)
    except LoanRefused:
        effect = None
    if effect is not None:
        amount = kfs.say("effect_amount", kfs.money(effect.installment_amount))
        count = kfs.say("effect_count", effect.installments)
        field(page, "", kfs.say("effect", rate_text(effect.change)), f"{amount}, {count}")


def _fees(page: Page, kfs: Kfs) -> None:
    """RBI's four kinds of fees, each fee under its own name, by who is paid in the end."""
    note = "fees_note_gst" if kfs.facts.is_gst_included else "fees_note"
    group(page, "8", f"{kfs.say('fees')} ({kfs.say(note)})")
    widths = (NUMBER, 0.26, 0.34, 0.34)
    heads = ("", "", kfs.say("to_lender"), kfs.say("to_third_party"))
    page.row([Cell(text, width, is_bold=True) for text, width in zip(heads, widths, strict=True)])
    for kind in (*FEE_KINDS, "other_fee"):
        fees = [fee for fee in kfs.facts.fees if _kind(fee) == kind]
        texts = (
            "",
            kfs.say(kind),
            *(_fee_texts(kfs, [f for f in fees if f.to == to]) for to in ("lender", "third_party")),
        )
        page.row([Cell(text, width) for text, width in zip(texts, widths, strict=True)])


def _kind(fee: FeeFact) -> str:
    name = fee.name.lower()
    return next((kind for kind, word in FEE_KINDS.items() if word in name), "other_fee")


def _fee_texts(kfs: Kfs, fees: Sequence[FeeFact]) -> str:
    lines = []
    for fee in fees:
        often = kfs.say("one_time") if fee.when == "disbursement" else kfs.say("recurring", fee.times)
        gst = ""
        if fee.gst and not kfs.facts.is_gst_included:
            gst = f" ({kfs.say('gst_beside', kfs.money(fee.gst))})"
        lines.append(f"{fee.name}: {often}, {kfs.money(fee.amount)}{gst}")
    return "\n".join(lines) or "–"


def _contingent(page: Page, kfs: Kfs) -> None:
    details = kfs.details
    group(page, "10", kfs.say("contingent"))
    field(page, "", kfs.say("penal"), _penal_text(kfs))
    field(page, "", kfs.say("penal_other"), details.penal_other or kfs.say("nil"))
    field(page, "", kfs.say("foreclosure"), _foreclosure_text(kfs))
    field(page, "", kfs.say("switching"), details.switching_charge or kfs.say("nil"))
    field(page, "", kfs.say("other_charges"), details.other_charges or kfs.say("nil"))


def _penal_text(kfs: Kfs) -> str:
    penal, parts = kfs.loan.terms.penal, []
    if penal is None or not (penal.annual_rate or penal.flat):
        return kfs.say("nil")
    if penal.annual_rate:
        parts.append(kfs.say("penal_rate", rate_text(penal.annual_rate)))
    if penal.grace_days:
        parts.append(kfs.say("penal_grace", penal.grace_days))
    if penal.flat:
        parts.append(kfs.say("penal_flat", kfs.money(penal.flat)))
    return "; ".join([*parts, kfs.say("penal_note")])


def _foreclosure_text(kfs: Kfs) -> str:
    foreclosure = kfs.loan.terms.foreclosure
    if foreclosure is None or not foreclosure.rate:
        return kfs.say("nil")
    parts = [kfs.say("foreclosure_rate", rate_text(foreclosure.rate))]
    if foreclosure.gst_rate:
        parts.append(kfs.say("plus_gst", rate_text(foreclosure.gst_rate)))
    if foreclosure.free_after_installments:
        parts.append(kfs.say("foreclosure_free", foreclosure.free_after_installments))
    return ", ".join(parts)


def _part_2(page: Page, kfs: Kfs) -> None:
    details = kfs.details
    page.heading(kfs.say("part_2"))
    field(page, "1", kfs.say("recovery_clause"), details.recovery_clause or BLANK)
    field(page, "2", kfs.say("grievance_clause"), details.grievance_clause or BLANK)
    contact = [part for part in (details.officer_phone, details.officer_email) if part]
    field(page, "3", kfs.say("officer"), "\n".join(contact) or BLANK)
    is_transferable = details.is_transferable
    answer = BLANK if is_transferable is None else kfs.say("yes" if is_transferable else "no")
    field(page, "4", kfs.say("transfer"), answer)
    both = details.collaboration
    if both is None:
        field(page, "5", kfs.say("collaborative"), "–")
    else:
        group(page, "5", kfs.say("collaborative"))
        field(page, "", kfs.say("originator"), f"{both.originator}, {rate_text(both.originator_share)}")
        field(page, "", kfs.say("partner"), f"{both.partner}, {rate_text(both.partner_share)}")
        field(page, "", kfs.say("blended"), rate_text(both.blended_rate))
    if not details.is_digital:
        field(page, "6", kfs.say("digital"), "–")
    else:
        group(page, "6", kfs.say("digital"))
        field(page, "", kfs.say("cooling_off"), details.cooling_off or BLANK)
        field(page, "", kfs.say("recovery_lsp"), details.recovery_agent or BLANK)


def _acknowledgement(page: Page, kfs: Kfs) -> None:
    """What the borrower signs; the lender keeps it (KF-03)."""
    page.heading(kfs.say("received"))
    page.row([Cell(f"\n\n{kfs.say(key)}", 0.5) for key in ("place_and_date", "signature")])
