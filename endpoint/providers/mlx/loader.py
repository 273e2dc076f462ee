"""Loads a folder of MLX weights. Foreign failures become LoadError here and nowhere else. Engine thread only."""

from __future__ import annotations

import logging
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.utils import load_model

from endpoint.errors import LoadError
from endpoint.providers.base import Caps, MemoryKind, ModelInfo
from endpoint.providers.fit import check_weights
from endpoint.providers.generation_config import read_recommended
from endpoint.providers.machine import available_memory
from endpoint.providers.mlx.embedding import MlxEmbedder
from endpoint.providers.mlx.exactness import is_batch_exact
from endpoint.providers.mlx.files import locate_model, model_id
from endpoint.providers.mlx.identity import fingerprint_model, identify_model
from endpoint.providers.mlx.layout import Layout, find_layout
from endpoint.providers.mlx.provider import MlxProvider
from endpoint.providers.mlx.sizing import Costs, Wish, choose_context
from endpoint.providers.mlx.tokenizer import HfTokenizer, load_tokenizer
from endpoint.providers.mlx.tokenizer_settings import read_chat_template
from endpoint.providers.options import LoadOptions, Progress, Speculation
from endpoint.providers.trust import Trust, choose_trust

_LOGGER = logging.getLogger(__name__)
_LONGEST_REASON = 400


def load(model: str, options: LoadOptions, threads: int, progress: Progress) -> MlxProvider:
    """Load "owner/name" from the local hub cache, or a folder. Raises LoadError, with MLX's own reason."""
    folder = locate_model(model)
    limit = _memory_limit()
    name, weights = model_id(model, folder), sum(file.stat().st_size for file in folder.glob("model*.safetensors"))
    if not options.force:
        check_weights(name, weights, limit)
    network, config = _load_network(folder, progress)
    layout, n_vocab = _try_out(folder, network)
    tokenizer = load_tokenizer(folder, n_vocab)
    parallel = options.parallel if layout.batches else 1
    trained = _find_trained(config)
    context = choose_context(
        Wish(name, options.n_ctx, trained, parallel, options.force),
        Costs(weights, layout.token_bytes, layout.fixed_bytes, options.cache_bytes),
        limit - mx.get_active_memory(),
    )
    if trained and context.n_ctx > trained:
        _LOGGER.warning("A context of %d tokens was asked for; the model was trained for %d.", context.n_ctx, trained)
    info = replace(
        _describe(name, folder, options, config, tokenizer, context.n_ctx, n_vocab),
        weights_bytes=sum(int(array.nbytes) for _, array in tree_flatten(network.parameters())),
        kv_bytes=context.cells * layout.token_bytes + parallel * layout.fixed_bytes,
    )
    caps = _find_caps(network, layout, parallel, n_vocab)
    ahead = mx.metal.is_available() and options.speculation is not Speculation.ON
    trust = choose_trust(options.speculation, trimmable=caps.trimmable, is_exact=caps.batch_invariant)
    return MlxProvider(
        network,
        tokenizer,
        MlxEmbedder(network, context.n_ctx),
        info,
        caps,
        layout,
        fingerprint_model(identify_model(folder), info.chat_template),
        context.cells,
        threads,
        Trust.NOBODY if ahead else trust,
        ahead=ahead,
    )


def _memory_limit() -> int:
    """Bytes that MLX may have in all. On a Mac what the system lets a GPU keep resident, and that much is wired, so
    that it isn't paged out between requests; elsewhere what is available now."""
    available = available_memory() + mx.get_active_memory()
    if not mx.metal.is_available():
        return available
    recommended = int(mx.device_info()["max_recommended_working_set_size"])
    mx.set_wired_limit(recommended)
    return recommended


def _load_network(folder: Path, progress: Progress) -> tuple[Any, dict[str, Any]]:
    """The model with its weights in memory, layer by layer, so that the progress can be told."""
    try:
        network, config = load_model(folder, lazy=True, trust_remote_code=False)
        layers = list(network.layers)
        for done, layer in enumerate(layers):
            mx.eval(layer.parameters())
            progress(done / (len(layers) + 1))
        mx.eval(network.parameters())
    except (Exception, SystemExit) as error:  # each raises its own, and one architecture's file leaves the process
        raise LoadError(f"MLX can't load {folder}: {_one_line(error)}") from error
    return network, config


def _try_out(folder: Path, network: Any) -> tuple[Layout, int]:
    """How it remembers, and the width of its output, which may be more than the tokenizer has tokens. Settings that
    loading doesn't look at are first used here."""
    try:
        return find_layout(network), int(network(mx.array([[0]])).shape[-1])
    except Exception as error:  # as above
        raise LoadError(f"MLX can't compute with {folder}: {_one_line(error)}") from error


def _one_line(error: BaseException) -> str:
    """Some of these name every array of the model."""
    return textwrap.shorten(str(error), _LONGEST_REASON, placeholder=" …") or type(error).__name__


def _find_trained(config: dict[str, Any]) -> int:
    """The context that a model was trained for; 0 where it doesn't say."""
    text = config.get("text_config")
    for part in (config, text if isinstance(text, dict) else {}):
        for name in ("max_position_embeddings", "n_positions", "max_seq_len", "max_sequence_length", "seq_length"):
            if type(part.get(name)) is int and part[name] > 1:
                return int(part[name])
    return 0


def _find_caps(network: Any, layout: Layout, parallel: int, n_vocab: int) -> Caps:
    exact = layout.memory is MemoryKind.ATTENTION and is_batch_exact(network, n_vocab)
    return Caps(parallel, layout.memory, batch_invariant=exact, shares_running=False)


def _describe(
    name: str,
    folder: Path,
    options: LoadOptions,
    config: dict[str, Any],
    tokenizer: HfTokenizer,
    n_ctx: int,
    n_vocab: int,
) -> ModelInfo:
    bits = (config.get("quantization") or {}).get("bits")
    kind = f"{config.get('model_type', 'unknown')}, {f'{bits}-bit' if bits else config.get('torch_dtype', 'MLX')}"
    return ModelInfo(
        id=name,
        path=folder,
        n_ctx=n_ctx,
        n_ctx_train=_find_trained(config) or n_ctx,
        n_vocab=n_vocab,
        chat_template=options.chat_template or read_chat_template(folder),
        bos_text=tokenizer.bos_text,
        eos_text=tokenizer.eos_text,
        description=kind,
        infill=tokenizer.infill(),
        sampling=read_recommended(folder),
    )
