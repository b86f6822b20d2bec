"""Charts, each made of a frame: what is drawn, in which colours, with which words on the axes.

Belongs here: Altair specifications. Does not: reading (queries/), what several charts have (chart_parts.py), or any
figure that is not in the frame it is given.
Everything is drawn by the Vega that Streamlit serves itself; no specification names an address.
"""

from __future__ import annotations

import altair as alt
import polars as pl

from dashboards import words
from dashboards.chart_parts import ACCENT, INK, MUTED, PALE, axis_of, drawn, largest, legend, money_axis, ramp

GOOD, BAD = "#2E7D5B", "#B4451F"
BUCKET_COLOURS = {
    "0": "#C9D6DC",
    "1-30": "#F0D5A0",
    "31-60": "#E8B060",
    "61-90": "#D98236",
    "91-180": "#B4512A",
    "GT180": "#7A2A1E",
}
BAND_COLOURS = dict(
    zip("ABCDEFG", ("#0B5C6B", "#3C8587", "#7FB0A3", "#D9C98C", "#E0A24F", "#C66A33", "#8C2F22"), strict=True)
)
LATE = [code for code in BUCKET_COLOURS if code != "0"]


def vintage_curves(frame: pl.DataFrame, measure: str) -> alt.LayerChart:
    """Lines of cumulative charge-off by months on book, one a year of disbursement, each named at its end.

    frame: year, months_on_book, measure (charge_off_rate or charge_off_share), loans_disbursed.
    """
    data = drawn(frame)
    years = sorted(frame["year"].unique().to_list())
    hover = alt.selection_point(fields=["year"], on="pointerover", nearest=True, empty=False, name="vintage")
    longest = largest(data, "months_on_book")
    every = next((step for step in (3, 6, 12) if longest <= 16 * step), 24)
    x = alt.X(
        "months_on_book:Q",
        title="Months on book",
        axis=axis_of(format="d", values=list(range(0, 481, every)), grid=False),
        # Room for the last label, which stands beyond its line.
        scale=alt.Scale(domain=[0, 1.07 * longest], nice=False),
    )
    y = alt.Y(f"{measure}:Q", title="Charged off to date", axis=axis_of(format=".1~%", tickCount=7))
    colour = alt.Color(
        "year:O",
        title="Disbursed in",
        scale=alt.Scale(domain=years, range=ramp(len(years))),
        legend=alt.Legend(symbolType="stroke", symbolStrokeWidth=3, columns=1 + len(years) // 17, rowPadding=1),
    )
    lines = (
        alt.Chart(data)
        .mark_line()
        .encode(
            x=x,
            y=y,
            color=colour,
            strokeWidth=alt.condition(hover, alt.value(3.6), alt.value(1.7)),
            opacity=alt.condition(hover, alt.value(1.0), alt.value(0.9)),
        )
    )
    points = (
        alt.Chart(data)
        .mark_circle(size=60)
        .encode(
            x=x,
            y=y,
            color=colour,
            opacity=alt.condition(hover, alt.value(0.01), alt.value(0.0)),
            tooltip=[
                alt.Tooltip("year:O", title="Disbursed in"),
                alt.Tooltip("months_on_book:Q", title="Months on book"),
                alt.Tooltip(f"{measure}:Q", title="Charged off to date", format=".2%"),
                alt.Tooltip("loans_disbursed:Q", title="Loans disbursed", format=","),
            ],
        )
        .add_params(hover)
    )
    ends = _ends(data, measure)
    named = alt.Chart(ends).encode(x=x, y=y, text="year:O")
    words_at = {"align": "left", "dx": 5, "fontSize": 11, "fontWeight": 600}
    # A white shadow keeps a name readable where another year's line runs under it.
    halo = named.mark_text(**words_at, stroke="white", strokeWidth=4, strokeJoin="round")
    labels = halo + named.mark_text(**words_at).encode(color=colour)
    return alt.layer(lines, labels, points).properties(height=430)


def delinquency(frame: pl.DataFrame) -> alt.Chart:
    """Shares of principal outstanding that are past due, stacked by bucket over month-ends; what is current is left
    blank above. frame: as_of, dpd_bucket_code, share, loans."""
    data = drawn(frame.filter(pl.col("dpd_bucket_code") != "0")).with_columns(
        bucket=pl.col("dpd_bucket_code").replace_strict(words.BUCKETS, default=pl.col("dpd_bucket_code")),
        order=pl.col("dpd_bucket_code").replace_strict({c: n for n, c in enumerate(LATE)}, default=9),
    )
    # A few statements are bars; a line through them would say more than is known.
    few = frame["as_of"].n_unique() < 8
    axis = axis_of(format="%b %y", grid=False, labelAngle=0)
    x = alt.X("yearmonth(as_of):O", title=None, axis=axis) if few else alt.X("as_of:T", title=None, axis=axis)
    base = alt.Chart(data).mark_bar() if few else alt.Chart(data).mark_area()
    return base.encode(
        x=x,
        y=alt.Y("share:Q", title="Share of principal outstanding", stack="zero", axis=axis_of(format=".1~%")),
        color=alt.Color(
            "bucket:N",
            title="Days past due",
            scale=alt.Scale(domain=[words.BUCKETS[c] for c in LATE], range=[BUCKET_COLOURS[c] for c in LATE]),
            legend=legend(),
        ),
        order=alt.Order("order:Q"),
        tooltip=[
            alt.Tooltip("as_of:T", title="As of", format="%d %b %Y"),
            alt.Tooltip("bucket:N", title="Days past due"),
            alt.Tooltip("share:Q", title="Share", format=".2%"),
            alt.Tooltip("loans:Q", title="Loans", format=","),
        ],
    ).properties(height=330)


def roll_rates(frame: pl.DataFrame) -> alt.LayerChart:
    """A matrix of the moves between buckets in a month; green moves towards current, red away from it.

    frame: bucket_from_code, bucket_to_code, loans, roll_rate.
    """
    place = {code: number for number, code in enumerate(BUCKET_COLOURS)}
    data = drawn(frame).with_columns(
        start=pl.col("bucket_from_code").replace_strict(words.BUCKETS, default=pl.col("bucket_from_code")),
        end=pl.col("bucket_to_code").replace_strict(words.BUCKETS, default=pl.col("bucket_to_code")),
        # Only the hue: which way the move goes. Staying is drawn neutral.
        tint=pl.col("roll_rate")
        * (
            pl.col("bucket_to_code").replace_strict(place, default=0)
            - pl.col("bucket_from_code").replace_strict(place, default=0)
        ).sign(),
    )
    names = list(words.BUCKETS.values())
    base = alt.Chart(data).encode(
        x=alt.X(
            "end:N",
            sort=names,
            title="One month later",
            scale=alt.Scale(domain=names),
            axis=axis_of(orient="top", labelAngle=0, grid=False),
        ),
        y=alt.Y("start:N", sort=names, title="From", scale=alt.Scale(domain=names), axis=axis_of(grid=False)),
        tooltip=[
            alt.Tooltip("start:N", title="From"),
            alt.Tooltip("end:N", title="To"),
            alt.Tooltip("roll_rate:Q", title="Share", format=".2%"),
            alt.Tooltip("loans:Q", title="Loans", format=","),
        ],
    )
    cells = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "tint:Q",
            legend=None,
            scale=alt.Scale(
                domain=[-1, -0.4, 0, 0.4, 1], range=[GOOD, "#9CC9B1", "#EEF2F4", "#E9B795", BAD], interpolate="rgb"
            ),
        )
    )
    text = base.mark_text(fontSize=13, fontWeight=600).encode(
        text=alt.Text("roll_rate:Q", format=".1%"),
        color=alt.condition("abs(datum.tint) > 0.55", alt.value("white"), alt.value(INK)),
    )
    return (cells + text).properties(height=330)


