"""The server: where it listens, what it opens first, how it is set up."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit import config

from ui import app, shelf


def test_a_taken_port_leads_to_the_next_one() -> None:
    with socket.socket() as taken:
        taken.bind((app.ADDRESS, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert app.free_port(port) > port


def test_every_option_is_one_that_streamlit_knows() -> None:
    assert not [
        name for name in app.options(8501) if config.get_option(name) is None and name not in config._config_options
    ]  # type: ignore[operator]


def test_only_this_machine_is_served_and_nothing_is_sent() -> None:
    options = app.options(8501)
    assert options["server.address"] == "127.0.0.1"
    assert options["server.allowedHosts"] == ["localhost", "127.0.0.1"]
    assert options["browser.gatherUsageStats"] is False


def test_the_files_of_the_page_name_no_other_host() -> None:
    folder = Path(app.__file__).parent
    for path in (folder / "viewer").iterdir():
        if path.suffix in {".js", ".css", ".html"}:
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # a name, never fetched
            assert not re.search(r"https?://|//\w+\.\w+/", text), path.name
    assert ":material/" not in re.search(r"set_page_config\(.*\)", (folder / "main.py").read_text())[0]  # type: ignore[index]


def test_the_sample_opens_until_the_user_has_documents(
    bench: shelf.Shelf, facts: Path, make_pdf: Callable[..., Path]
) -> None:
    assert bench.first() == "default"
    bench.place("sample").library.add(make_pdf([["A sample."]], "sample.pdf"))
    assert bench.first() == "sample"
    bench.place("default").library.add(facts)
    assert bench.first() == "default"


def test_a_named_library_opens_first_and_is_listed_first(home: Path, tmp_path: Path) -> None:
    bench = shelf.Shelf(str(tmp_path / "elsewhere"))
    assert bench.first() == bench.names()[0] == str(tmp_path / "elsewhere")


def test_page_addresses_show_no_folder_of_the_user(bench: shelf.Shelf, home: Path) -> None:
    place = bench.place("default")
    assert str(home) not in bench.paper(place, "a" * 64)
    assert bench.by_slug(place.slug) is place


def test_streamlit_still_lets_us_forget_an_upload() -> None:
    from streamlit.runtime import Runtime
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    assert isinstance(Runtime.uploaded_file_mgr, property)
    manager = MemoryUploadedFileManager("/upload")
    manager.add_file("session", UploadedFileRec("file", "a.pdf", "application/pdf", b"x"))
    manager.remove_file("session", "file")
    assert manager.get_files("session", ["file"]) == []


@pytest.mark.parametrize("slug", ["", "nothing"])
def test_an_unknown_library_is_not_found(bench: shelf.Shelf, slug: str) -> None:
    assert bench.by_slug(slug) is None
