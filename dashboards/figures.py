"""What both pages put on the screen: a figure with its source, a heading, a table, a friendly empty state.

Belongs here: Streamlit pieces used by more than one page. Does not: questions (queries/) or page order (app_pages/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import streamlit as st

from dashboards import formats, queries, words
from warehouse.lake import Closing, LakeMissing, LakeUnreachable

LOOK_FOR_NEWER_SECONDS = 20
# Streamlit leaves the height of a toolbar free above the title, and draws a mart's name wider than a figure's box.
TIGHTER = """<style>
[data-testid=stMainBlockContainer] {padding: 2.4rem 3rem 2rem}
[data-testid=stCaptionContainer] code {background: none; padding: 0; font-size: 0.66rem}
</style>"""
YES, NO = "✓", "✗"
GOOD, WARN, BAD = "#2E7D5B", "#A86414", "#B4451F"

Write = Callable[[Any], str]


def closing_or_stop() -> Closing:
    """The snapshot the page shows, chosen in the sidebar (newest first); without a lake, says what to do and stops."""
    st.html(TIGHTER)
    try:
        closings = list(reversed(queries.published()))
    except LakeMissing:
        st.title("Lendhouse", anchor=False)
        st.info("There is nothing to show yet: this house has no published lake.", icon=":material/foundation:")
        st.markdown("Build one from the bundled data, then reload this page:")
        st.code("lendhouse demo", language="bash")
        st.stop()
    except LakeUnreachable as unreachable:
        st.title("Lendhouse", anchor=False)
        st.error(f"The lake's catalog does not answer: {unreachable}", icon=":material/cloud_off:")
        st.stop()
    chosen = st.sidebar.selectbox(
        "Published snapshot",
        closings,
        format_func=lambda c: f"{formats.day(c.as_of)} · #{c.snapshot_id}{' · latest' if c == closings[0] else ''}",
        help="Figures come from one published snapshot; a build in progress shows only once it is complete. "
        "Choose an earlier one to see the book as it was then.",
    )
    _rerun_when_newer(closings[0].snapshot_id)
    return chosen or closings[0]


@st.fragment(run_every=LOOK_FOR_NEWER_SECONDS)
def _rerun_when_newer(newest_shown: int) -> None:
    """Draw the page again as soon as a newer snapshot is published; a question of milliseconds."""
    try:
        newest = queries.published()[-1].snapshot_id
    except (LakeMissing, LakeUnreachable):
        newest = None
    if newest != newest_shown:
        st.rerun(scope="app")


def title(text: str, closing: Closing, what: str) -> None:
    """The page's title and, under it, what it shows and since when that is public."""
    st.title(text, anchor=False)
    st.caption(
        f"{what} Closed for **{formats.day(closing.as_of)}**, published {formats.instant(closing.published_at)}, "
        f"snapshot **#{closing.snapshot_id}**."
    )


def figure(
    label: str,
    value: str,
    mart: str,
    columns: str | Sequence[str],
    as_of: str,
    note: str = "",
    trend: list[float] | None = None,
) -> None:
    """One number in a box: below it a note, its as-of and its mart; on hover the dictionary's words.

    trend: the same quantity at month-ends, oldest first, drawn as a small line.
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(label, value, help=words.help_text(mart, *names, as_of=as_of), chart_data=trend, chart_type="area")
        st.caption("  \n".join(line for line in (note, as_of, f"`{mart.split('.')[1]}`") if line))


def heading(text: str, mart: str, columns: Sequence[str], as_of: str) -> None:
    """A section's title with the dictionary's words as help, and under it the as-of day and the mart's name."""
    st.subheader(text, anchor=False, help=words.help_text(mart, *columns, as_of=as_of))
    st.caption(f"As of {as_of} · `{mart}`")


def nothing(text: str, why: str) -> None:
    """A section without rows: its title, and why it is empty."""
    st.subheader(text, anchor=False)
    st.info(why, icon=":material/info:")


def chart(drawn: Any, key: str) -> None:
    st.altair_chart(drawn, width="stretch", theme="streamlit", key=key)


def choice(label: str, options: Sequence[Any], default: Any, named: Callable[[Any], str] = str) -> Any:
    """One of a few options, side by side without a label; one is always chosen."""
    return st.segmented_control(
        label, options, default=default, required=True, format_func=named, label_visibility="collapsed", key=label
    )


def table(
    frame: pl.DataFrame,
    mart: str,
    columns: Sequence[str],
    currency: str | None = None,
    written: dict[str, Write] | None = None,
    tinted: Sequence[str] = (),
    configured: dict[str, Any] | None = None,
    height: int | str = "auto",
) -> None:
    """Rows under the columns' own names, with the dictionary's words as help; sorted by value, however written.

    currency: of every amount in the frame. written: column -> how its values are written, in place of the usual way
    of its type. tinted: columns whose verdict is coloured. configured: column -> a Streamlit column configuration.
    """
    # A verdict is a word, not a box to tick.
    shown = frame.select(columns).with_columns(
        pl.when(pl.selectors.boolean()).then(pl.lit(YES)).otherwise(pl.lit(NO)).name.keep()
    )
    ways = {name: way for name, kind in shown.schema.items() if (way := _usual_way(kind, currency))} | (written or {})
    pandas = shown.with_columns(pl.selectors.decimal().cast(pl.Float64)).to_pandas()
    styler = pandas.style.format({name: _or_absent(way) for name, way in ways.items()}).map(_tint, subset=list(tinted))
    config = {
        name: st.column_config.Column(words.label(name), help=words.known_meaning(mart, name)) for name in columns
    }
    st.dataframe(
        styler,
        hide_index=True,
        width="stretch",
        height=height,
        placeholder=formats.ABSENT,
        column_config={**config, **(configured or {})},
    )


def _usual_way(kind: pl.DataType, currency: str | None) -> Write | None:
    """How values of a type are written: money, counts, shares, days, instants, verdicts; text as it is."""
    if kind.is_decimal():
        return lambda value: formats.float_money(value, currency)
    if kind.is_integer():
        return lambda value: formats.count(int(value), currency)
    if kind.is_float():
        return formats.percent
    ways: dict[Any, Write] = {pl.Date: formats.day, pl.Datetime: formats.instant}
    return ways.get(kind.base_type())


def _tint(value: Any) -> str:
    """CSS of a verdict: green when good, amber when it deserves a look, red when bad."""
    if value in (YES, "ACCEPTED", "KNOWN"):
        return f"color: {GOOD}"
    return f"color: {WARN}; font-weight: 600" if value == "PARTLY" else f"color: {BAD}; font-weight: 600"


def _or_absent(write: Write) -> Write:
    # pandas hands missing values over as NaN or NaT, the only values unequal to themselves.
    return lambda value: formats.ABSENT if value is None or value != value else write(value)