def collection_amounts(frame: pl.DataFrame, currency: str) -> alt.LayerChart:
    """Bars of what came in, a tick at what fell due. frame: as_of, amount_due, amount_collected, loans_due."""
    base = alt.Chart(drawn(frame)).encode(
        x=alt.X(
            "yearmonth(as_of):O",
            title=None,
            axis=axis_of(format="%b %y", grid=False, labelAngle=0, labelOverlap="greedy"),
        ),
        tooltip=_collection_tooltip(currency),
    )
    came_in = base.mark_bar(color=PALE, cornerRadiusTopLeft=2, cornerRadiusTopRight=2).encode(
        y=alt.Y("amount_collected:Q", title="Collected (bar), due (line)", axis=money_axis(currency))
    )
    due = base.mark_tick(color=ACCENT, thickness=2.5).encode(y="amount_due:Q")
    return (came_in + due).properties(height=200)


def collection_efficiency(frame: pl.DataFrame, currency: str) -> alt.LayerChart:
    """The ratio of collected to due over month-ends, with a line at all that fell due."""
    data = drawn(frame)
    base = alt.Chart(data).encode(
        x=alt.X(
            "yearmonth(as_of):O",
            title=None,
            axis=axis_of(format="%b %y", grid=False, labelAngle=0, labelOverlap="greedy"),
        ),
        tooltip=_collection_tooltip(currency),
    )
    y = alt.Y("collection_efficiency:Q", title="Efficiency", axis=axis_of(format=".0%"), scale=alt.Scale(zero=False))
    line = base.mark_line(color=ACCENT, strokeWidth=2.4, point=alt.OverlayMarkDef(color=ACCENT, size=34)).encode(y=y)
    whole = alt.Chart(pl.DataFrame({"whole": [1.0]})).mark_rule(color=MUTED, strokeDash=[4, 4]).encode(y="whole:Q")
    return (whole + line).properties(height=125)


