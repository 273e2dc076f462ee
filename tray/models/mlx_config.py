"""What a folder of MLX weights says of its model: config.json, and the chat template. Treated as hostile. Any thread.

Nothing is read of the weights but their files' sizes; the number of parameters is reckoned from these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tray.models.facts import Facts, Role
from tray.models.json_file import read_object
from tray.models.mlx_shape import find_shape, read_number, text_part
from tray.models.model import Capability
from tray.models.regular_file import find_mode, open_regular
from tray.models.template_marks import find_marks

CONFIG = "config.json"
_LARGEST_CONFIG = 1 << 20
_LARGEST_TOKENIZER = 4 << 20
_LONGEST_TEMPLATE = 1 << 20
_GENERATORS = ("ForCausalLM", "ForConditionalGeneration", "LMHeadModel")
_CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "max_seq_len", "max_sequence_length", "seq_length")
_VISION_KEYS = ("vision_config", "vision_tower", "mm_vision_tower", "image_token_id", "image_token_index")
_EMBEDDING_MARKS = ("1_Pooling", "modules.json", "config_sentence_transformers.json")
"""What the sentence-transformers library keeps beside a model that embeds."""
_SCALES_BITS = 32
"""A group of quantised weights has a scale and a bias of 16 bits each."""
_DTYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
_DTYPE_BITS = {"F32": 32}


def read_mlx(folder: Path, weights_bytes: int) -> Facts:
    """What the folder says; a config.json that can't be used is told in `problem`. Raises nothing."""
    config = read_object(folder / CONFIG, _LARGEST_CONFIG)
    if config is None:
        return Facts(problem=f"its {CONFIG} can't be read, or is no JSON object")
    family = config.get("model_type")
    if not isinstance(family, str) or not family:
        return Facts(problem=f"its {CONFIG} names no model_type")
    text = text_part(config)
    attention, shape = find_shape(config)
    quantisation, bits = _find_quantisation(config)
    return Facts(
        role=Role.MODEL if _generates(config) else Role.OTHER,
        family=family[:64],
        parameters=int(weights_bytes * 8 / bits) if bits else 0,
        quantisation=quantisation,
        n_ctx=next((found for part in (config, text) for key in _CONTEXT_KEYS if (found := read_number(part, key))), 0),
        capabilities=_find_capabilities(folder, config),
        attention=attention,
        shape=shape,
        problem="it wants code of its own to be run, which Traypoint doesn't do" if config.get("model_file") else "",
    )


def _generates(config: Mapping[str, Any]) -> bool:
    """Whether mlx-lm may know it: by what it is a class of, else by having been quantised for MLX."""
    if config.get("is_encoder_decoder") is True:
        return False
    classes = config.get("architectures")
    if not isinstance(classes, list) or not classes:
        return isinstance(config.get("quantization"), dict)
    return any(isinstance(name, str) and name.endswith(_GENERATORS) for name in classes[:8])


def _find_quantisation(config: Mapping[str, Any]) -> tuple[str, float]:
    """How to call it, and the bits that a weight takes on average."""
    own = config.get("quantization")
    bits = read_number(own, "bits") if isinstance(own, dict) else 0
    if isinstance(own, dict) and 0 < bits <= 16:
        group = read_number(own, "group_size") or 64
        mode = own.get("mode")
        if isinstance(mode, str) and mode != "affine":
            return mode[:16].upper(), bits + 8 / group
        return f"{bits}-bit", bits + _SCALES_BITS / group
    others = config.get("quantization_config")
    if isinstance(others, dict) and isinstance(others.get("quant_method"), str):
        return str(others["quant_method"])[:16].upper(), 0
    named = config.get("torch_dtype") or config.get("dtype") or text_part(config).get("torch_dtype")
    name = _DTYPES.get(named, "") if isinstance(named, str) else ""
    return name, _DTYPE_BITS.get(name, 16) if name else 0


def _find_capabilities(folder: Path, config: Mapping[str, Any]) -> tuple[Capability, ...]:
    if any(find_mode(folder / name) for name in _EMBEDDING_MARKS):
        return (Capability.EMBEDDINGS,)
    marks = find_marks("\n".join(_read_templates(folder)))
    sees = any(config.get(key) for key in _VISION_KEYS)
    return (*marks, Capability.VISION) if sees else marks


def _read_templates(folder: Path) -> Iterator[str]:
    """The chat template, from where it is kept: a file of its own, or the tokenizer's settings."""
    try:
        with open_regular(folder / "chat_template.jinja") as file:
            yield file.read(_LONGEST_TEMPLATE).decode("utf-8", "replace")
            return
    except OSError:
        pass
    for name in ("chat_template.json", "tokenizer_config.json"):
        settings = read_object(folder / name, _LARGEST_TOKENIZER) or {}
        found = settings.get("chat_template")
        for each in found[:16] if isinstance(found, list) else (found,):
            template = each.get("template") if isinstance(each, dict) else each
            if isinstance(template, str):
                yield template[:_LONGEST_TEMPLATE]
