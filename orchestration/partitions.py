"""The days and months that assets are cut by.

Belongs here: partition definitions. Does not: what happens on a day (schedules.py, <domain>/assets.py).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

TIMEZONE = "Asia/Kolkata"
FIRST_BUSINESS_DAY = date(2020, 1, 1)

business_day = dg.DailyPartitionsDefinition(start_date=FIRST_BUSINESS_DAY.isoformat(), timezone=TIMEZONE)
"""A day on which books are closed; a calendar day, because interest runs on holidays too."""


def last_ended(moment: datetime) -> date:
    """The newest business day that had ended at the moment (an aware datetime)."""
    return moment.astimezone(ZoneInfo(TIMEZONE)).date() - timedelta(days=1)
