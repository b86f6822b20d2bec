"""Which rule of the credit policy an application fails first, and the words of the refusal.

Belongs here: the policy's checks in their order, over whole columns. Does not: the house's own eligibility rules
(transforms/kernels); a simulated lender's policy is part of the simulation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from ingestion.simulator.products import (
    EDUCATION_AMOUNT_MAX,
    HOME_AGE_MIN,
    HOME_AMOUNT_MIN,
    MFI_INCOME_MAX,
    PRODUCTS,
)

if TYPE_CHECKING:
    from ingestion.simulator.originations import Applications

Ints = NDArray[np.int64]
PASSED, AGE, INCOME, MFI_INCOME, AMOUNT_MIN, SCORE, LTV, AMOUNT_MAX, INCOMES, SHARE = range(10)

# given and limit: columns of _figures; the same order as the numbers above.
_WORDS = (
    "age {given} is above the limit of {limit}",
    "monthly income {given} is below the minimum of {limit}",
    "monthly household income {given} is above the limit of {limit}",
    "amount {given} is below the minimum of {limit}",
    "credit score {given} is below the minimum of {limit}",
    "loan of {given} % of the asset's value is above the limit of {limit} %",
    "amount {given} is above the limit of {limit}",
    "amount {given} is above {limit}, the most for this income",
    "installments of {given} % of income reach the limit of {limit} %",
)


def assess(applications: Applications) -> Ints:
    """The first rule each application fails, PASSED when none."""
    given, limit = figures(applications)
    order = (AGE, INCOME, MFI_INCOME, AMOUNT_MIN, SCORE, LTV, AMOUNT_MAX, INCOMES, SHARE)
    reason = np.zeros(len(applications), np.int64)
    for rule in reversed(order):
        fails = given[rule] < limit[rule] if rule in (INCOME, AMOUNT_MIN, SCORE) else given[rule] > limit[rule]
        if rule == SHARE:
            # a personal loan's installments must stay below half of income, the others' may reach the limit
            strict = np.array([p.code == "PERSONAL" for p in PRODUCTS])[applications.product]
            fails |= strict & (given[rule] >= limit[rule])
        reason = np.where((limit[rule] > 0) & fails, rule, reason)
    return reason


def figures(applications: Applications) -> tuple[dict[int, Ints], dict[int, Ints]]:
    """What each rule looks at and its limit (0: the product has none), by rule."""
    from ingestion.simulator.originations import monthly_installments

    product = applications.product
    is_product = {p.code: product == i for i, p in enumerate(PRODUCTS)}

    def of(name: str) -> Ints:
        return np.array([getattr(p, name) for p in PRODUCTS])[product]

    age = ((applications.applied_on - applications.birth_on) / 365.25).astype(np.int64)
    income = np.maximum(applications.income, 1)
    security = np.maximum(applications.value, 1)
    zero = np.zeros(len(applications), np.int64)
    given = {
        AGE: np.where(is_product["HOME"] & (age < HOME_AGE_MIN), 999, age),
        INCOME: applications.income,
        MFI_INCOME: applications.income,
        AMOUNT_MIN: applications.amount,
        SCORE: applications.score,
        LTV: -(-applications.amount * 100 // security),
        AMOUNT_MAX: applications.amount,
        INCOMES: applications.amount,
        SHARE: -(-monthly_installments(applications) // income),
    }
    limit = {
        AGE: of("age_max"),
        INCOME: of("income_min"),
        MFI_INCOME: np.where(is_product["MFI"], MFI_INCOME_MAX, zero),
        AMOUNT_MIN: np.where(is_product["HOME"], HOME_AMOUNT_MIN, zero),
        SCORE: of("score_min"),
        LTV: np.where(of("ltv_max_pct") > 0, of("ltv_max_pct"), zero),
        AMOUNT_MAX: np.where(is_product["EDUCATION"], EDUCATION_AMOUNT_MAX, zero),
        INCOMES: of("incomes_max") * applications.income,
        SHARE: of("emi_max_pct"),
    }
    return given, limit


def words(applications: Applications) -> pa.Array:
    """The primary reason of each rejection, null where the policy is met."""
    given, limit = figures(applications)
    reason = applications.reason
    # rules without a figure for a row fall back on rule 1's; only rows with a reason are read
    pick = np.maximum(reason, 1)
    stacked = np.stack([given[r] for r in range(1, 10)]), np.stack([limit[r] for r in range(1, 10)])
    rows = np.arange(len(reason))
    frame = pl.DataFrame({"reason": reason, "given": stacked[0][pick - 1, rows], "limit": stacked[1][pick - 1, rows]})
    text = pl.lit(None, dtype=pl.String)
    for number, template in enumerate(_WORDS, start=1):
        before, _, rest = template.partition("{given}")
        between, _, after = rest.partition("{limit}")
        sentence = pl.format(before + "{}" + between + "{}" + after, "given", "limit")
        text = pl.when(pl.col("reason") == number).then(sentence).otherwise(text)
    return frame.select(text.alias("text"))["text"].to_arrow().cast(pa.string())
