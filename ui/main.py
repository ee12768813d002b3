"""The page: what Streamlit runs for every visit. A page is a file in `views/` and a line here.

The folder is not called `pages`: Streamlit would serve that by itself, past this file.
"""

from __future__ import annotations

import streamlit as st

from ui import shelf, theme
from ui.exam import exam_style
from ui.markdown import plain
from ui.report import report_style
from ui.viewer import page_style

# An emoji, for an icon of Google's set would be fetched from their servers.
st.set_page_config(page_title="Footnote", page_icon="📖", layout="wide")
if theme.apply(shelf.current().settings().theme):
    st.rerun()
# Streamlit tells its own container which scheme it draws, but not what it opens over it: dialogs, menus, popovers.
scheme = st.context.theme.type or "light dark"
st.html(f"<style>:root {{ color-scheme: {scheme}; }}\n{page_style()}\n{report_style()}\n{exam_style()}</style>")

pages = [
    st.Page("views/chat.py", title="Chat", icon=":material/forum:", default=True),
    st.Page("views/library.py", title="Library", icon=":material/library_books:"),
    st.Page("views/notes.py", title="Notes", icon=":material/push_pin:"),
    st.Page("views/exam.py", title="Exam", icon=":material/fact_check:"),
    st.Page("views/settings.py", title="Settings", icon=":material/settings:"),
]
report = st.Page("views/report.py", title="How it was read", icon=":material/grid_on:", visibility="hidden")
chosen = st.navigation([*pages, report], position="top")
with st.container(horizontal=True, key="ways"):  # on a phone Streamlit hides its own in the sidebar
    for way in pages:
        st.page_link(way)
problem = shelf.current().settings_problem()
if problem:
    st.warning(plain(f"The settings stay as they were: {problem}"))
chosen.run()
