"""Both pages in a real browser: they draw, they show no error, and nothing leaves this machine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import Page, browser

pytestmark = pytest.mark.browser

FINISHED = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
EXCEPTIONS = "document.querySelectorAll('[data-testid=stException]').length"
# What is drawn, in Chromium's own words: charts are SVG or canvas with marks, tables are canvases.
CHARTS = "document.querySelectorAll('[data-testid=stVegaLiteChart] :is(canvas, svg)').length"
TABLES = "document.querySelectorAll('[data-testid=stDataFrame] canvas').length"


def opened(page: Page, url: str, shows: str) -> str:
    """Open the address, wait until the page is drawn and shows the text; the whole text of the page."""
    page.open(url)
    page.wait_until(f"{FINISHED} && document.body.innerText.includes({shows!r})", seconds=90)
    return str(page.ask("document.body.innerText"))


def hosts(page: Page) -> set[str | None]:
    return {urlsplit(url).hostname for url in page.requested if urlsplit(url).scheme in {"http", "https", "ws", "wss"}}


@pytest.mark.parametrize(
    ("path", "shows", "charts", "tables"),
    [
        ("/", "Roll rates", 5, 1),
        ("/?currency=USD", "Default scores", 2, 2),
        ("/data_quality", "Published snapshots", 1, 4),
    ],
)
def test_a_page_draws_and_asks_no_other_host(
    served: str, tmp_path: Path, path: str, shows: str, charts: int, tables: int
) -> None:
    with browser(1600, 2400) as page:
        text = opened(page, served + path, shows)
        page.wait_until(f"{CHARTS} >= {charts} && {TABLES} >= {tables}", seconds=60)
        page.picture(tmp_path / "page.png")
        assert page.ask(EXCEPTIONS) == 0
        assert hosts(page) == {"127.0.0.1"}
        assert page.errors == []
    assert "31 Oct 2026" in text
    assert (tmp_path / "page.png").stat().st_size > 50_000


def test_a_currency_is_chosen_by_clicking(served: str) -> None:
    with browser() as page:
        opened(page, served, "₹")
        page.ask("[...document.querySelectorAll('button')].find(b => b.innerText.trim() === 'USD').click()")
        page.wait_until(f"{FINISHED} && document.body.innerText.includes('Default scores')", seconds=60)
        assert "currency=USD" in str(page.ask("location.search"))
        assert page.ask(EXCEPTIONS) == 0


@pytest.mark.parametrize("path", ["/", "/data_quality"])
def test_without_a_lake_a_visitor_is_told_what_to_do(served_empty: str, path: str) -> None:
    with browser() as page:
        assert "no published lake" in opened(page, served_empty + path, "lendhouse demo")
        assert page.ask(EXCEPTIONS) == 0
        assert hosts(page) == {"127.0.0.1"}


@pytest.mark.parametrize("width", [1280, 1600])
def test_nothing_is_wider_than_the_window(served: str, width: int) -> None:
    with browser(width, 1200) as page:
        opened(page, served, "Roll rates")
        assert page.ask("document.documentElement.scrollWidth <= window.innerWidth")
