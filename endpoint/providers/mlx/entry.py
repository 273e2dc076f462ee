"""The provider's door. MLX is imported behind it, once the processor's matrix library is chosen. Engine thread only."""

from __future__ import annotations

import logging

from endpoint.contract import KvType
from endpoint.errors import LoadError
from endpoint.providers.base import Provider
from endpoint.providers.machine import count_threads
from endpoint.providers.mlx.blas import prefer_openblas, set_threads
from endpoint.providers.options import LoadOptions, Progress

_LOGGER = logging.getLogger(__name__)


def load(model: str, options: LoadOptions, progress: Progress) -> Provider:
    """Load "owner/name" from the local hub cache, or a folder. Raises LoadError; ImportError where MLX isn't there.

    Keys and values have the type of the weights: that is what F16, the default, stands for here."""
    if options.kv_type is not KvType.F16:
        raise LoadError(
            f"{model} can't have a KV cache of the type {options.kv_type} (--kv-type) with MLX, whose quantised caches "
            f"can't decode several requests together. Leave it out or say {KvType.F16}: keys and values then have the "
            "type of the weights. A GGUF file of the model can have it."
        )
    prefer_openblas()
    threads = options.threads or count_threads()
    set_threads(threads)
    if options.gpu_layers is not None:
        _LOGGER.warning("--gpu-layers says nothing to MLX: a model is on the GPU as a whole, or not at all.")
    from endpoint.providers.mlx.loader import load as load_folder
    from endpoint.providers.mlx.shutdown import enter_thread, leave_thread

    try:
        enter_thread()
        return load_folder(model, options, threads, progress)
    except BaseException:
        leave_thread()
        raise
