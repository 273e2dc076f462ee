"""From the starter's GGUF file to a folder that mlx-lm loads: the same model, its weights unpacked to fp32."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

from tests.tiny.gguf import Tensor, Value
from tests.tiny.gguf_reader import read_metadata, read_tensors

VERSION = "v1"
"""To be raised with each change here: the results are kept between runs."""

_CONTROL = 3
_TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
_LAYER = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}


def convert_smollm2(source: Path, folder: Path) -> None:
    """Write the model into `folder`, which is made: two seconds."""
    metadata = read_metadata(source)
    folder.mkdir(parents=True)
    config = _make_config(metadata)
    tensors = {_rename(name): _arrange(name, tensor, config) for name, tensor in read_tensors(source).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "mlx"})
    ends = {key: config[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")}
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "generation_config.json").write_text(json.dumps(ends))
    _write_tokenizer(metadata, folder)


def _make_config(metadata: Mapping[str, Value]) -> dict[str, object]:
    tokens = metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, list)
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": metadata["llama.embedding_length"],
        "intermediate_size": metadata["llama.feed_forward_length"],
        "num_hidden_layers": metadata["llama.block_count"],
        "num_attention_heads": metadata["llama.attention.head_count"],
        "num_key_value_heads": metadata["llama.attention.head_count_kv"],
        "head_dim": metadata["llama.rope.dimension_count"],
        "max_position_embeddings": metadata["llama.context_length"],
        "rms_norm_eps": 1e-5,
        "rope_theta": metadata["llama.rope.freq_base"],
        "vocab_size": len(tokens),
        "tie_word_embeddings": True,
        "bos_token_id": metadata["tokenizer.ggml.bos_token_id"],
        "eos_token_id": metadata["tokenizer.ggml.eos_token_id"],
        "pad_token_id": metadata["tokenizer.ggml.padding_token_id"],
        "torch_dtype": "float32",
    }


def _rename(name: str) -> str:
    """blk.0.attn_q.weight -> model.layers.0.self_attn.q_proj.weight."""
    part, *rest = name.split(".")
    if part != "blk":
        return ".".join([_TOP[part], *rest])
    layer, kind, leaf = rest
    return f"model.layers.{layer}.{_LAYER[kind]}.{leaf}"


def _arrange(name: str, tensor: Tensor, config: Mapping[str, object]) -> Tensor:
    """GGUF keeps the rows that rotary embeddings turn together side by side, MLX half a head apart."""
    heads = {"attn_q": "num_attention_heads", "attn_k": "num_key_value_heads"}.get(name.split(".")[-2])
    if heads is None:
        return tensor
    count = config[heads]
    assert isinstance(count, int)
    rows, columns = tensor.shape
    pairs = tensor.reshape(count, rows // count // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, columns))


def _write_tokenizer(metadata: Mapping[str, Value], folder: Path) -> None:
    tokens, merges, types = (metadata[f"tokenizer.ggml.{key}"] for key in ("tokens", "merges", "token_type"))
    assert isinstance(tokens, list)
    assert isinstance(merges, list)
    assert isinstance(types, list)
    spelled = {str(token): number for number, token in enumerate(tokens)}
    pairs = [(first, second) for first, second in (str(merge).split(" ") for merge in merges)]
    tokenizer = Tokenizer(models.BPE(vocab=spelled, merges=pairs))
    digits = pre_tokenizers.Digits(individual_digits=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    names = [str(token) for token, kind in zip(tokens, types, strict=True) if kind == _CONTROL]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names])
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|im_start|>",
        "eos_token": "<|im_end|>",
        "unk_token": "<|endoftext|>",
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1))
    (folder / "chat_template.jinja").write_text(str(metadata["tokenizer.chat_template"]), encoding="utf-8")
