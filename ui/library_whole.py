"""What can be done with a library as a whole: new, rename, back up, restore, delete; and how such work goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from platformdirs import user_documents_path
from streamlit.runtime.uploaded_file_manager import UploadedFile

from rag import available_libraries
from rag.backup import back_up, default_name
from rag.errors import FootnoteError, InputError, StorageError
from rag.libraries import new_folder
from rag.places import SAMPLE
from rag.restore import read_backup, restore
from rag.sample import ensure_sample
from rag.types import Progress
from ui import dialogs, shelf, sidebar, uploads
from ui.chores import Chore
from ui.dialogs import attempt, open_dialog, opened
from ui.markdown import plain
from ui.words import count_words, size_words

_STATE = st.session_state


def menu(place: shelf.Place) -> None:
    """Offer what can be done with the library; each leads to a dialog."""
    actions = [name for name in _ACTIONS if _is_possible(name, place)]
    st.menu_button(
        "Library",
        actions,
        icon=":material/more_horiz:",
        key="library-menu",
        format_func=lambda name: f"{_ACTIONS[name][0]} {name}",
        on_click=lambda: open_dialog(_STATE["library-menu"]),
    )


def show(place: shelf.Place) -> None:
    """Show the dialog about the library that is open."""
    name, about = opened() or ("", "")
    if name in _ACTIONS and not about:
        body = _ACTIONS[name][1]
        if body is not None and _is_possible(name, place):
            dialogs.show(name, lambda: body(place))


def _is_possible(action: str, place: shelf.Place) -> bool:
    is_sample, is_named = place.key == SAMPLE, place.key in available_libraries()
    if action == "Rebuild the sample":
        return is_sample
    return (is_named and not is_sample) or action not in {"Rename", "Delete"}


def chores(place: shelf.Place) -> None:
    """Show the work on whole libraries that is going on, or is over and was not dismissed."""
    bench = shelf.current()
    if not bench.chores:
        return

    @st.fragment(run_every=0.5 if any(not chore.is_over for chore in bench.chores) else None)
    def watch() -> None:
        states = [(chore.number, chore.is_over) for chore in bench.chores]
        if _STATE.get("chores", states) != states:
            _STATE["chores"] = states
            st.rerun()
        _STATE["chores"] = states
        for chore in list(bench.chores):
            _chore_row(chore)

    with st.container(key="chores"):
        watch()


def _chore_row(chore: Chore) -> None:
    bench = shelf.current()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        if chore.is_over:
            icon = {"done": ":material/check:", "failed": ":material/error:"}.get(chore.state, "")
            st.markdown(f"{icon} :small[{plain(chore.said)}]")
            st.button(
                "",
                icon=":material/close:",
                key=f"dismiss-chore-{chore.number}",
                type="tertiary",
                help="Dismiss",
                on_click=bench.dismiss,
                args=(chore,),
            )
        else:
            st.progress(chore.fraction, f":small[{plain(chore.title)}]")
            st.button(
                "Cancel",
                key=f"cancel-chore-{chore.number}",
                type="tertiary",
                on_click=chore.cancel,
                disabled=chore.is_cancelled(),
            )


def watched(place: shelf.Place) -> None:
    """Say which folder is watched for this library, or why none is."""
    bench = shelf.current()
    watch = bench.watch_of(place)
    if watch is not None:
        slowly = " This disk reports no changes, so it is looked through every few seconds." if watch.is_polling else ""
        st.caption(
            f":material/visibility: {plain(str(watch.folder))} is watched: PDFs that appear there are added, changed "
            f"ones take the place of the older version. What you delete there stays here.{slowly}"
        )
    elif bench.watch_problem is not None:
        st.warning(plain(bench.watch_problem))


# ------------------------------------------------------------------------------------------------- dialogs


def _rename(place: shelf.Place) -> None:
    def work() -> str:
        renamed = shelf.current().rename(place.key, name)
        sidebar.go_to_library(renamed)
        return f"The library is called {renamed} now."

    with st.form("rename-library", border=False):
        name = st.text_input("Name", place.key, max_chars=64)
        st.caption("Letters, digits, spaces, “.”, “_” and “-”. Addresses that name the library change with it.")
        if st.form_submit_button("Rename", type="primary"):
            attempt(work)


def _delete(place: shelf.Place) -> None:
    called, documents = shelf.title(place.key), place.library.documents()
    st.markdown(
        f"**{plain(called)}** with its {count_words(len(documents), 'document')} and all its chats, tags and notes is "
        "deleted for good. Your own files are not touched. A backup can be made first."
    )

    def work() -> str:
        if typed.strip() != called:
            raise InputError(f"Type the library's name, {called}, to delete it.")
        news = f"The library {called} was deleted."
        try:
            shelf.current().delete(place.key)
        except StorageError as exc:
            if place.key in available_libraries():
                raise
            news = str(exc)  # it is gone, but not all of its folder
        sidebar.go_to_library(shelf.current().first())
        return news

    with st.form("delete-library", border=False):
        typed = st.text_input(f"Type **{plain(called)}** to confirm", autocomplete="off")
        if st.form_submit_button("Delete", type="primary", key="delete-library-confirmed"):
            attempt(work)


def _back_up(place: shelf.Place) -> None:
    st.markdown(
        "Everything is written to one file: documents, our copies of their files, chats, notes and tags. You can go on "
        "working meanwhile."
    )

    def work() -> str:
        path = Path(where.strip()).expanduser()
        if not where.strip() or not path.is_absolute():
            raise InputError(f"{where!r} is not enough: give the whole path of the file, from the top of the disk.")
        _begin(f"Backing up {shelf.title(place.key)}", place.key, lambda chore: _backed_up(place, path, chore))
        return ""

    with st.form("back-up", border=False):
        where = st.text_input("File", str(user_documents_path() / default_name(place.library.name)))
        if st.form_submit_button("Back up", type="primary"):
            attempt(work)


def _backed_up(place: shelf.Place, path: Path, chore: Chore) -> str:
    made = back_up(place.library, path, on_progress=chore.report, is_cancelled=chore.is_cancelled)
    lost = f" Our copy was lost before, and is not in it, of: {', '.join(made.missing)}." if made.missing else ""
    return f"Backed up to {made.path} ({size_words(made.path.stat().st_size)}).{lost}"


def _restore(_: shelf.Place) -> None:
    st.markdown("A backup becomes a new library; the libraries that are here stay as they are.")
    file = st.file_uploader("Backup", type="zip", key="backup-file")
    with st.form("restore", border=False):
        where = st.text_input("Or its path on this computer", placeholder=f"for files above {uploads.MAX_MB} MB")
        name = st.text_input("Name of the new library", placeholder="as it was called", max_chars=64)
        if st.form_submit_button("Restore", type="primary"):
            attempt(lambda: _begin_restoring(file, where.strip(), name.strip()))


def _begin_restoring(file: UploadedFile | None, where: str, name: str) -> str:
    """Look at the backup now, so that the dialog can say what is wrong with it; unpack it in a thread."""
    if (file is None) == (not where):
        raise InputError("Choose a backup, or give its path: one of the two.")
    path = Path(where).expanduser() if file is None else uploads.copied(file)
    try:
        backup = read_backup(path)
        target = new_folder(name or backup.library).name
    except FootnoteError:
        if file is not None:
            uploads.forget_copy(path)
        raise

    def work(chore: Chore) -> str:
        try:
            folder = restore(path, target, on_progress=chore.report, is_cancelled=chore.is_cancelled)
        finally:
            if file is not None:
                uploads.forget_copy(path)
        return f"{count_words(backup.n_documents, 'document')} restored. Choose the library {folder.name} to see them."

    _begin(f"Restoring {target}", target, work)
    return ""


def _rebuild(place: shelf.Place) -> None:
    st.markdown("The sample document is removed and added anew. Chats about it stay.")

    def work() -> str:
        _begin("Rebuilding the sample", place.key, lambda chore: _rebuilt(place, chore))
        return ""

    if st.button("Rebuild", type="primary", key="rebuild-confirmed"):
        attempt(work)


def _rebuilt(place: shelf.Place, chore: Chore) -> str:
    for document in place.library.documents():
        place.library.remove(document.id)
    settings = shelf.current().settings()

    def note(progress: Progress) -> None:
        begins, share = {"copy": (0.0, 0.05), "read": (0.05, 0.4), "index": (0.45, 0.05), "encode": (0.5, 0.5)}[
            progress.stage
        ]
        chore.report(int(1000 * (begins + share * progress.done / max(progress.total, 1))), 1000)

    ensure_sample(
        encoder_name=settings.encoder, device=settings.device, n_threads=settings.threads or None, on_progress=note
    )
    return "The sample is as it was at the beginning."


def _begin(title: str, library: str, work: Callable[[Chore], str]) -> None:
    shelf.current().chores.append(Chore(title, library, work))


_ACTIONS: dict[str, tuple[str, Callable[[shelf.Place], None] | None]] = {
    sidebar.NEW_LIBRARY: (":material/add:", None),  # the sidebar shows it, on every page
    "Rename": (":material/edit:", _rename),
    "Back up": (":material/archive:", _back_up),
    "Restore a backup": (":material/unarchive:", _restore),
    "Rebuild the sample": (":material/refresh:", _rebuild),
    "Delete": (":material/delete:", _delete),
}
