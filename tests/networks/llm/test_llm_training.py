"""LoRA beside a model in the real format: learning, writing, putting it into the weights, and `footnote train llm`."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from rag.answer import loading
from rag.answer.adapter import CARD, CONFIG, PREFIX, WEIGHTS, Plan, merge, sample, write_adapter
from rag.answer.llm import LocalModel
from rag.cli import main
from rag.errors import ModelError
from rag.networks import steps
from rag.networks.llm.batches import Cut, cut, in_batches, padded, reply_loss
from rag.networks.llm.examples import Lesson
from rag.networks.llm.lora import add_lora, learnt
from rag.networks.llm.measure import f1, measure
from rag.networks.llm.train import Training, train_llm
from rag.types import Turn

from ...conftest import WordEncoder
from ...made_models import tiny_llama
from .made import write_data

TURNS = (Turn("user", "say it"),)
PLAN = Plan()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_llama(tmp_path_factory.mktemp("base"), n_context=2048)
    config = folder / "tokenizer_config.json"  # a token a letter: prompts are long
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_max_length": 2048}))
    return folder


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute in float32, as on a processor without bf16: random weights are further apart than it can say."""
    monkeypatch.setattr(loading, "cpu_has_bf16", lambda: False)


def lesson(text: str, reply: str) -> Lesson:
    return Lesson("answer", (Turn("user", text),), reply, "set", "group")


