"""Probability of charge-off within 36 months of disbursement: train, evaluate and promote, each one MLflow run.

Belongs here: what is learnt, how it is judged, when a challenger becomes the champion. Does not: features
(features.py), scores (score.py), MLflow's own ways (models_ml/registry.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from models_ml import leakage, splits
from models_ml.pd import features, record
from models_ml.pd.booster import fit
from models_ml.registry import FINGERPRINT, NoSuchModel, Registry, Version, fingerprint
from warehouse.home import Home
from warehouse.lake import Lake

NAME = "pd"
HERE = Path(__file__).resolve().parent
CARD = HERE / "CARD.md"
CODE = (HERE / "features.py", HERE / "booster.py", HERE.parent / "leakage.py", HERE.parent / "splits.py")


@dataclass(frozen=True)
class PromotionTerms:
    """When a version may become champion. All figures are out of time.

    auc_floor: below it a model is not worth having. auc_ceiling: above it an application model on this kind of data is
    not good but leaking. tolerance: how much worse than the champion in AUC or calibration error still counts as equal.
    """

    auc_floor: float = 0.55
    auc_ceiling: float = 0.80
    tolerance: float = 0.005


@dataclass(frozen=True)
class Trained:
    """A version of the model. is_reused: equal inputs, code and settings had been trained before.

    refused: candidates kept out, each with the reason.
    """

    run_id: str
    model_version: int
    metrics: dict[str, float]
    is_reused: bool
    refused: dict[str, str] = field(default_factory=dict)

    def counts(self) -> dict[str, int | float | str]:
        kept_out = {f"refused {column}": reason for column, reason in sorted(self.refused.items())}
        return {"model_version": self.model_version, "is_reused": str(self.is_reused), **self.metrics, **kept_out}


@dataclass(frozen=True)
class Evaluated:
    """Out-of-time figures of a version, and of the champion on the same loans when that is another one."""

    run_id: str
    model_version: int
    metrics: dict[str, float]

    def counts(self) -> dict[str, int | float | str]:
        return {"model_version": self.model_version, **self.metrics}


@dataclass(frozen=True)
class Promoted:
    """champion_version: the one in use afterwards; 0 when there is none. reason: why it changed, or did not."""

    run_id: str
    model_version: int
    champion_version: int
    is_promoted: bool
    reason: str

    def counts(self) -> dict[str, int | float | str]:
        return {"champion_version": self.champion_version, "is_promoted": str(self.is_promoted), "reason": self.reason}


@dataclass(frozen=True)
class Refreshed:
    """All three steps in a row."""

    trained: Trained
    evaluated: Evaluated
    promoted: Promoted

    def counts(self) -> dict[str, int | float | str]:
        """`auc` is that of the evaluated version, out of time."""
        return {**self.trained.counts(), **self.evaluated.counts(), **self.promoted.counts()}


def refresh(lake: Lake, home: Home | None = None, name: str = NAME) -> Refreshed:
    """Train, evaluate and promote on the lake's newest commit; with nothing new, all three repeat themselves."""
    trained = train(lake, home, name)
    evaluated = evaluate(lake, home, name, trained.model_version)
    return Refreshed(trained, evaluated, promote(home or lake.home, name, trained.model_version))


def train(lake: Lake, home: Home | None = None, name: str = NAME) -> Trained:
    """Fit a version on loans whose labels were mature before the test period, without what the leakage check refuses.

    Deterministic: rows in the order of loan_id, one seed, one number of threads. Equal inputs and code give the
    version that is there. Raises ValueError when the book is too young to be split.
    """
    registry = Registry(home or lake.home, name)
    frame = snapshot(lake)
    print_of_it = fingerprint(
        features.content_hash(frame), CODE, (leakage.LeakageTerms(), split_terms(), record.requirements())
    )
    with registry.training():
        known = registry.with_fingerprint(print_of_it)
        if known is not None:
            return Trained(known.run_id, known.number, record.training_metrics(registry, known), True)
        with registry.run("train", f"Fit {name} on the snapshot of features.") as run_id:
            split = _split(frame)
            learnt_from = frame.filter(split.train)
            report = examine(learnt_from)
            fitted = fit(learnt_from, features.usable(leakage.refused(report)))
            figures = record.training(registry, split, report, fitted, learnt_from)
            model_uri = record.model(registry, fitted, learnt_from, figures)
            tags = {FINGERPRINT: print_of_it, "target": "charged off within 36 months of disbursement"}
            tags |= {"learnt_until": str(split.train_until), "judged_from": str(split.test_from)}
            version = registry.register(model_uri, record.roomy(CARD.read_text()), tags)
            registry.mlflow().set_tag("model_version", str(version.number))
    return Trained(run_id, version.number, figures, False, leakage.refused(report))


