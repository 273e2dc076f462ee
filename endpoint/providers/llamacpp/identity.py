"""What saved state of this model in this context depends on. Read once, at loading, on the engine's thread.

Left out on purpose: the context's length (it follows the memory that is free at the start), rows, threads. None of them
changes a token's state, except where a model stretches its positions beyond a length it was first trained for.
"""

from __future__ import annotations

from pathlib import Path

import llama_cpp
import llama_cpp.llama_cpp as ll

from endpoint.errors import LoadError
from endpoint.providers.fingerprint import identify_files, make_fingerprint
from endpoint.providers.llamacpp.metadata import find_first_context, find_template
from endpoint.providers.llamacpp.split import list_files
from endpoint.providers.options import LoadOptions

LAYOUT_VERSION = 3
"""Of what `holding.py` makes of a prefix."""


def identify_model(path: Path) -> str:
    """What its file, or files, hold. Raises LoadError when one can't be read."""
    try:
        return identify_files(list_files(path))
    except OSError as error:
        raise LoadError(f"{error.filename or path} can't be read: {error.strerror}.") from error


def fingerprint_model(model: ll.llama_model_p, files: str, options: LoadOptions, n_ctx: int, *, flash: bool) -> str:
    """The digest for a model of these `files`, in a context of `n_ctx` tokens that asks for flash attention or not."""
    first_context = find_first_context(model)
    return make_fingerprint(
        {
            "provider": f"llamacpp {LAYOUT_VERSION}",
            "library": llama_cpp.__version__,
            "machine": ll.llama_print_system_info().decode("utf-8", "replace"),
            "files": files,
            "template": find_template(model, options),
            "gpu_layers": options.gpu_layers,
            "flash": flash,
            "kv_type": options.kv_type,
            "stretched": bool(first_context) and n_ctx > first_context,
        }
    )
