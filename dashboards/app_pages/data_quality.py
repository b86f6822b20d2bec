"""Data quality: what was delivered, what was refused and why, what was checked, what is public.

Belongs here: the order of the page, its filters. Does not: SQL (queries.py), drawing (charts.py), arithmetic (marts).
"""

import streamlit as st

from dashboards import charts, figures, formats, queries, words
from dashboards.queries import BATCHES, CHECKS, QUARANTINE

STATUSES = {"ACCEPTED": "Taken in", "PARTLY": "Partly", "KNOWN": "Nothing new", "REJECTED": "Unreadable"}

closing = figures.closing_or_stop()
figures.title("Data quality", closing, "What was delivered, what was refused and why, what was checked.")
received = queries.receipts()
if received.is_empty():
    st.info("Nothing has been delivered yet. Put files into the landing folder, or run `lendhouse demo`.")
    st.stop()

# -- figures --
total = received.row(0, named=True)
as_of = formats.instant(total["received_at"])
verdicts = queries.checks_total(closing)
with st.container(horizontal=True):
    figures.figure("Last delivery", f"{formats.age(total['age_minutes'])} ago", BATCHES, "received_at", as_of)
    figures.figure(
        "Rows taken in",
        formats.count(total["rows_accepted"]),
        BATCHES,
        "rows_accepted",
        as_of,
        note=f"of {formats.count(total['rows_received'])} received",
    )
    figures.figure(
        "Rows in quarantine", formats.count(total["rows_refused"]), QUARANTINE, ["reason", "released_at"], as_of
    )
    figures.figure(
        "Unreadable files",
        formats.count(total["batches_rejected"]),
        BATCHES,
        "status_code",
        as_of,
        note=f"of {formats.count(total['batches'])} deliveries",
    )
    if not verdicts.is_empty():
        verdict = verdicts.row(0, named=True)
        figures.figure(
            "Checks passed",
            f"{formats.count(verdict['passed'])} of {formats.count(verdict['checks'])}",
            CHECKS,
            "is_passed",
            formats.instant(verdict["checked_at"]),
            note=f"{formats.count(verdict['failed_errors'])} stop a build",
        )

# -- quarantine --
refused = queries.quarantine_reasons()
if refused.is_empty():
    figures.nothing("Quarantine", "No row is refused.")
else:
    figures.heading("Why rows were refused", QUARANTINE, ["reason", "column_name"], as_of)
    figures.chart(charts.reasons(refused.head(12)), "reasons")
    tables = queries.quarantine_tables()
    where, what = st.columns([1, 2])
    wanted = where.multiselect("Table", tables, placeholder="All tables")
    containing = what.text_input("Containing", placeholder="file, column, value or reason")
    figures.table(
        queries.quarantine_rows(wanted or tables, containing),
        QUARANTINE,
        {
            "table_name": "Table",
            "file_name": "File",
            "row_number": "Row",
            "column_name": "Column",
            "value": "Value",
            "reason": "Reason",
            "row": "Whole row",
            "received_at": "Received",
        },
        {"received_at": formats.instant},
        {"row": st.column_config.JsonColumn("Whole row", help=words.meaning(QUARANTINE, "row"), width="medium")},
        height=320,
    )

# -- deliveries --
figures.heading("Deliveries", BATCHES, ["status_code", "control_column"], as_of)
figures.table(
    queries.batches(),
    BATCHES,
    {
        "received_at": "Received",
        "source": "Source",
        "table_name": "Table",
        "file_name": "File",
        "status_code": "Status",
        "rows_received": "Received rows",
        "rows_accepted": "Taken in",
        "rows_quarantined": "Refused",
        "rows_already_known": "Known",
        "is_reconciled": "Adds up",
        "control_column": "Control",
        "control_total_received": "Control received",
        "control_total_accepted": "Control taken in",
        "message": "Message",
    },
    {"received_at": formats.instant, "status_code": lambda v: STATUSES.get(v, v)},
    height=330,
)

# -- checks and closings --
left, right = st.columns([3, 2], gap="large")
with left:
    checks = queries.checks(closing)
    if checks.is_empty():
        figures.nothing("Checks", "No check was recorded with this snapshot.")
    else:
        figures.heading("Checks", CHECKS, ["is_passed", "severity_code"], formats.day(closing.as_of))
        figures.table(
            checks,
            CHECKS,
            {
                "is_passed": "Passed",
                "layer": "Layer",
                "table_name": "Table",
                "check_name": "Claim",
                "severity_code": "Severity",
                "rows_failed": "Rows against",
            },
            height=330,
        )
with right:
    figures.heading("Freshness", BATCHES, ["received_at", "rows_accepted"], as_of)
    figures.table(
        queries.freshness(),
        BATCHES,
        {"source": "Source", "received_at": "Last delivery", "age_minutes": "Age", "files": "Files"},
        {"received_at": formats.instant, "age_minutes": formats.age},
    )
