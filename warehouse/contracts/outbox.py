"""How far the lake has read the outbox of a transactional store; written in the same commit as the rows themselves."""

from warehouse.contracts.receipt import BATCH_ID, RECEIVED_AT, ReceiptTable
from warehouse.contracts.table import Field, Layer, Type

STORE_ID = Field("store_id", Type.ID, "the transactional store; a store that is replaced has another one")
TRANSACTION_NUMBER = Field("transaction_number", Type.COUNT, "transaction of the last outbox row read; 0 in SQLite")
POSITION = Field("position", Type.COUNT, "position of the last outbox row read", minimum=1)
ROWS_READ = Field("rows_read", Type.COUNT, "outbox rows read in this step", minimum=1)

WATERMARKS = ReceiptTable(
    "watermarks",
    "regulatory",
    Layer.BRONZE,
    "One row per step by which the outbox was read; the highest one of a store says where to go on.",
    grain=("store_id", "transaction_number", "position"),
    fields=(STORE_ID, TRANSACTION_NUMBER, POSITION, ROWS_READ, BATCH_ID, RECEIVED_AT),
)
