"""Charts: they draw what they are given, and ask no other host for anything."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import polars as pl
import pytest

from dashboards import chart_parts, charts, queries, words
from dashboards.queries import Selection
from tests.dashboards import books
from warehouse.lake import Closing


def drawn(closing: Closing) -> dict[str, alt.TopLevelMixin]:
    rupees = Selection(closing.snapshot_id, "INR", ("LENDHOUSE",), tuple(books.PRODUCTS))
    dollars = Selection(closing.snapshot_id, "USD", ("SBA",), ("SBA_7A",))
    months = queries.collection_monthly(rupees)
    until = queries.roll_months(rupees)["as_of"][0]
    return {
        "vintages": charts.vintage_curves(queries.vintage_curves(dollars, 1993, 2012, 50), "charge_off_rate"),
        "delinquency": charts.delinquency(queries.delinquency_monthly(rupees)),
        "collected": charts.collection_amounts(months, "INR"),
        "efficiency": charts.collection_efficiency(months, "INR"),
        "rolls": charts.roll_rates(queries.roll_rates(rupees, until, 12)),
        "scores": charts.score_distribution(queries.score_bins(dollars)),
        "funnel": charts.funnel(queries.funnel(rupees).with_columns(label=pl.lit("words"))),
        "reasons": charts.reasons(queries.quarantine_reasons()),
    }


def rows(spec: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return list(spec.get("datasets", {}).values())


def test_no_chart_names_an_address(closing: Closing) -> None:
    for name, chart in drawn(closing).items():
        spec = chart.to_dict()
        # The schema's name is an identifier that nothing fetches.
        assert spec.pop("$schema").startswith("https://vega.github.io/schema/")
        assert "://" not in json.dumps(spec), name
        assert rows(spec), name


def test_every_point_of_a_vintage_is_drawn_and_its_end_named(closing: Closing) -> None:
    dollars = Selection(closing.snapshot_id, "USD", ("SBA",), ("SBA_7A",))
    curves = queries.vintage_curves(dollars, 1993, 2012, 50)
    drawn_rows = rows(charts.vintage_curves(curves, "charge_off_rate").to_dict())
    assert curves.height in {len(data) for data in drawn_rows}
    named = min(drawn_rows, key=len)
    assert {row["year"] for row in named} >= {2012, 2006}
    assert len(named) < 20


def test_what_is_current_is_not_drawn_as_delinquent(closing: Closing) -> None:
    rupees = Selection(closing.snapshot_id, "INR", ("LENDHOUSE",), tuple(books.PRODUCTS))
    (data,) = rows(charts.delinquency(queries.delinquency_monthly(rupees)).to_dict())
    assert "0" not in {row["dpd_bucket_code"] for row in data}
    assert {row["bucket"] for row in data} <= set(words.BUCKETS.values())


def test_moves_for_better_and_worse_have_opposite_tints() -> None:
    moves = pl.DataFrame(
        {
            "bucket_from_code": ["1-30", "1-30", "1-30"],
            "bucket_to_code": ["0", "1-30", "31-60"],
            "loans": [50, 15, 35],
            "roll_rate": [0.5, 0.15, 0.35],
        }
    )
    (data,) = rows(charts.roll_rates(moves).to_dict())
    assert [row["tint"] for row in data] == [-0.5, 0.0, 0.35]


@pytest.mark.parametrize(("currency", "units"), [("INR", ("1e7", "' Cr'", "' L'")), ("USD", ("1e9", "'B'", "'M'"))])
def test_the_money_axis_speaks_the_currency_s_units(currency: str, units: tuple[str, ...]) -> None:
    words_of = chart_parts.money_axis(currency).to_dict()["labelExpr"]
    assert all(unit in words_of for unit in units)
