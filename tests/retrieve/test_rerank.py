"""The best candidates read once more by a cross-encoder: a stand-in where order matters, a tiny real one for the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.doctor import findings
from rag.errors import ModelError, ModelMissing
from rag.libraries import library_with
from rag.library import Library
from rag.retrieve.candidates import Scores
from rag.retrieve.ranking import Candidate
from rag.retrieve.rerank import (
    BATCH,
    SIGNAL,
    WINDOW,
    CrossEncoderReranker,
    RerankChoice,
    load_reranker,
    rerank,
)
from rag.settings import Settings
from tests.conftest import WordEncoder
from tests.made_models import tiny_cross_encoder


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class ByNumber:
    """A reranker for which a text is worth the number that it begins with; a batch costs a second."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock, self.batches = clock, list[list[str]]()

    def scores(self, question: str, texts: Sequence[str]) -> Scores:
        self.batches.append(list(texts))
        if self.clock is not None:
            self.clock.now += 1.0
        return np.array([float(text.split()[0]) for text in texts])


def ranked(n: int) -> list[Candidate]:
    return [Candidate(i, 10.0 - i, None, (("words", 10.0 - i),)) for i in range(n)]


def ids(candidates: Sequence[Candidate]) -> list[int]:
    return [candidate.id for candidate in candidates]


def test_what_the_reranker_likes_comes_first_and_the_rest_stays_behind() -> None:
    order, done = rerank(ByNumber(), "?", ranked(6), ["1", "2", "9", "3"], budget_s=9, weight=1.0)
    assert ids(order) == [2, 3, 1, 0, 4, 5]
    assert (done.n_asked, done.n_read) == (4, 4)


def test_the_weight_says_how_much_the_retrieval_still_counts() -> None:
    texts = ["1", "2", "3"]
    assert ids(rerank(ByNumber(), "?", ranked(3), texts, budget_s=9, weight=0.0)[0]) == [0, 1, 2]
    assert ids(rerank(ByNumber(), "?", ranked(3), texts, budget_s=9, weight=1.0)[0]) == [2, 1, 0]
    assert ids(rerank(ByNumber(), "?", ranked(3), ["5", "9", "1"], budget_s=9, weight=0.4)[0]) == [0, 1, 2]


def test_scores_still_fall_and_are_the_sum_of_the_signals() -> None:
    order, _ = rerank(ByNumber(), "?", ranked(6), ["1", "2", "9", "3"], budget_s=9, weight=1.0)
    scores = [candidate.score for candidate in order]
    assert scores == sorted(scores, reverse=True)
    assert all(candidate.score == pytest.approx(sum(dict(candidate.signals).values())) for candidate in order)
    assert dict(order[0].signals)[SIGNAL] > 0 > dict(order[3].signals)[SIGNAL]
    assert SIGNAL not in dict(order[5].signals)


def test_equal_scores_leave_the_order_alone() -> None:
    assert ids(rerank(ByNumber(), "?", ranked(4), ["7"] * 4, budget_s=9, weight=1.0)[0]) == [0, 1, 2, 3]


def test_what_time_does_not_reach_keeps_its_place() -> None:
    clock, n = Clock(), 3 * WINDOW
    reranker = ByNumber(clock)
    texts = [f"{i} " + "x" * (i * 37 % 11) for i in range(n)]
    order, done = rerank(reranker, "?", ranked(n), texts, budget_s=2.5, weight=1.0, clock=clock)
    assert (done.n_read, done.n_asked, done.seconds) == (2 * BATCH, n, 2.0)
    assert ids(order)[:WINDOW] == list(range(WINDOW))[::-1]
    assert ids(order)[WINDOW:] == list(range(WINDOW, n))


def test_no_batch_is_begun_that_would_end_too_late() -> None:
    clock = Clock()
    reranker = ByNumber(clock)
    _, done = rerank(reranker, "?", ranked(99), [str(i) for i in range(99)], budget_s=1.5, clock=clock)
    assert (len(reranker.batches), done.n_read) == (1, BATCH)
    order, done = rerank(ByNumber(), "?", ranked(3), ["1", "2", "3"], budget_s=0)
    assert (ids(order), done.n_read) == ([0, 1, 2], 0)


def test_texts_of_like_length_are_read_together_the_best_ranked_first() -> None:
    reranker = ByNumber()
    texts = [f"{i} " + "x" * (500 if i % 2 else 5) for i in range(2 * WINDOW)]
    rerank(reranker, "?", ranked(2 * WINDOW), texts, budget_s=9)
    for batch in reranker.batches:
        assert len({len(text) > 400 for text in batch}) == 1
    first = {int(text.split()[0]) for batch in reranker.batches[:2] for text in batch}
    assert first == set(range(WINDOW))


def test_nothing_to_rerank_is_no_work() -> None:
    assert rerank(ByNumber(), "?", [], [], budget_s=9)[0] == []


# -------------------------------------------------------------------------------------------- a real network


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_cross_encoder(tmp_path_factory.mktemp("reranker"))


TEXTS = ["The Danube rises in the Black Forest.", "It is long.", "Mont Blanc is 4,806 metres high. " * 40]


def test_a_cross_encoder_gives_the_same_score_alone_and_among_others(tiny: Path) -> None:
    reranker = CrossEncoderReranker(str(tiny), device="cpu")
    together = reranker.scores("Where does it rise?", TEXTS)
    alone = [reranker.scores("Where does it rise?", [text])[0] for text in TEXTS]
    assert together == pytest.approx(alone, abs=1e-4)
    assert len(set(together.tolist())) == 3
    assert reranker.scores("What is long?", TEXTS) != pytest.approx(together, abs=1e-4)


