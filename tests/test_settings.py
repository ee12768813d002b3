"""What can be set, where it comes from, and what is refused; the user's file is changed and never damaged."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from rag import setting_file
from rag.errors import InputError, StorageError
from rag.setting_file import LiveSettings, change, change_all, fixed_by, unset
from rag.settings import OPTIONS, Settings, known, load_settings, shown, sources, users_file


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a file, and a home of its own."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name in OPTIONS:
        monkeypatch.delenv(f"FOOTNOTE_{name.upper()}", raising=False)
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "work"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# ---------------------------------------------------------------------------------------------------- reading


def test_the_environment_beats_the_working_folder_beats_the_users_file_beats_the_default(somewhere_else: Path) -> None:
    write(users_file(), 'library = "mine"\nthreads = 2\nlength = "detailed"\n')
    write(somewhere_else / "footnote.toml", 'library = "books"\nthreads = 3\n')
    found = known({"FOOTNOTE_THREADS": "5", "FOOTNOTE_HOME": str(users_file().parent)})
    settings = found.settings
    assert (settings.threads, settings.library, settings.length, settings.device) == (5, "books", "detailed", "auto")
    assert found.sources["threads"] == "environment"
    assert found.sources["library"] == str(somewhere_else / "footnote.toml")
    assert found.sources["length"] == str(users_file())
    assert found.sources["device"] == "default"


def test_the_users_file_lies_in_footnotes_home_or_else_in_the_configuration_folder(tmp_path: Path) -> None:
    assert users_file() == tmp_path / "home" / "footnote.toml"
    assert users_file({}).name == "footnote.toml"
    assert users_file({}).parent.name == "footnote"


def test_every_setting_can_come_from_the_environment_and_from_a_file_and_is_described() -> None:
    values = {
        "library": "books", "model": "none", "server": "http://localhost:1/v1", "server_model": "m", "server_key": "k",
        "grounded": "off", "compare": "no", "length": "succinct", "threshold": "0.5", "theme": "dark", "watch": "/tmp",
        "ocr": "eng+deu", "encoder": "e", "device": "cuda:1", "threads": "3", "port": "9000",
        "strict": "on", "style": "as a pirate", "compare_left": "extractive", "compare_right": "other",
        "other_model": "built-in",
        "reranker": "r", "rerank": "20", "rerank_seconds": "0.5", "reader": "off", "adapter": "off", "checker": "off",
    }  # fmt: skip
    assert set(values) == set(OPTIONS)
    settings = load_settings({f"FOOTNOTE_{name.upper()}": value for name, value in values.items()})
    for name, option in OPTIONS.items():
        assert getattr(settings, name) != option.default, name
        assert type(getattr(settings, name)) is type(option.default), name
        assert len(option.does.split()) >= 3
    write(users_file(), "".join(f'{name} = "{value}"\n' for name, value in values.items()))
    assert load_settings() == settings


@pytest.mark.parametrize("word", ["true", "1", "yes", "on", "TRUE", " On "])
def test_a_switch_is_on_by_any_of_these_words(word: str) -> None:
    assert load_settings({"FOOTNOTE_GROUNDED": word}).grounded is True


@pytest.mark.parametrize("word", ["false", "0", "no", "off", "False"])
def test_a_switch_is_off_by_any_of_these_words(word: str) -> None:
    assert load_settings({"FOOTNOTE_GROUNDED": word}).grounded is False


@pytest.mark.parametrize("word", ["", "maybe", "2", "tru"])
def test_a_switch_is_nothing_by_any_other_word(word: str) -> None:
    with pytest.raises(InputError, match=r"grounded cannot be .*true or false.*FOOTNOTE_GROUNDED"):
        load_settings({"FOOTNOTE_GROUNDED": word})


def test_a_misspelt_setting_is_an_error_that_names_the_file_and_what_is_known(somewhere_else: Path) -> None:
    write(somewhere_else / "footnote.toml", "thread = 3\n")
    with pytest.raises(InputError, match=r"footnote\.toml sets 'thread'.*threads"):
        load_settings({})


@pytest.mark.parametrize("value", ["many", "", "1.5"])
def test_a_number_that_is_none_is_an_error(value: str) -> None:
    with pytest.raises(InputError, match=r"threads cannot be .*a whole number is needed, 0 to 1024"):
        load_settings({"FOOTNOTE_THREADS": value})


@pytest.mark.parametrize("text", ["threads =", "threads = 1\nthreads = 2"])
def test_a_file_that_is_no_toml_is_an_error(somewhere_else: Path, text: str) -> None:
    write(somewhere_else / "footnote.toml", text)
    with pytest.raises(InputError, match="cannot be read"):
        load_settings({})


@pytest.mark.parametrize("text", ["encoder = ['a']", "[encoder]\nname = 'a'"])
def test_a_list_or_a_table_is_no_value(somewhere_else: Path, text: str) -> None:
    write(somewhere_else / "footnote.toml", text)
    with pytest.raises(InputError, match=r"encoder cannot be a list.*footnote\.toml"):
        load_settings({})


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:1", "mps"])
def test_a_device_that_exists_is_taken(device: str) -> None:
    assert load_settings({"FOOTNOTE_DEVICE": device}).device == device


@pytest.mark.parametrize("device", ["foo", "", "cuda:", "cuda:x", "gpu", "CUDA"])
def test_any_other_device_is_an_error_that_says_which_there_are(device: str) -> None:
    with pytest.raises(InputError, match=r"device cannot be .*auto, cpu, cuda"):
        load_settings({"FOOTNOTE_DEVICE": device})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"), ("PORT", "65536"), ("THREADS", "-1"), ("THREADS", "9999"),
        ("THRESHOLD", "0.96"), ("THRESHOLD", "-0.1"), ("THRESHOLD", "nan"), ("THRESHOLD", "inf"),
    ],
)  # fmt: skip
def test_a_number_out_of_its_range_is_an_error(name: str, value: str) -> None:
    with pytest.raises(InputError, match="it can be"):
        load_settings({f"FOOTNOTE_{name}": value})


@pytest.mark.parametrize(("name", "value"), [("LENGTH", "long"), ("THEME", "blue"), ("THEME", "")])
def test_a_word_that_is_no_choice_is_an_error_that_lists_the_choices(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"{name.lower()} cannot be .* or "):
        load_settings({f"FOOTNOTE_{name}": value})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("  http://[::1]:8000/v1 ", "http://[::1]:8000/v1"),
        ("", ""),
    ],
)
def test_a_servers_address_is_taken_without_its_last_slash(given: str, kept: str) -> None:
    assert load_settings({"FOOTNOTE_SERVER": given}).server == kept


@pytest.mark.parametrize(
    "address",
    [
        "localhost:11434/v1", "ftp://host/v1", "http://", "http:///v1", "file:///etc/passwd", "http://host:99999",
        "http://ho st/v1", "http://host/v1?key=1", "http://host/#a", "javascript:alert(1)", "http://[::1/v1",
        "http://name:word@host/v1",
    ],
)  # fmt: skip
def test_what_is_no_servers_address_is_an_error(address: str) -> None:
    with pytest.raises(InputError, match="server cannot"):
        load_settings({"FOOTNOTE_SERVER": address})


def test_a_key_is_never_shown_nor_said() -> None:
    settings = load_settings({"FOOTNOTE_SERVER_KEY": "sk-hidden"})
    assert settings.server_key == "sk-hidden"
    assert shown(settings, "server_key") == "•••"
    assert "sk-hidden" not in repr(settings)
    assert shown(Settings(), "server_key") == ""
    with pytest.raises(InputError) as caught:
        load_settings({"FOOTNOTE_SERVER_KEY": "sk-hidden\nX-Other: 1"})
    assert "sk-hidden" not in str(caught.value)


def test_the_users_key_and_model_are_not_for_a_server_that_the_working_folder_names(somewhere_else: Path) -> None:
    write(users_file(), 'server = "https://mine.example/v1"\nserver_model = "m"\nserver_key = "sk-mine"\n')
    write(somewhere_else / "footnote.toml", 'server = "https://theirs.example/v1"\n')
    found = known()
    assert found.settings.server == "https://theirs.example/v1"
    assert (found.settings.server_key, found.settings.server_model) == ("", "")
    assert (found.sources["server_key"], found.sources["server_model"]) == ("default", "default")
    write(somewhere_else / "footnote.toml", 'server = "https://theirs.example/v1"\nserver_key = "sk-theirs"\n')
    assert load_settings().server_key == "sk-theirs"


def test_no_files_key_is_for_a_server_that_the_environment_names(
    somewhere_else: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(users_file(), 'server = "https://mine.example/v1"\nserver_key = "sk-mine"\n')
    write(somewhere_else / "footnote.toml", 'server_model = "m"\n')
    monkeypatch.setenv("FOOTNOTE_SERVER", "https://other.example/v1")
    settings = load_settings()
    assert (settings.server_key, settings.server_model) == ("", "")
    monkeypatch.setenv("FOOTNOTE_SERVER_KEY", "sk-other")
    assert load_settings().server_key == "sk-other"


def test_a_stronger_source_may_give_the_key_of_a_server(somewhere_else: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(somewhere_else / "footnote.toml", 'server = "https://theirs.example/v1"\n')
    monkeypatch.setenv("FOOTNOTE_SERVER_KEY", "sk-given")
    assert load_settings().server_key == "sk-given"


def test_a_key_that_would_not_be_taken_is_not_kept_either(somewhere_else: Path) -> None:
    write(somewhere_else / "footnote.toml", 'server = "https://theirs.example/v1"\n')
    assert "to be set where the server is" in str(fixed_by(known(), "server_key"))
    with pytest.raises(InputError, match=r"server_key cannot be changed here: .*footnote\.toml"):
        change("server_key", "sk-mine")
    assert not users_file().exists()


# ---------------------------------------------------------------------------------------------------- writing


def test_a_change_is_kept_and_comments_and_order_stay() -> None:
    write(users_file(), "# mine\nthreads = 2  # two\n\nport = 9000\n")
    settings = change("threads", 4)
    change("length", "detailed")
    assert settings.threads == 4
    assert users_file().read_text() == '# mine\nthreads = 4  # two\n\nport = 9000\nlength = "detailed"\n'
    assert load_settings().length == "detailed"


def test_a_value_set_back_to_its_default_leaves_the_file() -> None:
    write(users_file(), "# mine\nthreads = 2\nport = 9000\n")
    change("threads", 0)
    assert "threads" not in users_file().read_text()
    assert unset("port").port == 8501
    assert users_file().read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [("threads", "4", 4), ("grounded", "off", False), ("threshold", "0.35", 0.35), ("server_key", " k ", "k")],
)
def test_what_is_typed_becomes_the_kind_that_the_setting_has(name: str, value: str, kept: object) -> None:
    assert getattr(change(name, value), name) == kept
    assert getattr(load_settings(), name) == kept


def test_a_change_that_is_refused_changes_nothing() -> None:
    write(users_file(), "threads = 2\n")
    for name, value in (("threads", "many"), ("thread", 1), ("server", "nowhere")):
        with pytest.raises(InputError):
            change(name, value)
    with pytest.raises(InputError, match="There is no setting 'nothing'"):
        unset("nothing")
    with pytest.raises(InputError):
        change_all({"threads": 3, "device": "abacus"})
    assert users_file().read_text() == "threads = 2\n"


def test_what_the_environment_fixes_cannot_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_THREADS", "3")
    with pytest.raises(InputError, match=r"threads cannot be changed here: it is set by the environment \(FOOTNOTE_T"):
        change("threads", 4)
    assert not users_file().exists()
    assert load_settings().threads == 3


def test_what_the_working_folder_fixes_cannot_be_changed(somewhere_else: Path) -> None:
    write(somewhere_else / "footnote.toml", "threads = 3\n")
    with pytest.raises(InputError, match=r"it is set in .*footnote\.toml, the file of the working folder"):
        unset("threads")
    assert change("port", 9000).port == 9000
    assert (somewhere_else / "footnote.toml").read_text() == "threads = 3\n"


def test_in_footnotes_home_itself_the_file_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    change("threads", 3)
    monkeypatch.chdir(users_file().parent)
    assert fixed_by(known(), "threads") is None
    assert change("threads", 4).threads == 4


def test_key_and_model_go_with_their_server_but_stay_while_its_host_does() -> None:
    change("server_key", "k")
    change_all({"server": "https://one.example/v1", "server_model": "m"})
    assert change("server", "https://one.example/api").server_key == "k"
    settings = change("server", "https://two.example/v1")
    assert (settings.server_key, settings.server_model) == ("", "")
    assert change_all({"server": "https://one.example/v1", "server_key": "k"}).server_key == "k"
    assert change("server", "").server_key == ""


def test_a_watched_folder_must_exist_and_is_kept_whole(somewhere_else: Path) -> None:
    (somewhere_else / "papers").mkdir()
    assert change("watch", "papers").watch == str(somewhere_else / "papers")
    with pytest.raises(InputError, match="there is no folder"):
        change("watch", "nowhere")
    assert change("watch", "").watch == ""


def test_the_file_is_read_by_its_owner_alone() -> None:
    change("server_key", "k")
    assert users_file().stat().st_mode & 0o077 == 0
    assert {path.name for path in users_file().parent.iterdir()} == {"footnote.toml", ".footnote.toml.lock"}


def test_a_linked_file_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path / "dotfiles" / "footnote.toml", "threads = 2\n")
    users_file().parent.mkdir(parents=True)
    users_file().symlink_to(tmp_path / "dotfiles" / "footnote.toml")
    change("threads", 4)
    assert users_file().is_symlink()
    assert (tmp_path / "dotfiles" / "footnote.toml").read_text() == "threads = 4\n"


def test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    write(users_file(), "threads = 2\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"footnote\.toml cannot be written: .*No space left"):
        change("threads", 4)
    assert users_file().read_text() == "threads = 2\n"
    assert [path.name for path in users_file().parent.iterdir() if path.suffix != ".lock"] == ["footnote.toml"]


def test_changes_from_many_threads_are_all_kept() -> None:
    names = {"threads": 4, "port": 9000, "length": "detailed", "theme": "dark", "threshold": 0.3, "compare": False}
    threads = [threading.Thread(target=change, args=item) for item in names.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settings = load_settings()
    assert {name: getattr(settings, name) for name in names} == names


# ------------------------------------------------------------------------------------------------------- live


def test_live_settings_notice_what_is_changed_by_hand_and_by_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveSettings()
    assert live.now().settings.threads == 0
    write(users_file(), "threads = 2\n")
    assert live.now().settings.threads == 2
    change("threads", 4)
    assert live.now().settings.threads == 4
    monkeypatch.setenv("FOOTNOTE_THREADS", "6")
    assert live.now().settings.threads == 6
    users_file().unlink()
    monkeypatch.delenv("FOOTNOTE_THREADS")
    assert live.now().settings == Settings()


def test_live_settings_read_nothing_again_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveSettings()
    live.now()
    monkeypatch.setattr(setting_file, "known", lambda: pytest.fail("read again"))
    assert live.now().settings == Settings()


def test_live_settings_stay_as_they_were_while_the_file_is_broken_and_say_why() -> None:
    live = LiveSettings()
    write(users_file(), "threads = 2\n")
    assert live.now().settings.threads == 2
    write(users_file(), "threads = many\n")
    assert live.now().settings.threads == 2
    assert "footnote.toml cannot be read" in str(live.problem)
    write(users_file(), "threads = 3\n")
    assert live.now().settings.threads == 3
    assert live.problem is None


def test_sources_name_the_file_that_a_value_stands_in() -> None:
    change("threads", 4)
    assert sources()["threads"] == str(users_file())
    assert sources({})["threads"] == "default"


@pytest.mark.parametrize("text", ["eng", "eng+deu", "chi_sim", "script/Cyrillic", "none"])
def test_languages_of_scanned_pages_are_named_as_tesseract_does(text: str) -> None:
    assert load_settings({"FOOTNOTE_OCR": text}).ocr == text


@pytest.mark.parametrize("text", ["", "eng,deu", "eng deu", "-l eng", "+eng", "../eng"])
def test_what_cannot_be_a_language_of_tesseract_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InputError, match=r"ocr cannot be .*eng\+deu.*tesseract --list-langs"):
        load_settings({"FOOTNOTE_OCR": text})
