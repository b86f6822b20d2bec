"""How far behind each loan is at each month's end: a Markov chain held to observed roll rates.

Belongs here: the months late of each loan, early closures and charge-offs. Does not: amounts and days (cashflows.py).

Two figures must hold at once, and a plain chain cannot hold them: a loan that becomes late with 0.3 % a month would be
charged off at a time that its chain dictates. So a loan's charge-off, if it is to have one, is drawn first, at the age
the real book shows; it goes late some months before and never recovers. The loans that recover share what is left of
the roll rates: each month their chances are set so that late arrivals, one month late, and two or more months late,
all loans together, come to the targets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingestion.simulator.calendar import Window
from ingestion.simulator.calibration import DAYS_A_MONTH, LEVEL, ROLL_RATES, timing

Ints = NDArray[np.int64]
NEVER = 1_000
_DEEPEST = 6
_MONTHS_BEFORE = (4, 9)  # how long a loan is late before it is charged off, months: from, below
_SHORTEST = 3
_ROOM = 0.8
_FORECLOSED_MONTHLY = 0.004
_FORECLOSED_AFTER = 6


@dataclass(frozen=True)
class Paths:
    """late: months late at the end of each month of the window, shape loans x months; -1 not on the book.

    written_off_on: day, or -1. foreclosed: month of the window, or NEVER. expected: by age in whole months, how many
    charge-offs the real timing gives for these loans within their own horizon.
    """

    late: NDArray[np.int8]
    written_off_on: Ints
    foreclosed: Ints
    expected: NDArray[np.float64]


@dataclass(frozen=True)
class Lives:
    """What the chain needs of each loan: month of disbursement, month group of the last due, month it falls in."""

    disbursed_on: Ints
    month: Ints
    last_group: Ints
    last_month: Ints
    risk: NDArray[np.float64]


def live(rng: np.random.Generator, lives: Lives, window: Window) -> Paths:
    """Months late of every loan in every month."""
    onset, written_off_on, expected = _charge_offs(rng, lives, window)
    off_month = np.where(written_off_on >= 0, window.month(written_off_on), NEVER)
    chain = _Chain(rng, lives, window, onset, off_month)
    for month in range(1, window.months):
        chain.step(month)
    seen = (written_off_on >= 0) & (written_off_on <= window.as_of)
    return Paths(chain.late, np.where(seen, written_off_on, -1), chain.foreclosed, expected)


def _charge_offs(rng: np.random.Generator, lives: Lives, window: Window) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """When each loan destined to be charged off becomes late and is charged off; NEVER and -1 for the others."""
    count = len(lives.month)
    share = timing()
    chance = np.minimum(_level(lives, window) * lives.risk / lives.risk.mean(), 0.9)
    notice = rng.integers(*_MONTHS_BEFORE, count)
    age = rng.choice(len(share), count, p=share)
    is_destined = rng.random(count) < chance
    off_on = lives.disbursed_on + np.ceil((age + rng.random(count)) * DAYS_A_MONTH).astype(np.int64)
    onset, possible = _onsets(lives, window, window.month(off_on), notice)
    destined = is_destined & possible
    expected = np.zeros(len(share))
    for months in range(min(len(share), window.months + 1)):
        on = lives.disbursed_on + np.ceil((months + 0.5) * DAYS_A_MONTH).astype(np.int64)
        within = _onsets(lives, window, window.month(on), notice)[1] & (on <= window.as_of)
        expected[months] = share[months] * chance[within].sum()
    return np.where(destined, onset, NEVER), np.where(destined, off_on, -1), expected


def _level(lives: Lives, window: Window) -> float:
    """Part of the loans destined to be charged off at some age: the real one, or what the roll rates leave room for.

    Of all loans, 0.3 % x 47 % a month are late and late again; those who never recover must be fewer, in the last month
    too, when the book is oldest.
    """
    share, ahead = timing(), sum(_MONTHS_BEFORE) // 2
    age = np.minimum(window.months - 1 - lives.month + ahead, len(share) - 1)
    room = _ROOM * ROLL_RATES[0].target * ROLL_RATES[1].target
    return min(LEVEL, room / float(share[age].mean()))


def _onsets(lives: Lives, window: Window, off_month: Ints, notice: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Month in which a loan charged off in off_month first stays unpaid, and whether it owed anything then."""
    onset = np.maximum(off_month - notice, lives.month + 1)
    return onset, (off_month - onset >= _SHORTEST) & (onset <= lives.last_group)


