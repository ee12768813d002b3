"""What can be done with one document, each in a dialog: rename, tag, replace, read again, download, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from rag.index.tags import MAX_LENGTH
from rag.types import Document
from ui import dialogs, uploads
from ui.dialogs import attempt, close
from ui.markdown import plain
from ui.shelf import Place
from ui.words import shortened, size_words

REPORT = "How it was read"


def show(place: Place, documents: Sequence[Document]) -> None:
    """Show the dialog about a document that is open; one about a document that is gone closes."""
    name, about = dialogs.opened() or ("", "")
    document = next((document for document in documents if document.id == about), None)
    if name not in ACTIONS or not about:
        return
    if document is None:
        close()
        return
    _, body = ACTIONS[name]
    if name == REPORT:  # a page of its own
        body(place, document)
    heading = name if name == "Tags" else f"{name} {plain(shortened(document.name, 60))}"
    dialogs.show("Download" if name.startswith("Download") else heading, lambda: body(place, document))


def rename(place: Place, document: Document) -> None:
    """Ask for another name."""

    def work() -> str:
        renamed = place.library.rename(document.id, name)
        return f"{document.name} is called {renamed.name} now." if renamed.name != document.name else ""

    with st.form("rename", border=False):
        name = st.text_input("Name", document.name, max_chars=190, key=f"name-{document.id}")
        st.caption("Answers that cite it keep the name that it had.")
        if st.form_submit_button("Rename", type="primary"):
            attempt(work)


def tags(place: Place, document: Document) -> None:
    """Let the user choose a document's tags, or make new ones."""
    held = place.library.tags.of(document)

    def work() -> str:
        place.library.tags.put(document, chosen)
        return ""

    with st.form("tags", border=False):
        chosen = st.multiselect(
            f"Tags of {plain(document.name)}",
            list(dict.fromkeys([*held, *place.library.tags.counts()])),
            default=list(held),
            accept_new_options=True,
            placeholder="Choose a tag, or type a new one",
            key=f"tags-{document.id}",
        )
        st.caption(f"A tag has at most {MAX_LENGTH} characters. Documents can be filtered, and asked, by their tags.")
        if st.form_submit_button("Save", type="primary"):
            attempt(work)


def replace(place: Place, document: Document) -> None:
    """Take a newer version of the file."""
    st.markdown(
        "The new version takes this one's name and tags. This one stays until the new one can be searched; then its "
        "text, vectors and our copy are deleted, and answers that cite it say “older version”."
    )
    file = st.file_uploader("The new version", type="pdf", key=f"newer-{document.id}")

    def work() -> str:
        if file is not None:
            uploads.take_newer(file, place.uploads, document.id)
        return ""

    if st.button("Replace", type="primary", disabled=file is None, key="replace-confirmed"):
        attempt(work)


def read_again(place: Place, document: Document) -> None:
    """Read a document once more, once that is confirmed."""
    st.markdown(
        "The document is read anew from our copy: worth it after tesseract was installed, or the language of OCR or "
        "Footnote itself changed. It can be asked meanwhile."
    )

    def work() -> str:
        place.uploads.retry(document.name, None)
        return ""

    if st.button("Read again", type="primary", key="reread-confirmed"):
        attempt(work)


def download(place: Place, document: Document) -> None:
    """Hand out our copy; it is read when the button is clicked."""
    path = place.library.file(document)
    if not path.is_file():
        st.error(plain(f"Our copy of {document.name} is missing. Add the file again, and it is copied anew."))
        return
    st.markdown("Our copy is the file as you added it, without its password if it had one.")
    st.download_button(
        f"Download ({size_words(path.stat().st_size)})",
        path.read_bytes,
        document.name,
        "application/pdf",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        key="download-confirmed",
    )


def remove(place: Place, document: Document) -> None:
    """Remove a document once that is confirmed."""
    st.markdown(
        "Its pages, passages, vectors and our copy of the file are deleted; your own file is not touched. "
        "Passages of it that chats and notes show stay in them until they are deleted."
    )

    def work() -> str:
        place.library.remove(document.id)
        return f"{document.name} was removed."

    with st.container(horizontal=True, horizontal_alignment="right", key="confirm"):
        if st.button("Cancel", key="remove-cancelled"):
            close()
            st.rerun()
        if st.button("Remove", key="remove-confirmed", type="primary"):
            attempt(work)


def read(place: Place, document: Document) -> None:
    """Leave for the page that shows how a document was read."""
    close()
    st.switch_page("views/report.py", query_params={"library": place.key, "doc": document.id})


ACTIONS: dict[str, tuple[str, Callable[[Place, Document], None]]] = {
    REPORT: (":material/grid_on:", read),
    "Rename": (":material/edit:", rename),
    "Tags": (":material/sell:", tags),
    "Replace": (":material/sync:", replace),
    "Read again": (":material/refresh:", read_again),
    "Download our copy": (":material/download:", download),
    "Remove": (":material/delete:", remove),
}
