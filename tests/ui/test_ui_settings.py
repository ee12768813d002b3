"""The Settings page: what it shows is what is set, a change is saved at once, and it counts at once where it can."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.testing.v1 import AppTest

import ui
from rag.answer.language import ModelChoice, Speed, language_model
from rag.disk import kept
from rag.errors import ModelError
from rag.setting_file import change, change_all
from rag.settings import OPTIONS, load_settings, model_choice, users_file
from tests.ui.patience import new_page
from tests.ui.served import chromium, serving
from ui import shelf, theme
from ui.errand import Errand
from ui.model_section import speed_html

MAIN = Path(ui.__file__).parent / "main.py"


@pytest.fixture(autouse=True)
def nothing_set(bench: shelf.Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting but those that the test makes; afterwards the look of a fresh start."""
    for name in OPTIONS:
        monkeypatch.delenv(f"FOOTNOTE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    theme.apply("system")


def opened() -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=180)
    app.query_params["library"] = "default"
    app.run()
    return checked(app.switch_page("views/settings.py").run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def chosen(app: AppTest, key: str, value: str) -> AppTest:
    """Click one of the values that stand side by side."""
    app.button_group(key=key).set_value(value).run()
    return checked(app)


def typed(app: AppTest, name: str, text: str) -> AppTest:
    app.text_input(key=f"setting-{name}").set_value(text).run()
    return checked(app)


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html") if "<style>" not in element.proto.body)


def said(app: AppTest) -> str:
    """All that the page says, without the backslashes that keep markdown from reading it."""
    parts = [*app.caption, *app.info, *app.error, *app.warning, *app.markdown, *app.toast]
    return "\n".join(str(part.value) for part in parts).replace("\\", "").replace("\u2060", "")


def until(app: AppTest, condition: Callable[[AppTest], bool], timeout_s: float = 180) -> AppTest:
    end = time.monotonic() + timeout_s
    while not condition(app):
        assert time.monotonic() < end, said(app)
        time.sleep(0.2)
        checked(app.run())
    return app


# --------------------------------------------------------------------------------------------------- changing


def test_a_change_is_saved_at_once_said_and_in_force(bench: shelf.Shelf) -> None:
    app = chosen(opened(), "setting-length", "detailed")
    assert [toast.value for toast in app.toast] == ["Saved."]
    assert load_settings().length == bench.settings().length == "detailed"
    app.toggle(key="setting-grounded").set_value(False).run()
    app.slider(key="setting-threshold").set_value(0.35).run()
    checked(app)
    settings = bench.settings()
    assert (settings.grounded, settings.threshold, settings.compare) == (False, 0.35, True)
    assert not checked(app.run()).toast


def test_what_counts_only_after_a_restart_says_so() -> None:
    app = opened()
    app.number_input(key="setting-threads").set_value(3).run()
    assert "next start" in checked(app).toast[0].value
    assert load_settings().threads == 3


def test_the_page_shows_what_was_changed_elsewhere() -> None:
    app = opened()
    change("length", "succinct")
    change("threshold", 0.5)
    checked(app.run())
    assert app.button_group(key="setting-length").value == "succinct"
    assert app.slider(key="setting-threshold").value == 0.5


def test_what_the_environment_fixes_is_shown_but_cannot_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_THREADS", "3")
    app = opened()
    assert app.number_input(key="setting-threads").disabled
    assert app.number_input(key="setting-threads").value == 3
    assert "set by the environment (FOOTNOTE_THREADS), and cannot be changed here" in said(app)
    assert not app.slider(key="setting-threshold").disabled


def test_a_folder_to_watch_that_does_not_exist_is_refused_below_its_field(tmp_path: Path) -> None:
    app = typed(opened(), "watch", str(tmp_path / "nowhere"))
    assert "there is no folder" in said(app)
    assert app.text_input(key="setting-watch").value == str(tmp_path / "nowhere")
    assert load_settings().watch == ""
    (tmp_path / "papers").mkdir()
    app = typed(app, "watch", str(tmp_path / "papers"))
    assert "there is no folder" not in said(app)
    assert load_settings().watch == str(tmp_path / "papers")


def test_settings_that_cannot_be_read_stay_as_they_were_and_every_page_says_why(bench: shelf.Shelf) -> None:
    change("length", "detailed")
    app = opened()
    users_file().write_text("length = oops", encoding="utf-8")
    checked(app.run())
    assert "The settings stay as they were" in said(app)
    assert "footnote.toml cannot be read" in said(app)
    assert bench.settings().length == "detailed"
    chosen(app, "setting-length", "succinct")
    assert "cannot be read" in said(app)
    assert users_file().read_text(encoding="utf-8") == "length = oops"


# ------------------------------------------------------------------------------------------------- the model


def test_a_server_is_asked_only_once_its_address_is_given_and_the_page_says_what_leaves() -> None:
    app = chosen(opened(), "model-kind", "server")
    assert load_settings().server == ""
    app = typed(app, "server", "localhost:11434")
    assert "server cannot be 'localhost:11434'" in said(app)
    assert app.text_input(key="setting-server").value == "localhost:11434"
    app = typed(app, "server", "https://api.example.com/v1/")
    assert "leave this computer: they are sent to https://api.example.com/v1." in said(app)
    assert load_settings().server == "https://api.example.com/v1"
    app = typed(app, "server", "http://127.0.0.1:11434/v1")
    assert "a server on this computer" in said(app)


def test_a_key_is_kept_and_never_sent_to_the_browser() -> None:
    change("server", "https://api.example.com/v1")
    app = typed(opened(), "server_key", "sk-hidden")
    assert load_settings().server_key == "sk-hidden"
    assert "sk-hidden" not in str(app.main)
    field = app.text_input(key="setting-server_key")
    assert (field.value, "•••" in field.proto.placeholder) == ("", True)
    app.button(key="forget-server_key").click().run()
    assert load_settings().server_key == ""
    assert "•••" not in checked(app).text_input(key="setting-server_key").proto.placeholder


def test_another_model_replaces_the_server_whose_key_comes_back_with_it_alone() -> None:
    change_all({"server": "https://api.example.com/v1", "server_model": "m", "server_key": "sk-hidden"})
    app = chosen(opened(), "model-kind", "local")
    assert load_settings().server == "https://api.example.com/v1"
    app = typed(app, "model", "Qwen/Qwen3-0.6B")
    settings = load_settings()
    assert (settings.model, settings.server, settings.server_key) == ("Qwen/Qwen3-0.6B", "", "")
    chosen(app, "model-kind", "server")
    assert model_choice(load_settings()) == ModelChoice(
        "Qwen/Qwen3-0.6B", "https://api.example.com/v1", "m", "sk-hidden"
    )
    chosen(app, "model-kind", "local")
    assert load_settings().server == ""


@pytest.mark.parametrize(("kind", "model"), [("none", "none"), ("built-in", "")])
def test_built_in_and_none_need_nothing_more(kind: str, model: str) -> None:
    change("model", "some/model")
    app = chosen(opened(), "model-kind", kind)
    assert load_settings().model == model
    assert app.button_group(key="model-kind").value == kind
    assert any(button.label == "Try it" for button in app.button) == (kind != "none")


def test_a_model_that_the_environment_fixes_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_MODEL", "some/model")
    app = chosen(opened(), "model-kind", "none")
    assert "model cannot be changed here" in said(app)
    assert app.button_group(key="model-kind").value == "local"
    assert app.text_input(key="setting-model").value == "some/model"
    assert app.text_input(key="setting-model").disabled


def test_a_server_that_does_not_answer_is_told_with_its_address() -> None:
    change("server", "http://127.0.0.1:9/v1")
    app = opened()
    next(button for button in app.button if button.label == "Try it").click().run()
    until(app, lambda app: bool(app.error))
    assert "http://127.0.0.1:9" in said(app)


@pytest.mark.models
@pytest.mark.slow
def test_the_built_in_model_says_something_and_how_quick_it_was() -> None:
    change("threads", 1)
    app = opened()
    next(button for button in app.button if button.label == "Try it").click().run()
    until(app, lambda app: "fn-trial" in html(app) or bool(app.error))
    assert "tokens a second" in html(app), said(app)


def test_what_a_model_says_is_shown_as_it_is() -> None:
    shown = speed_html(Speed(0.5, 12.345, "<img src=x> & so on"))
    assert "&lt;img src=x&gt; &amp; so on" in shown
    assert "12.3 tokens a second" in shown


def test_a_changed_model_gives_its_memory_back(bench: shelf.Shelf) -> None:
    before = language_model(model_choice(bench.settings()))
    assert language_model(model_choice(bench.settings())) is before
    change("model", "some/model")
    now = bench.settings()
    change("model", "")
    assert now.model == "some/model"
    assert language_model(model_choice(bench.settings())) is not before


# ---------------------------------------------------------------------------------------- what waits for a start


@pytest.fixture
def real(home: Path) -> Iterator[shelf.Shelf]:
    """A shelf that opens its libraries by the settings."""
    real = shelf.Shelf()
    yield real
    real.close()


def test_what_waits_for_the_next_start_counts_for_nothing_before(real: shelf.Shelf) -> None:
    change_all({"threads": 1, "device": "cpu"})
    first = real.place("one").library
    change_all({"threads": 3, "device": "cuda:7", "encoder": "/nowhere", "watch": "", "port": 9000})
    settings = real.settings()
    assert (settings.threads, settings.device, settings.encoder, settings.port) == (1, "cpu", "", 8501)
    assert real.known_settings().settings.threads == 3, "the page shows what is set"
    second = real.place("two").library
    assert first.model == second.model == ModelChoice(device="cpu", n_threads=1)
    assert second._parts.encoder.id == first._parts.encoder.id


def test_another_model_counts_at_once_with_the_threads_and_device_of_the_start(real: shelf.Shelf) -> None:
    change("threads", 1)
    first = real.place("one").library
    change_all({"threads": 3, "model": "some/model"})
    real.settings()
    assert first.model == real.place("two").library.model == ModelChoice("some/model", n_threads=1)


def test_a_library_is_opened_by_the_last_good_settings_while_the_file_is_broken(real: shelf.Shelf) -> None:
    change_all({"threads": 1, "model": "none"})
    real.settings()
    users_file().write_text("threads = many", encoding="utf-8")
    assert real.place("one").library.model == ModelChoice("none", n_threads=1)
    assert "cannot be read" in str(real.settings_problem())


# -------------------------------------------------------------------------------------------------- the look


def sent_theme() -> tuple[CustomThemeConfig, CustomThemeConfig]:
    """What Streamlit sends to the page with each run: the theme of all, and its section for the light."""
    whole, light = CustomThemeConfig(), CustomThemeConfig()
    app_session._populate_theme_msg(whole)
    app_session._populate_theme_msg(light, "theme.light")
    return whole, light


def test_a_look_is_sent_to_the_page_from_the_next_run_on_and_taken_back() -> None:
    app = chosen(opened(), "setting-theme", "dark")
    whole, light = sent_theme()
    assert (whole.base, whole.background_color, light.background_color) == (CustomThemeConfig.DARK, "#1a1917", "")
    chosen(app, "setting-theme", "system")
    whole, light = sent_theme()
    assert (whole.background_color, light.background_color) == ("", "#fdfcf9")


@pytest.mark.browser
@pytest.mark.models
@pytest.mark.slow
def test_a_look_is_taken_up_by_the_open_page_at_once(home: Path) -> None:
    paper = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    with serving(home) as address, chromium() as browser:
        page = new_page(browser, color_scheme="light")
        page.goto(f"{address}/settings")
        for look, colour in (("Dark", "rgb(26, 25, 23)"), ("Like the computer", "rgb(253, 252, 249)")):
            page.get_by_role("radio", name=look).click()
            page.wait_for_function(f"{paper} === '{colour}'")


@pytest.mark.parametrize("wanted", ["system", "light", "dark"])
def test_every_option_of_a_look_is_one_that_streamlit_knows(wanted: str) -> None:
    assert set(theme.theme_options(wanted)) <= set(config._config_options_template)
    theme.apply(wanted)
    assert not theme.apply(wanted)


# --------------------------------------------------------------------------------------- stored, and check-up


def test_what_is_stored_is_told_with_its_size(bench: shelf.Shelf, facts: Path, home: Path) -> None:
    bench.place("default").library.add(facts)
    change("threads", 1)
    found = {item.what: item for item in kept()}
    assert found["library default"].path == home / "libraries" / "default"
    assert found["library default"].n_bytes > facts.stat().st_size
    assert found["settings"].n_bytes == users_file().stat().st_size
    assert found["built-in models"].n_bytes > 1_000_000
    app = AppTest.from_file(str(MAIN), default_timeout=180)
    app.session_state["storage-box"] = True
    app.run()
    until(app.switch_page("views/settings.py").run(), lambda app: "library default" in html(app))
    assert str(home / "libraries" / "default") in html(app)


# ------------------------------------------------------------------------------------------------ the errand


def ended(errand: Errand[str]) -> Errand[str]:
    end = time.monotonic() + 180
    while not errand.is_over:
        assert time.monotonic() < end, "it did not end in time"
        time.sleep(0.01)
    return errand


def test_an_errand_holds_nobody_up_and_tells_its_result() -> None:
    gate = threading.Event()

    def work() -> str:
        assert gate.wait(180)
        return "done"

    errand = Errand(work)
    assert not errand.is_over
    gate.set()
    assert (ended(errand).result, errand.error) == ("done", None)


@pytest.mark.parametrize(
    ("exc", "told"), [(ModelError("There is no model."), "There is no model."), (ZeroDivisionError(), "The details")]
)
def test_an_errand_that_fails_says_why(exc: Exception, told: str, caplog: pytest.LogCaptureFixture) -> None:
    def work() -> str:
        raise exc

    assert told in str(ended(Errand(work)).error)
    assert bool(caplog.records) == isinstance(exc, ZeroDivisionError)
