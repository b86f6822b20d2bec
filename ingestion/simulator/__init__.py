"""A reproducible Indian NBFC portfolio, written as files of the portfolio source.

Belongs here: everything `lendhouse simulate` needs. Does not: loading the files (ingestion.sources).
"""

from ingestion.simulator.measure import Calibrated
from ingestion.simulator.simulate import Simulated, simulate

__all__ = ["Calibrated", "Simulated", "simulate"]
