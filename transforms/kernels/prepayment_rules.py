"""Whether a charge on prepayment or foreclosure may be levied at all (PP-01, PP-02).

Belongs here: choosing the rule that governs a loan. Does not: the rules (transforms/seeds/prepayment_charges.csv), nor
the amount of a charge (its terms' foreclosure).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from transforms.kernels.loan import Loan, Terms

RATE_TYPES = ("fixed", "floating")
BORROWERS = ("individual", "mse", "other")
PURPOSES = ("business", "non_business", "microfinance")
LENDER_LAYERS = ("base", "middle", "upper")


@dataclass(frozen=True)
class PrepaymentRule:
    """One rule for loans sanctioned from valid_from on; an empty set or None matches everything.

    sanctioned_max: the largest sanctioned amount the rule speaks of, itself included.
    """

    rule_id: str
    valid_from: date
    rate_types: frozenset[str]
    borrowers: frozenset[str]
    purposes: frozenset[str]
    lender_layers: frozenset[str]
    sanctioned_max: Decimal | None
    is_allowed: bool
    reason: str
    source: str


@dataclass(frozen=True)
class PrepaymentCase:
    """What the rules ask of a loan; a dual-rate loan is of the type it bears when it is prepaid."""

    rate_type: str
    borrower: str
    purpose: str
    lender_layer: str
    sanctioned: Decimal
    sanctioned_on: date

    def __post_init__(self) -> None:
        allowed = {
            "rate_type": RATE_TYPES,
            "borrower": BORROWERS,
            "purpose": PURPOSES,
            "lender_layer": LENDER_LAYERS,
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ValueError(f"{name} must be one of {', '.join(values)}, got {getattr(self, name)!r}")


@dataclass(frozen=True)
class PrepaymentVerdict:
    """Whether a charge may be levied, by which rule, and why in words."""

    is_allowed: bool
    rule_id: str
    reason: str
    source: str


def foreclosure_charge_allowed(case: PrepaymentCase, rules: Sequence[PrepaymentRule]) -> PrepaymentVerdict:
    """The verdict of the rules in force on the day of sanction (or renewal): one that forbids beats one that allows.

    An allowed charge must still stand in the sanction letter and the KFS. ValueError when no rule speaks of the case.
    """
    speaking = [rule for rule in rules if _speaks_of(rule, case)]
    if not speaking:
        raise ValueError(f"no rule on prepayment charges for a loan sanctioned on {case.sanctioned_on}")
    rule = min(speaking, key=lambda one: (one.is_allowed, -one.valid_from.toordinal()))
    return PrepaymentVerdict(rule.is_allowed, rule.rule_id, rule.reason, rule.source)


def as_the_law_allows(loan: Loan, rules: Sequence[PrepaymentRule]) -> Loan:
    """The loan without the foreclosure charges that no rule allows, of its terms and of those of a restructure.

    Terms that do not say what they apply to stay as agreed.
    """
    events = tuple(
        replace(event, terms=_allowed(event.terms, loan.terms.principal, rules)) if event.terms else event
        for event in loan.events
    )
    return replace(loan, terms=_allowed(loan.terms, loan.terms.principal, rules), events=events)


def _allowed(terms: Terms, principal: Decimal, rules: Sequence[PrepaymentRule]) -> Terms:
    foreclosure = terms.foreclosure
    if foreclosure is None or foreclosure.applies_to is None:
        return terms
    case = foreclosure.applies_to
    asked = PrepaymentCase(
        case.rate_type,
        case.borrower,
        case.purpose,
        case.lender_layer,
        case.sanctioned or principal,
        case.sanctioned_on or terms.disbursed_on,
    )
    return terms if foreclosure_charge_allowed(asked, rules).is_allowed else replace(terms, foreclosure=None)


def _speaks_of(rule: PrepaymentRule, case: PrepaymentCase) -> bool:
    matches = (
        (rule.rate_types, case.rate_type),
        (rule.borrowers, case.borrower),
        (rule.purposes, case.purpose),
        (rule.lender_layers, case.lender_layer),
    )
    return (
        rule.valid_from <= case.sanctioned_on
        and all(not values or value in values for values, value in matches)
        and (rule.sanctioned_max is None or case.sanctioned <= rule.sanctioned_max)
    )
