"""Which adapter a language model is loaded with, and that the side without documents has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer import language
from rag.answer.language import ModelChoice, adapter_of, as_made, forget, language_model
from rag.answer.llm import LocalModel
from rag.errors import ModelError
from rag.settings import load_settings, model_choice
from tests.made_models import tiny_llama


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the adapter of the built-in model."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(language, "shipped_adapter", lambda: folder)
    return folder


def test_the_built_in_model_alone_has_the_shipped_adapter(shipped: Path) -> None:
    assert adapter_of(ModelChoice()) == shipped
    assert adapter_of(ModelChoice(adapter="off")) is None
    assert adapter_of(ModelChoice(model="some/model")) is None
    assert adapter_of(ModelChoice(server="http://localhost:1/v1", adapter=str(shipped))) is None


def test_any_model_takes_an_adapter_of_its_own(shipped: Path) -> None:
    assert adapter_of(ModelChoice(model="some/model", adapter=str(shipped))) == shipped


def test_a_missing_adapter_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no adapter at .*nowhere"):
        adapter_of(ModelChoice(adapter=str(tmp_path / "nowhere")))


def test_without_the_documents_a_model_answers_as_its_authors_made_it(shipped: Path) -> None:
    assert adapter_of(as_made(ModelChoice())) is None
    assert as_made(ModelChoice(model="some/model", adapter=str(shipped))).adapter == "off"


def test_a_model_without_an_adapter_is_not_loaded_twice(shipped: Path) -> None:
    for choice in (ModelChoice(model="some/model"), ModelChoice(adapter="off"), ModelChoice(server="http://x:1/v1")):
        assert as_made(choice) == choice


def test_the_setting_reaches_the_model(shipped: Path, tmp_path: Path) -> None:
    base = tiny_llama(tmp_path / "base")
    settings = load_settings({"FOOTNOTE_MODEL": str(base), "FOOTNOTE_ADAPTER": str(shipped), "FOOTNOTE_DEVICE": "cpu"})
    choice = model_choice(settings)
    try:
        with pytest.raises(ModelError, match="adapter"), language_model(choice).turn():
            pass  # its folder is empty
        with language_model(as_made(choice)).turn() as model:
            assert isinstance(model, LocalModel)
            assert not model.is_tuned
    finally:
        forget(choice)
        forget(as_made(choice))
    assert model_choice(load_settings({})).adapter == "auto"
