"""The provider's door. MLX is imported behind it, once the processor's matrix library is chosen. Engine thread only."""

from __future__ import annotations

import logging

from endpoint.providers.base import Provider
from endpoint.providers.machine import count_threads
from endpoint.providers.mlx.blas import prefer_openblas, set_threads
from endpoint.providers.options import LoadOptions, Progress

_LOGGER = logging.getLogger(__name__)


def load(model: str, options: LoadOptions, progress: Progress) -> Provider:
    """Load "owner/name" from the local hub cache, or a folder. Raises LoadError; ImportError where MLX isn't there."""
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
