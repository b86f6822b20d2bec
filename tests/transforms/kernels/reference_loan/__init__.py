"""The loan engine once more, slow and obvious, for the compiled one to be compared with.

Belongs here: the rules of the loan document, day by day, with exact fractions; no closed forms, no numba, nothing of
the compiled kernels but the frozen shapes of loan.py and figures.py. Does not: what the tests ask of it.
"""

from tests.transforms.kernels.reference_loan.delinquency import Norms
from tests.transforms.kernels.reference_loan.engine import payoff, replay, schedule_of

__all__ = ["Norms", "payoff", "replay", "schedule_of"]
