"""Where branches and customers are: real PIN codes and the branches of each bucket.

Belongs here: reading pincodes.csv (README.md: origin and licence), placing branches. Does not: anything about people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from ingestion.simulator.text import Characters, as_arrow, coded, digits, joined, numbers

ENTITY = "LHF"
BRANCHES_MAX = 16
_LOANS_A_BRANCH = 250


@dataclass(frozen=True)
class Places:
    """PIN codes sorted by state and district; state and district are numbered, and the PINs of one lie together."""

    pincodes: Characters
    state: NDArray[np.int64]
    district: NDArray[np.int64]
    states: Characters
    state_codes: tuple[str, ...]
    district_names: tuple[str, ...]
    district_start: NDArray[np.int64]


@cache
def places() -> Places:
    """The bundled PIN codes."""
    rows = pl.read_csv(Path(__file__).with_name("pincodes.csv"), schema_overrides={"pincode": pl.String})
    rows = rows.sort("state_code", "district", "pincode")
    group = (rows["state_code"] + "/" + rows["district"]).rle_id().to_numpy().astype(np.int64)
    state = rows["state_code"].rle_id().to_numpy().astype(np.int64)
    codes = tuple(rows["state_code"].unique(maintain_order=True).to_list())
    first = np.concatenate([[0], np.flatnonzero(np.diff(group)) + 1, [len(group)]]).astype(np.int64)
    pins = np.frombuffer("".join(rows["pincode"].to_list()).encode(), np.uint8).reshape(-1, 6)
    letters = np.frombuffer("".join(codes).encode(), np.uint8).reshape(-1, 2)
    return Places(pins, state, group, letters, codes, tuple(rows["district"][first[:-1]].to_list()), first)


@dataclass(frozen=True)
class Branches:
    """The branches of one bucket: identifiers as text, and the row of each in the places."""

    ids: Characters
    place: NDArray[np.int64]
    opened_on: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.place)

    def table(self) -> dict[str, pa.Array]:
        known = places()
        rows = len(self)
        districts = [known.district_names[known.district[p]] for p in self.place]
        pins = [bytes(known.pincodes[p]).decode() for p in self.place]
        return {
            "branch_id": as_arrow(self.ids),
            "entity_id": coded(np.zeros(rows, np.int64), (ENTITY,)),
            "branch_name": pa.array([f"{d} {pin}" for d, pin in zip(districts, pins, strict=True)], pa.string()),
            "state_code": coded(known.state[self.place], known.state_codes),
            "postal_code": pa.array(pins, pa.string()),
            "opened_on": numbers(self.opened_on.astype(np.int32), pa.date32()),
        }


def open_branches(rng: np.random.Generator, bucket: int, loans: int, before: int) -> Branches:
    """Branches for one bucket's loans, opened before a day; every branch belongs to one bucket.

    So the loan numbers of a branch are counted inside one bucket, and buckets can be made in any order.
    """
    known = places()
    count = int(np.clip(loans // _LOANS_A_BRANCH, 4, BRANCHES_MAX))
    place = rng.integers(0, len(known.pincodes), count)
    number = digits(bucket * BRANCHES_MAX + np.arange(1, count + 1), 4)
    ids = joined(known.states[known.state[place]], number, rows=count)
    return Branches(ids, place, before - rng.integers(200, 4000, count))


def homes(rng: np.random.Generator, branches: Branches, branch: NDArray[np.int64]) -> NDArray[np.int64]:
    """A place in the district of each customer's branch."""
    known = places()
    district = known.district[branches.place[branch]]
    first, after = known.district_start[district], known.district_start[district + 1]
    return first + (rng.random(len(branch)) * (after - first)).astype(np.int64)
