"""A tiny model with a large context that always says one sentence, for programs with long prompts that end only when
the model does.

The real vocabulary of the starter model, so that 80 kB of prompt are some 20,000 tokens; one block of random weights
that really attends; and a first part of the state that it leaves alone. There a token of the sentence stands as itself,
and the output's weights turn it into the next one, whatever the temperature. The last is the end of the turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.tiny.gguf import Tensor, Value, write_gguf
from tests.tiny.gguf_reader import read_metadata

TEMPLATE = """\
{%- if tools %}<|im_start|>system
You may call these functions:
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
Answer a call as <tool_call>{"name": ..., "arguments": ...}</tool_call>.<|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ 'user' if message.role == 'tool' else message.role }}
{% if message.role == 'tool' %}<tool_response>{{ message.content }}</tool_response>
{%- else %}{{ message.content or '' }}{% endif %}
{%- for call in message.tool_calls or [] %}
<tool_call>{"name": {{ call.function.name | tojson }}, "arguments": {{ call.function.arguments | tojson }}}</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
"""ChatML with tools as Hermes and Qwen write them."""

_HEAD, _FEED_FORWARD, _NOISE = 32, 128, 32
"""One block with one head: attention over a long prompt is nearly all that such a model costs."""
_FIRM = 40.0
"""How far the next token's logit stands above the others': beyond any temperature that clients send."""


class CannotSay(ValueError):
    """The sentence has the same token twice, or the vocabulary lacks one."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """`said`: dimensions in which the sentence's tokens stand; the rest of `state` is noise."""

    said: int
    state: int
    tokens: int


def write_speaker(vocabulary: Path, sentence: Sequence[str], path: Path, context: int = 65536) -> None:
    """Write the model to `path`. `sentence`: tokens as the `vocabulary` file writes them (a blank is "Ġ"), each once.
    Raises CannotSay.
    """
    source = read_metadata(vocabulary)
    tokens = source["tokenizer.ggml.tokens"]
    assert isinstance(tokens, list)
    end = source["tokenizer.ggml.eos_token_id"]
    assert isinstance(end, int)
    chain = [_find(tokens, text) for text in ("Ċ", *sentence)]
    if len(set(chain)) < len(chain):
        raise CannotSay(f"each token may stand once, but not so in {sentence}")
    sizes = _Sizes(len(chain), _round_up(len(chain) + _NOISE), len(tokens))
    metadata = _metadata(sizes, context) | {key: value for key, value in source.items() if key.startswith("tokenizer")}
    write_gguf(path, metadata | {"tokenizer.chat_template": TEMPLATE}, _tensors(sizes, [*chain, end]))


def _find(tokens: Sequence[object], text: str) -> int:
    try:
        return tokens.index(text)
    except ValueError:
        raise CannotSay(f"the vocabulary has no token {text!r}") from None


def _round_up(size: int) -> int:
    return -(-size // _HEAD) * _HEAD


def _metadata(sizes: _Sizes, context: int) -> dict[str, Value]:
    return {
        "general.architecture": "llama",
        "general.name": "Traypoint's speaker",
        "llama.block_count": 1,
        "llama.context_length": context,
        "llama.embedding_length": sizes.state,
        "llama.feed_forward_length": _FEED_FORWARD,
        "llama.attention.head_count": 1,
        "llama.attention.head_count_kv": 1,
        "llama.attention.key_length": _HEAD,
        "llama.attention.value_length": _HEAD,
        "llama.rope.dimension_count": _HEAD,
        "llama.rope.freq_base": 1e6,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.vocab_size": sizes.tokens,
    }


def _tensors(sizes: _Sizes, chain: Sequence[int]) -> dict[str, Tensor]:
    random = np.random.default_rng(11)

    def matrix(outputs: int, inputs: int, scale: float = 1.0) -> Tensor:
        return random.normal(0, scale / inputs**0.5, (outputs, inputs)).astype(np.float32)

    tensors = _ends(sizes, chain, matrix(sizes.tokens, sizes.state), matrix(sizes.tokens, sizes.state))
    into_state = {"attn_output": matrix(sizes.state, _HEAD), "ffn_down": matrix(sizes.state, _FEED_FORWARD)}
    for weights in into_state.values():
        weights[: sizes.said] = 0  # what is said stays as it is
    block = into_state | {f"attn_{part}": matrix(_HEAD, sizes.state) for part in "qkv"}
    block |= {f"ffn_{part}": matrix(_FEED_FORWARD, sizes.state) for part in ("gate", "up")}
    block |= {f"{part}_norm": np.ones(sizes.state, np.float32) for part in ("attn", "ffn")}
    return tensors | {f"blk.0.{name}.weight": weights for name, weights in block.items()}


def _ends(sizes: _Sizes, chain: Sequence[int], embedding: Tensor, output: Tensor) -> dict[str, Tensor]:
    """Token chain[i] stands in dimension i, and from there the output leads to chain[i + 1]."""
    embedding[:, : sizes.said] = 0
    output[:, : sizes.said] = 0
    for place, (token, following) in enumerate(pairwise(chain)):
        embedding[token, place] = 4.0
        output[following, place] = _FIRM
    return {
        "token_embd.weight": embedding,
        "output.weight": output,
        "output_norm.weight": np.ones(sizes.state, np.float32),
    }
