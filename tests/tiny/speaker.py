"""A tiny model with a large context that says what it was made to say, for programs with long prompts that end only
when the model does.

It has the real vocabulary of the starter model, so that 80 kB of prompt are some 20,000 tokens; a block of random
weights that really attends; and a first part of the state that it leaves alone. There a token of what is to be said
stands as itself, and the output's weights turn it into the next one, whatever the temperature. The last is the end of
the turn. Which text begins is up to the template: its generation prompt ends with one line break, or with two for a
call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.tiny.chains import find_chains
from tests.tiny.gguf import Tensor, Value, write_gguf
from tests.tiny.gguf_reader import read_metadata

TEMPLATE = """\
{%- if tools %}<|im_start|>system
You may call these functions:
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
Call one by <call>{"name": ..., "arguments": ...}</call/>.<|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ 'user' if message.role == 'tool' else message.role }}
{% if message.role == 'tool' %}<tool_response>{{ message.content }}</tool_response>
{%- else %}{{ message.content or '' }}{% endif %}
{%- for call in message.tool_calls or [] %}
<call>{"name": {{ call.function.name | tojson }}, "arguments": {{ call.function.arguments | tojson }}}</call/>
{%- endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% if tools and messages[-1].role != 'tool' %}{{ '\\n' }}{% endif %}{% endif %}"""
"""ChatML with tools much as Hermes and Qwen write them. Where there are tools, the user is answered by a call. A call's
marks can be spelled with tokens that stand once (<tool_call> and its end can't: nothing but `_` has a `_` in it).
"""

_HEAD, _FEED_FORWARD, _NOISE = 32, 128, 32
"""One block with one head: attention over a long prompt is nearly all that such a model costs."""
_FIRM = 40.0
"""How far the next token's logit stands above the others': beyond any temperature that clients send."""
_ANSWERS, _CALLS = "Ċ", "ĊĊ"
"""The tokens that a sentence and a call begin after, as the vocabulary writes them."""


def write_call(name: str, argument: str, value: str) -> str:
    """A call as the template's model writes it. The blanks are where they make all its tokens differ."""
    return f'<call>{{"name": "{name}","arguments" : {{"{argument}":"{value}"}}}}</call/>'


@dataclass(frozen=True, slots=True)
class _Sizes:
    """`said`: dimensions in which tokens of what is said stand; the rest of `state` is noise."""

    said: int
    state: int
    tokens: int


def write_speaker(vocabulary: Path, path: Path, sentence: str, call: str | None = None, context: int = 65536) -> None:
    """Write the model to `path`, with the `vocabulary` file's tokens. It says `sentence`; to a user who has tools, it
    first says `call`, unless that is None. Raises CannotSay.
    """
    source = read_metadata(vocabulary)
    tokens = source["tokenizer.ggml.tokens"]
    end = source["tokenizer.ggml.eos_token_id"]
    assert isinstance(tokens, list)
    assert isinstance(end, int)
    steps = _find_steps(tokens, end, sentence, call)
    sizes = _Sizes(len(steps), _round_up(len(steps) + _NOISE), len(tokens))
    metadata = _metadata(sizes, context) | {key: value for key, value in source.items() if key.startswith("tokenizer")}
    write_gguf(path, metadata | {"tokenizer.chat_template": TEMPLATE}, _tensors(sizes, steps))


def _find_steps(tokens: Sequence[object], end: int, sentence: str, call: str | None) -> dict[int, int]:
    """Each token that is said or begun after, with the one that follows it."""
    spelled = {str(token).replace("Ġ", " "): number for number, token in enumerate(tokens)}
    said, *called = find_chains(spelled, [sentence, call] if call else [sentence])
    rows = [[spelled[_ANSWERS], *said, end], [spelled[_CALLS], *(called[0] if called else said[:1])]]
    if called:
        rows[1].append(end)
    return {token: following for row in rows for token, following in pairwise(row)}


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


def _tensors(sizes: _Sizes, steps: Mapping[int, int]) -> dict[str, Tensor]:
    random = np.random.default_rng(11)

    def matrix(outputs: int, inputs: int, scale: float = 1.0) -> Tensor:
        return random.normal(0, scale / inputs**0.5, (outputs, inputs)).astype(np.float32)

    tensors = _ends(sizes, steps, matrix(sizes.tokens, sizes.state), matrix(sizes.tokens, sizes.state))
    into_state = {"attn_output": matrix(sizes.state, _HEAD), "ffn_down": matrix(sizes.state, _FEED_FORWARD)}
    for weights in into_state.values():
        weights[: sizes.said] = 0  # what is said stays as it is
    block = into_state | {f"attn_{part}": matrix(_HEAD, sizes.state) for part in "qkv"}
    block |= {f"ffn_{part}": matrix(_FEED_FORWARD, sizes.state) for part in ("gate", "up")}
    block |= {f"{part}_norm": np.ones(sizes.state, np.float32) for part in ("attn", "ffn")}
    return tensors | {f"blk.0.{name}.weight": weights for name, weights in block.items()}


def _ends(sizes: _Sizes, steps: Mapping[int, int], embedding: Tensor, output: Tensor) -> dict[str, Tensor]:
    """The token of step i stands in dimension i, and from there the output leads to the one that follows it."""
    embedding[:, : sizes.said] = 0
    output[:, : sizes.said] = 0
    for place, (token, following) in enumerate(steps.items()):
        embedding[token, place] = 4.0
        output[following, place] = _FIRM
    return {
        "token_embd.weight": embedding,
        "output.weight": output,
        "output_norm.weight": np.ones(sizes.state, np.float32),
    }
