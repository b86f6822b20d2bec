"""Tables of the close: what was checked before a snapshot was made public.

Belongs here: what is written when a snapshot is published. Does not: writing it (orchestration/publish.py; for
gold.closings, which is there before anything else, warehouse/lake.py).
"""

from warehouse.contracts import fields as f
from warehouse.contracts.table import Field, Layer, Table, Type

INPUTS_HASH = Field("inputs_hash", Type.ID, "hash of the bronze batches that a closing was built from")

CHECK_RESULTS = Table(
    "check_results",
    "regulatory",
    Layer.GOLD,
    "One row per closing and check: the last verdict on each claim when the closing was published.",
    grain=("inputs_hash", "check_name", "asset"),
    fields=(
        INPUTS_HASH,
        Field("check_name", Type.TEXT, "the claim, as the asset graph names it"),
        Field("asset", Type.TEXT, "the asset the claim is about, layer/table"),
        Field("layer", Type.CODE, "layer of the table the claim is about"),
        Field("table_name", Type.CODE, "table the claim is about"),
        Field(
            "severity_code",
            Type.CODE,
            "ERROR stops what is built on the table, WARN only tells",
            codes=("ERROR", "WARN"),
        ),
        Field("is_passed", Type.FLAG, "whether the claim held"),
        Field("rows_failed", Type.COUNT, "rows against the claim; null when the check does not count rows", minimum=0),
        Field("checked_at", Type.INSTANT, "when the claim was last examined"),
    ),
    optional=frozenset({"rows_failed"}),
)

CLOSINGS = Table(
    "closings",
    "regulatory",
    Layer.GOLD,
    "One row per published snapshot; readers of gold see the newest one, which holds its own row.",
    grain=("snapshot_id",),
    fields=(
        f.AS_OF.named("as_of", "the business day that was closed"),
        Field("snapshot_id", Type.COUNT, "the snapshot of the lake that the closing made public", minimum=1),
        Field("published_at", Type.INSTANT, "when it was made public"),
        INPUTS_HASH,
        Field("code_version", Type.TEXT, "version of Lendhouse, hash of the code that computes, models that scored"),
    ),
)

WRITTEN_BY_ORCHESTRATION: tuple[Table, ...] = (CHECK_RESULTS, CLOSINGS)
