"""All contracts in one place, for whoever renders, lands or checks tables by name."""

from warehouse.contracts import origination, outbox, receipt, regulatory, risk, scf, servicing
from warehouse.contracts.table import Layer, Table

# What sources send us; the tables of receipt (batches, quarantine) are ingestion's own and stand apart.
BRONZE: tuple[Table, ...] = (*origination.BRONZE, *servicing.BRONZE, *risk.BRONZE, *scf.BRONZE)
RECEIPTS: tuple[Table, ...] = receipt.RECEIPTS
SILVER: tuple[Table, ...] = (*origination.SILVER, *servicing.SILVER, *risk.SILVER, *scf.SILVER)
GOLD: tuple[Table, ...] = (*origination.GOLD, *servicing.GOLD, *risk.GOLD, *scf.GOLD)

# What the house writes about itself: how far it has read, and what it has published. No asset and no dbt source.
BOOKKEEPING: tuple[Table, ...] = (outbox.WATERMARKS, *regulatory.WRITTEN_BY_ORCHESTRATION)

# Silver tables that a kernel over the whole book writes; dbt reads them as sources.
WRITTEN_BY_KERNELS: tuple[Table, ...] = servicing.WRITTEN_BY_KERNELS


def bronze(name: str) -> Table:
    """The bronze table of that name; KeyError lists the known ones."""
    for table in BRONZE:
        if table.name == name:
            return table
    raise KeyError(f"no bronze table {name!r}; known: {', '.join(t.name for t in BRONZE)}")


def tables(*layers: Layer) -> tuple[Table, ...]:
    """Every declared table of the layers (all when none is named), receipts and bookkeeping included."""
    every = (*BRONZE, *RECEIPTS, *SILVER, *GOLD, *BOOKKEEPING)
    return tuple(table for table in every if not layers or table.layer in layers)
