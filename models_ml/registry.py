"""MLflow as this house uses it: one store per home, one experiment and one registered model per name.

Belongs here: runs, versions, the champion, what makes two trainings the same. Does not: any model's features or
figures.

A version is registered as the last step of its training, in one write together with the hash of its inputs and code. So
a killed training leaves at most an unfinished run, which the next one closes, and equal inputs are never trained twice.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from warehouse.home import INSTALLATION, Home
from warehouse.lock import LakeBusy, lake_lock

CHAMPION = "champion"
STEP = "lendhouse.step"
FINGERPRINT = "fingerprint"


class NoSuchModel(RuntimeError):
    """There is no version, or no champion, of that name yet."""


@dataclass(frozen=True)
class Version:
    """One registered version: its number, the run and logged model it came from, its tags."""

    name: str
    number: int
    run_id: str
    model_uri: str
    model_id: str | None
    tags: dict[str, str]


@dataclass(frozen=True)
class Registry:
    """The store of one home, for one model name."""

    home: Home
    name: str

    # -- runs -------------------------------------------------------------------------------------------------------

    @contextmanager
    def run(self, step: str, description: str, tags: dict[str, str] | None = None) -> Iterator[str]:
        """One MLflow run of a step (train, evaluate, promote, score); its id. It ends FAILED when the body raises."""
        mlflow = self.mlflow()
        experiment = self.experiment()
        with mlflow.start_run(
            experiment_id=experiment,
            run_name=f"{step} {self.name}",
            tags={STEP: step, **(tags or {})},
            description=description,
        ) as active:
            yield active.info.run_id

    @contextmanager
    def training(self) -> Iterator[None]:
        """The only training of this home; runs that an earlier, killed one left open are closed first."""
        lock = self.home.root / "mlflow" / "training.lock"
        try:
            with lake_lock(lock, f"training model {self.name}"):
                self._close_abandoned()
                yield
        except LakeBusy as busy:
            raise RuntimeError(f"another training of this home has not ended: {busy}") from busy

    def experiment(self) -> str:
        """Id of the experiment, made at first use with its own place for artifacts."""
        client = self.client()
        found = client.get_experiment_by_name(self.name)
        if found is not None:
            return str(found.experiment_id)
        place = self.home.mlflow_artifacts
        address = f"{place}/{self.name}" if "://" in place else (Path(place) / self.name).as_uri()
        return str(client.create_experiment(self.name, artifact_location=address))

    def last_run(self, step: str, number: int) -> Any | None:
        """The latest finished run of a step for a version, or None."""
        runs = self.client().search_runs(
            [self.experiment()],
            f"tags.`{STEP}` = '{step}' and tags.model_version = '{number}' and attributes.status = 'FINISHED'",
            max_results=1,
            order_by=["attributes.start_time DESC"],
        )
        return runs[0] if runs else None

    # -- versions ---------------------------------------------------------------------------------------------------

    def register(self, model_uri: str, description: str, tags: dict[str, str]) -> Version:
        """Make a logged model the next version of the name, with its tags in the same write."""
        client = self.client()
        self._describe(client, description)
        made = self.mlflow().register_model(model_uri, self.name, tags=tags)
        return self._version(made)

    def version(self, number: int | None = None) -> Version:
        """That version, or the latest. Raises NoSuchModel."""
        versions = self.versions()
        chosen = [v for v in versions if number in (None, v.number)]
        if not chosen:
            wanted = "no version" if number is None else f"no version {number}"
            raise NoSuchModel(f"model {self.name!r} has {wanted}; run `lendhouse model train {self.name}`")
        return chosen[-1]

    def versions(self) -> list[Version]:
        """All versions, oldest first."""
        found = self.client().search_model_versions(f"name = '{self.name}'")
        return sorted((self._version(v) for v in found), key=lambda v: v.number)

    def with_fingerprint(self, fingerprint: str) -> Version | None:
        """The version trained from these inputs by this code, if there is one."""
        return next((v for v in self.versions() if v.tags.get(FINGERPRINT) == fingerprint), None)

    def champion(self) -> Version | None:
        """The version in use, or None before the first promotion."""
        number = self._aliases().get(CHAMPION)
        return None if number is None else self.version(number)

    def make_champion(self, version: Version) -> None:
        """Point the alias at a version: one write, so that readers see the old champion or the new one."""
        self.client().set_registered_model_alias(self.name, CHAMPION, str(version.number))

    def annotate(self, version: Version, description: str | None = None, **tags: str) -> None:
        """Add tags to a version and, if given, replace its description (Markdown, shown on its page)."""
        client = self.client()
        for key, value in tags.items():
            client.set_model_version_tag(self.name, str(version.number), key, value)
        if description is not None:
            client.update_model_version(self.name, str(version.number), description=description)

    # -- the store --------------------------------------------------------------------------------------------------

    def mlflow(self) -> Any:
        """The mlflow module, pointed at this home. Imported here because it takes seconds."""
        import mlflow

        prepare(self.home)
        mlflow.set_tracking_uri(self.home.mlflow_url)
        mlflow.set_registry_uri(self.home.mlflow_url)
        return mlflow

    def client(self) -> Any:
        return self.mlflow().MlflowClient(self.home.mlflow_url, self.home.mlflow_url)

    def artifact(self, run_id: str, path: str) -> Path:
        """Where an artifact of a run lies on this machine, downloaded if it has to be."""
        return Path(self.mlflow().artifacts.download_artifacts(run_id=run_id, artifact_path=path))

    def _aliases(self) -> dict[str, int]:
        found = self.client().search_registered_models(f"name = '{self.name}'")
        return {alias: int(number) for model in found for alias, number in model.aliases.items()}

    def _describe(self, client: Any, description: str) -> None:
        found = client.search_registered_models(f"name = '{self.name}'")
        if not found:
            client.create_registered_model(self.name, description=description)
        elif found[0].description != description:
            client.update_registered_model(self.name, description=description)

    def _version(self, found: Any) -> Version:
        model_id = getattr(found, "model_id", None)
        return Version(self.name, int(found.version), found.run_id, found.source, model_id, dict(found.tags))

    def _close_abandoned(self) -> None:
        client = self.client()
        left = client.search_runs(
            [self.experiment()], f"tags.`{STEP}` = 'train' and attributes.status = 'RUNNING'", max_results=1000
        )
        for run in left:
            client.set_terminated(run.info.run_id, status="KILLED")


def prepare(home: Home) -> None:
    """Make the store of a home if it has none yet; safe to repeat and to be killed in.

    MLflow builds its SQLite file in dozens of migrations that take seconds and leave a broken file when killed, so it
    is built once per installed MLflow, beside the programs, and each home gets a copy in one rename.
    """
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # MLflow draws a bar for each of its copies between two local folders
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    if not home.mlflow_url.startswith("sqlite:///"):
        return
    file = Path(home.mlflow_url.removeprefix("sqlite:///"))
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=file.parent) as folder:
        fresh = Path(folder) / "mlflow.sqlite"
        shutil.copyfile(template(), fresh)
        # a link, unlike a rename, never replaces the store that another process may have made meanwhile
        if not file.exists():
            os.link(fresh, file)


def template() -> Path:
    """An empty store of the installed MLflow, built at first use; `make setup` calls this ahead of time."""
    file = INSTALLATION / f"mlflow-{installed('mlflow')}.sqlite"
    if file.exists():
        return file
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=file.parent) as folder:
        fresh = Path(folder) / "mlflow.sqlite"
        store = SqlAlchemyStore(f"sqlite:///{fresh}", "./mlruns")
        store.engine.dispose()
        fresh.replace(file)
    return file


def fingerprint(inputs_hash: str, code: Iterable[Path], settings: object) -> str:
    """What makes a training the same: its rows, its code and its settings."""
    digest = hashlib.sha256(inputs_hash.encode())
    for path in sorted(code):
        digest.update(path.name.encode() + b"\x00" + path.read_bytes())
    digest.update(repr(settings).encode())
    return digest.hexdigest()[:20]
