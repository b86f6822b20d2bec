"""PP-01 and PP-02 on the rules as seeded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from transforms.kernels.document import loan_from
from transforms.kernels.loan import LoanRefused
from transforms.kernels.prepayment_rules import (
    PrepaymentCase,
    PrepaymentVerdict,
    as_the_law_allows,
    foreclosure_charge_allowed,
)
from transforms.kernels.replay import payoff
from transforms.norms import prepayment_rules

HOME = PrepaymentCase("floating", "individual", "non_business", "base", Decimal(7500000), date(2026, 1, 1))
SHOP = replace(HOME, borrower="mse", purpose="business", lender_layer="middle", sanctioned=Decimal(5000000))


def verdict(case: PrepaymentCase) -> PrepaymentVerdict:
    return foreclosure_charge_allowed(case, prepayment_rules())


@pytest.mark.parametrize("layer", ["base", "middle", "upper"])
def test_pp_01_floating_for_individuals_non_business_is_free_whoever_lends(layer: str) -> None:
    assert not verdict(replace(HOME, lender_layer=layer)).is_allowed


@pytest.mark.parametrize("borrower", ["individual", "mse"])
def test_pp_01_business_loans_of_the_middle_layer_are_free_up_to_fifty_lakh(borrower: str) -> None:
    case = replace(SHOP, borrower=borrower)
    assert not verdict(case).is_allowed
    assert verdict(replace(case, sanctioned=Decimal("5000000.01"))).is_allowed


def test_pp_01_business_loans_of_the_upper_layer_are_free_at_any_size() -> None:
    assert not verdict(replace(SHOP, lender_layer="upper", sanctioned=Decimal(10**9))).is_allowed


def test_pp_01_business_loans_of_the_base_layer_are_not_named() -> None:
    assert verdict(replace(SHOP, lender_layer="base")).rule_id == "PP-02-default"


@pytest.mark.parametrize("case", [HOME, SHOP], ids=["non-business", "business"])
def test_pp_01_concerns_loans_sanctioned_from_2026_on(case: PrepaymentCase) -> None:
    assert verdict(replace(case, sanctioned_on=date(2025, 12, 31))).is_allowed


@pytest.mark.parametrize("case", [replace(HOME, rate_type="fixed"), replace(SHOP, borrower="other")])
def test_pp_02_elsewhere_the_board_may_set_a_charge(case: PrepaymentCase) -> None:
    assert verdict(case).is_allowed
    assert "KFS" in verdict(case).reason


@pytest.mark.parametrize("rate_type", ["fixed", "floating"])
def test_pp_02_microfinance_is_free(rate_type: str) -> None:
    case = PrepaymentCase(rate_type, "individual", "microfinance", "middle", Decimal(60000), date(2024, 6, 1))
    assert verdict(case).rule_id == "PP-02-microfinance"
    assert not verdict(case).is_allowed


def test_pp_verdicts_name_their_source() -> None:
    assert all(rule.source and rule.reason for rule in prepayment_rules())
    assert verdict(HOME).source == "RBI, Pre-payment Charges on Loans Directions, 2 Jul 2025"


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="lender_layer must be one of base, middle, upper, got 'top'"):
        replace(HOME, lender_layer="top")


def floating_home_loan(disbursed_on: str, **said: object) -> dict[str, object]:
    case = {
        "rate_type": "floating",
        "borrower": "individual",
        "purpose": "non_business",
        "lender_layer": "base",
        **said,
    }
    charge = {"rate": "0.04", "gst_rate": "0.18", "applies_to": case}
    terms = {"principal": "100000.00", "disbursed_on": disbursed_on, "annual_rate": "0.12", "installments": 12}
    return {"loan_id": "L1", "terms": {**terms, "foreclosure": charge}}


@pytest.mark.parametrize(
    ("disbursed_on", "said", "charge"),
    [
        ("2026-01-15", {}, "0.00"),
        ("2026-01-15", {"rate_type": "fixed"}, "4000.00"),
        ("2026-01-15", {"sanctioned_on": "2025-12-20"}, "4000.00"),
        ("2025-01-15", {}, "4000.00"),
        ("2025-01-15", {"sanctioned_on": "2026-01-02"}, "0.00"),
    ],
)
def test_pp_01_a_payoff_bears_no_charge_that_is_forbidden(disbursed_on: str, said: dict[str, str], charge: str) -> None:
    loan = as_the_law_allows(loan_from(floating_home_loan(disbursed_on, **said)), prepayment_rules())
    assert payoff(loan, loan.terms.disbursed_on).foreclosure_charge == Decimal(charge)


def test_pp_01_what_decides_is_given_whole() -> None:
    document = floating_home_loan("2026-01-15")
    del document["terms"]["foreclosure"]["applies_to"]["purpose"]  # type: ignore[index]
    with pytest.raises(LoanRefused, match=r"terms\.foreclosure\.applies_to\.purpose"):
        loan_from(document)
