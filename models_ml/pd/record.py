"""What MLflow keeps of each step of the default model: metrics, plots, tables, and the page that people read.

Belongs here: the contents of a run and of a version's page. Does not: what is computed, or when a step runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from models_ml import leakage, metrics, plots
from models_ml.metrics import Performance
from models_ml.pd import booster
from models_ml.pd.booster import Fitted
from models_ml.pd.features import matrix
from models_ml.registry import Registry, Version
from models_ml.splits import Split

BASELINE = "baseline.ubj"
TARGET = "is_charged_off_36_months"
SHOWN = ("auc", "gini", "ks", "brier", "calibration_error", "predicted_rate", "observed_rate")
TESTED = {"test_auc": "auc", "test_ks": "ks", "test_calibration_error": "calibration_error"}


def requirements() -> list[str]:
    """What a program needs to load the model."""
    return [f"{package}=={installed(package)}" for package in ("mlflow", "pandas")] + [
        f"xgboost=={installed('xgboost-cpu')}"
    ]


def training(
    registry: Registry, split: Split, report: pl.DataFrame, fitted: Fitted, learnt_from: pl.DataFrame
) -> dict[str, float]:
    """Fill the active run of a training: parameters, leakage report, importance, baseline; the metrics logged."""
    mlflow = registry.mlflow()
    figures = {f"train_{name}": value for name, value in fitted.performance.figures().items()}
    refused = leakage.refused(report)
    mlflow.log_params({**booster.PARAMETERS, "rounds": booster.ROUNDS, "level": round(fitted.level, 6)})
    mlflow.log_params({"features": ", ".join(fitted.features), "refused": ", ".join(sorted(refused))})
    mlflow.log_params({name: str(day) for name, day in vars(split).items() if name.endswith(("_from", "_until"))})
    mlflow.log_metrics(figures | {"refused_columns": float(len(refused))})
    mlflow.log_figure(plots.leakage_chart(report, leakage.LeakageTerms().auc_ceiling), "leakage.png")
    mlflow.log_figure(plots.importance_chart(fitted.gains), "importance.png")
    with TemporaryDirectory() as folder:
        report.write_csv(Path(folder) / "leakage.csv", float_precision=6)
        fitted.baseline.save_model(Path(folder) / BASELINE)
        mlflow.log_artifacts(folder)
    return figures


def model(registry: Registry, fitted: Fitted, learnt_from: pl.DataFrame, figures: dict[str, float]) -> str:
    """Log the fitted model in the active run, with signature, example and requirements; its address."""
    mlflow = registry.mlflow()
    from mlflow.models import infer_signature
    from mlflow.xgboost import log_model

    example = matrix(learnt_from.head(5), fitted.features).to_pandas()
    logged = log_model(
        fitted.booster,
        name=registry.name,
        signature=infer_signature(example, booster.probability(fitted.booster, learnt_from.head(5)).astype("float32")),
        input_example=example,
        pip_requirements=requirements(),
    )
    mlflow.log_metrics(figures, model_id=logged.model_id)
    return str(logged.model_uri)


def evaluation(registry: Registry, judged: Version, loans: pl.DataFrame) -> dict[str, float]:
    """Fill the active run of an evaluation and the version's page; the metrics, `auc` and its kin out of time."""
    mlflow = registry.mlflow()
    event = loans[TARGET].to_numpy()
    scores = {
        "model": booster.probability(loaded(registry, judged), loans),
        "logistic baseline": booster.probability(booster.load(str(registry.artifact(judged.run_id, BASELINE))), loans),
    }
    measured = {label: metrics.performance(event, score) for label, score in scores.items()}
    bins = metrics.calibration(event, scores["model"])
    by_segment = metrics.by_segment(segments(loans), event, scores["model"])
    figures = measured["model"].figures()
    figures |= {f"baseline_{name}": value for name, value in measured["logistic baseline"].figures().items()}
    mlflow.log_metrics(figures, model_id=judged.model_id)
    mlflow.log_figure(plots.roc_curve(event, scores, measured), "roc.png")
    mlflow.log_figure(plots.calibration_curve(bins), "calibration.png")
    with TemporaryDirectory() as folder:
        bins.write_csv(Path(folder) / "calibration.csv", float_precision=6)
        by_segment.write_csv(Path(folder) / "segments.csv", float_precision=6)
        mlflow.log_artifacts(folder)
    registry.annotate(
        judged,
        page(measured["model"], measured["logistic baseline"], by_segment, loans),
        **{tag: f"{figures[name]:.4f}" for tag, name in TESTED.items()},
    )
    return figures


