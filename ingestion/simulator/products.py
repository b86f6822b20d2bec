"""What the simulated lender sells, and the limits its credit policy sets.

Belongs here: products, schemes, their sizes and tenures, and the thresholds an application is held to. Does not: how a
customer behaves (behaviour.py), or the product rules of the house itself (transforms/kernels).
Money is whole rupees here, rates are millionths a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Product:
    """One product and its policy; zero means that the policy sets no such limit.

    share: part of the loans. score_min, income_min (a month), emi_max_pct (installments over income), ltv_max_pct and
    incomes_max (loan over monthly income) are limits. risk: charge-offs relative to the book. collateral: kind pledged,
    or None.
    Source of the limits: approval thresholds of the policy sheet, microfinance rules MF-01 and MF-02.
    """

    code: str
    share: float
    score_min: int
    income_min: int
    emi_max_pct: int
    ltv_max_pct: int
    incomes_max: int
    age_max: int
    risk: float
    collateral: str | None
    occupations: tuple[str, ...]


@dataclass(frozen=True)
class Scheme:
    """One priced variant of a product. unit and every: the repayment period; tenures in months."""

    code: str
    product: str
    name: str
    share: float
    rate_ppm: int
    amount_min: int
    amount_max: int
    fee_ppm: int
    unit: str
    every: int
    tenures: tuple[int, ...]

    @property
    def days(self) -> int:
        """Days of one period; 0 when the period is a month."""
        return 7 * self.every if self.unit == "week" else 0

    def installments(self, tenure_months: int) -> int:
        """How many installments a tenure has."""
        if self.unit == "month":
            return tenure_months // self.every
        return tenure_months * 52 // 12 // self.every


EMPLOYED: Final = ("SALARIED", "SELF_EMPLOYED", "PENSIONER")
SELF: Final = ("SELF_EMPLOYED",)
RURAL: Final = ("WAGE_EARNER", "FARMER", "SELF_EMPLOYED")

# "loan <= 3 x 10 % of turnover" reads as 36 monthly incomes when a tenth of turnover is the year's income; turnover of
# ten lakh is then an income of 8,334 a month. "15 x parent income a year" is 180 monthly incomes.
PRODUCTS: Final = (
    Product("PERSONAL", 0.29, 650, 25_000, 50, 0, 12, 65, 1.3, None, EMPLOYED),
    Product("HOME", 0.08, 650, 35_000, 40, 80, 0, 60, 0.45, "PROPERTY", EMPLOYED),
    Product("CAR", 0.12, 600, 20_000, 40, 90, 0, 65, 0.7, "VEHICLE", EMPLOYED),
    Product("BUSINESS", 0.15, 600, 8_334, 0, 0, 36, 65, 1.5, "EQUIPMENT", SELF),
    Product("EDUCATION", 0.05, 0, 12_500, 0, 0, 180, 65, 0.9, None, ("STUDENT",)),
    Product("GOLD", 0.11, 0, 0, 0, 85, 0, 75, 0.5, "GOLD", (*RURAL, "SALARIED")),
    Product("MFI", 0.20, 0, 0, 50, 0, 0, 60, 1.2, None, RURAL),
)

MFI_INCOME_MAX: Final = 25_000  # three lakh a year for the household
EDUCATION_AMOUNT_MAX: Final = 1_500_000
HOME_AMOUNT_MIN: Final = 500_000
HOME_AGE_MIN: Final = 21
PENAL_PPM: Final = 240_000

_MONTHLY: Final = ("month", 1)

SCHEMES: Final = (
    Scheme(
        "PL001", "PERSONAL", "Personal loan", 0.7, 120_000, 50_000, 1_000_000, 20_000, *_MONTHLY, (12, 24, 36, 48, 60)
    ),
    Scheme(
        "PL002",
        "PERSONAL",
        "Personal loan, small ticket",
        0.3,
        165_000,
        30_000,
        200_000,
        25_000,
        *_MONTHLY,
        (12, 18, 24),
    ),
    Scheme("HL001", "HOME", "Home loan", 0.65, 90_000, 1_000_000, 6_000_000, 5_000, *_MONTHLY, (120, 180, 240, 300)),
    Scheme(
        "HL002",
        "HOME",
        "Affordable housing loan",
        0.35,
        115_000,
        500_000,
        1_500_000,
        10_000,
        *_MONTHLY,
        (120, 180, 240),
    ),
    Scheme("CL001", "CAR", "Car loan", 0.65, 105_000, 300_000, 1_500_000, 10_000, *_MONTHLY, (36, 48, 60, 84)),
    Scheme("CL002", "CAR", "Used car loan", 0.35, 140_000, 150_000, 600_000, 15_000, *_MONTHLY, (24, 36, 48)),
    Scheme(
        "BL001", "BUSINESS", "Business term loan", 0.5, 115_000, 300_000, 3_000_000, 15_000, *_MONTHLY, (24, 36, 48, 60)
    ),
    Scheme("BL002", "BUSINESS", "Shopkeeper loan", 0.5, 190_000, 50_000, 400_000, 25_000, *_MONTHLY, (12, 24, 36)),
    Scheme("EL001", "EDUCATION", "Education loan", 1.0, 85_000, 100_000, 1_500_000, 5_000, *_MONTHLY, (60, 84, 120)),
    Scheme("GL001", "GOLD", "Gold loan", 1.0, 120_000, 20_000, 500_000, 5_000, *_MONTHLY, (6, 12, 24)),
    Scheme("MF001", "MFI", "Group loan, weekly", 0.6, 225_000, 20_000, 60_000, 10_000, "week", 1, (12, 24)),
    Scheme("MF002", "MFI", "Group loan, fortnightly", 0.4, 225_000, 20_000, 80_000, 10_000, "week", 2, (12, 18, 24)),
)
