"""The API on both stores: every test that takes `api` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine, text

from serving_api.app import create_app
from serving_api.settings import Settings
from tests.postgres import Postgres
from tests.serving_api.books import publish_loans
from warehouse.home import Home
from warehouse.lake import Lake

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
STORES = ("sqlite", "postgresql")


@dataclass
class Api:
    """A running API and what a test wants to know of it."""

    client: TestClient
    home: Home
    settings: Settings
    engine: Engine
    keys: Iterator[int] = field(default_factory=itertools.count)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token}"}

    def get(self, path: str) -> Response:
        return self.client.get(path, headers=self.bearer)

    def post(self, path: str, body: Any, key: str | None = None) -> Response:
        headers = {
            **self.bearer,
            "Idempotency-Key": key or f"key-{next(self.keys)}",
            "Content-Type": "application/json",
        }
        # Our own JSON, so that a test may send what a careful client would not, such as half a surrogate pair.
        return self.client.post(path, content=json.dumps(body), headers=headers)

    def count(self, table: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())


@pytest.fixture(params=STORES)
def oltp_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty transactional store of each kind."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.new_database()
    return f"sqlite:///{tmp_path / 'oltp.sqlite'}"


@pytest.fixture(scope="session")
def built_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a published lake, made once and copied by whoever needs one."""
    folder = tmp_path_factory.mktemp("built") / "house"
    publish_loans(Lake(Home.from_environment({"LENDHOUSE_HOME": str(folder)})))
    return folder


@contextmanager
def running(root: Path, oltp_url: str, **settings: Any) -> Iterator[Api]:
    """An API over the lake in root, if there is one, until the end of the block."""
    home = Home.from_environment({"LENDHOUSE_HOME": str(root), "LENDHOUSE_OLTP_URL": oltp_url})
    chosen = {"now": lambda: NOW, "refresh_seconds": 0.0, "patience_seconds": 60.0, **settings}
    told = Settings(home=home, token=home.secret("api_token"), oltp_url=oltp_url, **chosen)
    with TestClient(create_app(settings=told), raise_server_exceptions=False) as client:
        yield Api(client, home, told, client.app.state.store.engine)  # type: ignore[attr-defined]


@pytest.fixture
def make_api(oltp_url: str, built_house: Path, tmp_path: Path) -> Iterator[Callable[..., Api]]:
    """Start an API; published: whether there is a lake to read."""
    with ExitStack() as started:

        def make(published: bool = True, **settings: Any) -> Api:
            if published:
                shutil.copytree(built_house, tmp_path / "house")
            return started.enter_context(running(tmp_path / "house", oltp_url, **settings))

        yield make


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    return make_api()


@pytest.fixture(scope="module", params=STORES)
def refusing_store(request: pytest.FixtureRequest) -> str:
    """The kind of store under refusing_api."""
    return str(request.param)


@pytest.fixture(scope="module")
def refusing_api(
    refusing_store: str, built_house: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Api]:
    """An API of all tests of a module whose requests change nothing; starting one takes longer than a request."""
    folder = tmp_path_factory.mktemp("refusing")
    shutil.copytree(built_house, folder / "house")
    sqlite = f"sqlite:///{folder / 'oltp.sqlite'}"
    url = sqlite if refusing_store == "sqlite" else request.getfixturevalue("postgres").new_database()
    with running(folder / "house", url) as api:
        yield api
        changed = ("loan_events", "applications", "outbox", "audit", "idempotency_keys")
        assert {table: api.count(table) for table in changed} == dict.fromkeys(changed, 0)


@pytest.fixture
def payment() -> dict[str, Any]:
    """A payment that loan L1 takes."""
    return {"amount": "5000.00", "currency": "INR", "value_on": "2026-11-22", "payment_channel_code": "UPI"}


@pytest.fixture
def application() -> dict[str, Any]:
    """An application that is taken in."""
    return {
        "branch_id": "B1",
        "entity_id": "E1",
        "product_code": "PERSONAL",
        "currency": "INR",
        "channel_code": "DIGITAL",
        "applied_on": "2026-11-22",
        "amount_requested": "250000.00",
        "tenure_months": 24,
    }
