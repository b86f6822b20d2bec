"""What both pages put on the screen: a figure with its source, a heading, a table, a friendly empty state.

Belongs here: Streamlit pieces used by more than one page. Does not: questions (queries.py) or page order (app_pages/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import streamlit as st

from dashboards import formats, queries, words
from warehouse.lake import Closing, LakeMissing

LOOK_FOR_NEWER_SECONDS = 20


def closing_or_stop() -> Closing:
    """The snapshot the page shows, chosen in the sidebar (newest first); without a lake, says what to do and stops."""
    try:
        closings = list(reversed(queries.published()))
    except LakeMissing:
        st.info("There is nothing to show yet: this house has no published lake.", icon=":material/foundation:")
        st.markdown("Build one from the bundled data, then come back to this page:")
        st.code("lendhouse demo", language="bash")
        st.stop()
    chosen = st.sidebar.selectbox(
        "Published snapshot",
        closings,
        format_func=lambda c: f"{formats.day(c.as_of)} · #{c.snapshot_id}{' · latest' if c == closings[0] else ''}",
        help="Figures come from one published snapshot; a build in progress shows only once it is complete. "
        "Choose an earlier one to see the book as it was then.",
    )
    _rerun_when_newer(closings[0].snapshot_id)
    return chosen


@st.fragment(run_every=LOOK_FOR_NEWER_SECONDS)
def _rerun_when_newer(newest_shown: int) -> None:
    """Draw the page again as soon as a newer snapshot is published; a question of milliseconds."""
    if queries.published()[-1].snapshot_id != newest_shown:
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
    trend: list[float] | None = None,
    note: str | None = None,
) -> None:
    """One number in a box: hover shows the dictionary's words, its mart and as-of; below it, both in short."""
    names = [columns] if isinstance(columns, str) else list(columns)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(label, value, help=words.help_text(mart, *names, as_of=as_of), chart_data=trend, chart_type="area")
        st.caption(f"{note + ' · ' if note else ''}{as_of} · `{mart.split('.')[1]}`")


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


def table(
    frame: pl.DataFrame,
    mart: str,
    labels: dict[str, str],
    written: dict[str, Callable[[Any], str]] | None = None,
    configured: dict[str, Any] | None = None,
    height: int | str = "auto",
) -> None:
    """Rows under readable column names, the dictionary's words as each column's help, sortable by value.

    labels: column -> heading, in order. written: column -> how its values are written, still sorted as numbers.
    configured: column -> a Streamlit column configuration in place of the plain one.
    """
    shown = frame.select(list(labels)).with_columns(pl.selectors.datetime().dt.convert_time_zone("UTC"))
    pandas = shown.with_columns(pl.selectors.decimal().cast(pl.Float64)).to_pandas()
    styler = pandas.style.format({name: _or_absent(write) for name, write in (written or {}).items()})
    config = {name: st.column_config.Column(label, help=_help(mart, name)) for name, label in labels.items()}
    st.dataframe(
        styler, hide_index=True, width="stretch", height=height, column_config={**config, **(configured or {})}
    )


def _help(mart: str, column: str) -> str | None:
    try:
        return words.meaning(mart, column)
    except KeyError:
        return None


def _or_absent(write: Callable[[Any], str]) -> Callable[[Any], str]:
    # pandas hands missing values over as NaN or NaT, which are the only values unequal to themselves.
    return lambda value: formats.ABSENT if value is None or value != value else write(value)