def trained(base: Path, lessons: list[Lesson], n_steps: int) -> LocalModel:
    model = LocalModel(base, device="cpu")
    batch = padded(cut(model, lessons), "cpu")
    add_lora(model.network, PLAN, seed=0)
    values = [value for value in model.network.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(values, lr=5e-3)
    for step in range(n_steps):
        optimizer.param_groups[0]["lr"] = 5e-3 * (1 - step / n_steps)
        optimizer.zero_grad()
        reply_loss(model.network, batch).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(values, 1.0)
        optimizer.step()
    return model


def logits(model: LocalModel) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model.network(input_ids=torch.tensor([model.prompt(TURNS)])).logits[0, -1].float()
    return found


def reply(model: LocalModel, text: str) -> str:
    turns = [Turn("user", text)]
    return "".join(model.stream(turns, max_tokens=40, is_cancelled=lambda: False))


def test_a_reply_follows_the_prompt_as_the_template_writes_it(base: Path) -> None:
    model = LocalModel(base, device="cpu")
    said = model._tokenizer.decode([*model.prompt(TURNS), *model.reply(TURNS, "Yes [1].")])
    assert said == "<|start|>user\nsay it<|end|>\n<|start|>assistant\nYes [1].<|end|>"


def test_without_a_template_a_reply_ends_as_the_model_ends_it(tmp_path: Path) -> None:
    model = LocalModel(tiny_llama(tmp_path, template=None), device="cpu")
    assert model.reply(TURNS, "Yes.")[-1] == model._tokenizer.eos_token_id


def test_the_loss_is_of_the_reply_alone_whatever_stands_beside_it(base: Path) -> None:
    model = LocalModel(base, device="cpu").network
    cuts = [Cut((5, 6, 7, 8, 9), (10, 11, 257)), Cut(tuple(range(20, 60)), (30, 31, 32, 33, 257), 0.5)]
    found = reply_loss(model, padded(cuts, "cpu"))
    total = weights = 0.0
    for one in cuts:  # slowly: each by itself, without padding, all logits
        out = model(input_ids=torch.tensor([[*one.prompt, *one.reply]])).logits[0]
        losses = functional.cross_entropy(out[len(one.prompt) - 1 : -1], torch.tensor(one.reply), reduction="sum")
        total += float(losses.detach()) * one.weight
        weights += len(one.reply) * one.weight
    assert float(found.detach()) == pytest.approx(total / weights, rel=1e-4)


def test_every_lesson_comes_once_a_pass_among_those_of_its_length() -> None:
    cuts = [Cut(tuple(range(n)), (1,)) for n in range(1, 61)]
    batches = in_batches(cuts, size=4, passes=2, seed=1)
    assert sorted(len(one) for batch in batches[:15] for one in batch) == [n + 1 for n in range(1, 61)]
    assert batches[:15] != batches[15:]
    assert sum(max(map(len, batch)) - min(map(len, batch)) for batch in batches) / len(batches) < 15
    assert batches == in_batches(cuts, size=4, passes=2, seed=1)


def test_at_first_what_is_beside_the_model_changes_nothing(base: Path) -> None:
    model = LocalModel(base, device="cpu")
    before = logits(model)
    names = add_lora(model.network, PLAN, seed=0)
    assert len(names) == 2 * 7
    assert torch.equal(before, logits(model))


def test_blocks_that_stay_as_they_are_learn_nothing(base: Path) -> None:
    model = LocalModel(base, device="cpu")
    names = add_lora(model.network, Plan(n_frozen=1), seed=0)
    assert names
    assert all(".layers.1." in name for name in names)


def test_eight_lessons_are_learnt_and_the_adapter_says_them_from_its_folder(base: Path, tmp_path: Path) -> None:
    asked = ("masts", "ropes", "sails", "anchors", "decks", "keels", "winds", "tides")
    lessons = [lesson(f"how many {what}?", f"It is {i * 7} [{i}].") for i, what in enumerate(asked, 1)]
    model = trained(base, lessons, 400)
    assert [reply(model, one.turns[0].text) for one in lessons] == [one.reply for one in lessons]
    write_adapter(tmp_path, learnt(model.network), plan=PLAN, base="tiny", card={"base sample": None})
    merged = LocalModel(base, device="cpu", adapter=tmp_path)
    assert merged.is_tuned
    assert [reply(merged, one.turns[0].text) for one in lessons] == [one.reply for one in lessons]
    assert sum(value.numel() for value in merged.network.parameters()) < sum(
        value.numel() for value in model.network.parameters()
    )


def test_an_adapter_in_the_weights_says_what_it_said_beside_them(base: Path, tmp_path: Path) -> None:
    model = trained(base, [lesson("a", "b")], 3)
    write_adapter(tmp_path, learnt(model.network), plan=PLAN, base="tiny", card={})
    merged = LocalModel(base, device="cpu")
    plain = logits(merged)
    merge(merged.network, tmp_path, source="tiny")
    change = (logits(model) - plain).abs().max()
    assert change > 0.5
    assert (logits(merged) - logits(model)).abs().max() < 0.05 * change  # it is written in bf16


def test_peft_reads_an_adapter_as_we_do(base: Path, tmp_path: Path) -> None:
    peft = pytest.importorskip("peft", reason="peft is not installed")
    model = trained(base, [lesson("a", "b")], 3)
    write_adapter(tmp_path, learnt(model.network), plan=PLAN, base="tiny", card={})
    theirs = LocalModel(base, device="cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        theirs._model = peft.PeftModel.from_pretrained(theirs.network, tmp_path)
    ours = LocalModel(base, device="cpu", adapter=tmp_path)
    assert (logits(theirs) - logits(ours)).abs().max() < 0.01


def test_an_adapter_of_another_model_is_refused(base: Path, tmp_path: Path) -> None:
    model = LocalModel(base, device="cpu")
    add_lora(model.network, PLAN, seed=0)
    card = {"base sample": sample(LocalModel(base, device="cpu").network)}
    write_adapter(tmp_path / "a", learnt(model.network), plan=PLAN, base="tiny", card=card)
    LocalModel(base, device="cpu", adapter=tmp_path / "a")
    other = tiny_llama(tmp_path / "other", seed=5)
    with pytest.raises(ModelError, match=r"made for tiny, and does not fit other.*FOOTNOTE_ADAPTER=off"):
        LocalModel(other, device="cpu", adapter=tmp_path / "a")
    weights = {name: value[:, :-1] if "lora_A" in name else value for name, value in learnt(model.network).items()}
    write_adapter(tmp_path / "b", {n: v.contiguous() for n, v in weights.items()}, plan=PLAN, base="tiny", card={})
    with pytest.raises(ModelError, match="does not fit"):
        LocalModel(base, device="cpu", adapter=tmp_path / "b")


@pytest.mark.parametrize("harm", ["weights", "digest", "kind", "half", "card"])
def test_an_adapter_that_is_damaged_or_of_another_kind_is_refused(base: Path, tmp_path: Path, harm: str) -> None:
    model = LocalModel(base, device="cpu")
    add_lora(model.network, PLAN, seed=0)
    weights = learnt(model.network)
    if harm == "half":
        weights = {name: value for name, value in weights.items() if "lora_A" in name}
    write_adapter(tmp_path, weights, plan=PLAN, base="tiny", card={})
    if harm == "weights":
        (tmp_path / WEIGHTS).unlink()
    elif harm == "digest":
        data = bytearray((tmp_path / WEIGHTS).read_bytes())
        data[-1] ^= 1
        (tmp_path / WEIGHTS).write_bytes(data)
    elif harm == "kind":
        config = json.loads((tmp_path / CONFIG).read_text())
        (tmp_path / CONFIG).write_text(json.dumps(config | {"use_dora": True}))
    elif harm == "card":
        (tmp_path / CARD).write_text("{")
    with pytest.raises(ModelError, match=r"adapter|card"):
        LocalModel(base, device="cpu", adapter=tmp_path)


def test_weights_have_the_names_that_peft_gives_them(base: Path) -> None:
    model = LocalModel(base, device="cpu")
    add_lora(model.network, PLAN, seed=0)
    found = learnt(model.network)
    assert f"{PREFIX}model.layers.0.self_attn.q_proj.lora_A.weight" in found
    assert {value.dtype for value in found.values()} == {torch.bfloat16}


def test_training_is_resumed_and_writes_an_adapter_with_its_card(
    base: Path, tmp_path: Path, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_KEEP_EVERY_S", 0.0)
    data = write_data(tmp_path / "data")
    training = Training(
        data, tmp_path / "out", tmp_path / "work", str(base), "tiny", device="cpu", lessons=24, batch=4, layout=PLAN
    )

    class Killed(Exception):
        """The process ends here."""

    def die(step: steps.Step) -> None:
        if step.number == 3:
            raise Killed

    with pytest.raises(Killed):
        train_llm(training, lambda: encoder, on_step=die)
    seen: list[int] = []
    card = train_llm(training, lambda: encoder, on_step=lambda step: seen.append(step.number))
    assert seen[0] == 3
    assert seen == list(range(3, card["plan"]["n_steps"] + 1))
    written = json.loads((tmp_path / "out" / CARD).read_text())
    assert written["base"] == "tiny"
    assert written["figures, on articles and dialogues kept aside"]["lessons"] > 0
    assert set(written["kinds"]) >= {"answer", "abstain", "rewrite", "define"}
    assert LocalModel(base, device="cpu", adapter=tmp_path / "out").is_tuned


def test_figures_are_of_what_is_said(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = LocalModel(base, device="cpu")
    replies = iter(["It is 7 [2].", "The documents do not say.", "It is 8 [1].", "The documents do not say."])
    monkeypatch.setattr(model, "stream", lambda *_, **__: iter([next(replies)]))
    asked = [
        Lesson("answer", TURNS, "It is 7 [2].", "s", "g", 2, ("7",)),
        Lesson("answer", TURNS, "It is 9 [1].", "s", "g", 1, ("9",)),
        Lesson("answer", TURNS, "It is 9 [2].", "s", "g", 2, ("9",)),
        Lesson("abstain", TURNS, "The documents do not say.", "s", "g"),
    ]
    found = measure(model, asked)
    assert found["answer is said"] == round(1 / 3, 3)
    assert found["right passage cited, of what is answered"] == 0.5
    assert found["abstains where no passage answers"] == 1.0
    assert found["abstains where one does"] == round(1 / 3, 3)


def test_words_are_compared_without_their_markers() -> None:
    assert f1("It is 7 [2].", "It is 7 [3].") == 1.0
    assert f1("yes", "no") == 0.0


def test_missing_data_are_named_before_anything_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "llm", "--data", str(tmp_path)]) == 1
    assert "train-v1.1.json.gz" in capsys.readouterr().err
