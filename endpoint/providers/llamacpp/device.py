"""What llama.cpp, as it was built here, can compute on. Loads the library and no model; any thread."""

from __future__ import annotations

import llama_cpp.llama_cpp as ll


def name_device() -> str:
    """In a few words, for people."""
    return "GPU" if ll.llama_supports_gpu_offload() else "processor only: this build has no GPU support"