def champion_figures(registry: Registry, champion: Version, loans: pl.DataFrame) -> dict[str, float]:
    """The champion's figures on the same loans, named champion_…; none when it needs features of the past."""
    try:
        score = booster.probability(loaded(registry, champion), loans)
    except KeyError:
        return {}
    figures = metrics.performance(loans[TARGET].to_numpy(), score).figures()
    named = {f"champion_{name}": value for name, value in figures.items()}
    registry.mlflow().log_metrics(named)
    return named


def training_metrics(registry: Registry, version: Version) -> dict[str, float]:
    """What the training of a version measured."""
    logged = registry.client().get_run(version.run_id).data.metrics
    return {name: value for name, value in logged.items() if name.startswith("train_")}


def loaded(registry: Registry, version: Version) -> object:
    """The booster of a version."""
    registry.mlflow()
    from mlflow.xgboost import load_model

    return load_model(f"models:/{version.name}/{version.number}")


def segments(loans: pl.DataFrame) -> pl.DataFrame:
    """The segments that figures are told by, one column each."""
    amount = pl.col("amount_sanctioned").cast(pl.Float64)
    return loans.select(
        pl.col("disbursed_on").dt.year().cast(pl.String).alias("disbursement year"),
        pl.col("sector_code").alias("sector"),
        pl.when(amount < 50_000).then(pl.lit("below 50,000"))
        .when(amount < 250_000).then(pl.lit("50,000 to 250,000"))
        .otherwise(pl.lit("from 250,000")).alias("amount"),
        pl.when("is_new_business").then(pl.lit("new")).otherwise(pl.lit("existing or unknown")).alias("business"),
        pl.when("is_revolving").then(pl.lit("revolving")).otherwise(pl.lit("term or unknown")).alias("facility"),
    )  # fmt: skip


def page(ours: Performance, baseline: Performance, by_segment: pl.DataFrame, loans: pl.DataFrame) -> str:
    """The version's description in Markdown."""
    first, last = loans["disbursed_on"].min(), loans["disbursed_on"].max()
    lines = [
        f"Judged out of time on {ours.loans:,} loans disbursed {first!s} to {last!s}, "
        f"{ours.events:,} of them charged off within 36 months.",
        "",
        *_table(
            ("figure", "model", "logistic baseline"),
            [(name, f"{getattr(ours, name):.4f}", f"{getattr(baseline, name):.4f}") for name in SHOWN],
        ),
        "",
        "By segment:",
        "",
    ]
    rows = by_segment.filter(pl.col("segment") != "sector").iter_rows(named=True) if len(by_segment) else []
    told = [
        (
            *(row["segment"], row["value"], f"{row['loans']:,}", f"{row['auc']:.3f}"),
            *(f"{row['predicted_rate']:.1%}", f"{row['observed_rate']:.1%}"),
        )
        for row in rows
    ]
    return roomy("\n".join(lines + _table(("segment", "value", "loans", "AUC", "predicted", "observed"), told)))


def roomy(text: str) -> str:
    """Markdown whose tables bring room between their columns along, which the registry's page does not give them."""
    lines = text.splitlines()
    is_cells = [line.startswith("|") and not line.startswith("|---") for line in lines]
    return "\n".join(
        line.rstrip("|").replace("|", "|&ensp;") + "&ensp;|" if cells else line
        for line, cells in zip(lines, is_cells, strict=True)
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    dashes = ["---" if n == 0 or name == "value" else "---:" for n, name in enumerate(header)]
    return ["|" + "|".join(cells) + "|" for cells in (header, dashes, *rows)]
