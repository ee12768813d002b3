"""Library: what can be asked. Drop files in, watch them being read; find, open, tag, replace or remove them."""

from __future__ import annotations

import streamlit as st

from ui import dialogs, library_dialogs, library_list, library_whole, shelf, sidebar
from ui.drop import drop_zone
from ui.library_rows import row
from ui.markdown import plain
from ui.progress import progress
from ui.strips import add_strips
from ui.words import library_line


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    place.uploads.settle()
    dialogs.news()
    documents = place.library.documents()
    library_dialogs.show(place, documents)
    library_whole.show(place)
    with st.container(key="library"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, key="library-head"):
            st.title("Library")
            library_whole.menu(place)
        st.caption(plain(f"{shelf.title(place.key)} · {library_line(documents)}"))
        drop_zone(place)
        library_whole.watched(place)
        library_whole.chores(place)
        progress(place, listed={document.name for document in documents})
        tags = place.library.tags.by_document()
        wish = library_list.ask_wish(len(documents), place.library.tags.counts())
        found = library_list.chosen(documents, tags, wish)
        if len(found) < len(documents):
            st.caption(library_list.found_words(len(found), len(documents)))
        listed = library_list.page_of_list(found)
        add_strips(place.strips, place.library, listed)
        for document in listed:
            row(place, document, tags.get(document.key, ()))


page()
