"""Who applied for what in one bucket, and what the credit policy answered.

Belongs here: branches, customers, applications and the terms of the loans made. Does not: what happens after
disbursement (behaviour.py, cashflows.py) or how a table is written (tables.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingestion.simulator.calendar import Window
from ingestion.simulator.places import Branches, homes, open_branches
from ingestion.simulator.policy import assess
from ingestion.simulator.products import MFI_INCOME_MAX, PRODUCTS, SCHEMES
from ingestion.simulator.schedules import Dues, dues_until

Ints = NDArray[np.int64]
LOAN, NOT_TAKEN, REJECTED, REFERRED, PENDING = range(5)
_REJECTED_SHARE, _OPEN_SHARE, _REPEAT_SHARE = 0.38, 0.03, 0.04
NO_HISTORY = -1

_PRODUCT_OF_SCHEME = np.array([[p.code for p in PRODUCTS].index(s.product) for s in SCHEMES])
_RATE = np.array([s.rate_ppm for s in SCHEMES])
_DAYS = np.array([s.days for s in SCHEMES])
_AMOUNT_MIN = np.array([s.amount_min for s in SCHEMES])
_AMOUNT_MAX = np.array([s.amount_max for s in SCHEMES])
_INCOME_MIN = np.array([p.income_min for p in PRODUCTS])
_INCOMES_MAX = np.array([p.incomes_max for p in PRODUCTS])
_SCORE_MIN = np.array([p.score_min for p in PRODUCTS])
_LTV_MAX = np.array([p.ltv_max_pct for p in PRODUCTS])
_CODE = {p.code: i for i, p in enumerate(PRODUCTS)}


@dataclass(frozen=True)
class Applications:
    """The applications of one bucket, one entry each; money in rupees unless named paise.

    status: one of LOAN, NOT_TAKEN (approved, not disbursed), REJECTED, REFERRED, PENDING. customer: row among the
    bucket's customers, who are the first applications. reason: number of the first rule failed, 0 when none.
    """

    branches: Branches
    status: Ints
    customer: Ints
    customers: int
    branch: Ints
    scheme: Ints
    tenure: Ints
    amount: Ints
    value: Ints
    dues: Dues
    income: Ints
    score: Ints
    birth_on: Ints
    gender: Ints
    occupation: Ints
    place: Ints
    channel: Ints
    applied_on: Ints
    decided_on: Ints
    disbursed_on: Ints
    reason: Ints

    @property
    def installment(self) -> Ints:
        """Level installments, paise."""
        return self.dues.installment

    @property
    def product(self) -> Ints:
        return _PRODUCT_OF_SCHEME[self.scheme]

    def __len__(self) -> int:
        return len(self.status)


def apply(rng: np.random.Generator, bucket: int, loans: int, window: Window) -> Applications:
    """Applications of a bucket that lead to this many loans."""
    status = _statuses(loans)
    count = len(status)
    branches = open_branches(rng, bucket, loans, int(window.starts[0]))
    scheme = _schemes(rng, count)
    tenure = _chosen(rng, [s.tenures for s in SCHEMES], scheme)
    amount = _amounts(rng, scheme)
    disbursed_on = _disbursed(rng, count, window)
    decided_on = disbursed_on - rng.integers(1, 12, count)
    # what is not decided came within the last two weeks
    decided_on = np.where(status >= REFERRED, window.as_of, decided_on)
    applied_on = decided_on - rng.integers(0, 15, count)
    branch = rng.integers(0, len(branches), count)
    dues = _dues(window, scheme, tenure, amount, disbursed_on)
    draft = Applications(
        branches=branches, status=status, customer=np.arange(count), customers=count, branch=branch, scheme=scheme,
        tenure=tenure, amount=amount, value=np.zeros(count, np.int64), dues=dues,
        income=np.zeros(count, np.int64), score=_scores(rng, scheme), birth_on=_births(rng, scheme, applied_on),
        gender=_genders(rng, scheme), occupation=_occupations(rng, scheme), place=homes(rng, branches, branch),
        channel=rng.choice(4, count, p=(0.45, 0.2, 0.25, 0.1)), applied_on=applied_on, decided_on=decided_on,
        disbursed_on=disbursed_on, reason=np.zeros(count, np.int64),
    )  # fmt: skip
    return _decided(_with_repeat_customers(rng, _with_means(rng, draft)))


def _statuses(loans: int) -> Ints:
    shares = (1.0, _OPEN_SHARE, _REJECTED_SHARE, _OPEN_SHARE / 2, _OPEN_SHARE / 2)
    return np.repeat(np.arange(5), [round(share * loans) for share in shares])


def _schemes(rng: np.random.Generator, count: int) -> Ints:
    share = np.array([next(p.share for p in PRODUCTS if p.code == s.product) * s.share for s in SCHEMES])
    return rng.choice(len(SCHEMES), count, p=share / share.sum())


def _chosen(rng: np.random.Generator, options: list[tuple[int, ...]], row: Ints) -> Ints:
    """One of the options of each row's list, all as likely."""
    length = np.array([len(o) for o in options])
    table = np.zeros((len(options), length.max()), np.int64)
    for i, values in enumerate(options):
        table[i, : len(values)] = values
    return table[row, (rng.random(len(row)) * length[row]).astype(np.int64)]


