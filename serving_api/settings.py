"""What the API is told at its start. Belongs here: values. Does not: opening anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from zoneinfo import ZoneInfo

from warehouse.home import Home


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _version() -> str:
    try:
        return version("lendhouse")
    except PackageNotFoundError:
        return "0"


@dataclass(frozen=True)
class Settings:
    """now: the clock, replaced in tests. body_bytes_max: larger request bodies are refused.

    business_zone: the business day of a value date is counted there.
    refresh_seconds: for how long a look for a newly published snapshot is trusted, 0: every read looks;
    patience_seconds: how long a request waits for that look before it answers from the snapshot it has.
    """

    home: Home
    token: str = field(repr=False)
    oltp_url: str = field(repr=False)
    actor: str = "api"
    version: str = field(default_factory=_version)
    body_bytes_max: int = 64 * 1024
    refresh_seconds: float = 0.0
    patience_seconds: float = 5.0
    business_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Kolkata"))
    now: Callable[[], datetime] = _utc_now

    @classmethod
    def of(cls, home: Home) -> Settings:
        """The settings of one installation; its token is made on first use."""
        return cls(home=home, token=home.secret("api_token"), oltp_url=home.oltp_url)

    def today(self) -> date:
        """The business day."""
        return self.now().astimezone(self.business_zone).date()
