"""Data quality: what was delivered, what was refused and why, what was checked, what is public.

Belongs here: the order of the page, its filters. Does not: SQL (queries/), drawing (charts.py), arithmetic (marts).
"""

import streamlit as st

from dashboards import charts, figures, formats, queries, words
from dashboards.queries import BATCHES, CHECKS, CLOSINGS, QUARANTINE

REASONS_DRAWN = 12

closing = figures.closing_or_stop()
figures.title("Data quality", closing, "What was delivered, what was refused and why, what was checked.")
receipts = queries.receipts()
if receipts.is_empty():
    st.info("Nothing has been delivered yet. Put files into the landing folder, or run `lendhouse demo`.")
    st.stop()

total = {name: formats.count(value) for name, value in receipts.row(0, named=True).items() if isinstance(value, int)}
as_of = formats.instant(receipts["received_at"][0])
verdicts = queries.checks_total(closing)
with st.container(horizontal=True):
    age = formats.age(receipts["age_minutes"][0])
    taken_in, received = total["rows_accepted"], total["rows_received"]
    figures.figure("Last delivery", f"{age} ago", BATCHES, "received_at", as_of, f"{total['batches']} so far")
    figures.figure("Rows taken in", taken_in, BATCHES, "rows_accepted", as_of, f"of {received} received")
    figures.figure("Rows in quarantine", total["rows_refused"], QUARANTINE, "reason", as_of, "not yet released")
    figures.figure("Unreadable files", total["batches_rejected"], BATCHES, "status_code", as_of, "moved to rejected/")
    if not verdicts.is_empty():
        verdict = verdicts.row(0, named=True)
        passed = f"{formats.count(verdict['passed'])} of {formats.count(verdict['checks'])}"
        stops = f"{formats.count(verdict['failed_errors'])} failed that stop a build"
        figures.figure("Checks passed", passed, CHECKS, "is_passed", formats.instant(verdict["checked_at"]), stops)

refused = queries.quarantine_reasons()
if refused.is_empty():
    figures.nothing("Quarantine", "No row is refused.")
else:
    figures.heading("Why rows were refused", QUARANTINE, ["reason", "column_name"], as_of)
    figures.chart(charts.reasons(refused.head(REASONS_DRAWN)), "reason_chart")
    tables = queries.quarantine_tables()
    where, what = st.columns([1, 2])
    wanted = where.multiselect("Table", tables, placeholder="All tables", key="quarantine_tables")
    containing = what.text_input("Containing", placeholder="file, column, value or reason", key="quarantine_text")
    figures.table(
        queries.quarantine_rows(wanted or tables, containing.strip()),
        QUARANTINE,
        ["table_name", "file_name", "row_number", "column_name", "value", "reason", "row", "received_at"],
        configured={"row": st.column_config.JsonColumn("Row", help=words.meaning(QUARANTINE, "row"), width="medium")},
        height=320,
    )

figures.heading("Deliveries", BATCHES, ["status_code", "control_column"], as_of)
rows = [f"rows_{what}" for what in ("received", "accepted", "quarantined", "already_known")]
controls = ["control_column", *(f"control_total_{what}" for what in ("received", "accepted", "quarantined"))]
figures.table(
    queries.batches(),
    BATCHES,
    ["received_at", "source", "table_name", "file_name", "status_code", *rows, "is_reconciled", *controls, "message"],
    written={"status_code": words.status},
    tinted=["status_code", "is_reconciled"],
    configured={"message": st.column_config.TextColumn("Message", width="large")},
)

left, right = st.columns([3, 2], gap="large")
with left:
    checks = queries.checks(closing)
    if checks.is_empty():
        figures.nothing("Checks", "No check was recorded with this snapshot.")
    else:
        figures.heading("Checks", CHECKS, ["is_passed", "severity_code"], formats.day(closing.as_of))
        columns = ["is_passed", "severity_code", "layer", "table_name", "check_name", "rows_failed"]
        figures.table(checks, CHECKS, columns, tinted=["is_passed"])
with right:
    figures.heading("Freshness by source", BATCHES, ["received_at", "rows_accepted"], as_of)
    columns = ["source", "received_at", "age_minutes", "files", "rows_accepted"]
    figures.table(queries.freshness(), BATCHES, columns, written={"age_minutes": formats.age})
    figures.heading("Published snapshots", CLOSINGS, ["snapshot_id"], formats.instant(closing.published_at))
    figures.table(queries.closings(), CLOSINGS, ["as_of", "snapshot_id", "published_at", "code_version"])
