"""The Data Docs of Great Expectations, kept in the home and readable without a network.

Belongs here: where the pages are written, and replacing what they would fetch from elsewhere by files beside them. Does
not: what is expected (warehouse/expectations.py). The files in data_docs_assets/ are unchanged releases; its README.md
names their versions and licences.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

from warehouse.home import Home

ASSETS = Path(__file__).resolve().parent / "data_docs_assets"
SITE = "lendhouse"
_MEMORY = {"class_name": "InMemoryStoreBackend"}

# What a page asks the network for, and the file that takes its place; None: nothing on our pages needs it.
_REPLACED: tuple[tuple[str, str | None], ...] = (
    (r"bootstrap-table-filter-control(?:\.min)?\.css", "bootstrap-table-filter-control.min.css"),
    (r"bootstrap-table-filter-control\.min\.js", "bootstrap-table-filter-control.min.js"),
    (r"bootstrap-table\.min\.css", "bootstrap-table.min.css"),
    (r"bootstrap-table\.min\.js", "bootstrap-table.min.js"),
    (r"bootstrap-datepicker\.min\.css", "bootstrap-datepicker.min.css"),
    (r"bootstrap-datepicker\.min\.js", "bootstrap-datepicker.min.js"),
    (r"bootstrap-prefers-dark", None),
    (r"bootstrap\.min\.css", "bootstrap.min.css"),
    (r"bootstrap\.min\.js", "bootstrap.bundle.min.js"),
    (r"popper\.min\.js", None),
    (r"jquery-[\d.]+\.min\.js", "jquery.min.js"),
    (r"font-awesome", "icons.css"),
    (r"vega", None),
)
_TAG = re.compile(r'<(?:link|script)\b[^>]*?(?:href|src)="(https?://[^"]+)"[^>]*>(?:\s*</script>)?')
_FONT_FACE = re.compile(r"@import\s+url\([^)]*\)\s*;?|@font-face\s*\{[^}]*https?://[^}]*\}")
_IMAGES = re.compile(r"https://great-expectations-web-assets\.s3[^\"')]*")
_OWN = re.compile(r"(?:\./|(?:\.\./)+)static/")
_NEWSLETTER = re.compile(r"<footer>.*?</footer>", re.DOTALL)


def context(home: Home) -> Any:
    """A Great Expectations context that keeps suites, results and pages in the home, and all else in memory.

    A context of files would write its whole configuration at each addition, longer than a small batch takes to check.
    """
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig

    kept = home.root / "great_expectations"
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": _files(home.data_docs),
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    backends = {
        "expectations_store": ("ExpectationsStore", _files(kept / "expectations")),
        "validation_results_store": ("ValidationResultsStore", _files(kept / "results")),
        "checkpoint_store": ("CheckpointStore", _MEMORY),
        "validation_definition_store": ("ValidationDefinitionStore", _MEMORY),
    }
    config = DataContextConfig(
        config_version=4.0,
        stores={name: {"class_name": kind, "store_backend": backend} for name, (kind, backend) in backends.items()},
        **{f"{name}_name": name for name in backends if name != "validation_definition_store"},
        data_docs_sites={SITE: site},
        progress_bars={"globally": False},
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _files(folder: Path) -> dict[str, str]:
    return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}


def keys_of(result: Any) -> list[Any]:
    """The addresses of a suite and of its stored result, as build_data_docs wants them."""
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    suite = ExpectationSuiteIdentifier(result.suite_name)
    return [
        suite,
        ValidationResultIdentifier(
            expectation_suite_identifier=suite, run_id=result.meta["run_id"], batch_identifier=result.batch_id
        ),
    ]


def make_offline(folder: Path) -> Path:
    """Let every page of the folder use the files beside it instead of the network; the index page."""
    vendor = folder / "static" / "vendor"
    shutil.copytree(ASSETS, vendor, dirs_exist_ok=True)
    # Pages older than the stamp were done by an earlier run; a run that was killed left no newer stamp.
    stamp = vendor / "pages_done"
    done = stamp.stat().st_mtime if stamp.exists() else 0.0
    began = time.time()
    for page in folder.rglob("*.html"):
        if page.stat().st_mtime >= done:
            up = "../" * (len(page.relative_to(folder).parts) - 1)
            page.write_text(offline(page.read_text(encoding="utf-8"), f"{up}static/"), encoding="utf-8")
    stamp.touch()
    os.utime(stamp, (began, began))
    return folder / "index.html"


def offline(text: str, static: str) -> str:
    """A page's HTML without anything that is fetched from elsewhere. static: the way from the page to static/."""

    def local(match: re.Match[str]) -> str:
        for pattern, name in _REPLACED:
            if re.search(pattern, match[1]):
                return _local_tag(name, f"{static}vendor/")
        return ""

    text = _NEWSLETTER.sub("", _IMAGES.sub(f"{static}images/logo-long.png", text))
    text = text.replace("Data asset: None", "Data asset: received rows")
    # Pages of suites count the folders above them wrongly.
    return _OWN.sub(static, _FONT_FACE.sub("", _TAG.sub(local, text)))


def _local_tag(name: str | None, folder: str) -> str:
    if name is None:
        return ""
    if name.endswith(".css"):
        return f'<link rel="stylesheet" href="{folder}{name}">'
    return f'<script src="{folder}{name}"></script>'