def _amounts(rng: np.random.Generator, scheme: Ints) -> Ints:
    """Loans in thousands, small ones more often: evenly spread in the logarithm of the amount."""
    low, high = np.log(_AMOUNT_MIN[scheme]), np.log(_AMOUNT_MAX[scheme])
    exact = np.exp(low + (high - low) * rng.random(len(scheme)))
    return np.clip(np.round(exact / 1000).astype(np.int64) * 1000, _AMOUNT_MIN[scheme], _AMOUNT_MAX[scheme])


def _dues(window: Window, scheme: Ints, tenure: Ints, amount: Ints, disbursed_on: Ints) -> Dues:
    count = installments(scheme, tenure)
    return dues_until(window, amount * 100, _RATE[scheme], disbursed_on, _DAYS[scheme], count)


def installments(scheme: Ints, tenure: Ints) -> Ints:
    """How many installments each loan has."""
    every = np.array([s.every for s in SCHEMES])[scheme]
    return np.where(_DAYS[scheme] > 0, tenure * 52 // 12 // every, tenure // every)


def _disbursed(rng: np.random.Generator, count: int, window: Window) -> Ints:
    """Days from the 3rd to the 28th, older months more often, so that the book is seasoned.

    From the 3rd to the 28th, one month late is always 30 days past due or less at the month's end, two always more.
    """
    partial = int(window.as_of - window.starts[window.months - 1]) + 1
    open_months = window.months if partial >= 3 or window.months == 1 else window.months - 1
    weight = np.linspace(1.5, 0.5, open_months)
    month = rng.choice(open_months, count, p=weight / weight.sum())
    last = np.where(month == window.months - 1, max(3, min(28, partial)), 28)
    return window.starts[month] + 2 + (rng.random(count) * (last - 2)).astype(np.int64)


def _scores(rng: np.random.Generator, scheme: Ints) -> Ints:
    """Bureau scores of people the policy would take; some without a history where the policy asks for none."""
    least = _SCORE_MIN[_PRODUCT_OF_SCHEME[scheme]]
    score = np.clip(np.round(rng.normal(735, 55, len(scheme))), np.maximum(least, 450), 895).astype(np.int64)
    return np.where((least == 0) & (rng.random(len(scheme)) < 0.2), NO_HISTORY, score)


def _births(rng: np.random.Generator, scheme: Ints, applied_on: Ints) -> Ints:
    product = _PRODUCT_OF_SCHEME[scheme]
    oldest = np.array([p.age_max for p in PRODUCTS])[product]
    is_student = product == _CODE["EDUCATION"]
    years = np.where(is_student, 18.2 + 8 * rng.random(len(scheme)), 23 + (oldest - 24.5) * rng.random(len(scheme)))
    return applied_on - (years * 365.25).astype(np.int64)


def _genders(rng: np.random.Generator, scheme: Ints) -> Ints:
    """Index into codes.GENDER; group loans go to women mostly."""
    women = np.where(_PRODUCT_OF_SCHEME[scheme] == _CODE["MFI"], 0.94, 0.38)
    draw = rng.random(len(scheme))
    return np.where(draw < 0.002, 2, np.where(rng.random(len(scheme)) < women, 0, 1))


def _occupations(rng: np.random.Generator, scheme: Ints) -> Ints:
    from warehouse.contracts.codes import OCCUPATION

    options = [tuple(OCCUPATION.index(o) for o in PRODUCTS[p].occupations) for p in _PRODUCT_OF_SCHEME]
    return _chosen(rng, options, scheme)


def _with_means(rng: np.random.Generator, draft: Applications) -> Applications:
    """Incomes and asset values that meet the policy, with room to spare."""
    product = draft.product
    monthly = monthly_installments(draft)
    income = monthly / 100 / (0.10 + 0.26 * rng.random(len(draft)))
    income = np.maximum(income, _INCOME_MIN[product] * (1 + 0.3 * rng.random(len(draft))))
    times = _INCOMES_MAX[product]
    income = np.maximum(income, np.where(times > 0, draft.amount / np.maximum(times, 1) * 1.02, 0))
    rounded = np.ceil(income / 100).astype(np.int64) * 100
    rounded = np.where(product == _CODE["MFI"], np.minimum(rounded, MFI_INCOME_MAX), rounded)
    ltv = _LTV_MAX[product] / 100 * (0.65 + 0.34 * rng.random(len(draft)))
    # Gold above 2.5 lakh is lent at 80 % of value at most (GL-01); every gold loan here stays within that.
    ltv = np.where(product == _CODE["GOLD"], np.minimum(ltv, 0.795), ltv)
    value = np.where(ltv > 0, np.ceil(draft.amount / np.maximum(ltv, 0.01) / 1000) * 1000, 0).astype(np.int64)
    return replace(draft, income=rounded, value=value)


def monthly_installments(applications: Applications) -> Ints:
    """What an application's installments come to in a month, paise; weekly ones x 52 / 12 (MF-02)."""
    every = _DAYS[applications.scheme] // 7
    return np.where(every > 0, applications.installment * 52 // (12 * np.maximum(every, 1)), applications.installment)


def _with_repeat_customers(rng: np.random.Generator, draft: Applications) -> Applications:
    """Some gold loans go to customers who have another loan: they keep that loan's branch and person."""
    is_loan, product = draft.status == LOAN, draft.product
    gold = np.flatnonzero(is_loan & (product == _CODE["GOLD"]))
    others = np.flatnonzero(is_loan & (product != _CODE["GOLD"]) & (product != _CODE["EDUCATION"]))
    count = min(round(_REPEAT_SHARE * is_loan.sum()), len(gold) // 2, len(others))
    if count == 0:
        return draft
    first, again = rng.permutation(others)[:count], gold[:count]
    is_customer = np.ones(len(draft), bool)
    is_customer[again] = False
    number = np.cumsum(is_customer) - 1
    customer = number.copy()
    customer[again] = number[first]
    person = {}
    for name in ("branch", "income", "score", "birth_on", "gender", "occupation", "place"):
        values = getattr(draft, name).copy()
        values[again] = values[first]
        person[name] = values
    return replace(draft, customer=customer, customers=int(is_customer.sum()), **person)


def _decided(draft: Applications) -> Applications:
    """Rejected applicants made to fail a rule of their product, and the first rule each application fails."""
    failing = _stressed(draft)
    reason = assess(failing)
    if np.any(reason[draft.status != REJECTED]):
        raise AssertionError("an application that was not to be rejected fails the policy")
    if np.any(reason[draft.status == REJECTED] == 0):
        raise AssertionError("a rejected application passes the policy")
    return replace(failing, reason=reason)


def _stressed(draft: Applications) -> Applications:
    """The same applications, the rejected ones with too low a score, too low an income or too little security."""
    product, rejected = draft.product, draft.status == REJECTED
    turn = np.cumsum(rejected) % 5
    worse = 0.45 + 0.1 * turn
    score_min, income_min, ltv = _SCORE_MIN[product], _INCOME_MIN[product], _LTV_MAX[product]
    by_score = rejected & (score_min > 0) & (turn <= 1)
    by_income = rejected & ~by_score & (income_min > 0) & ((turn <= 3) | (ltv == 0))
    by_value = rejected & ~by_score & ~by_income & (ltv > 0)
    by_share = rejected & (product == _CODE["MFI"])
    by_income &= ~by_share
    score = np.where(by_score, score_min - 8 - 21 * turn - draft.score % 40, draft.score)
    income = np.where(by_income, (income_min * worse).astype(np.int64), draft.income)
    # an applicant with the least income but too large a loan for it
    times = _INCOMES_MAX[product]
    too_large = by_income & (times > 0) & (turn == 2)
    income = np.where(too_large, np.maximum(income_min, draft.amount // np.maximum(times, 1) * 4 // 5), income)
    income = np.where(by_income & ~too_large & (income >= income_min), income_min // 2, income)
    income = np.where(
        by_share,
        np.where(turn <= 2, MFI_INCOME_MAX + 2_000 * (turn + 1), monthly_installments(draft) // 100 * 3 // 2),
        income,
    )
    income = np.where(by_share & (turn > 2) & (income > MFI_INCOME_MAX), MFI_INCOME_MAX + 500, income)
    value = np.where(by_value, draft.amount * 100 // np.maximum(ltv + 4 + 2 * turn, 1), draft.value)
    still = too_large & (draft.amount <= income * np.maximum(times, 1))
    income = np.where(still, income_min // 2, income)
    return replace(draft, score=score, income=income, value=value)
