"""One Key Facts Statement under way: its figures, details and language, and its ruled fields.

Belongs here: what part 1, part 2 and the annexes share. Does not: which field says what.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from transforms.documents.amounts import money_text
from transforms.documents.details import LenderDetails
from transforms.documents.page import Cell, Page
from transforms.documents.words_kfs import PERIODS, SPANS, WORDS
from transforms.kernels.kfs import KeyFacts
from transforms.kernels.loan import Loan

NUMBER, LABEL, VALUE = 0.06, 0.47, 0.47


@dataclass(frozen=True)
class Kfs:
    """Everything a statement is written of; language: an index of words (words_kfs)."""

    loan: Loan
    facts: KeyFacts
    details: LenderDetails
    language: int

    @property
    def has_equal_installments(self) -> bool:
        terms = self.loan.terms
        return terms.amortisation == "emi" and not terms.balloon and not terms.grace.principal_installments

    def say(self, key: str, *values: object) -> str:
        """The words of a key in the statement's language."""
        return WORDS[key][self.language].format(*values)

    def money(self, amount: Decimal) -> str:
        return money_text(amount, self.loan.currency)

    def span(self) -> str:
        """The loan's term in its own periods."""
        every = self.loan.terms.repay_every
        return SPANS[every.unit][self.language].format(self.facts.installments * every.n)

    def period(self) -> str:
        """What its installments are called."""
        every = self.loan.terms.repay_every
        return PERIODS.get(f"{every.n} {every.unit}", PERIODS[every.unit])[self.language].format(every.n)


def field(page: Page, number: str, label: str, value: str, is_bold: bool = False) -> None:
    """A field of the form: its number, its label, what it says."""
    page.row([Cell(number, NUMBER), Cell(label, LABEL), Cell(value, VALUE, is_bold=is_bold)])


def group(page: Page, number: str, label: str) -> None:
    """A field whose parts follow below it."""
    page.row([Cell(number, NUMBER, is_shaded=True), Cell(label, LABEL + VALUE, is_bold=True, is_shaded=True)])