class _Chain:
    """The state of a bucket's loans, moved on a month at a time.

    owed: for each roll rate, how many loans the past months left below (or above) target in expectation; it is made up
    in later months, for some months have too few recovering loans to meet it.
    """

    def __init__(self, rng: np.random.Generator, lives: Lives, window: Window, onset: Ints, off_month: Ints) -> None:
        count = len(lives.month)
        self.rng, self.lives, self.onset, self.off_month = rng, lives, onset, off_month
        self.late = np.full((count, window.months), -1, np.int8)
        self.late[np.arange(count), lives.month] = 0
        self.foreclosed = np.full(count, NEVER)
        self.ended = np.zeros(count, bool)
        self.is_destined = onset < NEVER
        self.owed = [0.0, 0.0, 0.0]

    def step(self, month: int) -> None:
        lives, before = self.lives, self.late[:, month - 1].astype(np.int64)
        on_book = (lives.month < month) & ~self.ended
        after = before.copy()
        self._foreclose(month, on_book & (before == 0))
        self._enter(month, on_book & (before == 0), after)
        for rung, loans in ((1, on_book & (before == 1)), (2, on_book & (before >= 2))):
            self._roll(month, rung, loans, before, after)
        # nothing is left to be late with once every due is settled
        after = np.where((after > 0) & (month - after >= lives.last_group), 0, after)
        written_off = on_book & (self.off_month == month)
        done = on_book & (after == 0) & (month >= lives.last_month)
        self.late[:, month] = np.where(on_book, after, self.late[:, month])
        self.ended |= written_off | done | (self.foreclosed == month)

    def _foreclose(self, month: int, current: NDArray[np.bool_]) -> None:
        draw = self.rng.random(len(current)) < _FORECLOSED_MONTHLY
        lives = self.lives
        can = current & ~self.is_destined & (month >= lives.month + _FORECLOSED_AFTER) & (month < lives.last_group)
        self.foreclosed[can & draw] = month

    def _enter(self, month: int, current: NDArray[np.bool_], after: Ints) -> None:
        lives = self.lives
        first = current & (self.onset == month)
        free = current & ~self.is_destined & (self.foreclosed > month) & (month <= lives.last_group)
        chance = self._chance(0, current.sum(), first.sum(), free.sum())
        weight = lives.risk[free] / lives.risk[free].mean() if free.any() else lives.risk[free]
        entering = np.flatnonzero(free)[self.rng.random(int(free.sum())) < chance * weight]
        after[first] = 1
        after[entering] = 1

    def _roll(self, month: int, rung: int, loans: NDArray[np.bool_], before: Ints, after: Ints) -> None:
        destined = loans & self.is_destined
        free = np.flatnonzero(loans & ~self.is_destined)
        chance = self._chance(rung, loans.sum(), destined.sum(), len(free))
        stays = self.rng.random(len(free)) < chance
        move = self.rng.random(len(free))
        # one month late: as late, or deeper; later on mostly as late, for these loans pay an installment a month
        step = np.where(move < 0.2, 0, 1) if rung == 1 else np.where(move < 0.65, 0, np.where(move < 0.85, 1, -1))
        deeper = before[free] + 1
        late = np.maximum(np.minimum(before[free] + step, _DEEPEST), 1)
        # after the last due, to be less late is to be done: who stays late then pays nothing
        late = np.where(month - late >= self.lives.last_group[free], deeper, late)
        after[free] = np.where(stays, late, 0)
        after[destined] = before[destined] + 1

    def _chance(self, rung: int, loans: int, certain: int, free: int) -> float:
        """What the recovering loans' chance of being late must be for all loans to meet the target."""
        wanted = ROLL_RATES[rung].target * loans + self.owed[rung]
        chance = float(np.clip((wanted - certain) / free, 0.0, 1.0)) if free else 0.0
        self.owed[rung] = wanted - certain - chance * free
        return chance