def evaluate(lake: Lake, home: Home | None = None, name: str = NAME, version: int | None = None) -> Evaluated:
    """Judge a version (default: the latest) on the out-of-time loans of the lake's newest commit.

    The champion, if it is another version, is judged on the same loans. A version already judged on these loans is not
    judged again. Raises NoSuchModel.
    """
    registry = Registry(home or lake.home, name)
    judged = registry.version(version)
    champion = registry.champion()
    frame = snapshot(lake)
    against = str(champion.number) if champion and champion.number != judged.number else "none"
    tags = {"model_version": str(judged.number), "inputs": features.content_hash(frame), "against": against}
    before = registry.last_run("evaluate", judged.number)
    # a champion that was judged before it became one was judged against another: its own figures are the same
    if (
        before is not None
        and before.data.tags.get("inputs") == tags["inputs"]
        and against in ("none", before.data.tags.get("against"))
    ):
        return Evaluated(before.info.run_id, judged.number, dict(before.data.metrics))
    split = _split(frame)
    loans = frame.filter(split.test)
    with registry.run("evaluate", f"Version {judged.number} on loans made after its training could end.", tags) as run:
        figures = record.evaluation(registry, judged, loans)
        if against != "none" and champion is not None:
            figures |= record.champion_figures(registry, champion, loans)
    return Evaluated(run, judged.number, figures)


def promote(
    home: Home, name: str = NAME, version: int | None = None, terms: PromotionTerms = PromotionTerms()
) -> Promoted:
    """Make an evaluated version (default: the latest) champion if its figures are plausible and not worse.

    Only figures set against the champion of today count: a version judged before that one came into use stays what it
    is until it is evaluated again. Raises NoSuchModel when it has not been evaluated.
    """
    registry = Registry(home, name)
    challenger = registry.version(version)
    evaluation = registry.last_run("evaluate", challenger.number)
    if evaluation is None:
        raise NoSuchModel(
            f"version {challenger.number} of {name!r} has not been evaluated; run `lendhouse model evaluate {name}`"
        )
    champion = registry.champion()
    if champion is not None and champion.number == challenger.number:
        # the run that made it champion may have been killed before it ended
        run_id = (registry.last_run("promote", challenger.number) or evaluation).info.run_id
        return Promoted(run_id, challenger.number, champion.number, False, "the champion already")
    against = evaluation.data.tags.get("against", "none")
    if champion is not None and against != str(champion.number):
        compared = "no other version" if against == "none" else f"version {against}"
        is_better, reason = (
            False,
            (
                f"it was judged against {compared}, not against version {champion.number}, the champion now; "
                f"evaluate it again: `lendhouse model evaluate {name} --version {challenger.number}`"
            ),
        )
    else:
        is_better, reason = verdict(evaluation.data.metrics, champion, terms)
    tags = {"model_version": str(challenger.number), "evaluation_run": evaluation.info.run_id}
    with registry.run("promote", reason, tags) as run:
        registry.mlflow().set_tags({"is_promoted": str(is_better), "reason": reason})
        if is_better:
            registry.annotate(challenger, promotion=reason)
            registry.make_champion(challenger)
        else:
            registry.annotate(challenger, promotion=f"not promoted: {reason}")
    in_use = registry.champion()
    return Promoted(run, challenger.number, in_use.number if in_use else 0, is_better, reason)


def verdict(figures: dict[str, float], champion: Version | None, terms: PromotionTerms) -> tuple[bool, str]:
    """Whether the challenger becomes champion, and why. figures: those of its evaluation."""
    auc, error = figures["auc"], figures["calibration_error"]
    if auc < terms.auc_floor:
        return False, f"out-of-time AUC {auc:.3f} is below the floor {terms.auc_floor:.2f}"
    if auc > terms.auc_ceiling:
        return False, f"out-of-time AUC {auc:.3f} is above {terms.auc_ceiling:.2f}: look for leakage before using it"
    if champion is None:
        return True, f"first version with a plausible out-of-time AUC: {auc:.3f}"
    if "champion_auc" not in figures:
        return True, f"version {champion.number} cannot be computed from today's features any more"
    their_auc, their_error = figures["champion_auc"], figures["champion_calibration_error"]
    compared = (
        f"AUC {auc:.3f} against {their_auc:.3f}, calibration error {error:.4f} against {their_error:.4f} "
        f"of version {champion.number} on the same loans"
    )
    is_worse = auc < their_auc - terms.tolerance or error > their_error + terms.tolerance
    return not is_worse, f"{'worse' if is_worse else 'not worse'}: {compared}"


def snapshot(lake: Lake) -> pl.DataFrame:
    """The population as the lake's newest commit has it."""
    connection = lake.open_reader(head=True)
    try:
        return features.snapshot(connection)
    finally:
        connection.close()


def split_terms() -> splits.SplitTerms:
    return splits.SplitTerms(features.POPULATION_FROM, features.LABEL_MONTHS)


def examine(frame: pl.DataFrame) -> pl.DataFrame:
    """The leakage report on every candidate, from loans whose labels are mature."""
    return leakage.check(
        frame.select(features.candidates()),
        frame["is_charged_off_36_months"],
        frame["is_charged_off"],
        frame["has_outcome"],
        frame["disbursed_on"].dt.year(),
        refused_by_contract=features.refused_by_contract(),
    )


def _split(frame: pl.DataFrame) -> splits.Split:
    observed_until = frame["observed_until"][0]
    if observed_until is None:
        raise ValueError("no charge-off is known (observed_until is null), so nothing can be learnt")
    return splits.out_of_time(frame["disbursed_on"], observed_until, split_terms())
