"""The section of the Settings page about the language model: built in, another one, on a server, or none."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

import streamlit as st

from rag.answer.language import NO_MODEL, ModelChoice, Speed, language_model, measure
from rag.settings import Settings, model_choice
from rag.tiers import Machine, Recommendation, download_words, machine, recommended
from ui import bound, shelf
from ui.errand import Errand, watch
from ui.markdown import plain
from ui.words import seconds_words

KINDS = {"built-in": "Built in", "local": "Another model", "server": "A server", "none": "None"}
SERVER = ("server", "server_model", "server_key")

_STATE = st.session_state


def model_section(settings: Settings) -> None:
    """Show which model is asked, let the user choose another one, and try it."""
    st.header("Language model", anchor=False)
    st.caption("It writes answers in its own words, beside the documents' own sentences.")
    kind = _STATE["model-kind"] = _chosen_kind(settings)
    st.segmented_control(
        "Which one",
        list(KINDS),
        format_func=lambda key: KINDS[key],
        required=True,
        key="model-kind",
        on_change=_choose_kind,
        disabled=bound.fixed("server") is not None and bool(settings.server),
        label_visibility="collapsed",
    )
    {"built-in": _built_in, "local": _local, "server": _server, "none": _none}[kind](settings)
    _recommended(settings)
    if kind != "none" and kind == model_choice(settings).kind:
        _trial(model_choice(settings))


def _chosen_kind(settings: Settings) -> str:
    """Return the kind that is set, or the one that was chosen and still lacks its name or address."""
    kind = model_choice(settings).kind
    if _STATE.get("model-set") != kind:  # it was set meanwhile, here or elsewhere
        _STATE["model-set"] = _STATE["model-chosen"] = kind
    return str(_STATE["model-chosen"])


def _choose_kind() -> None:
    chosen = _STATE["model-chosen"] = _STATE["model-kind"]
    settings = shelf.current().settings()
    if settings.server:  # for the way back: with the server, its key and model are forgotten
        _STATE["server-before"] = {name: getattr(settings, name) for name in SERVER}
    if chosen in {"built-in", "none"}:
        bound.save({"server": "", "model": "" if chosen == "built-in" else NO_MODEL})
        _STATE.pop("model-set")  # show what is set, whether or not it could be saved
    elif chosen == "local" and settings.model not in {"", NO_MODEL}:
        bound.save({"server": ""})  # the model that was named before
    elif chosen == "server" and "server-before" in _STATE:
        bound.save(_STATE["server-before"])


def _built_in(_settings: Settings) -> None:
    st.caption(
        "SmolLM2, with 135 million parameters: quick on any computer, and often wrong. Each of its sentences is "
        "compared with the passages, and marked where none supports it. Nothing leaves this computer."
    )
    bound.below("model")


def _none(_settings: Settings) -> None:
    st.caption("Answers are the documents' own sentences, and nothing else.")
    bound.below("model")


def _recommended(settings: Settings) -> None:
    """Say which models suit this computer, when that is asked for: looking takes a second."""
    box = st.expander("Which model suits this computer?", key="recommended", on_change="rerun")
    if box.open:
        found: Errand[tuple[Machine, list[Recommendation]]] | None = _STATE.get("recommended-found")
        if found is None:
            found = _STATE["recommended-found"] = Errand(lambda: _looked(settings.device))
        with box, st.container(gap="small"):
            watch(found, "Looking at this computer", _show_recommended)


def _looked(device: str) -> tuple[Machine, list[Recommendation]]:
    computer = machine(device)
    return computer, recommended(computer)


def _show_recommended(found: tuple[Machine, list[Recommendation]]) -> None:
    computer, models = found
    st.caption(plain(f"This computer: {computer.words}. Nothing is downloaded before it first writes an answer."))
    for one in models:
        st.markdown(f"**{plain(one.title)}**: {plain(one.why)}.")
        st.caption(plain(f"Precision: {one.precision}; {download_words(one)}. {one.warning}"))
        st.code("\n".join(one.how), language=None)


def _local(settings: Settings) -> None:
    bound.text("model", "Hub id or folder", placeholder="Qwen/Qwen3-0.6B", besides={"server": ""}, never=NO_MODEL)
    if model_choice(settings).kind != "local":
        st.caption("Until you name one, all stays as it was.")
    st.caption("A hub id is downloaded from huggingface.co at first use; questions and passages stay on this computer.")


def _server(settings: Settings) -> None:
    bound.text("server", "Address", placeholder="http://localhost:11434/v1")
    if settings.server:
        st.info(plain(privacy_words(settings.server)), icon=":material/shield:")
    else:
        st.caption(
            "Any server that speaks OpenAI's protocol: Ollama, llama.cpp, vLLM, LM Studio, or a paid one. Your "
            "questions and the passages that are found will be sent there. Until you give an address, all stays as it "
            "was."
        )
    bound.text("server_model", "Model", placeholder="the server's first one")
    bound.secret("server_key", "Key, if it asks for one")


def privacy_words(address: str) -> str:
    """Return what goes where when a server writes the answers."""
    host = urlsplit(address).hostname or ""
    if host in {"localhost", "::1"} or host.startswith("127."):
        return f"Your questions and the passages that are found go to {address}, a server on this computer."
    return f"Your questions and the passages that are found leave this computer: they are sent to {address}."


def _trial(choice: ModelChoice) -> None:
    """Let the model say a few words, and tell how quick it was."""
    tried: tuple[ModelChoice, Errand[Speed]] | None = _STATE.get("trial")
    trial = tried[1] if tried and tried[0] == choice else None

    def start() -> None:
        _STATE["trial"] = (choice, Errand(lambda: _try(choice)))

    st.button("Try it", on_click=start, disabled=trial is not None and not trial.is_over)
    if trial is not None:
        watch(trial, "Loading it, and letting it say a few words", lambda speed: st.html(speed_html(speed)))


def _try(choice: ModelChoice) -> Speed:
    with language_model(choice).turn() as model:
        return measure(model)


def speed_html(speed: Speed) -> str:
    """Return how quick a model was, and what it said, as HTML."""
    return (
        f"<div class='fn-trial'>First word after {escape(seconds_words(speed.first_token_s))}, then "
        f"{speed.tokens_per_s:.1f} tokens a second (a token is a short word, or a piece of a long one). It said:"
        f"<blockquote>{escape(speed.text.strip())}</blockquote></div>"
    )
