"""Pictures of a model for its page in the registry.

Belongs here: figures drawn from frames of metrics.py and leakage.py. Does not: computing what they show.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from models_ml.metrics import Flags, Floats, Performance, roc

INK, ACCENT, PALE, ALARM = "#1f2933", "#1f6f8b", "#9fb3c8", "#c0392b"


def roc_curve(event: Flags, curves: dict[str, Floats], measured: dict[str, Performance]) -> Any:
    """ROC curves of several models on the same loans, AUC in the legend."""
    figure, axes = _canvas("Out-of-time ROC", "share of good loans refused", "share of charge-offs refused")
    for (label, score), colour in zip(curves.items(), (ACCENT, PALE, INK), strict=False):
        false_rate, true_rate = roc(event, score)
        axes.plot(false_rate, true_rate, color=colour, lw=2, label=f"{label}: AUC {measured[label].auc:.3f}")
    axes.plot([0, 1], [0, 1], color=INK, lw=0.8, ls=":")
    axes.set_aspect("equal")
    axes.legend(frameon=False, loc="lower right")
    return figure


def calibration_curve(bins: pl.DataFrame) -> Any:
    """Predicted against observed rate by decile of the probability."""
    figure, axes = _canvas("Out-of-time calibration by decile", "predicted charge-off rate", "observed charge-off rate")
    top = float(bins.select("predicted_rate", "observed_rate").to_numpy().max()) * 1.05
    axes.plot([0, top], [0, top], color=INK, lw=0.8, ls=":", label="perfect")
    axes.plot(bins["predicted_rate"], bins["observed_rate"], color=ACCENT, marker="o", lw=2, label="model")
    _percent(axes.xaxis)
    _percent(axes.yaxis)
    axes.legend(frameon=False, loc="upper left")
    return figure


def leakage_chart(report: pl.DataFrame, ceiling: float) -> Any:
    """The most telling view of each candidate against the ceiling; refused columns stand out."""
    best = (
        report.with_columns(pl.max_horizontal("auc_event", "auc_outcome").alias("best"))
        .sort("best", descending=True, nulls_last=True)
        .unique("column", keep="first", maintain_order=True)
        .reverse()
    )
    figure, axes = _canvas(
        "Most telling view of each candidate", "AUC of that view alone, inside years", "", height=6.5
    )
    labels = [f"{column} ({view})" for column, view in best.select("column", "view").iter_rows()]
    colours = [ALARM if refused else ACCENT for refused in best["is_refused"]]
    axes.barh(labels, best["best"].fill_null(0.5) - 0.5, left=0.5, color=colours)
    axes.axvline(ceiling, color=INK, ls="--", lw=1)
    axes.text(ceiling + 0.005, 0, f"ceiling {ceiling:.2f}; red: refused", va="center", fontsize=8, color=INK)
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlim(0.5, 1.02)
    return figure


def importance_chart(gains: dict[str, float]) -> Any:
    """Share of the model's total gain by feature."""
    total = sum(gains.values()) or 1.0
    ordered = sorted(gains.items(), key=lambda pair: (pair[1], pair[0]))
    figure, axes = _canvas("What the model uses", "share of total gain", "")
    axes.barh([name for name, _ in ordered], [gain / total for _, gain in ordered], color=ACCENT)
    _percent(axes.xaxis)
    return figure


def _canvas(title: str, across: str, up: str, height: float = 5.0) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, height), layout="constrained", dpi=110)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _percent(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
