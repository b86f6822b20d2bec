"""Finds columns that know the outcome, by what they do and not by what they are called.

Belongs here: the check on candidate columns and the reasons of its verdicts. Does not: what the contract says of a
column's moment (warehouse/contracts/features.py), which is only a second, independent reason to refuse.

A column may betray the outcome through a view that nobody would model: that it is missing, that it is no longer a round
number, that it differs from what was agreed. So each candidate is looked at through such views. Every view is measured
inside each year of disbursement, because across years a column that merely tells the time looks as good as one that
knows the outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.metrics import Flags, Floats

DIVISORS = (2, 3, 5, 7, 10, 12, 24, 100, 1000)


@dataclass(frozen=True)
class LeakageTerms:
    """What is implausible. All AUC are of one view alone, inside years, and counted from 0.5 upwards.

    auc_ceiling: an information value above 0.5 is suspicious (N. Siddiqi, Credit Risk Scorecards, 2006), which for two
    normals of one variance (IV = d**2, AUC = Phi(d / sqrt 2)) is AUC 0.69. The best honest column of the SBA book comes
    to 0.68, and a sample of it may pass 0.70 by chance; 0.75 (an information value of 0.9) is beyond chance.
    drift_ceiling: how well a yes/no view may tell open loans from those that ended well; a column filled or overwritten
    when a loan ends exceeds it, an honest one differs a little, because small and short loans end first.
    fewest: events, or open loans, below which nothing is said. bins: quantiles of a number's own view.
    most_rows: above it every k-th row is looked at. alike: share of rows in which two columns must agree before their
    difference is worth a look.
    """

    auc_ceiling: float = 0.75
    drift_ceiling: float = 0.80
    fewest: int = 100
    bins: int = 20
    most_rows: int = 200_000
    alike: float = 0.2


@dataclass(frozen=True)
class View:
    """One way to look at a column: a number per row, higher or lower for events; a flag is 0 or 1."""

    column: str
    name: str
    values: Floats
    is_flag: bool


@dataclass(frozen=True)
class _Target:
    """Rows by cohort and by whether they are events; `rows` are those the question is asked of."""

    event: Flags
    cohort: NDArray[np.int64]
    rows: NDArray[np.int64] | None
    fewest: int

    def telling(self, values: Floats, is_flag: bool) -> float:
        """AUC of the values inside cohorts, from 0.5 upwards; nan when there are too few events."""
        cohort, event = self.cohort, self.event
        if self.rows is not None:
            cohort, event, values = cohort[self.rows], event[self.rows], values[self.rows]
        if min(int(event.sum()), int((~event).sum())) < self.fewest:
            return float("nan")
        measure = _flag_auc if is_flag else _value_auc
        area = measure(event, values, cohort)
        return max(area, 1 - area)


def check(
    candidates: pl.DataFrame,
    event: pl.Series,
    ended_badly: pl.Series,
    has_outcome: pl.Series,
    cohort: pl.Series,
    terms: LeakageTerms = LeakageTerms(),
    refused_by_contract: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """One row per candidate and view, most telling first; `is_refused` is the column's verdict, `reason` says why.

    candidates: columns in the order in which they are recorded: a difference is laid at the later one's door.
    event: the label to be predicted. ended_badly: the final outcome, whenever it came; a column written at the end
    knows it better than the label. has_outcome: false while a loan is open. cohort: the year of disbursement. All are
    of one length without nulls, loans whose label is not mature left out.
    refused_by_contract: column -> when it is known; a second reason, which changes no measured figure.
    Returns column, view, auc_event, auc_outcome, auc_drift, is_found, is_refused, reason.
    """
    step = -(-len(candidates) // terms.most_rows)
    candidates = candidates.gather_every(step)
    event, ended_badly, has_outcome, cohort = (s.gather_every(step) for s in (event, ended_badly, has_outcome, cohort))
    years = cohort.to_physical().cast(pl.Int64).rank("dense").cast(pl.Int64).to_numpy() - 1
    bad, is_open = ended_badly.to_numpy(), ~has_outcome.to_numpy()
    on_event = _Target(event.to_numpy(), years, None, terms.fewest)
    on_outcome = _Target(bad, years, None, terms.fewest)
    drift = _Target(is_open, years, np.flatnonzero(is_open | ~bad), terms.fewest)
    rows = [
        {
            "column": view.column,
            "view": view.name,
            "auc_event": on_event.telling(view.values, view.is_flag),
            "auc_outcome": on_outcome.telling(view.values, view.is_flag),
            "auc_drift": drift.telling(view.values, view.is_flag) if view.is_flag else float("nan"),
        }
        for view in _views(candidates, on_event, terms)
    ]
    return _verdicts(pl.DataFrame(rows), terms, dict(refused_by_contract or {}))


def kept(report: pl.DataFrame) -> list[str]:
    """The columns of a report that may be used."""
    return sorted(set(report["column"]) - refused(report).keys())


def refused(report: pl.DataFrame) -> dict[str, str]:
    """The columns of a report that must not be used, each with the reason."""
    rows = report.filter("is_refused").unique("column", keep="first", maintain_order=True)
    return dict(zip(rows["column"], rows["reason"], strict=True))


def _verdicts(measured: pl.DataFrame, terms: LeakageTerms, by_contract: dict[str, str]) -> pl.DataFrame:
    plain = measured.with_columns(pl.col("^auc_.*$").fill_nan(None))
    best = pl.max_horizontal("auc_event", "auc_outcome")
    too_good = best.fill_null(0.5) > terms.auc_ceiling
    too_different = pl.col("auc_drift").fill_null(0.5) > terms.drift_ceiling
    found = plain.with_columns(best.alias("best"), (too_good | too_different).alias("is_found")).sort(
        ["is_found", "best", "column", "view"], descending=[True, True, False, False], nulls_last=True
    )
    reasons: dict[str, str] = {}
    for row in found.iter_rows(named=True):
        if row["is_found"] and row["column"] not in reasons:
            reasons[row["column"]] = _reason(row, terms)
    for column, moment in by_contract.items():
        said = f"known {moment} by contract"
        reasons[column] = f"{reasons[column]}; {said}" if column in reasons else said
    return found.drop("best").with_columns(
        pl.col("column").is_in(list(reasons)).alias("is_refused"),
        pl.col("column").replace_strict(reasons, default=None, return_dtype=pl.String).alias("reason"),
    )


def _reason(row: Mapping[str, object], terms: LeakageTerms) -> str:
    measures = {"auc_event": "the label", "auc_outcome": "the final outcome"}
    name, value = max(((n, row[n] or 0.0) for n in measures), key=lambda pair: pair[1])  # type: ignore[arg-type,return-value]
    if float(str(value)) > terms.auc_ceiling:
        return f"'{row['view']}' alone tells {measures[name]} with AUC {value:.2f} > {terms.auc_ceiling:.2f}"
    drift = row["auc_drift"]
    return f"'{row['view']}' tells open loans from ended ones with AUC {drift:.2f} > {terms.drift_ceiling:.2f}"


def _views(candidates: pl.DataFrame, target: _Target, terms: LeakageTerms) -> Iterator[View]:
    """Every view worth a look; constant ones are left out."""
    residual = target.event - _cohort_rate(target)
    numbers: dict[str, Floats] = {}
    for column in candidates.columns:
        series = candidates[column]
        missing = series.is_null().to_numpy()
        yield from _flag(column, "is missing", missing)
        if series.dtype == pl.String:
            codes = series.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
            yield View(column, "value", _encoded(codes, residual), False)
            continue
        values = series.cast(pl.Float64).to_numpy()
        present = np.where(missing, np.nan, values)
        yield from _number_views(column, present, residual, terms)
        if series.dtype != pl.Boolean:
            for other, reference in numbers.items():
                yield from _difference_views(column, present, other, reference, terms)
            numbers[column] = present


def _number_views(column: str, values: Floats, residual: Floats, terms: LeakageTerms) -> Iterator[View]:
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return
    # missing goes below everything, so that the plain view also shows what missing rows are worth
    filled = np.where(np.isnan(values), known.min() - 1, values)
    yield View(column, "value", filled, False)
    edges = np.unique(np.quantile(filled, np.linspace(0, 1, terms.bins + 1)[1:-1]))
    yield View(column, "value in bands", _encoded(np.searchsorted(edges, filled, side="right"), residual), False)
    if len(np.unique(known)) <= 2:
        return
    yield from _flag(column, "is zero", values == 0)
    yield from _flag(column, "is not whole", ~np.isnan(values) & (values != np.floor(values)))
    for divisor in DIVISORS:
        yield from _flag(column, f"is not a multiple of {divisor}", ~np.isnan(values) & (np.mod(values, divisor) != 0))


def _difference_views(
    column: str, values: Floats, other: str, reference: Floats, terms: LeakageTerms
) -> Iterator[View]:
    if np.mean(values == reference) < terms.alike:
        return
    yield from _flag(column, f"differs from {other}", values != reference)
    yield from _flag(column, f"is above {other}", values > reference)


def _flag(column: str, name: str, flags: Flags) -> Iterator[View]:
    if flags.any() and not flags.all():
        yield View(column, name, flags.astype(np.float64), True)


def _encoded(codes: NDArray[np.int64], residual: Floats) -> Floats:
    """Each code's mean residual as learnt from the other half of the rows, so that rare codes cannot learn themselves.

    Halves are the even and the odd rows; the pull towards zero is that of twenty rows.
    """
    half = np.arange(len(codes)) % 2
    result = np.zeros(len(codes))
    for this in (0, 1):
        from_other = half != this
        sums = np.bincount(codes[from_other], weights=residual[from_other], minlength=codes.max() + 1)
        counts = np.bincount(codes[from_other], minlength=codes.max() + 1)
        result[~from_other] = (sums / (counts + 20.0))[codes[~from_other]]
    return result


def _cohort_rate(target: _Target) -> Floats:
    counts = np.bincount(target.cohort)
    events = np.bincount(target.cohort, weights=target.event)
    return (events / np.maximum(counts, 1))[target.cohort]


def _flag_auc(event: Flags, flag: Floats, cohort: NDArray[np.int64]) -> float:
    """AUC of a 0/1 view inside cohorts, each weighted by its pairs: a table of counts is enough."""
    cells = np.bincount(cohort * 4 + event * 2 + (flag > 0), minlength=4 * (int(cohort.max()) + 1)).reshape(-1, 4)
    quiet_off, quiet_on, event_off, event_on = cells.T.astype(np.float64)
    wins = event_on * quiet_off + 0.5 * (event_on * quiet_on + event_off * quiet_off)
    return float(wins.sum() / ((event_on + event_off) * (quiet_on + quiet_off)).sum())


def _value_auc(event: Flags, values: Floats, cohort: NDArray[np.int64]) -> float:
    """AUC inside cohorts, each weighted by its pairs, ties counting half: one sort for all cohorts."""
    order = np.lexsort((values, cohort))
    groups, sorted_values, hits = cohort[order], values[order], event[order].astype(np.float64)
    starts = np.flatnonzero(np.append(True, (np.diff(groups) != 0) | (np.diff(sorted_values) != 0)))
    lengths = np.diff(np.append(starts, len(order)))
    middle = np.repeat(starts + (lengths - 1) / 2.0, lengths)
    sizes = np.bincount(groups)
    first = np.cumsum(sizes) - sizes
    positives = np.bincount(groups, weights=hits, minlength=len(sizes))
    rank_sums = np.bincount(groups, weights=(middle - first[groups]) * hits, minlength=len(sizes))
    wins = rank_sums - positives * (positives - 1) / 2.0
    return float(wins.sum() / (positives * (sizes - positives)).sum())