def score_distribution(frame: pl.DataFrame) -> alt.Chart:
    """Loans by predicted probability, coloured by band. frame: bin_from, bin_to, score_band_code, loans."""
    return (
        alt.Chart(drawn(frame))
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X(
                "bin_from:Q",
                bin="binned",
                title="Predicted probability of default",
                axis=axis_of(format=".0%", grid=False),
            ),
            x2="bin_to:Q",
            y=alt.Y("loans:Q", title="Loans", stack="zero", axis=axis_of(format="~s")),
            color=alt.Color(
                "score_band_code:N",
                title="Band",
                scale=alt.Scale(domain=list(BAND_COLOURS), range=list(BAND_COLOURS.values())),
                legend=legend(),
            ),
            tooltip=[
                alt.Tooltip("bin_from:Q", title="From", format=".1%"),
                alt.Tooltip("bin_to:Q", title="To", format=".1%"),
                alt.Tooltip("score_band_code:N", title="Band"),
                alt.Tooltip("loans:Q", title="Loans", format=","),
            ],
        )
        .properties(height=270)
    )


def funnel(frame: pl.DataFrame) -> alt.LayerChart:
    """Stages from application to disbursement. frame: stage, position, loans, share, and label for the words beside."""
    data = drawn(frame)
    base = alt.Chart(data).encode(
        y=alt.Y("stage:N", sort=alt.SortField("position"), title=None, axis=axis_of(grid=False, labelFontSize=13))
    )
    bars = base.mark_bar(height=34, cornerRadiusEnd=3).encode(
        x=alt.X("loans:Q", title=None, axis=None, scale=alt.Scale(domainMax=1.8 * largest(data, "loans"))),
        color=alt.Color("position:O", legend=None, scale=alt.Scale(range=[PALE, "#5E97A0", ACCENT])),
        tooltip=[
            alt.Tooltip("stage:N", title="Stage"),
            alt.Tooltip("loans:Q", title="Applications", format=","),
            alt.Tooltip("share:Q", title="Of those received", format=".1%"),
        ],
    )
    text = base.mark_text(align="left", dx=8, fontSize=13, color=INK).encode(x="loans:Q", text="label:N")
    return (bars + text).properties(height=150)


def reasons(frame: pl.DataFrame) -> alt.LayerChart:
    """Refused rows by reason, most first, each bar under its words. frame: table_name, column_name, reason, rows."""
    where = pl.concat_str([pl.col("table_name"), pl.col("column_name").fill_null("row")], separator=".")
    data = frame.with_columns(label=where + ": " + pl.col("reason"), left=pl.lit(0))
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=alt.SortField("rows", order="descending"), axis=None),
        tooltip=[
            alt.Tooltip("table_name:N", title="Table"),
            alt.Tooltip("column_name:N", title="Column"),
            alt.Tooltip("reason:N", title="Reason"),
            alt.Tooltip("rows:Q", title="Rows", format=","),
        ],
    )
    length = alt.X("rows:Q", title=None, axis=None, scale=alt.Scale(domainMax=1.1 * largest(data, "rows")))
    bars = base.mark_bar(color="#D98236", height=9, yOffset=9, cornerRadiusEnd=3).encode(x=length)
    counts = base.mark_text(align="left", dx=6, dy=9, color=INK, fontSize=12, fontWeight=600).encode(
        x=length, text=alt.Text("rows:Q", format=",")
    )
    names = base.mark_text(align="left", dy=-6, color=MUTED, fontSize=12).encode(x="left:Q", text="label:N")
    return (bars + counts + names).properties(height=max(60, 38 * data.height))


def _collection_tooltip(currency: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("as_of:T", title="Month", format="%b %Y"),
        alt.Tooltip("amount_due:Q", title=f"Fell due ({currency})", format=",.0f"),
        alt.Tooltip("amount_collected:Q", title=f"Collected ({currency})", format=",.0f"),
        alt.Tooltip("collection_efficiency:Q", title="Efficiency", format=".1%"),
        alt.Tooltip("loans_due:Q", title="Loans with a due", format=","),
    ]


def _ends(data: pl.DataFrame, measure: str, apart: float = 0.028) -> pl.DataFrame:
    """The last point of each year whose label has room: the newest years first, then those far enough from them."""
    last = data.sort("months_on_book").group_by("year", maintain_order=True).last().sort("year", descending=True)
    tallest = largest(data, measure)
    widest = largest(data, "months_on_book")
    kept: list[dict[str, float]] = []
    for row in last.iter_rows(named=True):
        crowded = any(
            abs(row[measure] - other[measure]) < apart * tallest
            and abs(row["months_on_book"] - other["months_on_book"]) < 0.05 * widest
            for other in kept
        )
        if not crowded:
            kept.append(row)
    return pl.DataFrame(kept, schema=last.schema)
