"""The dashboards: lists the pages, and nothing else."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

# A picture of our own: a Material icon as page_icon would be fetched from its maker's host.
st.set_page_config(page_title="Lendhouse", page_icon=str(HERE / "icon.svg"), layout="wide")
st.logo(str(HERE / "logo.svg"), size="large")
st.navigation(
    [
        st.Page(HERE / "app_pages" / "portfolio.py", title="Portfolio", icon=":material/monitoring:", default=True),
        st.Page(HERE / "app_pages" / "data_quality.py", title="Data quality", icon=":material/fact_check:"),
    ]
).run()
