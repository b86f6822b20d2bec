"""What the house keeps of each delivery: the batches it received, and the rows it refused.

Belongs here: the two bronze tables that ingestion writes beside the data. Does not: the columns of receipt that every
bronze row carries (table.py: RECEIPT).
"""

from dataclasses import dataclass

from warehouse.contracts.table import RECEIPT, Field, Layer, Table, Type

_BY_NAME = {field.name: field for field in RECEIPT}

# What a token of an identifier looks like (ingestion/masking.py makes them).
TOKEN_PATTERN = r"tok_[A-Za-z0-9_-]{24}"  # noqa: S105

STATUSES = ("ACCEPTED", "PARTLY", "KNOWN", "REJECTED")

SOURCE = _BY_NAME["source"]
BATCH_ID = _BY_NAME["batch_id"]
ROW_NUMBER = _BY_NAME["row_number"]
RECEIVED_AT = _BY_NAME["received_at"]
TABLE_NAME = Field("table_name", Type.CODE, "the bronze table the rows were meant for; null when the file did not say")
FILE_NAME = Field("file_name", Type.TEXT, "name of the received file, without its folder")


@dataclass(frozen=True)
class ReceiptTable(Table):
    """A bronze table that describes deliveries; it carries no columns of receipt beyond its own fields."""

    def stored_fields(self) -> tuple[Field, ...]:
        return self.fields


def _total(what: str) -> Field:
    return Field(f"control_total_{what}", Type.TOTAL, f"sum of control_column over the rows {what.replace('_', ' ')}")


def _rows(what: str) -> Field:
    return Field(f"rows_{what}", Type.COUNT, f"rows {what.replace('_', ' ')}", minimum=0)


BATCHES = ReceiptTable(
    "batches",
    "regulatory",
    Layer.BRONZE,
    "One row per received file, table and time something of it was taken in.",
    grain=("batch_id", "table_name", "received_at"),
    fields=(
        BATCH_ID,
        TABLE_NAME,
        SOURCE,
        FILE_NAME,
        Field(
            "status_code",
            Type.CODE,
            "ACCEPTED all rows taken in, PARTLY some refused, KNOWN nothing new, REJECTED the file could not be read",
            codes=STATUSES,
        ),
        _rows("received"),
        _rows("accepted"),
        _rows("quarantined"),
        _rows("already_known"),
        Field("control_column", Type.CODE, "the column that is summed as a control; null when the table has none"),
        _total("received"),
        _total("accepted"),
        _total("quarantined"),
        _total("already_known"),
        Field("message", Type.TEXT, "what a person should know or do, without any identifier"),
        RECEIVED_AT,
    ),
    optional=frozenset({"table_name", "control_column", "message"})
    | {f"control_total_{what}" for what in ("received", "accepted", "quarantined", "already_known")},
)

QUARANTINE = ReceiptTable(
    "quarantine",
    "regulatory",
    Layer.BRONZE,
    "One row per refused row and reason.",
    grain=("batch_id", "table_name", "row_number", "column_name", "reason"),
    fields=(
        BATCH_ID,
        TABLE_NAME,
        SOURCE,
        FILE_NAME,
        ROW_NUMBER,
        Field("column_name", Type.TEXT, "the column, or columns, at fault"),
        Field("value", Type.TEXT, "the value as received; identifiers show their last four characters at most"),
        Field("reason", Type.TEXT, "why the row was refused, and what would be accepted"),
        Field("row", Type.TEXT, "the whole row as received, as JSON; identifiers are tokens, or masked when invalid"),
        RECEIVED_AT,
        Field("released_at", Type.INSTANT, "when the row was accepted after all; null while it is refused"),
    ),
    optional=frozenset({"value", "released_at"}),
)

RECEIPTS: tuple[Table, ...] = (BATCHES, QUARANTINE)
