"""Pieces that charts are made of: axes, legends, ramps of colour, numbers as a browser draws them.

Belongs here: what more than one chart has. Does not: a chart (charts.py).
"""

from __future__ import annotations

import altair as alt
import polars as pl

from dashboards.formats import SYMBOLS

INK, MUTED, GRID, ACCENT, PALE = "#1B2733", "#5D6B78", "#E7ECEF", "#0B5C6B", "#BFD3D8"


def money_axis(currency: str) -> alt.Axis:
    """An axis of money in crore and lakh for INR, in K, M and B otherwise."""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    steps = (("1e7", " Cr"), ("1e5", " L")) if currency == "INR" else (("1e9", "B"), ("1e6", "M"), ("1e3", "K"))
    words_of = f"'{symbol}' + format(datum.value, ',.0f')"
    for size, unit in reversed(steps):
        words_of = f"datum.value >= {size} ? '{symbol}' + format(datum.value / {size}, ',.1~f') + '{unit}' : {words_of}"
    return axis_of(labelExpr=words_of)


def largest(data: pl.DataFrame, column: str) -> float:
    """The largest value of a column, 1 when there is none: charts scale with it."""
    return max((float(value) for value in data[column].drop_nulls()), default=1.0) or 1.0


def ramp(count: int) -> list[str]:
    """`count` colours from the oldest (cool, dark) to the newest (warm)."""
    stops = [(11, 60, 93), (11, 122, 128), (120, 170, 110), (222, 175, 75), (196, 85, 45)]
    colours = []
    for number in range(count):
        at = number / max(count - 1, 1) * (len(stops) - 1)
        low = min(int(at), len(stops) - 2)
        mixed = [round(a + (b - a) * (at - low)) for a, b in zip(stops[low], stops[low + 1], strict=True)]
        colours.append("#{:02X}{:02X}{:02X}".format(*mixed))
    return colours


def axis_of(**options: object) -> alt.Axis:
    defaults: dict[str, object] = {
        **{"gridColor": GRID, "domainColor": GRID, "tickColor": GRID, "labelColor": MUTED, "titleColor": MUTED},
        **{"titleFontWeight": "normal", "labelFontSize": 11, "titleFontSize": 12},
    }
    return alt.Axis(**{**defaults, **options})


def legend() -> alt.Legend:
    return alt.Legend(orient="top", labelColor=MUTED, titleColor=MUTED, titleFontWeight="normal", symbolType="square")


def drawn(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with decimals as floats, which is what a browser draws with."""
    return frame.with_columns(pl.selectors.decimal().cast(pl.Float64))