def test_scores_are_those_of_the_network_before_any_sigmoid(tiny: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny)
    model = AutoModelForSequenceClassification.from_pretrained(tiny).eval()
    inputs = tokenizer(["Where?"] * 2, TEXTS[:2], padding=True, return_tensors="pt")
    with torch.inference_mode():
        logits = model(**inputs).logits[:, 0].tolist()
    assert CrossEncoderReranker(str(tiny), device="cpu").scores("Where?", TEXTS[:2]) == pytest.approx(logits, abs=1e-4)


def test_threads_may_share_one(tiny: Path) -> None:
    reranker = CrossEncoderReranker(str(tiny), device="cpu")
    wanted = reranker.scores("Where?", TEXTS)
    found: list[Scores] = []
    threads = [threading.Thread(target=lambda: found.append(reranker.scores("Where?", TEXTS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(scores == pytest.approx(wanted, abs=1e-4) for scores in found)


def test_it_is_loaded_once_a_process(tiny: Path) -> None:
    assert load_reranker(str(tiny), "cpu") is load_reranker(str(tiny), "cpu")


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no reranker in .*nowhere.*footnote config --unset reranker"):
        CrossEncoderReranker(str(tmp_path / "nowhere"), device="cpu")


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="cannot be loaded"):
        CrossEncoderReranker(str(tmp_path), device="cpu")


def test_a_network_of_three_scores_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="gives 3 scores"):
        CrossEncoderReranker(str(tiny_cross_encoder(tmp_path, n_labels=3)), device="cpu")


def test_an_encoder_is_no_reranker(minilm: Path) -> None:
    with pytest.raises(ModelError, match="was not trained to score pairs"):
        CrossEncoderReranker(str(minilm), device="cpu")


@pytest.mark.gpu
def test_on_a_gpu_it_computes_in_fp16_nearly_the_same(tiny: Path) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no GPU here")
    on_cpu, on_gpu = CrossEncoderReranker(str(tiny), device="cpu"), CrossEncoderReranker(str(tiny), device="cuda")
    assert on_gpu.precision == "float16"
    assert on_gpu.scores("Where?", TEXTS) == pytest.approx(on_cpu.scores("Where?", TEXTS), abs=0.05)


# --------------------------------------------------------------------------------------------- in a library


@pytest.fixture
def facts(make_pdf: Callable[..., Path]) -> Path:
    pages = [
        ["The Danube is a long river. It rises in the Black Forest."],
        ["No river of Europe is as long as the Volga, which flows into the Caspian Sea."],
        ["The Rhine is shorter. Many castles stand beside this river."],
        ["Which river feeds Lake Geneva? It is the Rhone, not a long one either."],
        ["Glaciers once carved the fjords of Norway."],
        ["The Thames is tidal as far as Teddington: a river of the sea, in a way."],
        ["Long summers make the Po a small river in August."],
    ]
    for number, page in enumerate(pages):  # long enough to be a passage of its own
        page[0] += "".join(f" Remark {chr(97 + number)}{chr(97 + i)} adds nothing of note." for i in range(14))
    return make_pdf(pages, "rivers.pdf")


def test_a_library_reads_its_best_passages_once_more(tmp_path: Path, facts: Path, tiny: Path) -> None:
    plain = Library(tmp_path / "library", encoder=WordEncoder(), n_threads=1)
    plain.add(facts)
    before = plain.search("Which river is long?", 8)
    choice = RerankChoice(str(tiny), n_candidates=5, budget_s=60, weight=1.0)
    library = Library(tmp_path / "library", encoder=WordEncoder(), n_threads=1, device="cpu", reranking=choice)
    found = library.find("Which river is long?", 8)
    assert (found.reranking.n_asked, found.reranking.n_read) == (5, 5)
    first = {hit.passage.id for hit in found.hits[:5]}
    assert first == {hit.passage.id for hit in before[:5]}
    assert [hit.passage.id for hit in found.hits[5:]] == [hit.passage.id for hit in before[5:]]
    by_network = load_reranker(str(tiny), "cpu").scores(
        "Which river is long?", [h.passage.index_text for h in before[:5]]
    )
    best = before[int(np.argmax(by_network))]
    assert found.hits[0].passage.id == best.passage.id
    assert "rerank" in library.ask("Which river is long?").timings
    assert plain.find("Which river is long?", 8).reranking.n_asked == 0
    plain.close()
    library.close()


def test_a_reranker_that_is_missing_is_said_when_a_question_is_asked(tmp_path: Path, facts: Path) -> None:
    choice = RerankChoice(str(tmp_path / "nowhere"))
    library = Library(tmp_path / "library", encoder=WordEncoder(), n_threads=1, reranking=choice)
    library.add(facts)
    with pytest.raises(ModelMissing, match="no reranker"):
        library.search("Which river is long?")
    library.close()


def test_the_settings_name_it_and_the_doctor_tries_it(tmp_path: Path, tiny: Path) -> None:
    library = library_with(Settings(reranker=str(tiny), rerank=7, rerank_seconds=0.5), str(tmp_path / "library"))
    assert library.parts.reranking == RerankChoice(str(tiny), 7, 0.5)
    library.close()
    said = [finding for finding in findings(tmp_path, device="cpu", reranker=str(tiny)) if "once more" in finding.text]
    assert [(finding.is_there, finding.is_problem) for finding in said] == [(True, False)]
    lost = [f for f in findings(tmp_path, device="cpu", reranker=str(tmp_path / "no")) if "reranker" in f.text]
    assert [(finding.is_problem, finding.remedy) for finding in lost] == [(True, "footnote config --unset reranker")]
