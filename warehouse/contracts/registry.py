"""All contracts in one place, for whoever renders, lands or checks tables by name."""

from warehouse.contracts import origination, risk, scf, servicing
from warehouse.contracts.table import Table

BRONZE: tuple[Table, ...] = (*origination.BRONZE, *servicing.BRONZE, *risk.BRONZE, *scf.BRONZE)


def bronze(name: str) -> Table:
    """The bronze table of that name; KeyError lists the known ones."""
    for table in BRONZE:
        if table.name == name:
            return table
    raise KeyError(f"no bronze table {name!r}; known: {', '.join(t.name for t in BRONZE)}")
