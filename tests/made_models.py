"""Tiny language models with random weights, in the real formats: what they say is nonsense, how they say it is real."""

from __future__ import annotations

from pathlib import Path

TEMPLATE = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system here') }}{% endif %}" + TEMPLATE


def write_tokenizer(folder: Path, *, template: str | None = TEMPLATE) -> int:
    """Write a byte-level BPE tokenizer, every byte a token; return the size of its vocabulary."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in ("<|start|>", "<|end|>", "<|nothing|>")])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|nothing|>")
    fast.chat_template = template
    fast.model_max_length = 512
    fast.save_pretrained(folder)
    return len(fast)


def tiny_llama(folder: Path, *, template: str | None = TEMPLATE, n_context: int = 512, seed: int = 0) -> Path:
    """Write a Llama of two layers."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=write_tokenizer(folder, template=template),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=n_context,
        initializer_range=0.6,
        eos_token_id=257,
        pad_token_id=258,
    )
    return _write(LlamaForCausalLM, config, folder, seed)


def tiny_sliding(folder: Path, *, window: int, seed: int = 0) -> Path:
    """Write a Mistral of two layers that sees no further back than its window."""
    from transformers import MistralConfig, MistralForCausalLM

    config = MistralConfig(
        vocab_size=write_tokenizer(folder),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        sliding_window=window,
        initializer_range=0.6,
        eos_token_id=257,
        pad_token_id=258,
    )
    return _write(MistralForCausalLM, config, folder, seed)


def _write(kind: type, config: object, folder: Path, seed: int) -> Path:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        kind(config).save_pretrained(folder)
    return folder


def tiny_gguf(path: Path) -> Path:
    """Write a Llama of one layer as a GGUF file, with a tokenizer of single bytes and a chat template."""
    import gguf
    import numpy as np
    from tokenizers import pre_tokenizers

    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "<|start|>", "<|end|>", "ab"]
    dim, hidden, n = 32, 48, np.random.default_rng(0)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_block_count(1)
    writer.add_context_length(256)
    writer.add_embedding_length(dim)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_rope_dimension_count(dim // 2)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * 256 + [3, 3, 1])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)
    writer.add_chat_template(TEMPLATE)
    shapes = {
        "token_embd": (len(tokens), dim),
        "output": (len(tokens), dim),
        "blk.0.attn_q": (dim, dim),
        "blk.0.attn_k": (dim, dim),
        "blk.0.attn_v": (dim, dim),
        "blk.0.attn_output": (dim, dim),
        "blk.0.ffn_gate": (hidden, dim),
        "blk.0.ffn_up": (hidden, dim),
        "blk.0.ffn_down": (dim, hidden),
    }
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", n.standard_normal(shape).astype(np.float32))
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(dim, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def tiny_cross_encoder(folder: Path, *, n_labels: int = 1, seed: int = 0) -> Path:
    """Write a BERT of one layer that scores pairs of texts, as sentence-transformers stores one."""
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=write_tokenizer(folder, template=None),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=512,
        initializer_range=0.6,
        pad_token_id=258,
        num_labels=n_labels,
    )
    return _write(BertForSequenceClassification, config, folder, seed)
